using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Nginx.Runtime;

/// <summary>A resource behind nginx, and which of its endpoints is meant.</summary>
/// <param name="Name">The name of the upstream.</param>
/// <param name="Resource">The resource.</param>
/// <param name="EndpointName">The endpoint, or null for its HTTP endpoint.</param>
internal sealed record UpstreamSource(string Name, IResourceWithEndpoints Resource, string? EndpointName)
{
    /// <exception cref="DistributedApplicationException">The resource has no such endpoint.</exception>
    public EndpointAnnotation ResolveEndpoint()
    {
        var endpoints = Resource.Annotations.OfType<EndpointAnnotation>().ToArray();
        return EndpointName is null
            ? DefaultOf(endpoints) ?? throw new DistributedApplicationException($"WithReverseProxy: the resource '{Resource.Name}' has no HTTP endpoint; add WithHttpEndpoint() to it.")
            : endpoints.FirstOrDefault(endpoint => string.Equals(endpoint.Name, EndpointName, StringComparison.OrdinalIgnoreCase))
                ?? throw new DistributedApplicationException($"WithReverseProxy: the resource '{Resource.Name}' has no endpoint '{EndpointName}'; it has {Names(endpoints)}.");
    }

    private static EndpointAnnotation? DefaultOf(EndpointAnnotation[] endpoints) =>
        endpoints.FirstOrDefault(endpoint => endpoint.Name == "http")
        ?? endpoints.FirstOrDefault(endpoint => endpoint.UriScheme == "http")
        ?? endpoints.FirstOrDefault(endpoint => endpoint.UriScheme == "https");

    private static string Names(EndpointAnnotation[] endpoints) =>
        endpoints.Length == 0 ? "none" : string.Join(", ", endpoints.Select(endpoint => $"'{endpoint.Name}'"));
}
