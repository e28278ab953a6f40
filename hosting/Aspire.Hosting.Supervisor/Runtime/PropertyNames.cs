namespace Aspire.Hosting.Supervisor.Runtime;

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
        Replicas => "Replicas",
        _ => null,
    };
}
