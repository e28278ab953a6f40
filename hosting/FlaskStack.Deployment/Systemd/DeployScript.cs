using System.Globalization;
using FlaskStack.Deployment.Model;

namespace FlaskStack.Deployment.Systemd;

/// <summary>Renders the script that deploys a release, replica after replica, and takes it back when it does not start.</summary>
internal static class DeployScript
{
    /// <summary>Seconds in which workers of gunicorn import the application: gunicorn reports before that it is ready.</summary>
    private const int PythonPause = 5;

    public static string Render(ServerApplication application)
    {
        var paths = application.Paths;
        var cases = string.Concat(application.Services.Select(service => string.Create(
            CultureInfo.InvariantCulture,
            $"    {service.Name}) replicas={service.Replicas} executable={service.Executable} native={Flag(service.IsNative)} ;;\n")));
        var pause = (int)Math.Ceiling(
            (application.Proxy?.Nginx.FailTimeout ?? TimeSpan.Zero).TotalSeconds) + 1;
        var hasPython = application.Services.Any(static service => service.Python is not null);
        if (hasPython)
        {
            pause = Math.Max(pause, PythonPause);
        }

        var (maker, advice) = hasPython
            ? ("dotnet publish, or for Python the AppHost,", "name another one")
            : ("dotnet publish", "publish the project into it first");
        var names = string.Join('|', application.Services.Select(static service => service.Name));
        return ShellScript.Head("deploy.sh", $"[--dry-run] {names} [FOLDER]",
        [
            $"Deploys a release of a service of {application.Name}: its replicas restart one after another, so that no request is lost.",
            "FOLDER is the output of dotnet publish, or an older release to go back to. Without it the release in use is restarted.",
            .. hasPython ? ["The code of a Python application is below the folder code."] : Array.Empty<string>(),
            "A release that does not start is taken back. With --dry-run it only says what it would do.",
        ]).Append(CultureInfo.InvariantCulture, $$"""
            [ $# = 1 ] || [ $# = 2 ] || usage
            service=$1
            case $service in
            {{cases}}    *) usage ;;
            esac


            """).Append(ScriptParts.RootAlone(application)).Append(CultureInfo.InvariantCulture, $$"""
            home=/{{paths.HomeFolder}}/$service
            previous=$(readlink "$home/current" || true)
            folder=${2:-$previous}
            [ -n "$folder" ] || fail "$service has no release yet: name the folder into which {{maker}} wrote it."
            [ -x "$folder/$executable" ] || fail "$folder has no executable $executable: {{advice}}."
            folder=$(cd "$folder" && pwd -P)

            settings=/{{paths.SettingsFolder}}/$service.env
            if [ ! -e "$settings" ] || [ ! -e "/etc/systemd/system/{{application.Name}}-$service@.service" ]; then
                fail "the units and settings of $service are not there: run install.sh first."
            fi
            if grep -q '^[^#]*{{ServerRenderer.Placeholder}}' "$settings"; then
                fail "$settings still contains {{ServerRenderer.Placeholder}}: fill it in first."
            fi

            # The link changes in one step, and running replicas keep the files they have.
            use() {
                run ln -sfn "$1" "$home/next"
                run mv -T "$home/next" "$home/current"
            }

            restarts_of() {
                systemctl show --property=NRestarts --value "$1"
            }

            # Restarts a replica and lets it run for a moment: it is ready when systemctl returns, and may end right after that.
            restart() {
                say "restarting $1"
                run systemctl restart "$1" || return 1
                [ -z "$dry_run" ] || return 0
                restarts=$(restarts_of "$1")
                sleep {{pause}}
                systemctl --quiet is-active "$1" && [ "$(restarts_of "$1")" = "$restarts" ]
            }

            # A copy that was interrupted is no release.
            copied=
            discard() {
                if [ -n "$copied" ]; then
                    rm -rf "$release"
                fi
            }
            trap discard EXIT
            trap 'say "interrupted: run deploy.sh again, because replicas may run different releases."; exit 1' INT TERM

            case $folder in
                "$home"/releases/*) release=$folder ;;
                *)
                    release=$home/releases/$(date -u +%Y%m%dT%H%M%SZ)
                    while [ -e "$release" ]; do
                        sleep 1
                        release=$home/releases/$(date -u +%Y%m%dT%H%M%SZ)
                    done
                    say "copying $folder to $release"
                    if [ -z "$dry_run" ]; then
                        copied=yes
                        mkdir -p "$release"
                        cp -R "$folder/." "$release/"
                        if [ -n "$native" ]; then
                            # Symbols and documentation: a native executable does not read them.
                            rm -f "$release"/*.dbg "$release"/*.pdb
                            for file in "$release"/*.xml; do
                                if head -n 2 "$file" 2> /dev/null | grep -q '^<doc>'; then
                                    rm "$file"
                                fi
                            done
                        fi
                        chmod -R u=rwX,go=rX "$release"
                    fi
                    ;;
            esac

            {{PythonRelease.EnvironmentPart(application.Services)}}use "$release"
            touched=
            failed=
            replica=1
            while [ "$replica" -le "$replicas" ]; do
                unit={{application.Name}}-$service@$replica.service
                touched="$unit $touched"
                if ! restart "$unit"; then
                    failed=$unit
                    break
                fi
                replica=$((replica + 1))
            done

            if [ -n "$failed" ]; then
                journalctl --no-pager --lines=10 --unit="$failed" >&2 || true
                say "$failed does not start; more: journalctl -u $failed"
                if [ "$previous" = "$release" ]; then
                    fail "$release is also the release before, so there is none to go back to."
                elif [ -z "$previous" ]; then
                    rm -f "$home/current"
                    systemctl stop "${failed%.service}.*" || true
                    fail "$service has no release before this one, and is stopped."
                fi
                say "going back to $previous"
                use "$previous"
                for unit in $touched; do
                    restart "$unit" || say "$unit does not start with $previous either; see: journalctl -u $unit"
                done
                fail "$service runs $previous again."
            fi

            copied=
            run systemctl start {{paths.TargetName}}

            # Keep the five newest releases, this one and the one before.
            set -- "$home"/releases/*
            while [ $# -gt 5 ]; do
                if [ "$1" != "$release" ] && [ "$1" != "$previous" ]; then
                    run rm -rf "$1"
                fi
                shift
            done
            [ -n "$dry_run" ] || say "$service runs $release"

            """).ToString();
    }

    private static string Flag(bool value) => value ? "yes" : "";
}
