using Aspire.Hosting.Cli.Rpc;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Cli;

/// <summary>
/// Opens a channel to the Aspire CLI beside the start of the application. It is among the first services of the host, so among the last
/// to stop: who follows sees the resources' last states and lines. Without the channel everything else runs.
/// </summary>
/// <param name="open">Makes the server, ready to be started; may fail as access to files does.</param>
/// <param name="logger">Where it is said what is missing.</param>
internal sealed partial class CliHost(Func<RpcServer> open, ILogger logger) : IHostedService, IAsyncDisposable
{
    private Task<RpcServer?> _opening = Task.FromResult<RpcServer?>(null);

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _opening = Task.Run(Open, CancellationToken.None);
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken) => await DisposeAsync().ConfigureAwait(false);

    public async ValueTask DisposeAsync()
    {
        // Nobody stops an application whose start failed.
        if (await _opening.ConfigureAwait(false) is { } server)
        {
            await server.DisposeAsync().ConfigureAwait(false);
        }
    }

    private RpcServer? Open()
    {
        try
        {
            var server = open();
            server.Start();
            return server;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Log.NotOpened(logger, exception.Message.TrimEnd('.'));
            return null;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(132, LogLevel.Warning, "The Aspire CLI cannot reach this AppHost: {Reason}.")]
        public static partial void NotOpened(ILogger logger, string reason);
    }
}
