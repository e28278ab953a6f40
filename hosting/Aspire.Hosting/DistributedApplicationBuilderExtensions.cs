using System.Diagnostics.CodeAnalysis;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

/// <summary>Finds resources that have been added already.</summary>
public static class DistributedApplicationBuilderExtensions
{
    /// <summary>Goes on describing a resource that has been added already.</summary>
    /// <typeparam name="T">The type of the resource.</typeparam>
    /// <param name="builder">The application.</param>
    /// <param name="name">The resource's name, in any letter case.</param>
    /// <exception cref="InvalidOperationException">There is no such resource, or it is of another type.</exception>
    public static IResourceBuilder<T> CreateResourceBuilder<T>(this IDistributedApplicationBuilder builder, [ResourceName] string name)
        where T : IResource
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(name);

        if (!builder.Resources.TryGetByName(name, out var resource))
        {
            throw new InvalidOperationException($"There is no resource '{name}': add it first.");
        }

        return resource is T found
            ? builder.CreateResourceBuilder(found)
            : throw new InvalidOperationException($"Resource '{name}' is a {resource.GetType().Name}, not a {typeof(T).Name}.");
    }

    /// <summary>Goes on describing a resource, if it has been added already.</summary>
    /// <typeparam name="T">The type of the resource.</typeparam>
    /// <param name="builder">The application.</param>
    /// <param name="name">The resource's name, in any letter case.</param>
    /// <param name="resourceBuilder">The resource, if there is one of that name and type.</param>
    public static bool TryCreateResourceBuilder<T>(this IDistributedApplicationBuilder builder, [ResourceName] string name, [NotNullWhen(true)] out IResourceBuilder<T>? resourceBuilder)
        where T : IResource
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(name);

        resourceBuilder = builder.Resources.TryGetByName(name, out var resource) && resource is T found ? builder.CreateResourceBuilder(found) : null;
        return resourceBuilder is not null;
    }
}
