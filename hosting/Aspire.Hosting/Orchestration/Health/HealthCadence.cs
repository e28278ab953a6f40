namespace Aspire.Hosting.Orchestration.Health;

/// <summary>
/// How long to wait before the next probe. Aspire's cadence: every 30 s while healthy, 1 s × min(5, failures) while not.
/// Before the first success it is much quicker, since that wait is the start-up time people see.
/// </summary>
internal sealed class HealthCadence
{
    public static readonly TimeSpan Healthy = TimeSpan.FromSeconds(30);
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
            return Healthy;
        }

        _failures++;
        return !_everHealthy && _failures <= QuickProbes
            ? Min(FirstStartupDelay * Math.Pow(StartupGrowth, _failures - 1), LongestStartupDelay)
            : UnhealthyStep * Math.Min(MostSteps, _everHealthy ? _failures : _failures - QuickProbes);
    }

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;
}
