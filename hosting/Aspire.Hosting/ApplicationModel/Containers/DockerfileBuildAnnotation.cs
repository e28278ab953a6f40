using System.Diagnostics;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Says that an image is built from a Dockerfile.</summary>
/// <param name="contextPath">The folder that the build can read, an absolute path.</param>
/// <param name="dockerfilePath">The Dockerfile, an absolute path.</param>
/// <param name="stage">The stage to build; null for the last.</param>
[DebuggerDisplay("Type = {GetType().Name,nq}, ContextPath = {ContextPath}, DockerfilePath = {DockerfilePath}")]
public class DockerfileBuildAnnotation(string contextPath, string dockerfilePath, string? stage) : IResourceAnnotation
{
    /// <summary>The folder that the build can read.</summary>
    public string ContextPath { get; } = contextPath ?? throw new ArgumentNullException(nameof(contextPath));

    /// <summary>The Dockerfile.</summary>
    public string DockerfilePath { get; } = dockerfilePath ?? throw new ArgumentNullException(nameof(dockerfilePath));

    /// <summary>The stage to build; null for the last.</summary>
    public string? Stage { get; } = stage;

    /// <summary>Build arguments by name.</summary>
    public Dictionary<string, object?> BuildArguments { get; } = [];

    /// <summary>Build secrets by name.</summary>
    public Dictionary<string, object> BuildSecrets { get; } = [];

    /// <summary>The name that the built image gets; null for the resource's.</summary>
    public string? ImageName { get; set; }

    /// <summary>The tag that the built image gets; null for the publisher's choice.</summary>
    public string? ImageTag { get; set; }

    /// <summary>Whether the image starts by itself. Default: true.</summary>
    public bool HasEntrypoint { get; set; } = true;
}
