using System.Collections.Immutable;
using System.Text;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Nginx.Configuration;

namespace Aspire.Hosting.Nginx.Publishing;

/// <summary>An nginx for another machine: what was asked of it, and the files that it needs there.</summary>
/// <param name="Configuration">What was asked of it, without an address; it refers to no file outside <paramref name="Paths"/>.</param>
/// <param name="Paths">The paths on that machine.</param>
/// <param name="Sources">The resources behind it.</param>
/// <param name="Files">The files in the folder of <paramref name="Paths"/>.</param>
internal sealed record NginxPublication(
    NginxConfiguration Configuration,
    NginxRunPaths Paths,
    ImmutableArray<UpstreamSource> Sources,
    ImmutableArray<NginxPublishedFile> Files)
{
    /// <summary>The upstreams of services outside the application.</summary>
    public ImmutableArray<NginxUpstream> Externals { get; init; } = [];

    private const string StaticFilesFolder = "static";

    /// <summary>All files of a folder, but none that a symbolic link leads to: nginx follows no link either.</summary>
    private static readonly EnumerationOptions NoLinks = new()
    {
        RecurseSubdirectories = true,
        AttributesToSkip = FileAttributes.ReparsePoint,
        IgnoreInaccessible = false,
    };

    /// <summary>Whether a resource is an nginx.</summary>
    public static bool IsNginx(IResource resource) => resource.Annotations.OfType<NginxAnnotation>().Any();

    /// <summary>The port that an nginx was given in code, or null for any.</summary>
    public static int? PortOf(IResource nginx) => nginx.Annotations.OfType<NginxAnnotation>().LastOrDefault()?.Port;

    /// <summary>The resources behind an nginx.</summary>
    public static ImmutableArray<UpstreamSource> SourcesOf(IResource nginx) =>
        nginx.Annotations.OfType<NginxAnnotation>().LastOrDefault()?.Sources ?? [];

    /// <summary>Whether an nginx passes requests to services outside the application.</summary>
    public static bool HasExternals(IResource nginx) =>
        nginx.Annotations.OfType<NginxAnnotation>().LastOrDefault()?.Externals is { IsEmpty: false };

    /// <summary>The timeouts of an nginx.</summary>
    public static NginxTimeouts TimeoutsOf(IResource nginx) =>
        nginx.Annotations.OfType<NginxAnnotation>().LastOrDefault()?.Configuration.Timeouts ?? new();

    /// <summary>Reads error pages, snippets and static files.</summary>
    /// <param name="nginx">The resource that <c>AddNginx</c> added, or what stands for it when publishing.</param>
    /// <param name="paths">The paths on the other machine.</param>
    /// <exception cref="DistributedApplicationException">A file cannot be read; the message names it.</exception>
    public static NginxPublication Read(IResource nginx, NginxRunPaths paths)
    {
        var options = nginx.Annotations.OfType<NginxAnnotation>().LastOrDefault()
            ?? throw new DistributedApplicationException($"The resource '{nginx.Name}' was not added with AddNginx.");
        try
        {
            var given = options.Configuration;
            var snippets = given.Snippets.SelectMany(Texts).ToImmutableArray();
            var configuration = given with
            {
                Snippets = snippets,
                StaticFiles =
                [
                    .. given.StaticFiles.Select((files, index) => files with { Folder = $"{paths.Folder}/{StaticFolder(index)}" }),
                ],
            };
            return new NginxPublication(
                configuration,
                paths,
                options.Sources,
                [.. given.ErrorPages.Select(ErrorPage), .. snippets.Select(Snippet), .. given.StaticFiles.SelectMany(StaticFiles)])
            {
                Externals = [.. options.Externals.Select(static source => source.ToUpstream())],
            };
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new DistributedApplicationException($"nginx '{nginx.Name}' cannot be published: {exception.Message}", exception);
        }
    }

    /// <summary>The snippets in a folder as texts.</summary>
    private static IEnumerable<NginxSnippet> Texts(NginxSnippet snippet) => snippet.Folder is { } folder
        ? Directory.GetFiles(folder, "*.conf")
            .Order(StringComparer.Ordinal)
            .Select(file => new NginxSnippet(snippet.Context, File.ReadAllText(file), Folder: null))
        : [snippet];

    private static NginxPublishedFile ErrorPage(NginxErrorPage page, int index) =>
        new($"pages/{NginxRunPaths.ErrorPageName(index, page)}", File.ReadAllBytes(page.File));

    private static NginxPublishedFile Snippet(NginxSnippet snippet, int index)
    {
        var text = snippet.Text ?? string.Empty;
        return new($"snippets/{index + 1}.conf", Encoding.UTF8.GetBytes(text.EndsWith('\n') ? text : $"{text}\n"));
    }

    private static IEnumerable<NginxPublishedFile> StaticFiles(NginxStaticFiles files, int index) =>
        Directory.GetFiles(files.Folder, "*", NoLinks)
            .Select(file => (Path: Path.GetRelativePath(files.Folder, file).Replace('\\', '/'), File: file))
            .Where(static file => !IsHidden(file.Path))
            .OrderBy(static file => file.Path, StringComparer.Ordinal)
            .Select(file => new NginxPublishedFile($"{StaticFolder(index)}/{file.Path}", File.ReadAllBytes(file.File)));

    /// <summary>Whether nginx does not serve it: secrets such as <c>.env</c> stay on this machine.</summary>
    private static bool IsHidden(string path) =>
        path.Split('/').Any(static part => part.StartsWith('.') && part != ".well-known");

    private static string StaticFolder(int index) => $"{StaticFilesFolder}/{index + 1}";
}

/// <summary>A file that a published configuration refers to.</summary>
/// <param name="Path">Its path below the folder of the configuration.</param>
/// <param name="Content">Its bytes.</param>
internal sealed record NginxPublishedFile(string Path, byte[] Content);
