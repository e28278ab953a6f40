using Aspire.Hosting.Publishing;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Stands, while publishing, for a project or an executable that is published as a container.</summary>
/// <param name="original">The resource that it stands for; both share their annotations.</param>
internal sealed class PublishedContainer(IResource original) : ContainerResource(original.Name)
{
    public override ResourceAnnotationCollection Annotations => original.Annotations;

    /// <summary>Puts a container built from the Dockerfile in a folder in the place of a resource. Twice is as once.</summary>
    public static IResourceBuilder<ContainerResource> Replace<T>(IResourceBuilder<T> builder, string folder)
        where T : IResource
    {
        var application = builder.ApplicationBuilder;
        if (application.TryCreateResourceBuilder<PublishedContainer>(builder.Resource.Name, out var existing))
        {
            return existing;
        }

        application.Resources.Remove(builder.Resource);
        var container = application.AddResource(new PublishedContainer(builder.Resource));

        // Arguments of a local process mostly hold paths of this machine.
        return container
            .WithDockerfile(folder)
            .WithArgs(static (CommandLineArgsCallbackContext context) => context.Args.Clear())
            .WithManifestPublishingCallback((ManifestPublishingContext context) => context.WriteContainerAsync(container.Resource));
    }
}
