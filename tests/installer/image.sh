#!/usr/bin/env bash
# Builds the Dockerfile and runs its tests where there is no Docker engine: with Debian's buildah, on a bare Debian made
# here instead of the base that it names. As root; needs buildah and debootstrap. Usage: image.sh [test|installer]
set -euo pipefail
cd "$(dirname "$0")/../.."
wanted=${1:-test installer}
base=localhost/shopdesk-base
kept=build/bare-bookworm.tar

build=(buildah bud --isolation chroot --layers --build-arg BASE="$base")
# How this machine reaches its package registries holds for the build as well, and is in no layer.
for file in /etc/ssl/certs /etc/pip.conf /etc/resolv.conf; do
    [ ! -e "$file" ] || build+=(--volume "$file:$file:ro")
done
for name in SSL_CERT_FILE PIP_CERT; do
    [ -z "${!name:-}" ] || build+=(--env "$name=${!name}")
done

if ! buildah inspect --type image "$base" >/dev/null 2>&1; then
    tests/installer/bare_debian.sh build/bare-debian
    rm -rf --one-file-system build/bare-debian
    container=$(buildah from scratch)
    buildah add --quiet "$container" "$kept" /
    buildah config --env PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$container"
    buildah commit --quiet --rm "$container" "$base"
fi

for target in $wanted; do
    case $target in
        test)
            "${build[@]}" --target test -t shopdesk-test .
            container=$(buildah from shopdesk-test)
            status=0
            # What CMD says. A container is a network of its own: loopback is enough.
            buildah run --isolation chroot --user shop "$container" -- make test || status=$?
            buildah rm "$container" >/dev/null
            [ "$status" = 0 ]
            ;;
        installer)
            "${build[@]}" --target installer -t shopdesk-installer .
            container=$(buildah from shopdesk-installer)
            folder=$(buildah mount "$container")
            mkdir -p build/image
            cp -v "$folder"/*.deb build/image/
            buildah umount "$container" >/dev/null
            buildah rm "$container" >/dev/null
            ;;
    esac
done
