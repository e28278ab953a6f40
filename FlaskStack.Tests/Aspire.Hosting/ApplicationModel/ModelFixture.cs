using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;

namespace FlaskStack.Tests.Hosting.ApplicationModel;

/// <summary>The services of the app model without a host, on a clock that stands still.</summary>
internal sealed class ModelFixture : IDisposable
{
    private readonly ServiceProvider _services;

    public ModelFixture(WaitBehavior defaultWaitBehavior = WaitBehavior.WaitOnResourceUnavailable, Action<IServiceCollection>? configure = null)
    {
        var services = new ServiceCollection();
        services.AddSingleton<TimeProvider>(Clock);
        services.Configure<ResourceNotificationServiceOptions>(options => options.DefaultWaitBehavior = defaultWaitBehavior);
        services.AddSingleton<IHostApplicationLifetime>(Lifetime);
        services.AddSingleton(Logs);
        services.AddSingleton(provider => new ResourceNotificationService(NullLogger<ResourceNotificationService>.Instance, Lifetime, provider, Logs));
        configure?.Invoke(services);
        _services = services.BuildServiceProvider();
        Notifications = _services.GetRequiredService<ResourceNotificationService>();
        Commands = new ResourceCommandService(Notifications, Logs, _services);
    }

    public static CancellationToken Deadline => new CancellationTokenSource(TimeSpan.FromSeconds(60)).Token;

    public FixedClock Clock { get; } = new(new DateTimeOffset(2026, 3, 4, 5, 6, 7, TimeSpan.Zero));

    public ManualLifetime Lifetime { get; } = new();

    public ResourceLoggerService Logs { get; } = new(new FixedClock(new DateTimeOffset(2026, 3, 4, 5, 6, 7, TimeSpan.Zero)));

    public IServiceProvider Services => _services;

    public ResourceNotificationService Notifications { get; }

    public ResourceCommandService Commands { get; }

    public Task SetStateAsync(IResource resource, string id, string state, int? exitCode = null)
        => Notifications.PublishUpdateAsync(resource, id, snapshot => snapshot with { State = state, ExitCode = exitCode });

    public Task SetReadyAsync(IResource resource, string id, Task? ready = null)
        => Notifications.PublishUpdateAsync(resource, id, snapshot => snapshot with { State = KnownResourceStates.Running, ResourceReady = ready ?? Task.CompletedTask });

    public CustomResourceSnapshot Current(string id)
        => Notifications.TryGetCurrentState(id, out var state) ? state.Snapshot : throw new InvalidOperationException($"Nothing is known of '{id}'.");

    public void Dispose()
    {
        Notifications.Dispose();
        Logs.Dispose();
        _services.Dispose();
        Lifetime.Dispose();
    }
}
