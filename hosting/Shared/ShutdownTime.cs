using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting.Shared;

internal static class ShutdownTime
{
    /// <summary>Gives the host at least this time to stop. More, or no limit, stays.</summary>
    public static void AllowAtLeast(this HostOptions host, TimeSpan needed)
    {
        if (host.ShutdownTimeout != Timeout.InfiniteTimeSpan && host.ShutdownTimeout < needed)
        {
            host.ShutdownTimeout = needed;
        }
    }
}
