using System.Globalization;
using System.Net.Sockets;
using System.Runtime.Versioning;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Gunicorn.Configuration;
using Aspire.Hosting.Gunicorn.Provisioning;
using Aspire.Hosting.Shared;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Gunicorn.Processes;

/// <summary>What happens to one gunicorn application and when, from before the AppHost starts it until all of it has ended.</summary>
[UnsupportedOSPlatform("windows")]
internal sealed class GunicornLifecycle : IDisposable
{
    private const string PathKey = "Gunicorn:Path";
    private const string WorkersProperty = "gunicorn.workers";
    private const string WorkerListProperty = "gunicorn.workerList";
    private const string ConfigurationProperty = "gunicorn.config";
    private const string RunVariable = "GUNICORN_RUN";

    /// <summary>The variable by which nginx and other proxies know the socket; ASP.NET Core's own name for it.</summary>
    private const string AddressVariable = "ASPNETCORE_URLS";

    /// <summary>The variable by which nginx knows that what one worker has cut off can be sent to the same address again.</summary>
    private const string WorkersVariable = "UPSTREAM_WORKERS";

    /// <summary>What tells that telemetry has a receiver.</summary>
    private static readonly string[] TelemetryKeys =
        ["ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL", "ASPIRE_DASHBOARD_OTLP_HTTP_ENDPOINT_URL", "OTEL_EXPORTER_OTLP_ENDPOINT"];

    /// <summary>How long connections wait for the next master, after one that has served has ended.</summary>
    private static readonly TimeSpan HoldLimit = TimeSpan.FromSeconds(30);

    /// <summary>The longest import of new code before a reload, and the longest start of new workers after it.</summary>
    private static readonly TimeSpan ReloadLimit = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long a reload waits for the end of the old workers: within a second they take no more connections, and they may have requests.
    /// </summary>
    private static readonly TimeSpan OldWorkersLimit = TimeSpan.FromSeconds(2);

    /// <summary>The time that a master has beyond that of its workers.</summary>
    private static readonly TimeSpan StopReserve = TimeSpan.FromSeconds(2);

    /// <summary>Less than the time in which a probe must answer.</summary>
    private static readonly TimeSpan HealthWait = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan WatchInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ShortPause = TimeSpan.FromMilliseconds(20);

    private readonly GunicornAppResource _resource;
    private readonly GunicornAnnotation _application;
    private readonly GunicornHost _host;
    private readonly IServiceProvider _services;
    private readonly IConfiguration _settings;
    private readonly ResourceNotificationService _notifications;
    private readonly ILogger _console;
    private readonly ILogger _hostLogger;
    private readonly TimeProvider _time;
    private readonly PythonEnvironment _environment;
    private readonly SemaphoreSlim _oneAtATime = new(1);
    private readonly CancellationTokenSource _ending = new();
    private readonly Lock _lock = new();
    private RunFiles _files;
    private GunicornProgram? _program;
    private ListeningSockets? _sockets;
    private string? _resourceId;
    private GunicornRun? _run;
    private bool _isStopWanted;

    /// <summary>When the last run that had served has ended.</summary>
    private long? _interruptedAt;

    /// <summary>Before any process starts: settles the interpreter and the files, and begins to follow the resource.</summary>
    public GunicornLifecycle(GunicornAppResource resource, GunicornAnnotation application, IServiceProvider services)
    {
        (_resource, _application, _services) = (resource, application, services);
        _host = services.GetRequiredService<GunicornHost>();
        _settings = services.GetRequiredService<IConfiguration>();
        _notifications = services.GetRequiredService<ResourceNotificationService>();
        _console = services.GetRequiredService<ResourceLoggerService>().GetLogger(resource);
        _hostLogger = services.GetRequiredService<ILoggerFactory>().CreateLogger("Aspire.Hosting.Gunicorn");
        _time = services.GetService<TimeProvider>() ?? TimeProvider.System;
        var given = _settings[PathKey] is { Length: > 0 } path ? path : null;
        _environment = new(application, given, Environment.GetEnvironmentVariable("PATH"));
        _files = _host.FilesOf(resource.Name);
        // Elsewhere sockets cannot be handed over, and gunicorn opens them itself.
        resource.Annotations.OfType<ExecutableAnnotation>().Last().Command =
            OperatingSystem.IsLinux() ? _environment.Interpreter() : "/usr/bin/env";
        _ = FollowAsync(_ending.Token);
    }

    private TimeSpan GracefulTime => TimeSpan.FromSeconds(
        _files.ReadState()?.GracefulTimeout ?? _application.Options.GracefulTimeout?.TotalSeconds ?? 30);

    /// <summary>Before gunicorn starts, when everything it waits for is there: finds it, and listens for it.</summary>
    /// <exception cref="DistributedApplicationException">It cannot start; the message is one line with the fix.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await _host.Preparing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            _program = await _environment.PrepareAsync(_console, cancellationToken).ConfigureAwait(false);
            _files = _host.FilesOf(_resource.Name);
            _files.Write(_application, Addresses());
            Listen();
        }
        catch (Exception exception) when (exception is DistributedApplicationException or IOException or UnauthorizedAccessException)
        {
            Log.CannotStart(_hostLogger, _resource.Name, exception.Message);
            Log.CannotStart(_console, _resource.Name, exception.Message);
            throw;
        }
        finally
        {
            _host.Preparing.Release();
        }
    }

    public IEnumerable<string> Arguments()
    {
        if (OperatingSystem.IsLinux())
        {
            yield return _files.Launcher;
            yield return _files.Handover;
        }

        if (_program!.Instrumentation is { } wrapper && TelemetryKeys.Any(key => _settings[key] is { Length: > 0 }))
        {
            yield return wrapper;
        }

        yield return _program.Path;
        yield return "--config";
        yield return _files.Configuration;
        yield return _application.Application;
    }

    public IEnumerable<(string Name, string Value)> Variables()
    {
        yield return (AddressVariable, $"http://unix:{_files.Socket}");
        yield return (WorkersVariable, "several");
        yield return (RunVariable, Guid.NewGuid().ToString("N"));
        yield return ("PYTHONUNBUFFERED", "1");
        if (_program?.VirtualEnvironment is { } environment)
        {
            yield return ("VIRTUAL_ENV", environment);
            yield return ("PATH", $"{Path.Join(environment, "bin")}:{Environment.GetEnvironmentVariable("PATH")}");
        }
    }

    /// <summary>
    /// Healthy as soon as a worker has loaded the application, and while a master that has served is replaced: connections wait then.
    /// </summary>
    /// <remarks>It waits for a moment while gunicorn starts, so that nobody learns late that it serves.</remarks>
    public async Task<HealthCheckResult> CheckHealthAsync(CancellationToken cancellationToken)
    {
        var start = _time.GetTimestamp();
        while (!IsServing())
        {
            if (_time.GetElapsedTime(start) > HealthWait)
            {
                return HealthCheckResult.Unhealthy("No worker has loaded the application; the console says why.");
            }

            await Task.Delay(ShortPause, _time, cancellationToken).ConfigureAwait(false);
        }

        return HealthCheckResult.Healthy();
    }

    /// <summary>Replaces all workers by new ones with the code as it is now, once that has been imported without an error.</summary>
    public Task<ExecuteCommandResult> ReloadAsync(CancellationToken cancellationToken) => InTurnAsync(ReloadAsync, cancellationToken);

    /// <summary>Runs one worker more or less.</summary>
    public Task<ExecuteCommandResult> ScaleAsync(int change, CancellationToken cancellationToken) =>
        InTurnAsync((run, token) => ScaleAsync(run, change, token), cancellationToken);

    /// <summary>Before the master is stopped: has the workers answer the requests in flight.</summary>
    /// <param name="isRestart">Whether another master follows at once: connections wait for it.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task DrainAsync(bool isRestart, CancellationToken cancellationToken)
    {
        _isStopWanted = !isRestart;
        if (!isRestart)
        {
            Close();
        }

        var limit = GracefulTime + StopReserve;
        if (_run is { } run && run.Send(Native.Terminate)
            && !await run.WaitForEndAsync(limit, _time, cancellationToken).ConfigureAwait(false))
        {
            Log.NotEnded(_console, limit.TotalSeconds);
        }
    }

    /// <summary>At the end of the AppHost: ends gunicorn, and what it has started.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await DrainAsync(isRestart: false, cancellationToken).ConfigureAwait(false);
        await _ending.CancelAsync().ConfigureAwait(false);
        if (_run is { } run && OperatingSystem.IsLinux())
        {
            await run.EndLeftoversAsync(TimeSpan.Zero, _time).ConfigureAwait(false);
        }
    }

    public void Dispose()
    {
        _ending.Cancel();
        Close();
    }

    private bool IsServing()
    {
        var run = _run;
        var isAlive = run is { IsAlive: true };
        if (run is not null && !isAlive)
        {
            OnEnded(run);
        }

        return (isAlive && run!.HasServed) || IsInterrupted;
    }

    private bool IsInterrupted => _interruptedAt is { } since && _time.GetElapsedTime(since) < HoldLimit;

    private string[] Addresses() => [$"unix:{_files.Socket}", $"127.0.0.1:{Text(_resource.PrimaryEndpoint.Port)}"];

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private void Listen()
    {
        _isStopWanted = false;
        if (!OperatingSystem.IsLinux())
        {
            // One that a killed master has left.
            File.Delete(_files.Socket);
            return;
        }

        lock (_lock)
        {
            try
            {
                _sockets ??= ListeningSockets.Open(_files.Socket, _resource.PrimaryEndpoint.Port, _files.Handover);
            }
            catch (SocketException exception)
            {
                throw new DistributedApplicationException(
                    $"The port {_resource.PrimaryEndpoint.Port} cannot be listened on: {exception.Message}.", exception);
            }
        }
    }

    private void Close()
    {
        lock (_lock)
        {
            if (OperatingSystem.IsLinux())
            {
                _sockets?.Dispose();
            }

            (_sockets, _interruptedAt) = (null, null);
        }
    }

    private async Task<ExecuteCommandResult> InTurnAsync(
        Func<GunicornRun, CancellationToken, Task<ExecuteCommandResult>> change, CancellationToken cancellationToken)
    {
        await _oneAtATime.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var result = _run is { IsAlive: true } run
                ? await change(run, cancellationToken).ConfigureAwait(false)
                : CommandResults.Failure($"'{_resource.Name}' does not run.");
            Log.Done(_console, result.Message ?? string.Empty);
            return result;
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    private async Task<ExecuteCommandResult> ReloadAsync(GunicornRun run, CancellationToken cancellationToken)
    {
        Log.Importing(_console);
        if (await ImportAsync(cancellationToken).ConfigureAwait(false) is { } problem)
        {
            return CommandResults.Failure($"'{_resource.Name}' is not reloaded, and serves as before: {problem}");
        }

        if (_files.ReadState() is { Preload: true })
        {
            // The master keeps the code that it has loaded; connections wait for the next one.
            return await _services.GetRequiredService<ResourceCommandService>()
                .ExecuteCommandAsync(_resource, KnownResourceCommands.RestartCommand, cancellationToken)
                .ConfigureAwait(false) is { Success: false } failure
                    ? failure
                    : CommandResults.Success($"'{_resource.Name}' is restarted: its master had loaded the code (preload_app).");
        }

        var old = run.Workers.Select(static worker => worker.Id).ToHashSet();
        var isReplaced = _files.IsConfigurationOutdated(_application)
            ? await HangUpAsync(run, old, cancellationToken).ConfigureAwait(false)
            : await ReplaceWorkersAsync(run, old, cancellationToken).ConfigureAwait(false);
        if (isReplaced)
        {
            await WaitAsync(run, () => !run.Workers.Any(worker => old.Contains(worker.Id)), OldWorkersLimit, cancellationToken)
                .ConfigureAwait(false);
        }

        return isReplaced
            ? CommandResults.Success($"'{_resource.Name}' is reloaded: {Text(_files.ReadState()?.Workers ?? 0)} new workers serve.")
            : CommandResults.Failure(
                $"'{_resource.Name}': not all new workers have loaded the application; the old ones serve until they have. "
                + "The console says why.");
    }

    /// <summary>
    /// Has gunicorn read its settings again (<c>SIGHUP</c>). Its old workers stop at once, and connections wait for the new ones.
    /// </summary>
    private Task<bool> HangUpAsync(GunicornRun run, HashSet<int> old, CancellationToken cancellationToken)
    {
        _files.Write(_application, Addresses());
        run.Send(Native.HangUp);
        return WaitAsync(run, () => HasFresh(run, old, _files.ReadState()?.Workers ?? 1), cancellationToken);
    }

    /// <summary>Adds as many workers as there are, and takes the old ones away when the new ones have loaded the application.</summary>
    private async Task<bool> ReplaceWorkersAsync(GunicornRun run, HashSet<int> old, CancellationToken cancellationToken)
    {
        var count = _files.ReadState()?.Workers ?? 1;
        return await StepAsync(run, count, 2 * count, cancellationToken).ConfigureAwait(false)
            && await WaitAsync(run, () => HasFresh(run, old, count), cancellationToken).ConfigureAwait(false)
            && await StepAsync(run, 2 * count, count, cancellationToken).ConfigureAwait(false);
    }

    private bool HasFresh(GunicornRun run, HashSet<int> old, int count) =>
        !OperatingSystem.IsLinux()
        || run.Workers.Select(static worker => worker.Id).Where(id => !old.Contains(id))
            .Intersect(_files.ReadReady(run.Master)).Count() >= count;

    /// <summary>Changes the number of workers one by one: signals of one kind that are not yet handled count as one.</summary>
    private async Task<bool> StepAsync(GunicornRun run, int from, int to, CancellationToken cancellationToken)
    {
        for (var count = from; count != to;)
        {
            var next = count + Math.Sign(to - count);
            run.Send(next > count ? Native.MoreWorkers : Native.FewerWorkers);
            if (!await WaitAsync(run, () => _files.ReadState()?.Workers == next, cancellationToken).ConfigureAwait(false))
            {
                return false;
            }

            count = next;
        }

        return true;
    }

    private async Task<ExecuteCommandResult> ScaleAsync(GunicornRun run, int change, CancellationToken cancellationToken)
    {
        var before = _files.ReadState()?.Workers ?? 1;
        var after = before + change;
        if (after < 1)
        {
            return CommandResults.Failure($"'{_resource.Name}' has 1 worker, and needs it; the command stop ends it.");
        }

        _files.Keep(after);
        return await StepAsync(run, before, after, cancellationToken).ConfigureAwait(false)
            && await WaitAsync(run, () => HasFresh(run, [], after), cancellationToken).ConfigureAwait(false)
            ? CommandResults.Success($"'{_resource.Name}' has {Text(after)} workers.")
            : CommandResults.Failure($"'{_resource.Name}' does not have {Text(after)} workers yet; its console says why.");
    }

    private Task<bool> WaitAsync(GunicornRun run, Func<bool> isDone, CancellationToken cancellationToken) =>
        WaitAsync(run, isDone, ReloadLimit, cancellationToken);

    private async Task<bool> WaitAsync(GunicornRun run, Func<bool> isDone, TimeSpan limit, CancellationToken cancellationToken)
    {
        var start = _time.GetTimestamp();
        while (!isDone())
        {
            if (!run.IsAlive || _time.GetElapsedTime(start) > limit)
            {
                return false;
            }

            await Task.Delay(ShortPause, _time, cancellationToken).ConfigureAwait(false);
        }

        return true;
    }

    /// <summary>Imports the code in a process of its own (<c>--check-config</c>), with the environment of the master.</summary>
    /// <returns>What is wrong with it, in one line, or null.</returns>
    private async Task<string?> ImportAsync(CancellationToken cancellationToken)
    {
        var variables = _resourceId is { } id && _notifications.TryGetCurrentState(id, out var current)
            ? current.Snapshot.EnvironmentVariables
                .Where(static variable => variable is { Name: not RunVariable, Value: not null })
                .ToDictionary(static variable => variable.Name, static variable => variable.Value!)
            : [];
        var output = new List<string>();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(ReloadLimit);
        try
        {
            string[] arguments = ["--check-config", "--config", _files.Configuration, _application.Application];
            var code = await PythonTool
                .RunAsync(_program!.Path, arguments, _application.Folder, variables, output.Add, limit.Token)
                .ConfigureAwait(false);
            if (code == 0)
            {
                return null;
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            output.Add($"the import was not over after {ReloadLimit.TotalSeconds:0} s.");
        }

        var problem = output.LastOrDefault(static line => line.Trim().Length > 0) ?? "it cannot be imported.";
        Log.NotImported(_console, problem, string.Join('\n', output));
        return problem;
    }

    private async Task FollowAsync(CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var change in _notifications.WatchAsync(cancellationToken).ConfigureAwait(false))
            {
                if (change.Resource == _resource && change.ResourceId != _resource.Name)
                {
                    _resourceId = change.ResourceId;
                    Observe(change.Snapshot, cancellationToken);
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The AppHost ends.
        }
        catch (Exception exception)
        {
            Log.NoLongerFollowing(_hostLogger, _resource.Name, exception);
        }
    }

    private void Observe(CustomResourceSnapshot snapshot, CancellationToken cancellationToken)
    {
        if (GunicornRun.MasterOf(snapshot) is { } master && master != _run?.Master
            && (OperatingSystem.IsLinux() ? ProcessEnvironment.VariableOf(master, RunVariable) : string.Empty) is { } mark)
        {
            var run = new GunicornRun(master, mark);
            if (_run is { } before)
            {
                OnEnded(before);
            }

            _run = run;
            _ = WatchAsync(run, cancellationToken);
        }
    }

    /// <summary>Shows the workers of a run while it lasts, and ends those that it leaves.</summary>
    private async Task WatchAsync(GunicornRun run, CancellationToken cancellationToken)
    {
        IReadOnlyList<WorkerProcess> shown = [];
        int? count = null;
        try
        {
            while (run.IsAlive)
            {
                if (!run.HasServed && (_files.ReadReady(run.Master).Count > 0 || !OperatingSystem.IsLinux()))
                {
                    run.HasServed = true;
                    _interruptedAt = null;
                }

                var (workers, wanted) = (run.Workers, _files.ReadState()?.Workers);
                if (!workers.SequenceEqual(shown) || wanted != count)
                {
                    (shown, count) = (workers, wanted);
                    await ShowAsync(workers, wanted).ConfigureAwait(false);
                }

                await Task.Delay(run.HasServed ? WatchInterval : ShortPause, _time, cancellationToken).ConfigureAwait(false);
            }

            await EndAsync(run).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The AppHost ends, and ends all of it.
        }
    }

    private Task ShowAsync(IReadOnlyList<WorkerProcess> workers, int? wanted) => _notifications.PublishUpdateAsync(
        _resource,
        _resourceId!,
        snapshot => snapshot with
        {
            Properties =
            [
                .. snapshot.Properties.Where(
                    static property => property.Name is not (WorkersProperty or WorkerListProperty or ConfigurationProperty)),
                new(WorkersProperty, $"{Text(workers.Count)} of {(wanted is { } count ? Text(count) : "?")}"),
                new(WorkerListProperty, workers.Select(static worker => string.Create(
                    CultureInfo.InvariantCulture, $"{worker.Id} since {worker.StartedAt:HH:mm:ss}")).ToArray()),
                new(ConfigurationProperty, _files.Configuration),
            ],
        });

    private async Task EndAsync(GunicornRun run)
    {
        OnEnded(run);
        if (OperatingSystem.IsLinux() && await run.EndLeftoversAsync(GracefulTime, _time).ConfigureAwait(false) is > 0 and var count)
        {
            Log.Orphans(_console, count);
        }
    }

    /// <summary>Keeps connections waiting for the next master if this one had served and was not meant to end.</summary>
    private void OnEnded(GunicornRun run)
    {
        lock (_lock)
        {
            if (run.IsOver)
            {
                return;
            }

            run.IsOver = true;
            if (run.HasServed && !_isStopWanted)
            {
                _interruptedAt = _time.GetTimestamp();
                _ = CloseLaterAsync(run);
                return;
            }
        }

        Close();
    }

    private async Task CloseLaterAsync(GunicornRun run)
    {
        await Task.Delay(HoldLimit, _time).ConfigureAwait(false);
        if (_run == run)
        {
            Close();
        }
    }
}
