using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

/// <summary>Adds .NET projects.</summary>
public static partial class ProjectResourceBuilderExtensions
{
    /// <summary>Adds a project that the AppHost's project file refers to.</summary>
    /// <typeparam name="TProject">The class that the build wrote for it, as in <c>Projects.My_Api</c>.</typeparam>
    /// <param name="builder">The application.</param>
    /// <param name="name">The resource's name.</param>
    /// <exception cref="DistributedApplicationException">The project, its launch settings or its Kestrel settings cannot be read.</exception>
    public static IResourceBuilder<ProjectResource> AddProject<TProject>(this IDistributedApplicationBuilder builder, [ResourceName] string name)
        where TProject : IProjectMetadata, new() => builder.AddProject(name, new TProject(), new ProjectResourceOptions());

    /// <summary>Adds a project that the AppHost's project file refers to, with a launch profile.</summary>
    /// <typeparam name="TProject">The class that the build wrote for it, as in <c>Projects.My_Api</c>.</typeparam>
    /// <param name="builder">The application.</param>
    /// <param name="name">The resource's name.</param>
    /// <param name="launchProfileName">The launch profile; null for none at all.</param>
    /// <exception cref="DistributedApplicationException">The project, its launch settings or its Kestrel settings cannot be read.</exception>
    public static IResourceBuilder<ProjectResource> AddProject<TProject>(this IDistributedApplicationBuilder builder, [ResourceName] string name, string? launchProfileName)
        where TProject : IProjectMetadata, new() => builder.AddProject(name, new TProject(), OptionsFor(launchProfileName));

    /// <summary>Adds a project that the AppHost's project file refers to.</summary>
    /// <typeparam name="TProject">The class that the build wrote for it, as in <c>Projects.My_Api</c>.</typeparam>
    /// <param name="builder">The application.</param>
    /// <param name="name">The resource's name.</param>
    /// <param name="configure">Says what to take from the project's own files.</param>
    /// <exception cref="DistributedApplicationException">The project, its launch settings or its Kestrel settings cannot be read.</exception>
    public static IResourceBuilder<ProjectResource> AddProject<TProject>(this IDistributedApplicationBuilder builder, [ResourceName] string name, Action<ProjectResourceOptions> configure)
        where TProject : IProjectMetadata, new() => builder.AddProject(name, new TProject(), OptionsFrom(configure));

    /// <summary>Adds a project by its path.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">The resource's name.</param>
    /// <param name="projectPath">The project file, or a folder with exactly one; relative to the AppHost's folder.</param>
    /// <exception cref="DistributedApplicationException">The project, its launch settings or its Kestrel settings cannot be read.</exception>
    public static IResourceBuilder<ProjectResource> AddProject(this IDistributedApplicationBuilder builder, [ResourceName] string name, string projectPath) =>
        builder.AddProject(name, builder.MetadataOf(name, projectPath), new ProjectResourceOptions());

    /// <summary>Adds a project by its path, with a launch profile.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">The resource's name.</param>
    /// <param name="projectPath">The project file, or a folder with exactly one; relative to the AppHost's folder.</param>
    /// <param name="launchProfileName">The launch profile; null for none at all.</param>
    /// <exception cref="DistributedApplicationException">The project, its launch settings or its Kestrel settings cannot be read.</exception>
    public static IResourceBuilder<ProjectResource> AddProject(this IDistributedApplicationBuilder builder, [ResourceName] string name, string projectPath, string? launchProfileName) =>
        builder.AddProject(name, builder.MetadataOf(name, projectPath), OptionsFor(launchProfileName));

    /// <summary>Adds a project by its path.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">The resource's name.</param>
    /// <param name="projectPath">The project file, or a folder with exactly one; relative to the AppHost's folder.</param>
    /// <param name="configure">Says what to take from the project's own files.</param>
    /// <exception cref="DistributedApplicationException">The project, its launch settings or its Kestrel settings cannot be read.</exception>
    public static IResourceBuilder<ProjectResource> AddProject(this IDistributedApplicationBuilder builder, [ResourceName] string name, string projectPath, Action<ProjectResourceOptions> configure) =>
        builder.AddProject(name, builder.MetadataOf(name, projectPath), OptionsFrom(configure));

    /// <summary>Runs the project as several processes, each at its own address.</summary>
    /// <param name="builder">The project.</param>
    /// <param name="replicas">How many, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than 1.</exception>
    public static IResourceBuilder<ProjectResource> WithReplicas(this IResourceBuilder<ProjectResource> builder, int replicas)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentOutOfRangeException.ThrowIfLessThan(replicas, 1);

        return builder.WithAnnotation(new ReplicaAnnotation(replicas), ResourceAnnotationMutationBehavior.Replace);
    }

    /// <summary>Keeps the published project from trusting <c>X-Forwarded-*</c> headers, as it does by default behind a deployment's proxy.</summary>
    /// <param name="builder">The project.</param>
    public static IResourceBuilder<ProjectResource> DisableForwardedHeaders(this IResourceBuilder<ProjectResource> builder)
    {
        ArgumentNullException.ThrowIfNull(builder);

        return builder.WithAnnotation<DisableForwardedHeadersAnnotation>(ResourceAnnotationMutationBehavior.Replace);
    }

    /// <summary>Publishes the project as a container that is built from the Dockerfile beside it. Changes nothing while running.</summary>
    /// <typeparam name="T">The type of the project.</typeparam>
    /// <param name="builder">The project.</param>
    /// <param name="configure">Describes the container further.</param>
    public static IResourceBuilder<T> PublishAsDockerFile<T>(this IResourceBuilder<T> builder, Action<IResourceBuilder<ContainerResource>>? configure = null)
        where T : ProjectResource
    {
        ArgumentNullException.ThrowIfNull(builder);

        if (!builder.ApplicationBuilder.ExecutionContext.IsPublishMode)
        {
            return builder;
        }

        var folder = Path.GetDirectoryName(builder.Resource.GetProjectMetadata().ProjectPath)!;
        var container = PublishedContainer.Replace(builder, folder);

        // The ASP.NET images listen on 8080.
        container.WithEndpoint("http", static endpoint => endpoint.TargetPort ??= 8080, createIfNotExists: false);
        container.WithEndpoint("https", static endpoint => endpoint.TargetPort ??= 8080, createIfNotExists: false);
        configure?.Invoke(container);
        return builder;
    }

    private static IResourceBuilder<ProjectResource> AddProject(this IDistributedApplicationBuilder builder, string name, IProjectMetadata metadata, ProjectResourceOptions options)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(name);

        return builder.AddResource(new ProjectResource(name))
            .WithAnnotation(metadata)
            .WithOtlpExporter()
            .WithProjectFiles(metadata, options);
    }

    private static ProjectMetadata MetadataOf(this IDistributedApplicationBuilder builder, string name, string projectPath)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(projectPath);

        var path = Path.GetFullPath(projectPath.Replace('\\', Path.DirectorySeparatorChar), builder.AppHostDirectory);
        if (!Directory.Exists(path))
        {
            return new ProjectMetadata(path);
        }

        return Directory.GetFiles(path, "*.*proj") is [var only]
            ? new ProjectMetadata(only)
            : throw new DistributedApplicationException($"Project '{name}': the folder '{path}' does not have exactly one project file. Name the file.");
    }

    private static ProjectResourceOptions OptionsFor(string? launchProfileName) =>
        new() { LaunchProfileName = launchProfileName, ExcludeLaunchProfile = launchProfileName is null };

    private static ProjectResourceOptions OptionsFrom(Action<ProjectResourceOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);

        var options = new ProjectResourceOptions();
        configure(options);
        return options;
    }
}
