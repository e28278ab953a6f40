using System.Runtime.InteropServices;

namespace FlaskStack.AppHost.Settings;

/// <summary>
/// Runs the API as a native executable: it starts in a third of the time and holds half the memory. Key <c>Api:Native</c>; the build is a resource
/// of its own, for which the replicas wait.
/// </summary>
internal sealed class NativeApi
{
    private const string OutputFolder = "obj/native";
    private const string ArtifactsFolder = "obj/native-artifacts";

    private static readonly string[] Linkers = ["clang", "gcc"];

    private readonly IResourceBuilder<ExecutableResource>? _build;
    private readonly string _executable;

    private NativeApi(IResourceBuilder<ExecutableResource>? build, string executable) => (_build, _executable) = (build, executable);

    /// <summary>Adds the build where it is asked for; null where it is not, or where this machine has no linker.</summary>
    public static NativeApi? Add<TProject>(IDistributedApplicationBuilder builder, bool isWanted)
        where TProject : IProjectMetadata, new()
    {
        if (!isWanted || !builder.ExecutionContext.IsRunMode)
        {
            return null;
        }

        if (!HasLinker())
        {
            Console.Error.WriteLine($"Api:Native needs {string.Join(" or ", Linkers)}, which is not installed here: the API runs as an ordinary build.");
            return null;
        }

        var project = new TProject().ProjectPath;
        var folder = Path.GetDirectoryName(project)!;
        var executable = Path.Join(folder, OutputFolder, Path.GetFileNameWithoutExtension(project) + (OperatingSystem.IsWindows() ? ".exe" : null));
        if (IsUpToDate(executable, folder))
        {
            return new(null, executable);
        }

        var build = builder.AddExecutable(
            "api-native-build", "dotnet", folder, "publish", project, "-c", "Release", "-r", RuntimeInformation.RuntimeIdentifier, "-p:PublishAot=true",
            "-nologo", "--artifacts-path", ArtifactsFolder, "-o", OutputFolder);
        return new(build, executable);
    }

    /// <summary>Lets a replica run the native executable.</summary>
    public void Run(IResourceBuilder<ProjectResource> replica)
    {
        var folder = Path.GetDirectoryName(replica.Resource.GetProjectMetadata().ProjectPath)!;
        replica.WithAnnotation(new ExecutableAnnotation { Command = _executable, WorkingDirectory = folder });
        if (_build is not null)
        {
            replica.WaitForCompletion(_build);
        }
    }

    /// <summary>Building the AppHost has built the API as well: what is newer than that has nothing to add.</summary>
    private static bool IsUpToDate(string executable, string folder) =>
        File.Exists(executable)
        && Directory.EnumerateFiles(Path.Join(folder, "bin"), "*.dll", SearchOption.AllDirectories).All(built => File.GetLastWriteTimeUtc(built) < File.GetLastWriteTimeUtc(executable));

    private static bool HasLinker() => OperatingSystem.IsWindows()
        || Linkers.Any(tool => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Join(folder, tool))));
}
