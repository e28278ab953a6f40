namespace Aspire.Hosting.Supervisor.Configuration;

/// <summary>
/// How long to wait before the next try of a process that ends before it has run for <see cref="SupervisorOptions.StartSeconds"/>
/// (systemd's <c>RestartSec</c>, <c>RestartSteps</c> and <c>RestartMaxDelaySec</c>; supervisor waits 1 s, 2 s, 3 s and so on).
/// </summary>
public sealed record SupervisorBackoff
{
    /// <summary>The wait before the first try. Default 500 ms; 0 to 1 h.</summary>
    public TimeSpan Initial { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>By how much each wait is longer than the one before. Default 2; 1 to 10.</summary>
    public double Factor { get; init; } = 2;

    /// <summary>The longest wait. Default 30 s; from <see cref="Initial"/> to 24 h.</summary>
    public TimeSpan Cap { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The share of a wait that is left to chance, so that replicas do not try all at once. Default 0.1; 0 to 1.</summary>
    public double Jitter { get; init; } = 0.1;
}
