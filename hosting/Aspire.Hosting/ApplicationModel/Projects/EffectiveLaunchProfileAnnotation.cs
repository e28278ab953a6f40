namespace Aspire.Hosting.ApplicationModel;

/// <summary>The launch profile that a project is launched with.</summary>
internal sealed class EffectiveLaunchProfileAnnotation(string name, LaunchProfile profile) : IResourceAnnotation
{
    public string Name { get; } = name;

    public LaunchProfile Profile { get; } = profile;
}
