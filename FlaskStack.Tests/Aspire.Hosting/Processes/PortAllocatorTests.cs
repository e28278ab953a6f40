using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using Aspire.Hosting.Orchestration.Processes;

namespace FlaskStack.Tests.Hosting.Processes;

[SupportedOSPlatform("linux")]
public sealed class PortAllocatorTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Gives_no_port_twice_to_parallel_AppHosts()
    {
        var allocators = Enumerable.Range(0, 4).Select(_ => new PortAllocator(_folder["ports"])).ToList();

        var leases = await Task.WhenAll(Enumerable.Range(0, 80).Select(index => Task.Run(allocators[index % 4].Allocate))).InTime();

        Assert.Equal(leases.Length, leases.Select(lease => lease.Port).Distinct().Count());
        Array.ForEach(leases, lease => lease.Dispose());
    }

    [Fact]
    public void Keeps_a_port_until_its_lease_ends()
    {
        var lease = new PortAllocator(_folder["ports"]).Allocate();
        var other = new PortAllocator(_folder["ports"]);

        Assert.Null(other.TryAllocate(lease.Port));
        lease.Dispose();
        using var again = other.TryAllocate(lease.Port);

        Assert.Equal(lease.Port, again?.Port);
    }

    [Fact]
    public void Stays_outside_the_ports_of_outgoing_connections()
    {
        var ephemeral = File.ReadAllText("/proc/sys/net/ipv4/ip_local_port_range").Split('\t', ' ');
        using var lease = new PortAllocator(_folder["ports"]).Allocate();

        Assert.False(lease.Port >= int.Parse(ephemeral[0], null) && lease.Port <= int.Parse(ephemeral[^1], null));
    }

    [Theory]
    [InlineData("32768\t60999\n", 20000, 32767)]
    [InlineData("1024 65535", 20000, 29999)]
    [InlineData("15000 50000", 50001, 65535)]
    [InlineData("1024 9999", 20000, 29999)]
    [InlineData("nonsense", 20000, 29999)]
    public void Chooses_ports_beside_the_ephemeral_range(string ephemeral, int first, int last) =>
        Assert.Equal((first, last), PortAllocator.ChooseRange(ephemeral));

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("0.0.0.0")]
    [InlineData("::1")]
    public void Sees_and_names_who_listens(string address)
    {
        using var lease = new PortAllocator(_folder["ports"]).Allocate();
        using var listener = new TcpListener(IPAddress.Parse(address), lease.Port);
        Assert.True(PortAllocator.IsPortFree(lease.Port));
        Assert.Null(PortAllocator.WhoListens(lease.Port));

        listener.Start();

        Assert.False(PortAllocator.IsPortFree(lease.Port));
        Assert.Equal(Environment.ProcessId, PortAllocator.WhoListens(lease.Port)?.ProcessId);
    }
}
