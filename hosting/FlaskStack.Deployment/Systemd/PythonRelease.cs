using System.Text;
using Aspire.Hosting.Gunicorn.Publishing;
using FlaskStack.Deployment.Model;

namespace FlaskStack.Deployment.Systemd;

/// <summary>The release of a Python application: its code, gunicorn's configuration, and the script that starts it.</summary>
internal static class PythonRelease
{
    /// <summary>The script that starts gunicorn.</summary>
    public const string Start = "start-gunicorn";

    public static IEnumerable<PublishedFile> Files(ServerService service, PythonService python)
    {
        var folder = ServerPaths.CodeFolder(service.Name);
        return python.Files.Select(file => PublishedFile.Of($"{folder}/{file.Path}", file.Content))
            .Append(PublishedFile.OfText($"{folder}/{Start}", StartScript(python), PublishedFile.Executable));
    }

    /// <summary>The part of <c>deploy.sh</c> that makes the virtual environment of a new release; empty without Python.</summary>
    public static string EnvironmentPart(IEnumerable<ServerService> services)
    {
        var text = new StringBuilder();
        foreach (var service in services)
        {
            if (service.Python is { } python)
            {
                text.Append(text.Length == 0 ? "case $service in\n" : "")
                    .Append($"    {service.Name}) packages='{python.Packages}' ;;\n");
            }
        }

        return text.Length == 0 ? "" : $$"""
            # What a Python application needs, in a virtual environment of the release; without a list of that, gunicorn is the system's.
            packages=
            {{text}}esac
            if [ -n "$packages" ] && [ -z "$dry_run" ] && [ ! -x "$release/.venv/bin/gunicorn" ]; then
                if [ -f "$release/requirements.txt" ]; then
                    say "installing requirements.txt into $release/.venv"
                    python3 -m venv "$release/.venv" &&
                        "$release/.venv/bin/python3" -m pip --quiet install -r "$release/requirements.txt" $packages ||
                        fail "requirements.txt cannot be installed (Debian: apt-get install python3-venv); $service runs as before."
                elif ! command -v gunicorn > /dev/null; then
                    fail "gunicorn is not installed (Debian: apt-get install gunicorn), and $service has no requirements.txt."
                fi
            fi


            """;
    }

    private static string StartScript(PythonService python) => $$"""
        #!/bin/sh
        # Runs gunicorn of the release's virtual environment, else that of the system.
        cd "$(dirname "$0")" || exit
        gunicorn=.venv/bin/gunicorn
        [ -x "$gunicorn" ] || gunicorn=gunicorn
        exec "$gunicorn" --config {{PublishedGunicorn.ConfigurationFile}} {{python.Application}}

        """;
}
