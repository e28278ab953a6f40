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
    ImmutableArray<PublishedNginxFile> Files)
{
    /// <summary>The upstreams of services outside the application.</summary>
    public ImmutableArray<NginxUpstream> Externals { get; init; } = [];

    public const int UsualHttpsPort = 443;

    private const string StaticFilesFolder = "static";

    /// <summary>All files of a folder, but none that a symbolic link leads to: nginx follows no link either.</summary>
    private static readonly EnumerationOptions NoLinks = new()
    {
        RecurseSubdirectories = true,
        AttributesToSkip = FileAttributes.ReparsePoint,
        IgnoreInaccessible = false,
    };

    /// <summary>The https port that an nginx was given in code, or null for the usual one.</summary>
    public static int? HttpsPortOf(IResource nginx) => nginx.Annotations.OfType<NginxAnnotation>().LastOrDefault()?.HttpsPort;

    /// <summary>What was asked of an nginx.</summary>
    public static NginxConfiguration ConfigurationOf(IResource nginx) =>
        nginx.Annotations.OfType<NginxAnnotation>().LastOrDefault()?.Configuration ?? new();

    /// <summary>The resources behind an nginx.</summary>
    public static ImmutableArray<UpstreamSource> SourcesOf(IResource nginx) =>
        nginx.Annotations.OfType<NginxAnnotation>().LastOrDefault()?.Sources ?? [];

    /// <summary>Refuses options that select the member of an upstream in a place where something else selects it.</summary>
    /// <exception cref="DistributedApplicationException">Sessions are sticky, or there is a policy other than in turn.</exception>
    public static void RefuseSelection(IResource nginx, string place, string remedy)
    {
        var configuration = ConfigurationOf(nginx);
        var option = configuration.Sticky is not null ? "WithStickySessions"
            : configuration.Upstream.LoadBalancing is not (null or NginxLoadBalancing.RoundRobin) ? "WithLoadBalancingPolicy" : null;
        if (option is not null)
        {
            throw new DistributedApplicationException(
                $"{option} of '{nginx.Name}' has no effect in {place}, which selects the replica itself: {remedy}");
        }
    }

    /// <summary>Refuses certbot's folder in a place where nginx has none.</summary>
    /// <exception cref="DistributedApplicationException">nginx is to serve one.</exception>
    public static void RefuseAcmeChallenge(IResource nginx, string place, string remedy)
    {
        if (ConfigurationOf(nginx).AcmeFolder is not null)
        {
            throw new DistributedApplicationException(
                $"WithAcmeChallenge: nginx '{nginx.Name}' has no folder for certbot in {place}: {remedy}");
        }
    }

    /// <summary>Refuses clusters in a place where each resource has a name of its own.</summary>
    /// <exception cref="DistributedApplicationException">There is a cluster of several resources.</exception>
    public static void RefuseClusters(IResource nginx, string place)
    {
        var cluster = SourcesOf(nginx).GroupBy(static source => source.Name).FirstOrDefault(static sources => sources.Count() > 1);
        if (cluster is not null)
        {
            throw new DistributedApplicationException(
                $"AddCluster: '{cluster.Key}' cannot be one target of nginx '{nginx.Name}' in {place}: "
                    + "route to one resource, and scale it.");
        }
    }

    /// <summary>Refuses files out of another image in a place where nginx's image is not built beside that.</summary>
    /// <exception cref="DistributedApplicationException">There are such files.</exception>
    public static void RefuseOtherImages(IResource nginx, string place)
    {
        if (ConfigurationOf(nginx).StaticFiles.FirstOrDefault(static files => files.Source is not null) is { Source: { } source })
        {
            throw new DistributedApplicationException(
                $"PublishWithStaticFiles: {place} does not copy the files of '{source.Name}' into nginx '{nginx.Name}': "
                + "build the site first, and give its folder to WithStaticFiles.");
        }
    }

    /// <summary>The timeouts of an nginx.</summary>
    public static NginxTimeouts TimeoutsOf(IResource nginx) => ConfigurationOf(nginx).Timeouts;

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

    private static PublishedNginxFile ErrorPage(NginxErrorPage page, int index) =>
        new($"pages/{NginxRunPaths.ErrorPageName(index, page)}", File.ReadAllBytes(page.File));

    private static PublishedNginxFile Snippet(NginxSnippet snippet, int index)
    {
        var text = snippet.Text ?? string.Empty;
        return new($"snippets/{index + 1}.conf", Encoding.UTF8.GetBytes(text.EndsWith('\n') ? text : $"{text}\n"));
    }

    private static IEnumerable<PublishedNginxFile> StaticFiles(NginxStaticFiles files, int index) => files.Source is not null
        ? []
        : Directory.GetFiles(files.Folder, "*", NoLinks)
            .Select(file => (Path: Path.GetRelativePath(files.Folder, file).Replace('\\', '/'), File: file))
            .Where(static file => !IsHidden(file.Path))
            .OrderBy(static file => file.Path, StringComparer.Ordinal)
            .Select(file => new PublishedNginxFile($"{StaticFolder(index)}/{file.Path}", File.ReadAllBytes(file.File)));

    /// <summary>Whether nginx does not serve it: secrets such as <c>.env</c> stay on this machine.</summary>
    private static bool IsHidden(string path) =>
        path.Split('/').Any(static part => part.StartsWith('.') && part != ".well-known");

    /// <summary>The place of a folder below that of <see cref="Paths"/>.</summary>
    public static string StaticFolder(int index) => $"{StaticFilesFolder}/{index + 1}";
}
