using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Shared;
using Aspire.Hosting.Supervisor.Configuration;
using Aspire.Hosting.Supervisor.Machine;
using Aspire.Hosting.Supervisor.Processes;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Supervisor.Runtime;

/// <summary>A resource, or a group of replicas, with its supervised processes, of which at most one is taken out of service at a time.</summary>
internal sealed class SupervisedResource(IResource resource, SupervisorOptions options, SupervisorServices services) : IDisposable
{
    private static readonly RestartReason Reload = new("reload", "a reload was asked for");

    private readonly ConcurrentDictionary<string, SupervisedInstance> _instances = new(StringComparer.OrdinalIgnoreCase);
    private readonly SemaphoreSlim _oneAtATime = new(1, 1);
    private readonly Lock _lock = new();
    private readonly ILogger _console = services.Consoles.GetLogger(resource);
    private readonly ReplicaGroupResource? _group = resource as ReplicaGroupResource;
    private volatile TaskCompletionSource _changed = NewSignal();
    private Task<ExecuteCommandResult>? _reload;
    private GroupRow? _shown;
    private bool _hasServed;
    private DateTimeOffset? _servingSince;

    /// <summary>The replica that another stands in for, or the one that is to stand in and does not yet; null as a rule.</summary>
    private volatile SupervisedInstance? _uncounted;

    public IResource Resource { get; } = resource;

    public SupervisorOptions Options { get; } = options;

    /// <summary>The resources whose rows are its processes.</summary>
    public IEnumerable<IResource> Members => _group is null ? [Resource] : _group.Replicas;

    /// <summary>Whether it is reloaded or scaled, or one of its processes is being replaced.</summary>
    public bool IsChanging => _oneAtATime.CurrentCount == 0;

    /// <summary>What its row shows of its replicas, where it is a group; null before the first is seen.</summary>
    public GroupRow? Shown => Volatile.Read(ref _shown);

    /// <summary>Its processes that serve.</summary>
    public IEnumerable<SupervisedProcess> Serving => _instances.Values.Select(instance => instance.Serving).OfType<SupervisedProcess>();

    /// <summary>Takes in what a row shows.</summary>
    public void Observe(ResourceEvent change)
    {
        if (change.Snapshot.State is null || change.ResourceId == change.Resource.Name)
        {
            // The row of the resource as a whole, which stands there until its processes have rows of their own.
            return;
        }

        var instance = _instances.GetOrAdd(
            change.ResourceId,
            id =>
            {
                if (!_instances.Values.Any(other => other.Resource == change.Resource))
                {
                    LifecycleCommands.Wrap(change.Resource, InstanceOf);
                }

                return new SupervisedInstance(change.Resource, id, OptionsOf(change.Resource), services, SignalChange, ReplaceAsync);
            });
        instance.Observe(change.Snapshot);
        ShowGroup();
    }

    /// <summary>Looks at every process that runs.</summary>
    public void Look(Func<int, long?> residentBytes)
    {
        foreach (var instance in _instances.Values)
        {
            instance.Look(residentBytes);
        }
    }

    /// <summary>Replaces one process after the other; who asks while that is under way waits for the same.</summary>
    public Task<ExecuteCommandResult> ReloadAsync()
    {
        lock (_lock)
        {
            return _reload is { IsCompleted: false } underWay ? underWay : _reload = Task.Run(ReloadAllAsync);
        }
    }

    /// <summary>Runs another number of replicas: starts those with the lowest numbers, stops those with the highest.</summary>
    /// <param name="target">Makes the number of replicas out of that of now.</param>
    /// <param name="load">The load that asks for it, for people; null where somebody does.</param>
    public async Task<ExecuteCommandResult> ScaleAsync(Func<int, int> target, string? load = null)
    {
        await _oneAtATime.WaitAsync(services.Stopping).ConfigureAwait(false);
        try
        {
            var before = Ordered().Count(instance => instance.State.IsReloaded);
            var after = target(before);
            if (after < 1 || after > _group!.Max)
            {
                return CommandResults.Failure($"'{Resource.Name}' has {before} replicas; it can have from 1 to {_group!.Max}.");
            }

            var success = CommandResults.Success($"'{Resource.Name}' has {after} replicas.");
            if (after == before)
            {
                return success;
            }

            await ShowScalingAsync(before, after, load).ConfigureAwait(false);
            var result = after > before
                ? await StartAsync([.. Ordered().Where(instance => !instance.State.IsReloaded).Take(after - before)]).ConfigureAwait(false)
                : await ExecuteAsync(KnownResourceCommands.StopCommand, [.. Ordered().Where(instance => instance.State.IsReloaded).Skip(after)]).ConfigureAwait(false);
            if (load is not null && result is { Message: var problem })
            {
                Report(logger => Log.NotScaled(logger, Resource.Name, problem));
            }

            return result ?? success;
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    /// <summary>Starts the replicas that start with the application.</summary>
    public async Task<ExecuteCommandResult> StartAllAsync() =>
        await StartAsync([.. Ordered().Where(instance => !instance.State.IsWanted).Take(_group!.Count - Ordered().Count(instance => instance.State.IsWanted))]).ConfigureAwait(false)
        ?? CommandResults.Success();

    /// <summary>Stops all replicas.</summary>
    public async Task<ExecuteCommandResult> StopAllAsync() =>
        await ExecuteAsync(KnownResourceCommands.StopCommand, [.. Ordered().Where(instance => instance.State.IsWanted || instance.State.Phase == InstancePhase.Stopping)]).ConfigureAwait(false)
        ?? CommandResults.Success();

    /// <summary>Ends all processes at the end of the application: the signal, the time to end, then force.</summary>
    public Task EndAsync(CancellationToken cancellationToken) =>
        Task.WhenAll(_instances.Values.Select(instance => instance.EndProcessAsync(cancellationToken)));

    /// <summary>The names of what has not ended yet.</summary>
    public IEnumerable<string> Awaited =>
        Ordered().Where(instance => instance.HasProcess).Select(instance => instance.Resource.Name).Distinct();

    /// <summary>Ends all processes by force.</summary>
    public void Kill()
    {
        foreach (var instance in _instances.Values)
        {
            instance.Kill();
        }
    }

    public void Dispose() => _oneAtATime.Dispose();

    /// <summary>
    /// Several replicas under one name share one health: it does not say which of them hangs, and killing all would be worse. What has no
    /// process cannot be killed.
    /// </summary>
    private SupervisorOptions OptionsOf(IResource member) => HealthProbe.CanAsk(member) && SupervisedKinds.HasProcesses(member)
        ? Options
        : Options with { Watchdog = Options.Watchdog with { Enabled = false } };

    private SupervisedInstance? InstanceOf(string id) =>
        _instances.GetValueOrDefault(id) ?? _instances.Values.SingleOrDefault(instance => instance.Resource.Name.Equals(id, StringComparison.OrdinalIgnoreCase));

    /// <summary>By number: the second replica comes before the tenth.</summary>
    private IEnumerable<SupervisedInstance> Ordered() =>
        _instances.Values.OrderBy(instance => instance.Resource.Name.Length).ThenBy(instance => instance.Id, StringComparer.Ordinal);

    private async Task<ExecuteCommandResult?> StartAsync(SupervisedInstance[] instances)
    {
        if (await ExecuteAsync(KnownResourceCommands.StartCommand, instances).ConfigureAwait(false) is { } failure)
        {
            return failure;
        }

        return await UntilAsync(() => instances.All(instance => instance.State.IsServing)).ConfigureAwait(false)
            ? null
            : CommandResults.Failure(string.Create(
                CultureInfo.InvariantCulture,
                $"{string.Join(", ", instances.Where(instance => !instance.State.IsServing).Select(instance => instance.Resource.Name))} did not become healthy within {Options.HealthyTimeout.TotalSeconds:0.#} s."));
    }

    /// <returns>The first failure, or null.</returns>
    private async Task<ExecuteCommandResult?> ExecuteAsync(string command, SupervisedInstance[] instances)
    {
        var results = await Task.WhenAll(instances.Select(instance => services.Commands.ExecuteCommandAsync(instance.Id, command, services.Stopping))).ConfigureAwait(false);
        return results.FirstOrDefault(result => !result.Success);
    }

    private async Task<ExecuteCommandResult> ReloadAllAsync()
    {
        await _oneAtATime.WaitAsync(services.Stopping).ConfigureAwait(false);
        try
        {
            // What does not serve is replaced first: nobody misses it, and a build that does not start is found out by it.
            SupervisedInstance[] order = [.. Ordered().Where(instance => instance.State.IsReloaded).OrderBy(instance => instance.State.IsServing)];
            return order.Length == 0
                ? CommandResults.Failure($"'{Resource.Name}' is not reloaded: nothing of it runs. Start it instead.")
                : await ReloadAsync(order).ConfigureAwait(false);
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    private async Task<ExecuteCommandResult> ReloadAsync(SupervisedInstance[] order)
    {
        var watch = Stopwatch.StartNew();
        Report(logger => Log.Reloading(logger, Resource.Name, string.Join(", ", order.Select(instance => instance.Id))));
        await ShowReloadAsync($"under way: 0 of {order.Length} replaced").ConfigureAwait(false);
        var done = 0;
        var failure = await ReplaceAsync(order, Reload, () => ShowReloadAsync($"under way: {++done} of {order.Length} replaced")).ConfigureAwait(false);
        if (failure is { Instance: var instance, Problem: var problem })
        {
            var message = $"The reload of '{Resource.Name}' stopped at '{instance.Id}': {problem} {done} of {order.Length} were replaced before; the others go on as they were.";
            Report(logger => Log.ReloadHalted(logger, message));
            await ShowReloadAsync($"stopped at {instance.Id}: {problem}").ConfigureAwait(false);
            return CommandResults.Failure(message);
        }

        var success = string.Create(CultureInfo.InvariantCulture, $"'{Resource.Name}' is reloaded: {order.Length} replaced in {watch.Elapsed.TotalSeconds:0.0} s.");
        Report(logger => Log.Reloaded(logger, success));
        await ShowReloadAsync($"done: {order.Length} replaced").ConfigureAwait(false);
        return CommandResults.Success(success);
    }

    /// <summary>Replaces a process that is due. One that cannot be spared is due again at the next look.</summary>
    private async Task ReplaceAsync(SupervisedInstance instance, RestartReason reason)
    {
        var run = instance.State.StartedAt;
        await _oneAtATime.WaitAsync(services.Stopping).ConfigureAwait(false);
        try
        {
            var isOver = instance.State.StartedAt != run || instance.State is not { Phase: InstancePhase.Running, IsDue: true };
            if (!isOver && await ReplaceAsync([instance], reason).ConfigureAwait(false) is { } failure)
            {
                Report(logger => Log.NotReplaced(logger, instance.Id, failure.Problem));
                instance.Handle(new InstanceEvent.Postponed(services.Now));
            }
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    /// <summary>Replaces one process after the other. A standby replica stands in for each of them, so that there are never fewer.</summary>
    /// <returns>Where it failed, or null.</returns>
    private async Task<Failure?> ReplaceAsync(SupervisedInstance[] order, RestartReason reason, Func<Task>? replaced = null)
    {
        var standby = reason.IsUrgent && order.All(CanSpare) ? null : Standby();
        try
        {
            if (standby is not null && await BeginStandInAsync(standby, order[0]).ConfigureAwait(false) is { } problem)
            {
                return new(standby, problem);
            }

            foreach (var instance in order)
            {
                if (await ReplaceOneAsync(instance, reason, standby).ConfigureAwait(false) is { } halt)
                {
                    return new(instance, halt);
                }

                await (replaced?.Invoke() ?? Task.CompletedTask).ConfigureAwait(false);
            }

            return null;
        }
        finally
        {
            await EndStandInAsync(standby).ConfigureAwait(false);
        }
    }

    /// <summary>A replica that is kept for others: it is not one of those that start with the application, and nobody has started it.</summary>
    private SupervisedInstance? Standby() => _group is null || !Options.UseStandby
        ? null
        : Ordered().FirstOrDefault(instance => instance.State.Phase is InstancePhase.Idle or InstancePhase.Stopped && !_group.InUse.Contains(instance.Resource));

    /// <returns>Why it does not serve, or null.</returns>
    private async Task<string?> BeginStandInAsync(SupervisedInstance standby, SupervisedInstance first)
    {
        _uncounted = standby;
        _group!.Sockets.StandIn(standby.Resource, first.Resource);
        Report(logger => Log.StandingIn(logger, standby.Id));
        if (await StartAsync([standby]).ConfigureAwait(false) is { } failure)
        {
            return failure.Message;
        }

        return await FallsAsync(standby).ConfigureAwait(false) ? $"it ended because {standby.State.Reason?.Text}." : null;
    }

    private async Task EndStandInAsync(SupervisedInstance? standby)
    {
        if (standby is null || services.Stopping.IsCancellationRequested)
        {
            return;
        }

        _group!.Sockets.StandIn(standby.Resource, standby.Resource);
        await ExecuteAsync(KnownResourceCommands.StopCommand, [standby]).ConfigureAwait(false);
        _uncounted = null;
        ShowGroup();
    }

    /// <summary>Takes one process out of service and returns when its successor serves.</summary>
    /// <param name="instance">The process.</param>
    /// <param name="reason">Why.</param>
    /// <param name="standby">Who stands in for it meanwhile, or null.</param>
    /// <returns>Why its successor does not, or null; also null when somebody stopped the process meanwhile.</returns>
    private async Task<string?> ReplaceOneAsync(SupervisedInstance instance, RestartReason reason, SupervisedInstance? standby)
    {
        if (standby is null)
        {
            return await ReplaceOneAsync(instance, reason).ConfigureAwait(false);
        }

        try
        {
            await LeadAsync(instance, standby).ConfigureAwait(false);
            _uncounted = instance;
            return await ReplaceOneAsync(instance, reason).ConfigureAwait(false);
        }
        finally
        {
            await LeadAsync(instance, instance).ConfigureAwait(false);
            _uncounted = standby;
        }
    }

    private Task LeadAsync(SupervisedInstance instance, SupervisedInstance other) =>
        _group!.Sockets.LeadAsync(instance.Resource, other.Resource, services.Time, services.Stopping);

    /// <summary>Takes one process out of service and returns when its successor serves.</summary>
    /// <returns>Why it does not, or null; also null when somebody stopped the process meanwhile.</returns>
    private async Task<string?> ReplaceOneAsync(SupervisedInstance instance, RestartReason reason)
    {
        await UntilAsync(() => instance.State.Phase is not (InstancePhase.Starting or InstancePhase.Restarting or InstancePhase.Stopping)).ConfigureAwait(false);
        if (instance.State.IsServing && !await UntilAsync(() => !instance.State.IsServing || CanSpare(instance)).ConfigureAwait(false))
        {
            return string.Create(CultureInfo.InvariantCulture, $"it cannot be spared, since after {Options.HealthyTimeout.TotalSeconds:0.#} s only {ServingBesides(instance)} of {NeededBesides(instance)} others serve.");
        }

        var before = instance.State;
        if (!before.IsReloaded)
        {
            return null;
        }

        if (await instance.ReplaceAsync(reason).ConfigureAwait(false) is { } refusal)
        {
            return refusal;
        }

        bool isSettled;
        do
        {
            isSettled = await UntilAsync(() => IsSettled(instance.State, before)).ConfigureAwait(false);
        }
        while (isSettled && await FallsAsync(instance).ConfigureAwait(false));

        return Verdict(instance.State, before, isSettled);
    }

    /// <summary>Without a health check, a process that serves may be one that is about to fail: it counts once it has run for a while.</summary>
    private async Task<bool> FallsAsync(SupervisedInstance instance) =>
        instance.State.IsServing
        && !HealthProbe.HasChecks(instance.Resource)
        && await UntilAsync(() => !instance.State.IsServing, TimeSpan.FromSeconds(Options.StartSeconds)).ConfigureAwait(false);

    /// <summary>Whether it is known what came of a replacement.</summary>
    private static bool IsSettled(InstanceState state, InstanceState before) =>
        (state.IsServing && state.StartedAt != before.StartedAt)
        || state.Phase is InstancePhase.Stopped or InstancePhase.Finished or InstancePhase.Fatal;

    private string? Verdict(InstanceState state, InstanceState before, bool isSettled) => state switch
    {
        { Phase: InstancePhase.Fatal } => $"it does not start because {state.Reason?.Text}.",
        { Phase: InstancePhase.Finished } => "it ended by itself.",
        { Phase: InstancePhase.Stopped } => null,
        _ when isSettled && state.StartedAt != before.StartedAt => null,
        _ => string.Create(CultureInfo.InvariantCulture, $"it did not become healthy within {Options.HealthyTimeout.TotalSeconds:0.#} s."),
    };

    private bool CanSpare(SupervisedInstance instance) => ServingBesides(instance) >= NeededBesides(instance);

    private int ServingBesides(SupervisedInstance instance) => _instances.Values.Count(other => other != instance && other.State.IsServing);

    /// <summary>Those that somebody stopped are not waited for.</summary>
    private int NeededBesides(SupervisedInstance instance)
    {
        var others = _instances.Values.Count(other => other != instance && other.State.IsWanted);
        return Math.Min(Options.MinAvailable ?? others, others);
    }

    private Task<bool> UntilAsync(Func<bool> condition) => UntilAsync(condition, Options.HealthyTimeout);

    /// <returns>Whether it came true in time.</returns>
    private async Task<bool> UntilAsync(Func<bool> condition, TimeSpan limit)
    {
        using var deadline = new CancellationTokenSource(limit, services.Time);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, services.Stopping);
        while (true)
        {
            var changed = _changed.Task;
            if (condition())
            {
                return true;
            }

            await changed.WaitAsync(ending.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            services.Stopping.ThrowIfCancellationRequested();
            if (deadline.IsCancellationRequested)
            {
                return condition();
            }
        }
    }

    private async Task ShowReloadAsync(string progress)
    {
        var rows = _group is null ? _instances.Values.Select(instance => (instance.Resource, instance.Id)) : [(Resource, Resource.Name)];
        foreach (var (shown, id) in rows)
        {
            await services.Notifications.PublishUpdateAsync(shown, id, snapshot => snapshot.With((PropertyNames.Reload, progress))).ConfigureAwait(false);
        }
    }

    private Task ShowScalingAsync(int before, int after, string? load)
    {
        var why = load is null ? "as somebody asked" : $"at {load}";
        Report(logger => Log.Scaling(logger, Resource.Name, before, after, why));
        services.Metrics.Scaled(Resource.Name, after > before);
        var step = string.Create(CultureInfo.InvariantCulture, $"from {before} to {after}, {why}");
        return services.Notifications.PublishUpdateAsync(Resource, snapshot => snapshot.With((PropertyNames.Scaling, step)));
    }

    private void SignalChange()
    {
        Interlocked.Exchange(ref _changed, NewSignal()).TrySetResult();
        ShowGroup();
    }

    /// <summary>Shows in the group's row how its replicas are, when that has changed.</summary>
    private void ShowGroup()
    {
        if (_group is null || services.Stopping.IsCancellationRequested)
        {
            return;
        }

        lock (_lock)
        {
            var row = GroupRow.Of([.. _instances.Values.Where(instance => instance != _uncounted).Select(instance => instance.State)], _group.Count, _hasServed);
            _servingSince = row.Healthy == 0 ? null : _servingSince ?? services.Now;
            row = row with { ServingSince = _servingSince, LastRestart = LastRestart() };
            _hasServed |= row.Healthy == row.Wanted;
            if (row == _shown)
            {
                return;
            }

            _shown = row;
        }

        services.Run(Resource.Name, () => services.Notifications.PublishUpdateAsync(Resource, snapshot => Volatile.Read(ref _shown)!.Show(snapshot)));
    }

    private string? LastRestart() => _instances.Values.Where(instance => instance.State.RestartedAt is not null).MaxBy(instance => instance.State.RestartedAt) is { } last
        ? $"{last.Resource.Name}: {last.State.Reason?.Text}"
        : null;

    private void Report(Action<ILogger> report)
    {
        report(_console);
        report(services.Logger);
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Where a replacement failed, and why.</summary>
    private sealed record Failure(SupervisedInstance Instance, string Problem);
}
