namespace Aspire.Hosting.ApplicationModel;

/// <summary>The states that Aspire's dashboard, CLI and waits know.</summary>
public static class KnownResourceStates
{
    /// <summary>The resource is not shown; superseded by <see cref="CustomResourceSnapshot.IsHidden"/>.</summary>
    [Obsolete("Use CustomResourceSnapshot.IsHidden instead.")]
    public static readonly string Hidden = "Hidden";

    /// <summary>The resource is being started.</summary>
    public static readonly string Starting = "Starting";

    /// <summary>The resource runs.</summary>
    public static readonly string Running = "Running";

    /// <summary>The resource could not be started.</summary>
    public static readonly string FailedToStart = "FailedToStart";

    /// <summary>What the resource needs in order to run does not answer.</summary>
    public static readonly string RuntimeUnhealthy = "RuntimeUnhealthy";

    /// <summary>The resource is being stopped.</summary>
    public static readonly string Stopping = "Stopping";

    /// <summary>The resource's process ended.</summary>
    public static readonly string Exited = "Exited";

    /// <summary>The resource did what it had to do.</summary>
    public static readonly string Finished = "Finished";

    /// <summary>The resource waits for others.</summary>
    public static readonly string Waiting = "Waiting";

    /// <summary>The resource starts when somebody asks for it.</summary>
    public static readonly string NotStarted = "NotStarted";

    /// <summary>The resource has no process of its own and can be used.</summary>
    public static readonly string Active = "Active";

    /// <summary>The resource is being built.</summary>
    public static readonly string Building = "Building";

    /// <summary>A value the resource needs is not given.</summary>
    public static readonly string ValueMissing = "ValueMissing";

    /// <summary>The states that a resource leaves only when it is started again.</summary>
    public static readonly IReadOnlyList<string> TerminalStates = [Finished, FailedToStart, Exited];

    /// <summary>The states in which a resource may be built anew.</summary>
    public static readonly IReadOnlyList<string> BuildableStates = [Running, Finished, Exited, FailedToStart, NotStarted];
}
