namespace Aspire.Hosting.Supervisor.Runtime;

/// <summary>Snapshot properties: those the supervisor shows, and those by which it and the host understand each other.</summary>
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

    /// <summary>The signal of a graceful stop.</summary>
    public const string StopSignal = "executable.stopSignal";

    /// <summary>The seconds a graceful stop may take.</summary>
    public const string StopWaitSeconds = "executable.stopWaitSeconds";

    /// <summary>Up to how many replicas the host may scale.</summary>
    public const string MaxReplicas = "replicas.max";

    /// <summary>The process, told by the host.</summary>
    public const string ProcessId = "executable.pid";

    /// <summary>Whose doing an end was, told by the host.</summary>
    public const string EndedBy = "executable.endedBy";

    /// <summary>Value of <see cref="EndedBy"/>: somebody asked for it.</summary>
    public const string EndedByStop = "stop";
}
