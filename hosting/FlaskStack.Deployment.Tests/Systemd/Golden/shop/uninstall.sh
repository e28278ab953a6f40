#!/bin/sh
# Removes shop from this server. Settings and releases stay, unless it is called with --purge.
# With --dry-run it only says what it would do.
set -eu
PATH=$PATH:/usr/sbin:/sbin

usage() {
    echo "usage: uninstall.sh [--dry-run] [--purge]" >&2
    exit 2
}

# Output may fail when the terminal has gone; the work goes on.
say() {
    echo "$*" || true
}

fail() {
    echo "uninstall.sh: $*" >&2 || true
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

purge=
if [ "${1:-}" = --purge ]; then
    purge=yes
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

# Stop new requests first. nginx stays for its other sites.
run rm -f /etc/nginx/sites-enabled/shop.conf /etc/nginx/sites-available/shop.conf /etc/systemd/system/nginx.service.d/shop.conf
run rm -rf /etc/nginx/shop
if [ -d /etc/systemd/system/nginx.service.d ]; then
    run rmdir --ignore-fail-on-non-empty /etc/systemd/system/nginx.service.d
fi
run systemctl daemon-reload
if systemctl --quiet is-active nginx.service; then
    run systemctl reload nginx.service || say "nginx was not reloaded; the reason: nginx -t"
fi

run systemctl --quiet disable --now shop.target 2> /dev/null || true
run systemctl stop 'shop-api@*' || true
run rm -f /etc/systemd/system/shop-api@.service
run rm -f /etc/systemd/system/shop.target
run systemctl daemon-reload

if [ -n "$purge" ]; then
    run rm -rf /etc/shop /opt/shop
elif [ -e /etc/shop ] || [ -e /opt/shop ]; then
    say "settings and releases stay in /etc/shop and /opt/shop; uninstall.sh --purge deletes them."
fi
say "shop is uninstalled."
