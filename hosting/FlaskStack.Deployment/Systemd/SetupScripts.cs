using System.Globalization;
using System.Text;

namespace FlaskStack.Deployment.Systemd;

/// <summary>Renders the scripts that install and uninstall units, site and settings. They can be run repeatedly.</summary>
internal static class SetupScripts
{
    public static string Install(ServerApplication application)
    {
        var paths = application.Paths;
        var site = application.Proxy is null ? "" : ", the nginx site";
        var script = new StringBuilder(Head($"Installs or updates the units{site} and the settings of {application.Name}."))
            .Append("cd \"$(dirname \"$0\")\"\n\n")
            .Append("for file in ").AppendJoin(' ', SystemFiles(application, paths)).Append("; do\n")
            .Append("    install -D -m 0644 \"$file\" \"/$file\"\n")
            .Append("done\n\n")
            .Append("# Keep the settings that exist on the server.\n")
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
            Head($"Removes {application.Name} from this server. Settings and releases stay, unless it is called with --purge."));
        if (application.Proxy is not null)
        {
            script.Append("# Stop new requests first.\n")
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

            # nginx is reloaded only if it accepts the configuration.
            rm -rf /{{paths.SiteFolder}}
            {{copy}}ln -sf ../sites-available/{{Path.GetFileName(paths.SiteFile)}} /{{paths.EnabledSiteFile}}
            if ! nginx -t; then
                echo "nginx rejects the new configuration and still runs the old one: correct it, or remove /{{paths.EnabledSiteFile}}." >&2
                exit 1
            fi
            systemctl reload-or-restart nginx.service

            """;
    }

    /// <summary>The first lines: the purpose of the script, and a check that root runs it.</summary>
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

/// <summary>Renders the script that deploys a release, replica after replica, and rolls it back when it does not start.</summary>
internal static class DeployScript
{
    public static string Render(ServerApplication application)
    {
        var paths = application.Paths;
        var cases = string.Concat(application.Services.Select(service =>
            string.Create(
                CultureInfo.InvariantCulture, $"    {service.Name}) replicas={service.Replicas} executable={service.Executable} ;;\n")));
        var pause = (int)Math.Ceiling(
            (application.Proxy?.Publication.Configuration.Upstream.FailTimeout ?? TimeSpan.Zero).TotalSeconds) + 1;
        return string.Create(CultureInfo.InvariantCulture, $$"""
            #!/bin/sh
            # Deploys a release of a service: deploy.sh SERVICE FOLDER, where FOLDER is the output of dotnet publish.
            # The replicas are restarted one after another, each when the one before serves, so that no request is lost.
            set -eu

            usage() {
                echo "usage: $0 SERVICE FOLDER (services: {{string.Join(", ", application.Services.Select(service => service.Name))}})" >&2
                exit 2
            }

            [ $# = 2 ] || usage
            service=$1
            folder=$2
            case $service in
            {{cases}}    *) usage ;;
            esac

            if [ "$(id -u)" != 0 ]; then
                echo "Run it as root." >&2
                exit 1
            fi

            if [ ! -x "$folder/$executable" ]; then
                echo "$folder has no executable $executable: publish the project into it first." >&2
                exit 1
            fi

            settings=/{{paths.SettingsFolder}}/$service.env
            if grep -q '^[^#]*{{ServerRenderer.Placeholder}}' "$settings"; then
                echo "$settings still contains {{ServerRenderer.Placeholder}}: fill it in first." >&2
                exit 1
            fi

            home=/{{paths.HomeFolder}}/$service
            release=$home/releases/$(date -u +%Y%m%dT%H%M%SZ)
            previous=$(readlink "$home/current" || true)

            # The link changes in one step, and running replicas keep the files they have.
            use() {
                ln -sfn "$1" "$home/next"
                mv -T "$home/next" "$home/current"
            }

            restart_all() {
                replica=1
                while [ "$replica" -le "$replicas" ]; do
                    unit={{application.Name}}-$service@$replica.service
                    # Restarts by hand do not count as crashes.
                    systemctl reset-failed "$unit" 2>/dev/null || true
                    echo "restarting $unit"
                    systemctl restart "$unit" || return 1
                    replica=$((replica + 1))
                    # Wait until nginx no longer counts the replica as failed.
                    [ "$replica" -gt "$replicas" ] || sleep {{pause}}
                done
            }

            mkdir -p "$home/releases"
            mkdir "$release"
            cp -R "$folder/." "$release/"
            chmod -R u=rwX,go=rX "$release"

            use "$release"
            if ! restart_all; then
                echo "$unit does not start; see: journalctl -u $unit" >&2
                if [ -n "$previous" ]; then
                    echo "going back to $previous" >&2
                    use "$previous"
                    restart_all
                fi
                exit 1
            fi

            systemctl start {{paths.TargetName}}

            # Keep the five newest releases, and the previous one whatever its age.
            ls -1d "$home"/releases/* | sort -r | tail -n +6 | while read -r old; do
                [ "$old" = "$previous" ] || rm -rf "$old"
            done
            echo "$service runs $release"

            """);
    }
}
