using System.Security.Cryptography;
using System.Text;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

public static partial class ContainerResourceBuilderExtensions
{
    /// <summary>Chooses the image.</summary>
    /// <typeparam name="T">The type of the container.</typeparam>
    /// <param name="builder">The container.</param>
    /// <param name="image">The image, with its registry if it is not the engine's own, and with tag or digest unless those are given apart.</param>
    /// <param name="tag">The tag. Default: the image's own, else <c>latest</c>.</param>
    /// <exception cref="ArgumentException">The image's name cannot be understood, or has a digest besides the tag.</exception>
    /// <exception cref="InvalidOperationException">The image's name has a tag besides the one given.</exception>
    public static IResourceBuilder<T> WithImage<T>(this IResourceBuilder<T> builder, string image, string? tag = null)
        where T : ContainerResource
    {
        ArgumentNullException.ThrowIfNull(builder);

        var reference = ImageReference.Parse(image);
        if (tag is not null && reference.Tag is not null)
        {
            throw new InvalidOperationException($"Image '{image}' of '{builder.Resource.Name}' has a tag already: give tag '{tag}' only once.");
        }

        if (tag is not null && reference.Digest is not null)
        {
            throw new ArgumentOutOfRangeException(nameof(tag), tag, $"Image '{image}' of '{builder.Resource.Name}' has a digest: a tag besides it has no meaning.");
        }

        if (!builder.Resource.TryGetLastAnnotation<ContainerImageAnnotation>(out var annotation))
        {
            annotation = new ContainerImageAnnotation { Image = reference.Image };
            builder.WithAnnotation(annotation);
        }

        annotation.Image = reference.Image;
        if (reference.Digest is not null)
        {
            annotation.SHA256 = reference.Digest;
        }
        else
        {
            annotation.Tag = reference.Tag ?? tag ?? "latest";
        }

        return builder;
    }

    /// <summary>Chooses the tag of the image.</summary>
    /// <typeparam name="T">The type of the container.</typeparam>
    /// <param name="builder">The container.</param>
    /// <param name="tag">The tag.</param>
    /// <exception cref="InvalidOperationException">The resource has no image.</exception>
    public static IResourceBuilder<T> WithImageTag<T>(this IResourceBuilder<T> builder, string tag)
        where T : ContainerResource
    {
        ArgumentNullException.ThrowIfNull(tag);

        return builder.ChangeImage(image => image.Tag = tag);
    }

    /// <summary>Chooses the registry of the image.</summary>
    /// <typeparam name="T">The type of the container.</typeparam>
    /// <param name="builder">The container.</param>
    /// <param name="registry">The registry's host; null for the engine's own.</param>
    /// <exception cref="InvalidOperationException">The resource has no image.</exception>
    public static IResourceBuilder<T> WithImageRegistry<T>(this IResourceBuilder<T> builder, string? registry)
        where T : ContainerResource => builder.ChangeImage(image => image.Registry = registry);

    /// <summary>Chooses the image by its digest.</summary>
    /// <typeparam name="T">The type of the container.</typeparam>
    /// <param name="builder">The container.</param>
    /// <param name="sha256">The digest, in hexadecimal.</param>
    /// <exception cref="InvalidOperationException">The resource has no image.</exception>
    public static IResourceBuilder<T> WithImageSHA256<T>(this IResourceBuilder<T> builder, string sha256)
        where T : ContainerResource
    {
        ArgumentNullException.ThrowIfNull(sha256);

        return builder.ChangeImage(image => image.SHA256 = sha256);
    }

    /// <summary>Says when the image is fetched.</summary>
    /// <typeparam name="T">The type of the container.</typeparam>
    /// <param name="builder">The container.</param>
    /// <param name="pullPolicy">The policy.</param>
    public static IResourceBuilder<T> WithImagePullPolicy<T>(this IResourceBuilder<T> builder, ImagePullPolicy pullPolicy)
        where T : ContainerResource
    {
        ArgumentNullException.ThrowIfNull(builder);

        return builder.WithAnnotation(new ContainerImagePullPolicyAnnotation { ImagePullPolicy = pullPolicy }, ResourceAnnotationMutationBehavior.Replace);
    }

    /// <summary>Builds the image from a Dockerfile.</summary>
    /// <typeparam name="T">The type of the container.</typeparam>
    /// <param name="builder">The container.</param>
    /// <param name="contextPath">The folder that the build can read, relative to the AppHost's folder.</param>
    /// <param name="dockerfilePath">The Dockerfile, relative to that folder. Default: <c>Dockerfile</c>.</param>
    /// <param name="stage">The stage to build; null for the last.</param>
    public static IResourceBuilder<T> WithDockerfile<T>(this IResourceBuilder<T> builder, string contextPath, string? dockerfilePath = null, string? stage = null)
        where T : ContainerResource
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(contextPath);

        var context = Path.TrimEndingDirectorySeparator(Path.GetFullPath(contextPath, builder.ApplicationBuilder.AppHostDirectory));
        var build = new DockerfileBuildAnnotation(context, Path.GetFullPath(dockerfilePath ?? "Dockerfile", context), stage);
        var (image, tag) = BuiltImageName(builder, build);

        if (builder.Resource.HasAnnotationOfType<ContainerImageAnnotation>())
        {
            (build.ImageName, build.ImageTag) = (image, tag);
        }
        else
        {
            builder.WithImage(image, tag);
        }

        return builder.WithAnnotation(build, ResourceAnnotationMutationBehavior.Replace);
    }

    /// <summary>Adds a build argument.</summary>
    /// <typeparam name="T">The type of the container.</typeparam>
    /// <param name="builder">The container.</param>
    /// <param name="name">The argument's name.</param>
    /// <param name="value">Its value; null to take it from the environment of the build.</param>
    /// <exception cref="InvalidOperationException">The container is not built from a Dockerfile.</exception>
    public static IResourceBuilder<T> WithBuildArg<T>(this IResourceBuilder<T> builder, string name, object? value)
        where T : ContainerResource
    {
        ArgumentException.ThrowIfNullOrEmpty(name);

        builder.BuildOf(nameof(WithBuildArg)).BuildArguments[name] = value;
        return builder;
    }

    /// <summary>Adds a parameter as a build argument.</summary>
    /// <typeparam name="T">The type of the container.</typeparam>
    /// <param name="builder">The container.</param>
    /// <param name="name">The argument's name.</param>
    /// <param name="value">The parameter.</param>
    /// <exception cref="InvalidOperationException">The container is not built from a Dockerfile, or the parameter is a secret: the image would keep it.</exception>
    public static IResourceBuilder<T> WithBuildArg<T>(this IResourceBuilder<T> builder, string name, IResourceBuilder<ParameterResource> value)
        where T : ContainerResource
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(value);

        return value.Resource.Secret
            ? throw new InvalidOperationException($"Parameter '{value.Resource.Name}' is a secret, and the image of '{builder.Resource.Name}' would keep it as build argument '{name}': use WithBuildSecret.")
            : builder.WithBuildArg(name, value.Resource);
    }

    /// <summary>Lets the build read a parameter without keeping it in the image.</summary>
    /// <typeparam name="T">The type of the container.</typeparam>
    /// <param name="builder">The container.</param>
    /// <param name="name">The secret's name in the build.</param>
    /// <param name="value">The parameter.</param>
    /// <exception cref="InvalidOperationException">The container is not built from a Dockerfile.</exception>
    public static IResourceBuilder<T> WithBuildSecret<T>(this IResourceBuilder<T> builder, string name, IResourceBuilder<ParameterResource> value)
        where T : ContainerResource
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(value);

        builder.BuildOf(nameof(WithBuildSecret)).BuildSecrets[name] = value.Resource;
        return builder;
    }

    private static IResourceBuilder<T> ChangeImage<T>(this IResourceBuilder<T> builder, Action<ContainerImageAnnotation> change)
        where T : ContainerResource
    {
        ArgumentNullException.ThrowIfNull(builder);

        if (!builder.Resource.TryGetLastAnnotation<ContainerImageAnnotation>(out var image))
        {
            throw new InvalidOperationException($"Container '{builder.Resource.Name}' has no image: call WithImage first.");
        }

        change(image);
        return builder;
    }

    private static DockerfileBuildAnnotation BuildOf<T>(this IResourceBuilder<T> builder, string caller)
        where T : ContainerResource
    {
        ArgumentNullException.ThrowIfNull(builder);

        return builder.Resource.TryGetLastAnnotation<DockerfileBuildAnnotation>(out var build)
            ? build
            : throw new InvalidOperationException($"Container '{builder.Resource.Name}' is not built from a Dockerfile: call WithDockerfile before {caller}.");
    }

    // The same sources give the same name, so that an engine's cache is used, and another application's are not overwritten.
    private static (string Image, string Tag) BuiltImageName<T>(IResourceBuilder<T> builder, DockerfileBuildAnnotation build)
        where T : ContainerResource
    {
        var identity = string.Join('\n', builder.ApplicationBuilder.AppHostDirectory, build.DockerfilePath, build.Stage);
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(identity)));
        return (builder.Resource.Name.ToLowerInvariant(), hash[..40]);
    }
}
