"""Run all checks in parallel, each with its own thread and time limit, and write the report for support.

To add a check, write a function from an ``Installation`` to a ``CheckResult`` and add its row to ``CHECKS``.
"""

from __future__ import annotations

import json
import queue
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from shopdesk import crash_reports, settings
from shopdesk.doctor import database, machine, network
from shopdesk.doctor.check import CheckResult, CheckState, Installation, fail, not_working, warn
from shopdesk.domain.errors import Refused, Unavailable
from shopdesk.domain.sentence import sentence
from shopdesk.message_catalogues import Marked, mark
from shopdesk.settings import Settings


@dataclass(frozen=True, slots=True)
class Check:
    """One check. After ``seconds`` without a result it is reported as not responding."""

    name: Marked
    run: Callable[[Installation], CheckResult]
    seconds: float = 10.0


CHECKS = (
    Check(mark("Program"), machine.program),
    Check(mark("Settings file"), machine.settings_file),
    Check(mark("Data folder"), machine.data_folder),
    Check(mark("Free space"), machine.free_space),
    Check(mark("Database"), database.database, 30),
    Check(mark("Tables"), database.schema, 30),
    Check(mark("Rights"), database.rights, 30),
    Check(mark("Broken pages"), database.integrity, 30),
    Check(mark("Journal"), database.journal, 30),
    Check(mark("Numbers"), database.numbers, 30),
    Check(mark("Documents"), database.documents, 30),
    Check(mark("Sums per day"), database.totals, 30),
    Check(mark("Barcodes"), database.barcodes, 30),
    Check(mark("Backup"), database.backup, 30),
    Check(mark("Check of everything"), database.whole, 30),
    Check(mark("Messages"), database.outbox, 30),
    Check(mark("Clock"), database.clock, 30),
    Check(mark("Keyring"), machine.keyring),
    Check(mark("Mail"), network.mail, 40),
    Check(mark("Text messages"), network.text_messages, 80),
    Check(mark("Bounces"), network.bounces, 40),
    Check(mark("Sign-in providers"), network.providers, 40),
    Check(mark("Newer version"), network.updates, 20),
    Check(mark("Printer"), machine.printer),
    Check(mark("Receipt printer"), machine.receipt_printer, 20),
    Check(mark("Fonts"), machine.fonts),
    Check(mark("Earlier runs"), machine.earlier_runs),
)

OnResult = Callable[[Check, CheckResult], object]


def load_installation(
    home: Path, environ: Mapping[str, str], *, printers: Callable[[], Sequence[str]], qt: str
) -> Installation:
    """Return the installation in a data folder, with default settings where its own cannot be read."""
    trouble: Refused | Unavailable | None = None
    try:
        read = settings.load(home, environ)
    except (Refused, Unavailable) as error:
        trouble, read = error, Settings(database=settings.database_url("", home))
    return Installation(
        home=home,
        settings=read,
        trouble=trouble,
        now=lambda: datetime.now(UTC),
        printers=printers,
        qt=qt,
    )


def run_checks(
    installation: Installation, *, tell: OnResult, checks: Sequence[Check] = CHECKS
) -> list[tuple[Check, CheckResult]]:
    """Run the checks in parallel and return their findings in the order of the checks.

    ``tell`` is called with each finding as it arrives. No check is waited for beyond its time limit: a keyring or
    server that never responds leaves a thread behind, which ends with the process.
    """
    begun = time.monotonic()
    came: queue.SimpleQueue[tuple[Check, CheckResult]] = queue.SimpleQueue()
    waiting, found = list(checks), {}
    for check in checks:
        threading.Thread(
            target=_run_check, args=(check, installation, came), name=f"doctor {check.name}", daemon=True
        ).start()
    while waiting:
        left = min(check.seconds for check in waiting) - (time.monotonic() - begun)
        try:
            arrived = [came.get(timeout=max(left, 0))]
        except queue.Empty:
            late = time.monotonic() - begun
            arrived = [(check, _silent(check)) for check in waiting if check.seconds <= late]
        for check, result in arrived:
            if check in waiting:
                waiting.remove(check)
                found[check] = result
                tell(check, result)
    return [(check, found[check]) for check in checks]


def _run_check(check: Check, installation: Installation, came: queue.SimpleQueue[tuple[Check, CheckResult]]) -> None:
    result = _BROKEN
    try:
        result = check.run(installation)
    except database.Unopened as error:
        told = _LOCKED_OUT if isinstance(error, database.NoPassword) else not_working(error)
        result = told if check.run is database.database else _UNSEEN
    except (Refused, Unavailable) as error:
        result = not_working(error)
    finally:  # an unexpected error is logged like any other uncaught one
        came.put((check, result))


_UNSEEN = warn(
    sentence("Not checked: there is no database to check."), sentence("See “Database” above."), plain="not checked"
)
_LOCKED_OUT = warn(
    sentence("Not checked: the keyring has no password for the database server."),
    sentence("Use “Test” in Settings, Database: it tries the password you entered."),
    plain="no password",
)
_BROKEN = fail(
    sentence("This could not be checked because of an error in shopdesk."),
    sentence("Send the report to your support contact."),
    plain="broken",
)


def _silent(check: Check) -> CheckResult:
    return warn(
        sentence("No answer within {seconds} seconds.", seconds=f"{check.seconds:.0f}"),
        sentence("Try again in a moment."),
        plain="no answer",
    )


def as_line(check: Check, result: CheckResult) -> str:
    """Return a finding as one line of JSON for the window (name, state, text, advice)."""
    return json.dumps(
        {
            "name": check.name,
            "state": result.state.value,
            "text": result.text.to_json(),
            "advice": result.advice.to_json(),
        }
    )


def all_ok(found: Sequence[tuple[Check, CheckResult]]) -> bool:
    """Return True if no check failed."""
    return not any(result.state is CheckState.FAIL for _, result in found)


def report(found: Sequence[tuple[Check, CheckResult]], home: Path) -> str:
    """Return the report for support: kinds and numbers of all findings and earlier crashes, without names."""
    width = max(len(check.name) for check, _ in found)
    lines = [f"shopdesk doctor, {datetime.now(UTC):%Y-%m-%d %H:%M} UTC", ""]
    lines += [f"{result.state.value:4}  {check.name:{width}}  {result.plain}".rstrip() for check, result in found]
    for ended in crash_reports.earlier_reports(home):
        if ended.report:
            lines += ["", f"ended unexpectedly, {ended.at:%Y-%m-%d %H:%M} UTC", ended.report.strip()]
    return "\n".join(lines) + "\n"
