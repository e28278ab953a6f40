using System.Globalization;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Shared;
using Aspire.Hosting.Supervisor.Configuration;
using Aspire.Hosting.Supervisor.Machine;
using Aspire.Hosting.Supervisor.Processes;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Supervisor.Runtime;

/// <summary>Runs the state machine of one process: feeds it with events, and carries out its actions.</summary>
/// <param name="resource">The resource.</param>
/// <param name="id">The id of the instance among those of the resource.</param>
/// <param name="options">The policy.</param>
/// <param name="services">The services of the host.</param>
/// <param name="changed">Called after every change of <see cref="State"/>.</param>
/// <param name="replace">Replaces this process when its turn comes.</param>
internal sealed class SupervisedInstance(
    IResource resource,
    string id,
    SupervisorOptions options,
    SupervisorServices services,
    Action changed,
    Func<SupervisedInstance, RestartReason, Task> replace)
{
    /// <summary>The longest wait for the orchestrator to show an end; it usually takes half a second.</summary>
    private static readonly TimeSpan EndShownLimit = TimeSpan.FromSeconds(10);

    /// <summary>A wait for others that are ready takes a few milliseconds, or longer on a busy machine.</summary>
    private static readonly TimeSpan ShortWait = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly InstanceMachine _machine = new(options, Random.Shared.NextDouble, HealthProbe.HasChecks(resource));
    private readonly SnapshotReader _reader = new();
    private readonly ILogger _console = services.Consoles.GetLogger(id);
    private readonly GivenUpNotice _notice = new(services.Interactions, services.Stopping);
    private readonly InstanceRequests _requests = new(
        services.Requests,
        options.MaxRequests is null ? null : options.RequestCountPath,
        problem => Log.RequestsNotCounted(services.Consoles.GetLogger(id), id, options.RequestCountPath!, problem));
    private volatile InstanceState _state = new();
    private volatile InstanceRun? _run;
    private ProbeResult? _health;
    private int _isChecking;
    private int _isWaiting;

    public string Id { get; } = id;

    public IResource Resource { get; } = resource;

    public InstanceState State => _state;

    /// <summary>The process while it serves, or null.</summary>
    public SupervisedProcess? Serving => _state.IsServing ? _run?.Process : null;

    /// <summary>Whether its process runs.</summary>
    public bool HasProcess => _run is { Process.Exit.IsCompleted: false };

    /// <summary>Handles a snapshot of the instance. Not thread-safe: one snapshot at a time.</summary>
    public void Observe(CustomResourceSnapshot snapshot)
    {
        var change = Read(reader => reader.Read(snapshot, services.Now));
        if (change is null)
        {
            RestoreState(snapshot);
            return;
        }

        if (change is InstanceEvent.Running running)
        {
            ObserveRunning(snapshot, running);
            return;
        }

        if (snapshot.State?.Text == KnownResourceStates.Waiting && _state.Phase == InstancePhase.Restarting)
        {
            services.Run(Id, SkipWaitAsync);
        }

        Handle(change);
        RestoreState(snapshot);
    }

    /// <summary>Skips a wait for others that lasts: the process already waited at its first start.</summary>
    /// <remarks>A second start ends the wait. After a wait that is over it would end the process that has just started.</remarks>
    private async Task SkipWaitAsync()
    {
        if (Interlocked.Exchange(ref _isWaiting, 1) == 1)
        {
            return;
        }

        await Task.Delay(ShortWait, services.Time, services.Stopping).ConfigureAwait(false);
        Volatile.Write(ref _isWaiting, 0);
        if (services.Notifications.TryGetCurrentState(Id, out var current)
            && current.Snapshot.State?.Text == KnownResourceStates.Waiting)
        {
            await services.Commands.ExecuteCommandAsync(Id, KnownResourceCommands.StartCommand, services.Stopping).ConfigureAwait(false);
        }
    }

    /// <summary>Applies an event to the state, and carries out the action that follows.</summary>
    public void Handle(InstanceEvent change)
    {
        Transition transition;
        lock (_lock)
        {
            transition = _machine.Apply(_state, change);
            _state = transition.State;
        }

        if (transition.State.Phase != InstancePhase.Fatal)
        {
            _notice.Hide();
        }

        Execute(transition);
        changed();
    }

    /// <summary>Checks the process if it runs: memory, requests, age and health.</summary>
    public void Check(Func<int, long?> residentBytes)
    {
        if (_state.Phase == InstancePhase.Running && Interlocked.Exchange(ref _isChecking, 1) == 0)
        {
            services.Run(Id, () => CheckAsync(residentBytes));
        }
    }

    /// <summary>Restarts the process through the host, or starts it if it does not run.</summary>
    /// <returns>Why that failed, or null; also null when the process was stopped by a command meanwhile.</returns>
    public async Task<string?> ReplaceAsync(RestartReason reason)
    {
        var command = _state.Phase == InstancePhase.Running ? KnownResourceCommands.RestartCommand : KnownResourceCommands.StartCommand;
        Handle(new InstanceEvent.Replacing(services.Now, reason));
        services.Metrics.Restarted(Resource.Name, reason.Kind);
        var count = _state.Phase == InstancePhase.Running ? _state.Restarts + 1 : _state.Restarts;
        Report(logger => Log.Replacing(logger, Id, reason.Text, count));

        var result = await services.Commands.ExecuteCommandAsync(Id, command, services.Stopping).ConfigureAwait(false);
        services.Stopping.ThrowIfCancellationRequested();
        if (result.Success)
        {
            return null;
        }

        var problem = result.Message ?? $"the host's command '{command}' failed.";
        var wasStopped = _state.Phase is InstancePhase.Stopping or InstancePhase.Stopped;
        Handle(new InstanceEvent.ReplacementFailed(services.Now, problem, wasStopped));
        return wasStopped ? null : problem;
    }

    /// <summary>The command <c>start</c>.</summary>
    public Task<ExecuteCommandResult> StartAsync(Func<Task<ExecuteCommandResult>> start)
    {
        Handle(new InstanceEvent.Starting(services.Now));
        return start();
    }

    /// <summary>
    /// The command <c>stop</c>: the signal, the time to end, then SIGKILL. A resource without a process is left to the host.
    /// </summary>
    /// <remarks>
    /// The orchestrator notices the end by itself. It must not be asked to stop a process that has just ended: it would not find the
    /// process, and show the resource as Unknown from then on.
    /// </remarks>
    /// <param name="stop">The wrapped command.</param>
    /// <param name="stopsItself">Whether the wrapped command stops the process in the resource's own way.</param>
    /// <param name="cancellationToken">Ends the wait; the process is then left to the host.</param>
    public async Task<ExecuteCommandResult> StopAsync(
        Func<Task<ExecuteCommandResult>> stop,
        bool stopsItself,
        CancellationToken cancellationToken)
    {
        var hasProcess = !stopsItself && _state.Phase is InstancePhase.Running or InstancePhase.Stopping;
        Handle(new InstanceEvent.Stopping(services.Now));
        var result = hasProcess && await EndProcessAsync(cancellationToken).ConfigureAwait(false)
            ? await EndShownAsync(cancellationToken).ConfigureAwait(false)
            : await stop().ConfigureAwait(false);
        if (result.Success)
        {
            Handle(new InstanceEvent.Ended(services.Now, EndCause.Stop, null, TimeSpan.Zero));
            await PublishAsync(InstanceDisplay.Stopped).ConfigureAwait(false);
        }

        return result;
    }

    /// <summary>
    /// Waits until the snapshot shows the end, so that the caller of the command sees the instance stopped.
    /// </summary>
    private async Task<ExecuteCommandResult> EndShownAsync(CancellationToken cancellationToken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        ending.CancelAfter(EndShownLimit);
        Task shown = services.Notifications.WaitForResourceAsync(
            Resource.Name,
            change => change.ResourceId == Id && KnownResourceStates.TerminalStates.Contains(change.Snapshot.State?.Text),
            ending.Token);
        await shown.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return CommandResults.Success();
    }

    /// <summary>The command <c>restart</c>: a stop as above, then the host's start; without a process, the host's restart.</summary>
    public async Task<ExecuteCommandResult> RestartAsync(
        Func<Task<ExecuteCommandResult>> restart,
        bool stopsItself,
        CancellationToken cancellationToken)
    {
        Handle(new InstanceEvent.Stopping(services.Now));
        if (stopsItself || _run is null)
        {
            return await restart().ConfigureAwait(false);
        }

        await EndProcessAsync(cancellationToken).ConfigureAwait(false);
        return await services.Commands.ExecuteCommandAsync(Id, KnownResourceCommands.StartCommand, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The command <c>rebuild</c>, which stops and starts the process without the other commands.</summary>
    public Task<ExecuteCommandResult> RebuildAsync(Func<Task<ExecuteCommandResult>> rebuild)
    {
        Handle(new InstanceEvent.Stopping(services.Now));
        return rebuild();
    }

    /// <summary>Asks the process to end, and kills it after the time limit; its end has been handled when this returns.</summary>
    /// <returns>Whether there was a process, and it has ended.</returns>
    public async Task<bool> EndProcessAsync(CancellationToken cancellationToken) =>
        _run is { } run && await run.EndAsync(options, services.Time, ReportKill, cancellationToken).ConfigureAwait(false);

    /// <summary>Kills the process and its descendants.</summary>
    public void Kill() => _run?.Kill();

    private void ReportKill() => Report(logger => Log.KilledAtStop(logger, Id, options.StopWaitSeconds));

    private InstanceEvent? Read(Func<SnapshotReader, InstanceEvent?> read)
    {
        lock (_reader)
        {
            return read(_reader);
        }
    }

    /// <remarks>A new run is handled before its end is awaited: a process may have ended by the time it is seen.</remarks>
    private void ObserveRunning(CustomResourceSnapshot snapshot, InstanceEvent.Running running)
    {
        if (_run is not null && running.StartedAt == _state.StartedAt)
        {
            Handle(WithProbeResult(running));
            if (_state.IsServing && InstanceDisplay.HasLostAddress(snapshot, Resource))
            {
                services.Run(Id, () => PublishAsync(current => InstanceDisplay.WithAddress(current, Resource)));
            }

            return;
        }

        var process = snapshot.ValueOf(PropertyNames.ProcessId) is { } pid
            ? SupervisedProcess.Find(Convert.ToInt32(pid, CultureInfo.InvariantCulture))
            : null;
        _health = process is not null && HealthProbe.CanAsk(Resource) ? ProbeResult.NoAnswer : null;
        _requests.Observe(snapshot);
        Handle(WithProbeResult(running));
        Follow(process, running.StartedAt);
    }

    private InstanceEvent.Running WithProbeResult(InstanceEvent.Running running) => _health is { } probed
        ? running with { IsHealthy = probed == ProbeResult.Healthy, IsAlive = probed <= ProbeResult.Unhealthy }
        : running;

    /// <summary>Follows a new run: waits for its end, and probes its health.</summary>
    private void Follow(SupervisedProcess? process, DateTimeOffset startedAt)
    {
        _run = process is null ? null : new(process, FollowExitAsync(process, startedAt));
        if (_run is not { } run)
        {
            return;
        }

        services.Orchestrator.Watch(run.Process.Id);
        services.Run(Id, () => run.Ended);
        if (HealthProbe.CanAsk(Resource))
        {
            services.Run(Id, () => ProbeAsync(run.Process, startedAt));
        }
    }

    /// <summary>Probes the health until the process has ended: the address then belongs to the next one.</summary>
    private async Task ProbeAsync(SupervisedProcess process, DateTimeOffset startedAt)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(services.Stopping);
        var probing = services.Health.RunAsync(Resource, result => OnProbed(process, startedAt, result), ending.Token);
        await Task.WhenAny(probing, process.Exit).ConfigureAwait(false);
        await ending.CancelAsync().ConfigureAwait(false);
        try
        {
            await probing.ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // It has ended, or the application stops.
        }
    }

    private Task OnProbed(SupervisedProcess process, DateTimeOffset startedAt, ProbeResult result)
    {
        if (_run?.Process == process && !process.Exit.IsCompleted && _health != result)
        {
            _health = result;
            Handle(WithProbeResult(new(services.Now, startedAt, IsHealthy: false, IsAlive: false)));
        }

        return Task.CompletedTask;
    }

    private async Task FollowExitAsync(SupervisedProcess process, DateTimeOffset startedAt)
    {
        var code = await process.Exit.ConfigureAwait(false);
        // Without the code it is not known whether the exit was expected; the orchestrator reports it half a second later.
        var isCodeNeeded = code is null && options.Autorestart == SupervisorAutorestart.Unexpected && _state.Phase == InstancePhase.Running;
        if (!isCodeNeeded && Read(reader => reader.End(startedAt, code, services.Now)) is { } end)
        {
            Handle(end);
        }

        if (OperatingSystem.IsLinux() && process.Mark is { } mark)
        {
            await Leftovers.EndAsync(mark).ConfigureAwait(false);
        }
    }

    private void Execute(Transition transition)
    {
        if (services.Stopping.IsCancellationRequested)
        {
            return;
        }

        switch (transition.Action)
        {
            case InstanceAction.Start start:
                services.Run(Id, () => RestartAsync(start.Reason, transition.State.Restarts));
                break;
            case InstanceAction.Retry retry:
                services.Run(Id, () => RetryAsync(retry.Delay, transition.State));
                break;
            case InstanceAction.GiveUp:
                services.Run(Id, () => GiveUpAsync(transition.State));
                break;
            case InstanceAction.Kill kill:
                services.Run(Id, () => KillAsync(kill.Why));
                break;
            case InstanceAction.Replace due:
                services.Run(Id, () => replace(this, due.Reason));
                break;
            case InstanceAction.ShowStopped:
                services.Run(Id, () => PublishAsync(InstanceDisplay.Stopped));
                break;
            case InstanceAction.ShowRunning:
                services.Run(Id, () => PublishAsync(snapshot => InstanceDisplay.Running(snapshot, transition.State)));
                break;
        }
    }

    private async Task RestartAsync(RestartReason reason, int count)
    {
        var starting = services.Commands.ExecuteCommandAsync(Id, KnownResourceCommands.StartCommand, services.Stopping);
        services.Metrics.Restarted(Resource.Name, reason.Kind);
        Report(logger => Log.Restarting(logger, Id, reason.Text, count));

        var result = await starting.ConfigureAwait(false);
        if (!result.Success && !services.Stopping.IsCancellationRequested)
        {
            Handle(new InstanceEvent.StartRefused(services.Now, result.Message ?? "the host's command 'start' failed."));
        }
    }

    private async Task RetryAsync(TimeSpan delay, InstanceState state)
    {
        var seconds = Math.Round(delay.TotalSeconds, 2);
        Report(logger => Log.Backoff(logger, Id, state.Reason!.Text, state.Attempt, options.StartRetries, seconds));

        await PublishAsync(snapshot => InstanceDisplay.Backoff(snapshot, state)).ConfigureAwait(false);
        await Task.Delay(delay, services.Time, services.Stopping).ConfigureAwait(false);
        Handle(new InstanceEvent.RetryDue(state.NextTry!.Value));
    }

    private async Task GiveUpAsync(InstanceState state)
    {
        Report(logger => Log.GivenUp(logger, Id, state.Failures.Length, state.Reason!.Text));

        await PublishAsync(snapshot => InstanceDisplay.Fatal(snapshot, state)).ConfigureAwait(false);
        var notice = _notice.ShowAsync(Resource.Name, state);
        if (_state.Phase != InstancePhase.Fatal)
        {
            // It was started before the notice could be closed.
            _notice.Hide();
        }

        if (await notice.ConfigureAwait(false))
        {
            await services.Commands.ExecuteCommandAsync(Id, KnownResourceCommands.StartCommand, services.Stopping).ConfigureAwait(false);
        }
    }

    /// <summary>Shows the supervisor's state again after the orchestrator's late report of an end has overwritten it.</summary>
    private void RestoreState(CustomResourceSnapshot snapshot)
    {
        if (snapshot.State?.Text is not { } text || !KnownResourceStates.TerminalStates.Contains(text))
        {
            return;
        }

        var state = _state;
        Func<CustomResourceSnapshot, InstanceState, CustomResourceSnapshot>? show = state.Phase switch
        {
            InstancePhase.Backoff => InstanceDisplay.Backoff,
            InstancePhase.Fatal => InstanceDisplay.Fatal,
            _ => null,
        };
        if (show is not null)
        {
            services.Run(
                Id,
                () => PublishAsync(current => current.State?.Text == text && _state == state ? show(current, state) : current));
        }
    }

    private async Task KillAsync(string why)
    {
        var process = _run?.Process;
        var lines = await ConsoleText.LastLinesAsync(services.Consoles, Id).ConfigureAwait(false);
        var diagnosis = $"{process?.Describe() ?? "process unknown"}; last lines: {lines}";
        Report(logger => Log.Killing(logger, Id, why, diagnosis));

        if (process?.Kill() != true)
        {
            Log.NotKilled(_console, Id);
        }
    }

    private async Task CheckAsync(Func<int, long?> residentBytes)
    {
        try
        {
            var bytes = options.MemoryLimit is not null && _run is { Process: var process } ? residentBytes(process.Id) : null;
            var requests = await _requests.CountAsync(() => _state.IsServing, services.Stopping).ConfigureAwait(false);
            var isDebugged = _state.SilentSince is not null && _run?.Process.IsDebugged == true;
            Handle(new InstanceEvent.Checked(services.Now, bytes, requests, isDebugged));
        }
        finally
        {
            Volatile.Write(ref _isChecking, 0);
        }
    }

    private Task PublishAsync(Func<CustomResourceSnapshot, CustomResourceSnapshot> change) =>
        services.Notifications.PublishUpdateAsync(Resource, Id, change);

    private void Report(Action<ILogger> report)
    {
        report(_console);
        report(services.Logger);
    }
}
