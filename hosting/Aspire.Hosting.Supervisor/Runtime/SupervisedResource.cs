using System.Diagnostics;
using System.Globalization;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Shared;
using Aspire.Hosting.Supervisor.Configuration;
using Aspire.Hosting.Supervisor.Machine;
using Aspire.Hosting.Supervisor.Processes;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Supervisor.Runtime;

/// <summary>A supervised resource or group of replicas. At most one of its processes is taken out of service at a time.</summary>
internal sealed class SupervisedResource : IDisposable
{
    private static readonly RestartReason Reload = new("reload", "a reload was asked for");

    private readonly SupervisorServices _services;
    private readonly ReplicaGroupResource? _group;
    private readonly InstanceSet _instances;
    private readonly Replacement _replacement;
    private readonly GroupDisplay _display;
    private readonly ILogger _console;
    private readonly SemaphoreSlim _oneAtATime = new(1, 1);
    private readonly Lock _lock = new();
    private Task<ExecuteCommandResult>? _reload;

    public SupervisedResource(IResource resource, SupervisorOptions options, SupervisorServices services)
    {
        (Resource, Options, _services, _group) = (resource, options, services, resource as ReplicaGroupResource);
        _console = services.Consoles.GetLogger(resource);
        _instances = new(options, services);
        _replacement = new(_group, _instances, options, services);
        _display = new(resource, _instances, () => _replacement.Uncounted, services);
        _instances.Changed += _display.Show;
    }

    public IResource Resource { get; }

    public SupervisorOptions Options { get; }

    /// <summary>The resources whose instances are its processes.</summary>
    public IEnumerable<IResource> Members => _group is null ? [Resource] : _group.Replicas;

    /// <summary>Whether it is being reloaded or scaled, or one of its processes is being replaced.</summary>
    public bool IsChanging => _oneAtATime.CurrentCount == 0;

    /// <summary>The status shown in the snapshot of a group; null before the first replica is seen, and without a group.</summary>
    public GroupStatus? Shown => _display.Shown;

    /// <summary>The processes that serve.</summary>
    public IEnumerable<SupervisedProcess> Serving => _instances.All.Select(instance => instance.Serving).OfType<SupervisedProcess>();

    /// <summary>The names of the resources whose processes have not ended yet.</summary>
    public IEnumerable<string> Awaited =>
        _instances.All.Where(instance => instance.HasProcess).Select(instance => instance.Resource.Name).Distinct();

    /// <summary>Handles a snapshot of one of its instances.</summary>
    public void Observe(ResourceEvent change)
    {
        if (change.Snapshot.State is null || change.ResourceId == change.Resource.Name)
        {
            // The snapshot of the resource as a whole, which exists until its instances have their own.
            return;
        }

        _instances.GetOrAdd(change.ResourceId, id => New(change.Resource, id)).Observe(change.Snapshot);
        _display.Show();
    }

    /// <summary>Checks every process that runs.</summary>
    public void Check(Func<int, long?> residentBytes)
    {
        foreach (var instance in _instances.All)
        {
            instance.Check(residentBytes);
        }
    }

    /// <summary>Replaces one process after the other; a call while that is under way waits for the same reload.</summary>
    public Task<ExecuteCommandResult> ReloadAsync()
    {
        lock (_lock)
        {
            return _reload is { IsCompleted: false } underWay ? underWay : _reload = Task.Run(() => InTurnAsync(ReloadAllAsync));
        }
    }

    /// <summary>Runs another number of replicas: starts those with the lowest numbers, stops those with the highest.</summary>
    /// <param name="target">Returns the new number of replicas for the current one.</param>
    /// <param name="load">The load that needs it, to be logged; null when a user asked for it.</param>
    public Task<ExecuteCommandResult> ScaleAsync(Func<int, int> target, string? load = null) => InTurnAsync(async () =>
    {
        var before = _instances.All.Count(instance => instance.State.IsReloaded);
        var after = target(before);
        if (after < 1 || after > _group!.Max)
        {
            return CommandResults.Failure($"'{Resource.Name}' has {before} replicas; it can have from 1 to {_group!.Max}.");
        }

        return (after == before ? null : await ScaleAsync(before, after, load).ConfigureAwait(false))
            ?? CommandResults.Success($"'{Resource.Name}' has {after} replicas.");
    });

    /// <summary>Starts the replicas that start with the application.</summary>
    public async Task<ExecuteCommandResult> StartAllAsync()
    {
        var missing = _group!.Count - _instances.All.Count(instance => instance.State.IsWanted);
        var stopped = _instances.All.Where(instance => !instance.State.IsWanted);
        return await _instances.StartAsync([.. stopped.Take(missing)]).ConfigureAwait(false) ?? CommandResults.Success();
    }

    /// <summary>Stops all replicas.</summary>
    public async Task<ExecuteCommandResult> StopAllAsync()
    {
        var running = _instances.All.Where(instance => instance.State.IsWanted || instance.State.Phase == InstancePhase.Stopping);
        var failure = await _instances.ExecuteAsync(KnownResourceCommands.StopCommand, [.. running]).ConfigureAwait(false);
        return failure ?? CommandResults.Success();
    }

    /// <summary>Ends all processes when the application stops: the signal, the time to end, then SIGKILL.</summary>
    public Task EndAsync(CancellationToken cancellationToken) =>
        Task.WhenAll(_instances.All.Select(instance => instance.EndProcessAsync(cancellationToken)));

    /// <summary>Kills all processes.</summary>
    public void Kill()
    {
        foreach (var instance in _instances.All)
        {
            instance.Kill();
        }
    }

    public void Dispose() => _oneAtATime.Dispose();

    private SupervisedInstance New(IResource member, string id)
    {
        if (!_instances.All.Any(other => other.Resource == member))
        {
            LifecycleCommands.Wrap(member, _instances.Find);
        }

        return new(member, id, OptionsOf(member), _services, _instances.SignalChange, ReplaceAsync);
    }

    /// <summary>
    /// The options of a member, without the watchdog where it cannot work: replicas of <c>WithReplicas</c> share one health check, which
    /// does not show which of them hangs, and a resource without a process cannot be killed.
    /// </summary>
    private SupervisorOptions OptionsOf(IResource member) => HealthProbe.CanAsk(member) && SupervisedKinds.HasProcesses(member)
        ? Options
        : Options with { Watchdog = Options.Watchdog with { Enabled = false } };

    private async Task<T> InTurnAsync<T>(Func<Task<T>> change)
    {
        await _oneAtATime.WaitAsync(_services.Stopping).ConfigureAwait(false);
        try
        {
            return await change().ConfigureAwait(false);
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    private async Task<ExecuteCommandResult> ReloadAllAsync()
    {
        // Those that do not serve come first: nothing is lost if a new build does not start.
        SupervisedInstance[] order =
            [.. _instances.All.Where(instance => instance.State.IsReloaded).OrderBy(instance => instance.State.IsServing)];
        return order.Length == 0
            ? CommandResults.Failure($"'{Resource.Name}' is not reloaded: it does not run. Start it instead.")
            : await ReloadAsync(order).ConfigureAwait(false);
    }

    private async Task<ExecuteCommandResult> ReloadAsync(SupervisedInstance[] order)
    {
        var watch = Stopwatch.StartNew();
        Report(logger => Log.Reloading(logger, Resource.Name, string.Join(", ", order.Select(instance => instance.Id))));
        await _display.ShowReloadAsync($"under way: 0 of {order.Length} replaced").ConfigureAwait(false);
        var done = 0;
        Task Replaced() => _display.ShowReloadAsync($"under way: {++done} of {order.Length} replaced");
        var failure = await _replacement.RunAsync(order, Reload, ReportStandIn, Replaced).ConfigureAwait(false);
        if (failure is { Instance: var instance, Problem: var problem })
        {
            var message = $"The reload of '{Resource.Name}' stopped at '{instance.Id}': {problem} "
                + $"{done} of {order.Length} were replaced before; the others still run as they were.";
            Report(logger => Log.ReloadHalted(logger, message));
            await _display.ShowReloadAsync($"stopped at {instance.Id}: {problem}").ConfigureAwait(false);
            return CommandResults.Failure(message);
        }

        var seconds = watch.Elapsed.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture);
        var success = $"'{Resource.Name}' is reloaded: {order.Length} replaced in {seconds} s.";
        Report(logger => Log.Reloaded(logger, success));
        await _display.ShowReloadAsync($"done: {order.Length} replaced").ConfigureAwait(false);
        return CommandResults.Success(success);
    }

    /// <summary>Replaces a process that is due. If too few others serve, it is due again at the next check.</summary>
    private async Task ReplaceAsync(SupervisedInstance instance, RestartReason reason)
    {
        var run = instance.State.StartedAt;
        await InTurnAsync(async () =>
        {
            var isOver = instance.State.StartedAt != run || instance.State is not { Phase: InstancePhase.Running, IsDue: true };
            var failure = isOver ? null : await _replacement.RunAsync([instance], reason, ReportStandIn).ConfigureAwait(false);
            if (failure is not null)
            {
                Report(logger => Log.NotReplaced(logger, instance.Id, failure.Problem));
                instance.Handle(new InstanceEvent.Postponed(_services.Now));
            }

            return failure;
        }).ConfigureAwait(false);
    }

    /// <returns>The first failure, or null.</returns>
    private async Task<ExecuteCommandResult?> ScaleAsync(int before, int after, string? load)
    {
        var why = load is null ? "as asked" : $"at {load}";
        Report(logger => Log.Scaling(logger, Resource.Name, before, after, why));
        _services.Metrics.Scaled(Resource.Name, after > before);
        await _display.ShowScalingAsync(before, after, why).ConfigureAwait(false);
        var failure = await (after > before ? StartMoreAsync(after - before) : StopAllButAsync(after)).ConfigureAwait(false);
        if (load is not null && failure is { Message: var problem })
        {
            Report(logger => Log.NotScaled(logger, Resource.Name, problem));
        }

        return failure;
    }

    private Task<ExecuteCommandResult?> StartMoreAsync(int count) =>
        _instances.StartAsync([.. _instances.All.Where(instance => !instance.State.IsReloaded).Take(count)]);

    private Task<ExecuteCommandResult?> StopAllButAsync(int count)
    {
        var surplus = _instances.All.Where(instance => instance.State.IsReloaded).Skip(count);
        return _instances.ExecuteAsync(KnownResourceCommands.StopCommand, [.. surplus]);
    }

    private void ReportStandIn(SupervisedInstance standby) => Report(logger => Log.StandingIn(logger, standby.Id));

    private void Report(Action<ILogger> report)
    {
        report(_console);
        report(_services.Logger);
    }
}
