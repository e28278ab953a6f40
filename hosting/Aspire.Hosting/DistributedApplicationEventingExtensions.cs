using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Eventing;
using Aspire.Hosting.Publishing;

namespace Aspire.Hosting;

/// <summary>Subscribes to events where the application is described.</summary>
public static class DistributedApplicationEventingExtensions
{
    /// <summary>Calls back when the application is about to start.</summary>
    /// <typeparam name="T">The type of the builder.</typeparam>
    /// <param name="builder">The builder of the application.</param>
    /// <param name="callback">What is called.</param>
    /// <returns>The builder.</returns>
    public static T OnBeforeStart<T>(this T builder, Func<BeforeStartEvent, CancellationToken, Task> callback)
        where T : IDistributedApplicationBuilder
        => builder.On(callback);

    /// <summary>Calls back when a deployment is about to be written.</summary>
    /// <typeparam name="T">The type of the builder.</typeparam>
    /// <param name="builder">The builder of the application.</param>
    /// <param name="callback">What is called.</param>
    /// <returns>The builder.</returns>
    public static T OnBeforePublish<T>(this T builder, Func<BeforePublishEvent, CancellationToken, Task> callback)
        where T : IDistributedApplicationBuilder
        => builder.On(callback);

    /// <summary>Calls back when a deployment has been written.</summary>
    /// <typeparam name="T">The type of the builder.</typeparam>
    /// <param name="builder">The builder of the application.</param>
    /// <param name="callback">What is called.</param>
    /// <returns>The builder.</returns>
    public static T OnAfterPublish<T>(this T builder, Func<AfterPublishEvent, CancellationToken, Task> callback)
        where T : IDistributedApplicationBuilder
        => builder.On(callback);

    /// <summary>Calls back when the application starts.</summary>
    /// <typeparam name="T">The type of the resource.</typeparam>
    /// <param name="builder">The resource.</param>
    /// <param name="callback">What is called.</param>
    /// <returns>The builder.</returns>
    public static IResourceBuilder<T> OnInitializeResource<T>(this IResourceBuilder<T> builder, Func<T, InitializeResourceEvent, CancellationToken, Task> callback)
        where T : IResource
        => builder.On(callback);

    /// <summary>Calls back when the endpoints of the resource have addresses.</summary>
    /// <typeparam name="T">The type of the resource.</typeparam>
    /// <param name="builder">The resource.</param>
    /// <param name="callback">What is called.</param>
    /// <returns>The builder.</returns>
    public static IResourceBuilder<T> OnResourceEndpointsAllocated<T>(this IResourceBuilder<T> builder, Func<T, ResourceEndpointsAllocatedEvent, CancellationToken, Task> callback)
        where T : IResourceWithEndpoints
        => builder.On(callback);

    /// <summary>Calls back when the connection string of the resource can be read.</summary>
    /// <typeparam name="T">The type of the resource.</typeparam>
    /// <param name="builder">The resource.</param>
    /// <param name="callback">What is called.</param>
    /// <returns>The builder.</returns>
    public static IResourceBuilder<T> OnConnectionStringAvailable<T>(this IResourceBuilder<T> builder, Func<T, ConnectionStringAvailableEvent, CancellationToken, Task> callback)
        where T : IResourceWithConnectionString
        => builder.On(callback);

    /// <summary>Calls back when the resource is about to start; the start waits for it.</summary>
    /// <typeparam name="T">The type of the resource.</typeparam>
    /// <param name="builder">The resource.</param>
    /// <param name="callback">What is called.</param>
    /// <returns>The builder.</returns>
    public static IResourceBuilder<T> OnBeforeResourceStarted<T>(this IResourceBuilder<T> builder, Func<T, BeforeResourceStartedEvent, CancellationToken, Task> callback)
        where T : IResource
        => builder.On(callback);

    /// <summary>Calls back when the resource runs and is healthy.</summary>
    /// <typeparam name="T">The type of the resource.</typeparam>
    /// <param name="builder">The resource.</param>
    /// <param name="callback">What is called.</param>
    /// <returns>The builder.</returns>
    public static IResourceBuilder<T> OnResourceReady<T>(this IResourceBuilder<T> builder, Func<T, ResourceReadyEvent, CancellationToken, Task> callback)
        where T : IResource
        => builder.On(callback);

    /// <summary>Calls back when the resource has ended.</summary>
    /// <typeparam name="T">The type of the resource.</typeparam>
    /// <param name="builder">The resource.</param>
    /// <param name="callback">What is called.</param>
    /// <returns>The builder.</returns>
    public static IResourceBuilder<T> OnResourceStopped<T>(this IResourceBuilder<T> builder, Func<T, ResourceStoppedEvent, CancellationToken, Task> callback)
        where T : IResource
        => builder.On(callback);

    private static TBuilder On<TBuilder, TEvent>(this TBuilder builder, Func<TEvent, CancellationToken, Task> callback)
        where TBuilder : IDistributedApplicationBuilder
        where TEvent : IDistributedApplicationEvent
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(callback);
        builder.Eventing.Subscribe(callback);

        return builder;
    }

    private static IResourceBuilder<TResource> On<TResource, TEvent>(this IResourceBuilder<TResource> builder, Func<TResource, TEvent, CancellationToken, Task> callback)
        where TResource : IResource
        where TEvent : IDistributedApplicationResourceEvent
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(callback);
        builder.ApplicationBuilder.Eventing.Subscribe<TEvent>(builder.Resource, (@event, cancellationToken) => callback(builder.Resource, @event, cancellationToken));

        return builder;
    }
}
