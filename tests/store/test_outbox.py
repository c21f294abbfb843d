"""The outbox as rows: a message has one worker at a time, and what became of it is written by that worker alone."""

import json
import os
import subprocess
import sys
import threading
from collections import Counter as Tally
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import bindparam, select, text, update

from shopdesk.domain.document import Document
from shopdesk.domain.message import Channel, Message, Occasion, Sending
from shopdesk.queries import outbox as ask
from shopdesk.queries import shop as ask_shop
from shopdesk.store import outbox
from shopdesk.store.journal import Place
from shopdesk.store.keys import new_key
from shopdesk.store.tables import outbox as table
from support.mail import MailServer
from support.shops import Counter

ONE, OTHER = new_key(), new_key()
RIVALS = Path(__file__).parents[1] / "processes" / "competing_workers.py"


def post(counter: Counter, document: Document, count: int = 1, *, at: datetime | None = None) -> list[UUID]:
    """Queue that many messages about a document, all due ``at`` the same moment."""
    place = Place(counter.by.till.key, 1)
    with counter.database.sessions.begin() as session:
        return [
            outbox.post(session, document, Occasion.ORDER_PLACED, Channel.EMAIL, place=place, at=at or counter.now)
            for _ in range(count)
        ]


def claim(counter: Counter, worker: UUID = ONE, *, after: timedelta = timedelta(0)) -> UUID | None:
    with counter.database.sessions.begin() as session:
        return outbox.claim(session, worker=worker, at=counter.now + after)


def settle(counter: Counter, key: UUID, state: Sending, worker: UUID = ONE, **columns: object) -> bool:
    with counter.database.sessions.begin() as session:
        return outbox.settle(session, key, worker=worker, state=state, **columns)


def message(counter: Counter, key: UUID) -> Message:
    with counter.database.reads() as session:
        return outbox.to_message(session.execute(select(table).where(table.c.key == key)).one())


def next_due(counter: Counter) -> datetime | None:
    return counter.ask(outbox.next_due)


def test_issuing_queues_one_message_that_is_due_at_once(counter: Counter) -> None:
    document = counter.issue()
    (queued,) = counter.ask(ask.of_document, document.key)
    assert (queued.state, queued.attempts, queued.next_at) == (Sending.QUEUED, 0, counter.now)
    assert next_due(counter) == counter.now
    assert claim(counter) == queued.key
    assert message(counter, queued.key).state is Sending.SENDING


def test_nothing_is_due_in_an_empty_outbox(counter: Counter) -> None:
    assert claim(counter) is None
    assert next_due(counter) is None


def test_a_message_is_not_taken_before_its_time_and_the_oldest_goes_first(counter: Counter) -> None:
    document = counter.issue(customer="")
    later, sooner = counter.now + timedelta(minutes=2), counter.now + timedelta(minutes=1)
    (second,) = post(counter, document, at=later)
    (first,) = post(counter, document, at=sooner)
    assert claim(counter) is None
    assert next_due(counter) == sooner
    assert claim(counter, after=timedelta(minutes=1)) == first
    assert claim(counter, after=timedelta(minutes=1)) is None
    assert claim(counter, after=timedelta(minutes=2)) == second


def test_each_message_has_a_message_id_of_its_own_under_the_shops_domain(counter: Counter) -> None:
    document = counter.issue(customer="")
    keys = post(counter, document, 3)
    said = {message(counter, key).message_id for key in keys}
    assert len(said) == 3
    assert all(one.endswith("@example.org>") for one in said)


@pytest.mark.parametrize("address", ["", "shop@" + ".".join(["x" * 60] * 4)])
def test_a_shop_without_an_address_or_with_a_very_long_one_still_issues(counter: Counter, address: str) -> None:
    shop = counter.ask(ask_shop.current)
    assert shop is not None
    counter.change_shop(seller=replace(shop.seller, email=address))
    document = counter.issue()
    (queued,) = counter.ask(ask.of_document, document.key)
    assert queued.message_id.endswith("@shopdesk.invalid>")
    assert len(queued.message_id) <= 255


def test_workers_at_the_same_till_never_take_the_same_message(counter: Counter) -> None:
    keys = post(counter, counter.issue(customer=""), 60)
    taken: list[UUID] = []
    start = threading.Barrier(6)

    def work() -> None:
        worker = new_key()
        start.wait()
        while (key := claim(counter, worker)) is not None:
            taken.append(key)

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Tally(taken) == Tally(keys)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
@pytest.mark.timeout(180)  # some twenty programs share two thousand messages: on a busy machine that takes its time
def test_six_programs_share_all_messages_and_none_is_doubled_or_lost_though_some_are_killed(
    counter: Counter, mail_server: MailServer
) -> None:
    is_file = counter.database.path is not None  # one program at a time: its few messages show that it holds there too
    count, kills = (200, 6) if is_file else (2000, 12)
    post(counter, counter.issue(customer=""), count, at=datetime(2026, 1, 1, tzinfo=UTC))
    with counter.database.sessions.begin() as session:
        kept = {
            message_id: f"Message-ID: {message_id}\r\n\r\nThank you.\r\n".encode()
            for message_id in session.execute(select(table.c.message_id)).scalars()
        }
        is_this = table.c.message_id == bindparam("this")
        with_body = update(table).where(is_this).values(recipient="ada@example.org", body=bindparam("bytes"))
        session.connection.execute(with_body, [{"this": one, "bytes": body} for one, body in kept.items()])
    url = counter.database.engine.url.render_as_string(hide_password=False)
    counter.database.close()
    command = [sys.executable, RIVALS, url, str(mail_server.port), "6", str(kills)]
    rivals = subprocess.run(command, capture_output=True, text=True, timeout=150)
    assert (rivals.returncode, rivals.stderr) == (0, "")

    killed = json.loads(rivals.stdout)  # what each had in hand when it was killed
    came = Tally(one.content for one in mail_server.received)
    assert came.keys() == set(kept.values())  # none is lost, and each came as it was
    doubled = {message_id for message_id, body in kept.items() if came[body] > 1}
    assert len(killed["claimed"]) == len(killed["sent"]) == kills // 3
    # Killed after the server's yes and before our note of it, a message goes out again as it was. No other does.
    assert set(killed["sent"]) <= doubled <= {*killed["sent"], *killed["anywhere"]}
    assert max(came.values()) == 2
    with counter.database.reads() as session:
        rows = session.execute(select(table.c.state, table.c.attempts)).all()
    assert {row.state for row in rows} == {Sending.SENT.value}
    assert sum(row.attempts - 1 for row in rows) <= kills  # each that was killed had one message in hand, or none


def test_a_message_is_taken_over_when_the_lease_of_its_worker_ends(counter: Counter) -> None:
    (key,) = post(counter, counter.issue(customer=""))
    assert claim(counter) == key
    assert next_due(counter) == counter.now + outbox.LEASE
    assert claim(counter, OTHER, after=outbox.LEASE - timedelta(seconds=1)) is None
    assert claim(counter, OTHER, after=outbox.LEASE) == key
    assert message(counter, key).attempts == 2


def test_a_worker_that_comes_back_after_its_lease_changes_nothing(counter: Counter) -> None:
    (key,) = post(counter, counter.issue(customer=""))
    claim(counter)
    claim(counter, OTHER, after=outbox.LEASE)
    assert not settle(counter, key, Sending.FAILED, last_error="too late")
    assert message(counter, key).state is Sending.SENDING
    assert settle(counter, key, Sending.SENT, OTHER, next_at=None, last_error="250 OK")
    assert not settle(counter, key, Sending.FAILED, last_error="too late")
    assert (message(counter, key).state, message(counter, key).last_error) == (Sending.SENT, "250 OK")


def test_leases_left_over_by_a_crash_end_at_once_where_one_program_owns_the_file(counter: Counter) -> None:
    sent, held = post(counter, counter.issue(customer=""), 2)
    assert claim(counter) == sent
    settle(counter, sent, Sending.SENT, next_at=None)
    assert claim(counter) == held
    with counter.database.sessions.begin() as session:
        outbox.release_all(session)
    assert message(counter, sent).state is Sending.SENT
    assert claim(counter, OTHER) == held


def test_the_first_bytes_of_a_message_stay_its_bytes(counter: Counter) -> None:
    (key,) = post(counter, counter.issue(customer=""))
    assert counter.ask(outbox.parcel, key).body is None
    for body in (b"first", b"second"):
        with counter.database.sessions.begin() as session:
            outbox.keep_body(session, key, body)
    assert counter.ask(outbox.parcel, key).body == b"first"


def test_what_nobody_tried_yet_is_withdrawn_and_what_was_tried_is_not(counter: Counter) -> None:
    document = counter.issue(customer="")
    tried, untried = post(counter, document, 2)
    assert claim(counter) == tried
    settle(counter, tried, Sending.QUEUED, next_at=counter.now + timedelta(minutes=1))
    with counter.database.sessions.begin() as session:
        assert outbox.withdraw(session, document.key)
        assert not outbox.withdraw(session, document.key)
    assert (message(counter, tried).state, message(counter, untried).state) == (Sending.QUEUED, Sending.WITHDRAWN)
    assert claim(counter, after=timedelta(hours=1)) == tried
    assert claim(counter, after=timedelta(hours=1)) is None


def test_withdrawing_touches_no_other_documents_messages(counter: Counter) -> None:
    first, second = counter.issue(), counter.issue()
    with counter.database.sessions.begin() as session:
        outbox.withdraw(session, first.key)
    (other,) = counter.ask(ask.of_document, second.key)
    assert other.state is Sending.QUEUED


def test_a_retry_takes_what_failed_and_what_waits_but_never_what_is_sent_or_under_way(counter: Counter) -> None:
    keys = post(counter, counter.issue(customer=""), 5)
    ends = (Sending.SENT, Sending.FAILED, Sending.UNKNOWN, Sending.QUEUED)
    later = counter.now + timedelta(hours=1)
    for key, state in zip(keys, ends, strict=False):
        assert claim(counter) == key
        settle(counter, key, state, next_at=later if state is Sending.QUEUED else None)
    assert claim(counter) == keys[4]
    with counter.database.sessions.begin() as session:
        assert outbox.requeue(session, at=counter.now, key=keys[0]) == 0
        assert outbox.requeue(session, at=counter.now, key=keys[1]) == 1
        assert outbox.requeue(session, at=counter.now) == 2
    states = [message(counter, key).state for key in keys]
    assert states == [Sending.SENT, Sending.QUEUED, Sending.QUEUED, Sending.QUEUED, Sending.SENDING]
    assert next_due(counter) == counter.now


def test_a_message_id_cannot_stand_twice_in_the_outbox(counter: Counter) -> None:
    post(counter, counter.issue(customer=""), 2)
    with pytest.raises(Exception, match=r"(?i)unique"), counter.database.engine.begin() as connection:
        connection.execute(text("UPDATE outbox SET message_id = '<same@example.org>'"))
