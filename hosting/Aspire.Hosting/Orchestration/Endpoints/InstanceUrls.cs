using System.Collections.Immutable;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Orchestration.Endpoints;

/// <summary>The URLs shown for one instance: its endpoints, what the model adds, and what URL callbacks make of both.</summary>
internal static class InstanceUrls
{
    public static async Task<ImmutableArray<UrlSnapshot>> BuildAsync(
        IResource resource,
        IReadOnlyList<InstanceEndpoint> endpoints,
        DistributedApplicationExecutionContext executionContext,
        CancellationToken cancellationToken)
    {
        var urls = new List<ResourceUrlAnnotation>();
        if (resource is IResourceWithEndpoints owner)
        {
            urls.AddRange(endpoints.Select(e => new ResourceUrlAnnotation
            {
                Url = e.Allocated.UriString,
                Endpoint = new EndpointReference(owner, e.Annotation),
            }));
        }

        // Callbacks change what they are given, once for every instance.
        urls.AddRange(resource.Annotations.OfType<ResourceUrlAnnotation>().Select(url => url.Copy()));

        var context = new ResourceUrlsCallbackContext(executionContext, resource, urls, cancellationToken);
        foreach (var callback in resource.Annotations.OfType<ResourceUrlsCallbackAnnotation>())
        {
            await callback.Callback(context).ConfigureAwait(false);
        }

        return [.. context.Urls.Select(url => Snapshot(url, BaseOf(url, endpoints)))];
    }

    private static UrlSnapshot Snapshot(ResourceUrlAnnotation url, string? baseAddress) =>
        new(url.Endpoint?.EndpointName, Absolute(url.Url, baseAddress), url.DisplayLocation == UrlDisplayLocation.DetailsOnly)
        {
            IsInactive = url.Endpoint is not null,
            DisplayProperties = new UrlDisplayPropertiesSnapshot(url.DisplayText ?? string.Empty, url.DisplayOrder ?? 0),
        };

    /// <summary>A path alone is meant relative to its own endpoint, else to the first.</summary>
    private static string? BaseOf(ResourceUrlAnnotation url, IReadOnlyList<InstanceEndpoint> endpoints)
    {
        var own = endpoints.FirstOrDefault(e => string.Equals(e.Annotation.Name, url.Endpoint?.EndpointName, StringComparison.OrdinalIgnoreCase));
        return (own ?? (endpoints.Count > 0 ? endpoints[0] : null))?.Allocated.UriString;
    }

    private static string Absolute(string url, string? baseAddress) =>
        baseAddress is not null && url.StartsWith('/') ? ResourceUrls.Combine(baseAddress, url) : url;
}
