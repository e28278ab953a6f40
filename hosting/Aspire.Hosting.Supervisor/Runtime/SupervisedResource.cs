using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Supervisor.Configuration;
using Aspire.Hosting.Supervisor.Machine;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Supervisor.Runtime;

/// <summary>A resource with its supervised processes, of which at most one is taken out of service at a time.</summary>
internal sealed class SupervisedResource(IResource resource, SupervisorOptions options, SupervisorServices services) : IDisposable
{
    private static readonly RestartReason Reload = new("reload", "a reload was asked for");

    private readonly ConcurrentDictionary<string, SupervisedInstance> _instances = new(StringComparer.OrdinalIgnoreCase);
    private readonly SemaphoreSlim _oneAtATime = new(1, 1);
    private readonly Lock _lock = new();
    private readonly ILogger _console = services.Consoles.GetLogger(resource);
    private volatile TaskCompletionSource _changed = NewSignal();
    private Task<ExecuteCommandResult>? _reload;

    public IResource Resource { get; } = resource;

    public SupervisorOptions Options { get; } = options;

    /// <summary>Takes in what a row shows.</summary>
    public void Observe(ResourceEvent change)
    {
        if (!IsGroup(change))
        {
            _instances.GetOrAdd(change.ResourceId, id => new SupervisedInstance(Resource, id, Options, services, SignalChange, ReplaceAsync)).Observe(change.Snapshot);
        }
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

    public void Dispose() => _oneAtATime.Dispose();

    private async Task<ExecuteCommandResult> ReloadAllAsync()
    {
        await _oneAtATime.WaitAsync(services.Stopping).ConfigureAwait(false);
        try
        {
            // What does not serve is replaced first: nobody misses it, and a build that does not start is found out by it.
            SupervisedInstance[] order = [.. _instances.Values.Where(i => i.State.IsReloaded).OrderBy(i => i.State.IsServing).ThenBy(i => i.Id, StringComparer.Ordinal)];
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
        Say(logger => Log.Reloading(logger, Resource.Name, string.Join(", ", order.Select(i => i.Id))));
        for (var done = 0; done < order.Length; done++)
        {
            await ShowReloadAsync($"under way: {done} of {order.Length} replaced").ConfigureAwait(false);
            if (await RenewAsync(order[done], Reload).ConfigureAwait(false) is { } problem)
            {
                var message = $"The reload of '{Resource.Name}' stopped at '{order[done].Id}': {problem} {done} of {order.Length} were replaced before; the others go on as they were.";
                Say(logger => Log.ReloadHalted(logger, message));
                await ShowReloadAsync($"stopped at {order[done].Id}: {problem}").ConfigureAwait(false);
                return CommandResults.Failure(message);
            }
        }

        var success = string.Create(CultureInfo.InvariantCulture, $"'{Resource.Name}' is reloaded: {order.Length} replaced in {watch.Elapsed.TotalSeconds:0.0} s.");
        Say(logger => Log.Reloaded(logger, success));
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
            if (!isOver && await RenewAsync(instance, reason).ConfigureAwait(false) is { } problem)
            {
                Say(logger => Log.NotReplaced(logger, instance.Id, problem));
                instance.Handle(new InstanceEvent.Postponed(services.Now));
            }
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    /// <summary>Takes one process out of service and returns when its successor serves.</summary>
    /// <returns>Why it does not, or null; also null when somebody stopped the process meanwhile.</returns>
    private async Task<string?> RenewAsync(SupervisedInstance instance, RestartReason reason)
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

        if (await instance.RenewAsync(reason).ConfigureAwait(false) is { } refusal)
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
        && !Resource.Annotations.OfType<HealthCheckAnnotation>().Any()
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
        IEnumerable<string> rows = services.Notifications.TryGetCurrentState(Resource.Name, out var row) && IsGroup(row) ? [Resource.Name] : _instances.Keys;
        foreach (var id in rows)
        {
            await services.Notifications.PublishUpdateAsync(Resource, id, snapshot => snapshot.With((PropertyNames.Reload, progress))).ConfigureAwait(false);
        }
    }

    /// <summary>The row that speaks for all replicas, on hosts that have one.</summary>
    private bool IsGroup(ResourceEvent row) =>
        row.ResourceId.Equals(Resource.Name, StringComparison.OrdinalIgnoreCase) && Resource.Annotations.OfType<ReplicaAnnotation>().Any();

    private void SignalChange() => Interlocked.Exchange(ref _changed, NewSignal()).TrySetResult();

    private void Say(Action<ILogger> say)
    {
        say(_console);
        say(services.Logger);
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
