namespace Aspire.Hosting.Supervisor.Machine;

/// <summary>What is to be done about it.</summary>
internal abstract record InstanceAction
{
    /// <summary>Start the process at once.</summary>
    public sealed record Start(RestartReason Reason) : InstanceAction;

    /// <summary>Try again at a later time.</summary>
    public sealed record Retry(TimeSpan Delay) : InstanceAction;

    /// <summary>Say that it is given up.</summary>
    public sealed record GiveUp : InstanceAction;

    /// <summary>Kill it: it does not answer.</summary>
    public sealed record Kill(string Why) : InstanceAction;

    /// <summary>Replace it gracefully when the others can do without it.</summary>
    public sealed record Replace(RestartReason Reason) : InstanceAction;

    /// <summary>Show that there is no next try any more.</summary>
    public sealed record ShowStopped : InstanceAction;

    /// <summary>Show that it runs again.</summary>
    public sealed record ShowRunning : InstanceAction;
}
