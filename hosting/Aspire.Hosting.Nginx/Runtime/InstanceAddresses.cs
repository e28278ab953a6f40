using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Nginx.Runtime;

/// <summary>Reads from the row of an instance where it may answer. Which address it is, is seen by connecting to them.</summary>
internal static class InstanceAddresses
{
    private const string UnixHost = "unix:";
    private const string KestrelPrefix = "KESTREL__ENDPOINTS__";
    private const string KestrelSuffix = "__URL";

    /// <summary>The link to connect to instead of the socket; Aspire.Hosting.Supervisor sets it.</summary>
    private const string LinkVariable = "UPSTREAM_SOCKET";

    private static readonly string[] UrlVariables = ["ASPNETCORE_URLS", "URLS", "DOTNET_URLS"];

    /// <summary>The environment variable that tells the port an endpoint has been given.</summary>
    public static string PortVariable(EndpointAnnotation endpoint) => $"NGINX_UPSTREAM_PORT_{endpoint.Name.ToUpperInvariant().Replace('-', '_')}";

    /// <summary>Whether the port of an endpoint is only seen with the help of <see cref="PortVariable"/>: nothing else says which one it is.</summary>
    public static bool NeedsPortVariable(IResource resource, EndpointAnnotation endpoint) =>
        RunsHere(resource)
        && endpoint.TargetPort is null
        && (resource is not ProjectResource || !IsOnlyOneOfItsScheme(resource, endpoint));

    /// <summary>The addresses in the order in which they are preferred: sockets, own ports, and what Aspire allocated for others.</summary>
    public static IReadOnlyList<InstanceAddress> Read(CustomResourceSnapshot snapshot, IResource resource, EndpointAnnotation endpoint)
    {
        var variables = snapshot.EnvironmentVariables
            .Where(variable => variable.Value is { Length: > 0 })
            .GroupBy(variable => variable.Name, StringComparer.OrdinalIgnoreCase)
            .ToDictionary(group => group.Key, group => group.Last().Value!, StringComparer.OrdinalIgnoreCase);
        var urls = IsOnlyOneOfItsScheme(resource, endpoint) ? Urls(variables, endpoint.UriScheme).ToArray() : [];
        var link = variables.GetValueOrDefault(LinkVariable);
        var sockets = urls.Select(url => SocketOf(url, link)).OfType<InstanceAddress>();
        var ports = RunsHere(resource)
            ? GivenPorts(variables, endpoint).Concat(urls.SelectMany(PortsOf)).Concat(PortList(variables, resource, endpoint)).Concat(ModelPort(endpoint))
            : AllocatedPorts(snapshot, endpoint);
        return [.. sockets.Concat(ports).Distinct()];
    }

    /// <summary>A process of this machine, whose own port is reached; a container's is not.</summary>
    private static bool RunsHere(IResource resource) => resource is ProjectResource or ExecutableResource;

    private static bool IsOnlyOneOfItsScheme(IResource resource, EndpointAnnotation endpoint) =>
        resource.Annotations.OfType<EndpointAnnotation>().Count(other => other.UriScheme == endpoint.UriScheme) == 1;

    /// <summary>The URLs that ASP.NET Core listens on.</summary>
    private static IEnumerable<string> Urls(Dictionary<string, string> variables, string scheme)
    {
        var lists = variables.Where(static variable => IsKestrelUrl(variable.Key)).Select(static variable => variable.Value)
            .Concat(UrlVariables.Select(variables.GetValueOrDefault).OfType<string>());
        return lists
            .SelectMany(static list => list.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            .Where(url => url.StartsWith($"{scheme}://", StringComparison.OrdinalIgnoreCase))
            .Select(url => url[(scheme.Length + "://".Length)..]);
    }

    private static bool IsKestrelUrl(string name) =>
        name.StartsWith(KestrelPrefix, StringComparison.OrdinalIgnoreCase) && name.EndsWith(KestrelSuffix, StringComparison.OrdinalIgnoreCase);

    private static InstanceAddress? SocketOf(string authority, string? link) =>
        authority.StartsWith($"{UnixHost}/", StringComparison.OrdinalIgnoreCase) ? InstanceAddress.Unix(authority[UnixHost.Length..], link) : null;

    private static IEnumerable<InstanceAddress> PortsOf(string authority)
    {
        var address = authority.Split('/')[0];
        var colon = address.LastIndexOf(':');
        return colon > 0 ? At(address[..colon], address[(colon + 1)..]) : [];
    }

    /// <summary>The port that Aspire told the instance for this endpoint.</summary>
    private static IEnumerable<InstanceAddress> GivenPorts(Dictionary<string, string> variables, EndpointAnnotation endpoint) =>
        At(endpoint.TargetHost, variables.GetValueOrDefault(PortVariable(endpoint)));

    private static IEnumerable<InstanceAddress> PortList(Dictionary<string, string> variables, IResource resource, EndpointAnnotation endpoint) =>
        IsOnlyOneOfItsScheme(resource, endpoint)
            ? (variables.GetValueOrDefault($"ASPNETCORE_{endpoint.UriScheme}_PORTS") ?? "").Split(';', StringSplitOptions.TrimEntries).SelectMany(port => At("*", port))
            : [];

    private static IEnumerable<InstanceAddress> ModelPort(EndpointAnnotation endpoint) =>
        (endpoint.TargetPort ?? (endpoint.IsProxied ? null : endpoint.Port)) is { } port
            ? At(endpoint.TargetHost, port.ToString(CultureInfo.InvariantCulture))
            : [];

    private static IEnumerable<InstanceAddress> AllocatedPorts(CustomResourceSnapshot snapshot, EndpointAnnotation endpoint)
    {
        var url = snapshot.Urls
            .Where(url => url.Name == endpoint.Name && !url.IsInactive)
            .Select(url => Uri.TryCreate(url.Url, UriKind.Absolute, out var uri) ? uri : null)
            .FirstOrDefault(uri => uri is not null);
        return url is not null
            ? At(url.IdnHost, url.Port.ToString(CultureInfo.InvariantCulture))
            : endpoint.AllocatedEndpoint is { } allocated
                ? At(allocated.Address, allocated.Port.ToString(CultureInfo.InvariantCulture))
                : [];
    }

    private static IEnumerable<InstanceAddress> At(string host, string? port) =>
        int.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is > 0 and <= 65_535
            ? AddressesOf(host.Trim('[', ']')).Select(address => InstanceAddress.Tcp(address, number))
            : [];

    /// <summary>A name of this machine is two addresses, of which one may have no listener.</summary>
    private static IPAddress[] AddressesOf(string host) =>
        !IPAddress.TryParse(host, out var address) ? IsThisMachine(host) ? [IPAddress.Loopback, IPAddress.IPv6Loopback] : Resolve(host)
        : address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any) ? [IPAddress.Loopback, IPAddress.IPv6Loopback]
        : [address];

    private static bool IsThisMachine(string host) =>
        host is "*" or "+" || host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase);

    private static IPAddress[] Resolve(string host)
    {
        try
        {
            return Dns.GetHostAddresses(host);
        }
        catch (SocketException)
        {
            return [];
        }
    }
}

/// <summary>An address where an instance may answer: a Unix socket or a TCP port.</summary>
internal sealed record InstanceAddress
{
    /// <summary>For listeners on other machines.</summary>
    private static readonly TimeSpan ConnectLimit = TimeSpan.FromMilliseconds(250);

    /// <summary>The kernel answers a connection to this machine at once; where it does not, the listener's queue is full.</summary>
    private static readonly TimeSpan LocalLimit = TimeSpan.FromMilliseconds(50);

    private readonly string? _link;

    private InstanceAddress(string? socketPath, string? link, IPEndPoint? endPoint) => (SocketPath, _link, EndPoint) = (socketPath, link, endPoint);

    /// <summary>The path of the Unix socket; null for a port.</summary>
    public string? SocketPath { get; }

    public IPEndPoint? EndPoint { get; }

    /// <param name="path">The socket itself.</param>
    /// <param name="link">The link to connect to instead, which may lead to another socket at times; null for none.</param>
    public static InstanceAddress Unix(string path, string? link = null) => new(path, link, null);

    public static InstanceAddress Tcp(IPAddress address, int port) => new(null, null, new(address, port));

    /// <summary>Whether somebody listens there, however busy or hung.</summary>
    public async ValueTask<bool> IsListeningAsync(CancellationToken cancellationToken) => EndPoint switch
    {
        null => IsListeningHere(AddressFamily.Unix, SocketPath!),
        { } own when IPAddress.IsLoopback(own.Address) => IsListeningHere(own.AddressFamily, null),
        { } remote => await IsListeningElsewhereAsync(remote, cancellationToken).ConfigureAwait(false),
    };

    /// <summary>The address as nginx writes it.</summary>
    public override string ToString() => SocketPath is null ? EndPoint!.ToString() : $"unix:{_link ?? SocketPath}";

    /// <remarks>Asked without waiting for a thread: on a busy machine that would take longer than any limit, and look like a full queue.</remarks>
    private bool IsListeningHere(AddressFamily family, string? path)
    {
        using var socket = new Socket(family, SocketType.Stream, ProtocolType.Unspecified) { Blocking = false };
        try
        {
            socket.Connect(path is null ? EndPoint! : new UnixDomainSocketEndPoint(path));
            return true;
        }
        catch (SocketException exception) when (exception.SocketErrorCode is SocketError.WouldBlock or SocketError.InProgress)
        {
            // A Unix socket says so when its queue is full, a port while the kernel connects.
            return path is not null || !socket.Poll(LocalLimit, SelectMode.SelectWrite)
                || socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.Error) is 0;
        }
        catch (Exception exception) when (exception is SocketException or ArgumentOutOfRangeException)
        {
            // Nobody listens, or the path is longer than a socket's may be.
            return false;
        }
    }

    private static async ValueTask<bool> IsListeningElsewhereAsync(IPEndPoint endPoint, CancellationToken cancellationToken)
    {
        using var socket = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(ConnectLimit);
        try
        {
            await socket.ConnectAsync(endPoint, limit.Token).ConfigureAwait(false);
            return true;
        }
        catch (Exception exception) when (exception is SocketException || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return false;
        }
    }
}
