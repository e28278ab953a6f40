namespace Aspire.Hosting.ApplicationModel;

/// <summary>Says what a compute resource becomes in a compute environment.</summary>
/// <param name="target">What it becomes, such as a service of a Compose file.</param>
public sealed class DeploymentTargetAnnotation(IResource target) : IResourceAnnotation
{
    /// <summary>What the resource becomes.</summary>
    public IResource DeploymentTarget { get; set; } = target ?? throw new ArgumentNullException(nameof(target));

    /// <summary>Where it becomes that.</summary>
    public IComputeEnvironmentResource? ComputeEnvironment { get; set; }
}
