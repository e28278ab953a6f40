using System.Reflection;

namespace Aspire.Hosting.Orchestration.Projects;

/// <summary>Where the build put the projects that the AppHost references, as the build itself recorded it.</summary>
internal sealed class ProjectOutputs
{
    private const string KeyPrefix = "aspireprojectoutput:";

    private readonly Dictionary<string, string> _outputs = new(StringComparer.Ordinal);

    public ProjectOutputs(Assembly assembly)
    {
        foreach (var metadata in assembly.GetCustomAttributes<AssemblyMetadataAttribute>())
        {
            if (metadata.Key.StartsWith(KeyPrefix, StringComparison.Ordinal) && metadata.Value is { } output)
            {
                _outputs[Path.GetFullPath(metadata.Key[KeyPrefix.Length..])] = output;
            }
        }
    }

    /// <summary>The assembly of a referenced project, or <see langword="null"/> when it is not referenced or not built.</summary>
    public string? Find(string projectPath) =>
        _outputs.TryGetValue(Path.GetFullPath(projectPath), out var output) && File.Exists(output) ? output : null;
}
