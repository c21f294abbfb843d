"""Signs in and types a sale: each line of standard input, as ``Milk|2``, is typed cell by cell with Enter.

After each line the save status of the document is printed. The program runs until it is killed.
"""

import os
import sys
from contextlib import ExitStack
from pathlib import Path

from PySide6.QtCore import Qt

from shopdesk import app, paths
from shopdesk.demo.ui_driver import UiDriver
from shopdesk.ui.editor.editor_screen import EditorScreen

SAVED = {"draft saved ✓", "saved on this till, encrypted", "saved on this till, not encrypted"}

if __name__ == "__main__":
    user_name, password = sys.argv[1:]
    with ExitStack() as stack:
        window = app.start(stack, app.application(), home=paths.home(), environ=os.environ)
        window.show()
        driver = UiDriver(Path(), window)
        driver.wait("the sign-in page", lambda: window.sign_in_flow.sign_in._is_ready)
        driver.enter_into("User name", user_name)
        driver.enter_into("Password", password)
        driver.press("Sign in")
        driver.wait("the workspace", lambda: window.workspace is not None)
        driver.key(Qt.Key.Key_F4)
        editor = driver.find("New document", EditorScreen)
        for line in sys.stdin:
            for cell in line.strip().split("|"):
                driver.enter(cell)
                driver.key(Qt.Key.Key_Return)
            driver.wait("the draft to be saved", lambda: editor.kept.text() in SAVED)
            print(editor.kept.text(), flush=True)
