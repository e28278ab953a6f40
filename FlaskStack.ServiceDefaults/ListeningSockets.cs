using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace FlaskStack.ServiceDefaults;

/// <summary>
/// Listens on TCP ports and on the sockets that systemd holds (socket activation), and lets no new connection in once the service stops.
/// The sockets of systemd stay open while the service restarts: a client that connects then waits for the next process. A port is closed:
/// a client is refused at once and can go to another replica.
/// </summary>
internal sealed class ListeningSockets(IOptions<SocketTransportOptions> options, ILoggerFactory loggers)
    : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    private readonly SocketTransportFactory _transport = new(options, loggers);
    private readonly ConcurrentQueue<IConnectionListener> _listeners = [];

    /// <summary>Whether systemd passed sockets to this process.</summary>
    public static bool ArePassed =>
        Environment.GetEnvironmentVariable("LISTEN_PID") == Environment.ProcessId.ToString(CultureInfo.InvariantCulture);

    /// <summary>Whether the service listens on sockets of systemd.</summary>
    public bool AreOfSystemd { get; private set; }

    public bool CanBind(EndPoint endpoint) => _transport.CanBind(endpoint);

    public async ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        var listener = await _transport.BindAsync(endpoint, cancellationToken).ConfigureAwait(false);
        AreOfSystemd |= endpoint is FileHandleEndPoint;
        // A socket with a file is closed by removing the file, which loses no connection that is waiting.
        if (endpoint is FileHandleEndPoint or IPEndPoint)
        {
            _listeners.Enqueue(listener);
        }

        return listener;
    }

    /// <summary>Leaves new connections to another process.</summary>
    public async Task UnbindAsync()
    {
        foreach (var listener in _listeners)
        {
            await listener.UnbindAsync().ConfigureAwait(false);
        }
    }
}

/// <summary>Registers the sockets.</summary>
internal static class ListeningSocketExtensions
{
    /// <summary>Listens on the sockets that systemd passed, or without them on the configured addresses.</summary>
    public static void AddListeningSockets(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSingleton<ListeningSockets>();
        builder.Services.AddSingleton<IConnectionListenerFactory>(static provider => provider.GetRequiredService<ListeningSockets>());
        if (!ListeningSockets.ArePassed)
        {
            return;
        }

        builder.Configuration[WebHostDefaults.ServerUrlsKey] = null;
        // After everything else is configured, so that the defaults for endpoints hold for these.
        builder.Services.PostConfigure<KestrelServerOptions>(static kestrel => kestrel.UseSystemd());
    }
}
