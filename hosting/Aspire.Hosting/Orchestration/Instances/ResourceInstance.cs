using System.Collections.Immutable;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Orchestration.Endpoints;
using Aspire.Hosting.Orchestration.Health;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting.Orchestration.Instances;

/// <summary>
/// One running copy of a resource: its process, its health and its row. Name, ports and sockets outlive the process,
/// so a restart changes nothing for those who were told the address.
/// </summary>
internal sealed class ResourceInstance(
    IResource resource,
    InstanceName name,
    IReadOnlyList<InstanceEndpoint> endpoints,
    InstanceRow row,
    InstanceConsole console,
    InstanceServices services) : IAsyncDisposable
{
    private static readonly TimeSpan LeastPatience = TimeSpan.FromSeconds(1);

    private readonly SemaphoreSlim _gate = new(1, 1);
    private volatile InstanceStatus _status = new(KnownResourceStates.NotStarted, null);
    private volatile InstanceRun? _run;

    public InstanceName Name { get; } = name;

    public IReadOnlyList<InstanceEndpoint> Endpoints { get; } = endpoints;

    public InstanceConsole Console { get; } = console;

    public InstanceStatus Status => _status;

    /// <summary>Whether there is a process, or its end is not shown yet.</summary>
    public bool IsRunning => _run is { IsOver: false };

    /// <summary>Completed when the subscribers of the last stopped event are done. Never fails.</summary>
    public Task Told => _run?.Told ?? Task.CompletedTask;

    /// <summary>What a person calls it: the resource's name, unless it is one of several.</summary>
    private string ShownName => resource.Annotations.OfType<ReplicaAnnotation>().Any() ? Name.Id : resource.Name;

    /// <summary>Raised after every change of state or health, when the row already shows it.</summary>
    public event Func<Task>? Changed;

    /// <summary>Shows the row for the first time.</summary>
    /// <param name="hidden">Whether it is a spare, which nobody sees until it is used.</param>
    public Task InitializeAsync(bool hidden) => services.Notifications.PublishUpdateAsync(resource, Name.Id, row.Initial(hidden));

    /// <summary>Hides the row of an instance that is a spare, or shows that of one that is no longer.</summary>
    public Task HideAsync(bool hidden) => services.Notifications.PublishUpdateAsync(resource, Name.Id, InstanceRow.Hide(hidden));

    /// <summary>Shows the instance's addresses, which are served once it runs.</summary>
    public Task ShowAddressesAsync(ImmutableArray<UrlSnapshot> urls) => services.Notifications.PublishUpdateAsync(resource, Name.Id, row.Addresses(urls));

    /// <summary>Marks the instance ready: the subscribers of its ready event are done when the task is.</summary>
    public Task ShowReadyAsync(Task ready) => services.Notifications.PublishUpdateAsync(resource, Name.Id, InstanceRow.Ready(ready));

    /// <summary>Shows a state in which there is no process: not started, waiting, building or starting.</summary>
    public Task ShowAsync(string state) => PublishAsync(new InstanceStatus(state, null), InstanceRow.Show(state, services.HealthMonitor(resource, Endpoints).Initial));

    /// <summary>Starts the process unless it runs. A failure ends in state FailedToStart, never in an exception.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (!IsRunning)
            {
                await LaunchAsync(cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Stops the process: gracefully within the time its row names, then the whole group by force. A try that is due is given up.</summary>
    /// <exception cref="TimeoutException">A start that is under way does not give up, or the kernel cannot end the process.</exception>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        var wait = StopSettings.Wait(services.Notifications.TryGetCurrentState(Name.Id, out var current) ? current.Snapshot.Properties : []);
        await StopAsync(wait, cancellationToken).ConfigureAwait(false);
        await SettleAsync().ConfigureAwait(false);
    }

    /// <summary>Stops the process: gracefully within <paramref name="grace"/>, then the whole group by force.</summary>
    /// <exception cref="TimeoutException">A start that is under way does not give up, or the kernel cannot end the process.</exception>
    public async Task StopAsync(TimeSpan grace, CancellationToken cancellationToken)
    {
        if (_run is { StopRequested: true, Ended.IsCompleted: false } stopping)
        {
            // Whoever asked first may have given it more time, and holds the gate for as long.
            await stopping.Process.StopAsync(grace, cancellationToken).ConfigureAwait(false);
        }

        await EnterToStopAsync(grace, cancellationToken).ConfigureAwait(false);
        try
        {
            if (_run is { IsOver: false } run)
            {
                run.StopRequested = true;
                await run.StopHealthAsync().ConfigureAwait(false);
                await PublishAsync(new InstanceStatus(KnownResourceStates.Stopping, null), InstanceRow.Stopping(), unless: () => run.IsOver).ConfigureAwait(false);
                await run.Process.StopAsync(grace, cancellationToken).ConfigureAwait(false);
                await run.Ended.ConfigureAwait(false);
            }
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Records why the instance cannot start, in its row, its console and the AppHost's log.</summary>
    public async Task FailAsync(string reason)
    {
        Console.WriteError(reason);
        services.Reporter.FailedToStart(ShownName, reason);
        await PublishAsync(new InstanceStatus(KnownResourceStates.FailedToStart, null), row.Ended(KnownResourceStates.FailedToStart, null, asked: false)).ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        if (_run is { } run)
        {
            await run.DisposeAsync().ConfigureAwait(false);
        }

        await Console.DisposeAsync().ConfigureAwait(false);
        _gate.Dispose();
    }

    /// <summary>Takes the gate. A free one is taken even when the token has fired: the process must end all the same.</summary>
    private async Task EnterToStopAsync(TimeSpan grace, CancellationToken cancellationToken)
    {
        var patience = grace > LeastPatience ? grace : LeastPatience;
        if (!_gate.Wait(0, CancellationToken.None) && !await _gate.WaitAsync(patience, cancellationToken).ConfigureAwait(false))
        {
            throw new TimeoutException($"'{ShownName}' is still being started after {patience.TotalSeconds:0.#} s and cannot be stopped.");
        }
    }

    private async Task LaunchAsync(CancellationToken cancellationToken)
    {
        if (_run is { } previous)
        {
            await previous.DisposeAsync().ConfigureAwait(false);
            _run = null;
        }

        InstanceLaunch launch;
        InstanceRun run;
        try
        {
            launch = await services.Launcher.PrepareAsync(resource, this, cancellationToken).ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
            var process = services.Launcher.Start(launch, Endpoints, Console);
            run = new InstanceRun(process);
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            await FailAsync(e.Message).ConfigureAwait(false);
            return;
        }

        _run = run;
        var monitor = services.HealthMonitor(resource, Endpoints);
        if (!monitor.Initial.IsEmpty)
        {
            run.Process.GoFirst();
        }

        await PublishAsync(Running(monitor.Initial), InstanceRow.Running(launch, run.Process, monitor.Initial)).ConfigureAwait(false);
        run.Ended = WatchAsync(run, monitor);
    }

    private async Task WatchAsync(InstanceRun run, InstanceHealthMonitor monitor)
    {
        run.StartHealth(ended => monitor.RunAsync(reports => ShowHealthAsync(run, reports), ended));
        var exit = await run.Process.Exit.ConfigureAwait(false);
        await run.StopHealthAsync().ConfigureAwait(false);

        var state = run.StopRequested || exit.Code != 0 ? KnownResourceStates.Exited : KnownResourceStates.Finished;
        if (!run.StopRequested)
        {
            services.Reporter.Ended(ShownName, exit);
        }

        var ended = row.Ended(state, exit, run.StopRequested);
        await PublishAsync(
            new InstanceStatus(state, null),
            snapshot =>
            {
                run.IsOver = true;
                return ended(snapshot);
            }).ConfigureAwait(false);
        run.Told = services.PublishStoppedAsync(resource, Name.Id);
    }

    private Task ShowHealthAsync(InstanceRun run, ImmutableArray<HealthReportSnapshot> reports)
    {
        var status = Running(reports);
        if (status.Health == HealthStatus.Healthy)
        {
            run.Process.SettleIn();
        }

        return PublishAsync(status, row.Health(reports));
    }

    private static InstanceStatus Running(ImmutableArray<HealthReportSnapshot> reports) =>
        new(KnownResourceStates.Running, reports.IsEmpty ? HealthStatus.Healthy : reports.Min(r => r.Status ?? HealthStatus.Unhealthy));

    /// <summary>Somebody else may show an end as a wait for the next try; a stop makes it an end again.</summary>
    private async Task SettleAsync()
    {
        var state = _status.State;
        if (!IsRunning && KnownResourceStates.TerminalStates.Contains(state))
        {
            var settled = InstanceRow.Settled(state);
            await services.Notifications.PublishUpdateAsync(resource, Name.Id, snapshot => snapshot.State?.Text == state ? snapshot : settled(snapshot)).ConfigureAwait(false);
        }
    }

    /// <summary>Changes state and row as one, so that no other change comes in between.</summary>
    private async Task PublishAsync(InstanceStatus status, Func<CustomResourceSnapshot, CustomResourceSnapshot> change, Func<bool>? unless = null)
    {
        await services.Notifications.PublishUpdateAsync(resource, Name.Id, snapshot =>
        {
            if (unless is not null && unless())
            {
                return snapshot;
            }

            _status = status;
            return change(snapshot);
        }).ConfigureAwait(false);
        if (Changed is { } changed)
        {
            await changed().ConfigureAwait(false);
        }
    }
}
