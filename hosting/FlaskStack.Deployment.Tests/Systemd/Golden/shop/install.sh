#!/bin/sh
# Installs or updates the units, the nginx site and the settings of shop.
set -eu

if [ "$(id -u)" != 0 ]; then
    echo "Run it as root." >&2
    exit 1
fi

cd "$(dirname "$0")"

for file in etc/systemd/system/shop.target etc/systemd/system/shop-api@.service etc/systemd/system/nginx.service.d/shop.conf etc/nginx/sites-available/shop.conf; do
    install -D -m 0644 "$file" "/$file"
done

# Keep the settings that exist on the server.
for file in etc/shop/api.env; do
    [ -e "/$file" ] || install -D -m 0600 "$file" "/$file"
done

systemctl daemon-reload
systemctl enable shop.target

# nginx is reloaded only if it accepts the configuration.
rm -rf /etc/nginx/shop
mkdir -p /etc/nginx/shop
cp -R etc/nginx/shop/. /etc/nginx/shop/
ln -sf ../sites-available/shop.conf /etc/nginx/sites-enabled/shop.conf
if ! nginx -t; then
    echo "nginx rejects the new configuration and still runs the old one: correct it, or remove /etc/nginx/sites-enabled/shop.conf." >&2
    exit 1
fi
systemctl reload-or-restart nginx.service
