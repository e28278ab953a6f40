using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Eventing;
using Aspire.Hosting.Orchestration.Commands;
using Aspire.Hosting.Orchestration.Endpoints;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Orchestration;

/// <summary>Runs the model: starts every resource in the order its waits allow, and stops them in the reverse order.</summary>
/// <remarks>
/// One start goes through Aspire's events: rows and <see cref="InitializeResourceEvent"/>, endpoints and
/// <see cref="ResourceEndpointsAllocatedEvent"/>, then for each resource its waits, <see cref="BeforeResourceStartedEvent"/>
/// and its processes; <see cref="AfterResourcesCreatedEvent"/> follows when every resource was started or gave up.
/// </remarks>
internal sealed partial class ApplicationOrchestrator(
    DistributedApplicationModel model,
    ProcessResourceFactory factory,
    StaticResources statics,
    RunPreparation preparation,
    ResourceNotificationService notifications,
    ResourceLoggerService logs,
    IDistributedApplicationEventing eventing,
    DistributedApplicationExecutionContext executionContext,
    ResourceReporter reporter,
    ShutdownBudget shutdownBudget,
    IServiceProvider services,
    ILogger<ApplicationOrchestrator> logger) : IHostedService, IAsyncDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly Dictionary<IResource, ProcessResource> _processes = [];
    private Task _starting = Task.CompletedTask;
    private int _stopped;

    /// <inheritdoc />
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await preparation.RunAsync(cancellationToken).ConfigureAwait(false);

        foreach (var resource in model.Resources.Where(r => r is ProjectResource or ExecutableResource))
        {
            var process = factory.Create(resource);
            LifecycleCommands.AddTo(resource, process);
            ScaleCommands.AddTo(resource, process);
            _processes.Add(resource, process);
        }

        await InitializeAsync(cancellationToken).ConfigureAwait(false);
        await AnnounceEndpointsAsync(cancellationToken).ConfigureAwait(false);
        _starting = StartResourcesAsync(_stopping.Token);
    }

    /// <inheritdoc />
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _stopped, 1) == 1)
        {
            return;
        }

        await _stopping.CancelAsync().ConfigureAwait(false);

        // A subscriber that does not give up must not keep the rest from being stopped.
        await _starting.WaitAsync(shutdownBudget.Total, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

        var deadline = shutdownBudget.Begin();
        var layers = ShutdownOrder.Layers(_processes.Keys);
        for (var i = 0; i < layers.Count; i++)
        {
            var grace = deadline.Share(layers.Count - i);
            await Task.WhenAll(layers[i].Select(r => ShutDownAsync(r, grace, cancellationToken))).ConfigureAwait(false);
        }
    }

    public async ValueTask DisposeAsync()
    {
        // Nobody stops an application whose start failed after this part of it.
        await StopAsync(CancellationToken.None).ConfigureAwait(false);
        foreach (var process in _processes.Values)
        {
            await process.DisposeAsync().ConfigureAwait(false);
        }

        _stopping.Dispose();
    }

    private async Task InitializeAsync(CancellationToken cancellationToken)
    {
        foreach (var resource in model.Resources)
        {
            await (_processes.TryGetValue(resource, out var process) ? process.InitializeAsync() : statics.InitializeAsync(resource)).ConfigureAwait(false);
        }

        foreach (var resource in model.Resources)
        {
            Observe(eventing.PublishAsync(new InitializeResourceEvent(resource, eventing, logs, notifications, services), cancellationToken), resource);
        }
    }

    private async Task AnnounceEndpointsAsync(CancellationToken cancellationToken)
    {
        foreach (var (resource, process) in _processes)
        {
            await eventing.PublishAsync(new ResourceEndpointsAllocatedEvent(resource, services), cancellationToken).ConfigureAwait(false);
            foreach (var instance in process.Instances)
            {
                var urls = await InstanceUrls.BuildAsync(resource, instance.Endpoints, executionContext, cancellationToken).ConfigureAwait(false);
                await instance.ShowAddressesAsync(urls).ConfigureAwait(false);
            }
        }
    }

    private async Task StartResourcesAsync(CancellationToken cancellationToken)
    {
        try
        {
            await Task.WhenAll(model.Resources.Select(r => Task.Run(() => StartResourceAsync(r, cancellationToken), cancellationToken))).ConfigureAwait(false);
            await eventing.PublishAsync(new AfterResourcesCreatedEvent(services, model), cancellationToken).ConfigureAwait(false);
            reporter.Started();
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested || notifications.Stopping.IsCancellationRequested)
        {
            // The application stops while it starts.
        }
        catch (Exception e)
        {
            Log.StartFailed(logger, e);
        }
    }

    private Task StartResourceAsync(IResource resource, CancellationToken cancellationToken)
    {
        if (resource.Annotations.OfType<ExplicitStartupAnnotation>().Any())
        {
            return Task.CompletedTask;
        }

        return _processes.TryGetValue(resource, out var process)
            ? process.StartAllAsync(cancellationToken)
            : statics.StartAsync(resource, cancellationToken);
    }

    /// <summary>One resource that cannot be stopped does not keep the others running.</summary>
    private async Task ShutDownAsync(IResource resource, TimeSpan grace, CancellationToken cancellationToken)
    {
        try
        {
            await _processes[resource].ShutDownAsync(grace, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            Log.StopFailed(logger, resource.Name, e);
        }
    }

    /// <summary>Nobody waits for these subscribers, so their failure is written where the resource's owner looks.</summary>
    private void Observe(Task subscribers, IResource resource) =>
        subscribers.ContinueWith(
            failed => Log.InitializeFailed(logs.GetLogger(resource), resource.Name, failed.Exception!),
            CancellationToken.None,
            TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "Starting the application failed.")]
        public static partial void StartFailed(ILogger logger, Exception exception);

        [LoggerMessage(3, LogLevel.Error, "{Resource} could not be stopped.")]
        public static partial void StopFailed(ILogger logger, string resource, Exception exception);

        [LoggerMessage(2, LogLevel.Error, "Initializing {Resource} failed.")]
        public static partial void InitializeFailed(ILogger logger, string resource, Exception exception);
    }
}
