namespace Aspire.Hosting.Nginx.Telemetry.Sampling;

/// <summary>Shares of requests, as powers of two.</summary>
internal static class SamplingLevel
{
    /// <summary>The level at which every request is taken.</summary>
    public const int Highest = 256;

    /// <summary>The largest level that is no more than this; 0 takes none.</summary>
    public static int AtMost(double wanted)
    {
        var level = Highest;
        while (level > wanted && level > 0)
        {
            level /= 2;
        }

        return level;
    }
}
