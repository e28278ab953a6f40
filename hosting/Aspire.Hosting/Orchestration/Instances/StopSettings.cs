using System.Collections.Immutable;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Orchestration.Processes;

namespace Aspire.Hosting.Orchestration.Instances;

/// <summary>How an instance wants to be stopped, as the properties of its row say.</summary>
internal static class StopSettings
{
    /// <summary>How long a stop lets an instance finish its work that says nothing of it.</summary>
    public static readonly TimeSpan DefaultWait = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(1);

    /// <summary>The signal that asks it to stop: <c>executable.stopSignal</c>, default SIGTERM.</summary>
    public static ProcessSignal Signal(ImmutableArray<ResourcePropertySnapshot> properties) =>
        ProcessSignals.TryParse(properties.FirstOrDefault(p => p.Name == KnownPropertyNames.ExecutableStopSignal)?.Value as string, out var signal)
            ? signal
            : ProcessSignal.Terminate;

    /// <summary>The time until the whole group is killed: <c>executable.stopWaitSeconds</c>, 0 to a day; default 30 s.</summary>
    public static TimeSpan Wait(ImmutableArray<ResourcePropertySnapshot> properties) =>
        properties.GetNumber(KnownPropertyNames.ExecutableStopWait) is { } seconds
            ? TimeSpan.FromSeconds(Math.Clamp(seconds, 0, LongestWait.TotalSeconds))
            : DefaultWait;
}
