using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Nginx.Configuration;
using Aspire.Hosting.Shared;

namespace Aspire.Hosting.Nginx.Runtime;

/// <summary>A resource behind nginx, and which of its endpoints is meant.</summary>
/// <param name="Name">The name of the upstream.</param>
/// <param name="Resource">The resource, or the group of those that answer.</param>
/// <param name="EndpointName">The endpoint, or null for the HTTP endpoint.</param>
internal sealed record UpstreamSource(string Name, IResourceWithEndpoints Resource, string? EndpointName)
{
    /// <exception cref="DistributedApplicationException">The resource has no such endpoint.</exception>
    public EndpointAnnotation ResolveEndpoint() => EndpointOf(Resource);

    /// <summary>
    /// The resources whose rows are the instances: the resource itself, or those whose parent it is where it is a group, which has no
    /// endpoints or is not in the model.
    /// </summary>
    public ImmutableArray<IResourceWithEndpoints> InstancesIn(IEnumerable<IResource> model)
    {
        var isGroup = !HasEndpoints(Resource) || !model.Contains(Resource);
        ImmutableArray<IResourceWithEndpoints> children = isGroup ? [.. model.OfType<IResourceWithEndpoints>().Where(IsChild)] : [];
        return children.IsEmpty ? [Resource] : children;
    }

    /// <exception cref="DistributedApplicationException">The resource has no such endpoint.</exception>
    public EndpointAnnotation EndpointOf(IResource resource)
    {
        var endpoints = resource.Annotations.OfType<EndpointAnnotation>().ToArray();
        return EndpointName is null
            ? DefaultOf(endpoints) ?? throw new DistributedApplicationException($"WithReverseProxy: the resource '{resource.Name}' has no HTTP endpoint; add WithHttpEndpoint() to it.")
            : endpoints.FirstOrDefault(endpoint => string.Equals(endpoint.Name, EndpointName, StringComparison.OrdinalIgnoreCase))
                ?? throw new DistributedApplicationException($"WithReverseProxy: the resource '{resource.Name}' has no endpoint '{EndpointName}'; it has {Names(endpoints)}.");
    }

    private static bool HasEndpoints(IResource resource) => resource.Annotations.OfType<EndpointAnnotation>().Any();

    private bool IsChild(IResource resource) => HasEndpoints(resource) && ResourceParents.Of(resource).Contains(Resource);

    private static EndpointAnnotation? DefaultOf(EndpointAnnotation[] endpoints) =>
        endpoints.FirstOrDefault(static endpoint => endpoint.Name == "http")
        ?? endpoints.FirstOrDefault(static endpoint => endpoint.UriScheme == "http")
        ?? endpoints.FirstOrDefault(static endpoint => endpoint.UriScheme == "https");

    private static string Names(EndpointAnnotation[] endpoints) =>
        endpoints.Length == 0 ? "none" : string.Join(", ", endpoints.Select(static endpoint => $"'{endpoint.Name}'"));
}

/// <summary>A service outside the application that is behind nginx.</summary>
/// <param name="Name">The name of the upstream.</param>
/// <param name="Resource">The resource.</param>
internal sealed record ExternalSource(string Name, ExternalServiceResource Resource)
{
    /// <summary>The service by its name, for nginx to look up.</summary>
    /// <exception cref="DistributedApplicationException">Its URL is known only when the application runs.</exception>
    public NginxUpstream ToUpstream() => Resource.Uri is { } uri
        ? Upstream(uri, [Address(uri.IdnHost, uri.Port)])
        : throw new DistributedApplicationException($"WithReverseProxy: the URL of '{Resource.Name}' is a parameter; to publish it behind nginx, give it in code.");

    /// <summary>The service by the addresses its name has now: an nginx that cannot look up a name does not start.</summary>
    public async Task<NginxUpstream> ResolveAsync(CancellationToken cancellationToken)
    {
        var uri = Resource.Uri ?? new Uri(await Resource.UrlParameter!.GetValueAsync(cancellationToken).ConfigureAwait(false) ?? "", UriKind.Absolute);
        try
        {
            var addresses = await Dns.GetHostAddressesAsync(uri.IdnHost, cancellationToken).ConfigureAwait(false);
            return Upstream(uri, [.. addresses.Select(address => Address(address.ToString(), uri.Port))]);
        }
        catch (SocketException)
        {
            return Upstream(uri, []);
        }
    }

    private NginxUpstream Upstream(Uri uri, ImmutableArray<string> members) =>
        new(Name, uri.Scheme, members) { Host = uri.IsDefaultPort ? uri.IdnHost : $"{uri.IdnHost}:{uri.Port}" };

    private static string Address(string host, int port) => host.Contains(':', StringComparison.Ordinal) ? $"[{host}]:{port}" : $"{host}:{port}";
}

/// <summary>What the AppHost asked of an nginx so far.</summary>
internal sealed class NginxAnnotation : IResourceAnnotation
{
    /// <summary>The port given in code, or null for any; a container has one of its own instead.</summary>
    public int? Port { get; init; }

    public NginxConfiguration Configuration { get; set; } = new();

    public ImmutableArray<UpstreamSource> Sources { get; set; } = [];

    /// <summary>The services outside the application behind it.</summary>
    public ImmutableArray<ExternalSource> Externals { get; set; } = [];

    /// <summary>The binary given in code, made absolute.</summary>
    public string? BinaryPath { get; set; }
}
