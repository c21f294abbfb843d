"""The program as its entry starts it, up to the first paint of the sign-in page."""

import gc
import os
from contextlib import ExitStack

gc.disable()  # as the entry does

# isort: split
from shopdesk import app, cli, crash_reports, fatal_error  # noqa: E402, F401 - the entry comes past all of them

# isort: split
from waiting import FirstPaint  # noqa: E402

application = app.application()
with ExitStack() as stack:
    home = app.enter(stack, application)
    assert home is not None, "another program has this data folder open"
    ended = stack.enter_context(crash_reports.detect_unclean_exit(home))
    window = app.start(stack, application, home=home, environ=os.environ, ended=ended)
    first_paint = FirstPaint(window)
    window.show()
    application.exec()
