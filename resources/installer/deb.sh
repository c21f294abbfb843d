#!/usr/bin/env bash
# The .deb from the folder that PyInstaller made. Needs dpkg-dev, and the libraries it is to depend on (prepare.sh and
# the Dockerfile have them). Usage: deb.sh [BUNDLE [TARGET]]    VERSION=… overrides the program's own.
set -euo pipefail
cd "$(dirname "$0")/../.."

bundle=${1:-build/bundle/shopdesk}
target=${2:-dist}
version=${VERSION:-$(sed -n 's/^__version__ = "\(.*\)"$/\1/p' src/shopdesk/__init__.py)}
python=${PYTHON:-.venv/bin/python}
linux=resources/installer/linux
when=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || stat -c %Y "$bundle/shopdesk")}
day=$(LC_ALL=C date -u -d "@$when" +%Y-%m-%d)
export SOURCE_DATE_EPOCH=$when

root=build/deb/root
rm -rf build/deb
umask 022
mkdir -p "$root"/DEBIAN "$root"/usr/{bin,lib} "$root"/usr/share/{applications,metainfo,man/man1,doc/shopdesk} \
    "$root"/usr/share/icons/hicolor/scalable/apps "$target"

# --- files ----------------------------------------------------------------------------------------------------------

cp -a "$bundle" "$root/usr/lib/shopdesk"
find "$root/usr/lib/shopdesk" -type f -exec chmod 644 {} +
chmod 755 "$root/usr/lib/shopdesk/shopdesk"
ln -s ../lib/shopdesk/shopdesk "$root/usr/bin/shopdesk"

filled() { sed -e "s/@VERSION@/$version/g" -e "s/@DATE@/$day/g" "$linux/$1"; }
cp "$linux/shopdesk.desktop" "$root/usr/share/applications/"
filled shopdesk.metainfo.xml >"$root/usr/share/metainfo/shopdesk.metainfo.xml"
filled shopdesk.1 | gzip -9n >"$root/usr/share/man/man1/shopdesk.1.gz"
{ cat "$linux/copyright" && sed -n '/^Permission/,$ { s/^$/./; s/^/ /; p }' LICENSE; } >"$root/usr/share/doc/shopdesk/copyright"
printf 'shopdesk (%s) stable; urgency=medium\n\n  * Release %s.\n\n -- shopdesk contributors <>  %s\n' \
    "$version" "$version" "$(LC_ALL=C date -u -R -d "@$when")" | gzip -9n >"$root/usr/share/doc/shopdesk/changelog.gz"

"$python" resources/icons/draw.py build/deb/icons
cp resources/icons/shopdesk.svg "$root/usr/share/icons/hicolor/scalable/apps/"
for picture in build/deb/icons/shopdesk-*.png; do
    size=${picture##*-} size=${size%.png}
    install -D -m 644 "$picture" "$root/usr/share/icons/hicolor/${size}x$size/apps/shopdesk.png"
done

# --- what it stands on ----------------------------------------------------------------------------------------------

# dpkg-shlibdeps wants a source package around it; of the libraries of the system it knows package and version.
mkdir -p build/deb/source/debian
printf 'Source: shopdesk\nMaintainer: shopdesk contributors\n\nPackage: shopdesk\nArchitecture: any\n' \
    >build/deb/source/debian/control
mapfile -t own < <(find "$PWD/$root/usr/lib/shopdesk" -name '*.so*' -printf '-l%h\n' | sort -u)
mapfile -t binaries < <(find "$PWD/$root/usr/lib/shopdesk" -type f \( -name '*.so*' -o -path '*/shopdesk/shopdesk' \))
libraries=$(cd build/deb/source && dpkg-shlibdeps -O -xshopdesk "${own[@]}" "${binaries[@]}" \
    2>../shlibdeps.log | sed -n 's/^shlibs:Depends=//p') || { cat build/deb/shlibdeps.log >&2 && exit 1; }

# --- the package ----------------------------------------------------------------------------------------------------

install -m 755 "$linux/closed" "$root/DEBIAN/preinst"
install -m 755 "$linux/closed" "$root/DEBIAN/prerm"
install -m 755 "$linux/postrm" "$root/DEBIAN/postrm"
(cd "$root" && find usr -type f -print0 | LC_ALL=C sort -z | xargs -0 md5sum) >"$root/DEBIAN/md5sums"
architecture=$(dpkg --print-architecture)
cat >"$root/DEBIAN/control" <<END
Package: shopdesk
Version: $version
Architecture: $architecture
Maintainer: shopdesk contributors
Installed-Size: $(du -sk "$root/usr" | cut -f1)
Depends: $libraries, fontconfig-config, xkb-data
Recommends: gnome-keyring | kwalletmanager | keepassxc, xdg-utils
Suggests: cups, libusb-1.0-0, postgresql-client
Section: misc
Priority: optional
Description: shop counter on one screen
 shopdesk writes invoices and receipts, takes what is paid, prints them and
 sends them to the customer. It keeps a shop in one file, or on a PostgreSQL
 server for several tills.
END
find "$root" -newermt "@$when" -exec touch --no-dereference --date="@$when" {} +
package=$target/shopdesk_${version}_$architecture.deb
dpkg-deb --root-owner-group -Z"${COMPRESSION:-xz}" --build "$root" "$package" >/dev/null
rm -rf build/deb/root
echo "$package: $(du -m "$package" | cut -f1) MB; $(sed -n 's/^Depends: //p' <(dpkg-deb -f "$package"))"
