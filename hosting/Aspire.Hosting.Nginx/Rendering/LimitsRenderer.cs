using Aspire.Hosting.Nginx.Configuration;
using static Aspire.Hosting.Nginx.Rendering.NginxText;

namespace Aspire.Hosting.Nginx.Rendering;

/// <summary>Limits per client address; answers that need no member, such as health and preflights, are not counted.</summary>
internal static class LimitsRenderer
{
    private const string Origin = "WithRequestLimits";

    public static void WriteHttp(NginxConfigWriter writer, NginxRequestLimits limits)
    {
        if (!HasLimits(limits))
        {
            return;
        }

        writer.Paragraph("What each client address is counted in", Origin);
        if (limits.RequestsPerSecond is { } rate)
        {
            writer.Directive("limit_req_zone", $"$binary_remote_addr zone=requests_per_client:10m rate={Number(rate)}r/s");
        }

        if (limits.ConnectionsPerClient is not null)
        {
            writer.Directive("limit_conn_zone", "$binary_remote_addr zone=connections_per_client:10m");
        }
    }

    public static void WriteServer(NginxConfigWriter writer, NginxRequestLimits limits)
    {
        if (!HasLimits(limits))
        {
            return;
        }

        writer.Paragraph("What each client may ask for", Origin);
        if (limits.RequestsPerSecond is not null)
        {
            writer.Directive("limit_req", $"zone=requests_per_client{(limits.Burst > 0 ? $" burst={Number(limits.Burst)} nodelay" : "")}");
            writer.Directive("limit_req_status", "429");
        }

        if (limits.ConnectionsPerClient is { } connections)
        {
            writer.Directive("limit_conn", $"connections_per_client {Number(connections)}");
            writer.Directive("limit_conn_status", "429");
        }
    }

    private static bool HasLimits(NginxRequestLimits limits) => limits.RequestsPerSecond is not null || limits.ConnectionsPerClient is not null;
}
