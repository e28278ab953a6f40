namespace Aspire.Hosting.ApplicationModel;

/// <summary>A build argument of a Dockerfile.</summary>
/// <param name="name">The argument's name.</param>
/// <param name="value">Its value; null to take it from the environment of the build.</param>
[Obsolete("Use DockerfileBuildAnnotation, or WithBuildArg, to define build arguments.")]
public sealed class DockerBuildArg(string name, object? value = null)
{
    /// <summary>The argument's name.</summary>
    public string Name { get; init; } = name ?? throw new ArgumentNullException(nameof(name));

    /// <summary>Its value; null to take it from the environment of the build.</summary>
    public object? Value { get; init; } = value;
}
