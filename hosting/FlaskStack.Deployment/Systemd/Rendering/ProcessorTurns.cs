namespace Aspire.Hosting.Systemd.Rendering;

/// <summary>How a proxy and its services take turns on the processors (systemd's <c>CPUSchedulingPolicy</c>).</summary>
internal static class ProcessorTurns
{
    /// <summary>
    /// They wake each other with every request. As batch work, each finishes what waits for it before the other runs, which on few
    /// processors serves twice as much.
    /// </summary>
    public const string Policy = "batch";
}
