using System.Diagnostics.CodeAnalysis;
using System.Net;

namespace Microsoft.Extensions.ServiceDiscovery.Resolution;

/// <summary>Reads the names and addresses of services, which are URIs whose scheme may be missing.</summary>
internal static class ServiceUri
{
    private const string NoScheme = "noscheme";

    /// <summary>Reads a name or an address.</summary>
    /// <param name="text">The text.</param>
    /// <param name="uri">The text as a URI, with a made-up scheme when it has none.</param>
    /// <param name="hasScheme">Whether it has a scheme of its own.</param>
    /// <returns>Whether it can be read.</returns>
    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out Uri? uri, out bool hasScheme)
    {
        uri = null;
        hasScheme = text?.Contains("://", StringComparison.Ordinal) ?? false;
        return !string.IsNullOrWhiteSpace(text)
            && Uri.TryCreate(hasScheme ? text : $"{NoScheme}://{text}", UriKind.Absolute, out uri)
            && uri.Host.Length > 0;
    }

    /// <summary>Takes the endpoint name off a host: <c>_admin.api</c> is the endpoint <c>admin</c> of <c>api</c>.</summary>
    /// <param name="host">The host part of a URI.</param>
    /// <returns>The endpoint name, if any, and the service name.</returns>
    public static (string? EndpointName, string ServiceName) SplitHost(string host)
    {
        var dot = host.IndexOf('.', StringComparison.Ordinal);
        return host.StartsWith('_') && dot > 1 && dot < host.Length - 1
            ? (host[1..dot], host[(dot + 1)..])
            : (null, host);
    }

    /// <summary>Makes an address.</summary>
    /// <param name="host">A host name or an IP address.</param>
    /// <param name="port">The port; 0 or less when it is not known.</param>
    /// <returns>The address.</returns>
    public static EndPoint HostEndPoint(string host, int port) => IPAddress.TryParse(host.Trim('[', ']'), out var address)
        ? new IPEndPoint(address, Math.Max(port, 0))
        : new DnsEndPoint(host, Math.Max(port, 0));
}
