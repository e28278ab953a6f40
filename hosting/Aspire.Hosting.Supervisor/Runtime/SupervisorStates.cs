namespace Aspire.Hosting.Supervisor.Runtime;

/// <summary>The states of a row that are the supervisor's own.</summary>
internal static class SupervisorStates
{
    /// <summary>It did not start and is tried again.</summary>
    public const string Backoff = "Backoff";

    /// <summary>It did not start and is not tried again.</summary>
    public const string Fatal = "Fatal";
}
