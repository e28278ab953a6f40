using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Nginx.Processes;

/// <summary>Reads from a snapshot the addresses at which an instance may listen.</summary>
/// <remarks><see cref="AddressSearch"/> finds out at which it does.</remarks>
internal static class InstanceAddresses
{
    private const string UnixHost = "unix:";
    private const string KestrelPrefix = "KESTREL__ENDPOINTS__";
    private const string KestrelSuffix = "__URL";

    /// <summary>A link to the socket, to be connected to instead; Aspire.Hosting.Supervisor sets it.</summary>
    private const string LinkVariable = "UPSTREAM_SOCKET";

    /// <summary>Says that several processes take turns at each address; Aspire.Hosting.Gunicorn sets it.</summary>
    private const string WorkersVariable = "UPSTREAM_WORKERS";

    private static readonly IPAddress[] ThisMachine = [IPAddress.Loopback, IPAddress.IPv6Loopback];
    private static readonly string[] UrlVariables = ["ASPNETCORE_URLS", "URLS", "DOTNET_URLS"];

    /// <summary>The environment variable that holds the port an endpoint has been given.</summary>
    public static string PortVariable(EndpointAnnotation endpoint) =>
        $"NGINX_UPSTREAM_PORT_{endpoint.Name.ToUpperInvariant().Replace('-', '_')}";

    /// <summary>Whether a snapshot shows the port of an endpoint only with the help of <see cref="PortVariable"/>.</summary>
    public static bool NeedsPortVariable(IResource resource, EndpointAnnotation endpoint) =>
        RunsHere(resource)
        && endpoint.TargetPort is null
        && (resource is not ProjectResource || !IsOnlyOneOfItsScheme(resource, endpoint));

    /// <summary>Whether each address is that of several processes.</summary>
    public static bool AreShared(CustomResourceSnapshot snapshot) =>
        snapshot.EnvironmentVariables.Any(static variable => variable is { Name: WorkersVariable, Value.Length: > 0 });

    /// <summary>The addresses, best first: Unix sockets, then own ports, or for a container the port that Aspire allocated.</summary>
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
            ? GivenPorts(variables, endpoint)
                .Concat(urls.SelectMany(PortsOf))
                .Concat(PortList(variables, resource, endpoint))
                .Concat(ModelPort(endpoint))
            : AllocatedPorts(snapshot, endpoint);
        return [.. sockets.Concat(ports).Distinct()];
    }

    /// <summary>Whether it is a process of this machine, whose own port can be reached; a container's cannot.</summary>
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
        name.StartsWith(KestrelPrefix, StringComparison.OrdinalIgnoreCase)
        && name.EndsWith(KestrelSuffix, StringComparison.OrdinalIgnoreCase);

    private static InstanceAddress? SocketOf(string authority, string? link) =>
        authority.StartsWith($"{UnixHost}/", StringComparison.OrdinalIgnoreCase)
            ? InstanceAddress.Unix(authority[UnixHost.Length..], link)
            : null;

    private static IEnumerable<InstanceAddress> PortsOf(string authority)
    {
        var address = authority.Split('/')[0];
        var colon = address.LastIndexOf(':');
        return colon > 0 ? At(address[..colon], address[(colon + 1)..]) : [];
    }

    /// <summary>The port in <see cref="PortVariable"/>.</summary>
    private static IEnumerable<InstanceAddress> GivenPorts(Dictionary<string, string> variables, EndpointAnnotation endpoint) =>
        At(endpoint.TargetHost, variables.GetValueOrDefault(PortVariable(endpoint)));

    private static IEnumerable<InstanceAddress> PortList(
        Dictionary<string, string> variables, IResource resource, EndpointAnnotation endpoint) =>
        IsOnlyOneOfItsScheme(resource, endpoint) && variables.GetValueOrDefault($"ASPNETCORE_{endpoint.UriScheme}_PORTS") is { } ports
            ? ports.Split(';', StringSplitOptions.TrimEntries).SelectMany(port => At("*", port))
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

    /// <summary>The addresses behind a host; this machine has two, and a program may listen at only one of them.</summary>
    private static IPAddress[] AddressesOf(string host) =>
        !IPAddress.TryParse(host, out var address) ? IsThisMachine(host) ? ThisMachine : Resolve(host)
        : address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any) ? ThisMachine
        : [address];

    private static bool IsThisMachine(string host) =>
        host is "*" or "+"
        || host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase);

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

/// <summary>An address at which an instance may listen: a Unix socket or a TCP port.</summary>
internal sealed record InstanceAddress
{
    /// <summary>The longest wait for a connection to another machine.</summary>
    private static readonly TimeSpan RemoteLimit = TimeSpan.FromMilliseconds(250);

    /// <summary>The same to this machine, where the kernel answers at once unless the listener's queue is full.</summary>
    private static readonly TimeSpan LocalLimit = TimeSpan.FromMilliseconds(50);

    private readonly string? _link;

    private InstanceAddress(string? socketPath, string? link, IPEndPoint? endPoint) =>
        (SocketPath, _link, EndPoint) = (socketPath, link, endPoint);

    /// <summary>The path of the Unix socket; null for a port.</summary>
    public string? SocketPath { get; }

    public IPEndPoint? EndPoint { get; }

    /// <param name="path">The path of the socket.</param>
    /// <param name="link">A link to connect to instead, which may lead to another instance's socket for a while; null for none.</param>
    public static InstanceAddress Unix(string path, string? link = null) => new(path, link, null);

    public static InstanceAddress Tcp(IPAddress address, int port) => new(null, null, new(address, port));

    /// <summary>Whether a program listens there, even if it is busy or hangs.</summary>
    public async ValueTask<bool> IsListeningAsync(CancellationToken cancellationToken) => EndPoint switch
    {
        null => IsListeningHere(AddressFamily.Unix, SocketPath!),
        { } own when IPAddress.IsLoopback(own.Address) => IsListeningHere(own.AddressFamily, null),
        { } remote => await IsListeningElsewhereAsync(remote, cancellationToken).ConfigureAwait(false),
    };

    /// <summary>The address as nginx writes it.</summary>
    public override string ToString() => SocketPath is null ? EndPoint!.ToString() : $"unix:{_link ?? SocketPath}";

    /// <remarks>
    /// It waits for no thread of the pool: on a busy machine that takes longer than any limit, and looks like a full queue.
    /// </remarks>
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
            // A Unix socket's queue is full, or the kernel is connecting to a port.
            return path is not null || !socket.Poll(LocalLimit, SelectMode.SelectWrite)
                || socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.Error) is 0;
        }
        catch (Exception exception) when (exception is SocketException or ArgumentOutOfRangeException)
        {
            // No program listens, or the path is longer than a socket's may be.
            return false;
        }
    }

    private static async ValueTask<bool> IsListeningElsewhereAsync(IPEndPoint endPoint, CancellationToken cancellationToken)
    {
        using var socket = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(RemoteLimit);
        try
        {
            await socket.ConnectAsync(endPoint, limit.Token).ConfigureAwait(false);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }
}

/// <summary>Finds the address at which an instance listens, by connecting to those at which it may.</summary>
[UnsupportedOSPlatform("windows")]
internal static class AddressSearch
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(250);

    /// <summary>How long the best address is waited for after another was found: a program opens its addresses one after another.</summary>
    private static readonly TimeSpan BestAddressLimit = TimeSpan.FromMilliseconds(100);

    /// <summary>Connects to the candidates again and again until one listens.</summary>
    /// <returns>The address, or null if it was cancelled or there are no candidates.</returns>
    public static async Task<InstanceAddress?> FindAsync(
        ImmutableArray<InstanceAddress> candidates, WorkerAccess workers, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        long? firstFound = null;
        var pause = FirstPause;
        while (candidates.Length > 0 && !cancellationToken.IsCancellationRequested)
        {
            if (await FirstListeningAsync(candidates, workers, cancellationToken).ConfigureAwait(false) is { } found)
            {
                firstFound ??= timeProvider.GetTimestamp();
                if (found == candidates[0] || timeProvider.GetElapsedTime(firstFound.Value) >= BestAddressLimit)
                {
                    return found;
                }

                pause = FirstPause;
            }

            await Task.Delay(pause, timeProvider, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            pause = pause * 1.05 < LongestPause ? pause * 1.05 : LongestPause;
        }

        return null;
    }

    private static async Task<InstanceAddress?> FirstListeningAsync(
        ImmutableArray<InstanceAddress> candidates, WorkerAccess workers, CancellationToken cancellationToken)
    {
        try
        {
            foreach (var candidate in candidates)
            {
                // A socket that nginx's workers may not connect to is of no use.
                if (await candidate.IsListeningAsync(cancellationToken).ConfigureAwait(false)
                    && (candidate.SocketPath is not { } path || workers.Admit(path)))
                {
                    return candidate;
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The instance has ended.
        }

        return null;
    }
}
