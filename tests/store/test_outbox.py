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
from shopdesk.domain.message import LONGEST_BACKOFF, Channel, DeliveryStatus, Message, MessageReason
from shopdesk.domain.message_route import MessageRoute
from shopdesk.queries import outbox as ask
from shopdesk.queries import shop as ask_shop
from shopdesk.queries import verify
from shopdesk.row_keys import new_key
from shopdesk.store import outbox
from shopdesk.store.journal import JournalRef
from shopdesk.store.tables import outbox as table
from shopdesk.usecases import outbox as usecases
from support.mail import MailServer
from support.shops import SampleShop

ONE, OTHER = new_key(), new_key()
WORKERS = Path(__file__).parents[1] / "processes" / "competing_workers.py"


def post(sample_shop: SampleShop, document: Document, count: int = 1, *, at: datetime | None = None) -> list[UUID]:
    """Queue that many messages about a document, all due ``at`` the same moment."""
    place, route = JournalRef(sample_shop.by.till.key, 1), MessageRoute(Channel.EMAIL, "ada@example.org")
    with sample_shop.database.sessions.begin() as session:
        return [
            outbox.enqueue(session, document, MessageReason.ORDER_PLACED, route, ref=place, at=at or sample_shop.now)
            for _ in range(count)
        ]


def claim(sample_shop: SampleShop, worker: UUID = ONE, *, after: timedelta = timedelta(0)) -> UUID | None:
    with sample_shop.database.sessions.begin() as session:
        return outbox.claim(session, channel=Channel.EMAIL, worker=worker, at=sample_shop.now + after)


def settle(sample_shop: SampleShop, key: UUID, state: DeliveryStatus, worker: UUID = ONE, **columns: object) -> bool:
    with sample_shop.database.sessions.begin() as session:
        outbox.save_body(session, key, b"the bytes", worker=worker)
        return outbox.record_result(session, key, worker=worker, state=state, **columns)


def message(sample_shop: SampleShop, key: UUID) -> Message:
    with sample_shop.database.reads() as session:
        return outbox.to_message(session.execute(select(table).where(table.c.key == key)).one())


def next_due(sample_shop: SampleShop) -> datetime | None:
    return sample_shop.ask(outbox.next_due, sample_shop.now, channel=Channel.EMAIL)


def test_issuing_queues_one_message_that_is_due_at_once(sample_shop: SampleShop) -> None:
    document = sample_shop.issue()
    (queued,) = sample_shop.ask(ask.of_document, document.key)
    assert (queued.state, queued.attempts, queued.next_at) == (DeliveryStatus.QUEUED, 0, sample_shop.now)
    assert next_due(sample_shop) == sample_shop.now
    assert claim(sample_shop) == queued.key
    assert message(sample_shop, queued.key).state is DeliveryStatus.SENDING


def test_nothing_is_due_in_an_empty_outbox(sample_shop: SampleShop) -> None:
    assert claim(sample_shop) is None
    assert next_due(sample_shop) is None


def test_a_message_is_not_taken_before_its_time_and_the_oldest_goes_first(sample_shop: SampleShop) -> None:
    document = sample_shop.issue(customer="")
    later, sooner = sample_shop.now + timedelta(minutes=2), sample_shop.now + timedelta(minutes=1)
    first, second = post(sample_shop, document, 2)
    for _ in range(2):  # a first attempt has no time of its own
        key = claim(sample_shop)
        assert key is not None
        settle(sample_shop, key, DeliveryStatus.QUEUED, next_at=later if key == second else sooner)
    assert claim(sample_shop) is None
    assert next_due(sample_shop) == sooner
    assert claim(sample_shop, after=timedelta(minutes=1)) == first
    assert claim(sample_shop, after=timedelta(minutes=1)) is None
    assert claim(sample_shop, after=timedelta(minutes=2)) == second


def test_each_message_has_a_message_id_of_its_own_under_the_shops_domain(sample_shop: SampleShop) -> None:
    document = sample_shop.issue(customer="")
    keys = post(sample_shop, document, 3)
    said = {message(sample_shop, key).message_id for key in keys}
    assert len(said) == 3
    assert all(one.endswith("@example.org>") for one in said)


@pytest.mark.parametrize("address", ["", "shop@" + ".".join(["x" * 60] * 4)])
def test_a_shop_without_an_address_or_with_a_very_long_one_still_issues(sample_shop: SampleShop, address: str) -> None:
    shop = sample_shop.ask(ask_shop.current)
    assert shop is not None
    sample_shop.change_shop(seller=replace(shop.seller, email=address))
    document = sample_shop.issue()
    (queued,) = sample_shop.ask(ask.of_document, document.key)
    assert queued.message_id.endswith("@shopdesk.invalid>")
    assert len(queued.message_id) <= 255


def test_workers_at_the_same_till_never_take_the_same_message(sample_shop: SampleShop) -> None:
    keys = post(sample_shop, sample_shop.issue(customer=""), 60)
    taken: list[UUID] = []
    start = threading.Barrier(6)

    def work() -> None:
        worker = new_key()
        start.wait()
        while (key := claim(sample_shop, worker)) is not None:
            taken.append(key)

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Tally(taken) == Tally(keys)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
@pytest.mark.timeout(180)  # some twenty programs share hundreds of messages: on a busy machine that takes its time
def test_six_programs_share_all_messages_and_none_is_doubled_or_lost_though_some_are_killed(
    sample_shop: SampleShop, mail_server: MailServer
) -> None:
    is_file = (
        sample_shop.database.path is not None
    )  # one program at a time: its few messages show that it holds there too
    count, kills = (350, 6) if is_file else (400, 9)
    post(sample_shop, sample_shop.issue(customer=""), count, at=datetime(2026, 1, 1, tzinfo=UTC))
    with sample_shop.database.sessions.begin() as session:
        kept = {
            message_id: f"Message-ID: {message_id}\r\n\r\nThank you.\r\n".encode()
            for message_id in session.execute(select(table.c.message_id)).scalars()
        }
        is_this = table.c.message_id == bindparam("this")
        with_body = update(table).where(is_this).values(recipient="ada@example.org", body=bindparam("bytes"))
        session.connection.execute(with_body, [{"this": one, "bytes": body} for one, body in kept.items()])
    url = sample_shop.database.engine.url.render_as_string(hide_password=False)
    sample_shop.database.close()
    command: list[str | Path] = [sys.executable, WORKERS, url, str(mail_server.port), "6", str(kills)]
    workers = subprocess.run(command, capture_output=True, text=True, timeout=150)
    assert (workers.returncode, workers.stderr) == (0, "")

    killed = json.loads(workers.stdout)  # the message that each was sending when it was killed
    came = Tally(one.content for one in mail_server.received)
    assert came.keys() == set(kept.values())  # none is lost, and each came as it was
    doubled = {message_id for message_id, body in kept.items() if came[body] > 1}
    assert len(killed["claimed"]) == len(killed["sent"]) == kills // 3
    # Killed after the server's yes and before our note of it, a message goes out again as it was. No other does.
    assert set(killed["sent"]) <= doubled <= {*killed["sent"], *killed["anywhere"]}
    assert max(came.values()) == 2
    with sample_shop.database.reads() as session:
        rows = session.execute(select(table.c.state, table.c.attempts)).all()
    assert {row.state for row in rows} == {DeliveryStatus.SENT.value}
    assert sum(row.attempts - 1 for row in rows) <= kills  # each that was killed had one message in hand, or none


def test_nothing_waits_longer_than_the_longest_backoff_when_the_clock_was_ahead(sample_shop: SampleShop) -> None:
    document = sample_shop.issue(customer="")
    (waiting,) = post(sample_shop, document, at=sample_shop.now)
    assert claim(sample_shop) == waiting
    settle(sample_shop, waiting, DeliveryStatus.QUEUED, next_at=sample_shop.now + LONGEST_BACKOFF)
    assert claim(sample_shop) is None
    assert next_due(sample_shop) == sample_shop.now + LONGEST_BACKOFF
    (ahead,) = post(sample_shop, document, at=sample_shop.now + timedelta(days=400))
    assert next_due(sample_shop) == sample_shop.now
    assert claim(sample_shop) == ahead
    settle(sample_shop, ahead, DeliveryStatus.SENT, next_at=None)
    assert claim(sample_shop, after=LONGEST_BACKOFF) == waiting


def test_a_message_of_a_sale_while_the_clock_was_ahead_is_sent_at_once(sample_shop: SampleShop) -> None:
    (key,) = post(sample_shop, sample_shop.issue(customer=""), at=sample_shop.now + timedelta(hours=1))
    assert next_due(sample_shop) == sample_shop.now
    assert claim(sample_shop) == key


def test_a_lease_of_a_clock_that_was_ahead_ends(sample_shop: SampleShop) -> None:
    (key,) = post(sample_shop, sample_shop.issue(customer=""))
    assert claim(sample_shop, after=timedelta(days=400)) == key
    assert next_due(sample_shop) == sample_shop.now
    assert claim(sample_shop, OTHER) == key


def test_a_message_is_taken_over_when_the_lease_of_its_worker_ends(sample_shop: SampleShop) -> None:
    (key,) = post(sample_shop, sample_shop.issue(customer=""))
    assert claim(sample_shop) == key
    assert next_due(sample_shop) == sample_shop.now + outbox.LEASE
    assert claim(sample_shop, OTHER, after=outbox.LEASE - timedelta(seconds=1)) is None
    assert claim(sample_shop, OTHER, after=outbox.LEASE) == key
    assert message(sample_shop, key).attempts == 2


def test_a_worker_that_comes_back_after_its_lease_changes_nothing(sample_shop: SampleShop) -> None:
    (key,) = post(sample_shop, sample_shop.issue(customer=""))
    claim(sample_shop)
    claim(sample_shop, OTHER, after=outbox.LEASE)
    assert not settle(sample_shop, key, DeliveryStatus.FAILED, last_error="too late")
    assert message(sample_shop, key).state is DeliveryStatus.SENDING
    assert settle(sample_shop, key, DeliveryStatus.SENT, OTHER, next_at=None, last_error="250 OK")
    assert not settle(sample_shop, key, DeliveryStatus.FAILED, last_error="too late")
    assert (message(sample_shop, key).state, message(sample_shop, key).last_error) == (DeliveryStatus.SENT, "250 OK")


def test_leases_left_over_by_a_crash_end_at_once_where_one_program_owns_the_file(sample_shop: SampleShop) -> None:
    sent, held = post(sample_shop, sample_shop.issue(customer=""), 2)
    assert claim(sample_shop) == sent
    settle(sample_shop, sent, DeliveryStatus.SENT, next_at=None)
    assert claim(sample_shop) == held
    with sample_shop.database.sessions.begin() as session:
        outbox.release_all(session, channel=Channel.EMAIL)
    assert message(sample_shop, sent).state is DeliveryStatus.SENT
    assert claim(sample_shop, OTHER) == held


def test_the_first_bytes_of_a_message_stay_its_bytes(sample_shop: SampleShop) -> None:
    (key,) = post(sample_shop, sample_shop.issue(customer=""))
    assert claim(sample_shop) == key
    assert sample_shop.ask(outbox.outgoing, key).body is None
    for body in (b"first", b"second"):
        with sample_shop.database.sessions.begin() as session:
            outbox.save_body(session, key, body, worker=ONE)
    assert sample_shop.ask(outbox.outgoing, key).body == b"first"


def test_what_nobody_tried_yet_is_withdrawn_and_what_was_tried_is_not(sample_shop: SampleShop) -> None:
    document = sample_shop.issue(customer="")
    tried, untried = post(sample_shop, document, 2)
    assert claim(sample_shop) == tried
    settle(sample_shop, tried, DeliveryStatus.QUEUED, next_at=sample_shop.now + timedelta(minutes=1))
    with sample_shop.database.sessions.begin() as session:
        assert outbox.withdraw(session, document.key)
        assert not outbox.withdraw(session, document.key)
    assert (message(sample_shop, tried).state, message(sample_shop, untried).state) == (
        DeliveryStatus.QUEUED,
        DeliveryStatus.WITHDRAWN,
    )
    assert claim(sample_shop, after=timedelta(hours=1)) == tried
    assert claim(sample_shop, after=timedelta(hours=1)) is None


def test_withdrawing_touches_no_other_documents_messages(sample_shop: SampleShop) -> None:
    first, second = sample_shop.issue(), sample_shop.issue()
    with sample_shop.database.sessions.begin() as session:
        outbox.withdraw(session, first.key)
    (other,) = sample_shop.ask(ask.of_document, second.key)
    assert other.state is DeliveryStatus.QUEUED


def test_a_retry_takes_what_failed_and_what_waits_but_never_what_is_sent_or_under_way(sample_shop: SampleShop) -> None:
    keys = post(sample_shop, sample_shop.issue(customer=""), 5)
    ends = (DeliveryStatus.SENT, DeliveryStatus.FAILED, DeliveryStatus.UNKNOWN, DeliveryStatus.QUEUED)
    later = sample_shop.now + timedelta(hours=1)
    for key, state in zip(keys, ends, strict=False):
        assert claim(sample_shop) == key
        settle(sample_shop, key, state, next_at=later if state is DeliveryStatus.QUEUED else None)
    assert claim(sample_shop) == keys[4]
    with sample_shop.database.sessions.begin() as session:
        assert outbox.requeue(session, by=sample_shop.by, at=sample_shop.now, key=keys[0]) == 0
        assert outbox.requeue(session, by=sample_shop.by, at=sample_shop.now, key=keys[1]) == 1
        assert outbox.requeue(session, by=sample_shop.by, at=sample_shop.now) == 1
        assert outbox.requeue(session, by=sample_shop.by, at=sample_shop.now, key=keys[2]) == 1  # unclear: asked for
    states = [message(sample_shop, key).state for key in keys]
    assert states == [
        DeliveryStatus.SENT,
        DeliveryStatus.QUEUED,
        DeliveryStatus.QUEUED,
        DeliveryStatus.QUEUED,
        DeliveryStatus.SENDING,
    ]
    assert next_due(sample_shop) == sample_shop.now


def test_a_message_id_cannot_stand_twice_in_the_outbox(sample_shop: SampleShop) -> None:
    post(sample_shop, sample_shop.issue(customer=""), 2)
    with pytest.raises(Exception, match=r"(?i)unique"), sample_shop.database.engine.begin() as connection:
        connection.execute(text("UPDATE outbox SET message_id = '<same@example.org>'"))


# --- what came back ---------------------------------------------------------------------------------------------------


def bounce(sample_shop: SampleShop, key: UUID, words: str = "The mail server said: 550 5.1.1 unknown") -> bool:
    with sample_shop.database.sessions.begin() as session:
        return outbox.record_bounce(session, key, words, at=sample_shop.now)


def test_a_sent_message_that_came_back_says_so_and_may_go_again(sample_shop: SampleShop) -> None:
    document = sample_shop.issue()
    (queued,) = sample_shop.ask(ask.of_document, document.key)
    assert not bounce(sample_shop, queued.key)
    assert not bounce(sample_shop, new_key())
    assert claim(sample_shop) == queued.key
    assert not bounce(sample_shop, queued.key)
    settle(sample_shop, queued.key, DeliveryStatus.SENT, sent_at=sample_shop.now, next_at=None, last_error="250 OK")
    assert bounce(sample_shop, queued.key)
    assert not bounce(sample_shop, queued.key, "again")
    back = message(sample_shop, queued.key)
    assert (back.state, back.last_error) == (DeliveryStatus.BOUNCED, "The mail server said: 550 5.1.1 unknown")
    assert back.sent_at == sample_shop.now
    assert sample_shop.ask(ask.not_delivered) == ask.NotDelivered(bounced=1)
    assert sample_shop.ask(lambda session: list(verify.message_violations(session))) == []
    assert sample_shop.do(usecases.retry_all) == 0
    assert sample_shop.do(usecases.retry, queued.key) == 1
    again = message(sample_shop, queued.key)
    assert (again.state, again.sent_at) == (DeliveryStatus.QUEUED, None)
    assert sample_shop.ask(lambda session: list(verify.message_violations(session))) == []
