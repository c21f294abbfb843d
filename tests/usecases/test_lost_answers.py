"""The network is cut at any statement of an act, also when only the answer is lost: done again, it is done once."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import pytest
from sqlalchemy import func, make_url, select, text
from sqlalchemy.exc import DBAPIError

from shopdesk.domain.document import Document, Kind
from shopdesk.domain.draft import Row
from shopdesk.domain.message import Sending
from shopdesk.domain.payment import Method, Tender
from shopdesk.queries import documents as ask
from shopdesk.queries import verify
from shopdesk.store.database import connect
from shopdesk.store.error_text import in_words
from shopdesk.store.keys import new_key
from shopdesk.store.session import Session
from shopdesk.store.tables import documents as rows
from shopdesk.store.tables import journal, outbox, payments
from shopdesk.usecases import documents
from support.postgresql import Server
from support.proxy import Proxy
from support.shops import Counter, open_shop

Act = Callable[[], Document]
Prepare = Callable[[Counter], Act]


@dataclass
class Wire:
    """A counter whose wire to the server can be cut, and what the server itself knows."""

    counter: Counter
    proxy: Proxy
    inside: Counter

    def length(self, prepare: Prepare) -> int:
        """How many statements an act takes, when it is not the first of its kind."""
        prepare(self.counter)()
        act = prepare(self.counter)
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
        """How many documents and payments there are, acts in the journal, and messages to be sent."""
        waiting = select(func.count()).select_from(outbox).where(outbox.c.state == Sending.QUEUED.value)
        counts = [select(func.count()).select_from(table) for table in (rows, payments, journal)]
        return self.inside.ask(lambda session: [session.execute(one).scalar_one() for one in (*counts, waiting)])

    def books_hold(self) -> bool:
        return self.inside.ask(lambda session: list(verify.faults(session))) == []


@pytest.fixture
def wire(postgresql: Server, postgresql_shop_url: str, proxy: Proxy) -> Iterator[Wire]:
    name = make_url(postgresql_shop_url).database
    assert name is not None
    direct, cut = connect(postgresql_shop_url), connect(proxy.url(name))
    inside = open_shop(direct)
    yield Wire(Counter(cut, inside.by), proxy, inside)
    direct.close()
    cut.close()


def _issuing(counter: Counter) -> Act:
    reading = counter.read(customer=f"Ada <{new_key()}@example.org>")
    tender = Tender(method=Method.CASH, tendered=1000)
    return lambda: counter.do(documents.issue, reading.draft, contact=reading.contact, tender=tender)


def _correcting(counter: Counter) -> Act:
    before = counter.issue()
    draft = counter.draft(Row("Milk", "3", "0.89"), customer="")
    draft = replace(draft, key=new_key(), buyer=before.buyer)
    return lambda: counter.do(documents.correct, before.key, draft, revision=1)


def _paying(counter: Counter) -> Act:
    invoice, key = counter.issue(kind=Kind.INVOICE), new_key()
    tender = Tender(method=Method.CARD, tendered=100)
    return lambda: counter.do(documents.pay, invoice.key, tender, payment_key=key)


def _deleting(counter: Counter) -> Act:
    document = counter.issue()
    return lambda: counter.do(documents.delete, document.key)


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
        wire.done_in_spite_of(prepare(wire.counter), at, is_answered=is_answered)
    assert wire.counts() == [count * (len(cuts) + 2) for count in once]
    assert wire.books_hold()


def test_what_was_typed_after_a_lost_answer_is_not_taken_for_saved(wire: Wire) -> None:
    def walk_in(counter: Counter) -> Act:
        draft = counter.draft(Row("Milk", "1", "1.00"))
        return lambda: counter.do(documents.issue, draft)

    length = wire.length(walk_in)
    draft = wire.counter.draft(Row("Milk", "1", "1.00"))
    wire.proxy.cut(length, is_answered=True)
    with pytest.raises(DBAPIError):
        wire.counter.do(documents.issue, draft)
    wire.proxy.mend()
    more = replace(draft, lines=(*draft.lines, *draft.lines))
    with pytest.raises(documents.AlreadySaved) as refused:
        wire.counter.do(documents.issue, more)
    document = wire.counter.do(documents.issue, draft)
    assert refused.value.document == document
    assert document.number in str(refused.value)
    assert wire.counter.ask(ask.whole, document.key).lines == draft.lines


def test_a_server_that_is_killed_in_the_middle_has_all_of_it_or_nothing(
    mortal: Server, mortal_shop: str, mortal_proxy: Proxy
) -> None:
    database = connect(mortal_proxy.url(mortal_shop))
    counter = open_shop(database)
    length = Wire(counter, mortal_proxy, counter).length(_issuing)
    for at in (length // 2, length):
        act = _issuing(counter)
        mortal_proxy.cut(at, is_answered=True)
        with pytest.raises(DBAPIError):
            act()
        mortal.kill()
        mortal.start()
        mortal_proxy.mend()
        assert act() == act()
    assert counter.ask(lambda session: list(verify.faults(session))) == []
    assert len(counter.ask(ask.recent, 10)) == 4
    database.close()


def test_a_save_that_is_pressed_again_while_the_first_one_hangs_is_told_so_and_is_one_document(wire: Wire) -> None:
    counter = wire.inside
    draft, sure = counter.draft(), frozenset({documents.SAME_AGAIN})
    failed: list[DBAPIError] = []

    def press_again() -> None:
        try:
            counter.do(documents.issue, draft, sure=sure)
        except DBAPIError as error:
            failed.append(error)

    def waiting(session: Session) -> object:
        stands = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
        return session.execute(text(stands)).scalar()

    again = threading.Thread(target=press_again)
    with counter.database.sessions.begin() as session:
        document = documents.issue(session, draft, by=counter.by, now=counter.now, sure=sure)
        again.start()
        while not counter.ask(waiting):
            pass
    again.join()
    told = in_words(failed[0])
    assert told is not None
    assert told.what == "This document is already being saved."
    assert counter.do(documents.issue, draft, sure=sure).number == document.number
    assert wire.counts()[0] == 1
    assert wire.books_hold()
