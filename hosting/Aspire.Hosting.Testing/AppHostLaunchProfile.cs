using System.Reflection;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Testing;

/// <summary>A profile of an AppHost's <c>Properties/launchSettings.json</c>.</summary>
/// <param name="Name">The name of the profile.</param>
/// <param name="Environment">The environment variables it sets.</param>
internal sealed record AppHostLaunchProfile(string Name, IReadOnlyDictionary<string, string> Environment)
{
    private static readonly string[] HostPrefixes = ["DOTNET_", "ASPNETCORE_"];

    /// <summary>Finds a profile of an AppHost by name, or its first.</summary>
    /// <param name="appHost">The AppHost.</param>
    /// <param name="name">The name; <see langword="null"/> or empty for the first.</param>
    /// <returns>The profile, or <see langword="null"/> when the AppHost has none.</returns>
    /// <exception cref="DistributedApplicationException">The file cannot be read, or has no profile of that name.</exception>
    public static AppHostLaunchProfile? Find(Assembly appHost, string? name) =>
        AppHostMetadata.Read(appHost, projectDirectory: null).ProjectFile is { } project && File.Exists(project) ? Find(project, name) : null;

    /// <summary>Finds a profile of a project by name, or its first.</summary>
    /// <param name="projectPath">The path of the project's file.</param>
    /// <param name="name">The name; <see langword="null"/> or empty for the first.</param>
    /// <returns>The profile, or <see langword="null"/> when the project has none.</returns>
    /// <exception cref="DistributedApplicationException">The file cannot be read, or has no profile of that name.</exception>
    public static AppHostLaunchProfile? Find(string projectPath, string? name)
    {
        var profiles = LaunchSettingsFile.Read(Path.GetFileNameWithoutExtension(projectPath), projectPath)?.Profiles;
        if (profiles is null)
        {
            return null;
        }

        var found = string.IsNullOrEmpty(name) ? profiles.FirstOrDefault() : profiles.FirstOrDefault(profile => profile.Key == name);
        if (found.Value is not null)
        {
            return new AppHostLaunchProfile(found.Key, found.Value.EnvironmentVariables);
        }

        return string.IsNullOrEmpty(name)
            ? null
            : throw new DistributedApplicationException(
                $"DOTNET_LAUNCH_PROFILE is '{name}', which is no profile of {projectPath}; its profiles are: {string.Join(", ", profiles.Keys)}.");
    }

    /// <summary>Gets the variables as configuration: those of the host also without their prefix, as the host reads them.</summary>
    public Dictionary<string, string?> ToConfiguration()
    {
        var configuration = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase) { ["DOTNET_LAUNCH_PROFILE"] = Name };
        foreach (var (key, value) in Environment)
        {
            configuration[key.Replace("__", ":", StringComparison.Ordinal)] = value;
            if (HostPrefixes.FirstOrDefault(prefix => key.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)) is { } prefix)
            {
                configuration[key[prefix.Length..]] = value;
            }
        }

        return configuration;
    }
}
