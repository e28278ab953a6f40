using System.Text.Json.Serialization;
using k8s;
using k8s.Models;

namespace FlaskStack.Deployment.Kubernetes;

/// <summary>An HTTPRoute of the Gateway API, as far as it is written here: Kubernetes' client has no model of it.</summary>
[KubernetesEntity(Group = "gateway.networking.k8s.io", ApiVersion = "v1", Kind = "HTTPRoute", PluralName = "httproutes")]
internal sealed record HttpRoute : IKubernetesObject<V1ObjectMeta>
{
    [JsonPropertyName("apiVersion")]
    public string ApiVersion { get; set; } = string.Empty;

    [JsonPropertyName("kind")]
    public string Kind { get; set; } = string.Empty;

    [JsonPropertyName("metadata")]
    public V1ObjectMeta Metadata { get; set; } = new();

    [JsonPropertyName("spec")]
    public required HttpRouteSpec Spec { get; init; }

    public static HttpRoute Of(GatewayRoute route) => new()
    {
        Spec = new(
            [new(route.Gateway, route.Namespace, route.Listener)],
            route.Host is { } host ? [host] : null,
            [new([new(new("PathPrefix", route.Path))], [new(route.Workload, route.Port)])]),
    };
}

internal sealed record HttpRouteSpec(
    [property: JsonPropertyName("parentRefs")] IReadOnlyList<HttpRouteParent> ParentRefs,
    [property: JsonPropertyName("hostnames")] IReadOnlyList<string>? Hostnames,
    [property: JsonPropertyName("rules")] IReadOnlyList<HttpRouteRule> Rules);

/// <summary>The Gateway that a route belongs to.</summary>
internal sealed record HttpRouteParent(
    [property: JsonPropertyName("name")] string Name,
    [property: JsonPropertyName("namespace")] string? Namespace,
    [property: JsonPropertyName("sectionName")] string? SectionName);

internal sealed record HttpRouteRule(
    [property: JsonPropertyName("matches")] IReadOnlyList<HttpRouteMatch> Matches,
    [property: JsonPropertyName("backendRefs")] IReadOnlyList<HttpRouteBackend> BackendRefs);

internal sealed record HttpRouteMatch([property: JsonPropertyName("path")] HttpRoutePath Path);

internal sealed record HttpRoutePath(
    [property: JsonPropertyName("type")] string Type, [property: JsonPropertyName("value")] string Value);

/// <summary>The Service that answers.</summary>
internal sealed record HttpRouteBackend(
    [property: JsonPropertyName("name")] string Name, [property: JsonPropertyName("port")] int Port);
