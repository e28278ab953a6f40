namespace Aspire.Hosting.ApplicationModel;

/// <summary>Says what is known of a resource before anything has happened to it.</summary>
/// <param name="initialSnapshot">The snapshot its first update starts from.</param>
public class ResourceSnapshotAnnotation(CustomResourceSnapshot initialSnapshot) : IResourceAnnotation
{
    /// <summary>Gets the snapshot the first update starts from.</summary>
    public CustomResourceSnapshot InitialSnapshot { get; } = initialSnapshot;
}
