using System.Diagnostics.Metrics;
using System.Runtime.InteropServices;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Shared;
using Aspire.Hosting.Supervisor.Configuration;
using Aspire.Hosting.Supervisor.Processes;
using Aspire.Hosting.Supervisor.Replicas;
using Aspire.Hosting.Supervisor.Scaling;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Supervisor.Runtime;

/// <summary>Supervises all resources of an application that <c>WithSupervisor</c> was called on.</summary>
/// <remarks>It uses the snapshots and the commands of the resources, and nothing else of the host.</remarks>
internal sealed class SupervisorService : IHostedLifecycleService, IDisposable
{
    /// <summary>The name of the reload command.</summary>
    public const string ReloadCommand = "reload";

    private const string LogCategory = "Aspire.Hosting.Supervisor";

    /// <summary>The interval of the checks of memory, requests, lifetime and watchdog. Exits are reported by the kernel.</summary>
    private static readonly TimeSpan CheckInterval = TimeSpan.FromSeconds(1);

    /// <summary>The time that the host has to stop in addition to the longest stop of a resource.</summary>
    private static readonly TimeSpan ShutdownReserve = TimeSpan.FromSeconds(30);

    private readonly DistributedApplicationModel _model;
    private readonly IHostApplicationLifetime _lifetime;
    private readonly CancellationTokenSource _stopping;
    private readonly SupervisorMetrics _metrics = new();
    private readonly RequestCounter _requests = new(CheckInterval);
    private readonly RequestTimes _requestTimes;
    private readonly List<Autoscaler> _autoscalers = [];
    private readonly SupervisorServices _services;
    private readonly Dictionary<IResource, SupervisedResource> _supervised = [];
    private readonly Dictionary<IResource, SupervisedResource> _byMember = [];
    private readonly OrderlyShutdown _end;
    private HangUpSignal? _hangUp;
    private Task _following = Task.CompletedTask;

    public SupervisorService(
        DistributedApplicationModel model,
        ResourceNotificationService notifications,
        ResourceCommandService commands,
        ResourceLoggerService consoles,
        IInteractionService interactions,
        ILoggerFactory loggers,
        IHostApplicationLifetime lifetime,
        IMeterFactory meters,
        IServiceProvider provider)
    {
        var logger = loggers.CreateLogger(LogCategory);
        var time = provider.GetService<TimeProvider>() ?? TimeProvider.System;
        (_model, _lifetime, _requestTimes) = (model, lifetime, new(meters));
        _stopping = CancellationTokenSource.CreateLinkedTokenSource(lifetime.ApplicationStopping);
        var (health, orchestrator) = (new HealthProbe(provider, time), new OrchestratorWatch(lifetime, logger));
        _services = new(
            notifications, commands, consoles, interactions, logger, _metrics, _requests, health, orchestrator, time, _stopping.Token);
        foreach (var resource in model.Resources)
        {
            if (resource.Annotations.OfType<SupervisorAnnotation>().LastOrDefault() is { } annotation)
            {
                var supervised = new SupervisedResource(resource, annotation.Options, _services);
                _supervised.Add(resource, supervised);
                foreach (var member in supervised.Members)
                {
                    _byMember.Add(member, supervised);
                }

                AddAutoscaler(supervised);
            }
        }

        _metrics.Observe([.. _supervised.Values.Where(supervised => supervised.Resource is ReplicaGroupResource)]);
        _end = new(_supervised.Values, _services, lifetime.ApplicationStopping);
    }

    /// <summary>Adds the service to an application; does nothing the second time.</summary>
    public static void AddTo(IDistributedApplicationBuilder builder)
    {
        HealthProbe.CloseConnections(builder.Services);
        builder.Services.TryAddSingleton<SupervisorService>();
        builder.Services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, SupervisorService>(
            static provider => provider.GetRequiredService<SupervisorService>()));
        builder.Services.AddOptions<HostOptions>().PostConfigure<DistributedApplicationModel>(static (host, model) =>
        {
            var longest = model.Resources.SelectMany(resource => resource.Annotations.OfType<SupervisorAnnotation>())
                .Max(annotation => annotation.Options.StopWaitSeconds);
            host.AllowAtLeast(TimeSpan.FromSeconds(longest) + ShutdownReserve);
        });
    }

    /// <summary>The supervised resource or group of a resource in the model.</summary>
    public SupervisedResource Of(IResource resource) => _supervised[resource];

    /// <summary>Begins before anything starts: Aspire's own services return only when all waits for resources are over.</summary>
    public Task StartingAsync(CancellationToken cancellationToken)
    {
        InheritedAddresses.Remove();
        _hangUp = HangUpSignal.Listen(() => _services.Run("SIGHUP", ReloadEverythingAsync), StopApplication);
        _following = Task.WhenAll(FollowAsync(), RunChecksAsync());
        return Task.CompletedTask;
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        _hangUp?.Dispose();
        await _stopping.CancelAsync().ConfigureAwait(false);
    }

    /// <summary>Stops all processes in order, before the orchestrator stops everything at once within six seconds.</summary>
    /// <remarks>A proxy that drains by itself does so earlier, in <c>ApplicationStopping</c>.</remarks>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _following.ConfigureAwait(false);
        await _end.RunAsync(cancellationToken).ConfigureAwait(false);
    }

    public Task StoppedAsync(CancellationToken cancellationToken)
    {
        // A host that is run and not disposed ends here.
        RemoveSockets();
        return Task.CompletedTask;
    }

    public void Dispose()
    {
        _hangUp?.Dispose();
        _end.Dispose();
        foreach (var resource in _supervised.Values)
        {
            resource.Dispose();
        }

        RemoveSockets();
        _metrics.Dispose();
        _requestTimes.Dispose();
        _requests.Dispose();
        _stopping.Dispose();
    }

    private void RemoveSockets()
    {
        foreach (var group in _model.Resources.OfType<ReplicaGroupResource>())
        {
            group.Sockets.Dispose();
        }
    }

    /// <summary>Runs the reload command of one resource after another.</summary>
    internal async Task ReloadEverythingAsync()
    {
        Log.ReloadingAll(_services.Logger);
        foreach (var resource in _model.Resources.Where(_supervised.ContainsKey))
        {
            if (resource.Annotations.OfType<ResourceCommandAnnotation>().Any(command => command.Name == ReloadCommand))
            {
                await _services.Commands.ExecuteCommandAsync(resource, ReloadCommand, _stopping.Token).ConfigureAwait(false);
            }
        }
    }

    private void AddAutoscaler(SupervisedResource supervised)
    {
        if (supervised.Resource is ReplicaGroupResource group
            && group.Annotations.OfType<AutoscalingAnnotation>().LastOrDefault() is { Options: var options })
        {
            _autoscalers.Add(new(supervised, new(options, options.MinReplicas ?? group.Count, group.Max), _requestTimes, _services));
        }
    }

    private void StopApplication()
    {
        Log.TerminalGone(_services.Logger);
        _lifetime.StopApplication();
    }

    private async Task FollowAsync()
    {
        try
        {
            await foreach (var change in _services.Notifications.WatchAsync(_stopping.Token).ConfigureAwait(false))
            {
                if (_byMember.TryGetValue(change.Resource, out var resource))
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
            Log.NoLongerFollowing(_services.Logger, exception);
        }
    }

    private async Task RunChecksAsync()
    {
        var limited = _supervised.Values.Where(resource => resource.Options.MemoryLimit is not null).ToArray();
        foreach (var resource in OperatingSystem.IsLinux() ? [] : limited)
        {
            Log.MemoryNotWatched(_services.Logger, resource.Resource.Name);
        }

        using var timer = new PeriodicTimer(CheckInterval, _services.Time);
        try
        {
            while (await timer.WaitForNextTickAsync(_stopping.Token).ConfigureAwait(false))
            {
                var processes = OperatingSystem.IsLinux() && limited.Length + _autoscalers.Count > 0 ? ProcessTable.Read() : null;
                foreach (var resource in _supervised.Values)
                {
                    resource.Check(process => OperatingSystem.IsLinux() ? processes?.ResidentBytesOf(process) : null);
                }

                if (_autoscalers.Count > 0)
                {
                    _services.Run("autoscaling", () => FollowLoadAsync(processes));
                }
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // The application stops.
        }
        catch (Exception exception)
        {
            Log.NoLongerFollowing(_services.Logger, exception);
        }
    }

    private Task FollowLoadAsync(ProcessTable? processes)
    {
        _requestTimes.Read();
        foreach (var autoscaler in _autoscalers)
        {
            autoscaler.Check(process => OperatingSystem.IsLinux() ? processes?.ProcessorTimeOf(process.Id) : process.ProcessorTime);
        }

        return Task.CompletedTask;
    }
}

/// <summary>
/// Reloads on SIGHUP, as gunicorn's master and nginx do. A terminal that is closed sends the same signal: an application that has lost
/// its terminal stops.
/// </summary>
internal sealed class HangUpSignal : IDisposable
{
    private const string Terminal = "/dev/tty";

    private readonly bool _hadTerminal = HasTerminal();
    private readonly PosixSignalRegistration _registration;

    private HangUpSignal(Action reload, Action stop) => _registration = PosixSignalRegistration.Create(PosixSignal.SIGHUP, signal =>
    {
        signal.Cancel = true;
        (_hadTerminal && !HasTerminal() ? stop : reload)();
    });

    /// <summary>Listens until disposed; null on Windows, which has no such signal.</summary>
    public static HangUpSignal? Listen(Action reload, Action stop) => OperatingSystem.IsWindows() ? null : new HangUpSignal(reload, stop);

    public void Dispose() => _registration.Dispose();

    /// <summary>Whether the process has a terminal; opening it fails without one.</summary>
    private static bool HasTerminal()
    {
        try
        {
            using var terminal = File.OpenHandle(Terminal);
            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}

/// <summary>Marks a supervised resource, and holds the options.</summary>
internal sealed class SupervisorAnnotation : IResourceAnnotation
{
    public SupervisorOptions Options { get; set; } = new();
}

/// <summary>The kinds of resources that can be supervised.</summary>
internal static class SupervisedKinds
{
    /// <summary>Whether a resource can be supervised: it is started and stopped.</summary>
    public static bool IsSupervised(IResource resource) =>
        HasProcesses(resource)
        || resource is ContainerResource
        || resource.IsContainer()
        || resource.Annotations.OfType<ResourceCommandAnnotation>().Any(command => command.Name == KnownResourceCommands.StartCommand);

    /// <summary>Whether a resource runs as processes of this machine, which can be signalled and killed.</summary>
    public static bool HasProcesses(IResource resource) => resource is ProjectResource or ExecutableResource or ReplicaGroupResource;
}
