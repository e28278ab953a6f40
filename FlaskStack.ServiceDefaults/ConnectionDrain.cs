using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace FlaskStack.ServiceDefaults;

/// <summary>
/// Lets clients leave before the server stops, so that none sends a request into a connection that is being closed: new connections
/// go to another replica or wait for the next process, each answer is marked as the last of its connection, and the server waits until no
/// connection is open.
/// </summary>
internal sealed partial class ConnectionDrain(
    DrainOptions options,
    OpenConnections connections,
    ListeningSockets listening,
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

    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        _isDraining = true;
        await listening.UnbindAsync().ConfigureAwait(false);
        // The file of a socket of systemd is for the next process.
        if (!listening.AreOfSystemd)
        {
            RemoveSockets();
        }

        using var limit = new CancellationTokenSource(options.Limit, time);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            await EmptyAsync(ending.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            Log.StillOpen(logger, connections.Count, options.Limit.TotalSeconds);
        }
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private void Mark(HttpResponse response)
    {
        if (_isDraining && response.StatusCode != StatusCodes.Status101SwitchingProtocols)
        {
            response.Headers.Connection = "close";
        }
    }

    /// <summary>Waits until no connection was open for a while.</summary>
    private async Task EmptyAsync(CancellationToken cancellationToken)
    {
        do
        {
            await connections.NoneAsync().WaitAsync(cancellationToken).ConfigureAwait(false);
            await Task.Delay(options.Settle, time, cancellationToken).ConfigureAwait(false);
        }
        while (connections.Count > 0);
    }

    /// <summary>Removes the sockets' files: a client that connects now is refused at once and can go to another replica.</summary>
    private void RemoveSockets()
    {
        var addresses = services.GetService<IServer>()?.Features.Get<IServerAddressesFeature>()?.Addresses ?? [];
        string[] paths = [.. addresses
            .Where(address => address.StartsWith(UnixPrefix, StringComparison.OrdinalIgnoreCase))
            .Select(address => address[UnixPrefix.Length..])];
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
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information,
            "{Count} connections were still open after {Seconds} s of draining; those without a request are closed.")]
        public static partial void StillOpen(ILogger logger, int count, double seconds);

        [LoggerMessage(2, LogLevel.Warning,
            "The socket {Path} cannot be removed, so that clients may still connect while the service stops: {Reason}")]
        public static partial void SocketStays(ILogger logger, string path, string reason);
    }
}

/// <summary>How long a stop waits for clients.</summary>
internal sealed record DrainOptions
{
    private const string Key = "Drain:Seconds";
    private const double MaxSeconds = 3600;

    /// <summary>
    /// How long a stop waits for clients to close their connections before idle ones are closed under them (<c>Drain:Seconds</c>,
    /// default 3, 0 to 3600; 0 does not wait). It is longer than the 2 s for which nginx keeps a connection it does not use. Requests
    /// under way have longer: the host's <c>ShutdownTimeout</c>.
    /// </summary>
    public TimeSpan Limit { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>How long no connection must have been open: time for the server to accept a connection made just before.</summary>
    public TimeSpan Settle { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <exception cref="InvalidDataException">The value cannot be used.</exception>
    public static DrainOptions Read(IConfiguration configuration)
    {
        if (configuration[Key] is not { Length: > 0 } text)
        {
            return new DrainOptions();
        }

        return double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds)
            && seconds is >= 0 and <= MaxSeconds
            ? new DrainOptions { Limit = TimeSpan.FromSeconds(seconds) }
            : throw new InvalidDataException($"{Key} is '{text}': give a number of seconds from 0 to {MaxSeconds}.");
    }
}

/// <summary>Counts the connections that clients have open.</summary>
internal sealed class OpenConnections
{
    private readonly Lock _lock = new();
    private int _count;
    private TaskCompletionSource? _none;

    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _count;
            }
        }
    }

    /// <summary>Counts a connection from when it is accepted until it is closed.</summary>
    public async Task CountAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        lock (_lock)
        {
            _count++;
        }

        try
        {
            await next(connection).ConfigureAwait(false);
        }
        finally
        {
            lock (_lock)
            {
                if (--_count == 0)
                {
                    _none?.TrySetResult();
                    _none = null;
                }
            }
        }
    }

    /// <summary>A task that completes as soon as no connection is open.</summary>
    public Task NoneAsync()
    {
        lock (_lock)
        {
            return _count == 0
                ? Task.CompletedTask
                : (_none ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }
    }
}

/// <summary>Registers the drain.</summary>
internal static class ConnectionDrainExtensions
{
    public static void AddConnectionDrain(this IHostApplicationBuilder builder)
    {
        var services = builder.Services;
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(DrainOptions.Read(builder.Configuration));
        services.AddSingleton<OpenConnections>();
        services.AddSingleton<ConnectionDrain>();
        services.AddFirstMiddleware(provider => provider.GetRequiredService<ConnectionDrain>().InvokeAsync);
        services.AddSingleton<IHostedService>(provider => provider.GetRequiredService<ConnectionDrain>());
    }
}

/// <summary>Puts a middleware before everything that the service itself adds.</summary>
internal sealed class FirstMiddleware(Func<HttpContext, RequestDelegate, Task> invoke) : IStartupFilter
{
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use(rest => context => invoke(context, rest));
        next(app);
    };
}

/// <summary>Registers a <see cref="FirstMiddleware"/>.</summary>
internal static class FirstMiddlewareExtensions
{
    public static void AddFirstMiddleware(
        this IServiceCollection services,
        Func<IServiceProvider, Func<HttpContext, RequestDelegate, Task>> create) =>
        services.AddSingleton<IStartupFilter>(provider => new FirstMiddleware(create(provider)));
}
