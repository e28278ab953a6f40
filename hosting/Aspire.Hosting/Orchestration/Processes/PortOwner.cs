using System.Globalization;

namespace Aspire.Hosting.Orchestration.Processes;

/// <summary>Who listens on a port.</summary>
/// <param name="ProcessId">Its process id.</param>
/// <param name="Name">Its command name.</param>
internal sealed record PortOwner(int ProcessId, string Name)
{
    /// <summary><c>nginx (pid 123)</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Name} (pid {ProcessId})");
}
