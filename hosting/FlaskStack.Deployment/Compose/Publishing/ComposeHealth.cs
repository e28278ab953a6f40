using System.Globalization;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Docker.Resources.ServiceNodes;
using Aspire.Hosting.Supervisor.Configuration;

namespace Aspire.Hosting.Docker.Publishing;

/// <summary>Asks for the health of a service as its health check over HTTP does, from inside its container.</summary>
internal static class ComposeHealth
{
    private const int IntervalSeconds = 5;

    /// <summary>Null when the resource has no health check over HTTP.</summary>
    public static Healthcheck? Of(IResource resource, ComposeEndpoints endpoints, SupervisorOptions supervisor)
    {
        if (resource.Annotations.OfType<HttpHealthProbeAnnotation>().FirstOrDefault() is not { } probe)
        {
            return null;
        }

        var port = endpoints.PortOf(probe.Endpoint());
        return new Healthcheck
        {
            Test = resource is ProjectResource ? Bash(port, probe) : Shell(port, probe),
            Interval = Seconds(IntervalSeconds),
            Timeout = Seconds(IntervalSeconds - 1),
            Retries = Math.Max(1, (int)(supervisor.Watchdog.Timeout.TotalSeconds / IntervalSeconds)),
            StartPeriod = Seconds(supervisor.HealthyTimeout.TotalSeconds),
        };
    }

    public static string Seconds(double seconds) => string.Create(CultureInfo.InvariantCulture, $"{Math.Ceiling(seconds)}s");

    /// <summary>Microsoft's images for ASP.NET Core have neither curl nor wget.</summary>
    private static List<string> Bash(int port, HttpHealthProbeAnnotation probe) =>
    [
        "CMD",
        "bash",
        "-c",
        string.Create(
            CultureInfo.InvariantCulture,
            $"exec 3<>/dev/tcp/127.0.0.1/{port} && printf 'GET {probe.Path} HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\n\\r\\n' >&3 && read -r version status rest <&3 && test \"$$status\" = {probe.StatusCode}"),
    ];

    private static List<string> Shell(int port, HttpHealthProbeAnnotation probe)
    {
        var url = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}{probe.Path}");
        return ["CMD-SHELL", $"wget -q -O /dev/null {url} || curl -fsS -o /dev/null {url}"];
    }
}
