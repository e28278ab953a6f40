namespace FlaskStack.Bench.Competitors;

/// <summary>Something that answers <c>GET /</c> with <c>Hello World!</c>.</summary>
internal interface ICompetitor
{
    /// <summary>A short name for options and files.</summary>
    string Key { get; }

    /// <summary>What tables and plots call it.</summary>
    string Title { get; }

    /// <summary>Names of the processes that answer requests, as the kernel has them.</summary>
    IReadOnlySet<string> ServingPrograms { get; }

    /// <summary>Starts it on a free port.</summary>
    /// <param name="ground">Where it may write.</param>
    /// <param name="cancellationToken">Cancels the start.</param>
    /// <returns>The stack, answering requests.</returns>
    Task<RunningStack> StartAsync(Ground ground, CancellationToken cancellationToken);

    /// <summary>Waits for what starts after the first answer.</summary>
    /// <param name="stack">The stack that was started.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    Task WaitUntilCompleteAsync(RunningStack stack, CancellationToken cancellationToken) => Task.CompletedTask;
}
