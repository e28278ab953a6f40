using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Docker.Resources.ComposeNodes;
using Aspire.Hosting.Docker.Resources.ServiceNodes;

namespace Aspire.Hosting.Docker.Publishing;

/// <summary>Says where the image of a service comes from. What an image is built from is copied, so that the output can be moved.</summary>
internal sealed class ComposeImages(string applicationName, string outputFolder, ComposeValues values)
{
    private const string Dockerfile = "Dockerfile";

    /// <exception cref="DistributedApplicationException">The resource has no image, or it cannot be built by Compose.</exception>
    public async Task ApplyAsync(IResource resource, Service service)
    {
        if (resource is ProjectResource)
        {
            service.Image = NameOf(service);
        }
        else if (resource.TryGetLastAnnotation<DockerfileBuildAnnotation>(out var build))
        {
            service.Image = NameOf(service);
            service.Build = await BuildAsync(build, service).ConfigureAwait(false);
        }
        else
        {
            service.Image = resource.TryGetContainerImageName(out var image)
                ? image
                : throw new DistributedApplicationException($"'{resource.Name}' is no container: call PublishAsDockerFile, or ExcludeFromManifest to leave it out.");
        }
    }

    private string NameOf(Service service) => $"{applicationName}-{service.Name}";

    private async Task<Build> BuildAsync(DockerfileBuildAnnotation annotation, Service service)
    {
        if (annotation.BuildSecrets.Count > 0)
        {
            throw new DistributedApplicationException($"The image of '{service.Name}' needs secrets to be built, which its Compose file does not carry. Build it elsewhere and set the image with PublishAsDockerComposeService.");
        }

        var context = Path.Join(outputFolder, service.Name);
        Copy(annotation.ContextPath, context);
        var dockerfile = Path.GetRelativePath(annotation.ContextPath, annotation.DockerfilePath).Replace('\\', '/');
        if (dockerfile.StartsWith("..", StringComparison.Ordinal))
        {
            dockerfile = $"{service.Name}.{Dockerfile}";
            File.Copy(annotation.DockerfilePath, Path.Join(context, dockerfile));
        }

        var build = new Build { Context = $"./{service.Name}", Dockerfile = dockerfile == Dockerfile ? null : dockerfile, Target = annotation.Stage };
        foreach (var (name, value) in annotation.BuildArguments)
        {
            build.Args[name] = await values.TextOfAsync(value).ConfigureAwait(false) ?? string.Empty;
        }

        return build;
    }

    private static void Copy(string source, string target)
    {
        Directory.CreateDirectory(target);
        foreach (var folder in Directory.EnumerateDirectories(source))
        {
            Copy(folder, Path.Join(target, Path.GetFileName(folder)));
        }

        foreach (var file in Directory.EnumerateFiles(source))
        {
            File.Copy(file, Path.Join(target, Path.GetFileName(file)));
        }
    }
}
