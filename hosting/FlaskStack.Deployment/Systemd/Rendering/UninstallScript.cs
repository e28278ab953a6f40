using System.Text;
using Aspire.Hosting.Systemd.Model;

namespace Aspire.Hosting.Systemd.Rendering;

/// <summary>The script that takes the application off the server.</summary>
internal static class UninstallScript
{
    public static string Render(ServerApplication application)
    {
        var paths = new ServerPaths(application.Name);
        var script = new StringBuilder(ShellText.Head($"Takes {application.Name} off this server. Settings and releases stay, unless it is called with --purge."));
        if (application.Proxy is not null)
        {
            script.Append("# No more requests first.\n")
                .Append($"rm -f /{paths.EnabledSiteFile} /{paths.SiteFile} /{paths.ProxyDropInFile}\nrm -rf /{paths.SiteFolder}\n")
                .Append("systemctl daemon-reload\nsystemctl reload nginx.service || true\n\n");
        }

        script.Append($"systemctl disable --now {paths.TargetName} || true\n");
        foreach (var service in application.Services)
        {
            script.Append($"systemctl stop '{paths.UnitName(service.Name)}@*.service' || true\nrm -f /{paths.UnitFile(service.Name)}\n");
        }

        return script
            .Append($"rm -f /{paths.TargetFile}\nsystemctl daemon-reload\n\n")
            .Append("if [ \"${1:-}\" = --purge ]; then\n")
            .Append($"    rm -rf /{paths.SettingsFolder} /{paths.HomeFolder}\n")
            .Append("fi\n")
            .ToString();
    }
}
