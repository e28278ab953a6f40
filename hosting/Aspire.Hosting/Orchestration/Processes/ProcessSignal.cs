namespace Aspire.Hosting.Orchestration.Processes;

/// <summary>A signal, with its number on Linux. Values without a name (real-time signals) are valid too.</summary>
internal enum ProcessSignal
{
    Hangup = 1,
    Interrupt = 2,
    Quit = 3,
    Abort = 6,
    Kill = 9,
    User1 = 10,
    SegmentationFault = 11,
    User2 = 12,
    Pipe = 13,
    Alarm = 14,
    Terminate = 15,
    Continue = 18,
    Stop = 19,
    WindowChange = 28,
}
