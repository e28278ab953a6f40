#!/bin/sh
# Removes shop from this server. Settings and releases stay, unless it is called with --purge.
set -eu

if [ "$(id -u)" != 0 ]; then
    echo "Run it as root." >&2
    exit 1
fi

# Stop new requests first.
rm -f /etc/nginx/sites-enabled/shop.conf /etc/nginx/sites-available/shop.conf /etc/systemd/system/nginx.service.d/shop.conf
rm -rf /etc/nginx/shop
systemctl daemon-reload
systemctl reload nginx.service || true

systemctl disable --now shop.target || true
systemctl stop 'shop-api@*.service' || true
rm -f /etc/systemd/system/shop-api@.service
rm -f /etc/systemd/system/shop.target
systemctl daemon-reload

if [ "${1:-}" = --purge ]; then
    rm -rf /etc/shop /opt/shop
fi
