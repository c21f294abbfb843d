#!/usr/bin/env bash
# The installer for Windows, compiled from a stand-in for the program: proves the script. With --wine it is run as well,
# by Wine in a bare Debian: installed for one user and for everybody, upgraded, uninstalled. No Windows has seen it here.
# Needs makensis (Debian: nsis); with --wine also root and debootstrap. Usage: windows.sh [--wine]
set -euo pipefail
[ -n "${IN_A_NAMESPACE:-}" ] || [ -z "${1:-}" ] || exec env IN_A_NAMESPACE=1 unshare --mount --propagation private "$0" "$@"
cd "$(dirname "$0")/../.."
out=$PWD/build/installer-test-windows
root=$out/root
rm -rf --one-file-system "$out"
mkdir -p "$out/payload/_internal"

. tests/installer/checks.sh

# --- compile --------------------------------------------------------------------------------------------------------

QT_QPA_PLATFORM=offscreen .venv/bin/python resources/icons/draw.py "$out/icons"
compile() { # a version, and the files that it consists of
    local version=$1 file
    shift
    rm -rf "$out/payload"
    for file in shopdesk.exe shopdesk-cli.exe "$@"; do
        mkdir -p "$(dirname "$out/payload/$file")"
        echo "stands in for $file of $version" >"$out/payload/$file"
    done
    makensis -WX -V2 -DVERSION="$version" -DPAYLOAD="$out/payload" -DICON="$out/icons/shopdesk.ico" \
        -DTARGET="$out/shopdesk-$version-setup.exe" resources/installer/shopdesk.nsi
}
check "makensis compiles it without a warning" compile 1.0.0 _internal/gone.dll _internal/resources/words.txt
check "and the version after" compile 1.1.0 _internal/new.dll _internal/licences/LICENSE

# --- run ------------------------------------------------------------------------------------------------------------

if [ "${1:-}" = --wine ]; then
    tests/installer/bare_debian.sh "$root"
    mount -t proc proc "$root/proc"
    mount --rbind /dev "$root/dev"
    trap 'umount --lazy "$root/proc" "$root/dev"' EXIT
    chroot "$root" sh -ec 'dpkg --add-architecture i386
        for turn in 1 2 3; do apt-get update -q && break; sleep 10; done
        DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends wine wine32 wine64
        useradd --create-home till' >"$out/wine.log" 2>&1 || { tail "$out/wine.log" && exit 1; }
    cp "$out"/*-setup.exe "$root/home/till/"
    wine() {
        chroot --userspec=till:till "$root" env -i -C /home/till HOME=/home/till USER=till PATH=/usr/bin:/bin \
            LANG=C.UTF-8 WINEDEBUG=-all "$@"
    }
    check "Wine is ready" wine wineboot --init
    user=$root/home/till/.wine/drive_c/users/till
    mkdir -p "$user/AppData/Local/shopdesk"
    echo "a shop" >"$user/AppData/Local/shopdesk/shopdesk.db"
    key='Software\Microsoft\Windows\CurrentVersion\Uninstall\shopdesk'
    for mode in CurrentUser AllUsers; do
        case $mode in
            CurrentUser) folder=$user/AppData/Local/Programs/shopdesk hive=HKCU menu=$user/AppData/Roaming ;;
            AllUsers) folder="$root/home/till/.wine/drive_c/Program Files/shopdesk" hive=HKLM menu=$root/home/till/.wine/drive_c/ProgramData ;;
        esac
        says() { wine wine reg query "$hive\\$key" /v "$1" /reg:64 | grep -F "$2"; }
        check "$mode: it installs" wine wine shopdesk-1.0.0-setup.exe "/$mode" /S
        check "$mode: its files are where they belong" test -f "$folder/_internal/gone.dll"
        check "$mode: the start menu has it" grep -q . "$menu/Microsoft/Windows/Start Menu/Programs/shopdesk.lnk"
        check "$mode: Windows lists it" says DisplayVersion 1.0.0
        echo "somebody's own" >"$folder/note.txt"
        check "$mode: the next version installs over it" wine wine shopdesk-1.1.0-setup.exe "/$mode" /S
        check "$mode: what is new is there" grep -q 1.1.0 "$folder/_internal/new.dll"
        check "$mode: a file without a dot is there too" grep -q 1.1.0 "$folder/_internal/licences/LICENSE"
        check "$mode: what is gone is not" is_not test -e "$folder/_internal/gone.dll"
        check "$mode: Windows lists the next version" says DisplayVersion 1.1.0
        uninstall() { wine wine "${folder#"$root"}/uninstall.exe" "/$mode" /S && wine wineserver --wait; }
        check "$mode: it uninstalls" uninstall
        check "$mode: the program is gone" is_not test -e "$folder/shopdesk.exe" -o -e "$folder/_internal"
        check "$mode: what somebody put beside it is not" test -f "$folder/note.txt"
        check "$mode: the start menu has it no more" is_not test -e "$menu/Microsoft/Windows/Start Menu/Programs/shopdesk.lnk"
        check "$mode: Windows lists it no more" is_not says DisplayVersion 1
        check "$mode: the shop's data is still there" grep -q "a shop" "$user/AppData/Local/shopdesk/shopdesk.db"
    done
    check "it installs where /D= says" wine wine shopdesk-1.1.0-setup.exe /CurrentUser /S '/D=C:\till'
    check "and its files are there" test -f "$root/home/till/.wine/drive_c/till/shopdesk.exe"
    wine wineserver --kill || true
fi

all_checked
