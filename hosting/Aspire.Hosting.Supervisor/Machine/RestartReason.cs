namespace Aspire.Hosting.Supervisor.Machine;

/// <summary>Why a process is restarted.</summary>
/// <param name="Kind">A word for counters: <c>exit</c>, <c>start</c>, <c>watchdog</c>, <c>memory</c>, <c>requests</c> or <c>lifetime</c>.</param>
/// <param name="Text">A clause for people, to follow "because".</param>
internal sealed record RestartReason(string Kind, string Text)
{
    private const int FirstSignalCode = 128;
    private const int LastSignalCode = FirstSignalCode + 64;

    /// <summary>It ended by itself.</summary>
    public static RestartReason OfExit(int? code) => new("exit", code switch
    {
        null => "it ended",
        FirstSignalCode + 9 => "it was killed (SIGKILL)",
        FirstSignalCode + 6 => "it aborted (SIGABRT)",
        FirstSignalCode + 11 => "it crashed (SIGSEGV)",
        FirstSignalCode + 15 => "it was ended from outside (SIGTERM)",
        > FirstSignalCode and <= LastSignalCode => $"it was ended by signal {code - FirstSignalCode}",
        _ => $"it exited with code {code}",
    });

    /// <summary>It could not be started.</summary>
    public static RestartReason OfFailedStart(string why) => new("start", why);

    /// <summary>It did not answer.</summary>
    public static RestartReason OfWatchdog(string why) => new("watchdog", why);
}
