#!/bin/sh
# Deploys a release of a service: deploy.sh SERVICE FOLDER, where FOLDER is the output of dotnet publish.
# The replicas are restarted one after another, each when the one before serves, so that no request is lost.
set -eu

usage() {
    echo "usage: $0 SERVICE FOLDER (services: api)" >&2
    exit 2
}

[ $# = 2 ] || usage
service=$1
folder=$2
case $service in
    api) replicas=3 executable=Shop.api ;;
    *) usage ;;
esac

if [ "$(id -u)" != 0 ]; then
    echo "Run it as root." >&2
    exit 1
fi

if [ ! -x "$folder/$executable" ]; then
    echo "$folder has no executable $executable: publish the project into it first." >&2
    exit 1
fi

settings=/etc/shop/$service.env
if grep -q '^[^#]*CHANGE-ME' "$settings"; then
    echo "$settings still contains CHANGE-ME: fill it in first." >&2
    exit 1
fi

home=/opt/shop/$service
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
        unit=shop-$service@$replica.service
        # Restarts by hand do not count as crashes.
        systemctl reset-failed "$unit" 2>/dev/null || true
        echo "restarting $unit"
        systemctl restart "$unit" || return 1
        replica=$((replica + 1))
        # Wait until nginx no longer counts the replica as failed.
        [ "$replica" -gt "$replicas" ] || sleep 1
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

systemctl start shop.target

# Keep the five newest releases, and the previous one whatever its age.
ls -1d "$home"/releases/* | sort -r | tail -n +6 | while read -r old; do
    [ "$old" = "$previous" ] || rm -rf "$old"
done
echo "$service runs $release"
