"""What is said where no window of ours can be: on the console, and in a box of the system's for whoever sees none."""

from __future__ import annotations

import os
import sys
from types import TracebackType

_BOXES = (
    ("zenity", "--error", "--no-markup", "--title=shopdesk", "--text"),
    ("kdialog", "--title", "shopdesk", "--error"),
    ("xmessage", "-center", "-title", "shopdesk"),
)


def write(text: str) -> None:
    """On the console, if there is one."""
    if sys.stderr is not None:
        print(text, file=sys.stderr, flush=True)


def say(text: str) -> None:
    """Say it, and come back when it was read."""
    import shutil
    import subprocess

    write(text)
    if sys.stderr is not None and sys.stderr.isatty():
        return
    if sys.platform == "win32":
        import ctypes

        ctypes.windll.user32.MessageBoxW(None, text, "shopdesk", 0x10)  # with a stop sign; Ctrl+C copies it
    elif sys.platform == "darwin":
        script = "on run argv\ndisplay alert (item 1 of argv) as critical\nend run"
        subprocess.run(["osascript", "-e", script, text], check=False)
    elif os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"):
        box = next((box for box in _BOXES if shutil.which(box[0])), None)
        if box is not None:
            from textwrap import fill

            lines = "\n".join(fill(line, 90) for line in text.splitlines())  # not every box does it
            subprocess.run([*box, lines], check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """``sys.excepthook`` of a program that nobody started from a console: nothing ends it in silence."""
    if not isinstance(error, Exception):
        sys.__excepthook__(kind, error, trace)
    elif isinstance(error, ImportError):
        say(
            f"shopdesk cannot begin: a part of it, or of the system, is missing.\n\n{error}\n\n"
            "Install shopdesk again; on Linux, with the system's own package, which brings what it needs."
        )
    else:
        from shopdesk import logs

        said = "Something went wrong that should not. Please send this to whoever looks after the program."
        say(f"{said}\n\n{logs.report(error)}")
