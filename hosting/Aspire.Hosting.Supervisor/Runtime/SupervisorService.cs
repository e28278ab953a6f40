using System.Diagnostics.Metrics;
using System.Runtime.InteropServices;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Shared;
using Aspire.Hosting.Supervisor.Configuration;
using Aspire.Hosting.Supervisor.Processes;
using Aspire.Hosting.Supervisor.Scaling;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Supervisor.Runtime;

/// <summary>Supervises all resources of an application that ask for it.</summary>
/// <remarks>It knows the host by what the rows show and through the commands of the resources, and by nothing else.</remarks>
internal sealed class SupervisorService : IHostedLifecycleService, IDisposable
{
    /// <summary>The name of the reload command.</summary>
    public const string ReloadCommand = "reload";

    private const string LogCategory = "Aspire.Hosting.Supervisor";

    /// <summary>How often processes are looked at: memory, requests, lifetime, the watchdog. An exit is reported by the kernel.</summary>
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(1);

    /// <summary>What the host may take to stop beside the longest stop of a resource.</summary>
    private static readonly TimeSpan ShutdownReserve = TimeSpan.FromSeconds(30);

    private readonly DistributedApplicationModel _model;
    private readonly IHostApplicationLifetime _lifetime;
    private readonly CancellationTokenSource _stopping;
    private readonly SupervisorMetrics _metrics = new();
    private readonly RequestCounter _requests = new(LookInterval);
    private readonly RequestTimes _requestTimes;
    private readonly List<Autoscaler> _autoscalers = [];
    private readonly SupervisorServices _services;
    private readonly Dictionary<IResource, SupervisedResource> _supervised = [];
    private readonly Dictionary<IResource, SupervisedResource> _byMember = [];
    private readonly OrderlyEnd _end;
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
        _services = new(
            notifications, commands, consoles, interactions, logger, _metrics, _requests, new(provider, time), new(lifetime, logger), time, _stopping.Token);
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

    /// <summary>Has an application supervise what asks for it.</summary>
    public static void AddTo(IDistributedApplicationBuilder builder)
    {
        HealthProbe.CloseConnections(builder.Services);
        builder.Services.TryAddSingleton<SupervisorService>();
        builder.Services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, SupervisorService>(provider => provider.GetRequiredService<SupervisorService>()));
        builder.Services.AddOptions<HostOptions>().PostConfigure<DistributedApplicationModel>(static (host, model) =>
        {
            var longest = model.Resources.SelectMany(resource => resource.Annotations.OfType<SupervisorAnnotation>()).Max(annotation => annotation.Options.StopWaitSeconds);
            var needed = TimeSpan.FromSeconds(longest) + ShutdownReserve;
            host.ShutdownTimeout = host.ShutdownTimeout > needed ? host.ShutdownTimeout : needed;
        });
    }

    /// <summary>The supervised resource or group.</summary>
    public SupervisedResource Of(IResource resource) => _supervised[resource];

    /// <summary>Begins before anything of the application starts: Aspire's own services return when all waits for resources are over.</summary>
    public Task StartingAsync(CancellationToken cancellationToken)
    {
        _hangUp = HangUpSignal.Listen(() => _services.Run("SIGHUP", ReloadEverythingAsync), StopApplication);
        _following = Task.WhenAll(FollowAsync(), LookAsync());
        return Task.CompletedTask;
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        _hangUp?.Dispose();
        await _stopping.CancelAsync().ConfigureAwait(false);
    }

    /// <summary>Stops all processes, in order, before the orchestrator stops everything at once and within six seconds.</summary>
    /// <remarks>A proxy that drains by itself does so when the host says that it is stopping, which is before.</remarks>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _following.ConfigureAwait(false);
        await _end.RunAsync(cancellationToken).ConfigureAwait(false);
    }

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose()
    {
        _hangUp?.Dispose();
        _end.Dispose();
        foreach (var resource in _supervised.Values)
        {
            resource.Dispose();
        }

        foreach (var group in _model.Resources.OfType<ReplicaGroupResource>())
        {
            group.Sockets.Dispose();
        }

        _metrics.Dispose();
        _requestTimes.Dispose();
        _requests.Dispose();
        _stopping.Dispose();
    }

    /// <summary>Reloads one resource after another, each in the way that is its own.</summary>
    internal async Task ReloadEverythingAsync()
    {
        Log.HungUp(_services.Logger);
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

    private async Task LookAsync()
    {
        var limited = _supervised.Values.Where(resource => resource.Options.MemoryLimit is not null).ToArray();
        foreach (var resource in OperatingSystem.IsLinux() ? [] : limited)
        {
            Log.MemoryNotWatched(_services.Logger, resource.Resource.Name);
        }

        using var timer = new PeriodicTimer(LookInterval, _services.Time);
        try
        {
            while (await timer.WaitForNextTickAsync(_stopping.Token).ConfigureAwait(false))
            {
                var processes = OperatingSystem.IsLinux() && limited.Length + _autoscalers.Count > 0 ? ProcessTable.Read() : null;
                foreach (var resource in _supervised.Values)
                {
                    resource.Look(process => OperatingSystem.IsLinux() ? processes?.ResidentBytesOf(process) : null);
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
            autoscaler.Look(process => OperatingSystem.IsLinux() ? processes?.ProcessorTimeOf(process.Id) : process.ProcessorTime);
        }

        return Task.CompletedTask;
    }
}

/// <summary>
/// Takes SIGHUP for "reload", as gunicorn's master and nginx do. A terminal that is closed sends the same signal: who has lost it
/// must still end, or nobody could stop it any more.
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

    /// <summary>Listens until disposed; on Windows, which has no such signal, there is nothing to listen to.</summary>
    public static HangUpSignal? Listen(Action reload, Action stop) => OperatingSystem.IsWindows() ? null : new HangUpSignal(reload, stop);

    public void Dispose() => _registration.Dispose();

    /// <summary>Opening fails where there is no terminal, or none any more.</summary>
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

/// <summary>Says that a resource is supervised, and how.</summary>
internal sealed class SupervisorAnnotation : IResourceAnnotation
{
    public SupervisorOptions Options { get; set; } = new();
}

/// <summary>Which resources can be supervised, and how far.</summary>
internal static class SupervisedKinds
{
    /// <summary>Whether a resource is started and stopped.</summary>
    public static bool IsSupervised(IResource resource) =>
        HasProcesses(resource)
        || resource is ContainerResource
        || resource.IsContainer()
        || resource.Annotations.OfType<ResourceCommandAnnotation>().Any(command => command.Name == KnownResourceCommands.StartCommand);

    /// <summary>Whether what is started is a process of this machine, which is seen, signalled and killed.</summary>
    public static bool HasProcesses(IResource resource) => resource is ProjectResource or ExecutableResource or ReplicaGroupResource;
}
