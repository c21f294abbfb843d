#!/usr/bin/env bash
# Gets what `make run`, `make test` and `make installer` stand on: what the system lacks, then .venv from the lock.
# Usage: prepare.sh run|test|installer    Each step that has nothing to do says nothing and takes no time.
set -euo pipefail
cd "$(dirname "$0")/../.."

purpose=${1:?run, test or installer}
venv=${VENV:-.venv}
say() { printf '  %s\n' "$*"; }

# --- what the system has to bring -----------------------------------------------------------------------------------

missing=() # Debian packages
because=() # and why each

want() { missing+=("$1") because+=("$1: $2"); }

libraries=$(PATH=$PATH:/sbin:/usr/sbin ldconfig -p 2>/dev/null || true)

want_library() { [[ $libraries == *"$1 "* ]] || want "$2" "$3"; }

find_python() { # the newest supported one; the name `python3` first, for that is what the machine's owner chose
    local name
    for name in ${PYTHON:-python3 python3.13 python3.12 python3.11}; do
        if "$name" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null; then
            command -v "$name"
            return
        fi
    done
    return 1
}

has_postgresql() {
    local folder
    for folder in "$(pg_config --bindir 2>/dev/null || true)" /usr/lib/postgresql/*/bin /usr/pgsql-*/bin; do
        [ -x "$folder/initdb" ] && [ -x "$folder/postgres" ] && return
    done
    command -v initdb >/dev/null && command -v postgres >/dev/null
}

if python=$(find_python); then
    "$python" -c 'import ensurepip, venv' 2>/dev/null || want python3-venv "makes the program's own Python environment"
else
    want python3 "runs the program (3.11, 3.12 or 3.13)"
    want python3-venv "makes the program's own Python environment"
fi

if [ "$(uname -s)" = Linux ]; then
    want_library libglib-2.0.so.0 libglib2.0-0 "Qt's windows"
    want_library libGL.so.1 libgl1 "Qt's windows"
    want_library libEGL.so.1 libegl1 "Qt's windows"
    want_library libxkbcommon.so.0 libxkbcommon0 "the keyboard"
    want_library libdbus-1.so.3 libdbus-1-3 "the system's keyring"
    want_library libfontconfig.so.1 libfontconfig1 "fonts"
    if [ "$purpose" != run ] || [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]; then
        want_library libxcb-cursor.so.0 libxcb-cursor0 "windows on an X display"
        want_library libxkbcommon-x11.so.0 libxkbcommon-x11-0 "the keyboard on an X display"
        want_library libxcb-icccm.so.4 libxcb-icccm4 "windows on an X display"
        want_library libxcb-keysyms.so.1 libxcb-keysyms1 "the keyboard on an X display"
        want_library libxcb-shape.so.0 libxcb-shape0 "windows on an X display"
        want_library libwayland-cursor.so.0 libwayland-cursor0 "windows on a Wayland display"
    fi
fi
if [ "$purpose" = installer ]; then
    want_library libcups.so.2 libcups2 "printers"
    command -v dpkg-shlibdeps >/dev/null || want dpkg-dev "finds what the package depends on"
    command -v objdump >/dev/null || want binutils "PyInstaller looks into libraries with it"
    if [[ ${python:-} == /usr/bin/* ]]; then
        minor=$("$python" -c 'import sys; print(sys.version_info.minor)')
        want_library "libpython3.$minor.so.1.0" "libpython3.$minor" "goes into the package"
    fi
fi
if [ "$purpose" = test ]; then
    has_postgresql || want postgresql "every test of the store runs on a real PostgreSQL too"
    command -v dbus-run-session >/dev/null || want dbus-daemon "a session of its own for the keyring's test"
    command -v gnome-keyring-daemon >/dev/null || want gnome-keyring "a real keyring for the keyring's test"
    PATH=$PATH:/usr/sbin command -v cupsd >/dev/null || want cups-daemon "a print server of its own"
    PATH=$PATH:/usr/sbin command -v lpadmin >/dev/null || want cups-client "the commands for it"
    command -v Xvfb >/dev/null || want xvfb "a screen for the test from outside"
    command -v openbox >/dev/null || want openbox "a window manager for it"
    command -v xdotool >/dev/null || want xdotool "a keyboard for it"
    [ -e /usr/share/dbus-1/services/org.a11y.Bus.service ] || want at-spi2-core "what a screen reader listens to"
    /usr/bin/python3 -c 'import pyatspi' 2>/dev/null || want python3-pyatspi "a screen reader for it"
fi

if [ ${#missing[@]} -gt 0 ]; then
    say "Missing on this machine:"
    printf '    - %s\n' "${because[@]}"
    as_root=()
    [ "$(id -u)" = 0 ] || as_root=(sudo)
    if ! command -v apt-get >/dev/null; then
        say "This is not Debian: please install what corresponds to these. Going on without."
    elif [ "$(id -u)" != 0 ] && ! command -v sudo >/dev/null; then
        say "Rights are needed for that, and sudo is not here. As root:  apt-get install ${missing[*]}"
        say "Going on without."
    else
        say "Installing them${as_root:+ (sudo may ask for your password)} …"
        log=$(mktemp)
        if "${as_root[@]}" apt-get update -q >"$log" 2>&1 &&
            "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
                apt-get install -q -y --no-install-recommends "${missing[@]}" >>"$log" 2>&1 </dev/null; then
            say "Done."
        else
            tail -n 20 "$log"
            say "That did not work (above are its last words). Going on without."
        fi
        rm -f "$log"
    fi
fi

# --- the Python environment -----------------------------------------------------------------------------------------

install_rules() { # what the tests of e-invoices hold against; see tests/rules.in
    [ "$purpose" = test ] || return 0
    local rules=build/rules
    if [ "$rules/.prepared" -nt tests/rules.lock ] && [ "$rules/.prepared" -nt "$venv/pyvenv.cfg" ]; then return; fi
    say "Installing tests/rules.lock …"
    rm -rf "$rules"
    "$venv/bin/uv" pip install --quiet --no-deps --require-hashes --python "$venv/bin/python" --target "$rules" \
        --requirement tests/rules.lock
    touch "$rules/.prepared"
}

stamp=$venv/.prepared
if [ "$stamp" -nt requirements.lock ] && [ "$stamp" -nt pyproject.toml ] && "$venv/bin/python" -c '' 2>/dev/null; then
    install_rules
    exit 0
fi

if ! python=$(find_python); then
    echo "shopdesk needs Python 3.11, 3.12 or 3.13." >&2
    exit 1
fi
"$venv/bin/python" -c 'import pip' 2>/dev/null || { say "Making $venv with $("$python" -V) …"; "$python" -m venv --clear "$venv"; }

# The lock pins uv as well, with its hashes: everything that is fetched has been checked.
say "Installing requirements.lock …"
wanted=$(sed -n 's/^uv==\([^ ]*\).*/uv \1/p' requirements.lock)
if [[ "$("$venv/bin/uv" --version 2>/dev/null) " != "$wanted "* ]]; then
    awk '/^uv==/ { on = 1 } on { print } on && !/\\$/ { exit }' requirements.lock >"$venv/uv.txt"
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r "$venv/uv.txt"
fi
"$venv/bin/uv" pip sync --quiet --require-hashes --python "$venv/bin/python" requirements.lock
"$venv/bin/uv" pip install --quiet --offline --no-deps --no-build-isolation --python "$venv/bin/python" --editable .
# WORKAROUND(findings/pyside_compiles_its_support_modules.sh): from now on they are read, with their bytecode.
SBK_EMBED=0 "$venv/bin/python" -c 'import PySide6.QtCore' 2>/dev/null || true
touch "$stamp"
install_rules
