using System.Runtime.Versioning;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Nginx.Configuration;
using Aspire.Hosting.Nginx.Processes;
using Aspire.Hosting.Nginx.Provisioning;
using Aspire.Hosting.Nginx.Publishing;

namespace Aspire.Hosting;

/// <content>nginx in a container.</content>
public static partial class NginxBuilderExtensions
{
    /// <summary>
    /// Runs nginx in a container of its own image when the application runs, with the same configuration. It reaches the resources of this
    /// machine as every container of Aspire does. There is no telemetry of it and no shadow, and the replicas of <c>WithReplicas</c> are
    /// behind one address. The configuration key <c>Nginx:Mode</c> takes precedence. A published nginx is not affected.
    /// </summary>
    /// <param name="builder">The builder of the nginx resource.</param>
    /// <param name="configureContainer">Changes the container. Default: the image <c>docker.io/library/nginx:1.28-alpine</c>.</param>
    /// <returns>The same builder.</returns>
    /// <example>
    /// <code>
    /// builder.AddNginx("nginx", port: 8080).WithReverseProxy("/", api).RunAsContainer();
    /// </code>
    /// </example>
    public static IResourceBuilder<NginxResource> RunAsContainer(
        this IResourceBuilder<NginxResource> builder, Action<IResourceBuilder<NginxContainerResource>>? configureContainer = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var options = Options(builder);
        options.Mode = NginxMode.Container;
        options.ConfigureContainer += configureContainer;
        return builder;
    }

    /// <summary>Puts the container in the place of the process in the model, if nginx is to run in one.</summary>
    /// <returns>The container, or null where nginx runs as a process.</returns>
    /// <exception cref="DistributedApplicationException"><c>Nginx:Mode</c> is none of its values.</exception>
    [UnsupportedOSPlatform("windows")]
    private static async Task<NginxContainer?> SettleContainerAsync(
        IResourceBuilder<NginxResource> nginx, NginxAnnotation options, BeforeStartEvent start, CancellationToken cancellationToken)
    {
        var application = nginx.ApplicationBuilder;
        var mode = NginxModes.Parse(application.Configuration[NginxModes.Key]) ?? options.Mode;
        if (mode == NginxMode.Process)
        {
            return null;
        }

        var isAuto = mode == NginxMode.Auto;
        if (isAuto && HasBinary(application, options))
        {
            return null;
        }

        var engine = await ContainerEngine.FindAsync(start.Services, cancellationToken).ConfigureAwait(false);
        if (isAuto && engine.Problem is not null)
        {
            return null;
        }

        var resource = new NginxContainerResource(nginx.Resource);
        var container = application.CreateResourceBuilder(resource)
            .WithImage(NginxImage.Name, NginxImage.Tag)
            .WithImageRegistry(NginxImage.Registry);
        options.ConfigureContainer?.Invoke(container);
        start.Model.Resources.Remove(nginx.Resource);
        start.Model.Resources.Add(resource);

        // Aspire says this of the container, and what follows was asked of the process.
        application.Eventing.Subscribe<InitializeResourceEvent>(resource, static (change, _) => DrainBeforeStop(change.Resource));
        application.Eventing.Subscribe<BeforeResourceStartedEvent>(
            resource, (change, token) => Host(change.Services)[resource.Name].StartAsync(token));
        return new(resource, engine, options, start, application.AppHostDirectory);
    }

    /// <summary>Whether there is a binary, one can be fetched, or one was asked for.</summary>
    private static bool HasBinary(IDistributedApplicationBuilder application, NginxAnnotation options) =>
        options.BinaryPath is not null
        || application.Configuration["Nginx:Path"] is { Length: > 0 }
        || NginxLocator.OfMachine().Locate(application.Configuration, null, application.AppHostDirectory).Error is null;
}
