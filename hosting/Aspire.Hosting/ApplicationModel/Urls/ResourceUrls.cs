using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Works out the URLs that are shown with a resource.</summary>
internal static class ResourceUrls
{
    /// <summary>
    /// The URLs in the order in which they arise: one for each endpoint that has an address, those that the author wrote
    /// down, and what the callbacks make of them. Relative ones are put behind their endpoint's; one that leads nowhere is left out.
    /// </summary>
    /// <param name="resource">The resource.</param>
    /// <param name="executionContext">Whether the application runs or is published.</param>
    /// <param name="logger">The resource's log.</param>
    /// <param name="cancellationToken">Ends the evaluation.</param>
    public static async Task<IReadOnlyList<ResourceUrlAnnotation>> EvaluateAsync(IResource resource, DistributedApplicationExecutionContext executionContext, ILogger logger, CancellationToken cancellationToken)
    {
        var ofEndpoints = resource is IResourceWithEndpoints owner ? owner.GetEndpoints().Where(static endpoint => endpoint.IsAllocated).Select(UrlOf) : [];
        var written = resource.Annotations.OfType<ResourceUrlAnnotation>().Select(static url => url.Copy());
        var context = new ResourceUrlsCallbackContext(executionContext, resource, [.. ofEndpoints, .. written], cancellationToken) { Logger = logger };

        foreach (var callback in resource.Annotations.OfType<ResourceUrlsCallbackAnnotation>().ToArray())
        {
            await callback.Callback(context).ConfigureAwait(false);
        }

        foreach (var url in context.Urls.Where(static url => IsRelative(url.Url) && url.Endpoint is { IsAllocated: true }))
        {
            url.Url = Combine(url.Endpoint!.Url, url.Url);
        }

        return [.. context.Urls.Where(static url => !IsRelative(url.Url))];
    }

    /// <summary>Whether a URL needs another before it.</summary>
    public static bool IsRelative(string url) => url.StartsWith('/') || !Uri.TryCreate(url, UriKind.Absolute, out _);

    /// <summary>Puts a relative URL behind an absolute one.</summary>
    public static string Combine(string absolute, string relative) => new Uri(new Uri(absolute), relative).ToString();

    private static ResourceUrlAnnotation UrlOf(EndpointReference endpoint) => new() { Url = endpoint.Url, Endpoint = endpoint };
}
