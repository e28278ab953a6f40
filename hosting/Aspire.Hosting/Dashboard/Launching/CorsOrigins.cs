using System.Globalization;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Dashboard.Launching;

/// <summary>The origins of the model's own pages, which may send telemetry from a browser: the web endpoints, as Aspire allows them.</summary>
internal static class CorsOrigins
{
    /// <summary>The origins, separated by commas; null when there are none.</summary>
    public static string? Of(IEnumerable<IResource> resources)
    {
        var origins = resources
            .SelectMany(resource => resource.Annotations.OfType<EndpointAnnotation>())
            .Where(endpoint => endpoint.UriScheme is "http" or "https")
            .SelectMany(Origins)
            .Distinct(StringComparer.OrdinalIgnoreCase)
            .Order(StringComparer.Ordinal)
            .ToArray();
        return origins.Length > 0 ? string.Join(',', origins) : null;
    }

    private static IEnumerable<string> Origins(EndpointAnnotation endpoint)
    {
        if (endpoint.AllocatedEndpoint is { } allocated)
        {
            yield return Origin(endpoint.UriScheme, allocated.Address, allocated.Port);
        }

        if (endpoint.TargetPort is { } port)
        {
            yield return Origin(endpoint.UriScheme, "localhost", port);
        }
    }

    private static string Origin(string scheme, string host, int port) => string.Create(CultureInfo.InvariantCulture, $"{scheme}://{host}:{port}");
}
