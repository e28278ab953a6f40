namespace Aspire.Hosting.Orchestration.Processes;

/// <summary>How many files a process may have open.</summary>
/// <param name="Soft">What counts.</param>
/// <param name="Hard">How far it may be raised.</param>
internal readonly record struct FileLimits(ulong Soft, ulong Hard);
