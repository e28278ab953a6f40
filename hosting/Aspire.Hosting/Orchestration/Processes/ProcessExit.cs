namespace Aspire.Hosting.Orchestration.Processes;

/// <summary>How a process ended.</summary>
/// <param name="Code">The exit code; 128 + n for a process ended by signal n, as shells count.</param>
/// <param name="At">When it was known, UTC.</param>
internal sealed record ProcessExit(int Code, DateTime At)
{
    /// <summary>What shells add to the number of the signal that ended a process.</summary>
    public const int SignalBase = 128;

    private const int HighestSignal = 64;

    /// <summary>
    /// The signal that ended the process, null for an exit of its own. A program that itself exits with 128 + n (shells and Java
    /// do so to tell of a signal they handled) counts as ended by it.
    /// </summary>
    public ProcessSignal? Signal =>
        Code is > SignalBase and <= SignalBase + HighestSignal && !OperatingSystem.IsWindows()
            ? (ProcessSignal)(Code - SignalBase)
            : null;
}
