namespace Aspire.Hosting.Orchestration.Processes.Spawning;

/// <summary>A process as its system starts it: its id, its output and its end.</summary>
internal interface IStartedProcess : IDisposable
{
    /// <summary>The process id.</summary>
    int Id { get; }

    /// <summary>What it writes to its standard output; whoever reads it closes it.</summary>
    Stream Output { get; }

    /// <summary>What it writes to its standard error; whoever reads it closes it.</summary>
    Stream Error { get; }

    /// <summary>Waits for its end, after which its id may be another's. To be called once.</summary>
    /// <returns>The exit code; 128 + n for a process ended by signal n, as shells count.</returns>
    Task<int> WaitAsync();

    /// <summary>Ends it and what it started, where there are no process groups.</summary>
    void KillTree();
}
