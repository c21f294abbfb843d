"""Shows an error when no window can be opened: on the console, and in a message box of the system if there is none."""

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
    """Print text to the console, if there is one."""
    if sys.stderr is not None:
        print(text, file=sys.stderr, flush=True)


def show_fatal_error(text: str) -> None:
    """Show text on the console, or else in a message box; returns when the box was closed."""
    import shutil
    import subprocess

    write(text)
    if sys.stderr is not None and sys.stderr.isatty():
        return
    if sys.platform == "win32":
        import ctypes

        ctypes.windll.user32.MessageBoxW(None, text, "shopdesk", 0x10)  # MB_ICONERROR; Ctrl+C copies the text
    elif sys.platform == "darwin":
        script = "on run argv\ndisplay alert (item 1 of argv) as critical\nend run"
        subprocess.run(["osascript", "-e", script, text], check=False)
    elif os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"):
        box = next((box for box in _BOXES if shutil.which(box[0])), None)
        if box is not None:
            from textwrap import fill

            lines = "\n".join(fill(line, 90) for line in text.splitlines())  # not every box wraps lines
            subprocess.run([*box, lines], check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Show an uncaught error; used as ``sys.excepthook`` so that a program without a console never ends silently."""
    if not isinstance(error, Exception):
        sys.__excepthook__(kind, error, trace)
    elif isinstance(error, ImportError):
        show_fatal_error(
            f"shopdesk cannot start: a part of it or of the system is missing.\n\n{error}\n\n"
            "Reinstall shopdesk. On Linux, use the system's own package, which installs everything it needs."
        )
    else:
        from shopdesk import logs

        said = "Something unexpected went wrong. Please send this report to the person who supports shopdesk."
        show_fatal_error(f"{said}\n\n{logs.report(error)}")
