namespace Aspire.Hosting.Orchestration.Processes;

/// <summary>Result of stopping a process.</summary>
/// <param name="Exit">How it ended.</param>
/// <param name="Forced">Whether SIGKILL was needed for the process or for one it left behind in its group.</param>
internal sealed record ProcessStop(ProcessExit Exit, bool Forced);
