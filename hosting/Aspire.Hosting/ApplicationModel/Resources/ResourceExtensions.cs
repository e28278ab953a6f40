using System.Diagnostics.CodeAnalysis;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Questions about a resource.</summary>
public static class ResourceExtensions
{
    /// <summary>Finds the last annotation of a type.</summary>
    /// <typeparam name="T">The type.</typeparam>
    /// <param name="resource">The resource.</param>
    /// <param name="annotation">The annotation, if there is one.</param>
    public static bool TryGetLastAnnotation<T>(this IResource resource, [NotNullWhen(true)] out T? annotation)
        where T : IResourceAnnotation
    {
        ArgumentNullException.ThrowIfNull(resource);

        annotation = resource.Annotations.OfType<T>().LastOrDefault();
        return annotation is not null;
    }

    /// <summary>Finds every annotation of a type.</summary>
    /// <typeparam name="T">The type.</typeparam>
    /// <param name="resource">The resource.</param>
    /// <param name="result">The annotations, if there are any.</param>
    public static bool TryGetAnnotationsOfType<T>(this IResource resource, [NotNullWhen(true)] out IEnumerable<T>? result)
        where T : IResourceAnnotation
    {
        ArgumentNullException.ThrowIfNull(resource);

        return NotEmpty(resource.Annotations.OfType<T>(), out result);
    }

    /// <summary>Finds every annotation of a type on a resource, its parent, and so on up.</summary>
    /// <typeparam name="T">The type.</typeparam>
    /// <param name="resource">The resource.</param>
    /// <param name="result">The annotations, if there are any; the resource's own first.</param>
    public static bool TryGetAnnotationsIncludingAncestorsOfType<T>(this IResource resource, [NotNullWhen(true)] out IEnumerable<T>? result)
        where T : IResourceAnnotation
    {
        ArgumentNullException.ThrowIfNull(resource);

        return NotEmpty(resource.WithAncestors().SelectMany(static owner => owner.Annotations.OfType<T>()), out result);
    }

    /// <summary>Whether a resource has an annotation of a type.</summary>
    /// <typeparam name="T">The type.</typeparam>
    /// <param name="resource">The resource.</param>
    public static bool HasAnnotationOfType<T>(this IResource resource)
        where T : IResourceAnnotation
    {
        ArgumentNullException.ThrowIfNull(resource);

        return resource.Annotations.OfType<T>().Any();
    }

    /// <summary>Whether a resource, its parent, or so on up has an annotation of a type.</summary>
    /// <typeparam name="T">The type.</typeparam>
    /// <param name="resource">The resource.</param>
    public static bool HasAnnotationIncludingAncestorsOfType<T>(this IResource resource)
        where T : IResourceAnnotation => resource.TryGetAnnotationsIncludingAncestorsOfType<T>(out _);

    /// <summary>Finds the callbacks that give a resource its environment variables.</summary>
    /// <param name="resource">The resource.</param>
    /// <param name="environmentVariables">The callbacks, if there are any.</param>
    public static bool TryGetEnvironmentVariables(this IResource resource, [NotNullWhen(true)] out IEnumerable<EnvironmentCallbackAnnotation>? environmentVariables) =>
        resource.TryGetAnnotationsOfType(out environmentVariables);

    /// <summary>Finds the endpoints of a resource.</summary>
    /// <param name="resource">The resource.</param>
    /// <param name="endpoints">The endpoints, if there are any.</param>
    public static bool TryGetEndpoints(this IResource resource, [NotNullWhen(true)] out IEnumerable<EndpointAnnotation>? endpoints) =>
        resource.TryGetAnnotationsOfType(out endpoints);

    /// <summary>Finds the URLs that are shown with a resource.</summary>
    /// <param name="resource">The resource.</param>
    /// <param name="urls">The URLs, if there are any.</param>
    public static bool TryGetUrls(this IResource resource, [NotNullWhen(true)] out IEnumerable<ResourceUrlAnnotation>? urls) =>
        resource.TryGetAnnotationsOfType(out urls);

    /// <summary>Finds what is mounted into a container.</summary>
    /// <param name="resource">The resource.</param>
    /// <param name="volumeMounts">The mounts, if there are any.</param>
    public static bool TryGetContainerMounts(this IResource resource, [NotNullWhen(true)] out IEnumerable<ContainerMountAnnotation>? volumeMounts) =>
        resource.TryGetAnnotationsOfType(out volumeMounts);

    /// <summary>Finds the full name of a container's image: that of the image built from its Dockerfile, else the one given.</summary>
    /// <param name="resource">The resource.</param>
    /// <param name="imageName">The name with registry and tag or digest, if there is one.</param>
    public static bool TryGetContainerImageName(this IResource resource, [NotNullWhen(true)] out string? imageName) =>
        resource.TryGetContainerImageName(useBuiltImage: true, out imageName);

    /// <summary>Finds the full name of a container's image.</summary>
    /// <param name="resource">The resource.</param>
    /// <param name="useBuiltImage">Whether the name of the image built from its Dockerfile comes first.</param>
    /// <param name="imageName">The name with registry and tag or digest, if there is one.</param>
    public static bool TryGetContainerImageName(this IResource resource, bool useBuiltImage, [NotNullWhen(true)] out string? imageName)
    {
        if (useBuiltImage && resource.TryGetLastAnnotation<DockerfileBuildAnnotation>(out var build) && !string.IsNullOrEmpty(build.ImageName))
        {
            imageName = string.IsNullOrEmpty(build.ImageTag) ? build.ImageName : $"{build.ImageName}:{build.ImageTag}";
            return true;
        }

        imageName = resource.TryGetLastAnnotation<ContainerImageAnnotation>(out var image) ? FullName(image) : null;
        return imageName is not null;
    }

    /// <summary>The endpoints of a resource.</summary>
    /// <param name="resource">The resource.</param>
    public static IEnumerable<EndpointReference> GetEndpoints(this IResourceWithEndpoints resource)
    {
        ArgumentNullException.ThrowIfNull(resource);

        return [.. resource.Annotations.OfType<EndpointAnnotation>().Select(endpoint => new EndpointReference(resource, endpoint))];
    }

    /// <summary>The endpoints of a resource, with addresses on a network.</summary>
    /// <param name="resource">The resource.</param>
    /// <param name="contextNetworkId">The network.</param>
    public static IEnumerable<EndpointReference> GetEndpoints(this IResourceWithEndpoints resource, NetworkIdentifier contextNetworkId)
    {
        ArgumentNullException.ThrowIfNull(resource);

        return [.. resource.Annotations.OfType<EndpointAnnotation>().Select(endpoint => new EndpointReference(resource, endpoint, contextNetworkId))];
    }

    /// <summary>Points at an endpoint by name. It need not exist yet.</summary>
    /// <param name="resource">The resource.</param>
    /// <param name="endpointName">The endpoint's name, in any letter case.</param>
    public static EndpointReference GetEndpoint(this IResourceWithEndpoints resource, string endpointName) => new(resource, endpointName);

    /// <summary>Points at an endpoint by name, with an address on a network. It need not exist yet.</summary>
    /// <param name="resource">The resource.</param>
    /// <param name="endpointName">The endpoint's name, in any letter case.</param>
    /// <param name="contextNetworkId">The network.</param>
    public static EndpointReference GetEndpoint(this IResourceWithEndpoints resource, string endpointName, NetworkIdentifier contextNetworkId) =>
        new(resource, endpointName, contextNetworkId);

    /// <summary>How many processes a resource is run as. Default: 1.</summary>
    /// <param name="resource">The resource.</param>
    public static int GetReplicaCount(this IResource resource) =>
        resource.TryGetLastAnnotation<ReplicaAnnotation>(out var replicas) ? replicas.Replicas : 1;

    /// <summary>Whether a deployment has to build an image for a resource: a project, or what has a Dockerfile.</summary>
    /// <param name="resource">The resource.</param>
    public static bool RequiresImageBuild(this IResource resource)
    {
        ArgumentNullException.ThrowIfNull(resource);

        return !resource.IsExcludedFromPublish() && (resource is ProjectResource || resource.HasAnnotationOfType<DockerfileBuildAnnotation>());
    }

    /// <summary>Whether a deployment has to build an image that runs by itself, and push it.</summary>
    /// <param name="resource">The resource.</param>
    public static bool RequiresImageBuildAndPush(this IResource resource) =>
        resource.RequiresImageBuild() && (!resource.TryGetLastAnnotation<DockerfileBuildAnnotation>(out var build) || build.HasEntrypoint);

    /// <summary>Whether a resource is left out of what is published.</summary>
    /// <param name="resource">The resource.</param>
    public static bool IsExcludedFromPublish(this IResource resource) =>
        resource.TryGetLastAnnotation<ManifestPublishingCallbackAnnotation>(out var publishing) && publishing.Callback is null;

    /// <summary>The compute environment that a resource was given to, if any.</summary>
    /// <param name="resource">The resource.</param>
    public static IComputeEnvironmentResource? GetComputeEnvironment(this IResource resource) =>
        resource.TryGetLastAnnotation<ComputeEnvironmentAnnotation>(out var annotation) ? annotation.ComputeEnvironment : null;

    /// <summary>What a resource becomes where it is deployed, if that is settled.</summary>
    /// <param name="resource">The resource.</param>
    /// <param name="targetComputeEnvironment">The compute environment meant; null for the only one.</param>
    /// <exception cref="InvalidOperationException">It goes to several environments, and none was named.</exception>
    public static DeploymentTargetAnnotation? GetDeploymentTargetAnnotation(this IResource resource, IComputeEnvironmentResource? targetComputeEnvironment = null)
    {
        var given = resource.GetComputeEnvironment();
        if (given is not null && targetComputeEnvironment is not null && given != targetComputeEnvironment)
        {
            return null;
        }

        var wanted = given ?? targetComputeEnvironment;
        var targets = resource.Annotations.OfType<DeploymentTargetAnnotation>().Where(target => wanted is null || target.ComputeEnvironment == wanted).ToArray();
        return targets.Length < 2
            ? targets.FirstOrDefault()
            : throw new InvalidOperationException($"Resource '{resource.Name}' goes to several compute environments: name one with WithComputeEnvironment.");
    }

    private static string FullName(ContainerImageAnnotation image)
    {
        var registry = string.IsNullOrEmpty(image.Registry) ? string.Empty : $"{image.Registry}/";
        var version = image switch
        {
            { SHA256: { Length: > 0 } digest } => $"@sha256:{digest}",
            { Tag: { Length: > 0 } tag } => $":{tag}",
            _ => string.Empty,
        };
        return $"{registry}{image.Image}{version}";
    }

    private static IEnumerable<IResource> WithAncestors(this IResource resource)
    {
        for (IResource? current = resource; current is not null; current = (current as IResourceWithParent)?.Parent)
        {
            yield return current;
        }
    }

    private static bool NotEmpty<T>(IEnumerable<T> found, [NotNullWhen(true)] out IEnumerable<T>? result)
    {
        var list = found.ToArray();
        result = list.Length > 0 ? list : null;
        return result is not null;
    }
}
