using System.Text;
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

    private const string Root = "/etc/nginx";
    private const string WritableFolder = "/tmp";

    private static readonly NginxRunPaths Paths = new(Root) { ProcessIdFile = $"{WritableFolder}/nginx.pid", TemporaryFolder = WritableFolder };

    /// <summary>The files, in a fixed order: the same options give the same bytes.</summary>
    /// <exception cref="DistributedApplicationException">An upstream has no endpoint, or a file cannot be read.</exception>
    public static IReadOnlyList<ImageFile> FilesFor(NginxAnnotation options)
    {
        try
        {
            return
            [
                new(TemplateFile, Encoding.UTF8.GetBytes(Template(options))),
                .. options.Configuration.ErrorPages.Select(static (page, index) => new ImageFile($"pages/{NginxRunPaths.ErrorPageName(index)}", File.ReadAllBytes(page.File))),
                .. options.Configuration.Snippets.SelectMany(SnippetFiles),
                .. options.Configuration.StaticFiles.SelectMany(static (files, index) => FilesBelow(files.Folder, "*", SearchOption.AllDirectories, StaticFolder(index))),
            ];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DistributedApplicationException($"A file of nginx cannot be published: {e.Message}", e);
        }
    }

    /// <summary>The whole configuration, with placeholders for <see cref="NginxVariables"/>.</summary>
    public static string Template(NginxAnnotation options)
    {
        var configuration = options.Configuration;
        var inContainer = configuration with
        {
            Listen = new NginxListen(Port, ["*"]),
            Workers = configuration.Workers with { User = null, Group = null },
            Snippets = [.. configuration.Snippets.Select(static (snippet, index) => snippet.Folder is null ? snippet : snippet with { Folder = $"{Root}/{SnippetFolder(index)}" })],
            StaticFiles = [.. configuration.StaticFiles.Select(static (files, index) => files with { Folder = $"{Root}/{StaticFolder(index)}" })],
            IsContainer = true,
        };
        return NginxConfigRenderer.Render(inContainer, Paths, [.. options.Sources.Select(UpstreamOf)]);
    }

    private static NginxUpstream UpstreamOf(UpstreamSource source) =>
        new(source.Name, source.ResolveEndpoint().UriScheme, [NginxVariables.Placeholder(NginxVariables.AddressOf(source.Name))]);

    private static IEnumerable<ImageFile> SnippetFiles(NginxSnippet snippet, int index) => snippet switch
    {
        { Folder: { } folder } => FilesBelow(folder, "*.conf", SearchOption.TopDirectoryOnly, SnippetFolder(index)),
        { Text: { } text } => [new($"snippets/{Path.GetFileName(Paths.SnippetFile(index))}", Encoding.UTF8.GetBytes(text + "\n"))],
        _ => [],
    };

    private static IEnumerable<ImageFile> FilesBelow(string folder, string pattern, SearchOption depth, string target) =>
        Directory.EnumerateFiles(folder, pattern, depth)
            .Select(file => new ImageFile($"{target}/{Path.GetRelativePath(folder, file).Replace('\\', '/')}", File.ReadAllBytes(file)))
            .OrderBy(static file => file.Path, StringComparer.Ordinal);

    private static string SnippetFolder(int index) => $"snippets/{index + 1}";

    private static string StaticFolder(int index) => $"static/{index + 1}";
}
