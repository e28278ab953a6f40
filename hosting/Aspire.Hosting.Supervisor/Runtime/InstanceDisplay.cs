using System.Globalization;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Supervisor.Machine;

namespace Aspire.Hosting.Supervisor.Runtime;

/// <summary>Shows in a row what the supervisor makes of it.</summary>
internal static class InstanceDisplay
{
    /// <summary>It runs: how often it was restarted, why, and since when it is up.</summary>
    public static CustomResourceSnapshot Running(CustomResourceSnapshot snapshot, InstanceState state) => snapshot.With(
        (PropertyNames.Restarts, state.Restarts),
        (PropertyNames.Reason, state.Reason?.Text),
        (PropertyNames.RunningSince, state.StartedAt is { } since ? Text(since) : null),
        (PropertyNames.Attempt, null),
        (PropertyNames.NextTry, null));

    /// <summary>It does not wait for its next try any more.</summary>
    public static CustomResourceSnapshot Stopped(CustomResourceSnapshot snapshot)
    {
        var shown = snapshot.With((PropertyNames.Attempt, null), (PropertyNames.NextTry, null));

        // The orchestrator has nothing to report here: what the supervisor shows would stand for ever.
        return shown.State?.Text is SupervisorStates.Backoff or SupervisorStates.Fatal
            ? shown with { State = new ResourceStateSnapshot(KnownResourceStates.Finished, null) }
            : shown;
    }

    /// <summary>It waits for its next try.</summary>
    public static CustomResourceSnapshot Backoff(CustomResourceSnapshot snapshot, InstanceState state) => snapshot.With(
        (PropertyNames.Restarts, state.Restarts),
        (PropertyNames.Reason, state.Reason?.Text),
        (PropertyNames.RunningSince, null),
        (PropertyNames.Attempt, state.Attempt),
        (PropertyNames.NextTry, state.NextTry is { } next ? Text(next) : null)) with
    {
        State = new ResourceStateSnapshot(SupervisorStates.Backoff, KnownResourceStateStyles.Warn),
    };

    /// <summary>It is given up.</summary>
    public static CustomResourceSnapshot Fatal(CustomResourceSnapshot snapshot, InstanceState state) => snapshot.With(
        (PropertyNames.Restarts, state.Restarts),
        (PropertyNames.Reason, state.Reason?.Text),
        (PropertyNames.RunningSince, null),
        (PropertyNames.Attempt, null),
        (PropertyNames.NextTry, null)) with
    {
        State = new ResourceStateSnapshot(SupervisorStates.Fatal, KnownResourceStateStyles.Error),
    };

    /// <summary>
    /// Whether the row of a process that serves hides the address of its own port. On a busy machine the orchestrator may lose its record of the
    /// address at a restart, and makes none at those that follow.
    /// </summary>
    public static bool HasLostAddress(CustomResourceSnapshot snapshot, IResource resource) => snapshot.Urls.Any(url => IsLost(url, resource));

    /// <summary>It is reached at its own port.</summary>
    public static CustomResourceSnapshot WithAddress(CustomResourceSnapshot snapshot, IResource resource) =>
        snapshot with { Urls = [.. snapshot.Urls.Select(url => IsLost(url, resource) ? url with { IsInactive = false } : url)] };

    private static bool IsLost(UrlSnapshot url, IResource resource) =>
        url.IsInactive && resource.Annotations.OfType<EndpointAnnotation>().Any(endpoint => endpoint.Name == url.Name && !endpoint.IsProxied);

    public static string Text(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
}

/// <summary>The states of a row that are the supervisor's own.</summary>
internal static class SupervisorStates
{
    /// <summary>It did not start and is tried again.</summary>
    public const string Backoff = "Backoff";

    /// <summary>It did not start and is not tried again.</summary>
    public const string Fatal = "Fatal";

    /// <summary>Of a group: some of its replicas serve, and not all that are meant to.</summary>
    public const string Degraded = "Degraded";

    /// <summary>Of a group: its replicas run, and none is healthy.</summary>
    public const string Unhealthy = "Unhealthy";
}

internal static class SnapshotExtensions
{
    /// <summary>The value of a property, or null.</summary>
    public static object? ValueOf(this CustomResourceSnapshot snapshot, string property) =>
        snapshot.Properties.IsDefault ? null : snapshot.Properties.FirstOrDefault(candidate => candidate.Name == property)?.Value;

    /// <summary>The snapshot with properties set, which the dashboard shows among the first; those whose value is null are taken away.</summary>
    public static CustomResourceSnapshot With(this CustomResourceSnapshot snapshot, params (string Name, object? Value)[] values) => snapshot with
    {
        Properties =
        [
            .. (snapshot.Properties.IsDefault ? [] : snapshot.Properties).Where(property => !values.Any(value => value.Name == property.Name)),
            .. values.Where(value => value.Value is not null).Select(Show),
        ],
    };

    private static ResourcePropertySnapshot Show((string Name, object? Value) property) =>
        new(property.Name, property.Value) { DisplayName = PropertyNames.DisplayOf(property.Name), IsHighlighted = true };
}

/// <summary>Names of snapshot properties.</summary>
internal static class PropertyNames
{
    /// <summary>How often the process was restarted.</summary>
    public const string Restarts = "supervisor.restarts";

    /// <summary>Since when it runs, in UTC.</summary>
    public const string RunningSince = "supervisor.runningSince";

    /// <summary>Why it was last restarted, or is not any more.</summary>
    public const string Reason = "supervisor.reason";

    /// <summary>Which try comes next.</summary>
    public const string Attempt = "supervisor.attempt";

    /// <summary>When it comes, in UTC.</summary>
    public const string NextTry = "supervisor.nextTry";

    /// <summary>How the last reload went.</summary>
    public const string Reload = "supervisor.reload";

    /// <summary>The last change of the number of replicas of a group, and why.</summary>
    public const string Scaling = "supervisor.scaling";

    /// <summary>How many replicas of a group are healthy, such as "2 of 3".</summary>
    public const string Replicas = "supervisor.replicas";

    /// <summary>The process; set by the orchestrator.</summary>
    public const string ProcessId = "executable.pid";

    /// <summary>What the dashboard calls a property.</summary>
    public static string? DisplayOf(string name) => name switch
    {
        Restarts => "Restarts",
        RunningSince => "Running since",
        Reason => "Last restart",
        Attempt => "Attempt",
        NextTry => "Next attempt",
        Reload => "Last reload",
        Scaling => "Last scaling",
        Replicas => "Replicas",
        _ => null,
    };
}
