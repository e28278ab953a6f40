using YamlDotNet.RepresentationModel;

namespace FlaskStack.Deployment.Tests.Kubernetes;

/// <summary>
/// What a cluster demands of manifests, and what we demand of ours: known fields, names that lead somewhere, and pods without rights.
/// </summary>
internal sealed class ManifestRules
{
    private static readonly string[] Probes = ["startupProbe", "readinessProbe", "livenessProbe"];

    private readonly List<string> _broken = [];
    private readonly Dictionary<string, YamlMappingNode> _manifests;

    private ManifestRules(Dictionary<string, YamlMappingNode> manifests) => _manifests = manifests;

    /// <returns>The rules that are broken, each with the file.</returns>
    public static IReadOnlyList<string> Check(PublishedFiles files)
    {
        var documents = files.Paths.Where(static path => path.EndsWith(".yaml", StringComparison.Ordinal))
            .ToDictionary(static path => path, path => Parse(files[path]));
        var kustomization = documents["kustomization.yaml"];
        documents.Remove("kustomization.yaml");
        var rules = new ManifestRules(documents);
        rules.CheckKustomization(kustomization);
        foreach (var (file, manifest) in documents)
        {
            rules._broken.AddRange(ManifestSchema.Check(manifest).Select(problem => $"{file}: {problem}"));
        }

        rules.CheckNames();
        foreach (var (file, deployment) in rules.OfKind("Deployment"))
        {
            rules.CheckDeployment(file, deployment);
        }

        return rules._broken;
    }

    private static YamlMappingNode Parse(string text)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(text));
        return (YamlMappingNode)stream.Documents.Single().RootNode;
    }

    private void CheckKustomization(YamlMappingNode kustomization)
    {
        var listed = Texts(kustomization, "resources").ToArray();
        Require(
            listed.Order(StringComparer.Ordinal)
                .SequenceEqual(_manifests.Keys.Where(static file => file != "secret.example.yaml").Order(StringComparer.Ordinal)),
            "kustomization.yaml",
            "it does not list the manifests there are");
        var images = List(kustomization, "images").Select(image => At(image, "name")).ToHashSet();
        foreach (var image in OfKind("Deployment")
            .Select(static deployment => At(Container(deployment.Value), "image"))
            .Where(static image => image?.Contains(':', StringComparison.Ordinal) == false))
        {
            Require(images.Contains(image), "kustomization.yaml", $"it does not say where the image {image} is");
        }
    }

    private void CheckNames()
    {
        var seen = new HashSet<string>();
        foreach (var (file, manifest) in _manifests)
        {
            Require(
                seen.Add($"{At(manifest, "kind")} {At(manifest, "metadata.name")}"),
                file,
                "another manifest has the same kind and name");
        }

        foreach (var (file, service) in OfKind("Service"))
        {
            var deployment = DeploymentFor(Map(service, "spec.selector"));
            Require(deployment is not null, file, "it selects no pods");
            var ports = deployment is null ? [] : List(Container(deployment), "ports").Select(port => At(port, "name")).ToHashSet();
            Require(List(service, "spec.ports").All(port => ports.Contains(At(port, "targetPort"))), file, "a port leads nowhere");
        }

        foreach (var (file, budget) in OfKind("PodDisruptionBudget"))
        {
            Require(DeploymentFor(Map(budget, "spec.selector.matchLabels")) is not null, file, "it selects no pods");
        }

        foreach (var (file, policy) in OfKind("NetworkPolicy"))
        {
            Require(DeploymentFor(Map(policy, "spec.podSelector.matchLabels")) is not null, file, "it selects no pods");
        }

        foreach (var (file, autoscaler) in OfKind("HorizontalPodAutoscaler"))
        {
            var target = OfKind("Deployment")
                .FirstOrDefault(deployment => At(deployment.Value, "metadata.name") == At(autoscaler, "spec.scaleTargetRef.name"))
                .Value;
            Require(target is not null, file, "it scales nothing");
            Require(target is not null && At(target, "spec.replicas") is null, file, "its Deployment has a number of its own");
            Require(
                Number(autoscaler, "spec.minReplicas") < Number(autoscaler, "spec.maxReplicas"),
                file,
                "there is nothing between its bounds");
        }

        foreach (var (file, ingress) in OfKind("Ingress"))
        {
            foreach (var backend in List(ingress, "spec.rules").SelectMany(static rule => List(rule, "http.paths")))
            {
                var service = OfKind("Service")
                    .FirstOrDefault(service => At(service.Value, "metadata.name") == At(backend, "backend.service.name"))
                    .Value;
                Require(
                    service is not null
                        && List(service, "spec.ports").Any(port => At(port, "port") == At(backend, "backend.service.port.number")),
                    file,
                    "a path leads nowhere");
            }
        }
    }

    private void CheckDeployment(string file, YamlMappingNode deployment)
    {
        var labels = Map(deployment, "spec.template.metadata.labels");
        Require(Map(deployment, "spec.selector.matchLabels").All(labels.Contains), file, "it does not select its own pods");
        var pod = (YamlMappingNode)Node(deployment, "spec.template.spec")!;
        var container = Container(deployment);
        Require(At(pod, "automountServiceAccountToken") == "false", file, "a pod can speak for the cluster's account");
        Require(At(pod, "securityContext.seccompProfile.type") == "RuntimeDefault", file, "every system call is allowed");
        Require(At(container, "securityContext.allowPrivilegeEscalation") == "false", file, "a process may gain rights");
        Require(
            At(container, "resources.limits.memory") is not null && At(container, "resources.requests.cpu") is not null,
            file,
            "nothing says what it takes");
        if (At(pod, "securityContext.runAsNonRoot") is not null || At(container, "image")?.Contains(':', StringComparison.Ordinal) == false)
        {
            Require(
                At(pod, "securityContext.runAsNonRoot") == "true" && Number(pod, "securityContext.runAsUser") > 0,
                file,
                "it runs as root");
            Require(At(container, "securityContext.readOnlyRootFilesystem") == "true", file, "it may write everywhere");
            Require(Texts(container, "securityContext.capabilities.drop").SequenceEqual(["ALL"]), file, "it keeps capabilities");
        }

        CheckStop(file, pod, container);
        CheckVolumes(file, pod, container);
        CheckVariables(file, container);
    }

    /// <summary>Time to leave the Services, and then to end: the more of it, the longer what runs may take.</summary>
    private void CheckStop(string file, YamlMappingNode pod, YamlMappingNode container)
    {
        var listens = List(container, "ports").Any();
        Require(!listens || Number(container, "lifecycle.preStop.sleep.seconds") is > 0, file, "it ends while requests still come");
        Require(
            Number(pod, "terminationGracePeriodSeconds") > (Number(container, "lifecycle.preStop.sleep.seconds") ?? 0) + 10,
            file,
            "it has no time to end");
        var ports = List(container, "ports").Select(port => At(port, "containerPort")).ToHashSet();
        foreach (var probe in Probes.Where(probe => Node(container, probe) is not null))
        {
            Require(
                ports.Contains(At(container, $"{probe}.httpGet.port") ?? At(container, $"{probe}.tcpSocket.port")),
                file,
                $"{probe} asks where nobody listens");
        }
    }

    private void CheckVolumes(string file, YamlMappingNode pod, YamlMappingNode container)
    {
        var volumes = List(pod, "volumes").ToDictionary(volume => At(volume, "name")!);
        Require(
            List(container, "volumeMounts").Select(mount => At(mount, "name")!).Order().SequenceEqual(volumes.Keys.Order()),
            file,
            "its mounts are not its volumes");
        foreach (var volume in volumes.Values.Where(static volume => Node(volume, "configMap") is not null))
        {
            var configMap = OfKind("ConfigMap").FirstOrDefault(map => At(map.Value, "metadata.name") == At(volume, "configMap.name")).Value;
            var keys = configMap is null
                ? []
                : Map(configMap, "data").Concat(Map(configMap, "binaryData")).Select(static pair => pair.Key).ToHashSet();
            Require(
                keys.SetEquals(List(volume, "configMap.items").Select(item => At(item, "key")!)),
                file,
                "its files are not those of the ConfigMap");
        }
    }

    private void CheckVariables(string file, YamlMappingNode container)
    {
        var known = new HashSet<string>();
        foreach (var variable in List(container, "env"))
        {
            Require(known.Add(At(variable, "name")!), file, $"{At(variable, "name")} is there twice");
            Require(
                At(variable, "value") is null != (Node(variable, "valueFrom") is null),
                file,
                $"{At(variable, "name")} has no value, or two");
            var unresolved = References(At(variable, "value") ?? "").Where(name => !known.Contains(name));
            Require(!unresolved.Any(), file, $"{At(variable, "name")} names a variable that does not come before it");
            (string Kind, string Path)[] sources = [("Secret", "valueFrom.secretKeyRef"), ("ConfigMap", "valueFrom.configMapKeyRef")];
            foreach (var (kind, path) in sources.Where(source => Node(variable, source.Path) is not null))
            {
                var source = OfKind(kind).FirstOrDefault(manifest => At(manifest.Value, "metadata.name") == At(variable, $"{path}.name"))
                    .Value;
                Require(
                    source is not null
                        && Map(source, kind == "Secret" ? "stringData" : "data").Any(pair => pair.Key == At(variable, $"{path}.key")),
                    file,
                    $"{At(variable, "name")} comes from nowhere");
            }
        }
    }

    /// <summary>The variables that a value names as <c>$(NAME)</c>; a doubled dollar sign names none.</summary>
    private static IEnumerable<string> References(string value) => value
        .Replace("$$", "", StringComparison.Ordinal)
        .Split("$(")
        .Skip(1)
        .Select(static rest => rest[..rest.IndexOf(')', StringComparison.Ordinal)]);

    private IEnumerable<KeyValuePair<string, YamlMappingNode>> OfKind(string kind) =>
        _manifests.Where(manifest => At(manifest.Value, "kind") == kind);

    private YamlMappingNode? DeploymentFor(HashSet<KeyValuePair<string, string>> selector) =>
        OfKind("Deployment").Select(static deployment => deployment.Value)
            .FirstOrDefault(deployment => selector.Count > 0 && selector.IsSubsetOf(Map(deployment, "spec.template.metadata.labels")));

    private static YamlMappingNode Container(YamlMappingNode deployment) => List(deployment, "spec.template.spec.containers").Single();

    private static YamlDotNet.RepresentationModel.YamlNode? Node(YamlMappingNode from, string path)
    {
        YamlDotNet.RepresentationModel.YamlNode? node = from;
        foreach (var key in path.Split('.'))
        {
            node = node is YamlMappingNode map && map.Children.TryGetValue(key, out var value) ? value : null;
        }

        return node;
    }

    private static string? At(YamlMappingNode from, string path) => (Node(from, path) as YamlScalarNode)?.Value;

    private static int? Number(YamlMappingNode from, string path) => int.TryParse(At(from, path), out var number) ? number : null;

    private static IEnumerable<YamlMappingNode> List(YamlMappingNode from, string path) =>
        (Node(from, path) as YamlSequenceNode)?.Children.OfType<YamlMappingNode>() ?? [];

    private static IEnumerable<string> Texts(YamlMappingNode from, string path) =>
        (Node(from, path) as YamlSequenceNode)?.Children.Select(static item => ((YamlScalarNode)item).Value!) ?? [];

    private static HashSet<KeyValuePair<string, string>> Map(YamlMappingNode from, string path) =>
        [.. (Node(from, path) as YamlMappingNode)?.Children
            .Select(static pair => KeyValuePair.Create(((YamlScalarNode)pair.Key).Value!, ((YamlScalarNode)pair.Value).Value!)) ?? []];

    private void Require(bool isKept, string file, string problem)
    {
        if (!isKept)
        {
            _broken.Add($"{file}: {problem}");
        }
    }
}
