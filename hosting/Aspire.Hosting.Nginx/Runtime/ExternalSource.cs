using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Aspire.Hosting.Nginx.Configuration;

namespace Aspire.Hosting.Nginx.Runtime;

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
