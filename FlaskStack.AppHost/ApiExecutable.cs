using System.Runtime.InteropServices;

namespace FlaskStack.AppHost;

/// <summary>
/// The executable that a replica runs where it is not the project's build: the one of <c>Api:Executable</c>, or with <c>Api:Native</c> one
/// compiled to native code, which starts in a third of the time and holds half the memory. Compiling it is a resource of its own, for which
/// the replicas wait.
/// </summary>
internal static class ApiExecutable
{
    private const string BuildName = "api-native-build";
    private const string OutputFolder = "obj/native";
    private const string ArtifactsFolder = "obj/native-artifacts";

    private static readonly string[] Linkers = ["clang", "gcc"];

    /// <summary>Turns <c>Api:Native</c> off, with a line that says so, where this machine has no linker.</summary>
    public static StackSettings WithoutMissingLinker(this StackSettings settings)
    {
        if (!settings.Native || HasLinker())
        {
            return settings;
        }

        var linkers = string.Join(" or ", Linkers);
        Console.Error.WriteLine($"Api:Native needs {linkers}, which is not installed here: the API runs as an ordinary build.");
        return settings with { Native = false };
    }

    /// <summary>Lets a replica run the executable that the settings ask for.</summary>
    public static IResourceBuilder<ProjectResource> WithExecutable(this IResourceBuilder<ProjectResource> replica, StackSettings settings)
    {
        if (!replica.ApplicationBuilder.ExecutionContext.IsRunMode)
        {
            return replica;
        }

        return settings.Executable is { } executable ? replica.Run(executable)
            : settings.Native ? replica.RunNative()
            : replica;
    }

    private static IResourceBuilder<ProjectResource> RunNative(this IResourceBuilder<ProjectResource> replica)
    {
        var project = replica.Resource.GetProjectMetadata().ProjectPath;
        var folder = Path.GetDirectoryName(project)!;
        var suffix = OperatingSystem.IsWindows() ? ".exe" : null;
        var executable = Path.Join(folder, OutputFolder, Path.GetFileNameWithoutExtension(project) + suffix);
        if (!IsUpToDate(executable, folder))
        {
            replica.WaitForCompletion(GetOrAddBuild(replica.ApplicationBuilder, project, folder));
        }

        return replica.Run(executable);
    }

    private static IResourceBuilder<ProjectResource> Run(this IResourceBuilder<ProjectResource> replica, string executable) =>
        replica.WithAnnotation(new ExecutableAnnotation
        {
            Command = executable,
            WorkingDirectory = Path.GetDirectoryName(replica.Resource.GetProjectMetadata().ProjectPath)!,
        });

    private static IResourceBuilder<ExecutableResource> GetOrAddBuild(IDistributedApplicationBuilder builder, string project, string folder)
    {
        string[] publish =
        [
            "publish", project, "-c", "Release", "-r", RuntimeInformation.RuntimeIdentifier, "-p:PublishAot=true",
            "-nologo", "--artifacts-path", ArtifactsFolder, "-o", OutputFolder,
        ];
        return builder.Resources.OfType<ExecutableResource>().FirstOrDefault(resource => resource.Name == BuildName) is { } build
            ? builder.CreateResourceBuilder(build)
            : builder.AddExecutable(BuildName, "dotnet", folder, publish);
    }

    /// <summary>Building the AppHost has built the API as well: what is newer than that has nothing to add.</summary>
    private static bool IsUpToDate(string executable, string folder) =>
        File.Exists(executable)
        && Directory.EnumerateFiles(Path.Join(folder, "bin"), "*.dll", SearchOption.AllDirectories)
            .All(built => File.GetLastWriteTimeUtc(built) < File.GetLastWriteTimeUtc(executable));

    private static bool HasLinker()
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        return OperatingSystem.IsWindows() || Linkers.Any(tool => folders.Any(folder => File.Exists(Path.Join(folder, tool))));
    }
}
