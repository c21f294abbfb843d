"""The program as its entry starts it, up to the first paint of the sign-in page."""

import os
from contextlib import ExitStack

from waiting import FirstPaint

from shopdesk import cli

options = cli._parser().parse_args([])  # what the entry does before it opens the window

from shopdesk import app, crashes  # noqa: E402 - in the order of the entry

application = app.application()
with ExitStack() as stack:
    home = app.enter(stack, application)
    ended = stack.enter_context(crashes.watching(home))
    window = app.begin(stack, application, home=home, environ=os.environ, ended=ended)
    first_paint = FirstPaint(window)
    window.show()
    application.exec()
