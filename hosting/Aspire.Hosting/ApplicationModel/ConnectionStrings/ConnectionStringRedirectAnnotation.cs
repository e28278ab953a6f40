namespace Aspire.Hosting.ApplicationModel;

/// <summary>Says that another resource's connection string stands for this one's.</summary>
/// <param name="resource">The resource whose connection string is used.</param>
public class ConnectionStringRedirectAnnotation(IResourceWithConnectionString resource) : IResourceAnnotation
{
    /// <summary>The resource whose connection string is used.</summary>
    public IResourceWithConnectionString Resource { get; } = resource ?? throw new ArgumentNullException(nameof(resource));
}
