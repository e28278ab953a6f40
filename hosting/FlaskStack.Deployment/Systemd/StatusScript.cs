using System.Globalization;
using Aspire.Hosting.Nginx.Publishing;
using FlaskStack.Deployment.Model;

namespace FlaskStack.Deployment.Systemd;

/// <summary>Renders the script that shows how an application does, and whose exit code says whether all of it is well.</summary>
internal static class StatusScript
{
    public static string Render(ServerApplication application)
    {
        var paths = application.Paths;
        var script = ShellScript.Head("status.sh", "",
        [
            $"Shows the replicas of {application.Name}{(application.Proxy is null ? "" : " and nginx")}. It changes nothing.",
            "The exit code is 0 if all is well, 1 if something is not.",
        ], changes: false).Append(CultureInfo.InvariantCulture, $$"""
            [ $# = 0 ] || usage

            property() {
                systemctl show --property="$1" --value "$2"
            }

            well=yes
            bad() {
                well=
                echo "  !! $*"
            }

            # Shows the replicas of a service: replicas SERVICE NUMBER
            replicas() {
                current=$(readlink "/{{paths.HomeFolder}}/$1/current" || true)
                echo "$1: ${current:-no release, run deploy.sh}"
                replica=1
                while [ "$replica" -le "$2" ]; do
                    unit={{application.Name}}-$1@$replica.service
                    state=$(property ActiveState "$unit")
                    memory=$(property MemoryCurrent "$unit")
                    case $memory in
                        "" | *[!0-9]*) memory= ;;
                        *) memory=", $((memory / 1048576)) MiB" ;;
                    esac
                    echo "  $unit: $state since $(property StateChangeTimestamp "$unit"), $(property NRestarts "$unit") restarts$memory"
                    [ "$state" = active ] || bad "it does not serve; the reason: journalctl -u $unit"
                    release=$(readlink "/proc/$(property MainPID "$unit")/cwd" 2> /dev/null || true)
                    if [ -n "$release" ] && [ "$release" != "$current" ]; then
                        bad "it runs $release: deploy.sh $1 restarts it"
                    fi
                    replica=$((replica + 1))
                done
            }


            """);
        foreach (var service in application.Services)
        {
            script.Append(CultureInfo.InvariantCulture, $"replicas {service.Name} {service.Replicas}\n");
        }

        if (application.Proxy is { } proxy)
        {
            script.Append(CultureInfo.InvariantCulture, $$"""

                state=$(property ActiveState nginx.service)
                echo "nginx: $state since $(property StateChangeTimestamp nginx.service), $(property NRestarts nginx.service) restarts"
                [ "$state" = active ] || bad "it does not serve; the reason: journalctl -u nginx"
                [ -e /{{paths.EnabledSiteFile}} ] || bad "it has no site of {{application.Name}}: run install.sh"
                if [ "$state" = active ] && command -v curl > /dev/null; then
                    address=http://127.0.0.1:{{proxy.Port}}{{PublishedNginx.HealthPath}}
                    curl --fail --silent --output /dev/null --max-time 5 "$address" || bad "it does not answer at $address"
                fi

                """);
        }

        return script.Append("\n[ -n \"$well\" ]\n").ToString();
    }
}
