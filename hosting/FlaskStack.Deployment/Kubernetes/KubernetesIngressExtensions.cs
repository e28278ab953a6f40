using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Kubernetes;

namespace Aspire.Hosting;

/// <summary>Adds Ingresses to a cluster.</summary>
public static class KubernetesIngressExtensions
{
    /// <summary>Adds an Ingress. One without a path or a default backend is not written.</summary>
    /// <param name="builder">The cluster.</param>
    /// <param name="name">The name of the Ingress.</param>
    /// <returns>A builder for the Ingress.</returns>
    /// <example>
    /// <code>
    /// builder.AddKubernetesEnvironment("kubernetes").AddIngress("public").WithHostname("api.example.com").WithPath("/", nginx.GetEndpoint("http"));
    /// </code>
    /// </example>
    public static IResourceBuilder<KubernetesIngressResource> AddIngress(this IResourceBuilder<KubernetesEnvironmentResource> builder, [ResourceName] string name)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(name);

        var ingress = new KubernetesIngressResource(name, builder.Resource);
        if (builder.ApplicationBuilder.ExecutionContext.IsRunMode)
        {
            return builder.ApplicationBuilder.CreateResourceBuilder(ingress);
        }

        builder.Resource.Ingresses.Add(ingress);
        return builder.ApplicationBuilder.AddResource(ingress).ExcludeFromManifest();
    }

    /// <summary>Leads a path to an endpoint, for every host of the Ingress.</summary>
    /// <param name="builder">The Ingress.</param>
    /// <param name="path">The path, beginning with <c>/</c>.</param>
    /// <param name="endpoint">The endpoint, such as that of nginx.</param>
    /// <param name="pathType">How the path is compared. Default: by its elements.</param>
    /// <returns>The builder.</returns>
    public static IResourceBuilder<KubernetesIngressResource> WithPath(
        this IResourceBuilder<KubernetesIngressResource> builder,
        string path,
        EndpointReference endpoint,
        IngressPathType pathType = IngressPathType.Prefix) => AddPath(builder, host: null, path, endpoint, pathType);

    /// <summary>Leads a path of one host to an endpoint.</summary>
    /// <param name="builder">The Ingress.</param>
    /// <param name="host">The host name.</param>
    /// <param name="path">The path, beginning with <c>/</c>.</param>
    /// <param name="endpoint">The endpoint.</param>
    /// <param name="pathType">How the path is compared. Default: by its elements.</param>
    /// <returns>The builder.</returns>
    public static IResourceBuilder<KubernetesIngressResource> WithPath(
        this IResourceBuilder<KubernetesIngressResource> builder,
        string host,
        string path,
        EndpointReference endpoint,
        IngressPathType pathType = IngressPathType.Prefix)
    {
        ArgumentException.ThrowIfNullOrEmpty(host);

        return AddPath(builder, host, path, endpoint, pathType);
    }

    /// <summary>Leads what no path is for to an endpoint.</summary>
    /// <param name="builder">The Ingress.</param>
    /// <param name="endpoint">The endpoint.</param>
    /// <returns>The builder.</returns>
    public static IResourceBuilder<KubernetesIngressResource> WithDefaultBackend(this IResourceBuilder<KubernetesIngressResource> builder, EndpointReference endpoint)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(endpoint);

        builder.Resource.DefaultBackend = endpoint;
        return builder;
    }

    /// <summary>Adds a host name that the Ingress is for. Without one it is for all.</summary>
    /// <param name="builder">The Ingress.</param>
    /// <param name="hostname">The host name.</param>
    /// <returns>The builder.</returns>
    public static IResourceBuilder<KubernetesIngressResource> WithHostname(this IResourceBuilder<KubernetesIngressResource> builder, string hostname)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(hostname);

        builder.Resource.Hostnames.Add(ReferenceExpression.Create($"{hostname}"));
        return builder;
    }

    /// <summary>Adds a host name that the Ingress is for.</summary>
    /// <param name="builder">The Ingress.</param>
    /// <param name="hostname">A parameter with the host name; it needs a value when the application is published.</param>
    /// <returns>The builder.</returns>
    public static IResourceBuilder<KubernetesIngressResource> WithHostname(this IResourceBuilder<KubernetesIngressResource> builder, IResourceBuilder<ParameterResource> hostname)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(hostname);

        builder.Resource.Hostnames.Add(ReferenceExpression.Create($"{hostname.Resource}"));
        return builder;
    }

    /// <summary>Chooses the class of controller that serves the Ingress.</summary>
    /// <param name="builder">The Ingress.</param>
    /// <param name="className">The name of the class, such as <c>nginx</c>.</param>
    /// <returns>The builder.</returns>
    public static IResourceBuilder<KubernetesIngressResource> WithIngressClass(this IResourceBuilder<KubernetesIngressResource> builder, string className)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(className);

        builder.Resource.IngressClassName = ReferenceExpression.Create($"{className}");
        return builder;
    }

    /// <summary>Adds an annotation for the controller.</summary>
    /// <param name="builder">The Ingress.</param>
    /// <param name="key">Its key.</param>
    /// <param name="value">Its value.</param>
    /// <returns>The builder.</returns>
    public static IResourceBuilder<KubernetesIngressResource> WithIngressAnnotation(this IResourceBuilder<KubernetesIngressResource> builder, string key, string value)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(key);
        ArgumentNullException.ThrowIfNull(value);

        builder.Resource.IngressAnnotations[key] = ReferenceExpression.Create($"{value}");
        return builder;
    }

    /// <summary>Serves the hosts of the Ingress over TLS.</summary>
    /// <param name="builder">The Ingress.</param>
    /// <param name="secretName">The Secret with certificate and key, which the cluster has or a controller makes.</param>
    /// <returns>The builder.</returns>
    public static IResourceBuilder<KubernetesIngressResource> WithTls(this IResourceBuilder<KubernetesIngressResource> builder, string secretName)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(secretName);

        builder.Resource.TlsSecrets.Add(ReferenceExpression.Create($"{secretName}"));
        return builder;
    }

    private static IResourceBuilder<KubernetesIngressResource> AddPath(
        IResourceBuilder<KubernetesIngressResource> builder,
        string? host,
        string path,
        EndpointReference endpoint,
        IngressPathType pathType)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(endpoint);

        builder.Resource.Paths.Add(new KubernetesIngressResource.IngressPath(host, path, endpoint, pathType));
        return builder;
    }
}
