using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace FlaskStack.ServiceDefaults.Draining;

/// <summary>
/// Lets clients go before the server stops, so that none sends a request into a connection that is being closed: new
/// connections go elsewhere, each answer says that it is the connection's last, and the server stays until nothing is open.
/// </summary>
internal sealed partial class ConnectionDrain(
    DrainOptions options,
    OpenConnections connections,
    IServiceProvider services,
    TimeProvider time,
    ILogger<ConnectionDrain> logger) : IHostedLifecycleService
{
    private const string UnixPrefix = "http://unix:";

    private volatile bool _isDraining;

    /// <summary>Marks the answer to a request as the last of its connection, if the service stops before it is sent.</summary>
    public Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        if (!HttpProtocol.IsHttp2(context.Request.Protocol) && !HttpProtocol.IsHttp3(context.Request.Protocol))
        {
            context.Response.OnStarting(
                static state =>
                {
                    var (drain, response) = ((ConnectionDrain, HttpResponse))state;
                    drain.Mark(response);
                    return Task.CompletedTask;
                },
                (this, context.Response));
        }

        return next(context);
    }

    /// <inheritdoc/>
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        _isDraining = true;
        var sockets = RemoveSockets();
        using var limit = new CancellationTokenSource(options.Limit, time);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            await EmptyAsync(sockets > 0 ? options.Settle : TimeSpan.Zero, ending.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            Log.StillOpen(logger, connections.Count, options.Limit.TotalSeconds);
        }
    }

    /// <inheritdoc/>
    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private void Mark(HttpResponse response)
    {
        if (_isDraining && response.StatusCode != StatusCodes.Status101SwitchingProtocols)
        {
            response.Headers.Connection = "close";
        }
    }

    /// <summary>Waits until nothing was open for a while.</summary>
    private async Task EmptyAsync(TimeSpan settle, CancellationToken cancellationToken)
    {
        do
        {
            await connections.NoneAsync().WaitAsync(cancellationToken).ConfigureAwait(false);
            await Task.Delay(settle, time, cancellationToken).ConfigureAwait(false);
        }
        while (connections.Count > 0);
    }

    /// <summary>Whoever connects to a socket that has no name any more is refused at once, and can go to another replica.</summary>
    private int RemoveSockets()
    {
        var addresses = services.GetService<IServer>()?.Features.Get<IServerAddressesFeature>()?.Addresses ?? [];
        string[] paths = [.. addresses.Where(a => a.StartsWith(UnixPrefix, StringComparison.OrdinalIgnoreCase)).Select(a => a[UnixPrefix.Length..])];
        foreach (var path in paths)
        {
            try
            {
                File.Delete(path);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                Log.SocketStays(logger, path, exception.Message);
            }
        }

        return paths.Length;
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "{Count} connections were still open after {Seconds} s of draining; those without a request are closed.")]
        public static partial void StillOpen(ILogger logger, int count, double seconds);

        [LoggerMessage(2, LogLevel.Warning, "The socket {Path} cannot be removed, so that clients may still connect while the service stops: {Reason}")]
        public static partial void SocketStays(ILogger logger, string path, string reason);
    }
}
