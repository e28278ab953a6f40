using System.Collections.Concurrent;
using System.Globalization;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Supervisor.Configuration;

namespace Aspire.Hosting.Supervisor.Runtime;

/// <summary>The instances of a resource or a group: finds them by id, runs commands on them, and waits for them.</summary>
internal sealed class InstanceSet(SupervisorOptions options, SupervisorServices services)
{
    private readonly ConcurrentDictionary<string, SupervisedInstance> _byId = new(StringComparer.OrdinalIgnoreCase);
    private volatile TaskCompletionSource _changed = NewSignal();

    /// <summary>Raised after every change of an instance.</summary>
    public event Action? Changed;

    /// <summary>All instances by number: the second replica comes before the tenth.</summary>
    public IEnumerable<SupervisedInstance> All =>
        _byId.Values.OrderBy(instance => instance.Resource.Name.Length).ThenBy(instance => instance.Id, StringComparer.Ordinal);

    public SupervisedInstance GetOrAdd(string id, Func<string, SupervisedInstance> add) => _byId.GetOrAdd(id, add);

    /// <summary>The instance with an id, or the only one of a resource with that name.</summary>
    public SupervisedInstance? Find(string id) =>
        _byId.GetValueOrDefault(id)
        ?? _byId.Values.SingleOrDefault(instance => instance.Resource.Name.Equals(id, StringComparison.OrdinalIgnoreCase));

    /// <summary>Reports that an instance has changed.</summary>
    public void SignalChange()
    {
        Interlocked.Exchange(ref _changed, NewSignal()).TrySetResult();
        Changed?.Invoke();
    }

    /// <summary>Whether enough others serve for one to be taken out of service.</summary>
    public bool CanTakeDown(SupervisedInstance instance) => ServingOthers(instance) >= NeededOthers(instance);

    /// <summary>The number of other instances that serve.</summary>
    public int ServingOthers(SupervisedInstance instance) => _byId.Values.Count(other => other != instance && other.State.IsServing);

    /// <summary>The number of other instances that must serve; those stopped by a command do not count.</summary>
    public int NeededOthers(SupervisedInstance instance)
    {
        var others = _byId.Values.Count(other => other != instance && other.State.IsWanted);
        return Math.Min(options.MinAvailable ?? others, others);
    }

    /// <summary>Starts instances and waits until all of them serve.</summary>
    /// <returns>The first failure, or null.</returns>
    public async Task<ExecuteCommandResult?> StartAsync(IReadOnlyList<SupervisedInstance> instances)
    {
        if (await ExecuteAsync(KnownResourceCommands.StartCommand, instances).ConfigureAwait(false) is { } failure)
        {
            return failure;
        }

        if (await UntilAsync(() => instances.All(instance => instance.State.IsServing)).ConfigureAwait(false))
        {
            return null;
        }

        var names = instances.Where(instance => !instance.State.IsServing).Select(instance => instance.Resource.Name);
        return CommandResults.Failure(string.Create(
            CultureInfo.InvariantCulture,
            $"{string.Join(", ", names)} did not become healthy within {options.HealthyTimeout.TotalSeconds:0.#} s."));
    }

    /// <summary>Runs a command on instances at the same time.</summary>
    /// <returns>The first failure, or null.</returns>
    public async Task<ExecuteCommandResult?> ExecuteAsync(string command, IReadOnlyList<SupervisedInstance> instances)
    {
        var results = await Task.WhenAll(instances.Select(Execute)).ConfigureAwait(false);
        return results.FirstOrDefault(result => !result.Success);

        Task<ExecuteCommandResult> Execute(SupervisedInstance instance) =>
            services.Commands.ExecuteCommandAsync(instance.Id, command, services.Stopping);
    }

    /// <summary>Waits for a condition, for <see cref="SupervisorOptions.HealthyTimeout"/> at most.</summary>
    /// <returns>Whether it came true in time.</returns>
    public Task<bool> UntilAsync(Func<bool> condition) => UntilAsync(condition, options.HealthyTimeout);

    /// <summary>Waits for a condition.</summary>
    /// <returns>Whether it came true in time.</returns>
    public async Task<bool> UntilAsync(Func<bool> condition, TimeSpan limit)
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

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
