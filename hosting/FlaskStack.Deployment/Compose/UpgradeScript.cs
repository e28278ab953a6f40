using System.Globalization;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Nginx.Publishing;
using FlaskStack.Deployment.Model;

namespace FlaskStack.Deployment.Compose;

/// <summary>Renders the script that upgrades a running stack without an outage, which <c>docker compose up</c> alone does not.</summary>
internal static class UpgradeScript
{
    public static string Render(IReadOnlyList<IResource> resources)
    {
        var services = string.Concat(resources.OfType<ProjectResource>().Select(project =>
            string.Create(CultureInfo.InvariantCulture, $"upgrade {DeploymentTarget.NameOf(project)} {project.GetReplicaCount()}\n")));
        // nginx looks names up again after ten seconds.
        var pause = resources.Any(PublishedNginx.IsNginx) ? 12 : 1;
        return ShellScript.Head("upgrade.sh", "[--dry-run]",
        [
            "Upgrades the running stack to the images that are now on this machine, so that no request is lost: new replicas start beside",
            "the old ones, and the old ones end when the new ones are healthy. If these do not become healthy, they are removed again.",
            "With --dry-run it only says what it would do.",
        ]).Append(CultureInfo.InvariantCulture, $$"""
            [ $# = 0 ] || usage
            cd "$(dirname "$0")"

            # A lost connection does not end the work halfway.
            trap '' HUP

            # Replaces the replicas of a service: upgrade SERVICE NUMBER
            upgrade() {
                old=$(docker compose ps --quiet "$1")
                if [ -z "$old" ]; then
                    say "$1 is not running, and is started"
                    run docker compose up --detach --no-recreate --scale "$1=$2" --wait "$1"
                    return
                fi
                count=$(echo "$old" | wc -l)
                say "$1: starting $2 new beside $count old"
                if ! run docker compose up --detach --no-recreate --scale "$1=$((count + $2))" --wait "$1"; then
                    for container in $(docker compose ps --all --quiet "$1"); do
                        case $old in
                            *"$container"*) ;;
                            *)
                                docker logs --tail 10 "$container" >&2 || true
                                docker rm --force "$container" > /dev/null
                                ;;
                        esac
                    done
                    echo "$1: the new replicas do not become healthy and are removed; the old ones serve." >&2
                    echo "Correct the image before the next 'docker compose up', which would start it." >&2
                    exit 1
                fi
                # The proxy has to know the new ones before the old ones go.
                run sleep {{pause}}
                for container in $old; do
                    say "$1: ending $container"
                    run docker stop "$container"
                    run docker rm "$container"
                done
            }

            run docker compose build
            {{services}}# The rest is recreated if it has changed: nginx is away for a moment then.
            run docker compose up --detach --wait
            say "the stack is upgraded."

            """).ToString();
    }
}
