"""The bytes of sent messages go where the program makes the same again, and nowhere else, on both databases."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import select, update

from shopdesk.delivery import Mailer, deliver_next, settle_bytes
from shopdesk.domain.document import Document
from shopdesk.domain.message import Channel, DeliveryStatus
from shopdesk.queries import sent_messages, verify
from shopdesk.row_keys import new_key
from shopdesk.store import outbox
from shopdesk.store.session import Session
from shopdesk.store.tables import outbox as table
from shopdesk.usecases import outbox as do_outbox
from shopdesk.usecases.statements_by_mail import send_statement
from support.e_invoices import sell
from support.shops import SampleShop
from support.tills import TwoTills

ME = new_key()


def send_all(shop: SampleShop, sender: str = "shop@example.org", channel: Channel = Channel.EMAIL) -> list[bytes]:
    """Deliver what is due; return what the server got."""
    taken: list[bytes] = []

    def send(content: bytes, *, recipient: str) -> str:
        taken.append(content)
        return f"250 OK {recipient}"

    by = Mailer(sender, send, channel)
    while deliver_next(shop.database, by, worker=ME, now=lambda: shop.now) is not None:
        pass
    return taken


def stored(shop: SampleShop, document: Document) -> Any:
    return shop.ask(lambda session: session.execute(select(table).where(table.c.document_key == document.key)).one())


def sent(shop: SampleShop, document: Document) -> sent_messages.SentMessage:
    found = shop.ask(sent_messages.sent, stored(shop, document).message_id)
    assert found is not None
    return found


def violations(shop: SampleShop) -> list[str]:
    return shop.ask(lambda session: list(verify.violations(session)))


def change(shop: SampleShop, *which: Any, **values: Any) -> None:
    """Change messages behind the program."""
    with shop.database.engine.begin() as connection:
        connection.execute(update(table).where(*which).values(values))


def settle_all(shop: SampleShop) -> None:
    while settle_bytes(shop.database, most=1):
        pass


def test_the_bytes_of_sent_messages_go_and_come_back_the_same(sample_shop: SampleShop) -> None:
    document = sample_shop.issue(note="Grüße")
    today = sample_shop.today
    sample_shop.do(send_statement, document.buyer.key, since=today, until=today)
    taken, _statement = send_all(sample_shop, '"Ada\'s "" Corner, Ltd" <ada@example.org>')
    settle_all(sample_shop)
    assert sample_shop.ask(lambda session: session.execute(select(table.c.body)).scalars().all()) == [None, None]
    row = stored(sample_shop, document)
    assert (row.body_size, row.e_invoice) == (len(taken), None)
    assert row.headers.encode() == taken.partition(b"\r\n\r\n")[0]
    assert (sent(sample_shop, document).body, sent(sample_shop, document).is_as_sent) == (taken, True)
    assert sample_shop.ask(sent_messages.sent, "<none@example.org>") is None
    assert violations(sample_shop) == []
    for name, odd in (
        ("body_hash", None), ("body_hash", b"short"), ("body_size", None), ("body_size", 1), ("headers", None),
        ("headers", "From: somebody else"),
    ):  # fmt: skip
        this = table.c.document_key == document.key
        change(sample_shop, this, **{name: odd})
        assert any("impossible state" in fault for fault in sample_shop.ask(messages_in_doubt)), (name, odd)
        change(sample_shop, this, **{name: row._mapping[name]})
    change(sample_shop, body_hash=bytes(32))  # as if the program made it otherwise by now
    found = sent(sample_shop, document)
    assert (found.body, found.is_as_sent) == (taken, False)


def messages_in_doubt(session: Session) -> list[str]:
    return list(verify.message_violations(session))


def test_bytes_that_are_not_made_again_stay(sample_shop: SampleShop) -> None:
    documents = [sample_shop.issue() for _ in range(3)]
    older, without_row, short = documents
    bodies = dict(zip(documents, send_all(sample_shop), strict=True))
    bodies[older] += b"\r\n"  # as another program made it
    change(sample_shop, table.c.document_key == older.key, body=bodies[older])
    change(sample_shop, table.c.document_key == without_row.key, journal_seq=99)
    change(sample_shop, table.c.document_key == short.key, channel=Channel.SMS.value)
    settle_all(sample_shop)
    for document, body in bodies.items():
        assert stored(sample_shop, document).body == body
    assert sent(sample_shop, older).is_as_sent
    assert stored(sample_shop, short).body_hash is None  # it is shorter than what would stay of it
    this = table.c.document_key == older.key
    change(sample_shop, this, body=bodies[older] + b"\r\n")
    assert f"about {older.number} to ada@example.org is in an impossible state" in str(
        sample_shop.ask(messages_in_doubt)
    )


def test_the_xml_of_an_e_invoice_stays(sample_shop: SampleShop) -> None:
    document = sell(sample_shop, email="cafe@example.org")
    (taken,) = send_all(sample_shop)
    settle_all(sample_shop)
    row = stored(sample_shop, document)
    assert row.body is None
    assert row.e_invoice.startswith(b"<?xml")
    assert document.number.encode() in row.e_invoice
    assert sent(sample_shop, document).body == taken
    assert violations(sample_shop) == []


def test_what_came_back_is_made_anew_when_it_is_sent_again(sample_shop: SampleShop) -> None:
    document = sample_shop.issue()
    (taken,) = send_all(sample_shop)
    settle_all(sample_shop)
    key: UUID = stored(sample_shop, document).key
    with sample_shop.database.sessions.begin() as session:
        assert outbox.record_bounce(session, key, "550 unknown", at=sample_shop.now)
    assert violations(sample_shop) == []
    sample_shop.do(do_outbox.retry, key)
    assert send_all(sample_shop) == [taken]
    row = stored(sample_shop, document)
    assert (row.state, row.body, row.body_hash) == (DeliveryStatus.SENT.value, taken, None)


def test_a_role_of_a_till_settles_by_the_servers_function(tills: TwoTills) -> None:
    document = tills.ada.issue()
    (taken,) = send_all(tills.ben)
    (verdict,) = tills.ben.ask(sent_messages.verdicts, limit=5)
    with tills.ben.database.sessions.begin() as session:
        outbox.settle(session, replace(verdict, hash=bytes(32)))
    assert stored(tills.ada, document).body == taken
    settle_all(tills.ben)
    assert stored(tills.ada, document).body is None
    assert sent(tills.ada, document).body == taken
    assert violations(tills.ada) == []
