#!/usr/bin/env bash
# A bare Debian in the folder named: what debootstrap makes, with this machine's package sources. The first one of each
# release is kept as build/bare-RELEASE.tar and unpacked from then on.
# Usage: bare_debian.sh FOLDER [RELEASE]    RELEASE is bookworm (Debian 12, the default) or trixie (13)
# MIRROR=… where packages come from, if this machine is no Debian itself.
set -euo pipefail
cd "$(dirname "$0")/../.."
root=${1:?folder}
release=${2:-bookworm}
kept=build/bare-$release.tar

if [ ! -f "$kept" ]; then
    sources=$(apt-get indextargets --format '$(CODENAME) $(SITE)' 'Created-By: Packages' 2>/dev/null || true)
    own=$(sed -n "s/^$release //p" <<<"$sources" | head -n 1)
    mirror=${MIRROR:-${own:-$(sed -n 's/^[a-z]* //p' <<<"$sources" | head -n 1)}}
    [ -n "$mirror" ] || { echo "This machine has no sources for Debian: name a mirror in MIRROR." >&2 && exit 1; }
    fresh=$(mktemp -d)
    trap 'rm -rf "$fresh"' EXIT
    echo "  debootstrap …"
    debootstrap --variant=minbase "$release" "$fresh/root" "$mirror" >"$fresh/log" 2>&1 || { tail "$fresh/log" && exit 1; }
    if [ -z "${MIRROR:-}" ]; then # how this machine reaches its sources, and with its own release the security updates
        [ -z "$own" ] || { rm -rf "$fresh"/root/etc/apt/sources.list* && cp -a /etc/apt/sources.list* "$fresh/root/etc/apt/"; }
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
