using Aspire.Hosting.Orchestration.Processes;

namespace Aspire.Hosting.Dashboard.Settings;

/// <summary>The ports chosen for the dashboard, kept from other AppHosts for the whole run: after a restart it listens on the same ones.</summary>
internal sealed class DashboardPorts(PortAllocator allocator) : IDisposable
{
    private readonly List<PortLease> _leases = [];

    /// <summary>Takes a free port.</summary>
    /// <exception cref="DistributedApplicationException">There is none left.</exception>
    public int Take()
    {
        try
        {
            return Keep(allocator.Allocate());
        }
        catch (IOException exception)
        {
            throw new DistributedApplicationException(exception.Message, exception);
        }
    }

    /// <summary>Takes this port; null when it is in use.</summary>
    public int? TryTake(int port) => allocator.TryAllocate(port) is { } lease ? Keep(lease) : null;

    public void Dispose() => _leases.ForEach(lease => lease.Dispose());

    private int Keep(PortLease lease)
    {
        _leases.Add(lease);
        return lease.Port;
    }
}
