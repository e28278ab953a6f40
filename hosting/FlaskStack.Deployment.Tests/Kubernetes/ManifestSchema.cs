using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace FlaskStack.Deployment.Tests.Kubernetes;

/// <summary>
/// The fields of the kinds that are written here, as Kubernetes' API reference has them. One line a field: its path, where <c>[]</c>
/// stands for the items of a list and <c>*</c> for any key, <c>!</c> when its parent must have it, and its type.
/// </summary>
internal static partial class ManifestSchema
{
    private const string Metadata = """
        apiVersion! text
        kind! text
        metadata! map
        metadata.name! label
        metadata.labels map
        metadata.labels.* labelValue
        metadata.annotations map
        metadata.annotations.* text
        """;

    private const string Probe = """
        {0} map
        {0}.httpGet map
        {0}.httpGet.path! path
        {0}.httpGet.port! port
        {0}.tcpSocket map
        {0}.tcpSocket.port! port
        {0}.periodSeconds! positive
        {0}.timeoutSeconds! positive
        {0}.failureThreshold! positive
        """;

    private static readonly Dictionary<string, string> Fields = new()
    {
        ["apps/v1 Deployment"] = $"""
            spec! map
            spec.replicas positive
            spec.selector! map
            spec.selector.matchLabels! map
            spec.selector.matchLabels.* labelValue
            spec.strategy map
            spec.strategy.type! text
            spec.strategy.rollingUpdate map
            spec.strategy.rollingUpdate.maxSurge number
            spec.strategy.rollingUpdate.maxUnavailable number
            spec.template! map
            spec.template.metadata! map
            spec.template.metadata.labels! map
            spec.template.metadata.labels.* labelValue
            spec.template.metadata.annotations map
            spec.template.metadata.annotations.* text
            spec.template.spec! map
            spec.template.spec.automountServiceAccountToken flag
            spec.template.spec.enableServiceLinks flag
            spec.template.spec.terminationGracePeriodSeconds positive
            spec.template.spec.securityContext map
            spec.template.spec.securityContext.runAsNonRoot flag
            spec.template.spec.securityContext.runAsUser positive
            spec.template.spec.securityContext.runAsGroup positive
            spec.template.spec.securityContext.seccompProfile map
            spec.template.spec.securityContext.seccompProfile.type! text
            spec.template.spec.topologySpreadConstraints list
            spec.template.spec.topologySpreadConstraints[] map
            spec.template.spec.topologySpreadConstraints[].maxSkew! positive
            spec.template.spec.topologySpreadConstraints[].topologyKey! text
            spec.template.spec.topologySpreadConstraints[].whenUnsatisfiable! text
            spec.template.spec.topologySpreadConstraints[].labelSelector map
            spec.template.spec.topologySpreadConstraints[].labelSelector.matchLabels map
            spec.template.spec.topologySpreadConstraints[].labelSelector.matchLabels.* labelValue
            spec.template.spec.containers! list
            spec.template.spec.containers[] map
            {Container("spec.template.spec.containers[]")}
            spec.template.spec.volumes list
            spec.template.spec.volumes[] map
            spec.template.spec.volumes[].name! label
            spec.template.spec.volumes[].emptyDir map
            spec.template.spec.volumes[].emptyDir.sizeLimit quantity
            spec.template.spec.volumes[].configMap map
            spec.template.spec.volumes[].configMap.name! label
            spec.template.spec.volumes[].configMap.items list
            spec.template.spec.volumes[].configMap.items[] map
            spec.template.spec.volumes[].configMap.items[].key! key
            spec.template.spec.volumes[].configMap.items[].path! text
            """,
        ["v1 Service"] = """
            spec! map
            spec.type text
            spec.selector! map
            spec.selector.* labelValue
            spec.ports! list
            spec.ports[] map
            spec.ports[].name! portName
            spec.ports[].port! port
            spec.ports[].targetPort portName
            """,
        ["v1 ConfigMap"] = """
            data map
            data.* text
            binaryData map
            binaryData.* text
            """,
        ["v1 Secret"] = """
            type text
            stringData map
            stringData.* text
            """,
        ["autoscaling/v2 HorizontalPodAutoscaler"] = """
            spec! map
            spec.scaleTargetRef! map
            spec.scaleTargetRef.apiVersion text
            spec.scaleTargetRef.kind! text
            spec.scaleTargetRef.name! label
            spec.minReplicas positive
            spec.maxReplicas! positive
            spec.metrics list
            spec.metrics[] map
            spec.metrics[].type! text
            spec.metrics[].resource map
            spec.metrics[].resource.name! text
            spec.metrics[].resource.target! map
            spec.metrics[].resource.target.type! text
            spec.metrics[].resource.target.averageUtilization positive
            spec.behavior map
            spec.behavior.scaleDown map
            spec.behavior.scaleDown.stabilizationWindowSeconds number
            """,
        ["policy/v1 PodDisruptionBudget"] = """
            spec! map
            spec.maxUnavailable positive
            spec.selector! map
            spec.selector.matchLabels map
            spec.selector.matchLabels.* labelValue
            """,
        ["networking.k8s.io/v1 NetworkPolicy"] = """
            spec! map
            spec.podSelector! map
            spec.podSelector.matchLabels map
            spec.podSelector.matchLabels.* labelValue
            spec.policyTypes list
            spec.policyTypes[] text
            spec.ingress list
            spec.ingress[] map
            spec.ingress[].from list
            spec.ingress[].from[] map
            spec.ingress[].from[].podSelector map
            spec.ingress[].from[].podSelector.matchLabels map
            spec.ingress[].from[].podSelector.matchLabels.* labelValue
            spec.ingress[].ports list
            spec.ingress[].ports[] map
            spec.ingress[].ports[].port portName
            """,
        ["networking.k8s.io/v1 Ingress"] = $"""
            spec! map
            spec.ingressClassName label
            {Backend("spec.defaultBackend")}
            spec.tls list
            spec.tls[] map
            spec.tls[].hosts list
            spec.tls[].hosts[] text
            spec.tls[].secretName text
            spec.rules list
            spec.rules[] map
            spec.rules[].host text
            spec.rules[].http map
            spec.rules[].http.paths! list
            spec.rules[].http.paths[] map
            spec.rules[].http.paths[].path path
            spec.rules[].http.paths[].pathType! text
            {Backend("spec.rules[].http.paths[].backend")}
            """,
    };

    /// <returns>What is wrong with a manifest, each with its path.</returns>
    public static IEnumerable<string> Check(YamlMappingNode root)
    {
        var kind = $"{Text(root, "apiVersion")} {Text(root, "kind")}";
        if (!Fields.TryGetValue(kind, out var fields))
        {
            return [$"there is no kind {kind}"];
        }

        var known = $"{Metadata}\n{fields}".Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Select(static line => line.Split(' '))
            .ToDictionary(static parts => parts[0].TrimEnd('!'), static parts => (Type: parts[1], IsRequired: parts[0].EndsWith('!')));
        return CheckMap(root, string.Empty, known);
    }

    private static string Container(string path) => $$"""
        {{path}}.name! label
        {{path}}.image! text
        {{path}}.imagePullPolicy text
        {{path}}.command list
        {{path}}.command[] text
        {{path}}.args list
        {{path}}.args[] text
        {{path}}.ports list
        {{path}}.ports[] map
        {{path}}.ports[].name portName
        {{path}}.ports[].containerPort! port
        {{path}}.env list
        {{path}}.env[] map
        {{path}}.env[].name! variable
        {{path}}.env[].value text
        {{path}}.env[].valueFrom map
        {{path}}.env[].valueFrom.secretKeyRef map
        {{path}}.env[].valueFrom.secretKeyRef.name! label
        {{path}}.env[].valueFrom.secretKeyRef.key! key
        {{path}}.env[].valueFrom.configMapKeyRef map
        {{path}}.env[].valueFrom.configMapKeyRef.name! label
        {{path}}.env[].valueFrom.configMapKeyRef.key! key
        {{path}}.env[].valueFrom.fieldRef map
        {{path}}.env[].valueFrom.fieldRef.fieldPath! text
        {{path}}.resources map
        {{path}}.resources.requests map
        {{path}}.resources.requests.* quantity
        {{path}}.resources.limits map
        {{path}}.resources.limits.* quantity
        {{Probe.Replace("{0}", $"{path}.startupProbe", StringComparison.Ordinal)}}
        {{Probe.Replace("{0}", $"{path}.readinessProbe", StringComparison.Ordinal)}}
        {{Probe.Replace("{0}", $"{path}.livenessProbe", StringComparison.Ordinal)}}
        {{path}}.lifecycle map
        {{path}}.lifecycle.preStop map
        {{path}}.lifecycle.preStop.sleep map
        {{path}}.lifecycle.preStop.sleep.seconds! positive
        {{path}}.securityContext map
        {{path}}.securityContext.allowPrivilegeEscalation flag
        {{path}}.securityContext.readOnlyRootFilesystem flag
        {{path}}.securityContext.capabilities map
        {{path}}.securityContext.capabilities.drop list
        {{path}}.securityContext.capabilities.drop[] text
        {{path}}.volumeMounts list
        {{path}}.volumeMounts[] map
        {{path}}.volumeMounts[].name! label
        {{path}}.volumeMounts[].mountPath! path
        {{path}}.volumeMounts[].readOnly flag
        """;

    private static string Backend(string path) => $"""
        {path} map
        {path}.service! map
        {path}.service.name! label
        {path}.service.port! map
        {path}.service.port.number! port
        """;

    private static IEnumerable<string> CheckMap(YamlMappingNode map, string path, Dictionary<string, (string Type, bool IsRequired)> known)
    {
        var prefix = path.Length == 0 ? "" : $"{path}.";
        var present = map.Children.Keys.Select(static key => ((YamlScalarNode)key).Value!).ToHashSet();
        foreach (var field in known.Where(field => field.Value.IsRequired
            && field.Key.StartsWith(prefix, StringComparison.Ordinal)
            && !field.Key[prefix.Length..].Contains('.', StringComparison.Ordinal)))
        {
            if (!present.Contains(field.Key[prefix.Length..]))
            {
                yield return $"{field.Key} is missing";
            }
        }

        foreach (var (key, value) in map.Children)
        {
            var name = ((YamlScalarNode)key).Value!;
            var field = known.ContainsKey($"{prefix}{name}") ? $"{prefix}{name}" : $"{prefix}*";
            var problems = known.TryGetValue(field, out var definition)
                ? CheckValue(value, field, definition.Type, known)
                : [$"there is no {prefix}{name}"];
            foreach (var problem in problems)
            {
                yield return problem;
            }
        }
    }

    private static IEnumerable<string> CheckValue(
        YamlDotNet.RepresentationModel.YamlNode value,
        string path,
        string type,
        Dictionary<string, (string Type, bool IsRequired)> known) =>
        (type, value) switch
        {
            ("map", YamlMappingNode map) => CheckMap(map, path, known),
            ("list", YamlSequenceNode { Children.Count: > 0 } list) =>
                list.SelectMany(item => CheckValue(item, $"{path}[]", known[$"{path}[]"].Type, known)),
            (_, YamlScalarNode scalar) when IsOfType(scalar, type) => [],
            _ => [$"{path} is '{value}', which is no {type}"],
        };

    private static bool IsOfType(YamlScalarNode scalar, string type)
    {
        var text = scalar.Value ?? "";
        var isQuoted = scalar.Style is not ScalarStyle.Plain;
        return type switch
        {
            "number" => !isQuoted && int.TryParse(text, out var number) && number >= 0,
            "positive" => !isQuoted && int.TryParse(text, out var number) && number > 0,
            "port" => !isQuoted && int.TryParse(text, out var port) && port is > 0 and < 65_536,
            "flag" => !isQuoted && text is "true" or "false",
            "label" => Label().IsMatch(text),
            "labelValue" => LabelValue().IsMatch(text),
            "portName" => text.Length <= 15 && Label().IsMatch(text) && text.Any(char.IsAsciiLetter),
            "key" => Key().IsMatch(text),
            "variable" => Variable().IsMatch(text),
            "quantity" => Quantity().IsMatch(text),
            "path" => text.StartsWith('/'),
            // What a reader of YAML takes for a number or a flag is no text.
            "text" => isQuoted || (text.Length > 0 && !NotText().IsMatch(text)),
            _ => false,
        };
    }

    private static string? Text(YamlMappingNode map, string key) =>
        map.Children.TryGetValue(key, out var value) ? (value as YamlScalarNode)?.Value : null;

    [GeneratedRegex(@"^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?\z")]
    private static partial Regex Label();

    [GeneratedRegex(@"^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?\z")]
    private static partial Regex LabelValue();

    [GeneratedRegex(@"^[-._a-zA-Z0-9]{1,253}\z")]
    private static partial Regex Key();

    [GeneratedRegex(@"^[-._a-zA-Z][-._a-zA-Z0-9]*\z")]
    private static partial Regex Variable();

    [GeneratedRegex(@"^[0-9]+(m|Ki|Mi|Gi)?\z")]
    private static partial Regex Quantity();

    [GeneratedRegex(@"^(true|false|null|yes|no|on|off|~|[-+.0-9][-+.0-9eE_:]*)\z", RegexOptions.IgnoreCase)]
    private static partial Regex NotText();
}
