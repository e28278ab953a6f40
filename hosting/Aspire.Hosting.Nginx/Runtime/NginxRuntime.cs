using System.Collections.Immutable;
using System.Diagnostics.Metrics;
using System.Runtime.Versioning;
using System.Threading.Channels;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Nginx.Configuration;
using Aspire.Hosting.Nginx.Provisioning;
using Aspire.Hosting.Nginx.Rendering;
using Aspire.Hosting.Nginx.Telemetry;
using Aspire.Hosting.Shared;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Nginx.Runtime;

/// <summary>What an nginx needs beyond being a process: a binary, a port, a tested configuration, reloads, and an orderly end.</summary>
[UnsupportedOSPlatform("windows")]
internal sealed class NginxRuntime : IDisposable, IAsyncDisposable
{
    /// <summary>The property of nginx's row that holds the path of the effective configuration.</summary>
    public const string ConfigurationProperty = "nginx.config";

    private const string LogCategory = "Aspire.Hosting.Nginx";

    /// <summary>Changes within this time after a reload share the next one.</summary>
    private static readonly TimeSpan ReloadWindow = TimeSpan.FromMilliseconds(50);

    /// <summary>How soon the name of a service outside is looked up again.</summary>
    private static readonly TimeSpan LookUpInterval = TimeSpan.FromSeconds(30);

    /// <summary>Where distributions and Homebrew keep the certificates of authorities.</summary>
    private static readonly string[] Authorities =
    [
        "/etc/ssl/certs/ca-certificates.crt",
        "/etc/pki/tls/certs/ca-bundle.crt",
        "/etc/ssl/cert.pem",
        "/opt/homebrew/etc/ca-certificates/cert.pem",
    ];

    private readonly NginxResource _nginx;
    private readonly NginxAnnotation _options;
    private readonly IServiceProvider _services;
    private readonly ILogger _logger;
    private readonly ILogger _hostLogger;
    private readonly TimeProvider _timeProvider;
    private readonly ResourceNotificationService _notifications;
    private readonly NginxLocation _location;
    private readonly RunFolder _folder;
    private readonly NginxMaster _master;
    private readonly UpstreamTracker _tracker;
    private readonly SemaphoreSlim _oneAtATime = new(1);
    private readonly CancellationTokenSource _ending = new();
    private readonly Channel<bool> _changes = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private ImmutableArray<NginxUpstream> _externals = [];
    private NginxConfiguration _configuration;
    private Version? _version;
    private TelemetryPipeline? _telemetry;
    private string? _applied;

    private NginxRuntime(NginxResource nginx, NginxAnnotation options, string appHostDirectory, IServiceProvider services, IEnumerable<IResource> model)
    {
        (_nginx, _options, _services) = (nginx, options, services);
        _logger = services.GetRequiredService<ResourceLoggerService>().GetLogger(nginx);
        _hostLogger = services.GetRequiredService<ILoggerFactory>().CreateLogger(LogCategory);
        _timeProvider = services.GetService<TimeProvider>() ?? TimeProvider.System;
        _notifications = services.GetRequiredService<ResourceNotificationService>();
        var settings = services.GetRequiredService<IConfiguration>();
        _configuration = options.Configuration with
        {
            Listen = SettlePort(settings),
            Workers = WorkerAccount.Complete(options.Configuration.Workers, Environment.IsPrivilegedProcess),
            CertificateAuthorities = Authorities.FirstOrDefault(File.Exists),
        };
        var workers = new WorkerAccess(WorkerAccount.Find(_configuration.Workers), _logger);
        _location = Locate(settings, appHostDirectory);
        _tracker = new(options.Sources, model, workers, RequestReload, _timeProvider, new(services, _timeProvider));
        _folder = RunFolder.Create(workers.AreOthers);
        _master = new(_folder.Paths, _timeProvider);
    }

    private NginxRunPaths Paths => _folder.Paths;

    private static bool WorkersAreOthers => Environment.IsPrivilegedProcess;

    /// <summary>Settles what must be known before any process starts (the port, the command, the run folder), and follows the resources behind nginx.</summary>
    public static NginxRuntime Prepare(NginxResource nginx, NginxAnnotation options, string appHostDirectory, BeforeStartEvent start)
    {
        var runtime = new NginxRuntime(nginx, options, appHostDirectory, start.Services, start.Model.Resources);
        var executable = nginx.Annotations.OfType<ExecutableAnnotation>().Last();

        // nginx's processes are known by their working folder.
        (executable.Command, executable.WorkingDirectory) = (runtime._location.Path, runtime.Paths.Folder);
        _ = runtime.FollowAsync(runtime._ending.Token);
        return runtime;
    }

    /// <summary>Runs once everything nginx waits for is there: fetches it if need be, and gives it a tested configuration.</summary>
    /// <exception cref="DistributedApplicationException">nginx cannot start; the message is one line with the mend.</exception>
    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        try
        {
            await PrepareStartAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (DistributedApplicationException exception)
        {
            Log.CannotStart(_hostLogger, _nginx.Name, exception.Message);
            throw;
        }
    }

    /// <summary>The command line with which nginx stays in its run folder.</summary>
    public async Task<IReadOnlyList<string>> ArgumentsAsync(CancellationToken cancellationToken)
    {
        if (_version is null && File.Exists(_location.Path))
        {
            _version = await NginxVersion.ReadAsync(_location, cancellationToken).ConfigureAwait(false);
        }

        return NginxControl.Arguments(_version, Paths, Paths.ConfigurationFile);
    }

    public IReadOnlyDictionary<string, string> EnvironmentVariables() => _location.Environment;

    /// <summary>Reads error pages and snippets anew and has nginx take them over.</summary>
    public async Task<ExecuteCommandResult> ReloadAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await ApplyAsync(force: true, cancellationToken).ConfigureAwait(false) is { } problem
                ? CommandResults.Failure(problem)
                : CommandResults.Success();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or DistributedApplicationException)
        {
            return CommandResults.Failure(exception.Message);
        }
    }

    /// <summary>Has nginx answer the requests in flight, and accept no more, within the time it is given for that.</summary>
    public async Task DrainAsync(CancellationToken cancellationToken)
    {
        var limit = _configuration.Timeouts.Drain;
        if (_master.IsReady)
        {
            Log.Draining(_hostLogger, _nginx.Name, limit.TotalSeconds);
        }

        if (!await _master.DrainAsync(limit, cancellationToken).ConfigureAwait(false))
        {
            Log.NotDrained(_logger, limit.TotalSeconds);
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
        _ending.Cancel();
        _tracker.Dispose();
        _folder.Dispose();
    }

    private NginxListen SettlePort(IConfiguration settings)
    {
        var endpoint = _nginx.PrimaryEndpoint.EndpointAnnotation;
        var addresses = ListenAddresses.For(endpoint.TargetHost);
        var isRandom = endpoint.Port is null or 0 || settings.GetValue("DcpPublisher:RandomizePorts", false);
        var port = isRandom ? Ports.PickUnused(addresses) : endpoint.Port!.Value;
        (endpoint.Port, endpoint.TargetPort) = (port, port);
        return new(port, addresses);
    }

    private NginxLocation Locate(IConfiguration settings, string appHostDirectory)
    {
        var locator = new NginxLocator(Cache(), Environment.GetEnvironmentVariable, NginxLocator.UsualPlaces);
        return settings["Nginx:Path"] is { Length: > 0 } path
            ? locator.Locate(Path.GetFullPath(path, appHostDirectory), "Nginx:Path")
            : locator.Locate(_options.BinaryPath, "WithNginxPath");
    }

    private async Task PrepareStartAsync(CancellationToken cancellationToken)
    {
        if (_location.Error is { } error)
        {
            throw new DistributedApplicationException(error);
        }

        if (_location.MustFetch && !File.Exists(_location.Path))
        {
            var cache = Cache();
            Log.WillFetch(_hostLogger, _nginx.Name, cache.Folder);
            await new NginxFetcher(cache, _timeProvider).FetchAsync(_logger, cancellationToken).ConfigureAwait(false);
        }

        _version ??= await NginxVersion.ReadAsync(_location, cancellationToken).ConfigureAwait(false);
        NginxMaster.KillOrphans(Paths.Folder);
        if (Ports.ProblemWith(_configuration.Listen!) is { } taken)
        {
            throw new DistributedApplicationException(taken);
        }

        FitToMachine();
        await _tracker.SettleAsync(IsAwaited, cancellationToken).ConfigureAwait(false);
        await LookUpExternalsAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            _folder.Ensure();
            await SettleTelemetryAsync().ConfigureAwait(false);
            await WriteConfigurationAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw RunFolder.CannotWrite(Paths.Folder, exception);
        }

        await ShowConfigurationAsync().ConfigureAwait(false);
        Log.Configured(_logger, _version, Paths.ConfigurationFile);
    }

    private bool IsAwaited(IResource resource)
    {
        var awaited = _nginx.Annotations.OfType<WaitAnnotation>().Select(static wait => wait.Resource);
        return ResourceParents.Of(resource).Append(resource).Intersect(awaited).Any();
    }

    private Task ShowConfigurationAsync() => _notifications.PublishUpdateAsync(_nginx, snapshot => snapshot with
    {
        Properties = [.. snapshot.Properties.Where(static property => property.Name != ConfigurationProperty), new(ConfigurationProperty, Paths.ConfigurationFile)],
    });

    private void FitToMachine()
    {
        var workers = _configuration.Workers;
        var sizing = WorkerSizing.Fit(_options.Configuration.Workers.Connections, workers.Processes ?? Environment.ProcessorCount, OpenFilesLimit.Hard());
        _configuration = _configuration with
        {
            Workers = workers with { Connections = sizing.Connections },
            OpenFilesLimit = sizing.OpenFiles,
            Version = _version,
        };
        if (sizing.Warning is { } warning)
        {
            Log.OpenFilesLimited(_logger, warning);
        }
    }

    /// <summary>Telemetry is collected where there is a receiver: it is known by now, and may come and go between two starts.</summary>
    private async Task SettleTelemetryAsync()
    {
        // One that was killed leaves its socket behind, and the next could not listen there.
        File.Delete(Paths.StatusSocket);
        var isWanted = _options.Configuration.Telemetry.Enabled && TelemetryReceiver.IsConfigured(_services.GetRequiredService<IConfiguration>());
        if (!isWanted)
        {
            await EndTelemetryAsync().ConfigureAwait(false);
        }

        if (isWanted)
        {
            _telemetry ??= TelemetryPipeline.Start(Sources());
        }

        _configuration = _configuration with { LogServer = _telemetry?.Server };
    }

    private TelemetrySources Sources() => new(
        _nginx,
        _options.Configuration.Telemetry,
        Paths,
        _tracker.NameOf,
        _notifications,
        _services.GetRequiredService<ResourceLoggerService>(),
        _services.GetRequiredService<IMeterFactory>(),
        _logger,
        _timeProvider);

    private async Task WriteConfigurationAsync(CancellationToken cancellationToken)
    {
        await _oneAtATime.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            // A file of the master before would pass for this one's.
            File.Delete(Paths.ProcessIdFile);
            _folder.WriteFiles(_configuration);
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
            var rendered = Render();
            if (!force && rendered.Text == _applied)
            {
                return null;
            }

            _folder.Ensure();
            _folder.WriteFiles(_configuration);

            // A file that nginx was not told of must not pass for one that it has.
            _applied = null;
            if (await Control().ReplaceAsync(rendered, cancellationToken).ConfigureAwait(false) is { } problem)
            {
                return problem;
            }

            if (!_master.Reload())
            {
                return "nginx does not run.";
            }

            _applied = rendered.Text;
            return null;
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    private RenderedConfiguration Render() => NginxConfigRenderer.RenderWithOrigins(_configuration, Paths, [.. _tracker.Current(), .. _externals]);

    private NginxControl Control() => new(_location, _version!, Paths);

    private void RequestReload() => _changes.Writer.TryWrite(true);

    private async Task FollowAsync(CancellationToken cancellationToken)
    {
        try
        {
            await Task.WhenAll(WatchAsync(cancellationToken), ApplyChangesAsync(cancellationToken), FollowExternalsAsync(cancellationToken)).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The application has ended, and nginx with it.
        }
        catch (Exception exception)
        {
            Log.NoLongerFollowing(_logger, _nginx.Name, exception);
        }
    }

    private async Task WatchAsync(CancellationToken cancellationToken)
    {
        await foreach (var change in _notifications.WatchAsync(cancellationToken).ConfigureAwait(false))
        {
            if (change.Resource == _nginx)
            {
                _master.Update(change.Snapshot, Serves, Ended, cancellationToken);
            }
            else
            {
                await _tracker.UpdateAsync(change).ConfigureAwait(false);
            }
        }
    }

    private void Serves()
    {
        Log.Serves(_hostLogger, _nginx.Name, _nginx.PrimaryEndpoint.Url);
        RequestReload();
    }

    private void Ended(bool hasServed)
    {
        if (!hasServed)
        {
            Log.CannotStart(_hostLogger, _nginx.Name, "it ended at once; its console says why.");
        }
    }

    private async Task ApplyChangesAsync(CancellationToken cancellationToken)
    {
        await foreach (var _ in _changes.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
        {
            if (!_master.IsReady)
            {
                continue;
            }

            if (await TryApplyAsync(cancellationToken).ConfigureAwait(false) is { } problem && _master.IsReady)
            {
                Log.ReloadFailed(_logger, problem);
            }

            await Task.Delay(ReloadWindow, _timeProvider, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<string?> TryApplyAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await ApplyAsync(force: false, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or DistributedApplicationException)
        {
            return exception.Message;
        }
    }

    private async Task FollowExternalsAsync(CancellationToken cancellationToken)
    {
        while (!_options.Externals.IsEmpty)
        {
            await Task.Delay(LookUpInterval, _timeProvider, cancellationToken).ConfigureAwait(false);
            await LookUpExternalsAsync(cancellationToken).ConfigureAwait(false);
            RequestReload();
        }
    }

    private async Task LookUpExternalsAsync(CancellationToken cancellationToken) =>
        _externals = [.. await Task.WhenAll(_options.Externals.Select(source => source.ResolveAsync(cancellationToken))).ConfigureAwait(false)];

    private static NginxCache Cache() => NginxCache.OfUser(Environment.GetEnvironmentVariable);
}
