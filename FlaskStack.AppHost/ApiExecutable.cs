using System.Runtime.InteropServices;

namespace FlaskStack.AppHost;

/// <summary>
/// Selects another executable for a replica than the project's build: that of <c>Api:Executable</c>, or with <c>Api:Native</c> one compiled
/// to native code, which starts in a third of the time and uses half the memory. A resource of its own compiles it, and the replicas wait
/// for that.
/// </summary>
internal static class ApiExecutable
{
    private const string BuildName = "api-native-build";
    private const string OutputFolder = "obj/native";
    private const string ArtifactsFolder = "obj/native-artifacts";

    private static readonly string[] Linkers = ["clang", "gcc"];

    /// <summary>Turns <c>Api:Native</c> off, with a line on standard error, if this machine has no linker.</summary>
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

    /// <summary>Makes a replica run the executable of the settings.</summary>
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

    /// <summary>Whether the native executable is newer than the API's build, which is part of the AppHost's build.</summary>
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
