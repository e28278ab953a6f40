using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Nginx.Runtime;

/// <summary>Reads from a resource's snapshot where it answers.</summary>
internal static class MemberAddress
{
    private const string UnixPrefix = "unix:";

    /// <summary>The address as nginx writes it: the Unix socket, else the port while somebody listens there; null when there is none.</summary>
    public static string? Of(CustomResourceSnapshot snapshot, string endpointName) =>
        UnixSocket(snapshot, endpointName) ?? TcpAddress(snapshot, endpointName);

    /// <summary>The path of the socket, or null for an address of another kind.</summary>
    public static string? SocketPath(string address) =>
        address.StartsWith(UnixPrefix, StringComparison.Ordinal) ? address[UnixPrefix.Length..] : null;

    private static string? UnixSocket(CustomResourceSnapshot snapshot, string endpointName) =>
        snapshot.Properties.FirstOrDefault(property => property.Name == $"endpoint.{endpointName}.unixSocket")?.Value is string { Length: > 0 } path
            ? UnixPrefix + path
            : null;

    private static string? TcpAddress(CustomResourceSnapshot snapshot, string endpointName) =>
        snapshot.Urls
            .Where(url => url.Name == endpointName && !url.IsInactive)
            .Select(url => Uri.TryCreate(url.Url, UriKind.Absolute, out var uri) ? uri : null)
            .FirstOrDefault(uri => uri is not null) is { } address
            ? $"{Host(address)}:{address.Port}"
            : null;

    /// <summary>localhost would be looked up as two addresses, of which one may have no listener.</summary>
    private static string Host(Uri address) => address switch
    {
        { HostNameType: UriHostNameType.IPv6 } => $"[{address.IdnHost}]",
        { IdnHost: "localhost" or "0.0.0.0" } => "127.0.0.1",
        _ => address.IdnHost,
    };
}
