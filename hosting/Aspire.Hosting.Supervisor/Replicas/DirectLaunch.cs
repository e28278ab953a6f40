using System.Reflection;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Supervisor.Replicas;

/// <summary>Starts the built executable of a project, instead of <c>dotnet run</c> for each replica.</summary>
/// <param name="assembly">The project's built assembly, or null to start it as Aspire does.</param>
/// <param name="configuration">The build configuration, such as Release, or null where it is not known.</param>
internal sealed class DirectLaunch(string? assembly, string? configuration)
{
    private const string MetadataPrefix = "ReplicaProjectOutput:";
    private const string DebugSession = "DEBUG_SESSION_PORT";
    private const string DotnetWatch = "DOTNET_WATCH";
    private const string RebuilderSuffix = "-rebuilder";

    /// <summary>Finds the built assembly of a project in the metadata of the AppHost's assembly.</summary>
    /// <remarks>An IDE's debug session and <c>dotnet watch</c> start projects themselves.</remarks>
    public static DirectLaunch Of<TProject>(IDistributedApplicationBuilder builder)
        where TProject : IProjectMetadata, new()
    {
        var isOwned = builder.Configuration[DebugSession] is { Length: > 0 } || builder.Configuration[DotnetWatch] is { Length: > 0 };
        var host = typeof(TProject).Assembly;
        var path = new TProject().ProjectPath;
        var output = host.GetCustomAttributes<AssemblyMetadataAttribute>()
            .FirstOrDefault(metadata => metadata.Key.StartsWith(MetadataPrefix, StringComparison.Ordinal)
                && Path.GetFullPath(metadata.Key[MetadataPrefix.Length..]) == Path.GetFullPath(path))?.Value;
        var configuration = host.GetCustomAttribute<AssemblyConfigurationAttribute>()?.Configuration;
        return new(isOwned || !File.Exists(output) ? null : output, configuration);
    }

    /// <summary>Makes a replica start this way, unless it has a start command of its own.</summary>
    public void Apply(IResourceBuilder<ProjectResource> replica)
    {
        if (assembly is null || replica.Resource.Annotations.OfType<ExecutableAnnotation>().Any())
        {
            return;
        }

        var executable = Path.ChangeExtension(assembly, OperatingSystem.IsWindows() ? ".exe" : null);
        var isExecutable = File.Exists(executable);
        replica.WithAnnotation(new ExecutableAnnotation
        {
            Command = isExecutable ? executable : "dotnet",
            WorkingDirectory = Path.GetDirectoryName(replica.Resource.GetProjectMetadata().ProjectPath)!,
        });
        if (!isExecutable)
        {
            replica.WithArgs(context => context.Args.Insert(0, assembly));
        }

        RebuildSameConfiguration(replica);
    }

    /// <summary>Makes Aspire's command <c>rebuild</c> build the configuration that runs, instead of the default one.</summary>
    private void RebuildSameConfiguration(IResourceBuilder<ProjectResource> replica)
    {
        var builder = replica.ApplicationBuilder;
        var name = replica.Resource.Name + RebuilderSuffix;
        var rebuilder = builder.Resources.OfType<ExecutableResource>().FirstOrDefault(resource => resource.Name == name);
        if (rebuilder is not null && configuration is not null)
        {
            builder.CreateResourceBuilder(rebuilder).WithArgs("--configuration", configuration);
        }
    }
}
