using System.Reflection;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Supervisor.Replicas;

/// <summary>Starts the executable that a project was built to, instead of <c>dotnet run</c> for each replica.</summary>
/// <param name="assembly">The project's built assembly, or null where Aspire's own way is kept.</param>
/// <param name="configuration">The build configuration, such as Release, or null where it is not known.</param>
internal sealed class DirectLaunch(string? assembly, string? configuration)
{
    private const string MetadataPrefix = "ReplicaProjectOutput:";
    private const string DebugSession = "DEBUG_SESSION_PORT";
    private const string DotnetWatch = "DOTNET_WATCH";
    private const string RebuilderSuffix = "-rebuilder";

    /// <summary>Finds what the AppHost's build says about a project; an IDE's debug session and <c>dotnet watch</c> own the start of theirs.</summary>
    public static DirectLaunch Of<TProject>(IDistributedApplicationBuilder builder)
        where TProject : IProjectMetadata, new()
    {
        var isOwned = builder.Configuration[DebugSession] is { Length: > 0 } || builder.Configuration[DotnetWatch] is { Length: > 0 };
        var host = typeof(TProject).Assembly;
        var path = new TProject().ProjectPath;
        var output = host.GetCustomAttributes<AssemblyMetadataAttribute>()
            .FirstOrDefault(metadata => metadata.Key.StartsWith(MetadataPrefix, StringComparison.Ordinal)
                && Path.GetFullPath(metadata.Key[MetadataPrefix.Length..]) == Path.GetFullPath(path))?.Value;
        return new(isOwned || !File.Exists(output) ? null : output, host.GetCustomAttribute<AssemblyConfigurationAttribute>()?.Configuration);
    }

    /// <summary>Lets a replica be started so, unless its author says how it is started.</summary>
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

        RebuildWhatIsStarted(replica);
    }

    /// <summary>Aspire's command <c>rebuild</c> builds the default configuration, which need not be the one that runs.</summary>
    private void RebuildWhatIsStarted(IResourceBuilder<ProjectResource> replica)
    {
        var builder = replica.ApplicationBuilder;
        var rebuilder = builder.Resources.OfType<ExecutableResource>().FirstOrDefault(resource => resource.Name == replica.Resource.Name + RebuilderSuffix);
        if (rebuilder is not null && configuration is not null)
        {
            builder.CreateResourceBuilder(rebuilder).WithArgs("--configuration", configuration);
        }
    }
}
