using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Docker;
using Aspire.Hosting.Docker.Publishing;
using Aspire.Hosting.Docker.Resources;
using Aspire.Hosting.Pipelines;

namespace Aspire.Hosting;

/// <summary>Publishes an application as a Docker Compose file.</summary>
public static class DockerComposeEnvironmentExtensions
{
    /// <summary>
    /// Adds Docker Compose as a place to deploy to. The step <c>publish-{name}</c> writes <c>docker-compose.yaml</c>, what its images
    /// are built from, and <c>.env</c> with a line for each secret. Changes nothing while running.
    /// </summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">The name of the environment.</param>
    /// <example>
    /// <code>
    /// builder.AddDockerComposeEnvironment("compose");
    /// </code>
    /// </example>
    public static IResourceBuilder<DockerComposeEnvironmentResource> AddDockerComposeEnvironment(this IDistributedApplicationBuilder builder, [ResourceName] string name)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(name);

        var environment = new DockerComposeEnvironmentResource(name);
        if (builder.ExecutionContext.IsRunMode)
        {
            return builder.CreateResourceBuilder(environment);
        }

        environment.Dashboard = ComposeDashboard.Create(builder, name).Resource;
        return builder.AddResource(environment).WithPipelineStepFactory(_ => new PipelineStep
        {
            Name = $"publish-{name}",
            Description = "Writes a Docker Compose file.",
            Action = context => ComposePublisher.PublishAsync(environment, context),
            DependsOnSteps = [WellKnownPipelineSteps.PublishPrereq],
            RequiredBySteps = [WellKnownPipelineSteps.Publish],
        });
    }

    /// <summary>Says whether the Aspire dashboard is deployed too, for the telemetry of the services. Default: it is.</summary>
    /// <param name="builder">The environment.</param>
    /// <param name="enabled">Whether it is.</param>
    public static IResourceBuilder<DockerComposeEnvironmentResource> WithDashboard(this IResourceBuilder<DockerComposeEnvironmentResource> builder, bool enabled = true)
    {
        ArgumentNullException.ThrowIfNull(builder);

        builder.Resource.DashboardEnabled = enabled;
        return builder;
    }

    /// <summary>Changes the environment.</summary>
    /// <param name="builder">The environment.</param>
    /// <param name="configure">Changes it.</param>
    public static IResourceBuilder<DockerComposeEnvironmentResource> WithProperties(this IResourceBuilder<DockerComposeEnvironmentResource> builder, Action<DockerComposeEnvironmentResource> configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(configure);

        configure(builder.Resource);
        return builder;
    }

    /// <summary>Changes the Compose file before it is written.</summary>
    /// <param name="builder">The environment.</param>
    /// <param name="configure">Changes it.</param>
    public static IResourceBuilder<DockerComposeEnvironmentResource> ConfigureComposeFile(this IResourceBuilder<DockerComposeEnvironmentResource> builder, Action<ComposeFile> configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(configure);

        builder.Resource.ConfigureComposeFile += configure;
        return builder;
    }
}
