using System.Globalization;
using System.Net.Sockets;
using System.Text.RegularExpressions;
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

/// <summary>What <c>stub_status</c> says.</summary>
internal sealed partial record StubStatus(long Active, long Accepted, long Handled, long Requests, long Reading, long Writing, long Waiting)
{
    public static StubStatus? Parse(string text) =>
        Pattern().Match(text) is { Success: true } match
            ? new(Number(match, 1), Number(match, 2), Number(match, 3), Number(match, 4), Number(match, 5), Number(match, 6), Number(match, 7))
            : null;

    private static long Number(Match match, int group) => long.Parse(match.Groups[group].Value, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"Active connections:\s+(\d+)\s+server accepts handled requests\s+(\d+)\s+(\d+)\s+(\d+)\s+Reading:\s+(\d+)\s+Writing:\s+(\d+)\s+Waiting:\s+(\d+)")]
    private static partial Regex Pattern();
}
