using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Publishing.Values;
using Aspire.Hosting.Systemd;

namespace Aspire.Hosting;

/// <summary>Publishes an application for one Linux server.</summary>
public static class SystemdEnvironmentExtensions
{
    /// <summary>
    /// Adds a Linux server that the application may be published for: the step <c>publish-{name}</c> writes systemd units, an nginx
    /// site, and scripts that install and upgrade. It changes nothing while the application runs here.
    /// </summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">The name of the resource.</param>
    /// <returns>A builder for the resource.</returns>
    /// <exception cref="ArgumentException">The name is empty.</exception>
    /// <example>
    /// <code>
    /// builder.AddSystemdEnvironment("systemd");
    /// </code>
    /// </example>
    public static IResourceBuilder<SystemdEnvironmentResource> AddSystemdEnvironment(this IDistributedApplicationBuilder builder, [ResourceName] string name)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(name);

        var appHost = builder.Environment.ApplicationName;
        var resource = new SystemdEnvironmentResource(name)
        {
            ApplicationName = ApplicationName.Of(appHost),
            AppHost = appHost,
            AppHostDirectory = builder.AppHostDirectory,
        };

        // As with Aspire's own environments: no row of what is not here.
        return builder.ExecutionContext.IsRunMode ? builder.CreateResourceBuilder(resource) : builder.AddResource(resource);
    }

    /// <summary>Changes the properties of a server.</summary>
    /// <param name="builder">The server.</param>
    /// <param name="configure">Changes them.</param>
    /// <returns>The builder.</returns>
    /// <example>
    /// <code>
    /// builder.AddSystemdEnvironment("systemd").WithProperties(server => server.ProxyGroup = "nginx");
    /// </code>
    /// </example>
    public static IResourceBuilder<SystemdEnvironmentResource> WithProperties(this IResourceBuilder<SystemdEnvironmentResource> builder, Action<SystemdEnvironmentResource> configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(configure);

        configure(builder.Resource);
        return builder;
    }
}
