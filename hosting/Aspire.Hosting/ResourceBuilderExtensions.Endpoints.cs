using System.Net.Sockets;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

public static partial class ResourceBuilderExtensions
{
    /// <summary>Changes an endpoint, or adds it.</summary>
    /// <typeparam name="T">The type of the resource.</typeparam>
    /// <param name="builder">The resource.</param>
    /// <param name="endpointName">The endpoint's name, in any letter case.</param>
    /// <param name="callback">Changes the endpoint.</param>
    /// <param name="createIfNotExists">Whether a missing endpoint is added; otherwise nothing happens. Default: true.</param>
    public static IResourceBuilder<T> WithEndpoint<T>(this IResourceBuilder<T> builder, [EndpointName] string endpointName, Action<EndpointAnnotation> callback, bool createIfNotExists = true)
        where T : IResourceWithEndpoints
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(endpointName);
        ArgumentNullException.ThrowIfNull(callback);

        var endpoint = builder.Resource.FindEndpoint(endpointName);
        if (endpoint is null && !createIfNotExists)
        {
            return builder;
        }

        var added = endpoint is null;
        endpoint ??= new EndpointAnnotation(ProtocolType.Tcp, name: endpointName);
        callback(endpoint);
        return added ? builder.WithAnnotation(endpoint) : builder;
    }

    /// <summary>Adds an endpoint, or, if there is one of the same name, changes what is given of it.</summary>
    /// <typeparam name="T">The type of the resource.</typeparam>
    /// <param name="builder">The resource.</param>
    /// <param name="port">The public port; null or 0 for any free one.</param>
    /// <param name="targetPort">The port that the process listens on; null for any free one.</param>
    /// <param name="scheme">The scheme; the protocol in lower case when null.</param>
    /// <param name="name">The name, unique in the resource; the scheme when null.</param>
    /// <param name="env">The variable in which the process learns its port; null for none.</param>
    /// <param name="isProxied">Whether a proxy may stand between the two ports; true when null.</param>
    /// <param name="isExternal">Whether a deployment exposes the endpoint to the outside; false when null.</param>
    /// <param name="protocol">TCP or UDP; TCP when null.</param>
    /// <exception cref="ArgumentException">The name breaks Aspire's naming rule.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A port is outside 0 to 65535.</exception>
    /// <exception cref="DistributedApplicationException">The resource has an endpoint of that name with another scheme or protocol.</exception>
    public static IResourceBuilder<T> WithEndpoint<T>(this IResourceBuilder<T> builder, int? port = null, int? targetPort = null, string? scheme = null, [EndpointName] string? name = null, string? env = null, bool? isProxied = null, bool? isExternal = null, ProtocolType? protocol = null)
        where T : IResourceWithEndpoints
    {
        ArgumentNullException.ThrowIfNull(builder);
        ThrowIfNoPort(port, nameof(port));
        ThrowIfNoPort(targetPort, nameof(targetPort));

        var asked = new EndpointAnnotation(protocol ?? ProtocolType.Tcp, scheme, transport: null, name, port, targetPort, isExternal, isProxied);
        var endpoint = builder.Resource.FindEndpoint(asked.Name);
        if (endpoint is null)
        {
            endpoint = asked;
            builder.WithAnnotation(endpoint);
        }
        else
        {
            ThrowIfDifferent(builder.Resource, endpoint, scheme, protocol);
            endpoint.Change(port, targetPort, isExternal, isProxied);
        }

        return env is null ? builder : builder.WithPortVariable(endpoint, env);
    }

    /// <inheritdoc cref="WithEndpoint{T}(IResourceBuilder{T}, int?, int?, string?, string?, string?, bool?, bool?, ProtocolType?)"/>
    public static IResourceBuilder<T> WithEndpoint<T>(this IResourceBuilder<T> builder, int? port, int? targetPort, string? scheme, [EndpointName] string? name, string? env, bool isProxied, bool? isExternal, ProtocolType? protocol)
        where T : IResourceWithEndpoints => builder.WithEndpoint(port, targetPort, scheme, name, env, (bool?)isProxied, isExternal, protocol);

    /// <inheritdoc cref="WithEndpoint{T}(IResourceBuilder{T}, int?, int?, string?, string?, string?, bool?, bool?, ProtocolType?)"/>
    public static IResourceBuilder<T> WithEndpoint<T>(this IResourceBuilder<T> builder, int? port, int? targetPort, string? scheme, [EndpointName] string? name, string? env, bool isProxied, bool? isExternal)
        where T : IResourceWithEndpoints => builder.WithEndpoint(port, targetPort, scheme, name, env, (bool?)isProxied, isExternal, protocol: null);

    /// <inheritdoc cref="WithEndpoint{T}(IResourceBuilder{T}, int?, int?, string?, string?, string?, bool?, bool?, ProtocolType?)"/>
    public static IResourceBuilder<T> WithEndpoint<T>(this IResourceBuilder<T> builder, int? port, int? targetPort, string? scheme, [EndpointName] string? name, string? env, bool? isProxied, bool? isExternal)
        where T : IResourceWithEndpoints => builder.WithEndpoint(port, targetPort, scheme, name, env, isProxied, isExternal, protocol: null);

    /// <summary>Adds an HTTP endpoint, or, if there is one of the same name, changes what is given of it.</summary>
    /// <typeparam name="T">The type of the resource.</typeparam>
    /// <param name="builder">The resource.</param>
    /// <param name="port">The public port; null or 0 for any free one.</param>
    /// <param name="targetPort">The port that the process listens on; null for any free one.</param>
    /// <param name="name">The name, unique in the resource; <c>http</c> when null.</param>
    /// <param name="env">The variable in which the process learns its port; null for none.</param>
    /// <param name="isProxied">Whether a proxy may stand between the two ports; true when null.</param>
    /// <exception cref="ArgumentException">The name breaks Aspire's naming rule.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A port is outside 0 to 65535.</exception>
    /// <exception cref="DistributedApplicationException">The resource has an endpoint of that name with another scheme.</exception>
    public static IResourceBuilder<T> WithHttpEndpoint<T>(this IResourceBuilder<T> builder, int? port = null, int? targetPort = null, [EndpointName] string? name = null, string? env = null, bool? isProxied = null)
        where T : IResourceWithEndpoints => builder.WithEndpoint(port, targetPort, "http", name, env, isProxied, isExternal: null, protocol: null);

    /// <inheritdoc cref="WithHttpEndpoint{T}(IResourceBuilder{T}, int?, int?, string?, string?, bool?)"/>
    public static IResourceBuilder<T> WithHttpEndpoint<T>(this IResourceBuilder<T> builder, int? port, int? targetPort, [EndpointName] string? name, string? env, bool isProxied)
        where T : IResourceWithEndpoints => builder.WithHttpEndpoint(port, targetPort, name, env, (bool?)isProxied);

    /// <summary>Adds an HTTPS endpoint, or, if there is one of the same name, changes what is given of it.</summary>
    /// <typeparam name="T">The type of the resource.</typeparam>
    /// <param name="builder">The resource.</param>
    /// <param name="port">The public port; null or 0 for any free one.</param>
    /// <param name="targetPort">The port that the process listens on; null for any free one.</param>
    /// <param name="name">The name, unique in the resource; <c>https</c> when null.</param>
    /// <param name="env">The variable in which the process learns its port; null for none.</param>
    /// <param name="isProxied">Whether a proxy may stand between the two ports; true when null.</param>
    /// <exception cref="ArgumentException">The name breaks Aspire's naming rule.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A port is outside 0 to 65535.</exception>
    /// <exception cref="DistributedApplicationException">The resource has an endpoint of that name with another scheme.</exception>
    public static IResourceBuilder<T> WithHttpsEndpoint<T>(this IResourceBuilder<T> builder, int? port = null, int? targetPort = null, [EndpointName] string? name = null, string? env = null, bool? isProxied = null)
        where T : IResourceWithEndpoints => builder.WithEndpoint(port, targetPort, "https", name, env, isProxied, isExternal: null, protocol: null);

    /// <inheritdoc cref="WithHttpsEndpoint{T}(IResourceBuilder{T}, int?, int?, string?, string?, bool?)"/>
    public static IResourceBuilder<T> WithHttpsEndpoint<T>(this IResourceBuilder<T> builder, int? port, int? targetPort, [EndpointName] string? name, string? env, bool isProxied)
        where T : IResourceWithEndpoints => builder.WithHttpsEndpoint(port, targetPort, name, env, (bool?)isProxied);

    /// <summary>Exposes the HTTP and HTTPS endpoints that the resource has so far to the outside of a deployment.</summary>
    /// <typeparam name="T">The type of the resource.</typeparam>
    /// <param name="builder">The resource.</param>
    public static IResourceBuilder<T> WithExternalHttpEndpoints<T>(this IResourceBuilder<T> builder)
        where T : IResourceWithEndpoints
    {
        ArgumentNullException.ThrowIfNull(builder);

        foreach (var endpoint in builder.Resource.Annotations.OfType<EndpointAnnotation>().Where(static endpoint => endpoint.IsHttpScheme))
        {
            endpoint.IsExternal = true;
        }

        return builder;
    }

    /// <summary>Points at an endpoint by name. It need not exist yet.</summary>
    /// <typeparam name="T">The type of the resource.</typeparam>
    /// <param name="builder">The resource.</param>
    /// <param name="name">The endpoint's name, in any letter case.</param>
    public static EndpointReference GetEndpoint<T>(this IResourceBuilder<T> builder, [EndpointName] string name)
        where T : IResourceWithEndpoints
    {
        ArgumentNullException.ThrowIfNull(builder);

        return builder.Resource.GetEndpoint(name);
    }

    /// <summary>Points at an endpoint by name, with an address on a network. It need not exist yet.</summary>
    /// <typeparam name="T">The type of the resource.</typeparam>
    /// <param name="builder">The resource.</param>
    /// <param name="name">The endpoint's name, in any letter case.</param>
    /// <param name="contextNetworkId">The network.</param>
    public static EndpointReference GetEndpoint<T>(this IResourceBuilder<T> builder, [EndpointName] string name, NetworkIdentifier contextNetworkId)
        where T : IResourceWithEndpoints
    {
        ArgumentNullException.ThrowIfNull(builder);

        return builder.Resource.GetEndpoint(name, contextNetworkId);
    }

    /// <summary>Says that every HTTP and HTTPS endpoint of the resource speaks HTTP/2 only.</summary>
    /// <typeparam name="T">The type of the resource.</typeparam>
    /// <param name="builder">The resource.</param>
    public static IResourceBuilder<T> AsHttp2Service<T>(this IResourceBuilder<T> builder)
        where T : IResourceWithEndpoints
    {
        ArgumentNullException.ThrowIfNull(builder);

        return builder
            .WithAnnotation<Http2ServiceAnnotation>(ResourceAnnotationMutationBehavior.Replace)
            .ForEveryEndpoint(static endpoint => endpoint.Transport = endpoint.IsHttpScheme ? "http2" : endpoint.Transport);
    }

    /// <summary>Says whether proxies may stand before those endpoints of the resource that do not say so themselves.</summary>
    /// <param name="builder">The resource.</param>
    /// <param name="proxyEnabled">Whether proxies may stand before them.</param>
    public static IResourceBuilder<IResourceWithEndpoints> WithEndpointProxySupport(this IResourceBuilder<IResourceWithEndpoints> builder, bool proxyEnabled)
    {
        ArgumentNullException.ThrowIfNull(builder);

        return builder.WithProxySupport(proxyEnabled);
    }

    internal static IResourceBuilder<T> WithProxySupport<T>(this IResourceBuilder<T> builder, bool proxyEnabled)
        where T : IResourceWithEndpoints => builder
            .WithAnnotation(new ProxySupportAnnotation { ProxyEnabled = proxyEnabled }, ResourceAnnotationMutationBehavior.Replace)
            .ForEveryEndpoint(endpoint => endpoint.IsExplicitlyProxied ??= proxyEnabled ? null : false);

    internal static EndpointAnnotation? FindEndpoint(this IResource resource, string name) =>
        resource.Annotations.OfType<EndpointAnnotation>().SingleOrDefault(endpoint => string.Equals(endpoint.Name, name, StringComparison.OrdinalIgnoreCase));

    // Now, for what reads the model while it is built, and at start, for endpoints that are added later.
    private static IResourceBuilder<T> ForEveryEndpoint<T>(this IResourceBuilder<T> builder, Action<EndpointAnnotation> change)
        where T : IResourceWithEndpoints
    {
        Change();
        builder.ApplicationBuilder.Eventing.Subscribe<BeforeStartEvent>((_, _) =>
        {
            Change();
            return Task.CompletedTask;
        });
        return builder;

        void Change()
        {
            foreach (var endpoint in builder.Resource.Annotations.OfType<EndpointAnnotation>())
            {
                change(endpoint);
            }
        }
    }

    private static IResourceBuilder<T> WithPortVariable<T>(this IResourceBuilder<T> builder, EndpointAnnotation endpoint, string variable)
        where T : IResourceWithEndpoints
    {
        if (builder.Resource is not IResourceWithEnvironment)
        {
            throw new DistributedApplicationException($"Resource '{builder.Resource.Name}' takes no environment variables, so endpoint '{endpoint.Name}' cannot tell it its port in '{variable}'.");
        }

        var known = endpoint.TargetPortEnvironmentVariable is not null;
        endpoint.TargetPortEnvironmentVariable = variable;
        if (known)
        {
            return builder;
        }

        var port = new EndpointReference(builder.Resource, endpoint).Property(EndpointProperty.TargetPort);
        return builder.WithAnnotation(new EnvironmentCallbackAnnotation(
            (EnvironmentCallbackContext context) => context.EnvironmentVariables[endpoint.TargetPortEnvironmentVariable!] = port));
    }

    private static void ThrowIfNoPort(int? port, string parameterName)
    {
        if (port is < 0 or > 65535)
        {
            throw new ArgumentOutOfRangeException(parameterName, port, "A port is 1 to 65535, or 0 or null for any free one.");
        }
    }

    private static void ThrowIfDifferent(IResource resource, EndpointAnnotation endpoint, string? scheme, ProtocolType? protocol)
    {
        var sameScheme = scheme is null || string.Equals(scheme, endpoint.UriScheme, StringComparison.OrdinalIgnoreCase);
        if (sameScheme && (protocol is null || protocol == endpoint.Protocol))
        {
            return;
        }

        throw new DistributedApplicationException(
            $"Resource '{resource.Name}' has an endpoint '{endpoint.Name}' already, with scheme '{endpoint.UriScheme}': give the second one another name.");
    }
}
