using System.Globalization;
using FlaskStack.Deployment.Model;

namespace FlaskStack.Deployment.Systemd;

/// <summary>Renders the scripts that install and uninstall units, site and settings. They can be run repeatedly.</summary>
internal static class SetupScripts
{
    public static string Install(ServerApplication application)
    {
        var paths = application.Paths;
        var site = application.Proxy is null ? "" : ", the nginx site";
        var script = ShellScript.Head("install.sh", "[--dry-run]",
        [
            $"Installs or updates {application.Name} on this server: units{site} and settings. Run it again after publishing again.",
            "It copies what differs, and keeps the settings of this server. With --dry-run it only says what it would do.",
        ]);
        script.Append("[ $# = 0 ] || usage\n")
            .Append(ScriptParts.RootAlone(application))
            .Append("cd \"$(dirname \"$0\")\"\n\n")
            .Append(Requirements(application))
            .Append(CopyFunction)
            .Append("copy ").AppendJoin(" \\\n    ", UnitFiles(application, paths)).Append("\n\n")
            .Append(SettingsFunction)
            .AppendJoin("", application.Services.Select(service => $"settings {paths.SettingsFile(service.Name)}\n"))
            .Append('\n')
            .Append("if [ -n \"$changed\" ]; then\n    run systemctl daemon-reload\nfi\n")
            .Append($"run systemctl --quiet enable {paths.TargetName}\n");
        if (application.Proxy is { } proxy)
        {
            script.Append(AcmePart(proxy)).Append(CertificatePart(application, proxy, paths)).Append(NginxPart(proxy, paths));
            if (proxy.Certificate is not null)
            {
                script.Append($"run systemctl start {paths.CertificateUnit("path")}\n");
            }
        }

        foreach (var service in application.Services)
        {
            script.Append(Replicas(application, service));
        }

        return script.Append(Releases(application, paths)).ToString();
    }

    public static string Uninstall(ServerApplication application)
    {
        var paths = application.Paths;
        var script = ShellScript.Head("uninstall.sh", "[--dry-run] [--purge]",
        [
            $"Removes {application.Name} from this server. Settings and releases stay, unless it is called with --purge.",
            "With --dry-run it only says what it would do.",
        ]);
        script.Append("""
            purge=
            if [ "${1:-}" = --purge ]; then
                purge=yes
                shift
            fi
            [ $# = 0 ] || usage

            """).Append(ScriptParts.RootAlone(application));
        if (application.Proxy is not null)
        {
            script.Append(CultureInfo.InvariantCulture, $$"""
                # Stop new requests first. nginx stays for its other sites.
                run rm -f /{{paths.EnabledSiteFile}} /{{paths.SiteFile}} /{{paths.ProxyDropInFile}}
                run rm -rf /{{paths.SiteFolder}}{{(application.Proxy.Nginx.HasCache ? $" /{paths.CacheFolder}" : "")}}
                if [ -d /{{ServerPaths.ProxyDropInFolder}} ]; then
                    run rmdir --ignore-fail-on-non-empty /{{ServerPaths.ProxyDropInFolder}}
                fi
                {{(application.Proxy.Certificate is null ? "" : RemoveCertificate(paths))}}run systemctl daemon-reload
                if systemctl --quiet is-active nginx.service; then
                    run systemctl reload nginx.service || say "nginx was not reloaded; the reason: nginx -t"
                fi


                """);
        }

        script.Append(CultureInfo.InvariantCulture, $"run systemctl --quiet disable --now {paths.TargetName} 2> /dev/null || true\n");
        foreach (var service in application.Services)
        {
            script.Append(
                CultureInfo.InvariantCulture,
                $"run systemctl stop '{paths.UnitName(service.Name)}@*' || true\n"
                + $"run rm -f /{paths.UnitFile(service.Name)}"
                + $"{(service.IsSocketActivated ? $" /{paths.SocketUnitFile(service.Name)}" : "")}\n");
        }

        return script.Append(CultureInfo.InvariantCulture, $$"""
            run rm -f /{{paths.TargetFile}}
            run systemctl daemon-reload

            if [ -n "$purge" ]; then
                run rm -rf /{{paths.SettingsFolder}} /{{paths.HomeFolder}}
            elif [ -e /{{paths.SettingsFolder}} ] || [ -e /{{paths.HomeFolder}} ]; then
                say "settings and releases stay in /{{paths.SettingsFolder}} and /{{paths.HomeFolder}}; uninstall.sh --purge deletes them."
            fi
            say "{{application.Name}} is uninstalled."

            """).ToString();
    }

    private static string RemoveCertificate(ServerPaths paths) =>
        $"run systemctl stop {paths.CertificateUnit("path")} 2> /dev/null || true\n"
        + $"run rm -f /{paths.CertificateUnitFile("path")} /{paths.CertificateUnitFile("service")}\n"
        + $"run rm -rf /{paths.TlsFolder}\n";

    private const string CopyFunction = """
        changed=
        # Copies the files that differ.
        copy() {
            for file in "$@"; do
                if ! cmp -s "$file" "/$file"; then
                    say "writing /$file"
                    run install -D -m 0644 "$file" "/$file"
                    changed="$changed $file"
                fi
            done
        }


        """;

    private const string SettingsFunction = """
        # Settings that are on the server stay; new ones are added.
        settings() {
            if [ ! -e "/$1" ]; then
                say "writing /$1"
                run install -D -m 0600 "$1" "/$1"
                return
            fi
            grep '^[A-Za-z_][A-Za-z0-9_]*=' "$1" | while IFS= read -r line; do
                if ! grep -q "^${line%%=*}=" "/$1"; then
                    say "adding ${line%%=*} to /$1"
                    [ -n "$dry_run" ] || printf '\n%s\n' "$line" >> "/$1"
                fi
            done
        }


        """;

    private static IEnumerable<string> UnitFiles(ServerApplication application, ServerPaths paths) =>
    [
        paths.TargetFile,
        .. application.Services.Select(service => paths.UnitFile(service.Name)),
        .. application.Services.Where(static service => service.IsSocketActivated).Select(service => paths.SocketUnitFile(service.Name)),
        .. application.Proxy is null ? Array.Empty<string>() : [paths.ProxyDropInFile],
        .. application.Proxy?.Certificate is null
            ? Array.Empty<string>() : [paths.CertificateUnitFile("path"), paths.CertificateUnitFile("service")],
    ];

    /// <summary>Says what is missing before anything is changed.</summary>
    private static string Requirements(ServerApplication application)
    {
        var group = application.ProxyGroup;
        var systemd = $$"""
            version=$(systemctl --version | sed -n 's/^systemd \([0-9]*\).*/\1/p')
            if [ "${version:-0}" -lt {{ScriptParts.OldestSystemd}} ]; then
                fail "systemd is ${version:-not there}, and {{ScriptParts.OldestSystemd}} or later is needed."
            fi

            """;
        var nginx = application.Proxy is null ? "" : """
            command -v nginx > /dev/null || fail "nginx is not installed (Debian: apt-get install nginx)."
            if [ ! -d /etc/nginx/sites-enabled ]; then
                say "create /etc/nginx/sites-enabled, and add to the http block of nginx.conf: include /etc/nginx/sites-enabled/*;"
                fail "this nginx reads no /etc/nginx/sites-enabled."
            fi

            """;
        return $$"""
            {{systemd}}{{nginx}}if ! getent group {{group}} > /dev/null; then
                fail "there is no group {{group}}: install nginx, or set ProxyGroup in the AppHost."
            fi


            """;
    }

    private static string AcmePart(ServerProxy proxy) => proxy.Nginx.AcmeFolder is { } folder
        ? $"\n# certbot writes here, and nginx shows it to the authority.\nrun install -d -m 0755 '{folder}'\n"
        : "";

    /// <summary>nginx does not start without a certificate, and certbot gets one only through nginx.</summary>
    private static string CertificatePart(ServerApplication application, ServerProxy proxy, ServerPaths paths) =>
        proxy.Certificate is not { } files ? "" : $$"""

            # nginx follows links to its certificate. Until it is there, nginx has one of its own, which browsers refuse.
            run install -d -m 0700 /{{paths.TlsFolder}}
            if [ -e {{files.Certificate}} ] && [ -e {{files.Key}} ]; then
                run ln -sfn {{files.Certificate}} /{{paths.CertificateFile}}
                run ln -sfn {{files.Key}} /{{paths.KeyFile}}
            else
                say "{{files.Certificate}} or {{files.Key}} is not there yet: browsers warn of this server until it is."
                if [ ! -s /{{paths.CertificateFile}} ] || [ ! -s /{{paths.KeyFile}} ]; then
                    command -v openssl > /dev/null || fail "openssl is not installed (Debian: apt-get install openssl)."
                    run rm -f /{{paths.CertificateFile}} /{{paths.KeyFile}}
                    (umask 077 && run openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 3650 -batch \
                        -subj /CN={{application.Name}} -keyout /{{paths.KeyFile}} -out /{{paths.CertificateFile}} 2> /dev/null) \
                        || fail "openssl made no certificate."
                fi
            fi

            """;

    private static string NginxPart(ServerProxy proxy, ServerPaths paths)
    {
        var (file, enabled, folder) = (paths.SiteFile, paths.EnabledSiteFile, paths.SiteFolder);
        var hasFiles = proxy.Site.Files.Count > 0;
        var same = hasFiles ? $"diff -rq {paths.SiteFolder} /{paths.SiteFolder}" : $"[ ! -e /{paths.SiteFolder} ]";
        var copy = hasFiles ? $"run cp -R {paths.SiteFolder} /{paths.SiteFolder}\n    " : "";
        return $$"""

            # The old site is kept until nginx accepts the new one: an nginx that crashes must find a configuration that it can start with.
            site="{{file}} {{enabled}} {{folder}}"
            old=$(mktemp -d)
            trap 'rm -rf "$old"' EXIT
            take_back() {
                for path in $site; do
                    rm -rf "/${path:?}"
                    if [ -e "$old/$path" ] || [ -L "$old/$path" ]; then
                        cp -a "$old/$path" "/$path"
                    fi
                done
            }

            reload=
            if ! cmp -s {{file}} /{{file}} || [ ! -e /{{enabled}} ] || ! {{same}} > /dev/null; then
                for path in $site; do
                    if [ -e "/$path" ] || [ -L "/$path" ]; then
                        mkdir -p "$old/$(dirname "$path")"
                        cp -a "/$path" "$old/$path"
                    fi
                done
                say "writing /{{paths.SiteFile}}"
                run install -D -m 0644 {{paths.SiteFile}} /{{paths.SiteFile}}
                run rm -rf /{{paths.SiteFolder}}
                {{copy}}run ln -sfn ../sites-available/{{Path.GetFileName(paths.SiteFile)}} /{{paths.EnabledSiteFile}}
                if [ -z "$dry_run" ] && ! output=$(nginx -t 2>&1); then
                    take_back
                    echo "$output" >&2
                    say "A 'duplicate default server' is another site on its port, such as Debian's own: /etc/nginx/sites-enabled/default"
                    fail "nginx rejects the new site, so the old one stays in use."
                fi
                reload=yes
            fi

            # A reload does not apply a new drop-in: an nginx that was started before it is restarted. The times are whole seconds, so one
            # that this run has written counts by itself.
            outdated=
            case $changed in
                *{{paths.ProxyDropInFile}}*) outdated=yes ;;
            esac
            started=$(date --date="$(systemctl show --property=ActiveEnterTimestamp --value nginx.service)" +%s 2> /dev/null || echo 0)
            if [ "$started" -lt "$(stat --format=%Y /{{paths.ProxyDropInFile}} 2> /dev/null || date +%s)" ]; then
                outdated=yes
            fi
            if ! systemctl --quiet is-active nginx.service; then
                run systemctl restart nginx.service
            elif [ -n "$outdated" ]; then
                say "restarting nginx, which was started before its new limits"
                run systemctl restart nginx.service
            elif [ -n "$reload" ]; then
                run systemctl reload nginx.service
            fi

            """;
    }

    /// <summary>Stops the replicas beyond the number of the AppHost.</summary>
    private static string Replicas(ServerApplication application, ServerService service) => string.Create(
        CultureInfo.InvariantCulture, $$"""

        units='{{application.Paths.UnitName(service.Name)}}@*.service'
        for unit in $(systemctl list-units --all --plain --no-legend "$units" | cut -d ' ' -f 1); do
            number=${unit##*@}
            if [ "${number%.service}" -gt {{service.Replicas}} ]; then
                run systemctl stop "${unit%.service}.*"
            fi
        done

        """);

    /// <summary>Starts what has a release, and says what to do next.</summary>
    private static string Releases(ServerApplication application, ServerPaths paths) => $$"""

        # Starts a service that has a release.
        start() {
            if [ ! -e "/{{paths.HomeFolder}}/$1/current" ]; then
                say "next: deploy.sh $1 FOLDER"
                return
            fi
            run systemctl start {{paths.TargetName}}
            case $changed in
                *"{{application.Name}}-$1@.service"*) say "its unit has changed: deploy.sh $1 restarts its replicas one after another." ;;
            esac
        }

        {{string.Join('\n', application.Services.Select(static service => $"start {service.Name}"))}}
        say "{{application.Name}} is installed."

        """;
}
