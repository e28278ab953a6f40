namespace FlaskStack.ServiceDefaults.Resilience;

/// <summary>How an HTTP client copes with failures. Every value is checked when it is set.</summary>
public sealed record HttpResilienceOptions
{
    /// <summary>Gets the time one call may take with all its retries. Default 30 s; 10 ms to 1 day.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public TimeSpan TotalTimeout { get; init => field = InRange(value, nameof(TotalTimeout)); } = TimeSpan.FromSeconds(30);

    /// <summary>Gets the time one attempt may take. Default 10 s; 10 ms to 1 day.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public TimeSpan AttemptTimeout { get; init => field = InRange(value, nameof(AttemptTimeout)); } = TimeSpan.FromSeconds(10);

    /// <summary>Gets how often a failed call of an idempotent method is repeated. Default 3; 0 to 100.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public int Retries { get; init => field = InRange(value, 0, 100, nameof(Retries)); } = 3;

    /// <summary>Gets the wait before the first retry; it doubles each time, with jitter. Default 500 ms; 10 ms to 1 day.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public TimeSpan RetryDelay { get; init => field = InRange(value, nameof(RetryDelay)); } = TimeSpan.FromMilliseconds(500);

    /// <summary>Gets the share of failed attempts that opens the circuit. Default 0.5; above 0, at most 1.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public double BreakerFailureRatio { get; init => field = value is > 0 and <= 1 ? value : throw new ArgumentOutOfRangeException(nameof(BreakerFailureRatio), value, "Give a share above 0 and at most 1."); } = 0.5;

    /// <summary>Gets how many attempts within <see cref="BreakerWindow"/> the circuit needs to judge. Default 20; 2 to 1,000,000.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public int BreakerMinimumAttempts { get; init => field = InRange(value, 2, 1_000_000, nameof(BreakerMinimumAttempts)); } = 20;

    /// <summary>Gets the time the circuit looks back. Default 30 s; 500 ms to 1 day.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public TimeSpan BreakerWindow { get; init => field = InRange(value, nameof(BreakerWindow), 500); } = TimeSpan.FromSeconds(30);

    /// <summary>Gets how long an open circuit refuses calls. Default 5 s; 500 ms to 1 day.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public TimeSpan BreakDuration { get; init => field = InRange(value, nameof(BreakDuration), 500); } = TimeSpan.FromSeconds(5);

    private static TimeSpan InRange(TimeSpan value, string name, int minimumMilliseconds = 10) =>
        value >= TimeSpan.FromMilliseconds(minimumMilliseconds) && value <= TimeSpan.FromDays(1)
            ? value
            : throw new ArgumentOutOfRangeException(name, value, $"Give a time from {minimumMilliseconds} ms to 1 day.");

    private static int InRange(int value, int minimum, int maximum, string name) => value >= minimum && value <= maximum
        ? value
        : throw new ArgumentOutOfRangeException(name, value, $"Give a number from {minimum} to {maximum}.");
}
