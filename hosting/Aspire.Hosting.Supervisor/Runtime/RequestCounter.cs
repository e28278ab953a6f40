using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Supervisor.Runtime;

/// <summary>Asks a replica, at its own address, how many requests it has served.</summary>
/// <remarks>
/// The number comes from the process that serves them: no host offers it through its public API, and an access log or a proxy's
/// counters exist only where there is such a proxy, and survive the process that they are about.
/// </remarks>
/// <param name="timeout">How long a replica may take to answer.</param>
internal sealed class RequestCounter(TimeSpan timeout) : IDisposable
{
    private const string EndpointPrefix = "endpoint.";
    private const string SocketSuffix = ".unixSocket";
    private const int LongestAnswer = 4096;

    private static readonly HttpRequestOptionsKey<string> SocketPath = new("socket");

    private readonly HttpClient _client = new(new SocketsHttpHandler
    {
        UseProxy = false,
        AllowAutoRedirect = false,
        ConnectCallback = ConnectAsync,
        // A connection belongs to one replica, whose address is not in the host name where it is a socket.
        PooledConnectionLifetime = TimeSpan.Zero,
    })
    {
        Timeout = timeout,
        MaxResponseContentBufferSize = LongestAnswer,
    };

    /// <summary>The number; throws what went wrong.</summary>
    /// <exception cref="HttpRequestException">The replica does not answer, or not with success.</exception>
    /// <exception cref="FormatException">The answer is no number.</exception>
    /// <exception cref="TaskCanceledException">It did not answer in time.</exception>
    public async Task<long> CountAsync(ReplicaAddress address, string path, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(address.Url, path));
        if (address.Socket is { } socket)
        {
            request.Options.Set(SocketPath, socket);
        }

        using var response = await _client.SendAsync(request, cancellationToken).ConfigureAwait(false);
        response.EnsureSuccessStatusCode();
        var text = await response.Content.ReadAsStringAsync(cancellationToken).ConfigureAwait(false);
        return long.TryParse(text.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var count)
            ? count
            : throw new FormatException("the answer is not a whole number.");
    }

    /// <summary>Where a replica itself is reached: at its socket where it has one, else at its first address.</summary>
    public static ReplicaAddress? AddressOf(CustomResourceSnapshot snapshot)
    {
        var socket = snapshot.Properties
            .Where(property => property.Name.StartsWith(EndpointPrefix, StringComparison.Ordinal) && property.Name.EndsWith(SocketSuffix, StringComparison.Ordinal))
            .Select(property => property.Value as string)
            .FirstOrDefault(path => path is { Length: > 0 });
        if (socket is not null)
        {
            return new ReplicaAddress(new Uri("http://localhost"), socket);
        }

        var url = snapshot.Urls
            .Where(candidate => candidate is { IsInternal: false, Name: not null })
            .Select(candidate => Uri.TryCreate(candidate.Url, UriKind.Absolute, out var parsed) ? parsed : null)
            .FirstOrDefault(candidate => candidate?.Scheme == Uri.UriSchemeHttp);
        return url is null ? null : new ReplicaAddress(url, null);
    }

    public void Dispose() => _client.Dispose();

    private static async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var isSocket = context.InitialRequestMessage.Options.TryGetValue(SocketPath, out var path);
        EndPoint address = isSocket ? new UnixDomainSocketEndPoint(path!) : context.DnsEndPoint;
        var socket = isSocket ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) : new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(address, cancellationToken).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
