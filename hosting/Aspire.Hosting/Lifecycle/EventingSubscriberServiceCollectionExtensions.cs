using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Aspire.Hosting.Lifecycle;

/// <summary>Registers services that subscribe to events.</summary>
public static class EventingSubscriberServiceCollectionExtensions
{
    /// <summary>Registers a subscriber as a singleton, also when it is registered already.</summary>
    /// <typeparam name="T">The type of the subscriber.</typeparam>
    /// <param name="services">The services of the AppHost.</param>
    public static void AddEventingSubscriber<T>(this IServiceCollection services)
        where T : class, IDistributedApplicationEventingSubscriber
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddSingleton<IDistributedApplicationEventingSubscriber, T>();
    }

    /// <summary>Registers a subscriber as a singleton unless that type is registered already.</summary>
    /// <typeparam name="T">The type of the subscriber.</typeparam>
    /// <param name="services">The services of the AppHost.</param>
    public static void TryAddEventingSubscriber<T>(this IServiceCollection services)
        where T : class, IDistributedApplicationEventingSubscriber
    {
        ArgumentNullException.ThrowIfNull(services);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IDistributedApplicationEventingSubscriber, T>());
    }
}
