using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

/// <summary>Says where a project is. The build writes one class per referenced project, in namespace <c>Projects</c>.</summary>
public interface IProjectMetadata : IResourceAnnotation
{
    /// <summary>The full path of the project file.</summary>
    string ProjectPath { get; }

    /// <summary>The launch settings to use instead of the project's own <c>Properties/launchSettings.json</c>; null by default.</summary>
    LaunchSettings? LaunchSettings => null;

    /// <summary>Whether the project has been built already. Default: false.</summary>
    bool SuppressBuild => false;

    /// <summary>Whether the path is a single C# file instead of a project.</summary>
    bool IsFileBasedApp => ProjectPath.EndsWith(".cs", StringComparison.OrdinalIgnoreCase);
}
