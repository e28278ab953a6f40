namespace Aspire.Hosting.Orchestration.Processes;

/// <summary>What to start, and how it is asked to stop.</summary>
internal sealed record ProcessSpec
{
    /// <summary>Name for messages, e.g. the resource's id.</summary>
    public required string DisplayName { get; init; }

    /// <summary>A path (relative ones start at <see cref="WorkingDirectory"/>) or a name looked up in the child's PATH.</summary>
    public required string FileName { get; init; }

    /// <summary>Arguments, passed as they are: no shell, no quoting.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>Folder the child starts in; must exist.</summary>
    public required string WorkingDirectory { get; init; }

    /// <summary>Changes to the AppHost's own environment; a null value removes the variable.</summary>
    public IReadOnlyDictionary<string, string?> Environment { get; init; } = new Dictionary<string, string?>();

    /// <summary>Asks for a graceful end. Default SIGTERM.</summary>
    public ProcessSignal StopSignal { get; init; } = ProcessSignal.Terminate;

    /// <summary>
    /// Whether <see cref="StopSignal"/> goes to the whole group (supervisor's <c>stopasgroup</c>). Null, the default, decides by the
    /// signal: SIGTERM and SIGINT reach everyone, as init and terminals send them (a shell would otherwise die and leave its child
    /// behind, or hold its trap back until the child is done); any other signal is the program's own protocol, like nginx's
    /// SIGQUIT, which its master passes on to the workers itself.
    /// </summary>
    public bool? StopAsGroup { get; init; }

    /// <summary>Whether the stop signal goes to the group.</summary>
    internal bool StopsGroup => StopAsGroup ?? StopSignal is ProcessSignal.Terminate or ProcessSignal.Interrupt;
}
