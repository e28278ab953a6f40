#!/bin/sh
# Deploys a release of a service of shop: its replicas restart one after another, so that no request is lost.
# FOLDER is the output of dotnet publish, or an older release to go back to. Without it the release in use is restarted.
# A release that does not start is taken back. With --dry-run it only says what it would do.
set -eu
PATH=$PATH:/usr/sbin:/sbin

usage() {
    echo "usage: deploy.sh [--dry-run] api [FOLDER]" >&2
    exit 2
}

# Output may fail when the terminal has gone; the work goes on.
say() {
    echo "$*" || true
}

fail() {
    echo "deploy.sh: $*" >&2 || true
    exit 1
}

# Runs a command; in a dry run only shows it.
run() {
    if [ -n "$dry_run" ]; then
        echo "would run: $*"
    else
        "$@"
    fi
}

dry_run=
if [ "${1:-}" = --dry-run ]; then
    dry_run=yes
    shift
fi

[ $# = 1 ] || [ $# = 2 ] || usage
service=$1
case $service in
    api) replicas=3 executable=Shop.api native=yes ;;
    *) usage ;;
esac

if [ -z "$dry_run" ]; then
    [ "$(id -u)" = 0 ] || fail "only root can do this: sudo $0"
    exec 9> /run/shop.lock
    flock -n 9 || fail "another script of shop is running: wait until it has ended."
    # A lost connection does not end the work halfway.
    trap '' HUP
fi

home=/opt/shop/$service
previous=$(readlink "$home/current" || true)
folder=${2:-$previous}
[ -n "$folder" ] || fail "$service has no release yet: name the folder into which dotnet publish wrote it."
[ -x "$folder/$executable" ] || fail "$folder has no executable $executable: publish the project into it first."
folder=$(cd "$folder" && pwd -P)

settings=/etc/shop/$service.env
if [ ! -e "$settings" ] || [ ! -e "/etc/systemd/system/shop-$service@.service" ]; then
    fail "the units and settings of $service are not there: run install.sh first."
fi
if grep -q '^[^#]*CHANGE-ME' "$settings"; then
    fail "$settings still contains CHANGE-ME: fill it in first."
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
    sleep 1
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

use "$release"
touched=
failed=
replica=1
while [ "$replica" -le "$replicas" ]; do
    unit=shop-$service@$replica.service
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
run systemctl start shop.target

# Keep the five newest releases, this one and the one before.
set -- "$home"/releases/*
while [ $# -gt 5 ]; do
    if [ "$1" != "$release" ] && [ "$1" != "$previous" ]; then
        run rm -rf "$1"
    fi
    shift
done
[ -n "$dry_run" ] || say "$service runs $release"
