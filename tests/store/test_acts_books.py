"""The acts on the books: the same on both databases, and on a server nothing else, whatever SQL a till sends."""

import json
import re
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from shopdesk.domain.account import Actor, NotAllowed, Right, Role, Staff
from shopdesk.domain.document import Document, Kind
from shopdesk.domain.draft import DraftRow
from shopdesk.domain.errors import ConfirmationRequired, Refused
from shopdesk.domain.money import Money
from shopdesk.domain.payment import Method, Tender
from shopdesk.domain.shop import Seal
from shopdesk.queries import documents as queries
from shopdesk.queries import verify
from shopdesk.row_keys import new_key
from shopdesk.store import document_snapshots, roles
from shopdesk.store.database import connect
from shopdesk.store.document_snapshots import canonical, format_instant, to_facts
from shopdesk.store.tables import journal, metadata
from shopdesk.usecases import accounts, day_close, documents, pins, print_jobs, shifts
from support.shops import PASSWORD, SampleShop, open_shop
from support.tills import TwoTills, call, signed_in

BOOKS = (
    "documents", "document_lines", "document_taxes", "payments", "journal", "day_closes", "series", "outbox",
    "day_sales", "day_items", "day_taxes", "day_customers", "day_payments",
)  # fmt: skip
PEPPER, PIN = b"a till's own pepper", "2580"
CARD = Tender(method=Method.CARD, tendered=5_00)


# --- the same on both databases --------------------------------------------------------------------------------------


def every_act(at: SampleShop) -> None:
    """Everything that can be done with documents, sealed and not."""
    rows = (DraftRow("Tea", "3", "0.333"), DraftRow("Bread", "1", "3.50", "10 %"), DraftRow("Coins é “", "0.5", "7"))
    receipt = at.issue(*rows, discount="0.55", note="a \\ \x7f line\nand\u2028another")
    receipt = at.do(documents.correct, receipt.key, at.draft(*rows[:2]), revision=1)
    at.do(documents.return_goods, receipt.key, (1000, 0), Method.CASH, seen=receipt, note_key=new_key())
    invoice = at.issue(*rows, kind=Kind.INVOICE)
    at.do(documents.pay, invoice.key, CARD, payment_key=new_key())
    at.do(print_jobs.note_printed, invoice.key)
    at.do(documents.resend, invoice.key)
    at.do(documents.delete, at.issue(DraftRow("Milk", "1", "1"), customer="").key)
    quote = at.issue(DraftRow("Chair", "4", "99"), kind=Kind.QUOTE)
    at.issue(DraftRow("Chair", "4", "99"), kind=Kind.INVOICE, origin=quote.key)
    at.do(shifts.open_shift, Money(20_000, invoice.currency))
    at.do(
        shifts.move_cash, Money(5_000, invoice.currency), "Change from the “bank”", is_out=False, movement_key=new_key()
    )
    at.do(shifts.note_drawer_opened, "Coins for é")
    at.do(shifts.count_shift, ((1_000, 12), (100, 3)))
    at.do(shifts.count_shift, ((1_000, 12), (100, 4)))
    at.do(day_close.close_day)
    corrected = at.draft(DraftRow("Tea", "5", "0.333"), kind=Kind.INVOICE)
    at.do(documents.correct, invoice.key, corrected, revision=1)
    at.change_shop(seal=Seal.AT_ISSUE)
    sealed = at.issue(*rows)
    at.do(documents.return_goods, sealed.key, (0, 1000, 0), Method.CARD, seen=sealed, note_key=new_key())
    at.do(documents.delete, at.issue(*rows).key)
    at.issue(DraftRow("Back", "1", "2"), kind=Kind.CREDIT_NOTE)


_HASH = re.compile('"[0-9a-f]{64}"')
_KEY = re.compile("[0-9a-f]{8}(-?)[0-9a-f]{4}(?:\\1[0-9a-f]{4}){3}[0-9a-f]{8}(?![0-9a-f])")


class Keys:
    """Names for keys, which are made anew each time, in the order in which the journal tells of them."""

    def __init__(self) -> None:
        self.known: dict[UUID, str] = {}

    def learn(self, told: str) -> str:
        told = _HASH.sub('"a hash"', told)
        return _KEY.sub(lambda one: self.known.setdefault(UUID(one[0]), f"key {len(self.known)}"), told)

    def named(self, value: Any) -> Any:
        if isinstance(value, UUID):
            return self.known.get(value, "another key")
        if not isinstance(value, str):
            return value
        return _KEY.sub(lambda one: self.named(UUID(one[0])), _HASH.sub('"a hash"', value))


def written(at: SampleShop) -> dict[str, list[Any]]:
    """The content of every row of the books, with names for the keys."""
    keys = Keys()
    with at.database.engine.connect() as connection:
        rows = connection.execute(select(journal).order_by(journal.c.seq)).all()
        found = {"told": [keys.learn(document_snapshots.unpacked(row.snapshot).decode()) for row in rows]}
        for name in BOOKS:
            table = metadata.tables[name]
            columns = [column for column in table.c if column.name not in {"snapshot", "hash"}]
            found[name] = sorted(
                str([keys.named(value) for value in row]) for row in connection.execute(select(*columns))
            )
    return found


def test_the_same_acts_make_the_same_rows_and_bytes_on_both_databases(
    sqlite_shop_url: str, postgresql_shop_url: str
) -> None:
    found = []
    for url in (sqlite_shop_url, postgresql_shop_url):
        with closing(connect(url)) as database:
            at = open_shop(database, smallest_coin=5)
            every_act(at)
            found.append(written(at))
            assert at.ask(lambda session: list(verify.violations(session))) == []
    assert len(found[0]["told"]) > 25
    for one, other in zip(*(rows["told"] for rows in found), strict=True):
        assert one == other
    assert found[0] == found[1]


def test_the_keys_of_a_snapshot_are_those_that_a_server_takes(sample_shop: SampleShop) -> None:
    facts = to_facts(sample_shop.issue())
    for part in document_snapshots.KEYS:
        one = facts if part == "document" else facts[part]
        left_out = set(document_snapshots.OPTIONAL_KEYS)
        assert [key for key in document_snapshots.KEYS[part] if key in one or key not in left_out] == sorted(one)
    assert {len(line) for line in facts["lines"]} == {document_snapshots.LINE_LENGTH}


# --- and nothing else ------------------------------------------------------------------------------------------------

_ACT = (
    "SELECT numbers FROM shopdesk_acts.record(_token => :token, _lent => :lent, _lender => NULL, _actor => :actor, "
    "_till => :till, _at => :moment, _today => :today, _acts => :acts, _contents => :contents, _details => :details, "
    "_reasons => :reasons, _messages => :messages, _draft => NULL)"
)
AT = datetime.now(UTC)
Facts = dict[str, Any]


def send(at: SampleShop, *entries: tuple[str, Facts | str], **given: Any) -> list[str]:
    """Call the server's function by raw SQL, with what the program would give but for ``given``."""
    contents = [facts if isinstance(facts, str) else canonical(facts).decode() for _, facts in entries]
    usual = {
        "token": at.by.staff.token,
        "lent": None,
        "actor": at.by.staff.key,
        "till": at.by.till.key,
        "moment": AT,
        "today": AT.date(),
        "acts": [act for act, _ in entries],
        "contents": contents,
        "details": [""] * len(entries),
        "reasons": [""] * len(entries),
        "messages": [new_key() for _ in entries],
    }
    return list(call(at, _ACT, **(usual | given))[0])


def anew(facts: Facts, **changed: Any) -> Facts:
    """The facts of a document like this one that is to be issued."""
    payments = [[str(new_key()), *one[1:6], format_instant(AT), one[7]] for one in facts["payments"]]
    keys = {"key": str(new_key()), "draft_key": str(new_key()), "number": new_key().hex}
    return facts | keys | {"issued_at": format_instant(AT), "payments": payments} | changed


def changed(facts: Facts, *path: Any, by: int = 1) -> Facts:
    """A copy of facts with another number at a place in them."""
    copy = json.loads(json.dumps(facts))
    place = copy
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] += by
    return copy  # type: ignore[no-any-return]


def refused(at: SampleShop, act: Callable[[], object]) -> str | None:
    """The code with which the server refuses an act; None if it does not."""
    try:
        act()
    except DBAPIError as error:
        return str(getattr(error.orig, "sqlstate", ""))
    return None


def test_a_cashier_cannot_write_by_raw_sql_what_an_act_would_not(tills: TwoTills) -> None:
    ada, ben = tills.ada, signed_in(tills.ben, "ben")
    sold = to_facts(ben.issue(DraftRow("Tea", "2", "3"), customer=""))
    assert send(ben, ("issued", anew(sold))) == ["R-B-2026-000002"]  # as it is, the act is done
    invoice = ben.issue(DraftRow("Tea", "2", "3"), kind=Kind.INVOICE)
    owner = signed_in(ada, "ada")
    ended = signed_in(ada, "ada").by.staff
    with ada.database.sessions.begin() as session:
        accounts.sign_out(session, ended.token)
    of_ada = to_facts(owner.issue())
    ada_key, facts, paid = str(ada.by.staff.key), anew(sold), sold["payments"][0]
    text_of = canonical(facts).decode()
    own = to_facts(invoice)
    back = {name: -facts[name] for name in ("sum", "net", "tax", "gross")}
    lines_back = [[line[0], -line[1], *line[2:]] for line in facts["lines"]]
    groups_back = [[*group[:2], *(-value for value in group[2:])] for group in facts["groups"]]
    back |= {"lines": lines_back, "amounts": [-600], "groups": groups_back, "payments": []}

    def issues(one: Facts | str, **given: Any) -> Callable[[], object]:
        return lambda: send(ben, ("issued", one), **given)

    def does(act: str, one: Facts, **given: Any) -> Callable[[], object]:
        return lambda: send(ben, (act, one), **given)

    def pays(**values: Any) -> Facts:
        names = ("key", "method", "amount", "tendered", "change", "rounding", "at", "by_name")
        usual = dict(zip(names, paid, strict=True)) | {"key": str(new_key()), "at": format_instant(AT)}
        return facts | {"payments": [[(usual | values)[name] for name in names]]}

    credit = {"kind": "credit_note"}
    amended = own | {"revision": 2}
    cheap = {"amounts": [1], "sum": 1, "net": 1, "tax": 0, "gross": 1, "payments": []}
    cheap |= {"lines": [["Tea", 2000, 30000, *facts["lines"][0][3:5], 599, None, None]]}
    cheap |= {"groups": [[*facts["groups"][0][:2], 1, 0, 1, 0, 1]]}
    in_adas_name = mine(ben) | {"actor": ada.by.staff.key}
    old = facts | {"date_on": "2025-01-02"}
    tills.superuser.engine.dispose()
    hostile: dict[str, Callable[[], object]] = {
        "no token": issues(facts, token=None),
        "an invented token": issues(facts, token=bytes(32)),
        "an ended token": issues(facts, token=ended.token, actor=ada.by.staff.key),
        "the owner's token at another till": issues(facts, token=owner.by.staff.token, actor=ada.by.staff.key),
        "in the owner's name": issues(facts, actor=ada.by.staff.key),
        "issued by the owner": issues(facts | {"issued_by": "Ada", "issued_by_key": ada_key}),
        "issued by another name": issues(facts | {"issued_by": "Eve"}),
        "at another till": issues(facts, till=ada.by.till.key),
        "with another till's name": issues(facts | {"till": "A"}),
        "an own number": issues(facts | {"number": "R-B-2026-000777"}),
        "a number that stands elsewhere, too": issues(facts | {"note": facts["number"]}),
        "a number that stands for nothing": issues(facts | {"number": ""}),
        "a number of another kind": issues(facts | {"kind": "invoice", "number": "R-B-2026-000003"}),
        "an own instant": issues(facts | {"issued_at": format_instant(AT - timedelta(days=200))}),
        "an instant ahead": issues(facts | {"issued_at": "2031-01-01T00:00:00.000000Z"}),
        "voided from the start": issues(facts | {"state": "voided", "voided_at": format_instant(AT)}),
        "another revision": issues(facts | {"revision": 3}),
        "sealed as nobody asked": issues(facts | {"sealed_at": format_instant(AT)}),
        "in another shop's name": issues(facts | {"seller": facts["seller"] | {"tax_id": "1"}}),
        "with another text than the shop's": issues(facts | {"layout": facts["layout"] | {"footer": "x"}}),
        "with another logo than the shop's": issues(facts | {"layout": facts["layout"] | {"logo": "0" * 64}}),
        "without a layout": issues({key: facts[key] for key in facts if key != "layout"}),
        "amended to another text": does("amended", amended | {"layout": own["layout"] | {"thanks": "x"}}),
        "an extra key of the layout": issues(facts | {"layout": facts["layout"] | {"zzz": ""}}),
        "in another currency": issues(facts | {"currency": "XXX"}),
        "for no customer": issues(facts | {"buyer": facts["buyer"] | {"key": str(new_key())}}),
        "another total": issues(changed(facts, "gross")),
        "another total and tax": issues(changed(changed(facts, "gross"), "tax")),
        "another sum": issues(changed(facts, "sum")),
        "another amount": issues(changed(facts, "amounts", 0)),
        "another tax": issues(changed(changed(facts, "groups", 0, 5), "groups", 0, 4, by=-1)),
        "another tax rate in the sums": issues(changed(facts, "groups", 0, 0)),
        "another quantity": issues(changed(facts, "lines", 0, 1, by=1000)),
        "a line without an amount": issues(facts | {"lines": facts["lines"] * 2}),
        "no line": issues(facts | {"lines": [], "amounts": []}),
        "half a cent": issues(text_of.replace('"gross":600', '"gross":600.0')),
        "a number in another spelling": issues(text_of.replace('"gross":600', '"gross":6e2')),
        "blanks": issues(json.dumps(facts, sort_keys=True)),
        "an extra key": issues(facts | {"zzz": 1}),
        "an extra key of the seller": issues(facts | {"seller": facts["seller"] | {"zzz": 1}}),
        "a key left out": issues({key: facts[key] for key in facts if key != "note"}),
        "a key twice": issues(text_of.replace('"note":', '"note":"x","note":')),
        "keys in another order": issues(json.dumps(dict(sorted(facts.items(), reverse=True)), separators=(",", ":"))),
        "a letter written in digits": issues(text_of.replace("Tea", "\\u0054ea")),
        "a slash escaped": issues(text_of.replace("Tea", "T\\/a")),
        "no JSON": issues('{"number":"x"'),
        "a longer line": issues(facts | {"lines": [[*facts["lines"][0], "KGM", 1]]}),
        "another unit": issues(facts | {"lines": [[*facts["lines"][0], "KGM"]]}),
        "a unit that is left out": issues(facts | {"lines": [[*facts["lines"][0], "C62"]]}),
        "paid by another": issues(pays(by_name="Ada")),
        "paid at another time": issues(pays(at=format_instant(AT - timedelta(days=9)))),
        "paid by rounding": issues(pays(tendered=0, rounding=-600)),
        "paid by nothing": issues(pays(tendered=0)),
        "paid by what another document left": issues(pays(method="offset")),
        "paid by a promise": issues(pays(method="promise")),
        "more paid than due": issues(pays(amount=700, tendered=700)),
        "paid out": issues(pays(amount=-100, tendered=-100)),
        "paid on another day": issues(facts, today=AT.date() + timedelta(days=30)),
        "goods taken back": issues(facts | back),
        "a credit note": issues(facts | back | credit),
        "a credit note of the owner's document": issues(facts | back | credit | {"corrects": of_ada["key"]}),
        "in place of the owner's document": issues(facts | {"replaces": of_ada["key"]}),
        "a discount beyond the limit": issues(facts | cheap),
        "issued twice": issues(facts | {"key": sold["key"]}),
        "made of a draft twice": issues(facts | {"draft_key": sold["draft_key"]}),
        "a message of an unknown kind": issues(facts | {"buyer": facts["buyer"] | {"email": "e@x"}}, reasons=["spam"]),
        "two entries, one act": issues(facts, acts=["issued", "issued"]),
        "nothing": lambda: send(ben),
        "an unknown act": does("changed", own),
        "voided by a cashier": does("voided", own | {"state": "voided", "voided_at": format_instant(AT)}),
        "the owner's voided": does("voided", of_ada | {"state": "voided", "voided_at": format_instant(AT)}),
        "credited without a credit note": does("credited", own | {"state": "corrected", "corrected_by": own["key"]}),
        "returned without a credit note": does("returned", own),
        "sealed before the close": does("sealed", own | {"sealed_at": format_instant(AT)}),
        "amended to less": does("amended", amended | cheap | {"lines": [["Tea", 1, 50000, *own["lines"][0][3:]]]}),
        "amended without a revision": does("amended", own | {"note": "x"}),
        "amended to another number": does("amended", amended | {"number": "R-B-2026-000001"}),
        "amended to another till": does("amended", amended | {"till": "A"}),
        "amended to another person": does("amended", amended | {"issued_by": "Ada", "issued_by_key": ada_key}),
        "amended to another time": does("amended", amended | {"issued_at": format_instant(AT)}),
        "amended to another year": does("amended", amended | {"date_on": "2025-12-31"}),
        "printed otherwise": does("printed", own | {"note": "x"}),
        "printed with other lines": does("printed", changed(own, "lines", 0, 2)),
        "paid by changing the total": does("paid", changed(own, "gross", by=-100)),
        "paid, and nothing given": does("paid", own),
        "a payment taken away": does("paid", sold | {"payments": []}),
        "a payment changed": does("printed", changed(sold, "payments", 0, 2)),
        "a day closed by a cashier": lambda: call(ben, _CLOSE, **mine(ben)),
        "a person's role told": lambda: call(ben, _TELL, **mine(ben), act="role"),
        "a price told": lambda: call(ben, _TELL, **mine(ben), act="price"),
        "a close told": lambda: call(ben, _TELL, **mine(ben), act="closed"),
        "changes that are none": lambda: call(ben, _TELL.replace("'[]'", "'[],[]'"), **mine(ben), act="password"),
        "another's password told": lambda: call(ben, _TELL, **in_adas_name, act="password"),
        "a document held without a token": lambda: call(ben, _HOLD, **(mine(ben) | {"token": None}), key=invoice.key),
        "sums added": lambda: call(ben, "SELECT shopdesk_acts.add_up(:key, 1)", key=invoice.key),
        "a row appended": lambda: call(ben, _APPEND, till=ben.by.till.key, by=ada.by.staff.key),
        "a number taken": lambda: call(ben, _NUMBER, till=ben.by.till.key),
    }  # fmt: skip
    raw = (
        "INSERT INTO documents SELECT * FROM documents",
        "UPDATE documents SET paid_minor = 0",
        "UPDATE documents SET sealed_at = now()",
        "DELETE FROM document_lines",
        "DELETE FROM document_taxes",
        "INSERT INTO payments SELECT * FROM payments",
        "INSERT INTO journal SELECT * FROM journal",
        "UPDATE tills SET journal_seq = 0",
        "UPDATE tills SET name = 'Z'",
        "UPDATE series SET last = last + 1",
        "INSERT INTO series SELECT till_key, kind, 2031, 1 FROM series",
        "INSERT INTO day_closes SELECT * FROM day_closes",
        "INSERT INTO outbox SELECT * FROM outbox",
        *(f"UPDATE {name} SET day = day" for name in BOOKS if name.startswith("day_") and name != "day_closes"),
        "SELECT * FROM documents FOR UPDATE",
    )
    hostile |= {statement: lambda statement=statement: call(ben, statement) for statement in raw}  # type: ignore[misc]
    before = written(ben)
    came = {what: refused(ben, act) for what, act in hostile.items()}
    codes = {"42501", "SD001", "SD003", "SD004", "SD005", "22P02", "23503", "23505"}
    assert {what: code for what, code in came.items() if code not in codes} == {}
    assert written(ben) == before
    assert ada.ask(lambda session: list(verify.violations(session))) == []
    assert send(ben, ("issued", anew(old, date_on=str(AT.date())))) == ["R-B-2026-000003"]  # no gap


_WHO = "_token => :token, _lent => NULL, _lender => NULL, _actor => :actor, _till => :till"
_CLOSE = f"SELECT shopdesk_acts.close_day({_WHO}, _at => now(), _key => :actor, _sealed => 0, _report => '{{}}')"
_TELL = (
    f"SELECT shopdesk_acts.record_changes({_WHO}, _at => now(), _act => :act, _detail => '', _changes => '[]', "
    "_values => '[]')"
)
_HOLD = f"SELECT shopdesk_acts.hold_document({_WHO}, _document => :key)"
_NUMBER = "SELECT shopdesk_acts.next_number(:till, 'B', 'receipt', 2026)"
_APPEND = "SELECT shopdesk_acts.append_journal(:till, :by, NULL, 'setting', now(), '', _changes => '[]')"


def mine(at: SampleShop) -> dict[str, Any]:
    return {"token": at.by.staff.token, "actor": at.by.staff.key, "till": at.by.till.key}


def test_an_owner_leaves_nothing_open_and_makes_no_report_up(tills: TwoTills) -> None:
    ada = tills.ada
    ada.now = AT
    with pytest.raises(DBAPIError, match="the report is another"):
        call(ada, _CLOSE, **mine(ada))
    ada.issue()
    with pytest.raises(DBAPIError, match="a document is left open"):
        call(ada, _CLOSE, **mine(ada))
    ada.do(shifts.open_shift, Money(10_000, ada.draft().currency))
    with pytest.raises(ConfirmationRequired):
        ada.do(day_close.close_day)
    close = ada.do(day_close.close_day, confirmed=frozenset({day_close.UNCOUNTED}))
    assert (close.number, close.sealed) == (1, 1)
    sealed = to_facts(ada.issue())
    with pytest.raises(DBAPIError, match="This day is closed"):
        send(ada, ("issued", anew(sealed, date_on=str(ada.today - timedelta(days=3)))))
    assert ada.ask(lambda session: list(verify.violations(session))) == []


def test_a_till_is_that_of_the_role_which_acts_there_first(tills: TwoTills) -> None:
    ada, ben = tills.ada, signed_in(tills.ben, "ben")
    ben.issue()
    elsewhere = replace(signed_in(tills.ben, "ben"), by=Actor(signed_in(tills.ben, "ben").by.staff, ada.by.till))
    with pytest.raises(Refused, match="works with another role"):
        elsewhere.issue()
    with tills.superuser.engine.begin() as connection:
        roles.grant(connection, "till_of_ben")  # its administrator lets tills choose anew
    elsewhere.issue()
    with pytest.raises(Refused, match="works with another role"):
        signed_in(ada, "ada").issue()


def test_the_owners_pin_lends_one_refund(tills: TwoTills) -> None:
    ada, ben = tills.ada, signed_in(tills.ben, "ben")
    ada.do(pins.set_pin, PIN, password=PASSWORD, pepper=PEPPER)

    def lent(right: Right) -> Staff:
        with ben.database.sessions.begin() as session:
            approver = pins.approve(session, "ada", PIN, right=right, pepper=PEPPER)
        assert isinstance(approver, Staff)
        return approver

    refund = lent(Right.REFUND)
    with_loan = ben.as_(ben.by.staff, approver=refund)
    with_loan.issue(DraftRow("Tea", "1", "3"), kind=Kind.CREDIT_NOTE)
    with pytest.raises(NotAllowed, match="does not allow this"):
        with_loan.issue(DraftRow("Tea", "1", "3"), kind=Kind.CREDIT_NOTE)
    with pytest.raises(NotAllowed, match="does not allow this"):  # another right was lent
        ben.as_(ben.by.staff, approver=lent(Right.SETTINGS)).issue(DraftRow("Tea", "1", "3"), kind=Kind.CREDIT_NOTE)
    sold = ben.issue(DraftRow("Tea", "1", "3"))
    ben.as_(ben.by.staff, approver=lent(Right.DELETE)).do(documents.delete, sold.key)
    ben.as_(ben.by.staff, approver=lent(Right.DISCOUNT)).issue(DraftRow("Tea", "1", "3", "90 %"))
    with tills.superuser.engine.connect() as connection:
        told = text("SELECT act, lender_name FROM journal WHERE till_key = :till ORDER BY seq")
        rows = connection.execute(told, {"till": ben.by.till.key}).all()
    assert [tuple(row) for row in rows] == [
        ("issued", "Ada"), ("issued", ""), ("voided", "Ada"), ("issued", "Ada"),
    ]  # fmt: skip
    assert ada.ask(lambda session: list(verify.violations(session))) == []


def test_a_cashier_does_all_that_the_role_allows_at_a_till_that_may_write_nothing(tills: TwoTills) -> None:
    ben = signed_in(tills.ben, "ben")
    sold = ben.issue(DraftRow("Tea", "2", "3", "10 %"))
    ben.do(documents.correct, sold.key, ben.draft(DraftRow("Tea", "3", "3", "10 %")), revision=1)
    tills.ada.seal_at_issue()
    sealed = ben.issue(DraftRow("Tea", "2", "3"))
    assert ben.ask(queries.get, sealed.key) == sealed  # with the instant of the server's clock
    after: Document = ben.do(documents.correct, sealed.key, ben.draft(DraftRow("Tea", "4", "3")), revision=1)
    assert after.replaces == sealed.key
    assert ben.ask(queries.get, after.key) == after
    with pytest.raises(Refused, match="may not"):
        ben.do(documents.delete, after.key)
    assert tills.ada.ask(lambda session: list(verify.violations(session))) == []
    manager = replace(ben.by.staff, role=Role.MANAGER)
    tills.ada.do(accounts.set_role, ben.by.staff.key, role=Role.MANAGER)
    ben.as_(manager).do(documents.return_goods, after.key, (1000,), Method.CASH, seen=after, note_key=new_key())
    tills.ada.do(documents.delete, ben.issue(DraftRow("Tea", "1", "1")).key)
    assert tills.ada.ask(lambda session: list(verify.violations(session))) == []
