using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Supervisor.Processes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Supervisor.Runtime;

/// <summary>Supervises all resources of an application that ask for it.</summary>
/// <remarks>It knows the host by what the rows show and through the commands of the resources, and by nothing else.</remarks>
internal sealed class SupervisorService(
    DistributedApplicationModel model,
    ResourceNotificationService notifications,
    ResourceCommandService commands,
    ResourceLoggerService consoles,
    ILoggerFactory loggers,
    IHostApplicationLifetime lifetime,
    IServiceProvider provider) : IHostedService, IDisposable
{
    /// <summary>The name of the reload command.</summary>
    public const string ReloadCommand = "reload";

    private const string LogCategory = "Aspire.Hosting.Supervisor";

    /// <summary>How often processes are looked at: memory, requests, lifetime, the watchdog. An exit is not looked for but told.</summary>
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(1);

    private readonly ILogger _logger = loggers.CreateLogger(LogCategory);
    private readonly TimeProvider _time = provider.GetService<TimeProvider>() ?? TimeProvider.System;
    private readonly CancellationTokenSource _stopping = CancellationTokenSource.CreateLinkedTokenSource(lifetime.ApplicationStopping);
    private readonly SupervisorMetrics _metrics = new();
    private readonly RequestCounter _requests = new(LookInterval);
    private readonly Dictionary<IResource, SupervisedResource> _supervised = [];
    private HangUpSignal? _hangUp;
    private Task _following = Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        var services = new SupervisorServices(notifications, commands, consoles, _logger, _metrics, _requests, _time, _stopping.Token);
        foreach (var resource in model.Resources)
        {
            if (resource.Annotations.OfType<SupervisorAnnotation>().LastOrDefault() is { } annotation)
            {
                _supervised.Add(resource, new SupervisedResource(resource, annotation.Options, services));
            }
        }

        _hangUp = HangUpSignal.Listen(() => services.Run("SIGHUP", ReloadEverythingAsync), StopApplication);
        _following = Task.WhenAll(FollowAsync(), LookAsync());
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        _hangUp?.Dispose();
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _following.ConfigureAwait(false);
    }

    /// <summary>Replaces the processes of a resource one by one.</summary>
    public Task<ExecuteCommandResult> ReloadAsync(IResource resource) => _supervised[resource].ReloadAsync();

    public void Dispose()
    {
        _hangUp?.Dispose();
        foreach (var resource in _supervised.Values)
        {
            resource.Dispose();
        }

        _metrics.Dispose();
        _requests.Dispose();
        _stopping.Dispose();
    }

    /// <summary>Reloads one resource after another, each in the way that is its own.</summary>
    internal async Task ReloadEverythingAsync()
    {
        Log.HungUp(_logger);
        foreach (var resource in model.Resources.Where(_supervised.ContainsKey))
        {
            if (resource.Annotations.OfType<ResourceCommandAnnotation>().Any(command => command.Name == ReloadCommand))
            {
                await commands.ExecuteCommandAsync(resource, ReloadCommand, _stopping.Token).ConfigureAwait(false);
            }
        }
    }

    private void StopApplication()
    {
        Log.TerminalGone(_logger);
        lifetime.StopApplication();
    }

    private async Task FollowAsync()
    {
        try
        {
            await foreach (var change in notifications.WatchAsync(_stopping.Token).ConfigureAwait(false))
            {
                if (_supervised.TryGetValue(change.Resource, out var resource))
                {
                    resource.Observe(change);
                }
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // The application stops.
        }
        catch (Exception exception)
        {
            Log.NoLongerFollowing(_logger, exception);
        }
    }

    private async Task LookAsync()
    {
        var limited = _supervised.Values.Where(resource => resource.Options.MemoryLimit is not null).ToArray();
        foreach (var resource in OperatingSystem.IsLinux() ? [] : limited)
        {
            Log.MemoryNotWatched(_logger, resource.Resource.Name);
        }

        using var timer = new PeriodicTimer(LookInterval, _time);
        try
        {
            while (await timer.WaitForNextTickAsync(_stopping.Token).ConfigureAwait(false))
            {
                var memory = OperatingSystem.IsLinux() && limited.Length > 0 ? GroupMemory.Read() : null;
                foreach (var resource in _supervised.Values)
                {
                    resource.Look(process => OperatingSystem.IsLinux() ? memory?.Of(process) : null);
                }
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // The application stops.
        }
        catch (Exception exception)
        {
            Log.NoLongerFollowing(_logger, exception);
        }
    }
}
