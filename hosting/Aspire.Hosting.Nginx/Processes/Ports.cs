using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Nginx.Configuration;

namespace Aspire.Hosting.Nginx.Processes;

/// <summary>Finds a port, and says why nginx cannot have one.</summary>
internal static class Ports
{
    private const int Lowest = 10_000;
    private const int UsualStartOfEphemeralRange = 32_768;
    private const int Attempts = 1_000;
    private const string EphemeralRangeFile = "/proc/sys/net/ipv4/ip_local_port_range";

    /// <summary>Gives the endpoint of nginx its port, and says where nginx listens for it.</summary>
    /// <param name="endpoint">The endpoint.</param>
    /// <param name="isRandom">Whether any unused port will do, although the endpoint has one.</param>
    /// <exception cref="DistributedApplicationException">The target host is no address of this machine, or no port is unused.</exception>
    public static NginxListen Settle(EndpointAnnotation endpoint, bool isRandom)
    {
        var addresses = ListenAddresses.For(endpoint.TargetHost);
        var port = isRandom || endpoint.Port is null or 0 ? PickUnused(addresses) : endpoint.Port.Value;
        (endpoint.Port, endpoint.TargetPort) = (port, port);
        // Elsewhere the newest socket gets all connections, or none.
        return new(port, addresses) { IsShared = OperatingSystem.IsLinux() };
    }

    /// <summary>
    /// Gives the endpoint for TLS its port, and says where nginx listens for it: where it listens for HTTP, unless told otherwise.
    /// </summary>
    /// <param name="endpoint">The endpoint.</param>
    /// <param name="http">The endpoint for HTTP, which has its port.</param>
    /// <param name="isRandom">Whether any unused port will do, although the endpoint has one.</param>
    /// <exception cref="DistributedApplicationException">The target host is no address of this machine, or no port is unused.</exception>
    public static NginxListen SettleHttps(EndpointAnnotation endpoint, EndpointAnnotation http, bool isRandom)
    {
        if (endpoint.TargetHost == "localhost")
        {
            endpoint.TargetHost = http.TargetHost;
        }

        var isAny = isRandom || endpoint.Port is null or 0;
        NginxListen listen;
        do
        {
            listen = Settle(endpoint, isAny);
        }
        while (isAny && listen.Port == http.Port);

        return listen;
    }

    /// <summary>An unused port below the range of outgoing connections, one of which could take it in the meantime.</summary>
    public static int PickUnused(IReadOnlyCollection<string> addresses)
    {
        var end = StartOfEphemeralRange();
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var port = Random.Shared.Next(Lowest, end);
            if (addresses.All(address => TryBind(address, port) is null))
            {
                return port;
            }
        }

        throw new DistributedApplicationException($"No unused port was found from {Lowest} to {end - 1}; give one with Nginx:Port.");
    }

    /// <summary>Why nginx cannot listen there, in one line, or null.</summary>
    /// <param name="listen">The port and the addresses.</param>
    /// <param name="option">What the port is set with.</param>
    public static string? ProblemWith(NginxListen listen, string option = "Nginx:Port") =>
        listen.Addresses.Select(address => TryBind(address, listen.Port)).FirstOrDefault(error => error is not null) switch
        {
            null => null,
            SocketError.AddressAlreadyInUse =>
                $"Port {listen.Port} is already in use by {PortOwner.Of(listen.Port) ?? "another process"}; "
                + $"choose another with {option}, or 0 for any.",
            SocketError.AccessDenied => $"Port {listen.Port} may only be used by root; choose one from 1024 up with {option}.",
            SocketError.AddressNotAvailable =>
                $"The endpoint's TargetHost is no address of this machine ({string.Join(", ", listen.Addresses)}).",
            var error => $"nginx cannot listen on port {listen.Port}: {error}.",
        };

    private static SocketError? TryBind(string address, int port)
    {
        var endpoint = new IPEndPoint(ListenAddresses.ToAddress(address), port);
        using var socket = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (endpoint.AddressFamily == AddressFamily.InterNetworkV6)
            {
                socket.DualMode = false;
            }

            socket.Bind(endpoint);
            socket.Listen(1);
            return null;
        }
        catch (SocketException exception)
        {
            return exception.SocketErrorCode;
        }
    }

    private static int StartOfEphemeralRange() =>
        File.Exists(EphemeralRangeFile)
        && File.ReadAllText(EphemeralRangeFile).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries) is [var first, ..]
        && int.TryParse(first, CultureInfo.InvariantCulture, out var start)
        && start > Lowest + Attempts
            ? start
            : UsualStartOfEphemeralRange;
}

/// <summary>The addresses an endpoint's target host stands for, as nginx writes them.</summary>
internal static class ListenAddresses
{
    /// <exception cref="DistributedApplicationException">The host is no address of this machine.</exception>
    public static ImmutableArray<string> For(string targetHost) => targetHost switch
    {
        "localhost" => HasAddress(IPAddress.IPv6Loopback) ? ["127.0.0.1", "[::1]"] : ["127.0.0.1"],
        "*" or "+" or "0.0.0.0" or "::" or "[::]" => HasAddress(IPAddress.IPv6Any) ? ["*", "[::]"] : ["*"],
        _ when IPAddress.TryParse(targetHost.Trim('[', ']'), out var address) =>
            [address.AddressFamily == AddressFamily.InterNetworkV6 ? $"[{address}]" : address.ToString()],
        _ => throw new DistributedApplicationException(
            $"The endpoint's TargetHost is {targetHost}; nginx listens on localhost, on an IP address, or with * on all of them."),
    };

    public static IPAddress ToAddress(string listen) => listen == "*" ? IPAddress.Any : IPAddress.Parse(listen.Trim('[', ']'));

    private static bool HasAddress(IPAddress address)
    {
        if (!Socket.OSSupportsIPv6)
        {
            return false;
        }

        try
        {
            using var socket = new Socket(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp) { DualMode = false };
            socket.Bind(new IPEndPoint(address, 0));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}

/// <summary>Names the process that listens on a port, where <c>/proc</c> shows it.</summary>
internal static class PortOwner
{
    private const string Listening = "0A";

    private static readonly string[] SocketTables = ["/proc/net/tcp", "/proc/net/tcp6"];

    /// <summary>The process as "name (pid 123)", or null where it cannot be seen.</summary>
    public static string? Of(int port)
    {
        var inodes = SocketTables
            .Where(File.Exists)
            .SelectMany(file => File.ReadLines(file).Skip(1))
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(fields => fields.Length > 9 && fields[3] == Listening && PortOf(fields[1]) == port)
            .Select(fields => $"socket:[{fields[9]}]")
            .ToHashSet(StringComparer.Ordinal);

        return inodes.Count > 0 && Processes().FirstOrDefault(process => Holds(process, inodes)) is { } owner ? Describe(owner) : null;
    }

    private static int PortOf(string address) =>
        int.Parse(address.AsSpan(address.LastIndexOf(':') + 1), NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    private static IEnumerable<string> Processes() =>
        Directory.EnumerateDirectories("/proc").Where(folder => char.IsAsciiDigit(Path.GetFileName(folder)[0]));

    private static bool Holds(string process, HashSet<string> inodes)
    {
        try
        {
            return Directory.EnumerateFiles($"{process}/fd")
                .Any(file => new FileInfo(file).LinkTarget is { } target && inodes.Contains(target));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The process has ended, or is another user's.
            return false;
        }
    }

    private static string Describe(string process)
    {
        try
        {
            return $"{File.ReadAllText($"{process}/comm").Trim()} (pid {Path.GetFileName(process)})";
        }
        catch (IOException)
        {
            return $"pid {Path.GetFileName(process)}";
        }
    }
}
