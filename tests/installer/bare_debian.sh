#!/usr/bin/env bash
# A bare Debian 12 in the folder named: what debootstrap makes, with this machine's package sources. The first one is
# kept as build/bare-debian.tar and unpacked from then on. Usage: bare_debian.sh FOLDER
# MIRROR=… where packages come from, if this machine is no Debian 12 itself.
set -euo pipefail
cd "$(dirname "$0")/../.."
root=${1:?folder}
kept=build/bare-debian.tar

if [ ! -f "$kept" ]; then
    mirror=${MIRROR:-$(apt-get indextargets --format '$(CODENAME) $(SITE)' 'Created-By: Packages' | sed -n 's/^bookworm //p' | head -n 1)}
    [ -n "$mirror" ] || { echo "This machine has no sources for Debian 12: name a mirror in MIRROR." >&2 && exit 1; }
    fresh=$(mktemp -d)
    trap 'rm -rf "$fresh"' EXIT
    echo "  debootstrap …"
    debootstrap --variant=minbase bookworm "$fresh/root" "$mirror" >"$fresh/log" 2>&1 || { tail "$fresh/log" && exit 1; }
    if [ -z "${MIRROR:-}" ]; then # the machine's own sources, with the security updates
        rm -rf "$fresh"/root/etc/apt/sources.list*
        cp -a /etc/apt/sources.list* "$fresh/root/etc/apt/"
        cp -a /usr/share/keyrings/. "$fresh/root/usr/share/keyrings/"
        cp -a /etc/apt/apt.conf.d/. "$fresh/root/etc/apt/apt.conf.d/"
        rm -f "$fresh"/root/etc/apt/apt.conf.d/{20packagekit,50appstream}
        find "$fresh/root/etc/apt/apt.conf.d" -type l -delete
    fi
    cp /etc/resolv.conf "$fresh/root/etc/"
    mkdir -p build
    tar -C "$fresh/root" --one-file-system -cf "$kept.new" .
    mv "$kept.new" "$kept"
fi
rm -rf --one-file-system "$root"
mkdir -p "$root"
tar -C "$root" -xf "$kept"
