using System.Net.Sockets;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Nginx.Telemetry.Metrics;

/// <summary>Asks a running nginx for its connections, over its Unix socket.</summary>
internal sealed class StubStatusReader : IDisposable
{
    private readonly HttpClient _http;
    private readonly string _socket;
    private readonly ILogger _logger;

    public StubStatusReader(string socket, ILogger logger)
    {
        (_socket, _logger) = (socket, logger);
        _http = new(new SocketsHttpHandler { ConnectCallback = (_, cancellationToken) => ConnectAsync(socket, cancellationToken) })
        {
            BaseAddress = new("http://nginx"),
            Timeout = TimeSpan.FromSeconds(2),
        };
    }

    /// <returns>Null while nginx does not run, or does not answer.</returns>
    public async Task<StubStatus?> ReadAsync(CancellationToken cancellationToken)
    {
        // nginx makes the socket when it starts, and removes it when it ends.
        if (!File.Exists(_socket))
        {
            return null;
        }

        try
        {
            return StubStatus.Parse(await _http.GetStringAsync(new Uri("/", UriKind.Relative), cancellationToken).ConfigureAwait(false));
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            Log.StatusNotRead(_logger, exception.Message);
            return null;
        }
    }

    public void Dispose() => _http.Dispose();

    private static async ValueTask<Stream> ConnectAsync(string path, CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellationToken).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
