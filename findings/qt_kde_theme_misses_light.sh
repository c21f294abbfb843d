#!/usr/bin/env bash
# On KDE, Qt's own platform theme follows the system to dark, but not back to light. Plasma's default colours are no entry
# in kdeglobals: going back to them, the portal tells org.freedesktop.appearance color-scheme only, and Qt's theme listens
# to org.kde.kdeglobals.General ColorScheme only. Plasma's own theme plugin does not fit PySide6's Qt.
#
# Seen with PySide6 6.11.3 on the signals of xdg-desktop-portal-kde 6.3.6 (Debian 13), which are sent here: "BreezeDark" is
# followed, the way back to "BreezeLight" is not. With the theme "xdgdesktopportal" both are.
# A good guess would be that QStyleHints.colorScheme is what the portal says.
# What to do: start the program with "-platformtheme xdgdesktopportal" on KDE.
set -euo pipefail
command -v Xvfb dbus-run-session >/dev/null || { echo "install xvfb and dbus-daemon first"; exit 2; }
folder=$(mktemp -d)
trap 'kill $server; wait $server || true; rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check PySide6-Essentials==6.11.3
exec 3>"$folder/display"
Xvfb -displayfd 3 -nolisten tcp -noreset 2>"$folder/log" &
server=$!
until [ -s "$folder/display" ]; do sleep 0.1; done
cat >"$folder/portal.py" <<'PY'
"""Tells what xdg-desktop-portal-kde tells: a line each of the space, the key and the value."""
import sys

from PySide6.QtCore import QCoreApplication
from PySide6.QtDBus import QDBusConnection, QDBusMessage, QDBusVariant

app = QCoreApplication([])
bus = QDBusConnection.sessionBus()
bus.registerService("org.freedesktop.portal.Desktop")
print("ready", flush=True)
for line in sys.stdin:
    space, key, value = line.split()
    signal = QDBusMessage.createSignal("/org/freedesktop/portal/desktop", "org.freedesktop.portal.Settings", "SettingChanged")
    signal.setArguments([space, key, QDBusVariant(int(value) if value.isdecimal() else value)])
    bus.send(signal)
    app.processEvents()
PY
cat >"$folder/scheme.py" <<'PY'
import subprocess
import sys
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

portal = [sys.executable, str(Path(__file__).with_name("portal.py"))]
portal = subprocess.Popen(portal, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
portal.stdout.readline()
colours = Path.home() / ".config" / "kdeglobals"
colours.parent.mkdir(exist_ok=True)
colours.unlink(missing_ok=True)
app = QApplication(sys.argv)
seen = []


def go_dark():
    dark = "[Colors:Window]\nBackgroundNormal=32,35,38\nForegroundNormal=252,252,252\n[General]\nColorScheme=BreezeDark\n"
    colours.write_text(dark)
    tell("org.freedesktop.appearance color-scheme 1", "org.kde.kdeglobals.General ColorScheme BreezeDark", then=go_light)


def go_light():
    colours.unlink()
    tell("org.freedesktop.appearance color-scheme 2", then=end)


def end():
    print(*seen)
    portal.stdin.close()
    portal.wait()
    app.quit()


def tell(*lines, then):
    for line in lines:
        print(line, file=portal.stdin, flush=True)
    QTimer.singleShot(1500, lambda: (seen.append(app.styleHints().colorScheme().name), then()))


QTimer.singleShot(1000, go_dark)
app.exec()
PY
schemes() { # arguments of the program; what it takes the colours for, after each signal
    env -u QT_QPA_PLATFORMTHEME DISPLAY=":$(cat "$folder/display")" HOME="$folder" QT_QPA_PLATFORM=xcb XDG_CURRENT_DESKTOP=KDE \
        KDE_FULL_SESSION=true KDE_SESSION_VERSION=6 dbus-run-session -- "$folder/venv/bin/python" "$folder/scheme.py" "$@" 2>>"$folder/log"
}
own=$(schemes)
portal=$(schemes -platformtheme xdgdesktopportal)
echo "dark, then light: by Qt's theme for KDE: $own; by the portal: $portal"
[[ $own == "Dark Dark" && $portal == "Dark Light" ]]
