using System.Globalization;
using System.Text;

namespace FlaskStack.Deployment.Systemd;

/// <summary>Writes the README of the published files: install, upgrade, watch, uninstall.</summary>
internal static class ReadmeRenderer
{
    public static string Render(ServerApplication application)
    {
        var paths = application.Paths;
        var first = application.Services[0];
        var folder = $"/{paths.ServiceFolder(first.Name)}";
        return $$"""
            # {{application.Name}} on one server

            Written by {{application.AppHost}}. `etc/` has the same folders as the server; `install.sh` copies its files there.

            | file | what |
            |---|---|
            {{Files(application, paths)}}
            ## Install

            Needs systemd 250 or later{{(application.Proxy is null ? "" : ", and nginx (Debian: `apt-get install nginx`)")}}.

            ```sh
            {{Publish(application)}}sudo ./install.sh
            {{Deploy(application)}}
            ./status.sh
            ```

            Each script can be run again, and takes `--dry-run`, with which it only says what it would do; `status.sh` changes nothing.

            {{Builds(application)}}{{Python(application)}}
            {{Secrets(application, paths)}}
            ## Upgrade, and go back

            ```sh
            sudo ./deploy.sh {{first.Name}} {{Release(first)}}
            ```

            It copies the release to `{{folder}}/releases/`{{Symbols(first)}}, points the link `current` to it, and restarts one replica
            after another: each drains, ends and starts while the others serve, and the next one follows only when it has reported that it
            is ready (`Type=notify`) and has run for a moment. If a release does not start, the replicas that were restarted go back to the
            one before, and it is deleted. To go back later, name an older folder:
            `sudo ./deploy.sh {{first.Name}} {{folder}}/releases/…`. Without a folder the release in use is restarted, for instance for new
            settings. {{Outage(application)}}

            ## Watch

            ```sh
            ./status.sh
            systemctl list-units '{{application.Name}}*'
            journalctl -fu '{{application.Name}}-*'
            systemd-analyze security {{paths.UnitName(first.Name, 1)}}
            ```

            ## More or fewer replicas

            The number comes from the AppHost: publish with another one, and run `install.sh` again. It starts the replicas that are
            missing, and stops those that are too many.
            {{Proxy(application)}}
            ## Uninstall

            `sudo ./uninstall.sh`; with `--purge` it deletes settings and releases too.

            """;
    }

    private static string Files(ServerApplication application, ServerPaths paths)
    {
        var text = new StringBuilder()
            .Append($"| `/{paths.TargetFile}` | starts everything; stopping it stops the replicas, and nginx stays |\n");
        foreach (var service in application.Services)
        {
            text.Append(CultureInfo.InvariantCulture,
                $"| `/{paths.UnitFile(service.Name)}` | a replica of {service.Name}: `@1` to `@{service.Replicas}` |\n");
            if (service.IsSocketActivated)
            {
                text.Append(
                    $"| `/{paths.SocketUnitFile(service.Name)}` | its socket: connections wait in it while the replica restarts |\n");
            }

            text.Append($"| `/{paths.SettingsFile(service.Name)}` | its settings on this server, readable by root only |\n");
        }

        if (application.Proxy is not null)
        {
            text.Append($"| `/{paths.SiteFile}` | the nginx site |\n")
                .Append(application.Proxy.Certificate is null
                    ? "" : $"| `/{paths.CertificateUnitFile("path")}`, `.service` | have nginx load a renewed certificate |\n")
                .Append($"| `/{paths.ProxyDropInFile}` | restarts nginx whenever it ends, and raises its limit of open files |\n");
        }

        return text.ToString();
    }

    private static string Publish(ServerApplication application) => string.Concat(Projects(application).Select(service =>
        $"dotnet publish {service.Project} -c Release {(service.IsNative ? "" : "--self-contained ")}-o publish/{service.Name}\n"));

    private static IEnumerable<ServerService> Projects(ServerApplication application) =>
        application.Services.Where(static service => service.Python is null);

    private static string Outage(ServerApplication application) =>
        "With a single replica each of these is a short outage"
        + (application.Services.Any(static service => service.IsSocketActivated)
            ? ", unless systemd holds its socket: connections wait in it."
            : ".");

    private static string Release(ServerService service) =>
        service.Python is null ? $"publish/{service.Name}" : ServerPaths.CodeFolder(service.Name);

    private static string Deploy(ServerApplication application) =>
        string.Join('\n', application.Services.Select(service => $"sudo ./deploy.sh {service.Name} {Release(service)}"));

    private static string Symbols(ServerService service) => service.IsNative ? " without its symbols" : "";

    private static string Builds(ServerApplication application) => application.Services.Any(service => service.IsNative)
        ? """
          A native build needs `clang` and `zlib1g-dev` on the build machine, and a C library on the server that is at least as new. The
          server needs no .NET. A native executable generates no code at run time, so its unit forbids that.

          """
        : Projects(application).Any() ? "A self-contained release brings its own .NET; the server needs none.\n"
        : "";

    private static string Python(ServerApplication application) => Projects(application).Count() == application.Services.Length ? "" : """
        A Python application comes with the units, below `code`. `deploy.sh` installs its `requirements.txt` into a virtual environment of
        the release, for which the server needs `python3` (Debian: `python3-venv`) and a package index; without that file the system's
        gunicorn is used. `systemctl reload` has gunicorn replace its workers.

        """;

    private static string Secrets(ServerApplication application, ServerPaths paths)
    {
        var open = application.Services.Where(service => service.Variables.Any(variable => variable.Value.Literal is null)).ToArray();
        var files = string.Join(", ", open.Select(service => $"`/{paths.SettingsFile(service.Name)}`"));
        return open.Length > 0
            ? $"Before the first `deploy.sh`, replace each `{ServerRenderer.Placeholder}` in {files}.\n"
            : "Settings of this server, such as `OTEL_EXPORTER_OTLP_ENDPOINT`, "
                + $"go into `/{paths.SettingsFolder}/`; `deploy.sh` without a folder applies them.\n";
    }

    private static string Proxy(ServerApplication application) => application.Proxy is not { } proxy
        ? string.Empty
        : string.Create(CultureInfo.InvariantCulture, $$"""

            ## nginx

            Debian's nginx allows 768 connections per worker. For 10,000 clients set `worker_connections {{proxy.Nginx.WorkerConnections}};`
            in the `events` block of `/etc/nginx/nginx.conf`, and restart nginx once. The units name the group of nginx's workers,
            `{{application.ProxyGroup}}`. The access log and its rotation are the distribution's.

            Several applications can share the server and its nginx: each has its own port, and its own names of units, files, upstreams
            and variables.
            {{Certificate(application, proxy)}}
            """);

    private static string Certificate(ServerApplication application, ServerProxy proxy)
    {
        if (proxy.Certificate is not { } files)
        {
            return string.Empty;
        }

        var names = proxy.Nginx.ServerNames is []
            ? "-d example.com" : string.Join(' ', proxy.Nginx.ServerNames.Select(static name => $"-d {name}"));
        var command = proxy.Nginx.AcmeFolder is { } folder
            ? $"\nGet it with `certbot certonly --webroot -w {folder} {names}`, and certbot renews it."
            : "";
        return $$"""

            The certificate is `{{files.Certificate}}`, its key `{{files.Key}}`. Until both are there, nginx has one that browsers
            refuse. A new one is loaded without a restart (`{{application.Paths.CertificateUnit("path")}}`).{{command}}

            """;
    }
}
