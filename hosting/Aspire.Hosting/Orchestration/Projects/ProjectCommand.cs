namespace Aspire.Hosting.Orchestration.Projects;

/// <summary>How a built project is started: directly, never through <c>dotnet run</c>.</summary>
/// <param name="FileName">The executable.</param>
/// <param name="Arguments">Arguments that come before the resource's own.</param>
/// <param name="WorkingDirectory">The project's folder, or that of the binary where the sources are absent.</param>
internal sealed record ProjectCommand(string FileName, IReadOnlyList<string> Arguments, string WorkingDirectory)
{
    /// <summary>Starts the native launcher beside the assembly, or <c>dotnet</c> with the assembly when there is none.</summary>
    public static ProjectCommand ForAssembly(string assemblyPath, string projectPath)
    {
        var launcher = Path.ChangeExtension(assemblyPath, OperatingSystem.IsWindows() ? ".exe" : null);

        return File.Exists(launcher)
            ? ForExecutable(launcher, projectPath)
            : new ProjectCommand("dotnet", ["exec", assemblyPath], WorkingDirectoryOf(projectPath, assemblyPath));
    }

    /// <summary>Starts an executable that needs no runtime beside it.</summary>
    public static ProjectCommand ForExecutable(string executable, string projectPath) =>
        new(executable, [], WorkingDirectoryOf(projectPath, executable));

    private static string WorkingDirectoryOf(string projectPath, string binary)
    {
        var projectDirectory = Path.GetDirectoryName(projectPath);
        return Directory.Exists(projectDirectory) ? projectDirectory : Path.GetDirectoryName(binary)!;
    }
}
