namespace Aspire.Hosting.ApplicationModel;

/// <summary>Questions asked of an application model.</summary>
public static class DistributedApplicationModelExtensions
{
    /// <summary>Gets the resources that run code and are part of what is published.</summary>
    /// <param name="model">The model.</param>
    /// <returns>The compute resources, in model order.</returns>
    public static IEnumerable<IResource> GetComputeResources(this DistributedApplicationModel model)
    {
        ArgumentNullException.ThrowIfNull(model);

        return model.Resources.Where(static resource => resource is IComputeResource && !resource.IsExcludedFromPublish());
    }
}
