namespace Aspire.Hosting.Kubernetes.Model;

/// <summary>How the cluster asks a workload how it is.</summary>
/// <param name="Port">The container port that is asked.</param>
/// <param name="ReadyPath">Where it says whether to send it requests.</param>
/// <param name="AlivePath">Where it says that it works at all; null asks whether it takes connections.</param>
/// <param name="StartTime">How long it may take until it is ready the first time.</param>
/// <param name="HangTime">How long it may not be alive before it is replaced, or null when it never is.</param>
internal sealed record WorkloadProbes(int Port, string ReadyPath, string? AlivePath, TimeSpan StartTime, TimeSpan? HangTime);
