"""A till that is killed again and again while it issues, delivers and backs up. Run by tests/test_crash_reports.py.

``python crash_test.py URL PORT KILLS SEED HOME``: the shop of URL issues documents, mails them to PORT and, where it
is a file, keeps backups of itself in HOME, all at once. Each run is a forked process, ended by SIGKILL: by turns at a
step of a given kind, where it waits to be killed; after a random number of steps, without waiting; and a random time
after a step. Prints one JSON object: the drafts that were entered and the numbers that runs reported after their
COMMIT, both in order; where each run was killed; how often each message was handed to the server, and how often a run
died before it had recorded the answer; what was wrong in the books when a run began, or in a finished backup.
"""

import itertools
import json
import os
import random
import signal
import sys
import threading
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from pathlib import Path
from typing import Any

from sqlalchemy import event, select

from shopdesk import daily_backup
from shopdesk.delivery import Delivery, Mailer
from shopdesk.domain.account import Actor
from shopdesk.domain.customer import Contact
from shopdesk.domain.document import Document, Draft, Kind, Line
from shopdesk.domain.message import MessageReason
from shopdesk.domain.money import Currency
from shopdesk.domain.tax import TaxRate
from shopdesk.gateways import smtp
from shopdesk.queries import verify
from shopdesk.render import email_message
from shopdesk.row_keys import new_key
from shopdesk.settings import MailSettings, Security
from shopdesk.store import accounts, backup_archive, backup_file, shop, tables
from shopdesk.store.database import Database, connect
from shopdesk.store.session import Session
from shopdesk.usecases import documents

STEPS = ("begin", "statement", "commit", "committed", "prepare", "send", "sent", "settled")
"""The steps that a run reports. "commit" is just before the COMMIT, "committed" just after it."""

BACKUP_STEPS = (*daily_backup.STEPS, "rename", "finished")
"""The further steps where the shop is a file. "rename" is just before a file gets its name."""

_WHOLE_CHECK = 20
"""One run in so many verifies the whole shop before it begins: an error does not go away by itself."""

_SAMPLE = 5
"""One backup in so many is verified once more here."""

_CUSTOMERS = 4
"""The documents that a run issues at most: more would only make the checks slow."""


@dataclass
class Run:
    """One run of the program, in a process of its own, until it is killed."""

    database: Database
    port: int
    actor: Actor
    drafts: list[Draft]
    home: Path
    number: int
    hold_at: tuple[str, int] | None = None  # wait at the n-th step of this kind
    pipe: int = 0  # the file descriptor to report the steps to
    counts: dict[str, int] = field(default_factory=dict)

    def report(self, line: str) -> None:
        """Write a line in one call, so that lines of several threads do not mix."""
        os.write(self.pipe, f"{line}\n".encode())

    def step(self, name: str, what: str = "") -> None:
        """Report a step, and wait to be killed if the run is to end here."""
        count = self.counts[name] = self.counts.get(name, 0) + 1
        self.report(f"{name} {what}")
        if (name, count) == self.hold_at:
            self.report("hold")
            signal.pause()  # never returns: SIGKILL comes

    def run(self) -> None:
        """Verify the shop as the previous run left it, then sell, deliver and back up."""
        database = self.database
        if self.number % _WHOLE_CHECK == 0:
            for fault in _faults(database):
                self.report(f"fault {fault}")
        self._watch(database.engine)
        mail = MailSettings(host="127.0.0.1", port=self.port, security=Security.NONE)

        def send(content: bytes, *, recipient: str) -> str:
            identity = message_from_bytes(content)["Message-ID"]
            self.step("send", identity)
            answer = smtp.send(mail, None, content, "shop@example.org", recipient)
            self.step("sent", identity)
            return answer

        settled = threading.Semaphore(0)

        def changed(_tables: frozenset[str]) -> None:
            settled.release()
            self.step("settled")

        delivery = Delivery(
            database,
            mailer=lambda: Mailer("shop@example.org", send),
            changed=changed,
            troubled=lambda error: self.report(f"fault {error}"),
        )
        delivery.start()
        if database.path is not None:
            threading.Thread(target=self._back_up, daemon=True).start()
        for number, draft in enumerate(self.drafts[:_CUSTOMERS]):
            with database.sessions.begin() as session:
                document = _issue(session, draft, self.actor)
            self.report(f"issued {draft.key} {document.number}")
            delivery.wake()
            if number % 2:
                settled.acquire(timeout=10)  # no cashier types faster than mail is sent
        signal.pause()  # only mail and backup go on, until the end

    def _back_up(self) -> None:
        for number in itertools.count(self.number * 100):
            day = datetime.now(UTC) + timedelta(days=number)  # so that the rule keeps some of them
            self.report(f"began {day.astimezone():%Y-%m-%d}")
            daily_backup.make_backup(
                self.database, home=self.home, place=self.home / daily_backup.FOLDER, till="A", now=day, step=self.step
            )
            self.step("finished")

    def _watch(self, engine: Any) -> None:
        event.listen(engine, "begin", lambda _connection: self.step("begin"))
        event.listen(engine, "commit", lambda _connection: self.step("commit"))
        commit = engine.dialect.do_commit

        def committed(connection: Any) -> None:
            commit(connection)
            self.step("committed")

        engine.dialect.do_commit = committed

        def on_statement(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
            is_body = statement.startswith(("UPDATE outbox SET body", "SELECT * FROM shopdesk_acts.save_body"))
            self.step("prepare" if is_body else "statement")

        event.listen(engine, "before_cursor_execute", on_statement)

        def on_act(act: str, arguments: tuple[Any, ...]) -> None:
            if act == "os.rename" and str(arguments[0]).endswith(".part"):
                self.step("rename")

        sys.addaudithook(on_act)


@dataclass(frozen=True)
class KillPoint:
    """The moment to kill a run: at the step it waits at, after a number of steps, or some time after a step."""

    hold_at: tuple[str, int] | None = None
    after: int | None = None
    step: str = ""
    delay: float = 0.0  # seconds

    def has_come(self, lines: list[str]) -> bool:
        """Return True if the last line is the one to kill at, or to start the delay at."""
        return lines[-1] == "hold" or len(lines) == self.after or (bool(self.step) and _first(lines[-1]) == self.step)


def run_until_killed(run: Run, end: KillPoint) -> list[str]:
    """Fork, let the run work until its kill point, kill it, and return the lines that it reported."""
    run.hold_at = end.hold_at
    reports, run.pipe = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reports)
        run.run()
        os._exit(0)
    os.close(run.pipe)
    lines: list[str] = []
    killer: threading.Timer | None = None
    with os.fdopen(reports) as steps:
        for line in steps:
            lines.append(line.strip())
            if killer is None and end.has_come(lines):
                killer = threading.Timer(end.delay, os.kill, (child, signal.SIGKILL))
                killer.start()  # and read on: lines reported before it dies count
    if killer is not None:
        killer.join()
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if status != -signal.SIGKILL:
        sys.exit(f"a run ended by itself with status {status} after {len(lines)} steps")
    return lines


def main(url: str, port: int, kills: int, seed: int, home: Path) -> None:
    """Run and kill that many times."""
    drafts = [_draft(number) for number in range(_CUSTOMERS * kills)]
    database = connect(url)
    with database.reads() as session:
        (staff,), (till,) = accounts.everyone(session), shop.all_tills(session)
    actor = Actor(staff, till)
    with database.sessions() as session:  # rolled back: it only fills caches, which every run inherits
        _warm(_issue(session, drafts[0], actor))
    database.close()  # no open connection may be inherited by a fork
    home.mkdir()
    steps = STEPS if database.path is None else STEPS + BACKUP_STEPS
    ends = _ends(random.Random(seed), steps, statements=60 if database.path else 20)
    results = Results()
    for number, end in zip(range(kills), ends, strict=False):
        left = [draft for draft in drafts if str(draft.key) not in results.issued]
        results.add(run_until_killed(Run(database, port, actor, left, home, number), end), left, end)
        results.check_backups(home)
    print(json.dumps(vars(results)))


def _ends(chance: random.Random, steps: tuple[str, ...], *, statements: int) -> Any:
    """Yield the kill points of the runs, each of which has more than ``statements`` statements."""
    kinds, others = itertools.cycle(steps), itertools.cycle(steps)
    while True:
        kind = next(kinds)
        yield KillPoint(hold_at=(kind, chance.randrange(1, statements if kind == "statement" else 3)))
        yield KillPoint(after=chance.randrange(1, 2 * statements))
        yield KillPoint(step=next(others), delay=chance.uniform(0, 0.03))


@dataclass
class Results:
    """The results of all runs."""

    entered: list[str] = field(default_factory=list)
    issued: dict[str, str] = field(default_factory=dict)
    ends: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    sends: Counter[str] = field(default_factory=Counter)
    unnoted: Counter[str] = field(default_factory=Counter)
    backups: list[str] = field(default_factory=list)
    backed_up: dict[str, str] = field(default_factory=dict)
    began: dict[str, int] = field(default_factory=dict)  # how many had been issued when this backup began

    def add(self, lines: list[str], drafts: list[Draft], end: KillPoint) -> None:
        """Add one run by its reported lines."""
        count, last_sent = 0, ""
        for line in lines:
            kind, _, rest = line.partition(" ")
            if kind == "issued":
                key, number = rest.split()
                self.issued[key] = number
                count += 1
            elif kind == "send":
                self.sends[rest] += 1
                self.unnoted[rest] += 1
            elif kind == "settled":
                self.unnoted.subtract([last_sent])
            elif kind == "sent":
                last_sent = rest
            elif kind == "began":
                self.began[rest] = len(self.issued)
            elif kind == "fault":
                self.faults.append(rest)
        self.entered += [str(draft.key) for draft in drafts[: count + 1] if str(draft.key) not in self.entered]
        last = next((_first(line) for line in reversed(lines) if _first(line) in STEPS + BACKUP_STEPS), "start")
        self.ends.append(end.hold_at[0] if end.hold_at else last)

    def check_backups(self, home: Path) -> None:
        """Check that every file named as a backup is complete and has the documents issued before it began."""
        for path in sorted((home / daily_backup.FOLDER).glob("*.zip")):
            if path.name in self.backups:
                continue
            self.backups.append(path.name)
            plain = home / "unpacked.db"
            backup_archive.unpack(path, plain)
            with backup_file.reading(plain) as session:
                columns = (tables.documents.c.draft_key, tables.documents.c.number)
                rows = session.execute(select(*columns)).all()
                if len(self.backups) % _SAMPLE == 0:  # the program verified each of them already
                    self.faults += [f"{path.name}: {fault}" for fault in verify.violations(session)]
            self.backed_up |= {str(key): number for key, number in rows}
            least = next(count for day, count in self.began.items() if day in path.name)
            if len(rows) < least:
                self.faults.append(f"{path.name} holds {len(rows)} documents; when it was begun there were {least}")


def _faults(database: Database) -> list[str]:
    with closing(database), database.reads() as session:
        return list(verify.violations(session))


def _first(line: str) -> str:
    return line.partition(" ")[0]


def _draft(number: int) -> Draft:
    lines = [
        Line(item=f"Tea {number}", quantity=1000, unit_price=(number + 1) * 10_000, tax=TaxRate.percent(16)),
        Line(item="Milk", quantity=350, unit_price=8900, tax=TaxRate.percent(16)),
    ]
    return Draft(
        key=new_key(),
        kind=Kind.RECEIPT,
        lines=tuple(lines),
        date_on=datetime.now(UTC).astimezone().date(),
        currency=Currency.of("USD"),
        prices_include_tax=True,
    )


def _warm(document: Document) -> None:
    email_message.mail(
        document,
        message_id="<1@example.org>",
        recipient=document.buyer.email,
        sender="shop@example.org",
        at=document.issued_at,
        reason=MessageReason.ORDER_PLACED,
    )


def _issue(session: Session, draft: Draft, by: Actor) -> Document:
    return documents.issue(
        session,
        draft,
        by=by,
        now=datetime.now(UTC) - timedelta(minutes=1),
        contact=Contact(name="Ada", email="ada@example.org"),
        confirmed=frozenset({documents.SAME_AGAIN}),
    )


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]), Path(sys.argv[5]))
