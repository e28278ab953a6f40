using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Aspire.Hosting.Grpc;

/// <summary>
/// Serves gRPC methods over HTTP/2 without TLS. It is Kestrel without a web application around it: no configuration is
/// read, so that addresses and settings meant for others do not reach it, and the start costs little.
/// </summary>
internal sealed class GrpcServer : IAsyncDisposable
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan PingDelay = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan PingTimeout = TimeSpan.FromSeconds(20);

    private readonly CancellationTokenSource _stopping = new();
    private readonly TimeProvider _time;
    private readonly SocketTransportFactory _transport = new(Options.Create(new SocketTransportOptions()), NullLoggerFactory.Instance);
    private readonly GrpcApplication _application;
    private KestrelServer? _kestrel;
    private int _disposed;

    /// <summary>Initializes a server.</summary>
    /// <param name="methods">What can be called.</param>
    /// <param name="authorize">Says by its headers whether a call is allowed.</param>
    /// <param name="time">Measures deadlines.</param>
    /// <param name="logger">Where failures of methods are logged.</param>
    public GrpcServer(IEnumerable<GrpcMethod> methods, Func<IHeaderDictionary, bool> authorize, TimeProvider time, ILogger logger)
    {
        _time = time;
        _application = new GrpcApplication(methods, authorize, time, logger, _stopping.Token);
    }

    /// <summary>Starts to listen.</summary>
    /// <param name="endpoint">The address; port 0 takes a free one.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The address with the port that was taken.</returns>
    /// <exception cref="IOException">The address cannot be listened on.</exception>
    public async Task<IPEndPoint> StartAsync(IPEndPoint endpoint, CancellationToken cancellationToken)
    {
        var options = new KestrelServerOptions { AddServerHeader = false, AllowSynchronousIO = false };
        Limit(options.Limits);
        ListenOptions? listen = null;
        options.Listen(endpoint, configured =>
        {
            configured.Protocols = HttpProtocols.Http2;
            listen = configured;
        });

        _kestrel = new KestrelServer(Options.Create(options), _transport, NullLoggerFactory.Instance);
        await _kestrel.StartAsync(_application, cancellationToken).ConfigureAwait(false);
        return listen!.IPEndPoint!;
    }

    /// <summary>Ends the calls that are under way with status UNAVAILABLE, then the server; a call that does not give up is cut off.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        await _stopping.CancelAsync().ConfigureAwait(false);
        if (_kestrel is { } kestrel)
        {
            using var grace = new CancellationTokenSource(Grace, _time);
            await _application.CallsEnded.WaitAsync(grace.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await kestrel.StopAsync(grace.Token).ConfigureAwait(false);
            kestrel.Dispose();
        }

        _stopping.Dispose();
    }

    private static void Limit(KestrelServerLimits limits)
    {
        // Streams stand open for hours, and a stopped browser or debugger reads nothing: a slow peer costs nothing here,
        // since its producer waits. One that is gone does not answer pings.
        limits.MinRequestBodyDataRate = null;
        limits.MinResponseDataRate = null;
        limits.MaxRequestBodySize = null;
        limits.Http2.KeepAlivePingDelay = PingDelay;
        limits.Http2.KeepAlivePingTimeout = PingTimeout;
    }
}
