using System.Text;
using Aspire.Hosting.Systemd.Model;

namespace Aspire.Hosting.Systemd.Rendering;

/// <summary>The script that puts units, site and settings in their places. It may be run again.</summary>
internal static class InstallScript
{
    public static string Render(ServerApplication application)
    {
        var paths = new ServerPaths(application.Name);
        var script = new StringBuilder(ShellText.Head($"Installs the units{(application.Proxy is null ? "" : ", the nginx site")} and the settings of {application.Name}, or what has changed of them."))
            .Append("cd \"$(dirname \"$0\")\"\n\n")
            .Append("for file in ").AppendJoin(' ', SystemFiles(application, paths)).Append("; do\n")
            .Append("    install -D -m 0644 \"$file\" \"/$file\"\n")
            .Append("done\n\n")
            .Append("# What is set on the server stays.\n")
            .Append("for file in ").AppendJoin(' ', application.Services.Select(service => paths.SettingsFile(service.Name))).Append("; do\n")
            .Append("    [ -e \"/$file\" ] || install -D -m 0600 \"$file\" \"/$file\"\n")
            .Append("done\n\n")
            .Append($"systemctl daemon-reload\nsystemctl enable {paths.TargetName}\n");
        if (application.Proxy is not null)
        {
            script.Append(NginxPart(application.Proxy, paths));
        }

        return script.ToString();
    }

    private static IEnumerable<string> SystemFiles(ServerApplication application, ServerPaths paths) =>
    [
        paths.TargetFile,
        .. application.Services.Select(service => paths.UnitFile(service.Name)),
        .. application.Proxy is null ? Array.Empty<string>() : [paths.ProxyDropInFile, paths.SiteFile],
    ];

    private static string NginxPart(ServerProxy proxy, ServerPaths paths)
    {
        var copy = proxy.Publication.Files.IsEmpty
            ? string.Empty
            : $"mkdir -p /{paths.SiteFolder}\ncp -R {paths.SiteFolder}/. /{paths.SiteFolder}/\n";
        return $$"""

            # nginx takes the site over only when it passes its test.
            rm -rf /{{paths.SiteFolder}}
            {{copy}}ln -sf ../sites-available/{{Path.GetFileName(paths.SiteFile)}} /{{paths.EnabledSiteFile}}
            if ! nginx -t; then
                echo "nginx does not accept its configuration and goes on with what it has: mend it, or remove /{{paths.EnabledSiteFile}}." >&2
                exit 1
            fi
            systemctl reload-or-restart nginx.service

            """;
    }
}
