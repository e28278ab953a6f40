namespace Aspire.Hosting.ApplicationModel;

/// <summary>Chooses the launch profile of a project, in Aspire's order.</summary>
internal static class LaunchProfileSelection
{
    private static readonly string[] LaunchableCommands = ["Project", "Executable"];

    /// <summary>
    /// The profile that the author named; else the one that the AppHost itself was launched with, if the project has it;
    /// else the first that launches a program. Null when there is none.
    /// </summary>
    /// <exception cref="DistributedApplicationException">The project has no profile of the name that the author gave.</exception>
    public static EffectiveLaunchProfileAnnotation? Choose(IResource project, LaunchSettings? settings)
    {
        if (project.TryGetLastAnnotation<LaunchProfileAnnotation>(out var chosen))
        {
            return Find(settings, chosen.LaunchProfileName)
                ?? throw new DistributedApplicationException($"Project '{project.Name}' has no launch profile '{chosen.LaunchProfileName}' in Properties/launchSettings.json: {Choices(settings)}");
        }

        if (project.TryGetLastAnnotation<DefaultLaunchProfileAnnotation>(out var usual) && Find(settings, usual.LaunchProfileName) is { } found)
        {
            return found;
        }

        return settings?.Profiles.Where(static profile => IsLaunchable(profile.Value))
            .Select(static profile => new EffectiveLaunchProfileAnnotation(profile.Key, profile.Value))
            .FirstOrDefault();
    }

    private static EffectiveLaunchProfileAnnotation? Find(LaunchSettings? settings, string name) =>
        settings?.Profiles.TryGetValue(name, out var profile) is true ? new EffectiveLaunchProfileAnnotation(name, profile) : null;

    private static bool IsLaunchable(LaunchProfile profile) =>
        string.IsNullOrEmpty(profile.CommandName) || LaunchableCommands.Contains(profile.CommandName, StringComparer.OrdinalIgnoreCase);

    private static string Choices(LaunchSettings? settings) => settings is { Profiles.Count: > 0 }
        ? $"it has {string.Join(", ", settings.Profiles.Keys.Select(static name => $"'{name}'"))}."
        : "it has none.";
}
