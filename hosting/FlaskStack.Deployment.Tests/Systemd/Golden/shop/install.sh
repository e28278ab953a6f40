#!/bin/sh
# Installs or updates shop on this server: units, the nginx site and settings. Run it again after publishing again.
# It copies what differs, and keeps the settings of this server. With --dry-run it only says what it would do.
set -eu
PATH=$PATH:/usr/sbin:/sbin

usage() {
    echo "usage: install.sh [--dry-run]" >&2
    exit 2
}

# Output may fail when the terminal has gone; the work goes on.
say() {
    echo "$*" || true
}

fail() {
    echo "install.sh: $*" >&2 || true
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

[ $# = 0 ] || usage
if [ -z "$dry_run" ]; then
    [ "$(id -u)" = 0 ] || fail "only root can do this: sudo $0"
    exec 9> /run/shop.lock
    flock -n 9 || fail "another script of shop is running: wait until it has ended."
    # A lost connection does not end the work halfway.
    trap '' HUP
fi

cd "$(dirname "$0")"

version=$(systemctl --version | sed -n 's/^systemd \([0-9]*\).*/\1/p')
if [ "${version:-0}" -lt 250 ]; then
    fail "systemd is ${version:-not there}, and 250 or later is needed."
fi
command -v nginx > /dev/null || fail "nginx is not installed (Debian: apt-get install nginx)."
if [ ! -d /etc/nginx/sites-enabled ]; then
    say "create /etc/nginx/sites-enabled, and add to the http block of nginx.conf: include /etc/nginx/sites-enabled/*;"
    fail "this nginx reads no /etc/nginx/sites-enabled."
fi
if ! getent group www-data > /dev/null; then
    fail "there is no group www-data: install nginx, or set ProxyGroup in the AppHost."
fi

changed=
# Copies the files that differ.
copy() {
    for file in "$@"; do
        if ! cmp -s "$file" "/$file"; then
            say "writing /$file"
            run install -D -m 0644 "$file" "/$file"
            changed="$changed $file"
        fi
    done
}

copy etc/systemd/system/shop.target \
    etc/systemd/system/shop-api@.service \
    etc/systemd/system/nginx.service.d/shop.conf

# Settings that are on the server stay; new ones are added.
settings() {
    if [ ! -e "/$1" ]; then
        say "writing /$1"
        run install -D -m 0600 "$1" "/$1"
        return
    fi
    grep '^[A-Za-z_][A-Za-z0-9_]*=' "$1" | while IFS= read -r line; do
        if ! grep -q "^${line%%=*}=" "/$1"; then
            say "adding ${line%%=*} to /$1"
            [ -n "$dry_run" ] || printf '\n%s\n' "$line" >> "/$1"
        fi
    done
}

settings etc/shop/api.env

if [ -n "$changed" ]; then
    run systemctl daemon-reload
fi
run systemctl --quiet enable shop.target

# The old site is kept until nginx accepts the new one: an nginx that crashes must find a configuration that it can start with.
site="etc/nginx/sites-available/shop.conf etc/nginx/sites-enabled/shop.conf etc/nginx/shop"
old=$(mktemp -d)
trap 'rm -rf "$old"' EXIT
take_back() {
    for path in $site; do
        rm -rf "/${path:?}"
        if [ -e "$old/$path" ] || [ -L "$old/$path" ]; then
            cp -a "$old/$path" "/$path"
        fi
    done
}

reload=
if ! cmp -s etc/nginx/sites-available/shop.conf /etc/nginx/sites-available/shop.conf || [ ! -e /etc/nginx/sites-enabled/shop.conf ] || ! diff -rq etc/nginx/shop /etc/nginx/shop > /dev/null; then
    for path in $site; do
        if [ -e "/$path" ] || [ -L "/$path" ]; then
            mkdir -p "$old/$(dirname "$path")"
            cp -a "/$path" "$old/$path"
        fi
    done
    say "writing /etc/nginx/sites-available/shop.conf"
    run install -D -m 0644 etc/nginx/sites-available/shop.conf /etc/nginx/sites-available/shop.conf
    run rm -rf /etc/nginx/shop
    run cp -R etc/nginx/shop /etc/nginx/shop
    run ln -sfn ../sites-available/shop.conf /etc/nginx/sites-enabled/shop.conf
    if [ -z "$dry_run" ] && ! output=$(nginx -t 2>&1); then
        take_back
        echo "$output" >&2
        say "A 'duplicate default server' is another site on its port, such as Debian's own: /etc/nginx/sites-enabled/default"
        fail "nginx rejects the new site, so the old one stays in use."
    fi
    reload=yes
fi

# A reload does not apply a new drop-in: an nginx that was started before it is restarted. The times are whole seconds, so one
# that this run has written counts by itself.
outdated=
case $changed in
    *etc/systemd/system/nginx.service.d/shop.conf*) outdated=yes ;;
esac
started=$(date --date="$(systemctl show --property=ActiveEnterTimestamp --value nginx.service)" +%s 2> /dev/null || echo 0)
if [ "$started" -lt "$(stat --format=%Y /etc/systemd/system/nginx.service.d/shop.conf 2> /dev/null || date +%s)" ]; then
    outdated=yes
fi
if ! systemctl --quiet is-active nginx.service; then
    run systemctl restart nginx.service
elif [ -n "$outdated" ]; then
    say "restarting nginx, which was started before its new limits"
    run systemctl restart nginx.service
elif [ -n "$reload" ]; then
    run systemctl reload nginx.service
fi

units='shop-api@*.service'
for unit in $(systemctl list-units --all --plain --no-legend "$units" | cut -d ' ' -f 1); do
    number=${unit##*@}
    if [ "${number%.service}" -gt 3 ]; then
        run systemctl stop "${unit%.service}.*"
    fi
done

# Starts a service that has a release.
start() {
    if [ ! -e "/opt/shop/$1/current" ]; then
        say "next: deploy.sh $1 FOLDER"
        return
    fi
    run systemctl start shop.target
    case $changed in
        *"shop-$1@.service"*) say "its unit has changed: deploy.sh $1 restarts its replicas one after another." ;;
    esac
}

start api
say "shop is installed."
