namespace Aspire.Hosting.ApplicationModel;

/// <summary>A change of one resource instance.</summary>
/// <param name="resource">The resource.</param>
/// <param name="resourceId">The instance: the model name, or that name with a suffix.</param>
/// <param name="snapshot">What is known of the instance after the change.</param>
public class ResourceEvent(IResource resource, string resourceId, CustomResourceSnapshot snapshot)
{
    /// <summary>Gets the resource.</summary>
    public IResource Resource { get; } = resource;

    /// <summary>Gets the instance: the model name, or that name with a suffix.</summary>
    public string ResourceId { get; } = resourceId;

    /// <summary>Gets what is known of the instance after the change.</summary>
    public CustomResourceSnapshot Snapshot { get; } = snapshot;
}
