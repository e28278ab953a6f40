namespace Aspire.Hosting.ApplicationModel;

/// <summary>Finds projects, and where they are.</summary>
public static class ProjectResourceExtensions
{
    /// <summary>The projects of an application.</summary>
    /// <param name="model">The application.</param>
    public static IEnumerable<ProjectResource> GetProjectResources(this DistributedApplicationModel model)
    {
        ArgumentNullException.ThrowIfNull(model);

        return model.Resources.OfType<ProjectResource>();
    }

    /// <summary>Says where a project is.</summary>
    /// <param name="projectResource">The project.</param>
    /// <exception cref="InvalidOperationException">The resource was not added with <c>AddProject</c>.</exception>
    public static IProjectMetadata GetProjectMetadata(this ProjectResource projectResource)
    {
        ArgumentNullException.ThrowIfNull(projectResource);

        return projectResource.TryGetLastAnnotation<IProjectMetadata>(out var metadata)
            ? metadata
            : throw new InvalidOperationException($"Project '{projectResource.Name}' does not say where it is: add it with AddProject.");
    }
}
