namespace Aspire.Hosting.Orchestration.Health;

/// <summary>
/// How long to wait before the next probe. While it fails, Aspire's cadence: 1 s × min(5, failures).
/// Before the first success it is much quicker, since that wait is the start-up time people see.
/// </summary>
/// <param name="whileHealthy">Between two probes that succeed.</param>
internal sealed class HealthCadence(TimeSpan whileHealthy)
{
    /// <summary>For a check that somebody wrote, of which nobody knows what it costs: Aspire's own.</summary>
    public static readonly TimeSpan OfChecks = TimeSpan.FromSeconds(30);

    /// <summary>For a request to the process itself: one that hangs is to be known before many wait for it.</summary>
    public static readonly TimeSpan OfProbes = TimeSpan.FromSeconds(2);

    public static readonly TimeSpan UnhealthyStep = TimeSpan.FromSeconds(1);
    public static readonly TimeSpan FirstStartupDelay = TimeSpan.FromMilliseconds(15);
    public static readonly TimeSpan LongestStartupDelay = TimeSpan.FromMilliseconds(250);

    /// <summary>Between two looks for a process's socket. It does not grow: the look is cheap, and what it adds is start-up time.</summary>
    public static readonly TimeSpan SocketLook = TimeSpan.FromMilliseconds(10);

    /// <summary>A process that has not made its socket by then is probed all the same, to say what is wrong with it.</summary>
    public static readonly TimeSpan LongestWaitForSocket = TimeSpan.FromSeconds(12);

    /// <summary>A resource that is not healthy after this many quick probes (about 12 s) is probed at Aspire's pace.</summary>
    public const int QuickProbes = 60;

    private const double StartupGrowth = 1.2;
    private const int MostSteps = 5;

    private bool _everHealthy;
    private int _failures;

    public TimeSpan Next(bool healthy)
    {
        if (healthy)
        {
            _everHealthy = true;
            _failures = 0;
            return whileHealthy;
        }

        _failures++;
        return !_everHealthy && _failures <= QuickProbes
            ? Min(FirstStartupDelay * Math.Pow(StartupGrowth, _failures - 1), LongestStartupDelay)
            : UnhealthyStep * Math.Min(MostSteps, _everHealthy ? _failures : _failures - QuickProbes);
    }

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;
}
