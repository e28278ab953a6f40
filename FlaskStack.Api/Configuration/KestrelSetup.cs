using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace FlaskStack.Api.Configuration;

/// <summary>Configures Kestrel behind a reverse proxy.</summary>
internal static class KestrelSetup
{
    /// <summary>Applies the settings.</summary>
    public static void Apply(KestrelServerOptions kestrel, ApiOptions options)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.KeepAliveTimeout = options.KeepAlive;
        kestrel.Limits.MaxRequestBodySize = options.MaxBodyBytes;
        // A proxy sends a body at full speed; the grace leaves room for a machine that is busy for a moment.
        kestrel.Limits.MinRequestBodyDataRate = new MinDataRate(bytesPerSecond: 240, gracePeriod: TimeSpan.FromSeconds(10));
    }
}
