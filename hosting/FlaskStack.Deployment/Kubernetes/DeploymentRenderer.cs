using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using FlaskStack.Deployment.Model;
using k8s.Models;

namespace FlaskStack.Deployment.Kubernetes;

/// <summary>The Deployment of a workload.</summary>
/// <param name="manifests">The names and labels of the application.</param>
/// <param name="workload">What is to run.</param>
/// <param name="cpuRequest">The processor time that a pod requests, in Kubernetes' notation.</param>
internal sealed class DeploymentRenderer(ManifestRenderer manifests, Workload workload, string cpuRequest)
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

    /// <summary>A single late answer does not take a pod out of the Services.</summary>
    private const int ReadyFailures = 2;

    /// <summary>What hangs does not end when it is asked to: it is killed at once, not after the pod's time to end.</summary>
    private const int HungSeconds = 1;

    /// <summary>How long a new pod must be ready before the next is replaced: one that ends soon stops the rollout.</summary>
    private const int ReadySeconds = 5;

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

    public V1DeploymentSpec Spec() => new()
    {
        // A number here would undo, with every apply, what the autoscaler has chosen.
        Replicas = workload.IsScaled ? null : workload.Replicas,
        MinReadySeconds = ReadySeconds,
        Selector = manifests.Selector(workload),
        Strategy = new V1DeploymentStrategy
        {
            Type = "RollingUpdate",
            RollingUpdate = new V1RollingUpdateDeployment { MaxSurge = 1, MaxUnavailable = 0 },
        },
        Template = new V1PodTemplateSpec
        {
            Metadata = new V1ObjectMeta { Labels = manifests.Labels(workload), Annotations = Annotations() },
            Spec = Pod(),
        },
    };

    /// <summary>A value as a container is given it, with <c>$(…)</c> where a parameter goes.</summary>
    private static string Text(PublishedValue value) => value.Render(
        static text => text.Replace("$(", "$$(", StringComparison.Ordinal),
        static parameter => $"$({HelperPrefix}{parameter.Variable})");

    /// <summary>New files make new pods: nothing else tells a container that its configuration has changed.</summary>
    private Dictionary<string, string>? Annotations()
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

        return new() { ["checksum/config"] = Convert.ToHexStringLower(hash.GetHashAndReset()) };
    }

    private V1PodSpec Pod() => new()
    {
        AutomountServiceAccountToken = false,
        EnableServiceLinks = false,
        TerminationGracePeriodSeconds = LeaveSeconds + (int)Math.Ceiling(workload.StopTime.TotalSeconds),
        SecurityContext = PodSecurity(),
        TopologySpreadConstraints = [.. Spread()],
        Containers = [Container()],
        Volumes = [.. Volumes()],
    };

    private V1PodSecurityContext PodSecurity()
    {
        int? user = workload.Kind switch
        {
            WorkloadKind.Project => DotNetUser,
            WorkloadKind.Nginx => NginxUser,
            _ => null,
        };
        return new V1PodSecurityContext
        {
            RunAsNonRoot = user is null ? null : true,
            RunAsUser = user,
            RunAsGroup = user,
            SeccompProfile = new V1SeccompProfile { Type = "RuntimeDefault" },
        };
    }

    /// <summary>Over the zones, then over the nodes, as far as there is room.</summary>
    private IEnumerable<V1TopologySpreadConstraint> Spread() => workload.MaxReplicas == 1
        ? []
        : SpreadOver.Select(key => new V1TopologySpreadConstraint
        {
            MaxSkew = 1,
            TopologyKey = key,
            WhenUnsatisfiable = "ScheduleAnyway",
            LabelSelector = manifests.Selector(workload),
        });

    private V1Container Container() => new()
    {
        Name = workload.Name,
        Image = workload.Image,
        ImagePullPolicy = "IfNotPresent",
        Command = workload.Command is { } command ? [command] : null,
        Args = [.. workload.Arguments.Select(Text)],
        Ports = [.. workload.Ports.Select(static port => new V1ContainerPort { Name = port.Name, ContainerPort = port.ContainerPort })],
        Env = [.. Identity(), .. Environment()],
        Resources = Resources(),
        StartupProbe = workload.Probes is { } startup
            ? Probe(startup.Port, startup.ReadyPath, StartPeriod, Failures(startup.StartTime, StartPeriod)) : null,
        ReadinessProbe = workload.Probes is { } readiness
            ? Probe(readiness.Port, readiness.ReadyPath, ReadyPeriod, ReadyFailures) : null,
        LivenessProbe = workload.Probes is { HangTime: { } time } liveness
            ? Probe(liveness.Port, liveness.AlivePath, AlivePeriod, Failures(time, AlivePeriod), HungSeconds) : null,
        Lifecycle = workload.Ports.IsEmpty
            ? null : new V1Lifecycle { PreStop = new V1LifecycleHandler { Sleep = new V1SleepAction { Seconds = LeaveSeconds } } },
        SecurityContext = new V1SecurityContext
        {
            AllowPrivilegeEscalation = false,
            ReadOnlyRootFilesystem = IsKnown ? true : null,
            Capabilities = IsKnown ? new V1Capabilities { Drop = ["ALL"] } : null,
        },
        VolumeMounts = [.. Mounts()],
    };

    /// <summary>Telemetry tells the pods of a service apart by their names.</summary>
    private IEnumerable<V1EnvVar> Identity() =>
        workload.Kind == WorkloadKind.Project && workload.Variables.All(static variable => variable.Name != ServiceName)
        ?
        [
            Variable(PodName, new V1EnvVarSource { FieldRef = new V1ObjectFieldSelector { FieldPath = "metadata.name" } }),
            Variable(ServiceName, workload.Name),
            Variable("OTEL_RESOURCE_ATTRIBUTES", $"service.instance.id=$({PodName})"),
        ]
        : [];

    /// <summary>
    /// What is made of a parameter and other text refers to a variable with the parameter alone, which has to come before it.
    /// </summary>
    private IEnumerable<V1EnvVar> Environment()
    {
        var helpers = workload.Variables
            .Select(static variable => variable.Value)
            .Where(static value => value.Parts is not [{ Parameter: not null }])
            .Concat(workload.Arguments)
            .SelectMany(static value => value.Parameters)
            .DistinctBy(static parameter => parameter.Key)
            .OrderBy(static parameter => parameter.Key, StringComparer.Ordinal)
            .Select(parameter => Variable(HelperPrefix + parameter.Variable, manifests.Source(parameter)));
        var variables = workload.Variables.Select(variable => variable.Value.Parts is [{ Parameter: { } parameter }]
            ? Variable(variable.Name, manifests.Source(parameter))
            : Variable(variable.Name, Text(variable.Value)));
        return helpers.Concat(variables);
    }

    private static V1EnvVar Variable(string name, string value) => new() { Name = name, Value = value };

    private static V1EnvVar Variable(string name, V1EnvVarSource source) => new() { Name = name, ValueFrom = source };

    /// <summary>No limit of the processor: it would hold up requests while the node has time to spare.</summary>
    private V1ResourceRequirements Resources() => new()
    {
        Requests = new Dictionary<string, ResourceQuantity> { ["cpu"] = cpuRequest, ["memory"] = Memory(workload.MemoryLimit / 4) },
        Limits = new Dictionary<string, ResourceQuantity> { ["memory"] = Memory(workload.MemoryLimit) },
    };

    private static string Memory(long bytes) =>
        string.Create(CultureInfo.InvariantCulture, $"{Math.Max(1, (bytes + Mebibyte - 1) / Mebibyte)}Mi");

    /// <summary>Asks a path, or without one whether connections are taken.</summary>
    private static V1Probe Probe(int port, string? path, int period, int failures, int? grace = null) => new()
    {
        TerminationGracePeriodSeconds = grace,
        HttpGet = path is null ? null : new V1HTTPGetAction { Path = path, Port = port },
        TcpSocket = path is null ? new V1TCPSocketAction { Port = port } : null,
        PeriodSeconds = period,
        TimeoutSeconds = AnswerSeconds,
        FailureThreshold = failures,
    };

    private static int Failures(TimeSpan time, int period) => Math.Max(1, (int)Math.Ceiling(time.TotalSeconds / period));

    private IEnumerable<V1VolumeMount> Mounts()
    {
        if (!workload.Files.IsEmpty)
        {
            yield return new V1VolumeMount { Name = ConfigurationVolume, MountPath = workload.FilesFolder, ReadOnlyProperty = true };
        }

        if (IsKnown)
        {
            yield return new V1VolumeMount { Name = TemporaryVolume, MountPath = TemporaryFolder };
        }
    }

    private IEnumerable<V1Volume> Volumes()
    {
        if (!workload.Files.IsEmpty)
        {
            var source = new V1ConfigMapVolumeSource
            {
                Name = ManifestRenderer.ConfigurationName(workload),
                Items = [.. workload.Files.Select(static file => new V1KeyToPath { Key = file.Key, Path = file.Path })],
            };
            yield return new V1Volume { Name = ConfigurationVolume, ConfigMap = source };
        }

        if (IsKnown)
        {
            var source = new V1EmptyDirVolumeSource { SizeLimit = workload.Kind == WorkloadKind.Nginx ? "1Gi" : "64Mi" };
            yield return new V1Volume { Name = TemporaryVolume, EmptyDir = source };
        }
    }
}
