using System.Collections.Immutable;
using System.Runtime.Versioning;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Nginx.Configuration;
using Aspire.Hosting.Nginx.Provisioning;
using Aspire.Hosting.Nginx.Rendering;
using Aspire.Hosting.Nginx.Telemetry;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Nginx.Runtime;

/// <summary>What an nginx needs beyond being a process: a binary, a port, a tested configuration, and reloads.</summary>
[UnsupportedOSPlatform("windows")]
internal sealed class NginxRuntime(NginxResource nginx, NginxAnnotation options, string appHostDirectory) : IDisposable, IAsyncDisposable
{
    private const string LogCategory = "Aspire.Hosting.Nginx";

    /// <summary>Notifications arrive within milliseconds; beyond this nginx starts with what is known, and a reload mends it.</summary>
    private static readonly TimeSpan CatchUpLimit = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim _oneAtATime = new(1);
    private NginxConfiguration _configuration = options.Configuration;
    private NginxLocation? _location;
    private Version? _version;
    private RunFolder? _folder;
    private UpstreamMembership? _membership;
    private NginxReloader? _reloader;
    private TelemetryPipeline? _telemetry;
    private string? _applied;

    private NginxLocation Location => _location ?? throw NotStarted();

    private RunFolder Folder => _folder ?? throw NotStarted();

    private static bool IsRoot => Environment.IsPrivilegedProcess;

    /// <summary>Settles what must be known before any process starts: the port, the command, the run folder.</summary>
    public Task PrepareAsync(BeforeStartEvent start, CancellationToken cancellationToken)
    {
        var services = start.Services;
        var settings = services.GetRequiredService<IConfiguration>();
        var lifetime = services.GetRequiredService<IHostApplicationLifetime>();
        _configuration = options.Configuration with
        {
            Listen = SettlePort(settings),
            Workers = WorkerAccount.Complete(options.Configuration.Workers, IsRoot),
        };

        _location = Locate(settings);
        nginx.Annotations.OfType<ExecutableAnnotation>().Last().Command = _location.Path;
        _folder = RunFolder.Create(workersAreOthers: IsRoot);
        lifetime.ApplicationStopped.Register(Dispose);

        // What the container has handed out it disposes, also where an application is given up without being stopped.
        services.GetRequiredKeyedService<NginxRuntime>(nginx.Name);

        _membership = new UpstreamMembership(options.Sources, ListeningSocket.IsAt);
        _reloader = new NginxReloader(
            nginx,
            _membership,
            services.GetRequiredService<ResourceNotificationService>(),
            token => ApplyAsync(force: false, token),
            openSockets: IsRoot,
            Logger(services),
            Clock(services));
        _ = FollowAsync(_reloader, Logger(services), lifetime.ApplicationStopping);
        return Task.CompletedTask;
    }

    /// <summary>Runs once everything nginx waits for is there: fetches it if need be, and gives it a tested configuration.</summary>
    /// <exception cref="DistributedApplicationException">nginx cannot start; the message is one line with the mend.</exception>
    public async Task StartingAsync(BeforeResourceStartedEvent start, CancellationToken cancellationToken)
    {
        var logger = Logger(start.Services);
        if (Location.Error is { } error)
        {
            throw new DistributedApplicationException(error);
        }

        if (Location.MustFetch)
        {
            var cache = Cache();
            var console = start.Services.GetRequiredService<ILoggerFactory>().CreateLogger(LogCategory);
            Log.WillFetch(console, nginx.Name, cache.Folder);
            await new NginxFetcher(cache, Clock(start.Services)).FetchAsync(logger, cancellationToken).ConfigureAwait(false);
        }

        _version ??= await NginxVersion.ReadAsync(Location, cancellationToken).ConfigureAwait(false);
        if (Ports.ProblemWith(_configuration.Listen!) is { } taken)
        {
            throw new DistributedApplicationException(taken);
        }

        FitToMachine(logger);
        await SettleTelemetryAsync(start.Services, logger).ConfigureAwait(false);
        await _reloader!.CatchUpAsync(Folder.Paths.ConfigurationFile, CatchUpLimit, cancellationToken).ConfigureAwait(false);
        try
        {
            await WriteConfigurationAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw RunFolder.CannotWrite(Folder.Paths.Folder, exception);
        }

        Log.Configured(logger, _version, Folder.Paths.ConfigurationFile);
    }

    /// <summary>The command line with which nginx stays in its run folder.</summary>
    public async Task<IReadOnlyList<string>> ArgumentsAsync(CancellationToken cancellationToken)
    {
        if (_version is null && File.Exists(Location.Path))
        {
            _version = await NginxVersion.ReadAsync(Location, cancellationToken).ConfigureAwait(false);
        }

        return NginxControl.Arguments(_version, Folder.Paths, Folder.Paths.ConfigurationFile);
    }

    public IReadOnlyDictionary<string, string> EnvironmentVariables() => Location.Environment;

    /// <summary>Reads error pages and snippets anew and has nginx take them over.</summary>
    public async Task<ExecuteCommandResult> ReloadAsync(ExecuteCommandContext context)
    {
        try
        {
            return await ApplyAsync(force: true, context.CancellationToken).ConfigureAwait(false) is { } problem
                ? CommandResults.Failure(problem)
                : CommandResults.Success();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or DistributedApplicationException)
        {
            return CommandResults.Failure(exception.Message);
        }
    }

    /// <summary>Sends the rest of the telemetry, once nginx has ended.</summary>
    public async ValueTask EndTelemetryAsync()
    {
        if (Interlocked.Exchange(ref _telemetry, null) is { } telemetry)
        {
            await telemetry.DisposeAsync().ConfigureAwait(false);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await EndTelemetryAsync().ConfigureAwait(false);
        Dispose();
    }

    public void Dispose()
    {
        _folder?.Dispose();
        _oneAtATime.Dispose();
    }

    private NginxListen SettlePort(IConfiguration settings)
    {
        var endpoint = nginx.PrimaryEndpoint.EndpointAnnotation;
        var addresses = ListenAddresses.For(endpoint.TargetHost);
        var isRandom = endpoint.Port is null or 0 || settings.GetValue("DcpPublisher:RandomizePorts", false);
        var port = isRandom ? Ports.PickUnused(addresses) : endpoint.Port!.Value;
        (endpoint.Port, endpoint.TargetPort) = (port, port);
        return new(port, addresses);
    }

    private NginxLocation Locate(IConfiguration settings)
    {
        var locator = new NginxLocator(Cache(), Environment.GetEnvironmentVariable, NginxLocator.UsualPlaces);
        return settings["Nginx:Path"] is { Length: > 0 } path
            ? locator.Locate(Path.GetFullPath(path, appHostDirectory), "Nginx:Path")
            : locator.Locate(options.BinaryPath, "WithNginxPath");
    }

    private void FitToMachine(ILogger logger)
    {
        var workers = _configuration.Workers;
        var sizing = WorkerSizing.Fit(options.Configuration.Workers.Connections, workers.Processes ?? Environment.ProcessorCount, OpenFilesLimit.Hard());
        _configuration = _configuration with
        {
            Workers = workers with { Connections = sizing.Connections },
            OpenFilesLimit = sizing.OpenFiles,
            Version = _version,
        };
        if (sizing.Warning is { } warning)
        {
            Log.OpenFilesLimited(logger, warning);
        }
    }

    /// <summary>Telemetry is taken where there is a receiver: it is known by now, and may come and go between two starts.</summary>
    private async Task SettleTelemetryAsync(IServiceProvider services, ILogger logger)
    {
        // One that was killed leaves its socket behind, and the next could not listen there.
        File.Delete(Folder.Paths.StatusSocket);
        var isWanted = options.Configuration.Telemetry.Enabled && TelemetryReceiver.IsConfigured(services.GetRequiredService<IConfiguration>());
        if (!isWanted || _telemetry is { IsReachable: false })
        {
            await EndTelemetryAsync().ConfigureAwait(false);
        }

        if (isWanted)
        {
            _telemetry ??= TelemetryPipeline.Start(Sources(services, logger), workersAreOthers: IsRoot);
        }

        _configuration = _configuration with { LogServer = _telemetry?.Server };
    }

    private TelemetrySources Sources(IServiceProvider services, ILogger logger) => new(
        nginx,
        options.Configuration.Telemetry,
        Folder.Paths,
        _membership!.NameOf,
        services.GetRequiredService<ResourceNotificationService>(),
        services.GetRequiredService<ResourceLoggerService>(),
        logger,
        Clock(services));

    private async Task WriteConfigurationAsync(CancellationToken cancellationToken)
    {
        await _oneAtATime.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            Folder.WriteFiles(_configuration);
            var rendered = Render();
            if (await Control().ReplaceAsync(rendered, cancellationToken).ConfigureAwait(false) is { } problem)
            {
                throw new DistributedApplicationException(problem);
            }

            _applied = rendered.Text;
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    /// <returns>Why nginx goes on with what it had, in one line, or null.</returns>
    private async Task<string?> ApplyAsync(bool force, CancellationToken cancellationToken)
    {
        await _oneAtATime.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (force)
            {
                Folder.WriteFiles(_configuration);
            }

            var rendered = Render();
            if (!force && rendered.Text == _applied)
            {
                return null;
            }

            // A file that nginx was not told of must not pass for one that it has.
            _applied = null;
            var problem = await Control().ReplaceAsync(rendered, cancellationToken).ConfigureAwait(false)
                ?? await Control().ReloadAsync(cancellationToken).ConfigureAwait(false);
            _applied = problem is null ? rendered.Text : null;
            return problem;
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    private RenderedConfiguration Render() =>
        NginxConfigRenderer.RenderWithOrigins(_configuration, Folder.Paths, _membership?.Current() ?? ImmutableArray<NginxUpstream>.Empty);

    private NginxControl Control() => new(Location, _version ?? throw NotStarted(), Folder.Paths);

    private async Task FollowAsync(NginxReloader reloader, ILogger logger, CancellationToken stopping)
    {
        try
        {
            await reloader.RunAsync(stopping).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The application stops, and nginx with it.
        }
        catch (Exception exception)
        {
            Log.NoLongerFollowing(logger, nginx.Name, exception);
        }
    }

    private InvalidOperationException NotStarted() => new($"The resource '{nginx.Name}' has not been started yet.");

    private ILogger Logger(IServiceProvider services) => services.GetRequiredService<ResourceLoggerService>().GetLogger(nginx);

    private static NginxCache Cache() => NginxCache.OfUser(Environment.GetEnvironmentVariable);

    private static TimeProvider Clock(IServiceProvider services) => services.GetService<TimeProvider>() ?? TimeProvider.System;
}
