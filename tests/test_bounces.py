"""A message that came back says so: sent by a real SMTP server, reported in the mailbox of a real IMAP server."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from gateways.test_delivery_report import STATUS, report
from shopdesk import bounces
from shopdesk.app.credentials import Credentials
from shopdesk.app.mail import MailService
from shopdesk.background import Background
from shopdesk.bounces import BounceFolder, BounceReader, read_next
from shopdesk.domain.errors import MailSignInFailed
from shopdesk.domain.message import Channel, DeliveryStatus, Message
from shopdesk.gateways import imap, keychain
from shopdesk.queries import outbox as ask
from shopdesk.row_keys import new_key
from shopdesk.settings import MailSettings, Security, Settings
from shopdesk.store import outbox
from shopdesk.usecases import outbox as do_outbox
from support.imap import ImapServer
from support.mail import MailServer
from support.qtbot import QtBot
from support.shops import SampleShop

PASSWORD = "secret"


def settings(server: ImapServer, **more: Any) -> MailSettings:
    given: dict[str, Any] = {"imap_port": server.port, "imap_security": Security.NONE, "username": "shop"}
    return MailSettings(imap_host=server.host, **(given | more))


def mailbox(server: ImapServer, secret: str = PASSWORD) -> BounceFolder:
    return BounceFolder("shop INBOX", partial(imap.read, settings(server), secret))


def sent(sample_shop: SampleShop) -> Message:
    """A message that a server took."""
    (queued,) = sample_shop.ask(ask.of_document, sample_shop.issue().key)
    take(sample_shop, queued)
    return queued


def take(sample_shop: SampleShop, queued: Message) -> None:
    """Let a server take a message."""
    worker = new_key()
    with sample_shop.database.sessions.begin() as session:
        assert outbox.claim(session, channel=Channel.EMAIL, worker=worker, at=sample_shop.now) == queued.key
        outbox.save_body(session, queued.key, b"the bytes", worker=worker)
        outbox.record_result(
            session, queued.key, worker=worker, state=DeliveryStatus.SENT, sent_at=sample_shop.now, next_at=None
        )


def reported(message: Message, status: str = STATUS) -> bytes:
    return report(status, f"Subject: Your order\nMessage-ID: {message.message_id}\n\nHello\n")


def dated(at: datetime, content: bytes) -> bytes:
    return f"Date: {format_datetime(at)}\r\n".encode() + content


def state(sample_shop: SampleShop, message: Message) -> tuple[DeliveryStatus, str]:
    assert message.document_key is not None
    (now,) = sample_shop.ask(ask.of_document, message.document_key)
    return now.state, now.last_error


def test_a_report_in_the_mailbox_makes_the_message_one_that_came_back(
    sample_shop: SampleShop, imap_server: ImapServer, tmp_path: Path
) -> None:
    message = sent(sample_shop)
    imap_server.add(reported(message, STATUS.replace("failed", "delayed")))
    imap_server.add(b"Subject: an order\r\n\r\ntea")
    imap_server.add(report())  # of another program's message
    look = partial(read_next, sample_shop.database, mailbox(imap_server), tmp_path / "place", now=datetime.now(UTC))
    assert look() == (0, True)
    assert state(sample_shop, message)[0] is DeliveryStatus.SENT
    imap_server.add(reported(message))
    assert look() == (1, True)
    assert state(sample_shop, message)[0] is DeliveryStatus.BOUNCED
    assert state(sample_shop, message)[1].startswith("The mail server said: 550 5.1.1 <ada@example.org>")
    before = len(imap_server.commands)
    assert look() == (0, True)
    assert not [command for command in imap_server.commands[before:] if "FETCH" in command]


@pytest.mark.parametrize("kept", ["", "[]", '{"mailbox": "shop INBOX", "validity": "x"}'])
def test_a_lost_place_reads_again_and_changes_nothing_twice(
    shop: SampleShop, imap_server: ImapServer, tmp_path: Path, kept: str
) -> None:
    message = sent(shop)
    imap_server.add(reported(message))
    look = partial(read_next, shop.database, mailbox(imap_server), tmp_path / "place", now=datetime.now(UTC))
    assert look() == (1, True)
    (tmp_path / "place").write_text(kept)
    assert look() == (0, True)


def test_a_report_about_an_earlier_attempt_is_none_about_the_present_one(
    sample_shop: SampleShop, imap_server: ImapServer, tmp_path: Path
) -> None:
    message = sent(sample_shop)
    at = sample_shop.now
    imap_server.add(dated(at, reported(message)))
    look = partial(read_next, sample_shop.database, mailbox(imap_server), now=at + timedelta(days=1))
    assert look(tmp_path / "of one till") == (1, True)
    sample_shop.now = at + timedelta(hours=1)
    sample_shop.do(do_outbox.retry, message.key)
    take(sample_shop, message)
    assert look(tmp_path / "of another till") == (0, True)
    assert state(sample_shop, message)[0] is DeliveryStatus.SENT
    imap_server.add(dated(at + timedelta(hours=1), reported(message)))
    assert look(tmp_path / "of another till") == (1, True)


def test_another_mailbox_is_read_from_its_own_place(shop: SampleShop, imap_server: ImapServer, tmp_path: Path) -> None:
    message = sent(shop)
    imap_server.add(reported(message))
    place = tmp_path / "place"
    place.write_text(f'{{"mailbox": "other", "validity": {imap_server.validity}, "uid": 9000}}')
    assert read_next(shop.database, mailbox(imap_server), place, now=datetime.now(UTC)) == (1, True)


# --- the thread -------------------------------------------------------------------------------------------------------


class Told:
    """What the thread reports, and events to wait for."""

    def __init__(self) -> None:
        self.troubles: list[Exception] = []
        self.changed, self.troubled = threading.Event(), threading.Event()

    def on_changed(self, tables: frozenset[str]) -> None:
        assert tables == {"outbox"}
        self.changed.set()

    def on_troubled(self, error: Exception) -> None:
        self.troubles.append(error)
        self.troubled.set()


def reader(shop: SampleShop, told: Told, place: Path, found: Callable[[], BounceFolder | None]) -> BounceReader:
    return BounceReader(shop.database, place, mailbox=found, changed=told.on_changed, troubled=told.on_troubled)


def test_the_thread_looks_at_once_and_when_it_is_woken(
    shop: SampleShop, imap_server: ImapServer, tmp_path: Path
) -> None:
    told, first = Told(), sent(shop)
    imap_server.add(reported(first))
    running = reader(shop, told, tmp_path / "place", lambda: mailbox(imap_server))
    running.start()
    try:
        assert told.changed.wait(20)
        told.changed.clear()
        second = sent(shop)
        imap_server.add(reported(second))
        running.resume()
        assert told.changed.wait(20)
    finally:
        running.close()
    assert {state(shop, one)[0] for one in (first, second)} == {DeliveryStatus.BOUNCED}


def test_a_rejected_sign_in_is_reported_once_and_not_tried_again_until_the_settings_change(
    shop: SampleShop, imap_server: ImapServer, tmp_path: Path
) -> None:
    told, secrets = Told(), ["wrong"]
    message = sent(shop)
    imap_server.add(reported(message))
    running = reader(shop, told, tmp_path / "place", lambda: mailbox(imap_server, secrets[0]))
    running.start()
    try:
        assert told.troubled.wait(20)
        assert isinstance(told.troubles[0], MailSignInFailed)
        secrets[0] = "secret"
        running.resume()
        assert told.changed.wait(20)
    finally:
        running.close()
    assert len(told.troubles) == 1
    assert imap_server.commands.count("AUTHENTICATE") == 2


def test_a_change_of_settings_while_the_sign_in_is_rejected_is_no_reason_to_wait(
    shop: SampleShop, imap_server: ImapServer, tmp_path: Path
) -> None:
    told, wrong = Told(), iter(["wrong"])
    imap_server.add(reported(sent(shop)))

    def find() -> BounceFolder:
        if (secret := next(wrong, "secret")) == "wrong":
            running.resume()  # the owner corrects it, before the server has rejected this one
        return mailbox(imap_server, secret)

    running = reader(shop, told, tmp_path / "place", find)
    running.start()
    try:
        assert told.changed.wait(20)
    finally:
        running.close()
    assert len(told.troubles) == 1


def test_an_unexpected_error_ends_a_look_and_not_the_thread(
    shop: SampleShop, imap_server: ImapServer, tmp_path: Path, expect_log: Callable[[str], object]
) -> None:
    expect_log("unexpected error on the thread “bounces”")
    told, looks = Told(), iter([True])
    imap_server.add(reported(sent(shop)))

    def find() -> BounceFolder:
        if next(looks, False):
            running.wake()
            raise ZeroDivisionError
        return mailbox(imap_server)

    running = reader(shop, told, tmp_path / "place", find)
    running.start()
    try:
        assert told.changed.wait(20)
    finally:
        running.close()


def test_the_program_ends_at_once_while_the_server_is_silent(
    shop: SampleShop, imap_server: ImapServer, tmp_path: Path
) -> None:
    imap_server.silent_at = "UID SEARCH"
    running = reader(shop, told := Told(), tmp_path / "place", lambda: mailbox(imap_server))
    running.start()
    assert imap_server.answered.wait(20)
    running.close()
    assert not told.troubles


# --- the whole way ----------------------------------------------------------------------------------------------------


def test_a_receipt_is_sent_and_comes_back(
    shop: SampleShop, qtbot: QtBot, mail_server: MailServer, imap_server: ImapServer, tmp_path: Path
) -> None:
    keychain.write("mail", "secret")
    mail_server.login = ("shop", "secret")
    mail = settings(imap_server, host=mail_server.host, port=mail_server.port, security=Security.NONE)
    background = Background(shop.database.sessions, shop.database.reads)
    service = MailService(Settings(mail=mail), shop.database, background, Credentials(), home=tmp_path)
    document = shop.issue()

    def status() -> DeliveryStatus:
        (message,) = shop.ask(ask.of_document, document.key)
        return message.state

    service.start()
    try:
        (received,) = mail_server.wait_for(1)
        qtbot.waitUntil(lambda: status() is DeliveryStatus.SENT, timeout=10_000)
        imap_server.add(report(original=received.content.decode().replace("\r\n", "\n")))
        service.resume()
        qtbot.waitUntil(lambda: status() is DeliveryStatus.BOUNCED, timeout=10_000)
    finally:
        service.close()
        background.close()
    assert (tmp_path / bounces.FILE).exists()
