using System.Globalization;
using System.Text;

namespace FlaskStack.Deployment.Systemd;

/// <summary>What to do with the files, for the person on the server.</summary>
internal static class ReadmeRenderer
{
    public static string Render(ServerApplication application)
    {
        var paths = application.Paths;
        var first = application.Services[0];
        return $$"""
            # {{application.Name}} on one server

            Written by {{application.AppHost}}. `etc/` holds the files as they lie on the server; `install.sh` puts them there.

            | file | what |
            |---|---|
            {{Files(application, paths)}}
            ## Install

            Needs systemd 250 or later{{(application.Proxy is null ? "" : ", and nginx (Debian: `apt-get install nginx`)")}}.

            ```sh
            {{Publish(application)}}
            sudo ./install.sh
            {{Deploy(application)}}
            ```

            {{Builds(application)}}
            {{Secrets(application, paths)}}
            ## Upgrade, and go back

            ```sh
            sudo ./deploy.sh {{first.Name}} publish/{{first.Name}}
            ```

            It copies the release to `/{{paths.ServiceFolder(first.Name)}}/releases/`, turns the link `current` to it, and restarts one replica after
            another: each drains, ends and starts while the others serve, and the next one goes only when it has said that it is
            ready (`Type=notify`). A release that does not start is taken back by itself. An older one is put back by naming its folder:
            `sudo ./deploy.sh {{first.Name}} /{{paths.ServiceFolder(first.Name)}}/releases/…`. With a single replica there is a gap.

            ## Watch

            ```sh
            systemctl list-units '{{application.Name}}*'
            journalctl -fu '{{application.Name}}-*'
            systemd-analyze security {{paths.UnitName(first.Name, 1)}}
            ```

            ## More or fewer replicas

            The number is the model's: publish with another one, run `install.sh` again, then `sudo systemctl start {{paths.TargetName}}`.
            Stop those that are too many by name.
            {{Proxy(application)}}
            ## Uninstall

            `sudo ./uninstall.sh`, and with `--purge` settings and releases go too.

            """;
    }

    private static string Files(ServerApplication application, ServerPaths paths)
    {
        var text = new StringBuilder().Append($"| `/{paths.TargetFile}` | starts and stops everything |\n");
        foreach (var service in application.Services)
        {
            text.Append(CultureInfo.InvariantCulture,
                $"| `/{paths.UnitFile(service.Name)}` | a replica of {service.Name}: `@1` to `@{service.Replicas}` |\n");
            text.Append($"| `/{paths.SettingsFile(service.Name)}` | its settings on this server, for root alone |\n");
        }

        if (application.Proxy is not null)
        {
            text.Append($"| `/{paths.SiteFile}` | the nginx site |\n")
                .Append($"| `/{paths.ProxyDropInFile}` | restarts nginx when it dies |\n");
        }

        return text.ToString();
    }

    private static string Publish(ServerApplication application) => string.Join('\n', application.Services.Select(service =>
        $"dotnet publish {service.Project} -c Release {(service.IsNative ? "" : "--self-contained ")}-o publish/{service.Name}"));

    private static string Deploy(ServerApplication application) =>
        string.Join('\n', application.Services.Select(service => $"sudo ./deploy.sh {service.Name} publish/{service.Name}"));

    private static string Builds(ServerApplication application) => application.Services.Any(service => service.IsNative)
        ? """
          A native build needs `clang` and `zlib1g-dev` where it is built, and a C library on the server that is no older than there; the
          server needs no .NET. It holds no code that is made at run time, which lets its unit forbid such code.

          """
        : "A self-contained release brings its own .NET; the server needs none.\n";

    private static string Secrets(ServerApplication application, ServerPaths paths)
    {
        var open = application.Services.Where(service => service.Variables.Any(variable => variable.Value.Literal is null)).ToArray();
        var files = string.Join(", ", open.Select(service => $"`/{paths.SettingsFile(service.Name)}`"));
        return open.Length > 0
            ? $"Before the first `deploy.sh`, fill in what says `{ServerRenderer.Placeholder}` in {files}.\n"
            : $"Settings of this server, such as `OTEL_EXPORTER_OTLP_ENDPOINT`, go into `/{paths.SettingsFolder}/`; a restart takes them over.\n";
    }

    private static string Proxy(ServerApplication application) => application.Proxy is not { } proxy
        ? string.Empty
        : string.Create(CultureInfo.InvariantCulture, $$"""

            ## nginx

            Debian's nginx holds 768 connections a worker. For 10,000 clients set `worker_connections {{proxy.Connections}};` in the `events` block of
            `/etc/nginx/nginx.conf`, and restart nginx once. The group of nginx's workers is `{{application.ProxyGroup}}`; the units name it.
            Its access log is the distribution's, and so is its rotation.

            """);
}
