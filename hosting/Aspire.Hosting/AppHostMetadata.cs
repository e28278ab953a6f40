using System.Reflection;

namespace Aspire.Hosting;

/// <summary>What the build wrote into the AppHost's assembly about its own project.</summary>
/// <param name="Directory">The project directory, or <see langword="null"/> when it is not known.</param>
/// <param name="ProjectName">The project's file name, such as <c>MyApp.AppHost.csproj</c>.</param>
/// <param name="ContentRoot">Where <c>appsettings.json</c> is read from.</param>
internal sealed record AppHostMetadata(string? Directory, string? ProjectName, string? ContentRoot)
{
    private const string DirectoryKey = "apphostprojectpath";
    private const string ProjectNameKey = "apphostprojectname";

    /// <summary>Full path of the project file, when it is known.</summary>
    public string? ProjectFile => Directory is null || ProjectName is null ? null : Path.Join(Directory, ProjectName);

    public static Assembly? FindAssembly(string? assemblyName) =>
        assemblyName is null ? Assembly.GetEntryAssembly() : Assembly.Load(new AssemblyName(assemblyName));

    public static AppHostMetadata Read(Assembly? assembly, string? projectDirectory)
    {
        var directory = projectDirectory ?? Value(assembly, DirectoryKey);
        // Binaries that were moved to another machine carry a project directory that does not exist there.
        var contentRoot = directory is not null && System.IO.Directory.Exists(directory) ? directory : AppContext.BaseDirectory;
        return new AppHostMetadata(directory is null ? null : contentRoot, Value(assembly, ProjectNameKey), contentRoot);
    }

    private static string? Value(Assembly? assembly, string key) =>
        assembly?.GetCustomAttributes<AssemblyMetadataAttribute>().FirstOrDefault(a => a.Key == key)?.Value;
}
