using System.Collections.Immutable;
using System.Diagnostics.Metrics;
using System.Globalization;
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

    /// <summary>The property of a canary, followed by the path of its route, that holds its share.</summary>
    private const string CanaryProperty = "nginx.canary";

    /// <summary>Changes within this time after a reload share the next one.</summary>
    private static readonly TimeSpan ReloadWindow = TimeSpan.FromMilliseconds(50);

    /// <summary>How often files in the run folder that have been removed are looked for.</summary>
    private static readonly TimeSpan RestoreInterval = TimeSpan.FromSeconds(1);

    private readonly IResource _nginx;
    private readonly EndpointReference _endpoint;
    private readonly IServiceProvider _services;
    private readonly ILogger _logger;
    private readonly ILogger _hostLogger;
    private readonly TimeProvider _timeProvider;
    private readonly ResourceNotificationService _notifications;
    private readonly NginxConfiguration _configuration;
    private readonly NginxLocation _location;
    private readonly RunFolder _folder;
    private readonly WorkerUser? _workers;
    private readonly INginxMaster _master;

    /// <summary>Null where nginx is a process of this machine.</summary>
    private readonly NginxContainer? _container;
    private readonly UpstreamTracker _tracker;

    /// <summary>Null where nginx has no endpoint for TLS.</summary>
    private readonly ServerCertificate? _certificate;
    private readonly NginxListen? _httpsListen;
    private readonly EndpointReference? _httpsEndpoint;
    private readonly SemaphoreSlim _oneAtATime = new(1);
    private readonly CancellationTokenSource _ending = new();
    private readonly Channel<bool> _changes =
        Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>The shares of canaries that a command has set, by the path of their routes.</summary>
    private ImmutableDictionary<string, double> _shares = ImmutableDictionary.Create<string, double>(StringComparer.Ordinal);

    /// <summary>What nginx was last started as; null until its first start.</summary>
    private NginxProcess? _process;

    private volatile bool _isInMaintenance;

    /// <summary>Who may come in; null for everybody.</summary>
    private UserFile? _users;

    /// <summary>Why there is no certificate, as it was logged.</summary>
    private string? _certificateProblem;

    /// <summary>Null where nothing receives telemetry.</summary>
    private TelemetryPipeline? _telemetry;

    /// <summary>Before any process starts: settles port, command and run folder, and begins to follow the resources behind nginx.</summary>
    public NginxLifecycle(
        NginxResource nginx, NginxAnnotation options, string appHostDirectory, BeforeStartEvent start, NginxContainer? container = null)
    {
        (_container, _endpoint, _services) = (container, nginx.PrimaryEndpoint, start.Services);
        _nginx = container?.Resource ?? (IResource)nginx;
        _logger = _services.GetRequiredService<ResourceLoggerService>().GetLogger(_nginx);
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
        if (container is not null)
        {
            _configuration = NginxContainer.Adapt(_configuration);
            var also = _configuration.Routes.Any(static route => route.Shadow is not null) ? ", and no comparison of WithShadow" : "";
            Log.InContainer(_hostLogger, container.Image, also);
        }

        if (nginx.Annotations.OfType<EndpointAnnotation>().FirstOrDefault(NginxResource.IsHttpsEndpoint) is { } https)
        {
            var isRandom = settings.GetValue("DcpPublisher:RandomizePorts", false);
            var listen = Ports.SettleHttps(https, nginx.PrimaryEndpoint.EndpointAnnotation, isRandom);
            var tls = _configuration.TlsOptions is { } given
                ? given with { CertificateFile = FullPath(given.CertificateFile), KeyFile = FullPath(given.KeyFile) }
                : null;
            _httpsListen = container is null ? listen : NginxContainer.Adapt(listen);
            _httpsEndpoint = new(nginx, https);
            _certificate = new(nginx, tls, _httpsListen, _services);
        }

        string? FullPath(string? path) => path is null ? null : Path.GetFullPath(path, appHostDirectory);

        var workers = new WorkerAccess(container is null ? WorkerAccount.Find(_configuration.Workers) : null, _logger);
        var health = new HealthProbe(_services, _timeProvider);
        _tracker = new(options.Sources, start.Model.Resources, workers, RequestReload, _timeProvider, health, options.Externals)
        {
            AddressOf = container is null ? null : container.AddressOf,
        };
        _workers = workers.User;
        _folder = RunFolder.Create(workers.User);
        if (container is null)
        {
            _master = new NginxMaster(_folder.Paths, _timeProvider);
            _location = NginxLocator.OfMachine().Locate(settings, options.BinaryPath, appHostDirectory);

            // nginx's processes are recognized by their working folder.
            var executable = nginx.Annotations.OfType<ExecutableAnnotation>().Last();
            (executable.Command, executable.WorkingDirectory) = (_location.Path, Paths.Folder);
        }
        else
        {
            _master = new ContainerMaster(container.Engine, _timeProvider);
            _location = container.LocationIn(Paths);
            container.AddTo(Paths, PrepareOrExplainAsync);
        }

        _ = FollowAsync(_ending.Token);
    }

    private NginxRunPaths Paths => _folder.Paths;

    /// <summary>The paths as nginx sees them.</summary>
    private NginxRunPaths RenderedPaths => _container is null ? Paths : NginxContainer.PathsIn(Paths);

    /// <summary>Before nginx starts, when everything it waits for is there: gives it a binary and a tested configuration.</summary>
    /// <exception cref="DistributedApplicationException">nginx cannot start; the message is one line with the remedy.</exception>
    public Task StartAsync(CancellationToken cancellationToken) =>
        _container is null ? PrepareOrExplainAsync(cancellationToken)
        : _container.Engine.Problem is { } problem ? throw CannotStart(new(problem))

        // Aspire makes what is behind nginx reachable after this, and then asks for the arguments of the container.
        : Task.CompletedTask;

    private DistributedApplicationException CannotStart(DistributedApplicationException exception)
    {
        Log.CannotStart(_hostLogger, _nginx.Name, exception.Message);
        return exception;
    }

    private async Task PrepareOrExplainAsync(CancellationToken cancellationToken)
    {
        try
        {
            await PrepareAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (DistributedApplicationException exception)
        {
            CannotStart(exception);
            throw;
        }
    }

    /// <summary>The command line with which nginx stays in its run folder.</summary>
    public async Task<IReadOnlyList<string>> ArgumentsAsync(CancellationToken cancellationToken)
    {
        // A container has an nginx that is new enough for all of them.
        var version = _container is not null ? NginxProcess.FirstWithErrorLogOption
            : File.Exists(_location.Path) ? await NginxVersion.ReadAsync(_location, cancellationToken).ConfigureAwait(false) : null;
        return NginxProcess.Arguments(version, Paths, Paths.ConfigurationFile);
    }

    public IReadOnlyDictionary<string, string> EnvironmentVariables() => _location.Environment;

    /// <summary>At the command <c>reload</c>: has nginx load error pages and snippets as they are now.</summary>
    public async Task<ExecuteCommandResult> ReloadAsync(CancellationToken cancellationToken) =>
        await TryApplyAsync(force: true, cancellationToken).ConfigureAwait(false) is { } problem
            ? CommandResults.Failure(problem)
            : CommandResults.Success();

    /// <summary>At the command <c>canary-share</c>: has another share of requests go to a canary from now on.</summary>
    /// <param name="path">The path of the route; null where there is one canary.</param>
    /// <param name="percent">The share, 0 to 100.</param>
    /// <param name="cancellationToken">Ends the wait for the test of the configuration.</param>
    public async Task<ExecuteCommandResult> SetCanaryShareAsync(string? path, double percent, CancellationToken cancellationToken)
    {
        var all = _configuration.Routes.Where(static route => route.Canary is not null).Select(CanaryPath).Distinct().ToArray();
        var wanted = path is { Length: > 0 } ? RequestPath.Normalize(path) : all is [var only] ? only : null;
        if (wanted is null || !all.Contains(wanted))
        {
            return CommandResults.Failure($"path must be one of {string.Join(", ", all)}.");
        }

        if (NginxConfigurationValidator.PercentError("canary-share", percent) is { } error)
        {
            return CommandResults.Failure(error);
        }

        var before = _shares;
        _shares = before.SetItem(wanted, percent);
        if (_master.IsReady && await TryApplyAsync(force: false, cancellationToken).ConfigureAwait(false) is { } problem)
        {
            _shares = before;
            return CommandResults.Failure(problem);
        }

        await ShowConfigurationAsync().ConfigureAwait(false);
        return CommandResults.Success();
    }

    /// <summary>At the commands <c>maintenance-on</c> and <c>maintenance-off</c>.</summary>
    public async Task<ExecuteCommandResult> SetMaintenanceAsync(bool isOn, CancellationToken cancellationToken)
    {
        _isInMaintenance = isOn;
        if (await TryApplyAsync(force: false, cancellationToken).ConfigureAwait(false) is { } problem)
        {
            return CommandResults.Failure(problem);
        }

        Log.Maintenance(_logger, isOn ? "on: clients get 503" : "off");
        return CommandResults.Success();
    }

    /// <summary>At the command <c>purge-cache</c>: nginx takes a response whose file is gone for one that it does not have.</summary>
    public async Task<ExecuteCommandResult> PurgeCacheAsync(CancellationToken cancellationToken)
    {
        if (_master is ContainerMaster master)
        {
            var problem = await master.DeleteFilesAsync(RenderedPaths.CacheFolder, cancellationToken).ConfigureAwait(false);
            return problem is null ? CommandResults.Success() : CommandResults.Failure(problem);
        }

        try
        {
            foreach (var file in Directory.Exists(Paths.CacheFolder)
                ? Directory.EnumerateFiles(Paths.CacheFolder, "*", new EnumerationOptions
                {
                    RecurseSubdirectories = true,
                    AttributesToSkip = FileAttributes.ReparsePoint,
                })
                : [])
            {
                File.Delete(file);
            }

            return CommandResults.Success();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return CommandResults.Failure(exception.Message);
        }
    }

    /// <summary>At the command <c>show-config</c>: the configuration in use, without secrets.</summary>
    public async Task<ExecuteCommandResult> ShowAsync(CancellationToken cancellationToken)
    {
        try
        {
            var text = await File.ReadAllTextAsync(Paths.ConfigurationFile, cancellationToken).ConfigureAwait(false);
            var secret = _telemetry?.Server.Tag;
            return CommandResults.Success(
                Paths.ConfigurationFile,
                secret is null ? text : text.Replace(secret, "***", StringComparison.Ordinal),
                CommandResultFormat.Text);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return CommandResults.Failure(exception.Message);
        }
    }

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
        if (_container is not null)
        {
            await _container.FindAddressesAsync(RequestReload, cancellationToken).ConfigureAwait(false);
        }

        await _tracker.LookUpExternalsAsync(cancellationToken).ConfigureAwait(false);
        await _oneAtATime.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            _users = await UserFile.ReadAsync(_configuration.BasicAuth, cancellationToken).ConfigureAwait(false);
            await RefreshCertificateAsync(cancellationToken).ConfigureAwait(false);
            var configuration = _configuration with { LogServer = await SettleTelemetryAsync().ConfigureAwait(false) };
            var process = await NginxProcess
                .PrepareAsync(_location, _folder, _master, configuration, _logger, cancellationToken, _httpsListen)
                .ConfigureAwait(false);
            var hasGrpc = _tracker.Current().Any(static upstream => upstream.IsHttp2);
            if (hasGrpc && !TlsRenderer.HasHttp2Directive(process.Configuration) && _certificate?.Write(Paths) is null)
            {
                Log.NoHttp2(_logger, process.Configuration.Version!);
            }

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
            .. snapshot.Properties.Where(static property => property.Name != ConfigurationProperty
                && !property.Name.StartsWith($"{CanaryProperty} ", StringComparison.Ordinal)),
            new(ConfigurationProperty, Paths.ConfigurationFile),
            .. RoutesNow().Where(static route => route.Canary is not null).DistinctBy(CanaryPath).Select(static route =>
                new ResourcePropertySnapshot($"{CanaryProperty} {CanaryPath(route)}", Share(route.Canary!))),
        ],
    });

    /// <summary>Telemetry is collected where there is a receiver: it is known by now, and may come and go between two starts.</summary>
    private async Task<NginxLogServer?> SettleTelemetryAsync()
    {
        _folder.Ensure();
        // One that was killed leaves its socket behind, and the next could not listen there.
        File.Delete(Paths.StatusSocket);
        var isWanted = _container is null
            && _configuration.Telemetry.Enabled
            && TelemetryReceiver.IsConfigured(_services.GetRequiredService<IConfiguration>());
        if (!isWanted)
        {
            await EndTelemetryAsync().ConfigureAwait(false);
        }
        else if (_telemetry is null)
        {
            var logs = _services.GetRequiredService<ResourceLoggerService>();
            var meters = _services.GetRequiredService<IMeterFactory>();
            _telemetry = TelemetryPipeline.Start(
                new(
                    _nginx, _configuration.Telemetry, _configuration.Routes, Paths, _tracker.NameOf, _notifications, logs, meters, _logger,
                    _timeProvider));
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

    private RenderedConfiguration Render(NginxProcess process)
    {
        _users?.Ensure(Paths.UserFile, _workers);
        var configuration = process.Configuration with
        {
            Routes = RoutesNow(),
            Tls = _certificate?.Write(Paths),
            IsInMaintenance = _isInMaintenance,
        };
        return NginxConfigRenderer.RenderWithOrigins(configuration, RenderedPaths, _tracker.Current());
    }

    /// <summary>The routes with the shares that their canaries have now.</summary>
    private ImmutableArray<NginxRoute> RoutesNow() =>
    [
        .. _configuration.Routes.Select(route => route.Canary is { } canary && _shares.TryGetValue(CanaryPath(route), out var percent)
            ? route with { Canary = canary with { Percent = percent } }
            : route),
    ];

    private static string CanaryPath(NginxRoute route) => RequestPath.Normalize(route.Path);

    private static string Share(NginxCanary canary) =>
        string.Create(CultureInfo.InvariantCulture, $"{canary.Percent:0.##} % to {canary.Upstream}");

    /// <summary>Reads a certificate that is new; logs once why there is none.</summary>
    /// <returns>Whether nginx is to load it.</returns>
    private async Task<bool> RefreshCertificateAsync(CancellationToken cancellationToken)
    {
        if (_certificate is not { } certificate)
        {
            return false;
        }

        var isNew = await certificate.RefreshAsync(cancellationToken).ConfigureAwait(false);
        if (certificate.Problem is { } problem && problem != _certificateProblem)
        {
            Log.NoCertificate(_logger, problem);
            Log.NoCertificate(_hostLogger, problem);
        }

        _certificateProblem = certificate.Problem;
        return isNew;
    }

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
        Log.Serves(_hostLogger, _nginx.Name, _endpoint.Url);
        if (_certificate is { Problem: null } && _httpsEndpoint is { IsAllocated: true } https)
        {
            Log.Serves(_hostLogger, _nginx.Name, https.Url);
        }

        RequestReload();
        if (_container is not null && _master is ContainerMaster { ContainerId: { } id })
        {
            _ = CheckReachAsync(_container, id, _ending.Token);
        }
    }

    private async Task CheckReachAsync(NginxContainer container, string id, CancellationToken cancellationToken)
    {
        try
        {
            await container.CheckReachAsync(id, _tracker.Current(), Report, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is DistributedApplicationException or OperationCanceledException)
        {
            // The container or the application has ended.
        }

        void Report(string problem)
        {
            Log.NotReached(_logger, problem);
            Log.NotReached(_hostLogger, problem);
        }
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

            // A container that is restarted may have another address under the same name.
            var isForced = _container is not null;
            if (await TryApplyAsync(isForced, cancellationToken).ConfigureAwait(false) is { } problem && _master.IsReady)
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
            if (_master.IsReady && await RefreshCertificateAsync(cancellationToken).ConfigureAwait(false))
            {
                problem ??= await TryApplyAsync(force: true, cancellationToken).ConfigureAwait(false);
                if (problem is null)
                {
                    Log.CertificateLoaded(_logger);
                }
            }

            if (problem is not null && problem != known)
            {
                Log.FilesNotRestored(_logger, Paths.Folder, problem);
            }

            known = problem;
        }
    }

    private Task<string?> RestoreAsync(NginxProcess process)
    {
        _users?.Ensure(Paths.UserFile, _workers);
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
