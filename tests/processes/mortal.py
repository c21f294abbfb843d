"""A till that is killed again and again while it issues and delivers. Run by tests/test_crashes.py.

``python mortal.py URL PORT KILLS SEED``: the shop of URL issues documents and mails them to PORT. Each life is a forked
process, ended by SIGKILL: by turns at a step of a given kind, where it stands still until it is dead, and after a
random number of steps, in full run. Prints one JSON object: the drafts that were entered and the numbers that lives
told after their COMMIT, both in order, where each life was killed, and what verify found when the next one began.
"""

import itertools
import json
import os
import random
import signal
import sys
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import Session

from shopdesk.delivery import Delivery, Mailer
from shopdesk.domain.account import Actor
from shopdesk.domain.customer import Contact
from shopdesk.domain.document import Document, Draft, Kind, Line
from shopdesk.domain.message import Occasion
from shopdesk.domain.money import Currency
from shopdesk.domain.tax import TaxRate
from shopdesk.gateways import smtp
from shopdesk.queries import verify
from shopdesk.render import message_text
from shopdesk.settings import MailSettings, Security
from shopdesk.store import accounts, shop
from shopdesk.store.database import Database, connect
from shopdesk.store.keys import new_key
from shopdesk.usecases import documents

STEPS = ("begin", "statement", "commit", "committed", "prepare", "send", "sent", "settled")
"""What a life does, as it tells its killer. "commit" is just before the COMMIT, "committed" just after it."""


@dataclass
class Life:
    """One run of the program, in a process of its own, until it is killed."""

    database: Database
    port: int
    actor: Actor
    drafts: list[Draft]
    told: int  # where it tells its steps
    hold_at: tuple[str, int] | None  # stand still at the n-th step of this kind
    counts: dict[str, int] = field(default_factory=dict)

    def step(self, name: str) -> None:
        """Tell the killer; and wait for it where this life is meant to end."""
        count = self.counts[name] = self.counts.get(name, 0) + 1
        os.write(self.told, f"{name}\n".encode())
        if (name, count) == self.hold_at:
            os.write(self.told, b"hold\n")
            signal.pause()  # never returns: what comes is SIGKILL

    def run(self) -> None:
        """Check the books as the one before left them, then sell and deliver."""
        database = self.database
        with database.reads() as session:
            for fault in verify.faults(session):
                os.write(self.told, f"fault {fault}\n".encode())
        self._watch(database.engine)
        mail = MailSettings(host="127.0.0.1", port=self.port, security=Security.NONE)

        def send(content: bytes, *, recipient: str) -> str:
            self.step("send")
            answer = smtp.send(mail, None, content, "shop@example.org", recipient)
            self.step("sent")
            return answer

        settled = threading.Semaphore(0)

        def changed(_tables: frozenset[str]) -> None:
            settled.release()
            self.step("settled")

        delivery = Delivery(
            database,
            mailer=lambda: Mailer("shop@example.org", send),
            changed=changed,
            troubled=lambda error: os.write(self.told, f"fault {error}\n".encode()),
        )
        delivery.start()
        for number, draft in enumerate(self.drafts):
            with database.sessions.begin() as session:
                document = _issue(session, draft, self.actor)
            os.write(self.told, f"issued {draft.key} {document.number}\n".encode())
            delivery.wake()
            if number % 2:
                settled.acquire(timeout=10)  # nobody at a counter types faster than the mail leaves
        delivery.close()

    def _watch(self, engine: Any) -> None:
        event.listen(engine, "begin", lambda _connection: self.step("begin"))
        event.listen(engine, "commit", lambda _connection: self.step("commit"))
        event.listen(Session, "after_commit", lambda _session: self.step("committed"))

        def on_statement(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
            is_body = statement.startswith("UPDATE outbox SET body")
            self.step("prepare" if is_body else "statement")

        event.listen(engine, "before_cursor_execute", on_statement)


def live(life: Life, kill_after: int | None) -> list[str]:
    """Fork, let it live for so many steps or until it holds still, kill it. Returns all it told."""
    told, life.told = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(told)
        life.run()
        os._exit(0)
    os.close(life.told)
    lines: list[str] = []
    with os.fdopen(told) as steps:
        for line in steps:
            lines.append(line.strip())
            if lines[-1] == "hold" or (kill_after is not None and len(lines) >= kill_after):
                os.kill(child, signal.SIGKILL)
                kill_after = None  # read on: what it told before it died counts
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if status != -signal.SIGKILL:
        sys.exit(f"a life ended by itself with status {status} after {len(lines)} steps")
    return lines


def main(url: str, port: int, kills: int, seed: int) -> None:
    """Live and die that many times."""
    chance = random.Random(seed)
    drafts = [_draft(number) for number in range(400)]
    database = connect(url)
    with database.reads() as session:
        (staff,), (till,) = accounts.everyone(session), shop.all_tills(session)
    actor = Actor(staff, till)
    with database.sessions() as session:  # rolled back: it only fills caches, which every life inherits
        _warm(_issue(session, drafts[0], actor))
    database.close()  # nothing open goes into a fork
    kinds = itertools.cycle(STEPS)
    entered: list[str] = []
    issued: list[list[str]] = []
    faults: list[str] = []
    ends: list[str] = []
    for turn in range(kills):
        done = {key for key, _ in issued}
        open_drafts = [draft for draft in drafts if str(draft.key) not in done]
        hold_at: tuple[str, int] | None = None
        kill_after: int | None = None
        if turn % 2:
            kill_after = chance.randrange(1, 120)
        else:
            kind = next(kinds)
            hold_at = (kind, chance.randrange(1, 60 if kind == "statement" else 4))
        lines = live(Life(database, port, actor, open_drafts, 0, hold_at), kill_after)
        told = [line.split()[1:] for line in lines if line.startswith("issued ")]
        issued += told
        entered += [key for draft in open_drafts[: len(told) + 1] if (key := str(draft.key)) not in entered]
        faults += [line for line in lines if line.startswith("fault ")]
        last = next((line for line in reversed(lines) if line in STEPS), "start")
        ends.append(hold_at[0] if hold_at else last)
    print(json.dumps({"entered": entered, "issued": issued, "faults": faults, "ends": ends}))


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
    message_text.mail(
        document,
        message_id="<1@example.org>",
        recipient=document.buyer.email,
        sender="shop@example.org",
        at=document.issued_at,
        occasion=Occasion.ORDER_PLACED,
    )


def _issue(session: Session, draft: Draft, by: Actor) -> Document:
    return documents.issue(
        session,
        draft,
        by=by,
        now=datetime.now(UTC) - timedelta(minutes=1),
        contact=Contact(name="Ada", email="ada@example.org"),
        sure=frozenset({documents.SAME_AGAIN}),
    )


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
