using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

public static partial class ResourceBuilderExtensions
{
    /// <summary>
    /// Brings the connection string of a resource, as <c>ConnectionStrings__{name}</c>, and the parts of the connection, as
    /// <c>{NAME}_{PROPERTY}</c>.
    /// </summary>
    /// <typeparam name="TDestination">The type of the resource that gets them.</typeparam>
    /// <param name="builder">The resource that gets them.</param>
    /// <param name="source">The resource that has the connection string.</param>
    /// <param name="connectionName">The name to use; the source's when null.</param>
    /// <param name="optional">Whether a missing connection string is left out instead of failing the start. Default: false.</param>
    public static IResourceBuilder<TDestination> WithReference<TDestination>(this IResourceBuilder<TDestination> builder, IResourceBuilder<IResourceWithConnectionString> source, string? connectionName = null, bool optional = false)
        where TDestination : IResourceWithEnvironment
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(source);

        var resource = source.Resource;
        var name = connectionName ?? resource.Name;
        return builder
            .WithReferenceRelationship(resource)
            .WithEnvironment(context =>
            {
                if (builder.Resource.Injects(ReferenceEnvironmentInjectionFlags.ConnectionString))
                {
                    var variable = resource.ConnectionStringEnvironmentVariable ?? $"ConnectionStrings__{name}";
                    context.EnvironmentVariables[variable] = new ConnectionStringReference(resource, optional);
                }

                if (builder.Resource.Injects(ReferenceEnvironmentInjectionFlags.ConnectionProperties))
                {
                    AddConnectionProperties(context, resource, name);
                }
            });
    }

    /// <summary>
    /// Brings the endpoints of a resource, for service discovery, as <c>services__{name}__{endpoint}__{index}</c>, one for
    /// each replica, and as <c>{NAME}_{ENDPOINT}</c>.
    /// </summary>
    /// <typeparam name="TDestination">The type of the resource that gets them.</typeparam>
    /// <param name="builder">The resource that gets them.</param>
    /// <param name="source">The resource that has the endpoints.</param>
    public static IResourceBuilder<TDestination> WithReference<TDestination>(this IResourceBuilder<TDestination> builder, IResourceBuilder<IResourceWithServiceDiscovery> source)
        where TDestination : IResourceWithEnvironment
    {
        ArgumentNullException.ThrowIfNull(source);

        return builder.WithEndpointsOf(source.Resource, endpointName: null, serviceName: null);
    }

    /// <summary>Brings the endpoints of a resource under another name.</summary>
    /// <typeparam name="TDestination">The type of the resource that gets them.</typeparam>
    /// <param name="builder">The resource that gets them.</param>
    /// <param name="source">The resource that has the endpoints.</param>
    /// <param name="name">The name to use instead of the source's.</param>
    public static IResourceBuilder<TDestination> WithReference<TDestination>(this IResourceBuilder<TDestination> builder, IResourceBuilder<IResourceWithServiceDiscovery> source, string name)
        where TDestination : IResourceWithEnvironment
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentException.ThrowIfNullOrEmpty(name);

        return builder.WithEndpointsOf(source.Resource, endpointName: null, name);
    }

    /// <summary>Brings one endpoint of a resource.</summary>
    /// <typeparam name="TDestination">The type of the resource that gets it.</typeparam>
    /// <param name="builder">The resource that gets it.</param>
    /// <param name="endpointReference">The endpoint.</param>
    public static IResourceBuilder<TDestination> WithReference<TDestination>(this IResourceBuilder<TDestination> builder, EndpointReference endpointReference)
        where TDestination : IResourceWithEnvironment
    {
        ArgumentNullException.ThrowIfNull(endpointReference);

        return builder.WithEndpointsOf(endpointReference.Resource, endpointReference.EndpointName, serviceName: null);
    }

    /// <summary>Brings the address of a service, as <c>services__{name}__default__0</c> and <c>{name}</c>.</summary>
    /// <typeparam name="TDestination">The type of the resource that gets it.</typeparam>
    /// <param name="builder">The resource that gets it.</param>
    /// <param name="name">The service's name.</param>
    /// <param name="uri">The address: absolute, without query and fragment.</param>
    /// <exception cref="InvalidOperationException">The address is not acceptable.</exception>
    public static IResourceBuilder<TDestination> WithReference<TDestination>(this IResourceBuilder<TDestination> builder, string name, Uri uri)
        where TDestination : IResourceWithEnvironment
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(uri);

        if (!ExternalServiceResource.TryParse(uri.OriginalString, out _, out var error))
        {
            throw new InvalidOperationException($"Reference '{name}' of resource '{builder.Resource.Name}': {error}");
        }

        return builder.WithEnvironment(context =>
        {
            if (builder.Resource.Injects(ReferenceEnvironmentInjectionFlags.ServiceDiscovery))
            {
                context.EnvironmentVariables[$"services__{name}__default__0"] = uri.ToString();
            }

            if (builder.Resource.Injects(ReferenceEnvironmentInjectionFlags.Endpoints))
            {
                context.EnvironmentVariables[EnvironmentVariableName.From(name)] = uri.ToString();
            }
        });
    }

    /// <summary>Brings the address of an external service, as <c>services__{name}__{scheme}__0</c> and <c>{NAME}</c>.</summary>
    /// <typeparam name="TDestination">The type of the resource that gets it.</typeparam>
    /// <param name="builder">The resource that gets it.</param>
    /// <param name="externalService">The service.</param>
    public static IResourceBuilder<TDestination> WithReference<TDestination>(this IResourceBuilder<TDestination> builder, IResourceBuilder<ExternalServiceResource> externalService)
        where TDestination : IResourceWithEnvironment
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(externalService);

        var service = externalService.Resource;
        return builder
            .WithReferenceRelationship(service)
            .WithEnvironment(async context =>
            {
                var uri = await service.ReadUriAsync(context).ConfigureAwait(false);
                if (builder.Resource.Injects(ReferenceEnvironmentInjectionFlags.ServiceDiscovery))
                {
                    context.EnvironmentVariables[$"services__{service.Name}__{uri?.Scheme ?? "default"}__0"] = service.UrlValue;
                }

                if (builder.Resource.Injects(ReferenceEnvironmentInjectionFlags.Endpoints))
                {
                    // Aspire adds the scheme only to an address that it learns at start.
                    var variable = EnvironmentVariableName.From(service.Name);
                    var scheme = service.Uri is null && uri is not null ? $"_{EnvironmentVariableName.From(uri.Scheme)}" : string.Empty;
                    context.EnvironmentVariables[$"{variable}{scheme}".ToUpperInvariant()] = service.UrlValue;
                }
            });
    }

    /// <summary>Says which variables references bring to this resource. Default: all.</summary>
    /// <typeparam name="TDestination">The type of the resource.</typeparam>
    /// <param name="builder">The resource.</param>
    /// <param name="flags">Which variables.</param>
    public static IResourceBuilder<TDestination> WithReferenceEnvironment<TDestination>(this IResourceBuilder<TDestination> builder, ReferenceEnvironmentInjectionFlags flags)
        where TDestination : IResourceWithEnvironment
    {
        ArgumentNullException.ThrowIfNull(builder);

        return builder.WithAnnotation(new ReferenceEnvironmentInjectionAnnotation(flags), ResourceAnnotationMutationBehavior.Replace);
    }

    /// <summary>Adds a part to the connection of a resource, brought along as <c>{NAME}_{PROPERTY}</c>.</summary>
    /// <typeparam name="T">The type of the resource.</typeparam>
    /// <param name="builder">The resource.</param>
    /// <param name="name">The part's name.</param>
    /// <param name="value">Its value.</param>
    public static IResourceBuilder<T> WithConnectionProperty<T>(this IResourceBuilder<T> builder, string name, ReferenceExpression value)
        where T : IResourceWithConnectionString
    {
        ArgumentNullException.ThrowIfNull(builder);

        return builder.WithAnnotation(new ConnectionPropertyAnnotation(name, value));
    }

    /// <summary>Adds a part to the connection of a resource, brought along as <c>{NAME}_{PROPERTY}</c>.</summary>
    /// <typeparam name="T">The type of the resource.</typeparam>
    /// <param name="builder">The resource.</param>
    /// <param name="name">The part's name.</param>
    /// <param name="value">Its value.</param>
    public static IResourceBuilder<T> WithConnectionProperty<T>(this IResourceBuilder<T> builder, string name, string value)
        where T : IResourceWithConnectionString => builder.WithConnectionProperty(name, ReferenceExpression.Create($"{value}"));

    /// <summary>Finds a part of a resource's connection; an empty expression when there is none of that name.</summary>
    /// <param name="resource">The resource.</param>
    /// <param name="key">The part's name, in any letter case.</param>
    public static ReferenceExpression GetConnectionProperty(this IResourceWithConnectionString resource, string key)
    {
        ArgumentNullException.ThrowIfNull(resource);

        return resource.GetConnectionProperties()
            .Where(property => string.Equals(property.Key, key, StringComparison.OrdinalIgnoreCase))
            .Select(static property => property.Value)
            .FirstOrDefault(ReferenceExpression.Empty);
    }

    /// <summary>Says that another resource's connection string stands for this one's.</summary>
    /// <typeparam name="T">The type of the resource.</typeparam>
    /// <param name="builder">The resource.</param>
    /// <param name="resource">The resource whose connection string is used.</param>
    public static IResourceBuilder<T> WithConnectionStringRedirection<T>(this IResourceBuilder<T> builder, IResourceWithConnectionString resource)
        where T : IResourceWithConnectionString
    {
        ArgumentNullException.ThrowIfNull(builder);

        return builder.WithAnnotation(new ConnectionStringRedirectAnnotation(resource), ResourceAnnotationMutationBehavior.Replace);
    }

    internal static bool Injects(this IResource resource, ReferenceEnvironmentInjectionFlags flag) =>
        !resource.TryGetLastAnnotation<ReferenceEnvironmentInjectionAnnotation>(out var annotation) || annotation.Flags.HasFlag(flag);

    private static void AddConnectionProperties(EnvironmentCallbackContext context, IResourceWithConnectionString resource, string name)
    {
        var prefix = name.Length == 0 ? string.Empty : $"{EnvironmentVariableName.From(name).ToUpperInvariant()}_";
        var added = resource.Annotations.OfType<ConnectionPropertyAnnotation>().Select(static property => KeyValuePair.Create(property.Name, property.Value));

        foreach (var (key, value) in resource.GetConnectionProperties().Concat(added))
        {
            context.EnvironmentVariables[$"{prefix}{key.ToUpperInvariant()}"] = value;
        }
    }

    private static IResourceBuilder<T> WithEndpointsOf<T>(this IResourceBuilder<T> builder, IResourceWithEndpoints source, string? endpointName, string? serviceName)
        where T : IResourceWithEnvironment
    {
        ArgumentNullException.ThrowIfNull(builder);

        var references = builder.Resource.Annotations.OfType<EndpointReferenceAnnotation>()
            .SingleOrDefault(annotation => annotation.Resource == source && annotation.ServiceName == serviceName);
        if (references is null)
        {
            references = new EndpointReferenceAnnotation(source) { ServiceName = serviceName };
            builder.WithAnnotation(references).WithEnvironment(context => EndpointInjection.InjectAsync(references, context));
        }

        if (endpointName is null)
        {
            references.UseAllEndpoints = true;
        }
        else
        {
            references.EndpointNames.Add(endpointName);
        }

        return builder.WithReferenceRelationship(source);
    }
}
