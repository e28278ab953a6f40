using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Nginx.Publishing;

namespace Aspire.Hosting;

/// <content>Static files.</content>
public static partial class NginxBuilderExtensions
{
    /// <summary>
    /// Serves the files of a folder, but no hidden ones such as <c>.env</c>, except below <c>.well-known</c>, and none that a symbolic link
    /// leads to. Files that are compressed beside others, as <c>app.js.br</c> and <c>app.js.gz</c>, are sent to clients that take them.
    /// </summary>
    /// <param name="builder">The builder of the nginx resource.</param>
    /// <param name="path">The path below which the files appear, such as <c>/assets</c>.</param>
    /// <param name="folder">The path of the folder, relative to the AppHost's. nginx's workers must be able to read it.</param>
    /// <param name="configure">Returns changed options; <see cref="NginxStaticFileOptions"/> has the defaults.</param>
    /// <returns>The same builder.</returns>
    /// <exception cref="DistributedApplicationException">The path is malformed or taken, or the folder is missing or empty.</exception>
    /// <example>
    /// <code>
    /// nginx.WithStaticFiles("/", "../web/dist", files => files with { ImmutableFolders = ["assets"] });
    /// </code>
    /// </example>
    public static IResourceBuilder<NginxResource> WithStaticFiles(
        this IResourceBuilder<NginxResource> builder,
        string path,
        string folder,
        Func<NginxStaticFileOptions, NginxStaticFileOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(path);
        ArgumentException.ThrowIfNullOrEmpty(folder);

        var fullPath = ExistingFolder(builder, folder, nameof(WithStaticFiles));
        if (!Directory.EnumerateFileSystemEntries(fullPath).Any())
        {
            throw new DistributedApplicationException($"{nameof(WithStaticFiles)}: the folder {fullPath} is empty; build the site first.");
        }

        var options = configure?.Invoke(new()) ?? new();
        return Change(builder, configuration => configuration with
        {
            StaticFiles = configuration.StaticFiles.Add(new(path, fullPath)
            {
                ImmutableFolders = [.. options.ImmutableFolders],
                HasBrotli = Directory.EnumerateFiles(fullPath, "*.br", SearchOption.AllDirectories).Any(),
            }),
        });
    }

    /// <summary>
    /// When published, serves files out of the image of another resource, such as a site that is built there: they are copied into nginx's
    /// image when that is built (<c>COPY --from</c>). It needs <see cref="PublishWithDockerfile"/>, and Docker Compose as the target: where
    /// an image is not built beside the other, it is an error. It has no effect when the application runs: there the resource serves its
    /// files itself.
    /// </summary>
    /// <param name="builder">The builder of the nginx resource.</param>
    /// <param name="resource">The resource, which says with <c>WithContainerFilesSource</c> where its files are.</param>
    /// <param name="path">The path below which the files appear. Default: <c>/</c>.</param>
    /// <param name="spaFallback">The page for paths without a file, as with <see cref="WithSpaFallback"/>. Default: none.</param>
    /// <param name="configure">Returns changed options; <see cref="NginxStaticFileOptions"/> has the defaults.</param>
    /// <returns>The same builder.</returns>
    /// <exception cref="DistributedApplicationException">The path is malformed or taken, or the resource has no files.</exception>
    /// <example>
    /// <code>
    /// nginx.PublishWithStaticFiles(web, spaFallback: "index.html").WithReverseProxy("/api", api);
    /// </code>
    /// </example>
    public static IResourceBuilder<NginxResource> PublishWithStaticFiles(
        this IResourceBuilder<NginxResource> builder,
        IResourceBuilder<IResourceWithContainerFiles> resource,
        string path = "/",
        string? spaFallback = null,
        Func<NginxStaticFileOptions, NginxStaticFileOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(resource);
        ArgumentNullException.ThrowIfNull(path);
        if (!builder.ApplicationBuilder.ExecutionContext.IsPublishMode)
        {
            return builder;
        }

        var source = resource.Resource;
        if (!source.Annotations.OfType<ContainerFilesSourceAnnotation>().Any())
        {
            throw new DistributedApplicationException(
                $"{nameof(PublishWithStaticFiles)}: '{source.Name}' does not say where its files are; "
                    + "add WithContainerFilesSource(path) to it.");
        }

        var options = configure?.Invoke(new()) ?? new();
        var index = Options(builder).Configuration.StaticFiles.Length;
        Change(builder, configuration => configuration with
        {
            StaticFiles = configuration.StaticFiles.Add(new(path, NginxImage.StaticFolder(index))
            {
                ImmutableFolders = [.. options.ImmutableFolders],
                Fallback = spaFallback,
                Source = source,
                HasBrotli = true,
            }),
        });
        return builder.WithAnnotation(
            new ContainerFilesDestinationAnnotation { Source = source, DestinationPath = NginxImage.StaticFolder(index) });
    }

    /// <summary>
    /// Answers a path below the folder of the last <see cref="WithStaticFiles"/> that has no file with one page, for an application that
    /// has its paths in the browser. A path whose last part has a dot is a file, and 404 if it is missing; paths with a route are not
    /// affected.
    /// </summary>
    /// <param name="builder">The builder of the nginx resource.</param>
    /// <param name="file">The page, relative to the folder. Default: <c>index.html</c>.</param>
    /// <returns>The same builder.</returns>
    /// <exception cref="DistributedApplicationException">There is no folder, or no such file in it.</exception>
    /// <example>
    /// <code>
    /// nginx.WithStaticFiles("/", "../web/dist").WithSpaFallback().WithReverseProxy("/api", api);
    /// </code>
    /// </example>
    public static IResourceBuilder<NginxResource> WithSpaFallback(
        this IResourceBuilder<NginxResource> builder, string file = "index.html")
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(file);

        var folders = Options(builder).Configuration.StaticFiles;
        if (folders is not [.., var last])
        {
            throw new DistributedApplicationException("WithSpaFallback: there is no folder; call WithStaticFiles before it.");
        }

        var path = Path.Join(last.Folder, file);
        return last.Source is not null || File.Exists(path)
            ? Change(builder, configuration => configuration with { StaticFiles = folders.Replace(last, last with { Fallback = file }) })
            : throw new DistributedApplicationException($"WithSpaFallback: the file {path} does not exist.");
    }
}
