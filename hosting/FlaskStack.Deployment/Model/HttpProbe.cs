using System.Globalization;
using System.Text.RegularExpressions;
using Aspire.Hosting.ApplicationModel;

namespace FlaskStack.Deployment.Model;

/// <summary>Where a resource is asked over HTTP how it is.</summary>
/// <param name="Endpoint">The endpoint that is asked.</param>
/// <param name="Path">The path.</param>
/// <param name="Status">The status code of a good answer.</param>
internal sealed partial record HttpProbe(EndpointAnnotation Endpoint, string Path, int Status = 200)
{
    /// <summary>Whether it takes requests: <c>WithHttpProbe</c>, else <c>WithHttpHealthCheck</c>. Null when it was told neither.</summary>
    public static HttpProbe? Readiness(IResource resource) => Probe(resource, ProbeType.Readiness)
        ?? resource.Annotations.OfType<HealthCheckAnnotation>().Select(check => FromKey(resource, check.Key))
            .FirstOrDefault(static probe => probe is not null);

    /// <summary>Whether it works at all: <c>WithHttpProbe</c>.</summary>
    public static HttpProbe? Liveness(IResource resource) => Probe(resource, ProbeType.Liveness);

    private static HttpProbe? Probe(IResource resource, ProbeType type) => resource.Annotations.OfType<EndpointProbeAnnotation>()
        .Where(probe => probe.Type == type)
        .Select(static probe => new HttpProbe(probe.EndpointReference.EndpointAnnotation, probe.Path))
        .LastOrDefault();

    /// <summary><c>WithHttpHealthCheck</c> leaves nothing else in the model: <c>{resource}_{endpoint}_{path}_{status}_check</c>.</summary>
    private static HttpProbe? FromKey(IResource resource, string key)
    {
        foreach (var endpoint in resource.Annotations.OfType<EndpointAnnotation>())
        {
            var start = $"{resource.Name}_{endpoint.Name}_";
            if (key.StartsWith(start, StringComparison.OrdinalIgnoreCase)
                && PathAndStatus().Match(key[start.Length..]) is { Success: true } match)
            {
                return new HttpProbe(
                    endpoint, $"/{match.Groups["path"].Value}", int.Parse(match.Groups["status"].Value, CultureInfo.InvariantCulture));
            }
        }

        return null;
    }

    [GeneratedRegex("^/?(?<path>.*)_(?<status>[0-9]{3})_check$")]
    private static partial Regex PathAndStatus();
}
