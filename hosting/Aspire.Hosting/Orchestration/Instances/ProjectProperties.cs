using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Orchestration.Instances;

/// <summary>What a project's rows, those of its replicas and that of their group, say of the project.</summary>
internal static class ProjectProperties
{
    /// <summary>The properties; none for a resource that is no project.</summary>
    public static IEnumerable<ResourcePropertySnapshot> Of(IResource resource)
    {
        if (resource.Annotations.OfType<IProjectMetadata>().LastOrDefault() is { } project)
        {
            yield return new(KnownPropertyNames.ProjectPath, project.ProjectPath);
        }

        if (resource.Annotations.OfType<EffectiveLaunchProfileAnnotation>().LastOrDefault() is { } profile)
        {
            yield return new(KnownPropertyNames.ProjectLaunchProfile, profile.Name);
        }
    }
}
