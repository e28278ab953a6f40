namespace Aspire.Hosting.Orchestration.Processes;

/// <summary>One line of the process table.</summary>
/// <param name="Id">The process id.</param>
/// <param name="Name">The command name, at most 15 bytes.</param>
/// <param name="State">The kernel's letter: R, S, D, T, Z …</param>
/// <param name="ParentId">Who waits for it.</param>
/// <param name="GroupId">The process group.</param>
/// <param name="SessionId">The session.</param>
/// <param name="StartTicks">Clock ticks between boot and its start: with the id it names a process for good.</param>
/// <param name="ProcessorTime">User and system time used so far.</param>
/// <param name="ResidentBytes">Memory in use.</param>
internal readonly record struct ProcessStatus(
    int Id,
    string Name,
    char State,
    int ParentId,
    int GroupId,
    int SessionId,
    long StartTicks,
    TimeSpan ProcessorTime,
    long ResidentBytes)
{
    /// <summary>False for a zombie, which runs no more and only waits for its parent.</summary>
    public bool IsAlive => State is not ('Z' or 'X' or 'x');
}
