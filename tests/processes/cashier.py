"""Somebody signs in and types a sale, cell by cell, as a line of standard input tells: ``Milk|2`` and Enter.

After each line it says how the document is kept, and stays until it is killed.
"""

import os
import sys
from contextlib import ExitStack
from pathlib import Path

from PySide6.QtCore import Qt

from shopdesk import app, paths
from shopdesk.ui.editor.editor_screen import EditorScreen
from shopdesk.ui_driver import UiDriver

KEPT = {"draft saved ✓", "saved on this till, encrypted", "saved on this till, not encrypted"}

if __name__ == "__main__":
    user_name, password = sys.argv[1:]
    with ExitStack() as stack:
        window = app.start(stack, app.application(), home=paths.home(), environ=os.environ)
        window.show()
        hand = UiDriver(Path(), window)
        hand.wait("the first page", lambda: window.sign_in_flow.sign_in._is_ready)
        hand.enter_into("User name", user_name)
        hand.enter_into("Password", password)
        hand.press("Sign in")
        hand.wait("the counter", lambda: window.workspace is not None)
        hand.key(Qt.Key.Key_F4)
        editor = hand.find("New document", EditorScreen)
        for line in sys.stdin:
            for cell in line.strip().split("|"):
                hand.enter(cell)
                hand.key(Qt.Key.Key_Return)
            hand.wait("it to be kept", lambda: editor.kept.text() in KEPT)
            print(editor.kept.text(), flush=True)
