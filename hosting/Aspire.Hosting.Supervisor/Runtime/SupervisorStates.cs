namespace Aspire.Hosting.Supervisor.Runtime;

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
