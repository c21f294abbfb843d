"""Fixtures for every test: guards that fail it for log lines and leftovers, and real servers on this machine.

They are in ``support/``:

* ``guards``      a fresh home folder and environment; no log line, no connection but loopback, no leftovers
* ``qtbot``       pytest-qt's ``qtbot`` with time-outs for a slow machine
* ``dialogs``     an unexpected modal dialog fails the test instead of blocking it
* ``password_hashes``  passwords are hashed with little memory; ``full_hashes`` takes as much as the program
* ``keyrings``    a keyring in memory, and machines without a keyring or with a locked one
* ``postgresql``  a real PostgreSQL server
* ``proxy``       a connection to that server that can be cut or stalled
* ``databases``   ``database`` and ``database_url``: each test once on SQLite and once on PostgreSQL
* ``mail``        ``mail_server``: a real SMTP server that stores the messages it receives
* ``shops``       ``sample_shop``: an opened shop with its owner at a till
* ``tills``       ``tills``: a shop on PostgreSQL with two tills, each with its own role
* ``context``     ``context``: what a screen is created with, on such a shop; ``show`` puts a screen into a window
* ``disks``       ``small_disk``: a file system that can be filled; ``survives_power_cut``: a check of syncs
* ``desktop``     a real screen, keyboard and screen reader, to work the program from outside
* ``receipt_printers``  ``receipt_printer``: a receipt printer in the network; ``terminal_printer``, ``usb_printer``
* ``print_server``  ``print_server``: a print server (CUPS) with queues for sheets and slips
"""

import os

from hypothesis import settings

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

pytest_plugins = [
    "support.guards",
    "support.qtbot",
    "support.dialogs",
    "support.password_hashes",
    "support.keyrings",
    "support.postgresql",
    "support.proxy",
    "support.databases",
    "support.mail",
    "support.sms_gateway",
    "support.imap",
    "support.shops",
    "support.tills",
    "support.context",
    "support.disks",
    "support.desktop",
    "support.receipt_printers",
    "support.print_server",
]

# A deadline per example measures the machine, not the program: the time limit of the whole test is enough. The same
# examples each time: a change is judged by what it changes. New ones are looked for by `make test-full`.
settings.register_profile("shopdesk", deadline=None, derandomize=True, print_blob=True)
settings.register_profile("explore", deadline=None, derandomize=False, max_examples=2000, print_blob=True)
settings.load_profile("shopdesk")


def pytest_xdist_auto_num_workers() -> int:
    """Return one worker more than there are processors: tests wait for disks, servers and other programs."""
    return (os.cpu_count() or 1) + 1
