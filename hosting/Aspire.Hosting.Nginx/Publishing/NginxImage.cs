using System.Reflection;
using System.Text;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Nginx.Configuration;
using Aspire.Hosting.Nginx.Rendering;
using Aspire.Hosting.Publishing;

namespace Aspire.Hosting.Nginx.Publishing;

/// <summary>The files below <c>/etc/nginx</c> with which a container of nginx's own image does what the AppHost asked for.</summary>
internal static class NginxImage
{
    /// <summary>The port of nginx in its container, where it is not root.</summary>
    public const int Port = 8080;

    /// <summary>The template that the entry point of the image turns into the configuration.</summary>
    public const string TemplateFile = "templates/nginx.conf.template";

    /// <summary>The folder that the files belong to.</summary>
    public const string Folder = "/etc/nginx";

    /// <summary>The only folder in which nginx writes; the configuration is in it, once the entry point has written it.</summary>
    public const string WritableFolder = "/tmp";

    private static readonly NginxRunPaths Paths = new(Folder)
    {
        ProcessIdFile = $"{WritableFolder}/nginx.pid",
        TemporaryFolder = WritableFolder,
    };

    /// <summary>The files, in a fixed order: the same options give the same bytes.</summary>
    /// <param name="nginx">The resource that <c>AddNginx</c> added, or what stands for it when publishing.</param>
    /// <param name="configure">Changes what depends on the place in which it runs; null changes nothing.</param>
    /// <exception cref="DistributedApplicationException">An upstream has no endpoint, or a file cannot be read.</exception>
    public static IReadOnlyList<NginxPublishedFile> FilesFor(
        IResource nginx, Func<NginxConfiguration, NginxConfiguration>? configure = null)
    {
        var publication = NginxPublication.Read(nginx, Paths);
        publication = publication with { Configuration = configure?.Invoke(publication.Configuration) ?? publication.Configuration };
        return [new(TemplateFile, Encoding.UTF8.GetBytes(Template(publication))), .. publication.Files];
    }

    /// <summary>How much sooner nginx ends its workers than its container is ended.</summary>
    public static readonly TimeSpan ShutdownMargin = TimeSpan.FromSeconds(5);

    /// <summary>How long the workers of an nginx in a container have for their requests when it ends.</summary>
    public static TimeSpan ShutdownOf(IResource nginx) =>
        NginxPublication.TimeoutsOf(nginx).Shutdown ?? NginxConfigRenderer.ShutdownOfContainer;

    /// <summary>The whole configuration, with placeholders for <see cref="NginxVariables"/>.</summary>
    private static string Template(NginxPublication publication)
    {
        var workers = publication.Configuration.Workers;
        // A container starts with a low limit of open files that nginx may raise, up to a hard limit that is not known here.
        var sizing = WorkerSizing.Fit(workers.Connections, workers.Processes ?? 1, hardLimit: null);
        var configuration = publication.Configuration with
        {
            Listen = publication.Configuration.Listen ?? new NginxListen(Port, ["*"]),
            Workers = workers with { User = null, Group = null, Connections = sizing.Connections },
            OpenFilesLimit = sizing.OpenFiles,
            IsContainer = true,
        };
        return NginxConfigRenderer.Render(
            configuration, publication.Paths, [.. publication.Sources.Select(UpstreamOf), .. publication.Externals]);
    }

    private static NginxUpstream UpstreamOf(UpstreamSource source) =>
        new(source.Name, source.ResolveEndpoint().UriScheme, [NginxVariables.Placeholder(NginxVariables.AddressOf(source.Name))]);
}

/// <summary>
/// The folder that the image of nginx is built from: the Dockerfile, and below <c>nginx</c> what goes to <c>/etc/nginx</c>. It stays
/// after publishing, because tools such as azd build the image later.
/// </summary>
internal static class BuildContext
{
    public const string Dockerfile = "Dockerfile";

    private const string FilesFolder = "nginx";

    /// <summary>Writes what nginx needs and deletes everything else. A file that is right already is not written again.</summary>
    /// <exception cref="DistributedApplicationException">A file cannot be read or written.</exception>
    public static void Write(string folder, string dockerfile, IResource nginx)
    {
        var files = NginxImage.FilesFor(nginx).ToDictionary(file => Path.Join(folder, FilesFolder, file.Path), static file => file.Content);
        try
        {
            files.Add(Path.Join(folder, Dockerfile), File.ReadAllBytes(dockerfile));
            foreach (var (path, content) in files)
            {
                Write(path, content);
            }

            foreach (var stray in Directory.GetFiles(folder, "*", SearchOption.AllDirectories).Where(path => !files.ContainsKey(path)))
            {
                File.Delete(stray);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DistributedApplicationException($"The image of nginx cannot be prepared in {folder}: {e.Message}", e);
        }
    }

    private static void Write(string path, byte[] content)
    {
        if (File.Exists(path) && File.ReadAllBytes(path).AsSpan().SequenceEqual(content))
        {
            return;
        }

        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, content);
    }
}

/// <summary>Publishes nginx as a container, and writes what its image is built from.</summary>
internal static class PublishedNginx
{
    private const string IntermediateFolderKey = "apphostprojectbaseintermediateoutputpath";
    private const string IntermediateFolder = "obj";

    public static IResourceBuilder<NginxResource> Publish(IResourceBuilder<NginxResource> nginx, NginxAnnotation options, string dockerfile)
    {
        var application = nginx.ApplicationBuilder;
        var folder = Path.Join(IntermediateFolderOf(application), "publish", nginx.Resource.Name);
        application.Eventing.Subscribe<BeforePublishEvent>((_, _) =>
        {
            BuildContext.Write(folder, dockerfile, nginx.Resource);
            return Task.CompletedTask;
        });

        return nginx
            .PublishAsDockerFile(container => container.WithDockerfile(folder))
            .WithEnvironment(context => AddVariables(context, options, !application.Resources.OfType<IComputeEnvironmentResource>().Any()));
    }

    /// <summary>Without a compute environment azd deploys to Container Apps, where only the ingress reaches nginx.</summary>
    private static void AddVariables(EnvironmentCallbackContext context, NginxAnnotation options, bool hasIngress)
    {
        foreach (var source in options.Sources)
        {
            var endpoint = new EndpointReference(source.Resource, source.ResolveEndpoint());
            context.EnvironmentVariables[NginxVariables.AddressOf(source.Name)] = endpoint.Property(EndpointProperty.HostAndPort);
            context.EnvironmentVariables[NginxVariables.HostOf(source.Name)] = endpoint.Property(EndpointProperty.Host);
        }

        if (hasIngress)
        {
            context.EnvironmentVariables[NginxVariables.TrustedProxy] = NginxVariables.Everybody;
        }
    }

    private static string IntermediateFolderOf(IDistributedApplicationBuilder application)
    {
        var written = application.AppHostAssembly?
            .GetCustomAttributes<AssemblyMetadataAttribute>()
            .FirstOrDefault(static metadata => metadata.Key == IntermediateFolderKey)?.Value;
        return Path.GetFullPath(written is { Length: > 0 } ? written : IntermediateFolder, application.AppHostDirectory);
    }
}
