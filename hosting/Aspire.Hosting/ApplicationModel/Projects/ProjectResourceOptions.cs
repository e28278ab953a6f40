namespace Aspire.Hosting;

/// <summary>What <c>AddProject</c> takes from a project's own files.</summary>
public class ProjectResourceOptions
{
    /// <summary>The launch profile to use; null to choose one.</summary>
    public string? LaunchProfileName { get; set; }

    /// <summary>Whether to leave launch profiles out altogether. Default: false.</summary>
    public bool ExcludeLaunchProfile { get; set; }

    /// <summary>Whether to leave out the endpoints of the Kestrel section in the project's settings. Default: false.</summary>
    public bool ExcludeKestrelEndpoints { get; set; }
}
