"""``desktop``: an X screen with a window manager, a keyboard and a screen reader, to work the program from outside.

All of it is real: Xvfb, openbox, xdotool, and AT-SPI on a bus of its own. Where one is missing, the test is skipped.
"""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Any

import pytest

from support.keyboard_input import FINGERS_MS, SCANNER_MS

_PYTHON = "/usr/bin/python3"
"""The system's Python: Debian's ``pyatspi`` is no package of a registry."""
_READER = Path(__file__).parents[1] / "processes" / "screen_reader.py"
_PROGRAMS = ("Xvfb", "openbox", "xdotool", "dbus-daemon", _PYTHON)
_LIBRARIES = (
    "libxcb-cursor.so.0", "libxkbcommon-x11.so.0", "libxcb-icccm.so.4", "libxcb-keysyms.so.1", "libxcb-shape.so.0",
    "libX11.so.6", "libXtst.so.6",
)  # fmt: skip
_SERVICE = Path("/usr/share/dbus-1/services/org.a11y.Bus.service")
_END_SECONDS = 10


def missing() -> list[str]:
    """Return what this machine lacks."""
    found = [program for program in _PROGRAMS if not shutil.which(program)]
    found += [library for library in _LIBRARIES if not _is_library(library)]
    if not _SERVICE.exists():
        found.append("at-spi2-core")
    if _PYTHON not in found and subprocess.run([_PYTHON, "-c", "import pyatspi"], capture_output=True).returncode:
        found.append("python3-pyatspi")
    return found


def _is_library(name: str) -> bool:
    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True


class ScreenReader:
    """What a person who does not see the screen is told, and does."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n", "the screen reader did not start"

    def see(self, role: str, name: str, *states: str) -> dict[str, Any]:
        """Wait for an element of this role and name, with these states, and return what is told of it."""
        return self._ask("see", role, name, *states)

    def act(self, role: str, name: str, action: str) -> None:
        """Do one of the actions of an element, once it is enabled."""
        self._ask("act", role, name, action)

    def hear(self, text: str) -> list[str]:
        """Wait for an announcement; return all that came until then, this one included."""
        return list(self._ask("hear", text)["heard"])

    def everything(self) -> list[dict[str, Any]]:
        """Return all that shows now."""
        return list(self._ask("everything")["elements"])

    def _ask(self, *command: str) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(json.dumps(command), file=self._process.stdin, flush=True)
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        if "missing" in answer:
            there = [
                f"{one['role']} {one['name']!r} {one['text']!r} {one['states']}"
                for one in answer["there"]
                if one["name"]
            ]
            raise AssertionError(f"no {answer['missing']}; heard {answer['heard']}; there:\n" + "\n".join(there))
        return answer


class Desktop:
    """A session on a screen of its own; everything started in it ends with ``started``."""

    def __init__(self, started: ExitStack, log: IO[str]) -> None:
        self._started = started
        self._log = log  # what its programs complain of
        self._environ = dict(os.environ)
        self._environ.pop("WAYLAND_DISPLAY", None)
        screen = ["Xvfb", "-screen", "0", "1280x800x24", "-nolisten", "tcp", "-noreset", "-displayfd"]
        self._environ["DISPLAY"] = f":{self._begin_and_read(screen)}"
        bus = ["dbus-daemon", "--session", "--nofork", "--nopidfile", "--print-address"]
        self._environ["DBUS_SESSION_BUS_ADDRESS"] = self._begin_and_read(bus)
        self._begin(["openbox"])
        reader = self._begin([_PYTHON, _READER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.reader = ScreenReader(reader)

    def start_program(self) -> subprocess.Popen[str]:
        """Start the program as a person does."""
        variables = {"QT_QPA_PLATFORM": "xcb", "QT_LINUX_ACCESSIBILITY_ALWAYS_ON": "1"}
        return self._begin([sys.executable, "-m", "shopdesk"], variables)

    def type(self, text: str) -> None:
        """Type letters on the keyboard."""
        self._keyboard("type", "--delay", str(FINGERS_MS // 2), text)

    def scan(self, code: str) -> None:
        """Send digits and Enter as a scanner does: the screen keeps the time between keys, however busy the machine."""
        x11, xtest = ctypes.CDLL("libX11.so.6"), ctypes.CDLL("libXtst.so.6")
        x11.XOpenDisplay.restype = ctypes.c_void_p
        display = ctypes.c_void_p(x11.XOpenDisplay(self._environ["DISPLAY"].encode()))
        wait = ctypes.c_ulong(SCANNER_MS // 2)
        for name in (*code, "Return"):
            symbol = ctypes.c_ulong(x11.XStringToKeysym(name.encode()))
            for is_down in (True, False):
                xtest.XTestFakeKeyEvent(display, x11.XKeysymToKeycode(display, symbol), is_down, wait)
        x11.XCloseDisplay(display)  # sends them

    def key(self, *keys: str) -> None:
        """Press keys, by their names in X."""
        self._keyboard("key", *keys)

    def _keyboard(self, *given: str) -> None:
        subprocess.run(["xdotool", *given], env=self._environ, check=True, timeout=_END_SECONDS)

    def _begin_and_read(self, command: list[str]) -> str:
        """Start a program that writes where it listens to a file descriptor, its last argument, and return that."""
        reading, writing = os.pipe()
        with os.fdopen(reading, encoding="ascii") as told:
            self._begin([*command[:-1], *_to(command[-1], writing)], pass_fds=[writing])
            os.close(writing)
            return told.readline().strip()

    def _begin(self, command: list[Any], variables: dict[str, str] | None = None, **how: Any) -> subprocess.Popen[str]:
        process: subprocess.Popen[str] = subprocess.Popen(
            command, env=self._environ | (variables or {}), **({"stderr": self._log} | how)
        )
        self._started.callback(_end, process)
        return process


def _to(option: str, descriptor: int) -> list[str]:
    return [f"{option}={descriptor}"] if option.startswith("--") else [option, str(descriptor)]


def _end(process: subprocess.Popen[str]) -> None:
    process.terminate()
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            stream.close()
    try:
        process.wait(timeout=_END_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@pytest.fixture
def desktop(home: Path, tmp_path: Path) -> Iterator[Desktop]:
    """A session on a screen of its own, with the data folder of this test."""
    home.mkdir(mode=0o700, exist_ok=True)
    if lacking := missing():
        pytest.skip(
            f"not installed: {', '.join(lacking)} (Debian: apt-get install xvfb openbox xdotool at-spi2-core "
            "python3-pyatspi libxcb-cursor0 libxkbcommon-x11-0 libxcb-icccm4 libxcb-keysyms1 libxcb-shape0)"
        )
    with ExitStack() as started:
        yield Desktop(started, started.enter_context((tmp_path / "desktop.log").open("w")))
