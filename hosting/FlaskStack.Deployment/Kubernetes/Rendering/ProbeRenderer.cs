using Aspire.Hosting.Kubernetes.Model;
using Aspire.Hosting.Kubernetes.Yaml;

namespace Aspire.Hosting.Kubernetes.Rendering;

/// <summary>The probes of a container.</summary>
internal static class ProbeRenderer
{
    private const int StartPeriod = 1;
    private const int ReadyPeriod = 5;
    private const int AlivePeriod = 10;
    private const int AnswerSeconds = 3;

    /// <summary>Until it passes the others wait.</summary>
    public static YamlMap Startup(WorkloadProbes probes) => Probe(Get(probes.Port, probes.ReadyPath), StartPeriod, Failures(probes.StartTime, StartPeriod));

    public static YamlMap Readiness(WorkloadProbes probes) => Probe(Get(probes.Port, probes.ReadyPath), ReadyPeriod, failures: 1);

    public static YamlMap? Liveness(WorkloadProbes probes) => probes.HangTime is { } time
        ? Probe(probes.AlivePath is { } path ? Get(probes.Port, path) : ("tcpSocket", new YamlMap { { "port", probes.Port } }), AlivePeriod, Failures(time, AlivePeriod))
        : null;

    private static (string, YamlMap) Get(int port, string path) => ("httpGet", new YamlMap { { "path", path }, { "port", port } });

    private static YamlMap Probe((string Name, YamlMap Value) handler, int period, int failures) => new()
    {
        { handler.Name, handler.Value },
        { "periodSeconds", period },
        { "timeoutSeconds", AnswerSeconds },
        { "failureThreshold", failures },
    };

    private static int Failures(TimeSpan time, int period) => Math.Max(1, (int)Math.Ceiling(time.TotalSeconds / period));
}
