using FlaskStack.Deployment.Kubernetes;
using k8s;
using k8s.Models;
using YamlDotNet.Serialization;
using YamlDotNet.Serialization.NamingConventions;

namespace FlaskStack.Deployment.Tests.Kubernetes;

/// <summary>
/// What a cluster demands of manifests, and what we demand of ours: known fields, names that lead somewhere, and pods without rights.
/// </summary>
internal sealed class ManifestRules
{
    private readonly List<string> _broken = [];
    private readonly Dictionary<string, IKubernetesObject<V1ObjectMeta>> _manifests = [];

    /// <returns>The rules that are broken, each with the file.</returns>
    public static IReadOnlyList<string> Check(PublishedFiles files)
    {
        var rules = new ManifestRules();
        var paths = files.Paths
            .Where(static path => path.EndsWith(".yaml", StringComparison.Ordinal) && path != "kustomization.yaml").ToArray();
        foreach (var path in paths)
        {
            var (manifest, problems) = ManifestSchema.Read(files[path]);
            rules._broken.AddRange(problems.Select(problem => $"{path}: {problem}"));
            if (manifest is not null)
            {
                rules._manifests.Add(path, manifest);
            }
        }

        rules.CheckKustomization(files["kustomization.yaml"], paths);
        rules.CheckNames();
        foreach (var (file, deployment) in rules.OfKind<V1Deployment>())
        {
            rules.CheckDeployment(file, deployment);
        }

        return rules._broken;
    }

    private void CheckKustomization(string text, IEnumerable<string> files)
    {
        var kustomization = new DeserializerBuilder()
            .WithNamingConvention(CamelCaseNamingConvention.Instance).Build().Deserialize<Kustomization>(text);
        Require(
            kustomization.Resources.Order(StringComparer.Ordinal)
                .SequenceEqual(files.Where(static file => file != "secret.example.yaml").Order(StringComparer.Ordinal)),
            "kustomization.yaml",
            "it does not list the manifests there are");
        var images = kustomization.Images.Select(static image => image["name"]).ToHashSet();
        foreach (var image in OfKind<V1Deployment>().Select(static deployment => Container(deployment.Manifest).Image).Where(IsBuilt))
        {
            Require(images.Contains(image), "kustomization.yaml", $"it does not say where the image {image} is");
        }
    }

    private void CheckNames()
    {
        var seen = new HashSet<(string, string)>();
        foreach (var (file, manifest) in _manifests)
        {
            Require(seen.Add((manifest.Kind, manifest.Metadata.Name)), file, "another manifest has the same kind and name");
        }

        foreach (var (file, service) in OfKind<V1Service>())
        {
            var deployment = DeploymentFor(service.Spec.Selector);
            Require(deployment is not null, file, "it selects no pods");
            var ports = deployment is null ? [] : Items(Container(deployment).Ports).Select(static port => port.Name).ToHashSet();
            Require(service.Spec.Ports.All(port => ports.Contains(port.TargetPort)), file, "a port leads nowhere");
        }

        foreach (var (file, budget) in OfKind<V1PodDisruptionBudget>())
        {
            Require(DeploymentFor(budget.Spec.Selector.MatchLabels) is not null, file, "it selects no pods");
        }

        foreach (var (file, policy) in OfKind<V1NetworkPolicy>())
        {
            Require(DeploymentFor(policy.Spec.PodSelector.MatchLabels) is not null, file, "it selects no pods");
        }

        foreach (var (file, autoscaler) in OfKind<V2HorizontalPodAutoscaler>())
        {
            var target = Find<V1Deployment>(autoscaler.Spec.ScaleTargetRef.Name);
            Require(target is not null, file, "it scales nothing");
            Require(target is { Spec.Replicas: null }, file, "its Deployment has a number of its own");
            Require(autoscaler.Spec.MinReplicas < autoscaler.Spec.MaxReplicas, file, "there is nothing between its bounds");
        }

        foreach (var (file, ingress) in OfKind<V1Ingress>())
        {
            Require(
                ingress.Spec.Rules.SelectMany(static rule => rule.Http.Paths).Select(static path => path.Backend.Service)
                    .All(backend => HasPort(backend.Name, backend.Port.Number)),
                file,
                "a path leads nowhere");
        }

        foreach (var (file, route) in OfKind<HttpRoute>())
        {
            Require(
                route.Spec.Rules.SelectMany(static rule => rule.BackendRefs).All(backend => HasPort(backend.Name, backend.Port)),
                file,
                "a path leads nowhere");
        }
    }

    private void CheckDeployment(string file, V1Deployment deployment)
    {
        var pod = deployment.Spec.Template.Spec;
        var container = Container(deployment);
        Require(
            deployment.Spec.Selector.MatchLabels.All(deployment.Spec.Template.Metadata.Labels.Contains),
            file,
            "it does not select its own pods");
        Require(pod.AutomountServiceAccountToken == false, file, "a pod can speak for the cluster's account");
        Require(pod.SecurityContext?.SeccompProfile?.Type == "RuntimeDefault", file, "every system call is allowed");
        Require(container.SecurityContext?.AllowPrivilegeEscalation == false, file, "a process may gain rights");
        Require(
            container.Resources is { Limits: { } limits, Requests: { } requests }
                && limits.ContainsKey("memory") && requests.ContainsKey("cpu"),
            file,
            "nothing says what it takes");
        if (pod.SecurityContext?.RunAsNonRoot is not null || IsBuilt(container.Image))
        {
            Require(pod.SecurityContext is { RunAsNonRoot: true, RunAsUser: > 0 }, file, "it runs as root");
            Require(container.SecurityContext?.ReadOnlyRootFilesystem == true, file, "it may write everywhere");
            Require(Items(container.SecurityContext?.Capabilities?.Drop).SequenceEqual(["ALL"]), file, "it keeps capabilities");
        }

        CheckStop(file, pod, container);
        CheckVolumes(file, pod, container);
        CheckVariables(file, container);
    }

    /// <summary>Time to leave the Services, and then to end: the more of it, the longer what runs may take.</summary>
    private void CheckStop(string file, V1PodSpec pod, V1Container container)
    {
        var leave = container.Lifecycle?.PreStop?.Sleep?.Seconds ?? 0;
        Require(!Items(container.Ports).Any() || leave > 0, file, "it ends while requests still come");
        Require(pod.TerminationGracePeriodSeconds > leave + 10, file, "it has no time to end");
        var ports = Items(container.Ports).Select(static port => port.ContainerPort).ToHashSet();
        (string Name, V1Probe? Probe)[] probes =
        [
            ("startupProbe", container.StartupProbe),
            ("readinessProbe", container.ReadinessProbe),
            ("livenessProbe", container.LivenessProbe),
        ];
        foreach (var (name, probe) in probes.Where(static probe => probe.Probe is not null))
        {
            Require(
                int.TryParse((probe!.HttpGet?.Port ?? probe.TcpSocket?.Port)?.Value, out var port) && ports.Contains(port),
                file,
                $"{name} asks where nobody listens");
        }
    }

    private void CheckVolumes(string file, V1PodSpec pod, V1Container container)
    {
        Require(
            Items(container.VolumeMounts).Select(static mount => mount.Name).Order()
                .SequenceEqual(Items(pod.Volumes).Select(static volume => volume.Name).Order()),
            file,
            "its mounts are not its volumes");
        foreach (var source in Items(pod.Volumes).Select(static volume => volume.ConfigMap).Where(static source => source is not null))
        {
            var configMap = Find<V1ConfigMap>(source.Name);
            HashSet<string> keys = [.. configMap?.Data?.Keys ?? [], .. configMap?.BinaryData?.Keys ?? []];
            Require(keys.SetEquals(source.Items.Select(static item => item.Key)), file, "its files are not those of the ConfigMap");
        }
    }

    private void CheckVariables(string file, V1Container container)
    {
        var known = new HashSet<string>();
        foreach (var variable in Items(container.Env))
        {
            Require(known.Add(variable.Name), file, $"{variable.Name} is there twice");
            Require(variable.Value is null != variable.ValueFrom is null, file, $"{variable.Name} has no value, or two");
            var unresolved = References(variable.Value ?? "").Where(name => !known.Contains(name));
            Require(!unresolved.Any(), file, $"{variable.Name} names a variable that does not come before it");
            var source = variable.ValueFrom;
            Require(
                (source?.SecretKeyRef is not { } secret || Find<V1Secret>(secret.Name)?.StringData.ContainsKey(secret.Key) == true)
                    && (source?.ConfigMapKeyRef is not { } key || Find<V1ConfigMap>(key.Name)?.Data.ContainsKey(key.Key) == true),
                file,
                $"{variable.Name} comes from nowhere");
        }
    }

    /// <summary>The variables that a value names as <c>$(NAME)</c>; a doubled dollar sign names none.</summary>
    private static IEnumerable<string> References(string value) => value
        .Replace("$$", "", StringComparison.Ordinal)
        .Split("$(")
        .Skip(1)
        .Select(static rest => rest[..rest.IndexOf(')', StringComparison.Ordinal)]);

    /// <summary>An image that the kustomization has to give a registry and a tag.</summary>
    private static bool IsBuilt(string? image) => image?.Contains(':', StringComparison.Ordinal) == false;

    private static IEnumerable<T> Items<T>(IEnumerable<T>? list) => list ?? [];

    private IEnumerable<(string File, T Manifest)> OfKind<T>() =>
        _manifests.Where(static manifest => manifest.Value is T).Select(static manifest => (manifest.Key, (T)manifest.Value));

    private T? Find<T>(string name)
        where T : IKubernetesObject<V1ObjectMeta> =>
        _manifests.Values.OfType<T>().FirstOrDefault(manifest => manifest.Metadata.Name == name);

    private bool HasPort(string service, int? number) => Find<V1Service>(service)?.Spec.Ports.Any(port => port.Port == number) == true;

    private V1Deployment? DeploymentFor(IDictionary<string, string> selector) => _manifests.Values.OfType<V1Deployment>()
        .FirstOrDefault(deployment => selector is { Count: > 0 } && selector.All(deployment.Spec.Template.Metadata.Labels.Contains));

    private static V1Container Container(V1Deployment deployment) => deployment.Spec.Template.Spec.Containers.Single();

    private void Require(bool isKept, string file, string problem)
    {
        if (!isKept)
        {
            _broken.Add($"{file}: {problem}");
        }
    }

    /// <summary>What <c>kubectl apply -k</c> reads, of which Kubernetes' client has no model.</summary>
    private sealed class Kustomization
    {
        public string? ApiVersion { get; init; }

        public string? Kind { get; init; }

        public List<string> Resources { get; init; } = [];

        public List<Dictionary<string, string>> Images { get; init; } = [];
    }
}
