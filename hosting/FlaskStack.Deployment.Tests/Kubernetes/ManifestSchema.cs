using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using FlaskStack.Deployment.Kubernetes;
using k8s;
using k8s.Models;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace FlaskStack.Deployment.Tests.Kubernetes;

/// <summary>
/// Reads a manifest as a cluster does: YAML becomes JSON, and JSON the model of its kind, which has to know every field and its type.
/// The models leave open which fields must be there, and the form of names and numbers: that is said here.
/// </summary>
internal static partial class ManifestSchema
{
    private static readonly JsonSerializerOptions Strict = new() { UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow };

    /// <summary>Those of Kubernetes' client, and ours for the Gateway API.</summary>
    private static readonly Dictionary<string, Type> Kinds = new[] { typeof(V1Deployment).Assembly, typeof(HttpRoute).Assembly }
        .SelectMany(static assembly => assembly.GetTypes())
        .Where(static type => type.IsAssignableTo(typeof(IKubernetesObject<V1ObjectMeta>)))
        .SelectMany(static type => type.GetCustomAttributes<KubernetesEntityAttribute>().Select(kind => (type, kind)))
        .ToDictionary(
            static entity => $"{entity.kind.Group}/{entity.kind.ApiVersion} {entity.kind.Kind}".TrimStart('/'),
            static entity => entity.type);

    /// <summary>One line an object: the end of its path, which starts with the kind, and the fields that it must have.</summary>
    private static readonly (Regex Path, string[] Fields)[] Required =
    [
        .. """
            ^[^.]+: apiVersion kind metadata
            ^[^.]+.metadata: name
            ^(Deployment|Service|PodDisruptionBudget|NetworkPolicy|HorizontalPodAutoscaler|Ingress|HTTPRoute): spec
            ^Deployment.spec: selector template
            ^Deployment.spec.selector: matchLabels
            ^Service.spec: selector ports
            ^PodDisruptionBudget.spec: selector
            ^NetworkPolicy.spec: podSelector
            ^HorizontalPodAutoscaler.spec: scaleTargetRef maxReplicas
            .strategy: type
            .template: metadata spec
            .template.metadata: labels
            .template.spec: containers
            .seccompProfile: type
            .topologySpreadConstraints: maxSkew topologyKey whenUnsatisfiable
            .containers: name image
            .containers.ports: containerPort
            .env: name
            .(secret|configMap)KeyRef: name key
            .fieldRef: fieldPath
            Probe: periodSeconds timeoutSeconds failureThreshold
            .httpGet: path port
            .tcpSocket: port
            .sleep: seconds
            .volumeMounts: name mountPath
            .volumes: name
            .volumes.configMap: name
            .items: key path
            ^Service.spec.ports: name port
            .scaleTargetRef: kind name
            .metrics: type
            .metrics.resource: name target
            .metrics.resource.target: type averageUtilization
            .metrics.pods: metric target
            .metrics.pods.metric: name
            .metrics.pods.target: type averageValue
            ^HTTPRoute.spec: parentRefs rules
            ^HTTPRoute.spec.(parentRefs|rules.backendRefs): name
            ^HTTPRoute.spec.rules: matches backendRefs
            ^HTTPRoute.spec.rules.backendRefs: port
            ^HTTPRoute.spec.rules.matches.path: type value
            .rules.http: paths
            .paths: pathType backend
            .(backend|defaultBackend): service
            .service: name port
            .service.port: number
            """.Split('\n').Select(static line => line.Split(": ")).Select(static line => (new Regex($"{line[0]}$"), line[1].Split(' '))),
    ];

    /// <summary>The first pattern that is found in a path says what its value looks like; a number is above zero elsewhere.</summary>
    private static readonly (Regex Path, Func<JsonNode, bool> IsRight)[] Formats =
    [
        (new(@"\.(labels|matchLabels)\.|^Service\.spec\.selector\."), Text(LabelValue())),
        (new(@"\.(data|stringData|binaryData|annotations)\."), static _ => true),
        (new(@"\.env\.name$"), Text(Variable())),
        (new(@"\.ports\.(name|targetPort)$|\.ingress\.ports\.port$"), Text(PortName())),
        (new(@"\.pods\.metric\.name$"), Text(new(@"^[a-z_]+\z"))),
        (new(@"(?<!\.resource)\.(name|namespace|sectionName|ingressClassName)$"), Text(Label())),
        (new(@"^HTTPRoute\.spec\.hostnames$"), Text(new(@"^(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)+\z"))),
        (new(@"\.matches\.path\.type$"), Text(new(@"^PathPrefix\z"))),
        (new(@"\.key$"), Text(Key())),
        (new(@"\.(httpGet|paths)\.path$|\.mountPath$|\.path\.value$"), Text(new("^/"))),
        (new(@"\.(port|containerPort|number)$"), Number(1, 65_535)),
        (new(@"\.rollingUpdate\.|\.stabilizationWindowSeconds$"), Number(0)),
        (new(@"\.maxUnavailable$"), Number(1)),
    ];

    /// <returns>The manifest, or null when its model does not take it, and what is wrong with it, each with its path.</returns>
    public static (IKubernetesObject<V1ObjectMeta>? Manifest, IReadOnlyList<string> Problems) Read(string text)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(text));
        try
        {
            var root = Json(stream.Documents.Single().RootNode);
            return Kinds.TryGetValue($"{root["apiVersion"]} {root["kind"]}", out var type)
                ? ((IKubernetesObject<V1ObjectMeta>)root.Deserialize(type, Strict)!, [.. Check(root, $"{root["kind"]}")])
                : (null, [$"there is no kind {root["apiVersion"]} {root["kind"]}"]);
        }
        catch (Exception exception) when (exception is JsonException or ArgumentException)
        {
            return (null, [exception.Message]);
        }
    }

    private static JsonNode Json(YamlNode node) => node switch
    {
        YamlMappingNode map => new JsonObject(
            map.Children.Select(static pair => KeyValuePair.Create(((YamlScalarNode)pair.Key).Value!, (JsonNode?)Json(pair.Value)))),
        YamlSequenceNode { Children.Count: > 0 } list => new JsonArray([.. list.Select(Json)]),
        YamlScalarNode { Style: ScalarStyle.Plain, Value: "true" or "false" } flag => JsonValue.Create(flag.Value == "true"),
        YamlScalarNode { Style: ScalarStyle.Plain } number when long.TryParse(number.Value, out var value) => JsonValue.Create(value),
        YamlScalarNode { Style: ScalarStyle.Plain } other when NotText().IsMatch(other.Value!) =>
            throw new JsonException($"'{other}' in line {other.Start.Line} is no text, number or flag"),
        YamlScalarNode text => JsonValue.Create(text.Value!),
        _ => throw new JsonException($"line {node.Start.Line} has an empty list"),
    };

    private static IEnumerable<string> Check(JsonNode? node, string path) => node switch
    {
        JsonObject map => Required.Where(required => required.Path.IsMatch(path))
            .SelectMany(static required => required.Fields)
            .Where(field => !map.ContainsKey(field))
            .Select(field => $"{path}.{field} is missing")
            .Concat(map.SelectMany(field => Check(field.Value, $"{path}.{field.Key}"))),
        JsonArray list => list.SelectMany(item => Check(item, path)),
        _ when IsRight(path, node!) => [],
        _ => [$"{path} is '{node}'"],
    };

    private static bool IsRight(string path, JsonNode value) =>
        Formats.FirstOrDefault(format => format.Path.IsMatch(path)).IsRight is { } isRight ? isRight(value)
            : value.GetValueKind() != JsonValueKind.Number || Number(1)(value);

    private static Func<JsonNode, bool> Text(Regex pattern) => value => pattern.IsMatch(value.ToString());

    /// <summary>A quoted number is a text, which the models take for a port.</summary>
    private static Func<JsonNode, bool> Number(long least, long most = long.MaxValue) => value =>
        value.GetValueKind() == JsonValueKind.Number && value.GetValue<long>() is var number && number >= least && number <= most;

    [GeneratedRegex(@"^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?\z")]
    private static partial Regex Label();

    [GeneratedRegex(@"^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?\z")]
    private static partial Regex LabelValue();

    [GeneratedRegex(@"^(?=.*[A-Za-z])[a-z0-9]([-a-z0-9]{0,13}[a-z0-9])?\z")]
    private static partial Regex PortName();

    [GeneratedRegex(@"^[-._a-zA-Z0-9]{1,253}\z")]
    private static partial Regex Key();

    [GeneratedRegex(@"^[-._a-zA-Z][-._a-zA-Z0-9]*\z")]
    private static partial Regex Variable();

    /// <summary>What a reader of YAML takes for nothing, a number or a flag.</summary>
    [GeneratedRegex(@"^(true|false|null|yes|no|on|off|~|[-+.0-9][-+.0-9eE_:]*)?\z", RegexOptions.IgnoreCase)]
    private static partial Regex NotText();
}
