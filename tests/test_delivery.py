"""Messages leave once: to a real mail server that takes, refuses, vanishes or forgets to answer, on both databases."""

import email
import email.policy
import socket
import threading
from collections import Counter as Tally
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, text

from shopdesk.delivery import Delivery, Mailer, deliver_next
from shopdesk.domain.document import Document
from shopdesk.domain.draft import DraftRow
from shopdesk.domain.errors import AuthenticationFailed, MailSignInFailed
from shopdesk.domain.message import Channel, DeliveryStatus, Message, MessageReason
from shopdesk.domain.sentence import sentence
from shopdesk.gateways import connecting, smtp
from shopdesk.queries import outbox as ask
from shopdesk.row_keys import new_key
from shopdesk.settings import MailSettings, Security
from shopdesk.store import outbox
from shopdesk.store.database import connect
from shopdesk.store.tables import outbox as table
from shopdesk.usecases import documents
from shopdesk.usecases import outbox as do_outbox
from support.mail import MailServer
from support.shops import SampleShop, open_shop

Start = Callable[..., MailServer]
SENDER = "shop@example.org"
ME = new_key()
A_MINUTE, A_DAY = timedelta(minutes=1), timedelta(days=1)


NOWHERE = MailSettings(host="127.0.0.1", port=1, security=Security.NONE)
"""Nothing listens there."""


def mailer(server: MailServer, *, username: str = "", password: str | None = None, sender: str = SENDER) -> Mailer:
    """The real gateway, at the test's server."""
    return through(
        MailSettings(host=server.host, port=server.port, security=Security.NONE, username=username), password, sender
    )


def through(mail: MailSettings, password: str | None = None, sender: str = SENDER) -> Mailer:
    def send(content: bytes, *, recipient: str) -> str:
        return smtp.send(mail, password, content, sender, recipient)

    return Mailer(sender, send)


def deliver(
    sample_shop: SampleShop, to: MailServer | Mailer, *, after: timedelta = timedelta(0)
) -> DeliveryStatus | None:
    """Send the next message that is due by then."""
    by = to if isinstance(to, Mailer) else mailer(to)
    return deliver_next(sample_shop.database, by, worker=ME, now=lambda: sample_shop.now + after)


def message(sample_shop: SampleShop, document: Document) -> Message:
    """The newest message about a document."""
    return sample_shop.ask(ask.of_document, document.key)[-1]


def body(sample_shop: SampleShop, document: Document) -> bytes:
    kept = sample_shop.ask(outbox.outgoing, message(sample_shop, document).key).body
    assert kept is not None
    return kept


def message_id(content: bytes) -> str:
    return str(email.message_from_bytes(content, policy=email.policy.default)["Message-ID"])


# --- one message after the other, with a clock of the test's own -----------------------------------------------------


def test_a_message_arrives_with_the_document_and_the_servers_answer_is_kept(
    sample_shop: SampleShop, mail_server: MailServer
) -> None:
    document = sample_shop.issue()
    assert deliver(sample_shop, mail_server) is DeliveryStatus.SENT
    assert deliver(sample_shop, mail_server, after=A_DAY) is None
    (received,) = mail_server.received
    assert (received.sender, received.recipients) == (SENDER, ("ada@example.org",))
    sent = message(sample_shop, document)
    assert (sent.state, sent.last_error, sent.attempts) == (DeliveryStatus.SENT, "250 OK", 1)
    assert (sent.sent_at, sent.next_at) == (sample_shop.now, None)
    assert received.message["Message-ID"] == sent.message_id
    assert received.content == body(sample_shop, document)
    (pdf,) = received.message.iter_attachments()
    assert (pdf.get_filename(), pdf.get_content_type()) == (f"{document.number}.pdf", "application/pdf")


def test_nothing_is_sent_before_it_is_due(sample_shop: SampleShop, mail_server: MailServer) -> None:
    sample_shop.issue()
    mail_server.lose_answer = True
    assert deliver(sample_shop, mail_server) is DeliveryStatus.QUEUED
    sent = len(mail_server.received)
    assert deliver(sample_shop, mail_server, after=timedelta(seconds=1)) is None
    assert len(mail_server.received) == sent


def test_an_answer_that_is_lost_makes_the_same_message_go_out_again(
    sample_shop: SampleShop, mail_server: MailServer
) -> None:
    document = sample_shop.issue()
    mail_server.lose_answer = True
    assert deliver(sample_shop, mail_server) is DeliveryStatus.QUEUED
    assert "closed the connection" in message(sample_shop, document).last_error
    # Whatever changes meanwhile: the repeat is made of the bytes that were kept.
    sample_shop.change_shop(language="de")
    mail_server.lose_answer = False
    assert deliver(sample_shop, mailer(mail_server, sender="new@example.org"), after=A_DAY) is DeliveryStatus.SENT
    first, again = mail_server.received
    assert first.content == again.content == body(sample_shop, document)
    assert first.message["Message-ID"] == message(sample_shop, document).message_id
    assert message(sample_shop, document).attempts == 2


@pytest.mark.parametrize("step", ["MAIL", "RCPT", "DATA"])
def test_a_server_that_says_later_is_asked_again_later(
    sample_shop: SampleShop, mail_server: MailServer, step: str
) -> None:
    document = sample_shop.issue()
    mail_server.answers[step] = "451 4.3.0 the cellar is under water"
    waits = []
    for attempt in range(1, 4):
        assert deliver(sample_shop, mail_server, after=A_DAY * attempt) is DeliveryStatus.QUEUED
        queued = message(sample_shop, document)
        assert (queued.state, queued.attempts) == (DeliveryStatus.QUEUED, attempt)
        assert queued.last_error.endswith("451 4.3.0 the cellar is under water. shopdesk will try again.")
        assert queued.next_at is not None
        waits.append((queued.next_at - sample_shop.now - A_DAY * attempt).total_seconds())
        assert deliver(sample_shop, mail_server, after=A_DAY * attempt) is None
    assert all(0.8 * wait <= waited <= 1.2 * wait for waited, wait in zip(waits, (30, 60, 120), strict=True)), waits
    del mail_server.answers[step]
    assert deliver(sample_shop, mail_server, after=A_DAY * 4) is DeliveryStatus.SENT


@pytest.mark.parametrize("step", ["MAIL", "RCPT", "DATA"])
def test_a_server_that_says_no_for_good_is_believed(
    sample_shop: SampleShop, mail_server: MailServer, step: str
) -> None:
    document = sample_shop.issue()
    mail_server.answers[step] = "550 5.1.1 nobody of that name lives here"
    assert deliver(sample_shop, mail_server) is DeliveryStatus.FAILED
    failed = message(sample_shop, document)
    assert (failed.state, failed.next_at) == (DeliveryStatus.FAILED, None)
    assert failed.last_error.endswith("550 5.1.1 nobody of that name lives here.")
    assert deliver(sample_shop, mail_server, after=A_DAY) is None
    del mail_server.answers[step]
    assert sample_shop.do(do_outbox.retry, failed.key) == 1
    assert deliver(sample_shop, mail_server) is DeliveryStatus.SENT
    assert mail_server.received[0].message["Message-ID"] == failed.message_id


def test_a_failure_of_one_message_does_not_hold_up_the_next(sample_shop: SampleShop, mail_server: MailServer) -> None:
    first, second = sample_shop.issue(), sample_shop.issue(customer="Ben <ben@example.org>")
    mail_server.answers["RCPT"] = "450 4.2.1 mailbox busy"
    assert deliver(sample_shop, mail_server) is DeliveryStatus.QUEUED
    mail_server.answers.clear()
    assert deliver(sample_shop, mail_server) is DeliveryStatus.SENT
    assert (message(sample_shop, first).state, message(sample_shop, second).state) == (
        DeliveryStatus.QUEUED,
        DeliveryStatus.SENT,
    )


def test_a_refused_password_puts_the_message_back_and_is_no_fault_of_the_message(
    sample_shop: SampleShop, start_mail_server: Start
) -> None:
    server = start_mail_server(login=("shop", "right"))
    document = sample_shop.issue()
    with pytest.raises(AuthenticationFailed, match="rejected the sign-in"):
        deliver(sample_shop, mailer(server, username="shop", password="wrong"))
    queued = message(sample_shop, document)
    assert (queued.state, server.received) == (DeliveryStatus.QUEUED, [])
    assert "rejected the sign-in" in queued.last_error
    assert (
        deliver(sample_shop, mailer(server, username="shop", password="right"), after=A_MINUTE) is DeliveryStatus.SENT
    )


def test_a_mail_server_that_is_away_is_tried_again_when_it_is_back(
    sample_shop: SampleShop, mail_server: MailServer
) -> None:
    document = sample_shop.issue()
    assert deliver(sample_shop, through(NOWHERE)) is DeliveryStatus.QUEUED
    assert message(sample_shop, document).last_error.endswith(
        "cannot be reached: it refused the connection. Check the network connection. shopdesk will try again."
    )
    assert deliver(sample_shop, mail_server) is None
    assert deliver(sample_shop, mail_server, after=A_MINUTE) is DeliveryStatus.SENT


def test_a_document_that_is_amended_before_anybody_tried_sends_only_its_new_self(
    sample_shop: SampleShop, mail_server: MailServer
) -> None:
    before = sample_shop.issue()
    reading = sample_shop.read(DraftRow("Milk", "3", "0.89"), customer="Ada <ada@example.org>")
    sample_shop.do(documents.correct, before.key, reading.draft, contact=reading.contact, revision=1)
    assert deliver(sample_shop, mail_server) is DeliveryStatus.SENT
    assert deliver(sample_shop, mail_server, after=A_DAY) is None
    (received,) = mail_server.received
    words = received.text
    assert "3 × Milk: 2.67" in words
    assert "Bread" not in words
    withdrawn, sent = sample_shop.ask(ask.of_document, before.key)
    assert (withdrawn.state, sent.reason) == (DeliveryStatus.WITHDRAWN, MessageReason.ORDER_PLACED)


def test_a_document_that_is_voided_before_anybody_tried_sends_nothing(
    sample_shop: SampleShop, mail_server: MailServer
) -> None:
    document = sample_shop.issue()
    sample_shop.do(documents.delete, document.key)
    assert deliver(sample_shop, mail_server, after=A_DAY) is None
    assert (mail_server.received, message(sample_shop, document).state) == ([], DeliveryStatus.WITHDRAWN)


def test_a_customer_who_had_the_message_is_told_that_the_document_was_voided(
    sample_shop: SampleShop, mail_server: MailServer
) -> None:
    document = sample_shop.issue()
    deliver(sample_shop, mail_server)
    sample_shop.do(documents.delete, document.key)
    assert message(sample_shop, document).reason is MessageReason.VOIDED
    assert deliver(sample_shop, mail_server) is DeliveryStatus.SENT
    first, second = mail_server.received
    assert first.message["Message-ID"] != second.message["Message-ID"]
    assert first.message["Subject"] != second.message["Subject"]


def test_the_message_of_a_replacement_names_the_document_it_stands_for(
    sample_shop: SampleShop, mail_server: MailServer
) -> None:
    sample_shop.seal_at_issue()
    before = sample_shop.issue()
    deliver(sample_shop, mail_server)
    reading = sample_shop.read(DraftRow("Milk", "3", "0.89"), customer="Ada <ada@example.org>")
    sample_shop.do(documents.correct, before.key, reading.draft, contact=reading.contact, revision=1)
    deliver(sample_shop, mail_server)
    words = mail_server.received[-1].text
    assert "R-A-2026-000002" in words
    assert before.number in words


def test_a_message_says_what_the_document_was_when_it_was_queued(
    sample_shop: SampleShop, mail_server: MailServer
) -> None:
    document = sample_shop.issue()
    mail_server.answers["DATA"] = "451 later"
    deliver(sample_shop, mail_server)
    reading = sample_shop.read(DraftRow("Milk", "3", "0.89"), customer="Ada <ada@example.org>")
    sample_shop.do(documents.correct, document.key, reading.draft, contact=reading.contact, revision=1)
    mail_server.answers.clear()
    assert [deliver(sample_shop, mail_server, after=A_DAY) for _ in range(3)] == [
        DeliveryStatus.SENT,
        DeliveryStatus.SENT,
        None,
    ]
    said = {one.text for one in mail_server.received}
    assert sorted(("Bread" in words, "3 × Milk" in words) for words in said) == [(False, True), (True, False)]


def test_a_dead_workers_message_is_taken_over_when_its_lease_ends(
    sample_shop: SampleShop, mail_server: MailServer
) -> None:
    document = sample_shop.issue()
    with sample_shop.database.sessions.begin() as session:
        outbox.claim(session, channel=Channel.EMAIL, worker=new_key(), at=sample_shop.now)
    assert deliver(sample_shop, mail_server, after=outbox.LEASE - timedelta(seconds=1)) is None
    assert deliver(sample_shop, mail_server, after=outbox.LEASE) is DeliveryStatus.SENT
    assert message(sample_shop, document).attempts == 2
    assert len(mail_server.received) == 1


def test_a_message_that_cannot_be_made_fails_in_words_and_the_next_one_goes(
    sample_shop: SampleShop, mail_server: MailServer, expect_log: Callable[[str], object]
) -> None:
    expect_log("could not be prepared or sent")
    broken, fine = sample_shop.issue(), sample_shop.issue(customer="Ben <ben@example.org>")
    with sample_shop.database.engine.begin() as connection:
        connection.execute(table.update().where(table.c.document_key == broken.key).values(journal_seq=99))
    assert deliver(sample_shop, mail_server) is DeliveryStatus.FAILED
    assert message(sample_shop, broken).last_error.startswith("Internal error in shopdesk: ")
    assert deliver(sample_shop, mail_server) is DeliveryStatus.SENT
    assert message(sample_shop, fine).state is DeliveryStatus.SENT


def test_several_workers_send_each_message_once(sample_shop: SampleShop, mail_server: MailServer) -> None:
    for number in range(12):
        sample_shop.issue(DraftRow("Tea", "1", f"{number + 1}"))
    start = threading.Barrier(4)

    def work() -> None:
        worker = new_key()
        start.wait()
        while deliver_next(sample_shop.database, mailer(mail_server), worker=worker, now=lambda: sample_shop.now):
            pass

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with sample_shop.database.reads() as session:
        wanted = Tally(session.execute(select(table.c.message_id)).scalars())
    assert Tally(str(one.message["Message-ID"]) for one in mail_server.received) == wanted
    assert wanted.total() == 12


# --- the thread that does it while the program runs ------------------------------------------------------------------


class Post:
    """A running delivery, and everything it tells."""

    def __init__(self, sample_shop: SampleShop, chosen: Mailer | None) -> None:
        self.chosen = chosen
        self.rounds = 0
        self.changes = 0
        self.troubles: list[Exception] = []
        self._said = threading.Condition()
        self.delivery = Delivery(
            sample_shop.database, mailer=self._ask, changed=self._on_changed, troubled=self._on_troubled
        )

    def wait_until(self, is_so: Callable[[], bool]) -> None:
        with self._said:
            assert self._said.wait_for(is_so, timeout=10)

    def another_round(self) -> None:
        """Wake it, and wait until it has begun to look again."""
        before = self.rounds
        self.delivery.wake()
        self.wait_until(lambda: self.rounds > before)

    def _ask(self) -> Mailer | None:
        with self._said:
            self.rounds += 1
            self._said.notify_all()
        return self.chosen

    def _on_changed(self, tables: frozenset[str]) -> None:
        assert tables == {"outbox"}
        with self._said:
            self.changes += 1
            self._said.notify_all()

    def _on_troubled(self, error: Exception) -> None:
        with self._said:
            self.troubles.append(error)
            self._said.notify_all()


@contextmanager
def running(sample_shop: SampleShop, chosen: Mailer | None) -> Iterator[Post]:
    post = Post(sample_shop, chosen)
    post.delivery.start()
    try:
        yield post
    finally:
        post.delivery.close()


@pytest.fixture
def today(sample_shop: SampleShop) -> SampleShop:
    """A counter whose messages are due by the machine's clock, which the running delivery goes by."""
    sample_shop.now = datetime.now(UTC) - timedelta(hours=1)
    return sample_shop


def test_what_is_queued_leaves_when_delivery_is_woken(today: SampleShop, mail_server: MailServer) -> None:
    with running(today, mailer(mail_server)) as post:
        for count in range(1, 4):
            document = today.issue(DraftRow("Tea", "1", f"{count}"))
            post.delivery.wake()
            mail_server.wait_for(count)
            post.wait_until(lambda: message(today, document).state is DeliveryStatus.SENT)  # noqa: B023 - used at once
        post.wait_until(lambda: post.changes == 3)
    assert post.troubles == []


def test_messages_wait_until_a_mail_server_is_set_up(today: SampleShop, mail_server: MailServer) -> None:
    document = today.issue()
    with running(today, None) as post:
        post.another_round()
        assert message(today, document).attempts == 0
        post.chosen = mailer(mail_server)
        post.delivery.resume()
        mail_server.wait_for(1)


def test_a_refused_password_stops_the_queue_and_is_told_once(today: SampleShop, start_mail_server: Start) -> None:
    server = start_mail_server(login=("shop", "right"))
    first, second = today.issue(), today.issue(customer="Ben <ben@example.org>")
    with running(today, mailer(server, username="shop", password="wrong")) as post:
        post.wait_until(lambda: len(post.troubles) == 1)
        post.another_round()
        post.another_round()
        assert [message(today, one).attempts for one in (first, second)] == [1, 0]
        assert [type(error) for error in post.troubles] == [MailSignInFailed]
        # The right password, typed in at last, lets everything out without waiting for a next attempt.
        post.chosen = mailer(server, username="shop", password="right")
        post.delivery.resume()
        server.wait_for(2)
    assert len(post.troubles) == 1


def test_a_password_that_is_corrected_while_the_wrong_one_is_tried_is_not_overlooked(
    today: SampleShop, mail_server: MailServer
) -> None:
    today.issue()
    right = mailer(mail_server)

    def wrong(content: bytes, *, recipient: str) -> str:
        post.chosen = right
        post.delivery.resume()
        raise AuthenticationFailed(sentence("The mail server rejected the sign-in."))

    with running(today, Mailer(SENDER, wrong)) as post:
        mail_server.wait_for(1)


def test_a_mail_server_that_comes_back_gets_what_waited_when_somebody_asks_for_it(
    today: SampleShop, mail_server: MailServer
) -> None:
    documents = [today.issue(), today.issue(customer="Ben <ben@example.org>")]
    with running(today, through(NOWHERE)) as post:
        post.wait_until(lambda: post.changes == 2)
        assert {message(today, one).state for one in documents} == {DeliveryStatus.QUEUED}
        post.chosen = mailer(mail_server)
        post.another_round()  # the round that still had the old server is over, so nothing is on its way
        assert today.do(do_outbox.retry_all) == 2
        post.delivery.resume()
        mail_server.wait_for(2)


def test_delivery_outlives_a_database_that_does_not_answer(today: SampleShop, mail_server: MailServer) -> None:
    with running(today, mailer(mail_server)) as post:
        post.another_round()
        with today.database.engine.begin() as connection:
            connection.execute(text("ALTER TABLE outbox RENAME TO elsewhere"))
        post.another_round()
        post.another_round()
        with today.database.engine.begin() as connection:
            connection.execute(text("ALTER TABLE elsewhere RENAME TO outbox"))
        today.issue()
        post.delivery.wake()
        mail_server.wait_for(1)
    assert post.troubles == []


def test_what_a_crash_left_half_sent_goes_out_at_the_next_start_where_one_program_owns_the_file(
    sqlite_shop_url: str, mail_server: MailServer
) -> None:
    # On a server another till may still be sending it: there its lease has to end.
    database = connect(sqlite_shop_url)
    today = open_shop(database)
    today.now = datetime.now(UTC) - timedelta(hours=1)
    today.issue()
    with today.database.sessions.begin() as session:
        outbox.claim(session, channel=Channel.EMAIL, worker=new_key(), at=datetime.now(UTC))
    with running(today, mailer(mail_server)):
        mail_server.wait_for(1)
    database.close()


def test_closing_finishes_the_message_under_way_and_leaves_the_rest(today: SampleShop, mail_server: MailServer) -> None:
    documents = [today.issue(DraftRow("Tea", "1", f"{number}")) for number in range(1, 4)]
    is_sending, may_go_on = threading.Event(), threading.Event()
    taken = mailer(mail_server)

    def slow(content: bytes, *, recipient: str) -> str:
        is_sending.set()
        assert may_go_on.wait(10)
        return taken.send(content, recipient=recipient)

    with running(today, Mailer(SENDER, slow)) as post:
        assert is_sending.wait(10)
        closing = threading.Thread(target=post.delivery.close)
        closing.start()
        assert post.delivery._wake.wait(10)  # close() was called, and now waits for the message
        may_go_on.set()
        closing.join()
    states = [message(today, one).state for one in documents]
    assert states == [DeliveryStatus.SENT, DeliveryStatus.QUEUED, DeliveryStatus.QUEUED]
    assert len(mail_server.received) == 1


def test_a_delivery_that_never_started_is_closed_without_a_word(sample_shop: SampleShop) -> None:
    post = Post(sample_shop, None)
    post.delivery.close()
    post.delivery.close()
    assert post.rounds == 0


def test_a_name_server_that_does_not_answer_holds_up_neither_the_queue_nor_the_end(
    today: SampleShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, answered, given_up = threading.Event(), threading.Event(), threading.Event()

    def look_up(*_: object, **__: object) -> list[object]:  # what the system does where no packet comes back
        asked.set()
        if not answered.wait(20):
            given_up.set()
        raise socket.gaierror(socket.EAI_AGAIN, "no answer")

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    monkeypatch.setattr(connecting, "_LOOK_UP_SECONDS", 0.1)
    document = today.issue()
    with running(today, through(MailSettings(host="mail.example.org", port=25, security=Security.NONE))):
        assert asked.wait(10)
    assert not given_up.is_set()  # neither waited for the look-up to end
    left = message(today, document)
    assert (left.state, left.attempts) == (DeliveryStatus.QUEUED, 1)
    assert "the name server did not answer in time" in left.last_error
    answered.set()
