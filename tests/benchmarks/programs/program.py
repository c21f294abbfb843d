"""The program as its entry starts it, up to the first paint of the sign-in page. Then as bare_window.py does."""

import os
import sys
from contextlib import ExitStack

from shopdesk import cli

options = cli._parser().parse_args([])  # what the entry does before it opens the window

from shopdesk import app, paths  # noqa: E402 - in the order of the entry


def ready() -> None:
    print("ready", flush=True)
    sys.stdin.read()
    os._exit(0)


application = app.application()
with ExitStack() as stack:
    window = app.begin(stack, application, home=paths.home(), environ=os.environ)
    window.painted.connect(ready)
    window.show()
    application.exec()
