using System.Globalization;

namespace FlaskStack.Deployment.Systemd;

/// <summary>The script that puts a release into use, replica after replica, and takes it back when it does not start.</summary>
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
            # Puts a release of a service into use: deploy.sh SERVICE FOLDER, where FOLDER is what dotnet publish wrote.
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
                echo "$settings still has {{ServerRenderer.Placeholder}} in it: fill it in first." >&2
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
                    # By then nginx no longer takes it for down.
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

            # The five newest releases stay; the one before is kept whatever its age.
            ls -1d "$home"/releases/* | sort -r | tail -n +6 | while read -r old; do
                [ "$old" = "$previous" ] || rm -rf "$old"
            done
            echo "$service runs $release"

            """);
    }
}
