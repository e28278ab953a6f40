using System.Text;

namespace FlaskStack.Deployment.Systemd;

/// <summary>The scripts that put units, site and settings in their places, and take them away. They may be run again.</summary>
internal static class SetupScripts
{
    public static string Install(ServerApplication application)
    {
        var paths = application.Paths;
        var script = new StringBuilder(
            Head($"Installs the units{(application.Proxy is null ? "" : ", the nginx site")} and the settings of {application.Name}, or what has changed of them."))
            .Append("cd \"$(dirname \"$0\")\"\n\n")
            .Append("for file in ").AppendJoin(' ', SystemFiles(application, paths)).Append("; do\n")
            .Append("    install -D -m 0644 \"$file\" \"/$file\"\n")
            .Append("done\n\n")
            .Append("# What is set on the server stays.\n")
            .Append("for file in ").AppendJoin(' ', application.Services.Select(service => paths.SettingsFile(service.Name)))
                .Append("; do\n")
            .Append("    [ -e \"/$file\" ] || install -D -m 0600 \"$file\" \"/$file\"\n")
            .Append("done\n\n")
            .Append($"systemctl daemon-reload\nsystemctl enable {paths.TargetName}\n");
        if (application.Proxy is not null)
        {
            script.Append(NginxPart(application.Proxy, paths));
        }

        return script.ToString();
    }

    public static string Uninstall(ServerApplication application)
    {
        var paths = application.Paths;
        var script = new StringBuilder(
            Head($"Takes {application.Name} off this server. Settings and releases stay, unless it is called with --purge."));
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
                echo "nginx does not accept its configuration and goes on with what it has: correct it, or remove /{{paths.EnabledSiteFile}}." >&2
                exit 1
            fi
            systemctl reload-or-restart nginx.service

            """;
    }

    /// <summary>The first lines: what the script does, and that root runs it.</summary>
    private static string Head(string purpose) => $$"""
        #!/bin/sh
        # {{purpose}}
        set -eu

        if [ "$(id -u)" != 0 ]; then
            echo "Run it as root." >&2
            exit 1
        fi


        """;
}
