using System.Globalization;
using System.Text;
using FlaskStack.Deployment.Model;
using k8s;
using k8s.Models;

namespace FlaskStack.Deployment.Kubernetes;

/// <summary>Turns workloads into manifests, one object a file: the same input gives the same bytes.</summary>
internal sealed class ManifestRenderer(KubernetesTarget target, IReadOnlyList<Workload> workloads)
{
    /// <summary>Not part of the kustomization: real secrets do not belong beside it.</summary>
    private const string SecretExampleFile = "secret.example.yaml";

    private const string Placeholder = "CHANGE-ME";

    private const int DnsPort = 53;

    /// <summary>Where the images of projects are looked for until somebody says where they are.</summary>
    private const string Registry = "registry.example.com";

    /// <summary>Of the processor time that a pod requests; above it there are more of them.</summary>
    private const int BusyPercent = 70;

    /// <summary>ASP.NET Core's <c>http.server.active_requests</c>, in the words of Prometheus.</summary>
    private const string RequestsMetric = "http_server_active_requests";

    /// <summary>Load that comes in waves keeps its pods.</summary>
    private const int CalmSeconds = 300;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The Secret with the secret parameters.</summary>
    private string SecretsName => $"{target.ApplicationName}-secrets";

    /// <summary>The ConfigMap with the other parameters that have no value yet.</summary>
    private string ParametersName => $"{target.ApplicationName}-parameters";

    /// <summary>What every pod of the application is marked with.</summary>
    private Dictionary<string, string> ApplicationLabels => new() { ["app.kubernetes.io/part-of"] = target.ApplicationName };

    public IReadOnlyList<PublishedFile> Render()
    {
        var parameters = workloads
            .SelectMany(static workload => workload.Variables.Select(static variable => variable.Value).Concat(workload.Arguments))
            .SelectMany(static value => value.Parameters)
            .Distinct()
            .OrderBy(static parameter => parameter.Key, StringComparer.Ordinal)
            .ToLookup(static parameter => parameter.IsSecret);
        var files = new List<PublishedFile>();
        if (parameters[false].Any())
        {
            var manifest = new V1ConfigMap { Data = Placeholders(parameters[false]) };
            files.Add(Manifest("parameters.yaml", ParametersName, ApplicationLabels, manifest));
        }

        files.AddRange(workloads.SelectMany(Manifests));
        files.Insert(0, File("kustomization.yaml", Yaml.Write(Kustomization([.. files.Select(static file => file.Path)]))));
        if (parameters[true].Any())
        {
            var manifest = new V1Secret { Type = "Opaque", StringData = Placeholders(parameters[true]) };
            files.Add(Manifest(SecretExampleFile, SecretsName, ApplicationLabels, manifest));
        }

        return files;
    }

    /// <summary>What the objects of a workload are marked with, in Kubernetes' recommended words.</summary>
    public Dictionary<string, string> Labels(Workload workload) =>
        new() { ["app.kubernetes.io/name"] = workload.Name, ["app.kubernetes.io/part-of"] = target.ApplicationName };

    public V1LabelSelector Selector(Workload workload) => new() { MatchLabels = Labels(workload) };

    /// <summary>Where a parameter comes from: the Secret or the ConfigMap, never the manifest itself.</summary>
    public V1EnvVarSource Source(PublishedParameter parameter) => parameter.IsSecret
        ? new() { SecretKeyRef = new V1SecretKeySelector { Name = SecretsName, Key = parameter.Key } }
        : new() { ConfigMapKeyRef = new V1ConfigMapKeySelector { Name = ParametersName, Key = parameter.Key } };

    /// <summary>The ConfigMap with the files of a workload.</summary>
    public static string ConfigurationName(Workload workload) => $"{workload.Name}-config";

    /// <summary>What has to be filled in, with nothing secret in it.</summary>
    private static Dictionary<string, string> Placeholders(IEnumerable<PublishedParameter> parameters) =>
        parameters.ToDictionary(static parameter => parameter.Key, static _ => Placeholder);

    private IEnumerable<PublishedFile> Manifests(Workload workload)
    {
        if (!workload.Files.IsEmpty)
        {
            var name = ConfigurationName(workload);
            yield return Manifest($"{name}.yaml", name, Labels(workload), Configuration(workload));
        }

        var deployment = new DeploymentRenderer(this, workload, target.CpuRequest).Spec();
        yield return Manifest(workload, "deployment", new V1Deployment { Spec = deployment });
        if (workload.IsScaled)
        {
            yield return Manifest(workload, "autoscaler", new V2HorizontalPodAutoscaler { Spec = Autoscaler(workload) });
        }

        if (workload.Replicas > 1)
        {
            // Pods that are not ready anyway do not keep a node from being emptied.
            var spec = new V1PodDisruptionBudgetSpec
            {
                MaxUnavailable = 1,
                UnhealthyPodEvictionPolicy = "AlwaysAllow",
                Selector = Selector(workload),
            };
            yield return Manifest(workload, "disruption-budget", new V1PodDisruptionBudget { Spec = spec });
        }

        if (workload.Ports.IsEmpty)
        {
            yield break;
        }

        yield return Manifest(workload, "service", new V1Service { Spec = Service(workload) });
        yield return Manifest(workload, "network-policy", new V1NetworkPolicy { Spec = NetworkPolicy(workload) });

        var routes = target.Routes.Where(route => route.Workload == workload.Name).ToArray();
        if (routes.OfType<IngressRoute>().Any())
        {
            yield return Manifest(workload, "ingress", new V1Ingress { Spec = Ingress([.. routes.OfType<IngressRoute>()]) });
        }

        foreach (var (index, route) in routes.OfType<GatewayRoute>().Index())
        {
            var name = index == 0 ? workload.Name : string.Create(CultureInfo.InvariantCulture, $"{workload.Name}-{index + 1}");
            yield return Manifest($"{name}-route.yaml", name, Labels(workload), HttpRoute.Of(route));
        }
    }

    private static V1ConfigMap Configuration(Workload workload)
    {
        var texts = workload.Files.ToLookup(static file => TextOf(file.Content) is not null);
        return new V1ConfigMap
        {
            Data = texts[true].ToDictionary(static file => file.Key, static file => TextOf(file.Content)),
            BinaryData = texts[false].ToDictionary(static file => file.Key, static file => file.Content),
        };
    }

    private static string? TextOf(byte[] content)
    {
        try
        {
            return Strict.GetString(content);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }

    private V2HorizontalPodAutoscalerSpec Autoscaler(Workload workload) => new()
    {
        ScaleTargetRef = new V2CrossVersionObjectReference { ApiVersion = "apps/v1", Kind = V1Deployment.KubeKind, Name = workload.Name },
        MinReplicas = workload.Replicas,
        MaxReplicas = workload.MaxReplicas,
        Metrics = [.. Metrics(workload)],
        Behavior = new V2HorizontalPodAutoscalerBehavior
        {
            ScaleDown = new V2HPAScalingRules { StabilizationWindowSeconds = CalmSeconds },
        },
    };

    /// <summary>The autoscaler follows the metric that asks for most pods.</summary>
    private IEnumerable<V2MetricSpec> Metrics(Workload workload)
    {
        yield return new V2MetricSpec
        {
            Type = "Resource",
            Resource = new V2ResourceMetricSource
            {
                Name = "cpu",
                Target = new V2MetricTarget { Type = "Utilization", AverageUtilization = BusyPercent },
            },
        };
        if (target.RequestsPerReplica is { } requests && workload.Kind == WorkloadKind.Project)
        {
            yield return new V2MetricSpec
            {
                Type = "Pods",
                Pods = new V2PodsMetricSource
                {
                    Metric = new V2MetricIdentifier { Name = RequestsMetric },
                    Target = new V2MetricTarget
                    {
                        Type = "AverageValue",
                        AverageValue = requests.ToString(CultureInfo.InvariantCulture),
                    },
                },
            };
        }
    }

    private V1ServiceSpec Service(Workload workload) => new()
    {
        Type = IsBalanced(workload) ? "LoadBalancer" : "ClusterIP",
        // Only then does nginx see the address of the client.
        ExternalTrafficPolicy = IsBalanced(workload) ? "Local" : null,
        Selector = Labels(workload),
        Ports = [.. workload.Ports.Select(
            static port => new V1ServicePort { Name = port.Name, Port = port.ServicePort, TargetPort = port.Name })],
    };

    private static bool IsBalanced(Workload workload) => workload is { IsExternal: true, IsRouted: false };

    /// <summary>
    /// Only the application's own pods reach what is not external: it believes what nginx says of clients, so that nobody else may say it.
    /// nginx itself reaches only them, and a project everything but the node's own services, such as those that have a cloud's keys.
    /// </summary>
    private V1NetworkPolicySpec NetworkPolicy(Workload workload) => new()
    {
        PodSelector = Selector(workload),
        PolicyTypes = workload.Kind == WorkloadKind.Container ? ["Ingress"] : ["Ingress", "Egress"],
        Ingress =
        [
            new V1NetworkPolicyIngressRule
            {
                FromProperty = workload.IsExternal ? null : [Application],
                Ports = [.. workload.Ports.Select(static port => new V1NetworkPolicyPort { Port = port.Name })],
            },
        ],
        Egress = workload.Kind == WorkloadKind.Container ? null :
        [
            new V1NetworkPolicyEgressRule
            {
                Ports =
                [
                    new V1NetworkPolicyPort { Port = DnsPort, Protocol = "UDP" },
                    new V1NetworkPolicyPort { Port = DnsPort, Protocol = "TCP" },
                ],
            },
            new V1NetworkPolicyEgressRule { To = [.. workload.ReachesOthers ? Others : [Application]] },
        ],
    };

    private V1NetworkPolicyPeer Application => new() { PodSelector = new V1LabelSelector { MatchLabels = ApplicationLabels } };

    /// <summary>Every pod, and every address but those of the node's own services.</summary>
    private static IEnumerable<V1NetworkPolicyPeer> Others =>
    [
        new() { NamespaceSelector = new V1LabelSelector() },
        new() { IpBlock = new V1IPBlock { Cidr = "0.0.0.0/0", Except = ["169.254.0.0/16"] } },
        new() { IpBlock = new V1IPBlock { Cidr = "::/0", Except = ["fe80::/10"] } },
    ];

    private static V1IngressSpec Ingress(IngressRoute[] routes) => new()
    {
        IngressClassName = routes.Select(static route => route.ClassName).FirstOrDefault(static name => name is not null),
        Tls = [.. routes.Where(static route => route.TlsSecret is not null).Select(
            static route => new V1IngressTLS { Hosts = route.Host is { } host ? [host] : null, SecretName = route.TlsSecret })],
        Rules = [.. routes.GroupBy(static route => route.Host).Select(
            static rule => new V1IngressRule { Host = rule.Key, Http = new() { Paths = [.. rule.Select(Path)] } })],
    };

    private static V1HTTPIngressPath Path(IngressRoute route)
    {
        var port = new V1ServiceBackendPort { Number = route.Port };
        var service = new V1IngressServiceBackend { Name = route.Workload, Port = port };
        return new V1HTTPIngressPath { Path = route.Path, PathType = "Prefix", Backend = new V1IngressBackend { Service = service } };
    }

    /// <summary>What <c>kubectl apply -k</c> reads.</summary>
    private YamlMap Kustomization(string[] files) => new()
    {
        { "apiVersion", "kustomize.config.k8s.io/v1beta1" },
        { "kind", "Kustomization" },
        { "resources", files },
        {
            "images",
            workloads.Where(static workload => workload.Kind == WorkloadKind.Project).Select(workload => new YamlMap
            {
                { "name", workload.Image },
                { "newName", $"{Registry}/{target.ApplicationName}/{workload.Name}" },
                { "newTag", "latest" },
            }).ToArray()
        },
    };

    private PublishedFile Manifest<T>(Workload workload, string file, T manifest)
        where T : IKubernetesObject<V1ObjectMeta> => Manifest($"{workload.Name}-{file}.yaml", workload.Name, Labels(workload), manifest);

    private PublishedFile Manifest<T>(string path, string name, Dictionary<string, string> labels, T manifest)
        where T : IKubernetesObject<V1ObjectMeta>
    {
        manifest.Initialize().Metadata = new V1ObjectMeta { Name = name, Labels = labels };
        return File(path, ManifestYaml.Write(manifest));
    }

    private PublishedFile File(string path, string text) => PublishedFile.OfText(
        path, $"# Written by {target.AppHost}; publish again to change it, or patch it with an overlay of your own.\n{text}");
}
