using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using FlaskStack.Deployment.Model;

namespace FlaskStack.Deployment.Kubernetes;

/// <summary>The Deployment of a workload.</summary>
internal sealed class DeploymentRenderer(ManifestRenderer manifests, Workload workload)
{
    /// <summary>What a container writes on the way; the rest of its file system is read-only.</summary>
    private const string TemporaryFolder = "/tmp";

    /// <summary>
    /// A pod that ends is taken from the Services while it is asked to; for these seconds it goes on taking connections of whoever has not
    /// heard of it yet.
    /// </summary>
    private const int LeaveSeconds = 5;

    private const int StartPeriod = 1;
    private const int ReadyPeriod = 5;
    private const int AlivePeriod = 10;
    private const int AnswerSeconds = 3;

    private const long Mebibyte = 1024 * 1024;
    private const string ConfigurationVolume = "config";
    private const string TemporaryVolume = "tmp";
    private const string HelperPrefix = "PARAMETER_";
    private const string PodName = "POD_NAME";
    private const string ServiceName = "OTEL_SERVICE_NAME";

    // The accounts of the .NET images and of nginx's.
    private const int DotNetUser = 1654;
    private const int NginxUser = 101;

    private static readonly string[] SpreadOver = ["topology.kubernetes.io/zone", "kubernetes.io/hostname"];

    /// <summary>Whether the image is one that is known to write to its temporary folder alone, and to need no rights.</summary>
    private bool IsKnown => workload.Kind != WorkloadKind.Container;

    public YamlMap Spec() => new()
    {
        // A number here would undo, with every apply, what the autoscaler has chosen.
        { "replicas", workload.IsScaled ? null : workload.Replicas },
        { "selector", manifests.Selector(workload) },
        {
            "strategy",
            new YamlMap { { "type", "RollingUpdate" }, { "rollingUpdate", new YamlMap { { "maxSurge", 1 }, { "maxUnavailable", 0 } } } }
        },
        {
            "template",
            new YamlMap
            {
                { "metadata", new YamlMap { { "labels", manifests.Labels(workload) }, { "annotations", Annotations() } } },
                { "spec", Pod() },
            }
        },
    };

    /// <summary>A value as a container is given it, with <c>$(…)</c> where a parameter goes.</summary>
    private static string Text(PublishedValue value) => value.Render(
        static text => text.Replace("$(", "$$(", StringComparison.Ordinal),
        static parameter => $"$({HelperPrefix}{parameter.Variable})");

    /// <summary>New files make new pods: nothing else tells a container that its configuration has changed.</summary>
    private YamlMap? Annotations()
    {
        if (workload.Files.IsEmpty)
        {
            return null;
        }

        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var file in workload.Files)
        {
            hash.AppendData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{file.Path}\n{file.Content.Length}\n")));
            hash.AppendData(file.Content);
        }

        return new YamlMap { { "checksum/config", Convert.ToHexStringLower(hash.GetHashAndReset()) } };
    }

    private YamlMap Pod() => new()
    {
        { "automountServiceAccountToken", false },
        { "enableServiceLinks", false },
        { "terminationGracePeriodSeconds", LeaveSeconds + (int)Math.Ceiling(workload.StopTime.TotalSeconds) },
        { "securityContext", PodSecurity() },
        { "topologySpreadConstraints", Spread() },
        { "containers", new[] { Container() } },
        { "volumes", Volumes().ToArray() },
    };

    private YamlMap PodSecurity()
    {
        object? user = workload.Kind switch
        {
            WorkloadKind.Project => DotNetUser,
            WorkloadKind.Nginx => NginxUser,
            _ => null,
        };
        return new YamlMap
        {
            { "runAsNonRoot", user is null ? null : true },
            { "runAsUser", user },
            { "runAsGroup", user },
            { "seccompProfile", new YamlMap { { "type", "RuntimeDefault" } } },
        };
    }

    /// <summary>Over the zones, then over the nodes, as far as there is room.</summary>
    private YamlMap[]? Spread() => workload.MaxReplicas == 1
        ? null
        : [.. SpreadOver.Select(key => new YamlMap
        {
            { "maxSkew", 1 },
            { "topologyKey", key },
            { "whenUnsatisfiable", "ScheduleAnyway" },
            { "labelSelector", manifests.Selector(workload) },
        })];

    private YamlMap Container() => new()
    {
        { "name", workload.Name },
        { "image", workload.Image },
        { "imagePullPolicy", "IfNotPresent" },
        { "command", workload.Command is { } command ? new[] { command } : null },
        { "args", workload.Arguments.Select(Text).ToArray() },
        { "ports", workload.Ports
            .Select(static port => new YamlMap { { "name", port.Name }, { "containerPort", port.ContainerPort } }).ToArray() },
        { "env", Identity().Concat(Environment()).ToArray() },
        { "resources", Resources() },
        { "startupProbe", workload.Probes is { } startup
            ? Probe(Get(startup.Port, startup.ReadyPath), StartPeriod, Failures(startup.StartTime, StartPeriod)) : null },
        { "readinessProbe", workload.Probes is { } readiness
            ? Probe(Get(readiness.Port, readiness.ReadyPath), ReadyPeriod, failures: 1) : null },
        { "livenessProbe", Liveness() },
        { "lifecycle", workload.Ports.IsEmpty ? null
            : new YamlMap { { "preStop", new YamlMap { { "sleep", new YamlMap { { "seconds", LeaveSeconds } } } } } } },
        {
            "securityContext",
            new YamlMap
            {
                { "allowPrivilegeEscalation", false },
                { "readOnlyRootFilesystem", IsKnown ? true : null },
                { "capabilities", IsKnown ? new YamlMap { { "drop", Yaml.List("ALL") } } : null },
            }
        },
        { "volumeMounts", Mounts().ToArray() },
    };

    /// <summary>Telemetry tells the pods of a service apart by their names.</summary>
    private IEnumerable<YamlMap> Identity() =>
        workload.Kind == WorkloadKind.Project && workload.Variables.All(static variable => variable.Name != ServiceName)
        ?
        [
            new YamlMap { { "name", PodName },
                { "valueFrom", new YamlMap { { "fieldRef", new YamlMap { { "fieldPath", "metadata.name" } } } } } },
            new YamlMap { { "name", ServiceName }, { "value", workload.Name } },
            new YamlMap { { "name", "OTEL_RESOURCE_ATTRIBUTES" }, { "value", $"service.instance.id=$({PodName})" } },
        ]
        : [];

    /// <summary>
    /// What is made of a parameter and other text refers to a variable with the parameter alone, which has to come before it.
    /// </summary>
    private IEnumerable<YamlMap> Environment()
    {
        var helpers = workload.Variables
            .Select(static variable => variable.Value)
            .Where(static value => value.Parts is not [{ Parameter: not null }])
            .Concat(workload.Arguments)
            .SelectMany(static value => value.Parameters)
            .DistinctBy(static parameter => parameter.Key)
            .OrderBy(static parameter => parameter.Key, StringComparer.Ordinal)
            .Select(parameter => new YamlMap { { "name", HelperPrefix + parameter.Variable },
                { "valueFrom", manifests.Source(parameter) } });
        var variables = workload.Variables.Select(variable => variable.Value.Parts is [{ Parameter: { } parameter }]
            ? new YamlMap { { "name", variable.Name }, { "valueFrom", manifests.Source(parameter) } }
            : new YamlMap { { "name", variable.Name }, { "value", Text(variable.Value) } });
        return helpers.Concat(variables);
    }

    /// <summary>No limit of the processor: it would hold up requests while the node has time to spare.</summary>
    private YamlMap Resources() => new()
    {
        { "requests", new YamlMap { { "cpu", "100m" }, { "memory", Memory(workload.MemoryLimit / 4) } } },
        { "limits", new YamlMap { { "memory", Memory(workload.MemoryLimit) } } },
    };

    private static string Memory(long bytes) =>
        string.Create(CultureInfo.InvariantCulture, $"{Math.Max(1, (bytes + Mebibyte - 1) / Mebibyte)}Mi");

    private YamlMap? Liveness() => workload.Probes is { HangTime: { } time } probes
        ? Probe(probes.AlivePath is { } path ? Get(probes.Port, path)
            : ("tcpSocket", new YamlMap { { "port", probes.Port } }), AlivePeriod, Failures(time, AlivePeriod))
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

    private IEnumerable<YamlMap> Mounts()
    {
        if (!workload.Files.IsEmpty)
        {
            yield return new YamlMap { { "name", ConfigurationVolume }, { "mountPath", workload.FilesFolder }, { "readOnly", true } };
        }

        if (IsKnown)
        {
            yield return new YamlMap { { "name", TemporaryVolume }, { "mountPath", TemporaryFolder } };
        }
    }

    private IEnumerable<YamlMap> Volumes()
    {
        if (!workload.Files.IsEmpty)
        {
            var items = workload.Files.Select(static file => new YamlMap { { "key", file.Key }, { "path", file.Path } }).ToArray();
            yield return new YamlMap
            {
                { "name", ConfigurationVolume },
                { "configMap", new YamlMap { { "name", ManifestRenderer.ConfigurationName(workload) }, { "items", items } } },
            };
        }

        if (IsKnown)
        {
            yield return new YamlMap { { "name", TemporaryVolume },
                { "emptyDir", new YamlMap { { "sizeLimit", workload.Kind == WorkloadKind.Nginx ? "1Gi" : "64Mi" } } } };
        }
    }
}
