#!/bin/sh
# Shows the replicas of shop and nginx. It changes nothing.
# The exit code is 0 if all is well, 1 if something is not.
set -eu
PATH=$PATH:/usr/sbin:/sbin

usage() {
    echo "usage: status.sh " >&2
    exit 2
}

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
    current=$(readlink "/opt/shop/$1/current" || true)
    echo "$1: ${current:-no release, run deploy.sh}"
    replica=1
    while [ "$replica" -le "$2" ]; do
        unit=shop-$1@$replica.service
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

replicas api 3

state=$(property ActiveState nginx.service)
echo "nginx: $state since $(property StateChangeTimestamp nginx.service), $(property NRestarts nginx.service) restarts"
[ "$state" = active ] || bad "it does not serve; the reason: journalctl -u nginx"
[ -e /etc/nginx/sites-enabled/shop.conf ] || bad "it has no site of shop: run install.sh"
if [ "$state" = active ] && command -v curl > /dev/null; then
    address=http://127.0.0.1:8080/-/nginx/health
    curl --fail --silent --output /dev/null --max-time 5 "$address" || bad "it does not answer at $address"
fi

[ -n "$well" ]
