using System.Collections.Immutable;
using System.Globalization;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Supervisor.Machine;

namespace Aspire.Hosting.Supervisor.Runtime;

/// <summary>Puts the supervisor's state of an instance into its snapshot.</summary>
internal static class InstanceDisplay
{
    /// <summary>The snapshot of a running instance: restarts, the reason of the last one, and when it started.</summary>
    public static CustomResourceSnapshot Running(CustomResourceSnapshot snapshot, InstanceState state) => snapshot.With(
        (PropertyNames.Restarts, state.Restarts),
        (PropertyNames.Reason, state.Reason?.Text),
        (PropertyNames.RunningSince, state.StartedAt is { } since ? Text(since) : null),
        (PropertyNames.Attempt, null),
        (PropertyNames.NextTry, null));

    /// <summary>The snapshot of an instance that no longer waits for its next try.</summary>
    public static CustomResourceSnapshot Stopped(CustomResourceSnapshot snapshot)
    {
        var shown = snapshot.With((PropertyNames.Attempt, null), (PropertyNames.NextTry, null));

        // The orchestrator reports nothing here, so the supervisor's own state would stay for ever.
        return shown.State?.Text is SupervisorStates.Backoff or SupervisorStates.Fatal
            ? shown with { State = new ResourceStateSnapshot(KnownResourceStates.Finished, null) }
            : shown;
    }

    /// <summary>The snapshot of an instance that waits for its next try.</summary>
    public static CustomResourceSnapshot Backoff(CustomResourceSnapshot snapshot, InstanceState state) => snapshot.With(
        (PropertyNames.Restarts, state.Restarts),
        (PropertyNames.Reason, state.Reason?.Text),
        (PropertyNames.RunningSince, null),
        (PropertyNames.Attempt, state.Attempt),
        (PropertyNames.NextTry, state.NextTry is { } next ? Text(next) : null)) with
    {
        State = new ResourceStateSnapshot(SupervisorStates.Backoff, KnownResourceStateStyles.Warn),
    };

    /// <summary>The snapshot of an instance that is given up.</summary>
    public static CustomResourceSnapshot Fatal(CustomResourceSnapshot snapshot, InstanceState state) => snapshot.With(
        (PropertyNames.Restarts, state.Restarts),
        (PropertyNames.Reason, state.Reason?.Text),
        (PropertyNames.RunningSince, null),
        (PropertyNames.Attempt, null),
        (PropertyNames.NextTry, null)) with
    {
        State = new ResourceStateSnapshot(SupervisorStates.Fatal, KnownResourceStateStyles.Error),
    };

    /// <summary>Whether the snapshot of a serving process hides the address of the process's own port.</summary>
    /// <remarks>On a busy machine the orchestrator may lose the address at a restart, and does not restore it at later ones.</remarks>
    public static bool HasLostAddress(CustomResourceSnapshot snapshot, IResource resource) =>
        snapshot.Urls.Any(url => IsLost(url, resource));

    /// <summary>The snapshot with the address of its own port shown.</summary>
    public static CustomResourceSnapshot WithAddress(CustomResourceSnapshot snapshot, IResource resource) =>
        snapshot with { Urls = [.. snapshot.Urls.Select(url => IsLost(url, resource) ? url with { IsInactive = false } : url)] };

    private static bool IsLost(UrlSnapshot url, IResource resource) =>
        url.IsInactive
        && resource.Annotations.OfType<EndpointAnnotation>().Any(endpoint => endpoint.Name == url.Name && !endpoint.IsProxied);

    public static string Text(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
}

/// <summary>The supervisor's own states of a snapshot.</summary>
internal static class SupervisorStates
{
    /// <summary>A process failed to start and is tried again.</summary>
    public const string Backoff = "Backoff";

    /// <summary>A process failed to start too often and is not tried again.</summary>
    public const string Fatal = "Fatal";

    /// <summary>Some replicas of a group serve, but not all that are meant to.</summary>
    public const string Degraded = "Degraded";

    /// <summary>The replicas of a group run, but none is healthy.</summary>
    public const string Unhealthy = "Unhealthy";
}

internal static class SnapshotExtensions
{
    /// <summary>The value of a property, or null.</summary>
    public static object? ValueOf(this CustomResourceSnapshot snapshot, string property) =>
        snapshot.Properties.IsDefault ? null : snapshot.Properties.FirstOrDefault(candidate => candidate.Name == property)?.Value;

    /// <summary>The snapshot with properties set, which the dashboard highlights; a null value removes the property.</summary>
    public static CustomResourceSnapshot With(this CustomResourceSnapshot snapshot, params (string Name, object? Value)[] values)
    {
        ImmutableArray<ResourcePropertySnapshot> properties = snapshot.Properties.IsDefault ? [] : snapshot.Properties;
        return snapshot with
        {
            Properties =
            [
                .. properties.Where(property => !values.Any(value => value.Name == property.Name)),
                .. values.Where(value => value.Value is not null).Select(Show),
            ],
        };
    }

    private static ResourcePropertySnapshot Show((string Name, object? Value) property) =>
        new(property.Name, property.Value) { DisplayName = PropertyNames.DisplayOf(property.Name), IsHighlighted = true };
}

/// <summary>Names of snapshot properties.</summary>
internal static class PropertyNames
{
    /// <summary>The number of restarts.</summary>
    public const string Restarts = "supervisor.restarts";

    /// <summary>When the process started, in UTC.</summary>
    public const string RunningSince = "supervisor.runningSince";

    /// <summary>Why the process was last restarted, or why it was given up.</summary>
    public const string Reason = "supervisor.reason";

    /// <summary>The number of the next try.</summary>
    public const string Attempt = "supervisor.attempt";

    /// <summary>When the next try is due, in UTC.</summary>
    public const string NextTry = "supervisor.nextTry";

    /// <summary>The progress or the result of the last reload.</summary>
    public const string Reload = "supervisor.reload";

    /// <summary>The last change of the number of replicas of a group, and why.</summary>
    public const string Scaling = "supervisor.scaling";

    /// <summary>The healthy replicas of a group, such as "2 of 3".</summary>
    public const string Replicas = "supervisor.replicas";

    /// <summary>The process id; set by the orchestrator.</summary>
    public const string ProcessId = "executable.pid";

    /// <summary>The name of a property in the dashboard, or null for its own name.</summary>
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
