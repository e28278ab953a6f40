namespace Aspire.Hosting.ApplicationModel;

/// <summary>The launch profile to use if the project has it and the author chose none.</summary>
/// <param name="launchProfileName">The profile's name.</param>
public sealed class DefaultLaunchProfileAnnotation(string launchProfileName) : IResourceAnnotation
{
    /// <summary>The profile's name.</summary>
    public string LaunchProfileName { get; } = launchProfileName ?? throw new ArgumentNullException(nameof(launchProfileName));
}
