using System.Collections.Concurrent;
using System.Reflection;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Orchestration.Instances;
using Microsoft.Extensions.Configuration;

namespace Aspire.Hosting.Orchestration.Projects;

/// <summary>Finds the executable of a project, building it first when the AppHost's own build did not.</summary>
/// <remarks>
/// Configuration <c>{resource}:Native=true</c> runs the native executable instead. Where it cannot be made for want of a
/// linker, one line says so and the ordinary build runs.
/// </remarks>
internal sealed class ProjectCommands(AppHostIdentity appHost, ProjectBuilder builder, NativeBuilder nativeBuilder, IConfiguration configuration, ResourceReporter reporter)
{
    private readonly ConcurrentDictionary<Assembly, ProjectOutputs> _outputs = new();

    /// <exception cref="DistributedApplicationException">The project does not exist or does not build.</exception>
    public async Task<ProjectCommand> ForAsync(ProjectResource project, ResourceInstance instance, CancellationToken cancellationToken)
    {
        var metadata = project.Annotations.OfType<IProjectMetadata>().LastOrDefault()
            ?? throw new DistributedApplicationException($"Resource '{project.Name}' names no project; add it with AddProject.");

        // A test that declares its own model refers to the projects of an AppHost, whose assembly is not the test's.
        var assembly = FindOutput(metadata.GetType().Assembly, metadata.ProjectPath)
            ?? FindOutput(appHost.Assembly, metadata.ProjectPath)
            ?? await builder.BuildAsync(metadata.ProjectPath, Configuration, instance, cancellationToken).ConfigureAwait(false);
        return WantsNative(project)
            ? ProjectCommand.ForExecutable(await nativeBuilder.BuildAsync(metadata.ProjectPath, assembly, instance, cancellationToken).ConfigureAwait(false), metadata.ProjectPath)
            : ProjectCommand.ForAssembly(assembly, metadata.ProjectPath);
    }

    /// <exception cref="DistributedApplicationException">The setting is neither true nor false.</exception>
    private bool WantsNative(ProjectResource project)
    {
        var key = $"{project.Name}:Native";
        var text = configuration[key];
        if (string.IsNullOrEmpty(text))
        {
            return false;
        }

        if (!bool.TryParse(text, out var wanted))
        {
            throw new DistributedApplicationException($"{key} is '{text}'; it must be true or false.");
        }

        if (wanted && !NativeBuilder.HasLinker)
        {
            reporter.NoLinker(project.Name);
            return false;
        }

        return wanted;
    }

    private string? FindOutput(Assembly? builtWith, string projectPath) =>
        builtWith is null ? null : _outputs.GetOrAdd(builtWith, static assembly => new ProjectOutputs(assembly)).Find(projectPath);

    /// <summary>Projects are built as the AppHost was.</summary>
    private string Configuration => appHost.Assembly?.GetCustomAttribute<AssemblyConfigurationAttribute>()?.Configuration ?? "Debug";
}
