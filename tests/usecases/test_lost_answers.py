"""The network is cut at any statement of an act, also when only the answer is lost: done again, it is done once."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import pytest
from sqlalchemy import func, make_url, select, text
from sqlalchemy.exc import DBAPIError

from shopdesk.domain.document import Document, Kind
from shopdesk.domain.draft import DraftRow
from shopdesk.domain.message import DeliveryStatus
from shopdesk.domain.payment import Method, Tender
from shopdesk.queries import documents as ask
from shopdesk.queries import verify
from shopdesk.row_keys import new_key
from shopdesk.store.database import connect
from shopdesk.store.error_text import explain
from shopdesk.store.session import Session
from shopdesk.store.tables import documents as rows
from shopdesk.store.tables import journal, outbox, payments
from shopdesk.usecases import documents
from support.postgresql import Server
from support.proxy import Proxy
from support.shops import SampleShop, open_shop

Act = Callable[[], Document]
Prepare = Callable[[SampleShop], Act]


@dataclass
class Wire:
    """A counter whose wire to the server can be cut, and what the server itself knows."""

    sample_shop: SampleShop
    proxy: Proxy
    inside: SampleShop

    def length(self, prepare: Prepare) -> int:
        """How many statements an act takes, when it is not the first of its kind."""
        prepare(self.sample_shop)()
        act = prepare(self.sample_shop)
        before = self.proxy.statements
        act()
        return self.proxy.statements - before

    def done_in_spite_of(self, act: Act, at: int, *, is_answered: bool) -> Document:
        """The act, with the wire cut at a statement; then once more."""
        self.proxy.cut(at, is_answered=is_answered)
        with pytest.raises(DBAPIError):
            act()
        self.proxy.mend()
        return act()

    def counts(self) -> list[int]:
        """How many documents and payments there are, acts on them in the journal, and messages to be sent."""
        waiting = select(func.count()).select_from(outbox).where(outbox.c.state == DeliveryStatus.QUEUED.value)
        acts = select(func.count()).select_from(journal).where(journal.c.document_key.is_not(None))
        counts = [*(select(func.count()).select_from(table) for table in (rows, payments)), acts]
        return self.inside.ask(lambda session: [session.execute(one).scalar_one() for one in (*counts, waiting)])

    def books_hold(self) -> bool:
        return self.inside.ask(lambda session: list(verify.violations(session))) == []


@pytest.fixture
def wire(postgresql: Server, postgresql_shop_url: str, proxy: Proxy) -> Iterator[Wire]:
    name = make_url(postgresql_shop_url).database
    assert name is not None
    direct, cut = connect(postgresql_shop_url), connect(proxy.url(name))
    inside = open_shop(direct)
    yield Wire(SampleShop(cut, inside.by), proxy, inside)
    direct.close()
    cut.close()


def _issuing(sample_shop: SampleShop) -> Act:
    reading = sample_shop.read(customer=f"Ada <{new_key()}@example.org>")
    tender = Tender(method=Method.CASH, tendered=1000)
    return lambda: sample_shop.do(documents.issue, reading.draft, contact=reading.contact, tenders=(tender,))


def _correcting(sample_shop: SampleShop) -> Act:
    before = sample_shop.issue()
    draft = sample_shop.draft(DraftRow("Milk", "3", "0.89"), customer="")
    draft = replace(draft, key=new_key(), buyer=before.buyer)
    return lambda: sample_shop.do(documents.correct, before.key, draft, revision=1)


def _paying(sample_shop: SampleShop) -> Act:
    invoice, key = sample_shop.issue(kind=Kind.INVOICE), new_key()
    tender = Tender(method=Method.CARD, tendered=100)
    return lambda: sample_shop.do(documents.pay, invoice.key, tender, payment_key=key)


def _deleting(sample_shop: SampleShop) -> Act:
    document = sample_shop.issue()
    return lambda: sample_shop.do(documents.delete, document.key)


@pytest.mark.parametrize(
    ("prepare", "is_sealed", "step"),
    [
        (_issuing, False, 1),  # every statement of it; of the others, some
        (_issuing, True, 4),
        (_correcting, False, 4),
        (_correcting, True, 6),
        (_paying, False, 2),
        (_deleting, False, 4),
        (_deleting, True, 5),
    ],
)
def test_an_act_is_done_once_wherever_the_wire_is_cut(wire: Wire, prepare: Prepare, is_sealed: bool, step: int) -> None:
    if is_sealed:
        wire.inside.seal_at_issue()
    length = wire.length(prepare)
    once = [count // 2 for count in wire.counts()]
    cuts = [(at, False) for at in range(length, 0, -step)] + [(length, True)]  # the COMMIT is the last
    for at, is_answered in cuts:
        wire.done_in_spite_of(prepare(wire.sample_shop), at, is_answered=is_answered)
    assert wire.counts() == [count * (len(cuts) + 2) for count in once]
    assert wire.books_hold()


def test_what_was_typed_after_a_lost_answer_is_not_taken_for_saved(wire: Wire) -> None:
    def walk_in(sample_shop: SampleShop) -> Act:
        draft = sample_shop.draft(DraftRow("Milk", "1", "1.00"))
        return lambda: sample_shop.do(documents.issue, draft)

    length = wire.length(walk_in)
    draft = wire.sample_shop.draft(DraftRow("Milk", "1", "1.00"))
    wire.proxy.cut(length, is_answered=True)
    with pytest.raises(DBAPIError):
        wire.sample_shop.do(documents.issue, draft)
    wire.proxy.mend()
    more = replace(draft, lines=(*draft.lines, *draft.lines))
    with pytest.raises(documents.AlreadySaved) as refused:
        wire.sample_shop.do(documents.issue, more)
    document = wire.sample_shop.do(documents.issue, draft)
    assert refused.value.document == document
    assert document.number in str(refused.value)
    assert wire.sample_shop.ask(ask.get, document.key).lines == draft.lines


def test_a_server_that_is_killed_in_the_middle_has_all_of_it_or_nothing(
    killable_server: Server, killable_shop: str, killable_proxy: Proxy
) -> None:
    database = connect(killable_proxy.url(killable_shop))
    sample_shop = open_shop(database)
    length = Wire(sample_shop, killable_proxy, sample_shop).length(_issuing)
    for at in (length // 2, length):
        act = _issuing(sample_shop)
        killable_proxy.cut(at, is_answered=True)
        with pytest.raises(DBAPIError):
            act()
        killable_server.kill()
        killable_server.start()
        killable_proxy.mend()
        assert act() == act()
    assert sample_shop.ask(lambda session: list(verify.violations(session))) == []
    assert len(sample_shop.ask(ask.recent, 10)) == 4
    database.close()


def test_a_save_that_is_pressed_again_while_the_first_one_hangs_is_told_so_and_is_one_document(wire: Wire) -> None:
    sample_shop = wire.inside
    draft, sure = sample_shop.draft(), frozenset({documents.SAME_AGAIN})
    failed: list[DBAPIError] = []

    def press_again() -> None:
        try:
            sample_shop.do(documents.issue, draft, confirmed=sure)
        except DBAPIError as error:
            failed.append(error)

    def waiting(session: Session) -> object:
        stands = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
        return session.execute(text(stands)).scalar()

    again = threading.Thread(target=press_again)
    with sample_shop.database.sessions.begin() as session:
        document = documents.issue(session, draft, by=sample_shop.by, now=sample_shop.now, confirmed=sure)
        again.start()
        while not sample_shop.ask(waiting):
            pass
    again.join()
    told = explain(failed[0])
    assert told is not None
    assert told.what == "This document is already being saved."
    assert sample_shop.do(documents.issue, draft, confirmed=sure).number == document.number
    assert wire.counts()[0] == 1
    assert wire.books_hold()
