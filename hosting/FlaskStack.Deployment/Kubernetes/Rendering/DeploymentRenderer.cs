using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Aspire.Hosting.Kubernetes.Model;
using Aspire.Hosting.Kubernetes.Yaml;

namespace Aspire.Hosting.Kubernetes.Rendering;

/// <summary>The Deployment of a workload.</summary>
internal static class DeploymentRenderer
{
    /// <summary>What a container writes on the way; the rest of its file system is read-only.</summary>
    private const string TemporaryFolder = "/tmp";

    /// <summary>
    /// A pod that ends is taken from the Services while it is asked to; for these seconds it goes on taking connections of whoever has not
    /// heard of it yet.
    /// </summary>
    private const int LeaveSeconds = 5;

    private const long Mebibyte = 1024 * 1024;
    private const string ConfigurationVolume = "config";
    private const string TemporaryVolume = "tmp";

    // The accounts of the .NET images and of nginx's.
    private const int DotNetUser = 1654;
    private const int NginxUser = 101;

    private static readonly string[] SpreadOver = ["topology.kubernetes.io/zone", "kubernetes.io/hostname"];

    public static YamlMap Render(ClusterApplication application, Workload workload) => new()
    {
        { "apiVersion", "apps/v1" },
        { "kind", "Deployment" },
        { "metadata", Labels.Metadata(application, workload.Name) },
        {
            "spec",
            new YamlMap
            {
                // A number here would undo, with every apply, what the autoscaler has chosen.
                { "replicas", workload.IsScaled ? null : workload.Replicas },
                { "selector", new YamlMap { { "matchLabels", Labels.Of(application, workload.Name) } } },
                {
                    "strategy",
                    new YamlMap
                    {
                        { "type", "RollingUpdate" },
                        { "rollingUpdate", new YamlMap { { "maxSurge", 1 }, { "maxUnavailable", 0 } } },
                    }
                },
                {
                    "template",
                    new YamlMap
                    {
                        { "metadata", new YamlMap { { "labels", Labels.Of(application, workload.Name) }, { "annotations", Annotations(workload) } } },
                        { "spec", Pod(application, workload) },
                    }
                },
            }
        },
    };

    /// <summary>New files make new pods: nothing else tells a container that its configuration has changed.</summary>
    private static YamlMap? Annotations(Workload workload)
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

    private static YamlMap Pod(ClusterApplication application, Workload workload) => new()
    {
        { "automountServiceAccountToken", false },
        { "enableServiceLinks", false },
        { "terminationGracePeriodSeconds", LeaveSeconds + (int)Math.Ceiling(workload.StopTime.TotalSeconds) },
        { "securityContext", PodSecurity(workload) },
        { "topologySpreadConstraints", Spread(application, workload) },
        { "containers", new YamlList { Container(application, workload) } },
        { "volumes", Volumes(workload) },
    };

    private static YamlMap PodSecurity(Workload workload)
    {
        var user = UserOf(workload);
        return new YamlMap
        {
            { "runAsNonRoot", user is null ? null : true },
            { "runAsUser", user },
            { "runAsGroup", user },
            { "seccompProfile", new YamlMap { { "type", "RuntimeDefault" } } },
        };
    }

    private static YamlNode? UserOf(Workload workload) => workload.Kind switch
    {
        WorkloadKind.Project => DotNetUser,
        WorkloadKind.Nginx => NginxUser,
        _ => null,
    };

    /// <summary>Over the zones, then over the nodes, as far as there is room.</summary>
    private static YamlList? Spread(ClusterApplication application, Workload workload) => workload.MaxReplicas == 1
        ? null
        : new YamlList(SpreadOver.Select(key => new YamlMap
        {
            { "maxSkew", 1 },
            { "topologyKey", key },
            { "whenUnsatisfiable", "ScheduleAnyway" },
            { "labelSelector", new YamlMap { { "matchLabels", Labels.Of(application, workload.Name) } } },
        }));

    private static YamlMap Container(ClusterApplication application, Workload workload) => new()
    {
        { "name", workload.Name },
        { "image", workload.Image },
        { "imagePullPolicy", workload.ImagePullPolicy },
        { "command", workload.Command.IsEmpty ? null : new YamlList(workload.Command.Select(static word => (YamlNode)word)) },
        { "args", workload.Arguments.IsEmpty ? null : new YamlList(workload.Arguments.Select(static argument => (YamlNode)EnvironmentRenderer.Text(argument))) },
        { "ports", Ports(workload) },
        { "env", EnvironmentRenderer.Render(application, workload) },
        { "resources", Resources(workload) },
        { "startupProbe", workload.Probes is { } startup ? ProbeRenderer.Startup(startup) : null },
        { "readinessProbe", workload.Probes is { } readiness ? ProbeRenderer.Readiness(readiness) : null },
        { "livenessProbe", workload.Probes is { } liveness ? ProbeRenderer.Liveness(liveness) : null },
        { "lifecycle", workload.Ports.IsEmpty ? null : new YamlMap { { "preStop", new YamlMap { { "sleep", new YamlMap { { "seconds", LeaveSeconds } } } } } } },
        { "securityContext", ContainerSecurity(workload) },
        { "volumeMounts", Mounts(workload) },
    };

    private static YamlList? Ports(Workload workload) => workload.Ports.IsEmpty
        ? null
        : new YamlList(workload.Ports.Select(static port => new YamlMap { { "name", port.Name }, { "containerPort", port.ContainerPort } }));

    /// <summary>No limit of the processor: it would hold up requests while the node has time to spare.</summary>
    private static YamlMap Resources(Workload workload) => new()
    {
        { "requests", new YamlMap { { "cpu", "100m" }, { "memory", Memory(workload.MemoryLimit / 4) } } },
        { "limits", new YamlMap { { "memory", Memory(workload.MemoryLimit) } } },
    };

    private static string Memory(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{Math.Max(1, (bytes + Mebibyte - 1) / Mebibyte)}Mi");

    private static YamlMap ContainerSecurity(Workload workload)
    {
        var isKnown = workload.Kind != WorkloadKind.Container;
        return new YamlMap
        {
            { "allowPrivilegeEscalation", false },
            { "readOnlyRootFilesystem", isKnown ? true : null },
            { "capabilities", isKnown ? new YamlMap { { "drop", new YamlList { "ALL" } } } : null },
        };
    }

    private static YamlList? Mounts(Workload workload)
    {
        var mounts = new YamlList();
        if (!workload.Files.IsEmpty)
        {
            mounts.Add(new YamlMap { { "name", ConfigurationVolume }, { "mountPath", workload.FilesFolder }, { "readOnly", true } });
        }

        if (workload.Kind != WorkloadKind.Container)
        {
            mounts.Add(new YamlMap { { "name", TemporaryVolume }, { "mountPath", TemporaryFolder } });
        }

        return mounts.Count > 0 ? mounts : null;
    }

    private static YamlList? Volumes(Workload workload)
    {
        var volumes = new YamlList();
        if (!workload.Files.IsEmpty)
        {
            var items = new YamlList(workload.Files.Select(static file => new YamlMap { { "key", file.Key }, { "path", file.Path } }));
            volumes.Add(new YamlMap { { "name", ConfigurationVolume }, { "configMap", new YamlMap { { "name", ObjectNames.Configuration(workload) }, { "items", items } } } });
        }

        if (workload.Kind != WorkloadKind.Container)
        {
            volumes.Add(new YamlMap { { "name", TemporaryVolume }, { "emptyDir", new YamlMap { { "sizeLimit", workload.Kind == WorkloadKind.Nginx ? "1Gi" : "64Mi" } } } });
        }

        return volumes.Count > 0 ? volumes : null;
    }
}
