using System.Collections.Immutable;
using Aspire.Hosting.Nginx.Configuration;
using Aspire.Hosting.Nginx.Rendering;
using Aspire.Hosting.Publishing.Files;
using Aspire.Hosting.Systemd.Model;

namespace Aspire.Hosting.Systemd.Rendering;

/// <summary>Turns an application into files: the same input gives the same bytes.</summary>
internal static class ServerRenderer
{
    public static ImmutableArray<PublishedFile> Render(ServerApplication application)
    {
        var paths = new ServerPaths(application.Name);
        return
        [
            PublishedFile.OfText("README.md", ReadmeRenderer.Render(application)),
            PublishedFile.OfText("install.sh", InstallScript.Render(application), PublishedFile.Executable),
            PublishedFile.OfText("deploy.sh", DeployScript.Render(application), PublishedFile.Executable),
            PublishedFile.OfText("uninstall.sh", UninstallScript.Render(application), PublishedFile.Executable),
            PublishedFile.OfText(paths.TargetFile, TargetUnitRenderer.Render(application)),
            .. application.Services.SelectMany(service => Service(application, service, paths)),
            .. application.Proxy is { } proxy ? Proxy(application, proxy, paths) : [],
        ];
    }

    private static IEnumerable<PublishedFile> Service(ServerApplication application, ServerService service, ServerPaths paths) =>
    [
        PublishedFile.OfText(paths.UnitFile(service.Name), ServiceUnitRenderer.Render(application, service)),
        PublishedFile.OfText(paths.SettingsFile(service.Name), SettingsFileRenderer.Render(application, service), PublishedFile.Private),
    ];

    private static IEnumerable<PublishedFile> Proxy(ServerApplication application, ServerProxy proxy, ServerPaths paths) =>
    [
        PublishedFile.OfText(paths.ProxyDropInFile, ProxyDropInRenderer.Render(application, proxy)),
        PublishedFile.OfText(paths.SiteFile, NginxSiteRenderer.Render(proxy.Publication.Configuration, proxy.Publication.Paths, [.. proxy.Upstreams.Select(upstream => Upstream(application, upstream, paths))])),
        .. proxy.Publication.Files.Select(file => new PublishedFile($"{paths.SiteFolder}/{file.Path}", file.Content)),
    ];

    /// <summary>Every replica is a member, whether it runs or not: one that is down has no socket, and the next is asked.</summary>
    private static NginxUpstream Upstream(ServerApplication application, (string Upstream, string Service) route, ServerPaths paths)
    {
        var service = application.Services.First(service => service.Name == route.Service);
        return new NginxUpstream(route.Upstream, "http", [.. Enumerable.Range(1, service.Replicas).Select(replica => $"unix:{paths.Socket(service.Name, replica)}")]);
    }
}
