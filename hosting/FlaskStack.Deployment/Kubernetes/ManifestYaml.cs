using System.Text.Json;
using System.Text.Json.Nodes;
using FlaskStack.Deployment.Model;
using k8s;

namespace FlaskStack.Deployment.Kubernetes;

/// <summary>
/// Writes Kubernetes' own models. They go through their JSON, for <see cref="Yaml"/> quotes more than the client's YAML writer, which has
/// text such as <c>0x10</c> become a number and loses carriage returns.
/// </summary>
internal static class ManifestYaml
{
    /// <summary>What people look for first; the rest stays in the models' order, which is that of the letters.</summary>
    private static readonly string[] First = ["apiVersion", "kind", "metadata", "name", "type", "image"];

    public static string Write(IKubernetesObject manifest) =>
        Yaml.Write(Map(JsonNode.Parse(KubernetesJson.Serialize(manifest))!.AsObject()));

    private static YamlMap Map(JsonObject json)
    {
        var map = new YamlMap();
        foreach (var (key, value) in json
            .OrderBy(static pair => Array.IndexOf(First, pair.Key) is >= 0 and var place ? place : First.Length))
        {
            // An empty selector selects everything.
            if (value is JsonObject { Count: 0 } && key.EndsWith("Selector", StringComparison.Ordinal))
            {
                map[key] = new YamlMap();
                continue;
            }

            map.Add(key, Value(value!));
        }

        return map;
    }

    private static object Value(JsonNode json) => json switch
    {
        JsonObject map => Map(map),
        JsonArray list => list.Select(static item => Value(item!)).ToArray(),
        _ => json.GetValueKind() switch
        {
            JsonValueKind.String => json.GetValue<string>(),
            JsonValueKind.Number => json.GetValue<long>(),
            var kind => kind == JsonValueKind.True,
        },
    };
}
