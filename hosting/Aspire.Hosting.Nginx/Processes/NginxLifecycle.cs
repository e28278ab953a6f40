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

namespace Aspire.Hosting.Nginx.Processes;

/// <summary>What happens to one nginx and when, from before the application starts until it has ended.</summary>
[UnsupportedOSPlatform("windows")]
internal sealed class NginxLifecycle : IAsyncDisposable
{
    /// <summary>The property of nginx's snapshots that holds the path of the effective configuration.</summary>
    private const string ConfigurationProperty = "nginx.config";

    /// <summary>Changes within this time after a reload share the next one.</summary>
    private static readonly TimeSpan ReloadWindow = TimeSpan.FromMilliseconds(50);

    /// <summary>How often files in the run folder that have been removed are looked for.</summary>
    private static readonly TimeSpan RestoreInterval = TimeSpan.FromSeconds(1);

    private readonly NginxResource _nginx;
    private readonly IServiceProvider _services;
    private readonly ILogger _logger;
    private readonly ILogger _hostLogger;
    private readonly TimeProvider _timeProvider;
    private readonly ResourceNotificationService _notifications;
    private readonly NginxConfiguration _configuration;
    private readonly NginxLocation _location;
    private readonly RunFolder _folder;
    private readonly NginxMaster _master;
    private readonly UpstreamTracker _tracker;
    private readonly SemaphoreSlim _oneAtATime = new(1);
    private readonly CancellationTokenSource _ending = new();
    private readonly Channel<bool> _changes =
        Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>What nginx was last started as; null until its first start.</summary>
    private NginxProcess? _process;

    /// <summary>Null where nothing receives telemetry.</summary>
    private TelemetryPipeline? _telemetry;

    /// <summary>Before any process starts: settles port, command and run folder, and begins to follow the resources behind nginx.</summary>
    public NginxLifecycle(NginxResource nginx, NginxAnnotation options, string appHostDirectory, BeforeStartEvent start)
    {
        (_nginx, _services) = (nginx, start.Services);
        _logger = _services.GetRequiredService<ResourceLoggerService>().GetLogger(nginx);
        _hostLogger = _services.GetRequiredService<ILoggerFactory>().CreateLogger("Aspire.Hosting.Nginx");
        _timeProvider = _services.GetService<TimeProvider>() ?? TimeProvider.System;
        _notifications = _services.GetRequiredService<ResourceNotificationService>();
        var settings = _services.GetRequiredService<IConfiguration>();
        _configuration = options.Configuration with
        {
            Listen = Ports.Settle(nginx.PrimaryEndpoint.EndpointAnnotation, settings.GetValue("DcpPublisher:RandomizePorts", false)),
            Workers = WorkerAccount.Complete(options.Configuration.Workers, Environment.IsPrivilegedProcess),
            CertificateAuthorities = CertificateFile.Find(),
        };
        _location = NginxLocator.OfMachine().Locate(settings, options.BinaryPath, appHostDirectory);
        var workers = new WorkerAccess(WorkerAccount.Find(_configuration.Workers), _logger);
        var health = new HealthProbe(_services, _timeProvider);
        _tracker = new(options.Sources, start.Model.Resources, workers, RequestReload, _timeProvider, health, options.Externals);
        _folder = RunFolder.Create(workers.User);
        _master = new(_folder.Paths, _timeProvider);

        // nginx's processes are recognized by their working folder.
        var executable = nginx.Annotations.OfType<ExecutableAnnotation>().Last();
        (executable.Command, executable.WorkingDirectory) = (_location.Path, Paths.Folder);
        _ = FollowAsync(_ending.Token);
    }

    private NginxRunPaths Paths => _folder.Paths;

    /// <summary>Before nginx starts, when everything it waits for is there: gives it a binary and a tested configuration.</summary>
    /// <exception cref="DistributedApplicationException">nginx cannot start; the message is one line with the remedy.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            await PrepareAsync(cancellationToken).ConfigureAwait(false);
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
        var version = File.Exists(_location.Path) ? await NginxVersion.ReadAsync(_location, cancellationToken).ConfigureAwait(false) : null;
        return NginxProcess.Arguments(version, Paths, Paths.ConfigurationFile);
    }

    public IReadOnlyDictionary<string, string> EnvironmentVariables() => _location.Environment;

    /// <summary>At the command <c>reload</c>: has nginx load error pages and snippets as they are now.</summary>
    public async Task<ExecuteCommandResult> ReloadAsync(CancellationToken cancellationToken) =>
        await TryApplyAsync(force: true, cancellationToken).ConfigureAwait(false) is { } problem
            ? CommandResults.Failure(problem)
            : CommandResults.Success();

    /// <summary>Before nginx ends: has it answer the requests in flight and accept no more, within the time it is given for that.</summary>
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

    /// <summary>After nginx has ended: sends the rest of the telemetry, and removes the run folder.</summary>
    public async ValueTask DisposeAsync()
    {
        await EndTelemetryAsync().ConfigureAwait(false);
        await _ending.CancelAsync().ConfigureAwait(false);
        _tracker.Dispose();
        _folder.Dispose();
    }

    private async Task PrepareAsync(CancellationToken cancellationToken)
    {
        await NginxFetcher
            .EnsureAsync(_location, _nginx.Name, _logger, _hostLogger, _timeProvider, cancellationToken)
            .ConfigureAwait(false);
        await _tracker.SettleAsync(IsAwaited, cancellationToken).ConfigureAwait(false);
        await _tracker.LookUpExternalsAsync(cancellationToken).ConfigureAwait(false);
        await _oneAtATime.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var configuration = _configuration with { LogServer = await SettleTelemetryAsync().ConfigureAwait(false) };
            var process = await NginxProcess
                .PrepareAsync(_location, _folder, _master, configuration, _logger, cancellationToken)
                .ConfigureAwait(false);
            if (await process.WriteAsync(Render(process), cancellationToken).ConfigureAwait(false) is { } problem)
            {
                throw new DistributedApplicationException(problem);
            }

            Log.Configured(_logger, process.Configuration.Version!, Paths.ConfigurationFile);
            _process = process;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw _folder.CannotWrite(exception);
        }
        finally
        {
            _oneAtATime.Release();
        }

        await ShowConfigurationAsync().ConfigureAwait(false);
    }

    private bool IsAwaited(IResource resource)
    {
        var awaited = _nginx.Annotations.OfType<WaitAnnotation>().Select(static wait => wait.Resource);
        return ResourceParents.Of(resource).Append(resource).Intersect(awaited).Any();
    }

    private Task ShowConfigurationAsync() => _notifications.PublishUpdateAsync(_nginx, snapshot => snapshot with
    {
        Properties =
        [
            .. snapshot.Properties.Where(static property => property.Name != ConfigurationProperty),
            new(ConfigurationProperty, Paths.ConfigurationFile),
        ],
    });

    /// <summary>Telemetry is collected where there is a receiver: it is known by now, and may come and go between two starts.</summary>
    private async Task<NginxLogServer?> SettleTelemetryAsync()
    {
        _folder.Ensure();
        // One that was killed leaves its socket behind, and the next could not listen there.
        File.Delete(Paths.StatusSocket);
        var isWanted = _configuration.Telemetry.Enabled && TelemetryReceiver.IsConfigured(_services.GetRequiredService<IConfiguration>());
        if (!isWanted)
        {
            await EndTelemetryAsync().ConfigureAwait(false);
        }
        else if (_telemetry is null)
        {
            var logs = _services.GetRequiredService<ResourceLoggerService>();
            var meters = _services.GetRequiredService<IMeterFactory>();
            _telemetry = TelemetryPipeline.Start(
                new(_nginx, _configuration.Telemetry, Paths, _tracker.NameOf, _notifications, logs, meters, _logger, _timeProvider));
        }

        return _telemetry?.Server;
    }

    private async ValueTask EndTelemetryAsync()
    {
        if (Interlocked.Exchange(ref _telemetry, null) is { } telemetry)
        {
            await telemetry.DisposeAsync().ConfigureAwait(false);
        }
    }

    private RenderedConfiguration Render(NginxProcess process) =>
        NginxConfigRenderer.RenderWithOrigins(process.Configuration, Paths, _tracker.Current());

    private async Task FollowAsync(CancellationToken cancellationToken)
    {
        try
        {
            var externals = _tracker.FollowExternalsAsync(cancellationToken);
            var changes = ApplyChangesAsync(cancellationToken);
            var files = RestoreFilesAsync(cancellationToken);
            await Task.WhenAll(WatchAsync(cancellationToken), changes, externals, files).ConfigureAwait(false);
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
                _master.Update(change.Snapshot, OnServing, OnEnded, cancellationToken);
            }
            else
            {
                await _tracker.UpdateAsync(change).ConfigureAwait(false);
            }
        }
    }

    private void OnServing()
    {
        Log.Serves(_hostLogger, _nginx.Name, _nginx.PrimaryEndpoint.Url);
        RequestReload();
    }

    private void OnEnded(bool hasServed)
    {
        if (!hasServed)
        {
            Log.CannotStart(_hostLogger, _nginx.Name, "it ended at once; its console says why.");
        }
    }

    private void RequestReload() => _changes.Writer.TryWrite(true);

    private async Task ApplyChangesAsync(CancellationToken cancellationToken)
    {
        await foreach (var _ in _changes.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
        {
            if (!_master.IsReady)
            {
                continue;
            }

            if (await TryApplyAsync(force: false, cancellationToken).ConfigureAwait(false) is { } problem && _master.IsReady)
            {
                Log.ReloadFailed(_logger, problem);
            }

            await Task.Delay(ReloadWindow, _timeProvider, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task RestoreFilesAsync(CancellationToken cancellationToken)
    {
        string? known = null;
        using var timer = new PeriodicTimer(RestoreInterval, _timeProvider);
        while (await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false))
        {
            var problem = _master.IsReady ? await TryAsync(RestoreAsync, cancellationToken).ConfigureAwait(false) : null;
            if (problem is not null && problem != known)
            {
                Log.FilesNotRestored(_logger, Paths.Folder, problem);
            }

            known = problem;
        }
    }

    private Task<string?> RestoreAsync(NginxProcess process)
    {
        if (process.Restore())
        {
            Log.FilesRestored(_logger, Paths.Folder);
        }

        return Task.FromResult<string?>(null);
    }

    /// <returns>Why nginx keeps the configuration that it has, in one line, or null.</returns>
    private Task<string?> TryApplyAsync(bool force, CancellationToken cancellationToken) =>
        TryAsync(process => process.ApplyAsync(Render(process), force, cancellationToken), cancellationToken);

    /// <returns>What has failed, in one line, or null.</returns>
    private async Task<string?> TryAsync(Func<NginxProcess, Task<string?>> action, CancellationToken cancellationToken)
    {
        await _oneAtATime.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return _process is { } process ? await action(process).ConfigureAwait(false) : "nginx does not run.";
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or DistributedApplicationException)
        {
            return exception.Message;
        }
        finally
        {
            _oneAtATime.Release();
        }
    }
}
