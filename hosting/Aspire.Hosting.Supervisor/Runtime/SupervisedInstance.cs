using System.Globalization;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Supervisor.Configuration;
using Aspire.Hosting.Supervisor.Machine;
using Aspire.Hosting.Supervisor.Processes;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Supervisor.Runtime;

/// <summary>Drives one process: feeds the machine with what its row shows, and does what the machine says.</summary>
/// <param name="resource">The resource.</param>
/// <param name="id">The row of this one of its processes.</param>
/// <param name="options">The policy.</param>
/// <param name="services">What it needs of the host.</param>
/// <param name="changed">Told after every change of <see cref="State"/>.</param>
/// <param name="replace">Replaces this process when its turn comes.</param>
internal sealed class SupervisedInstance(
    IResource resource,
    string id,
    SupervisorOptions options,
    SupervisorServices services,
    Action changed,
    Func<SupervisedInstance, RestartReason, Task> replace)
{
    private const int LinesInDiagnosis = 3;

    /// <summary>A host that shows an end may take a moment until it lets the process be started again.</summary>
    private static readonly TimeSpan FirstRepeat = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan LastRepeat = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly InstanceMachine _machine = new(options, Random.Shared.NextDouble);
    private readonly RowReader _reader = new();
    private readonly ILogger _console = services.Consoles.GetLogger(id);
    private volatile InstanceState _state = new();
    private volatile SupervisedProcess? _process;
    private ReplicaAddress? _address;
    private bool _countingFailed;
    private int _looking;

    public string Id { get; } = id;

    public InstanceState State => _state;

    /// <summary>Takes in what the row shows. Called for one row at a time.</summary>
    public void Observe(CustomResourceSnapshot snapshot)
    {
        if (_reader.Read(snapshot, services.Now) is not { } change)
        {
            return;
        }

        if (change is InstanceEvent.Running running && (_process is null || running.StartedAt != _state.StartedAt))
        {
            _process = snapshot.ValueOf(PropertyNames.ProcessId) is { } pid ? SupervisedProcess.Find(Convert.ToInt32(pid, CultureInfo.InvariantCulture)) : null;
            _address = options.MaxRequests is null ? null : RequestCounter.AddressOf(snapshot);
        }

        Handle(change);
    }

    /// <summary>Lets something happen to the process.</summary>
    public void Handle(InstanceEvent change)
    {
        Transition transition;
        lock (_lock)
        {
            transition = _machine.Apply(_state, change);
            _state = transition.State;
        }

        Act(transition);
        changed();
    }

    /// <summary>Looks at the process while it runs: its memory, its requests, its age, its health.</summary>
    public void Look(Func<int, long?> residentBytes)
    {
        if (_state.Phase == InstancePhase.Running && Interlocked.Exchange(ref _looking, 1) == 0)
        {
            services.Run(Id, () => LookAsync(residentBytes));
        }
    }

    /// <summary>Has the host start the process, or stop it and start it again.</summary>
    /// <returns>Why that failed, or null; also null when somebody stopped the process meanwhile.</returns>
    public async Task<string?> RenewAsync(RestartReason reason)
    {
        var command = _state.Phase == InstancePhase.Running ? KnownResourceCommands.RestartCommand : KnownResourceCommands.StartCommand;
        Handle(new InstanceEvent.Replacing(services.Now, reason));
        services.Metrics.Restarted(resource.Name, reason.Kind);
        foreach (var logger in Loggers())
        {
            Log.Replacing(logger, Id, reason.Text, _state.Phase == InstancePhase.Running ? _state.Restarts + 1 : _state.Restarts);
        }

        var result = await services.Commands.ExecuteCommandAsync(Id, command, services.Stopping).ConfigureAwait(false);
        services.Stopping.ThrowIfCancellationRequested();
        if (result.Success)
        {
            return null;
        }

        var problem = result.Message ?? $"the host's command '{command}' failed.";
        var wasStopped = IsStoppedBySomebody();
        Handle(new InstanceEvent.ReplacementFailed(services.Now, problem, wasStopped));
        return wasStopped ? null : problem;
    }

    /// <summary>Whether the row says so already, however far its changes have been followed.</summary>
    private bool IsStoppedBySomebody() =>
        services.Notifications.TryGetCurrentState(Id, out var row)
        && (row.Snapshot.State?.Text == KnownResourceStates.Stopping || RowEnd.Of(row.Snapshot)?.EndedBy is PropertyNames.EndedByStop);

    private void Act(Transition transition)
    {
        switch (transition.Action)
        {
            case InstanceAction.Start start:
                services.Run(Id, () => StartAsync(start.Reason, transition.State.Restarts));
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

    private async Task StartAsync(RestartReason reason, int count)
    {
        var starting = StartAsync();
        services.Metrics.Restarted(resource.Name, reason.Kind);
        foreach (var logger in Loggers())
        {
            Log.Restarting(logger, Id, reason.Text, count);
        }

        if (await starting.ConfigureAwait(false) is { } refusal && !services.Stopping.IsCancellationRequested)
        {
            Handle(new InstanceEvent.StartRefused(services.Now, refusal));
        }
    }

    /// <returns>Why the host did not start the process, or null.</returns>
    private async Task<string?> StartAsync()
    {
        var end = _reader.End;
        for (var pause = FirstRepeat; pause <= LastRepeat; pause *= 2)
        {
            var result = await services.Commands.ExecuteCommandAsync(Id, KnownResourceCommands.StartCommand, services.Stopping).ConfigureAwait(false);
            if (!result.Success)
            {
                return result.Message ?? "the host's command 'start' failed.";
            }

            if (!IsStillEnded(end))
            {
                return null;
            }

            await Task.Delay(pause, services.Time, services.Stopping).ConfigureAwait(false);
        }

        return IsStillEnded(end) ? "the host did not start it." : null;
    }

    private bool IsStillEnded(RowEnd? end) =>
        end is not null && services.Notifications.TryGetCurrentState(Id, out var row) && RowEnd.Of(row.Snapshot) == end;

    private async Task RetryAsync(TimeSpan delay, InstanceState state)
    {
        foreach (var logger in Loggers())
        {
            Log.Backoff(logger, Id, state.Reason!.Text, state.Failures.Length, options.StartRetries, Math.Round(delay.TotalSeconds, 2));
        }

        await ShowEndAsync(snapshot => InstanceDisplay.Backoff(snapshot, state)).ConfigureAwait(false);
        await Task.Delay(delay, services.Time, services.Stopping).ConfigureAwait(false);
        Handle(new InstanceEvent.RetryDue(state.NextTry!.Value));
    }

    private async Task GiveUpAsync(InstanceState state)
    {
        foreach (var logger in Loggers())
        {
            Log.GivenUp(logger, Id, state.Failures.Length, state.Reason!.Text);
        }

        await ShowEndAsync(snapshot => InstanceDisplay.Fatal(snapshot, state)).ConfigureAwait(false);
    }

    private async Task KillAsync(string why)
    {
        var process = _process;
        var diagnosis = $"{process?.Describe() ?? "process unknown"}; last lines: {await LastLinesAsync().ConfigureAwait(false)}";
        foreach (var logger in Loggers())
        {
            Log.Killing(logger, Id, why, diagnosis);
        }

        if (process?.Kill() != true)
        {
            Log.NotKilled(_console, Id);
        }
    }

    private async Task<string> LastLinesAsync()
    {
        var last = new Queue<string>();
        await foreach (var batch in services.Consoles.GetAllAsync(Id).ConfigureAwait(false))
        {
            foreach (var line in batch.TakeLast(LinesInDiagnosis))
            {
                last.Enqueue(ConsoleText.Of(line.Content));
            }
        }

        return last.Count == 0 ? "none" : string.Join(" | ", last.TakeLast(LinesInDiagnosis));
    }

    private async Task LookAsync(Func<int, long?> residentBytes)
    {
        try
        {
            var bytes = options.MemoryLimit is not null && _process is { } process ? residentBytes(process.Id) : null;
            Handle(new InstanceEvent.Looked(services.Now, bytes, await CountRequestsAsync().ConfigureAwait(false)));
        }
        finally
        {
            Volatile.Write(ref _looking, 0);
        }
    }

    private async Task<long?> CountRequestsAsync()
    {
        if (_address is not { } address || !_state.IsServing)
        {
            return null;
        }

        try
        {
            var count = await services.Requests.CountAsync(address, options.RequestCountPath!, services.Stopping).ConfigureAwait(false);
            _countingFailed = false;
            return count;
        }
        catch (Exception exception) when (exception is HttpRequestException or FormatException || (exception is TaskCanceledException && !services.Stopping.IsCancellationRequested))
        {
            if (!_countingFailed && _state.IsServing)
            {
                _countingFailed = true;
                Log.RequestsNotTold(_console, Id, options.RequestCountPath!, exception.Message);
            }

            return null;
        }
    }

    /// <summary>Shows a state of the supervisor's own, unless the row has gone on meanwhile.</summary>
    private Task ShowEndAsync(Func<CustomResourceSnapshot, CustomResourceSnapshot> change)
    {
        var end = _reader.End;
        return PublishAsync(snapshot => RowEnd.Of(snapshot) is { } shown && (end is null || shown == end) ? change(snapshot) : snapshot);
    }

    private Task PublishAsync(Func<CustomResourceSnapshot, CustomResourceSnapshot> change) =>
        services.Notifications.PublishUpdateAsync(resource, Id, change);

    private IEnumerable<ILogger> Loggers() => [_console, services.Logger];
}
