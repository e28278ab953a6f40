using System.Text;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Nginx.Configuration;
using Aspire.Hosting.Nginx.Rendering;
using Aspire.Hosting.Nginx.Runtime;

namespace Aspire.Hosting.Nginx.Publishing;

/// <summary>What a container of nginx's own image needs to do what the AppHost asked for: files below <c>/etc/nginx</c>.</summary>
internal static class NginxImage
{
    /// <summary>Where nginx listens in its container, without being root.</summary>
    public const int Port = 8080;

    /// <summary>The template that the entry point of the image turns into the configuration.</summary>
    public const string TemplateFile = "templates/nginx.conf.template";

    /// <summary>Where the files belong.</summary>
    public const string Folder = "/etc/nginx";

    /// <summary>The only folder in which nginx writes; the configuration is in it, once the entry point has written it.</summary>
    public const string WritableFolder = "/tmp";

    private static readonly NginxRunPaths Paths = new(Folder) { ProcessIdFile = $"{WritableFolder}/nginx.pid", TemporaryFolder = WritableFolder };

    /// <summary>The files, in a fixed order: the same options give the same bytes.</summary>
    /// <param name="nginx">The resource that <c>AddNginx</c> added, or what stands for it when publishing.</param>
    /// <param name="configure">Changes what the place that it runs in has a say in; null leaves all as the AppHost asked for it.</param>
    /// <exception cref="DistributedApplicationException">An upstream has no endpoint, or a file cannot be read.</exception>
    public static IReadOnlyList<NginxPublishedFile> FilesFor(IResource nginx, Func<NginxConfiguration, NginxConfiguration>? configure = null)
    {
        var publication = NginxPublication.Read(nginx, Paths);
        publication = publication with { Configuration = configure?.Invoke(publication.Configuration) ?? publication.Configuration };
        return [new(TemplateFile, Encoding.UTF8.GetBytes(Template(publication))), .. publication.Files];
    }

    /// <summary>The whole configuration, with placeholders for <see cref="NginxVariables"/>.</summary>
    private static string Template(NginxPublication publication)
    {
        var workers = publication.Configuration.Workers;
        // Docker starts containers with a low limit of open files that they may raise, and how far is known only there.
        var sizing = WorkerSizing.Fit(workers.Connections, workers.Processes ?? 1, hardLimit: null);
        var configuration = publication.Configuration with
        {
            Listen = new NginxListen(Port, ["*"]),
            Workers = workers with { User = null, Group = null, Connections = sizing.Connections },
            OpenFilesLimit = sizing.OpenFiles,
            IsContainer = true,
        };
        return NginxConfigRenderer.Render(configuration, publication.Paths, [.. publication.Sources.Select(UpstreamOf), .. publication.Externals]);
    }

    private static NginxUpstream UpstreamOf(UpstreamSource source) =>
        new(source.Name, source.ResolveEndpoint().UriScheme, [NginxVariables.Placeholder(NginxVariables.AddressOf(source.Name))]);
}

/// <summary>
/// The folder that the image of nginx is built from: the Dockerfile, and below <c>nginx</c> what goes to <c>/etc/nginx</c>. It stays
/// after publishing, because tools such as azd build later.
/// </summary>
internal static class BuildContext
{
    public const string Dockerfile = "Dockerfile";

    private const string FilesFolder = "nginx";

    /// <summary>Makes the folder hold what nginx needs and nothing else. What is there already is not written again.</summary>
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

            foreach (var stray in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Where(path => !files.ContainsKey(path)))
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
