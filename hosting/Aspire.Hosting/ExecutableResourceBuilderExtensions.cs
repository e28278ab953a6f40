using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

/// <summary>Adds programs that are run as processes.</summary>
public static class ExecutableResourceBuilderExtensions
{
    /// <summary>Adds a program.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">The resource's name.</param>
    /// <param name="command">A program on the search path, or a path to one.</param>
    /// <param name="workingDirectory">The working directory, relative to the AppHost's folder.</param>
    /// <param name="args">Its arguments.</param>
    public static IResourceBuilder<ExecutableResource> AddExecutable(this IDistributedApplicationBuilder builder, [ResourceName] string name, string command, string workingDirectory, params string[]? args) =>
        builder.AddExecutable(name, command, workingDirectory, (object[]?)args);

    /// <summary>Adds a program.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">The resource's name.</param>
    /// <param name="command">A program on the search path, or a path to one.</param>
    /// <param name="workingDirectory">The working directory, relative to the AppHost's folder.</param>
    /// <param name="args">Its arguments: strings or values of the model.</param>
    public static IResourceBuilder<ExecutableResource> AddExecutable(this IDistributedApplicationBuilder builder, [ResourceName] string name, string command, string workingDirectory, params object[]? args)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(name);

        var executable = builder.AddResource(new ExecutableResource(name, command, FullPath(builder, workingDirectory)));
        return args is { Length: > 0 } ? executable.WithArgs(args) : executable;
    }

    /// <summary>Changes the program.</summary>
    /// <typeparam name="T">The type of the executable.</typeparam>
    /// <param name="builder">The executable.</param>
    /// <param name="command">A program on the search path, or a path to one.</param>
    public static IResourceBuilder<T> WithCommand<T>(this IResourceBuilder<T> builder, string command)
        where T : ExecutableResource
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(command);

        builder.Resource.Executable.Command = command;
        return builder;
    }

    /// <summary>Changes the working directory.</summary>
    /// <typeparam name="T">The type of the executable.</typeparam>
    /// <param name="builder">The executable.</param>
    /// <param name="workingDirectory">The working directory, relative to the AppHost's folder.</param>
    public static IResourceBuilder<T> WithWorkingDirectory<T>(this IResourceBuilder<T> builder, string workingDirectory)
        where T : ExecutableResource
    {
        ArgumentNullException.ThrowIfNull(builder);

        builder.Resource.Executable.WorkingDirectory = FullPath(builder.ApplicationBuilder, workingDirectory);
        return builder;
    }

    /// <summary>Publishes the program as a container that is built from the Dockerfile in its working directory. Changes nothing while running.</summary>
    /// <typeparam name="T">The type of the executable.</typeparam>
    /// <param name="builder">The executable.</param>
    public static IResourceBuilder<T> PublishAsDockerFile<T>(this IResourceBuilder<T> builder)
        where T : ExecutableResource => builder.PublishAsDockerFile(configure: null);

    /// <summary>Publishes the program as a container that is built from the Dockerfile in its working directory. Changes nothing while running.</summary>
    /// <typeparam name="T">The type of the executable.</typeparam>
    /// <param name="builder">The executable.</param>
    /// <param name="configure">Describes the container further.</param>
    public static IResourceBuilder<T> PublishAsDockerFile<T>(this IResourceBuilder<T> builder, Action<IResourceBuilder<ContainerResource>>? configure)
        where T : ExecutableResource
    {
        ArgumentNullException.ThrowIfNull(builder);

        if (builder.ApplicationBuilder.ExecutionContext.IsPublishMode)
        {
            var container = PublishedContainer.Replace(builder, builder.Resource.WorkingDirectory);
            configure?.Invoke(container);
        }

        return builder;
    }

    /// <summary>Publishes the program as a container that is built from the Dockerfile in its working directory. Changes nothing while running.</summary>
    /// <typeparam name="T">The type of the executable.</typeparam>
    /// <param name="builder">The executable.</param>
    /// <param name="buildArgs">Build arguments.</param>
    [Obsolete("Use PublishAsDockerFile(container => container.WithBuildArg(name, value)).")]
    public static IResourceBuilder<T> PublishAsDockerFile<T>(this IResourceBuilder<T> builder, IEnumerable<DockerBuildArg>? buildArgs)
        where T : ExecutableResource => builder.PublishAsDockerFile(container =>
        {
            foreach (var argument in buildArgs ?? [])
            {
                container.WithBuildArg(argument.Name, argument.Value);
            }
        });

    private static string FullPath(IDistributedApplicationBuilder builder, string path)
    {
        ArgumentNullException.ThrowIfNull(path);

        return Path.GetFullPath(path.Replace('\\', Path.DirectorySeparatorChar), builder.AppHostDirectory);
    }
}
