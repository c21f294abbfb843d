"""What every test stands on: guards that fail it for any noise or leftover, and real servers on this machine.

The parts lie in ``support/``:

* ``guards``      a fresh home and environment; silence in the log; no socket but loopback; nothing left behind
* ``patience``    ``qtbot`` waits for a slow machine
* ``dialogs``     a modal window that nobody expected fails the test instead of stopping it for good
* ``keyrings``    secrets in memory, and machines without a keyring or with a locked one
* ``postgresql``  a real PostgreSQL server
* ``proxy``       the wire to that server, which can be cut and fall silent
* ``databases``   ``database`` and ``database_url``: each test once on SQLite and once on PostgreSQL
* ``mail``        ``mail_server``: a real SMTP server that keeps what it receives
* ``shops``       ``counter``: an opened shop with its owner at a till
* ``desks``       ``desk``: what a screen is handed, on such a shop; ``show`` puts a screen into a window
* ``disks``       ``small_disk``: a file system that can be full; ``survives_power_cut``: a synced file
"""

import os

from hypothesis import settings

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

pytest_plugins = [
    "support.guards",
    "support.qtbot",
    "support.dialogs",
    "support.keyrings",
    "support.postgresql",
    "support.proxy",
    "support.databases",
    "support.mail",
    "support.shops",
    "support.context",
    "support.disks",
]

# A deadline per example measures the machine, not the program: the time limit of the whole test is enough.
settings.register_profile("shopdesk", deadline=None, print_blob=True)
settings.load_profile("shopdesk")
