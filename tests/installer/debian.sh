#!/usr/bin/env bash
# The .deb in a bare Debian: installed with apt, started, driven, upgraded and removed, as a shopkeeper would.
# As root; needs debootstrap, Xvfb, openbox, xdotool and a PostgreSQL on this machine.
# Usage: debian.sh [PACKAGE [BEFORE]]    BEFORE is the package of an older version; without it this one plays its part.
# RELEASE=trixie takes Debian 13 instead of 12. Pictures, PDFs and logs are left in build/installer-test.
set -euo pipefail
[ -n "${IN_A_NAMESPACE:-}" ] || exec env IN_A_NAMESPACE=1 unshare --mount --propagation private "$0" "$@"
cd "$(dirname "$0")/../.."

package=${1:-$(ls -t dist/shopdesk_*.deb | head -n 1)}
older=${2:-}
version=$(dpkg-deb -f "$package" Version)
out=$PWD/build/installer-test
root=$out/root
here=$PWD/tests/installer
rm -rf --one-file-system "$out"
mkdir -p "$out"

# --- how it tells ---------------------------------------------------------------------------------------------------

. "$here/checks.sh"

ended=() cluster=
cleanup() {
    local pid
    for pid in "${ended[@]}"; do kill "$pid" 2>/dev/null || true; done
    wait 2>/dev/null || true
    rm -rf "${cluster:-}"
    umount --lazy "$root"/{proc,dev,tmp/.X11-unix} 2>/dev/null || true
}
trap cleanup EXIT

# --- the machine ----------------------------------------------------------------------------------------------------

"$here/bare_debian.sh" "$root" "${RELEASE:-bookworm}"
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
mkdir -p "$root/tmp/.X11-unix" "$out/screen"

# The screen is the host's: nothing that an X server brings along may stand in for what the package forgot.
exec 3>"$out/display"
Xvfb -displayfd 3 -screen 0 1400x900x24 -fbdir "$out/screen" -ac -nolisten tcp -noreset >"$out/xvfb.log" 2>&1 &
ended+=($!)
until [ -s "$out/display" ]; do sleep 0.1; done
DISPLAY=:$(cat "$out/display")
export DISPLAY
openbox >"$out/openbox.log" 2>&1 &
ended+=($!)
mount --bind /tmp/.X11-unix "$root/tmp/.X11-unix"

as_root() { chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive "$@"; }
as_till() { # a normal user with a session on the screen, and what NAME=VALUE words come first
    chroot --userspec=till:till "$root" env -i -C /home/till HOME=/home/till USER=till PATH=/usr/bin:/bin LANG=C.UTF-8 \
        DISPLAY="$DISPLAY" XDG_RUNTIME_DIR=/run/user/1000 "$@"
}
install() { as_root apt-get install -q -y --no-install-recommends "$@"; }

cp "$package" "$root/root/this.deb"
if [ -n "$older" ]; then
    cp "$older" "$root/root/before.deb"
else
    dpkg-deb -R "$package" "$out/before"
    sed -i 's/^Version: .*/Version: 0.0.1/' "$out/before/DEBIAN/control"
    dpkg-deb --root-owner-group -Znone -b "$out/before" "$root/root/before.deb" >/dev/null
    rm -rf "$out/before"
fi
as_root sh -c 'for turn in 1 2 3; do apt-get update -q && exit; sleep 10; done; exit 1' >"$out/apt.log" 2>&1 ||
    { tail "$out/apt.log" && exit 1; }
as_root useradd --create-home --uid 1000 till
as_root install -d -o till -g till -m 700 /run/user/1000

# --- install --------------------------------------------------------------------------------------------------------

check "apt installs it in a bare Debian, with nothing but what it depends on" install /root/before.deb
check "it says which version it is" test "$(as_till shopdesk --version)" = "shopdesk $(dpkg-deb -f "${older:-$package}" Version)"
check "it needs no Python of the system" is_not as_root test -e /usr/bin/python3
all_found() {
    as_root find /usr/lib/shopdesk -type f \( -name '*.so*' -o -name shopdesk \) -exec \
        env LD_LIBRARY_PATH=/usr/lib/shopdesk/_internal:/usr/lib/shopdesk/_internal/PySide6/Qt/lib ldd {} + >"$out/ldd.log" 2>&1
    is_not grep "not found" "$out/ldd.log"
}
check "each of its libraries finds those it needs" all_found

data=/home/till/.local/share/shopdesk
tour() { # the folder it is to leave its shop and its pictures in
    as_till shopdesk tour --out "$1" && mkdir -p "$out/tour" && cp "$root$1"/*.{png,pdf,eml,json} "$out/tour/"
}
check "the tour does the main job through its windows on a real screen" tour "$data"
check "the journal holds" as_till shopdesk verify
documents() { as_till shopdesk verify | sed -n 's/^Verified, no errors: \([0-9]*\) documents.*/\1/p'; }
before=$(documents)

# --- upgrade --------------------------------------------------------------------------------------------------------

check "apt upgrades it" install /root/this.deb
check "the new version is there" test "$(as_till shopdesk --version)" = "shopdesk $version"

started=""
start() { # the desktop entry's command and what NAME=VALUE words are given; a picture of what comes
    local name=$1 command
    shift
    command=$(sed -n 's/^Exec=//p' "$root/usr/share/applications/shopdesk.desktop")
    as_till "$@" sh -c "exec $command" >"$out/$name.log" 2>&1 &
    started=$!
    look "$name"
}
look() { .venv/bin/python "$here/screen.py" picture "$out/screen" "$out/$1.png"; }
close() {
    xdotool key alt+F4 && timeout 30 tail --pid="$started" -f /dev/null && wait "$started"
}
title() { # wait until the window is called so
    local turn
    for turn in {1..300}; do
        xdotool getactivewindow getwindowname 2>/dev/null | grep -qF "$1" && return
        sleep 0.1
    done
    return 1
}
sign_in() { # as the tour's owner: the page has its focus in the user name
    xdotool type --delay 20 ada && xdotool key Tab && xdotool type --delay 20 "a tour through the shop" &&
        xdotool key Return && title "Corner Shop" && look signed-in &&
        sed -n 's/^VmRSS/memory after sign-in/p' "/proc/$(xdotool getactivewindow getwindowpid)/status" >"$out/memory.txt"
}
check "the command of its desktop entry opens the window" start started
check "whoever registered before the upgrade signs in after it" sign_in
again() { # a second start is none: it brings the first to the front, and ends
    as_till timeout 20 shopdesk 2>&1 | grep "already running" && kill -0 "$started"
}
check "a second start brings its window to the front" again
refused() { is_not as_root dpkg -i /root/this.deb >"$out/refused.log" 2>&1 && grep "Close it" "$out/refused.log"; }
check "while it is open it is not replaced, and it says so" refused
check "the window closes, and the program ends well" close
check "the $before documents are still there" test "$(documents)" = "$before"
check "the journal holds after the upgrade" as_till shopdesk verify

[ -z "$older" ] || check "the tour does the main job in the new version as well" tour /home/till/tour

# --- backup and doctor ----------------------------------------------------------------------------------------------

check "a copy is made while nobody has to stop" as_till shopdesk backup /home/till/copy.db
check "it can be put in place again" as_till shopdesk restore /home/till/copy.db
check "a packed backup goes into its folder" as_till shopdesk backup
lock='import sys; from pathlib import Path; from shopdesk.store import backup_archive as archive; archive.new_backup_key(sys.argv[1]).write(Path(sys.argv[2]))'
locked() { # only the pass phrase opens what is written from now on
    .venv/bin/python -c "$lock" "four words in a row" "$root$data/backup.key" &&
        chown 1000:1000 "$root$data/backup.key" && as_till shopdesk backup /home/till/locked.zip &&
        is_not as_till SHOPDESK_BACKUP_PASSPHRASE="other words than these" shopdesk restore /home/till/locked.zip &&
        as_till SHOPDESK_BACKUP_PASSPHRASE="four words in a row" shopdesk restore /home/till/locked.zip
}
check "an encrypted one opens with its pass phrase, and with no other" locked
check "what came back is what was there" test "$(documents)" = "$before"
doctor() { # it ends with 1 where something fails; that this machine has no keyring is a warning
    as_till shopdesk doctor --report /home/till/report.txt | tee "$out/doctor.txt" &&
        cp "$root/home/till/report.txt" "$out/" && grep -E "SQLAlchemy [0-9.]+" "$out/report.txt"
}
check "the doctor finds nothing that fails, and its report names the versions" doctor

compare() { # the window manager may tell the two apart: without it
    kill "${ended[1]}"
    # The source has its bytecode, as everywhere after its first start, whatever this machine forbids Python to write.
    env -u PYTHONDONTWRITEBYTECODE PYTHONPYCACHEPREFIX="$out/bytes" SHOPDESK_HOME="$out/paint" \
        .venv/bin/python "$here/screen.py" compare "$out/screen" 10 \
        "$root/usr/lib/shopdesk/shopdesk" .venv/bin/shopdesk | tee "$out/first-paint.txt"
}

# --- PostgreSQL, and the keyring ------------------------------------------------------------------------------------

server=$(find /usr/lib/postgresql -path '*/bin/postgres' | sort -V | tail -n 1)
server=${server%/postgres}
cluster=$(mktemp -d)
port=$(.venv/bin/python -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
as_postgres() { setpriv --reuid=postgres --regid=postgres --clear-groups "$@"; }
printf 'a password for one test' >"$cluster/password"
chown -R postgres: "$cluster"
as_postgres "$server/initdb" -D "$cluster/data" -U shop -A scram-sha-256 --pwfile="$cluster/password" -E UTF8 >"$out/initdb.log" 2>&1
as_postgres "$server/postgres" -D "$cluster/data" -p "$port" -k "$cluster" -c fsync=off >"$out/postgres.log" 2>&1 &
ended+=($!)
until "$server/pg_isready" -q -h 127.0.0.1 -p "$port"; do sleep 0.1; done
url=postgresql+psycopg://shop@127.0.0.1:$port/postgres

check "apt adds a keyring beside it" install gnome-keyring dbus libsecret-tools
session() { # a session with an unlocked keyring in which the database's password lies, then the command
    as_till "$@" dbus-run-session -- sh -c '
        printf test | gnome-keyring-daemon --unlock --components=secrets >/dev/null
        printf "a password for one test" | secret-tool store --label=shopdesk service shopdesk username database \
            application "Python keyring library"
        exec shopdesk'
}
with_postgresql() {
    session SHOPDESK_HOME=/home/till/other SHOPDESK_DATABASE_URL="$url" >"$out/postgresql.run.log" 2>&1 &
    started=$!
    .venv/bin/python "$here/screen.py" picture "$out/screen" "$out/postgresql.png"
}
check "it opens on PostgreSQL, with the password from the keyring" with_postgresql
tables() { # it makes them once its window is there
    local turn
    for turn in {1..300}; do
        [ "$(PGPASSWORD='a password for one test' "$server/psql" -qAt -h 127.0.0.1 -p "$port" -U shop postgres -c \
            "select count(*) from information_schema.tables where table_schema = 'public'")" -lt 10 ] || return 0
        sleep 0.1
    done
    return 1
}
check "it makes its tables there" tables
check "and ends well there" close

# --- what comes with it ---------------------------------------------------------------------------------------------

command_in_manual() {
    local name manual
    manual=$(zcat "$root/usr/share/man/man1/shopdesk.1.gz")
    for name in $(as_till shopdesk --help | sed -n '/^commands:/,/^$/ s/^    \([a-z-]*\) .*/\1/p; /^commands:/,/^$/ s/^    \([a-z-]*\)$/\1/p'); do
        [ "$name" = COMMAND ] || grep -qE "^\.BI? \"?$name" <<<"$manual" || { echo "not in the manual: $name" && return 1; }
    done
}
check "each command has its place in the manual page" command_in_manual
check "its icon is there in every size" test "$(find "$root"/usr/share/icons/hicolor -name 'shopdesk.*' | wc -l)" -ge 9
check "the licences of what comes with it are there" test -f "$root/usr/lib/shopdesk/_internal/licences/SQLAlchemy/LICENSE"
for tool in desktop-file-validate "appstreamcli validate --no-net" "groff -K utf8 -man -ww -z"; do
    command -v "${tool%% *}" >/dev/null || continue
    case $tool in
        desktop*) check "desktop-file-validate has nothing to say" $tool "$root/usr/share/applications/shopdesk.desktop" ;;
        appstream*) # we own no domain that the id could stand under
            appstream() { is_not grep -E '^[EW]:' <($tool "$root/usr/share/metainfo/shopdesk.metainfo.xml" | grep -v cid-desktopapp-is-not-rdns); }
            check "appstreamcli finds no fault but that the id is no domain" appstream ;;
        groff*) check "groff finds no fault in the manual page" is_not grep . <(zcat "$root/usr/share/man/man1/shopdesk.1.gz" | $tool 2>&1) ;;
    esac
done

check "its first paint comes about as soon as from the source" compare
cat "$out/first-paint.txt" "$out/memory.txt"

# --- remove ---------------------------------------------------------------------------------------------------------

removed() { as_root apt-get remove -q -y shopdesk | tee "$out/remove.log"; }
check "apt removes it" removed
check "and says where the data stays" grep -qF "$data" "$out/remove.log"
check "the data is there" test -s "$root$data/shopdesk.db"
check "nothing else of it is" is_not grep . <(find "$root/usr" "$root/etc" -iname '*shopdesk*')
check "purging it leaves the data as well" as_root apt-get purge -q -y shopdesk
check "the data is still there" test -s "$root$data/shopdesk.db"

rm -f "$out/display"
all_checked
