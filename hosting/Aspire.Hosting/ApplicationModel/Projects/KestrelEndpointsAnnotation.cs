namespace Aspire.Hosting.ApplicationModel;

/// <summary>
/// The endpoints that come from the section <c>Kestrel:Endpoints</c> of a project's settings. Kestrel then ignores
/// <c>ASPNETCORE_URLS</c>, so that the addresses go into the variables of that section.
/// </summary>
internal sealed class KestrelEndpointsAnnotation : IResourceAnnotation
{
    /// <summary>The key of the section for each endpoint that came from it.</summary>
    public Dictionary<EndpointAnnotation, string> Keys { get; } = [];

    /// <summary>Whether an endpoint of a resource came from that section.</summary>
    public static bool Contains(IResource resource, EndpointAnnotation endpoint) =>
        resource.Annotations.OfType<KestrelEndpointsAnnotation>().Any(a => a.Keys.ContainsKey(endpoint));
}
