"""Statements of account: they add up with the documents to the cent, and reach the customer as receipts do."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes, policy

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from shopdesk import delivery
from shopdesk.delivery import Mailer
from shopdesk.domain.activity import Activity
from shopdesk.domain.customer import Balance, Customer
from shopdesk.domain.document import Document, Kind
from shopdesk.domain.draft import DraftRow
from shopdesk.domain.errors import ConfirmationRequired, Refused
from shopdesk.domain.message import DeliveryStatus, MessageReason
from shopdesk.domain.payment import Method, Tender
from shopdesk.domain.statement import OpenItem, Statement, ageing
from shopdesk.queries import activity, customer_accounts, verify
from shopdesk.queries import customers as ask_customers
from shopdesk.queries import documents as ask
from shopdesk.queries import outbox as ask_outbox
from shopdesk.queries.documents import DocumentFilter
from shopdesk.row_keys import new_key
from shopdesk.store.database import connect
from shopdesk.usecases import customers, documents
from shopdesk.usecases.statements_by_mail import send_statement
from support.shops import SampleShop, open_shop

ADA = "Ada <ada@example.org>"
CARD = Method.CARD


def pay(shop: SampleShop, document: Document, amount: int) -> None:
    shop.do(documents.pay, document.key, Tender(method=CARD, tendered=amount), payment_key=new_key())


def of_ada(shop: SampleShop, days: tuple[int, int] = (0, 400)) -> Statement:
    (ada,) = shop.ask(ask_customers.suggest, "ada")
    began = SampleShop.now.astimezone().date()
    first, last = (began + timedelta(days=each) for each in days)
    return shop.ask(customer_accounts.statement, ada.key, since=first, until=last, by=shop.by)


def test_a_statement_lists_what_was_sold_and_paid_with_the_balance_after_each(sample_shop: SampleShop) -> None:
    invoice = sample_shop.issue(DraftRow("Tea", "1", "100"), kind=Kind.INVOICE, customer=ADA)
    sample_shop.issue(DraftRow("Milk", "1", "5"), customer=ADA)  # a receipt, paid at once
    sample_shop.issue(DraftRow("Pie", "1", "9"), kind=Kind.QUOTE, customer=ADA)
    sample_shop.do(documents.delete, sample_shop.issue(DraftRow("Jam", "1", "4"), customer=ADA).key)
    sample_shop.issue(DraftRow("Tea", "1", "7"), kind=Kind.INVOICE, customer="Ben <ben@example.org>")
    sample_shop.now += timedelta(days=40)
    pay(sample_shop, invoice, 3000)
    sample_shop.issue(DraftRow("Tea", "1", "20"), kind=Kind.CREDIT_NOTE, customer=ADA)
    whole = of_ada(sample_shop)
    assert [(line.kind, line.amount, line.method) for line in whole.lines] == [
        (Kind.INVOICE, 10_000, None),
        (Kind.RECEIPT, 500, None),
        (Kind.RECEIPT, -500, Method.CASH),
        (Kind.INVOICE, -3_000, CARD),
        (Kind.CREDIT_NOTE, -2_000, None),
    ]
    assert list(whole.balances()) == [10_000, 10_500, 10_000, 7_000, 5_000]
    later = of_ada(sample_shop, (1, 60))
    assert (later.opening, later.closing, later.ageing) == (10_000, 5_000, (-2_000, 7_000, 0, 0))
    earlier = of_ada(sample_shop, (0, 10))
    assert (earlier.opening, earlier.closing, earlier.ageing) == (0, 10_000, (10_000, 0, 0, 0))
    (ada,) = sample_shop.ask(ask_customers.suggest, "ada")
    balances = sample_shop.ask(customer_accounts.balances, [ada.key], by=sample_shop.by)
    assert balances == {ada.key: Balance(owes=7_000, gets=2_000)}
    given = {"customer_key": ada.key, "by": sample_shop.by, "limit": 1}
    first = sample_shop.ask(customer_accounts.open_documents, after=None, **given)
    rest = sample_shop.ask(customer_accounts.open_documents, after=first[-1], **given)
    assert [(one.number, str(one.paid), str(one.balance)) for one in (*first, *rest)] == [
        (invoice.number, "30.00", "70.00"),
        ("C-A-2027-000001", "0.00", "-20.00"),
    ]
    today = sample_shop.today
    assert first[0].days_overdue(today) == (today - (invoice.due_on or invoice.date_on)).days
    with pytest.raises(Refused, match="first day is after"):
        of_ada(sample_shop, (2, 1))


def test_the_documents_of_a_merged_customer_are_in_the_account(sample_shop: SampleShop) -> None:
    for name in (ADA, "Ada L. <other@example.org>"):
        sample_shop.issue(DraftRow("Tea", "1", "10"), kind=Kind.INVOICE, customer=name)
    ada, other = sample_shop.ask(ask_customers.suggest, "ada")
    sample_shop.do(customers.merge, ada, other, base=ada)
    assert of_ada(sample_shop).closing == 2_000
    balances = sample_shop.ask(customer_accounts.balances, [ada.key, new_key()], by=sample_shop.by)
    assert [one.owes for one in balances.values()] == [2_000, 0]


def test_a_statement_is_queued_journaled_sent_once_and_verified(sample_shop: SampleShop) -> None:
    sample_shop.issue(DraftRow("Tea", "1", "10"), kind=Kind.INVOICE, customer=ADA)
    (ada,) = sample_shop.ask(ask_customers.suggest, "ada")
    sample_shop.do(customers.save, replace(ada, language="de"), base=ada)
    days = {"since": sample_shop.today, "until": sample_shop.today}
    assert sample_shop.do(send_statement, ada.key, **days) == "ada@example.org"
    sample_shop.issue(DraftRow("Tea", "1", "5"), kind=Kind.INVOICE, customer=ADA)  # later: not in what was queued
    sent: dict[str, bytes] = {}

    def send(content: bytes, *, recipient: str) -> str:
        sent[str(message_from_bytes(content)["Message-ID"])] = content
        return "250 OK"

    mailer = Mailer("shop@example.org", send)
    now = sample_shop.now + timedelta(seconds=5)
    while delivery.deliver_next(sample_shop.database, mailer, worker=new_key(), now=lambda: now):
        pass
    rows = sample_shop.ask(ask_outbox.page, states=frozenset(), after=None)
    (row,) = [one for one in rows if one.message.reason is MessageReason.STATEMENT]
    assert (row.kind, row.message.document_key, row.message.customer_key) == (None, None, ada.key)
    assert (row.message.state, row.message.language) == (DeliveryStatus.SENT, "de-US")
    mail = message_from_bytes(sent[row.message.message_id], policy=policy.default)
    body = mail.get_body(("plain",))
    assert body is not None
    assert "10,00" in body.get_content() or "10.00" in body.get_content()
    (pdf,) = mail.iter_attachments()
    assert pdf.get_content().startswith(b"%PDF")
    told = sample_shop.ask(activity.page, by=sample_shop.by)[0]
    assert (told.act, told.change.after) == (Activity.STATEMENT, str(ada.key))
    assert sample_shop.ask(lambda session: list(verify.violations(session))) == []
    nameless = sample_shop.do(customers.save, Customer(key=new_key(), name="Eve"))
    with pytest.raises(Refused, match="no e-mail address"):
        sample_shop.do(send_statement, nameless.key, **days)


_ACTS = st.lists(
    st.tuples(
        st.sampled_from(("invoice", "receipt", "credit", "pay", "delete", "correct", "seal", "day")),
        st.integers(1, 30_000),
        st.integers(0, 5),
    ),
    max_size=14,
)


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], SampleShop]:
    """Open a new shop for each example."""
    from shopdesk.store import upgrade

    template = tmp_path_factory.mktemp("statements") / "empty.db"
    database = connect(f"sqlite:///{template}")
    upgrade.open_ready(database)
    database.close()
    made: list[int] = []

    def opened() -> SampleShop:
        made.append(1)
        path = template.with_name(f"{len(made)}.db")
        path.write_bytes(template.read_bytes())
        return open_shop(connect(f"sqlite:///{path}"))

    return opened


@settings(max_examples=10, deadline=None, phases=[Phase.generate], database=None)
@given(_ACTS, st.integers(-1, 100), st.integers(0, 60))
def test_statements_add_up_with_the_documents_to_the_cent(
    fresh: Callable[[], SampleShop], acts: list[tuple[str, int, int]], first: int, length: int
) -> None:
    shop = fresh()
    shop.change_shop(smallest_coin=5)
    shop.issue(DraftRow("Tea", "1", "1"), customer=ADA)
    issued: list[Document] = []
    for act, minor, at in acts:
        row = DraftRow("Tea", "1", f"{minor / 100:.2f}", "10 %")
        picked = shop.ask(ask.get, issued[at % len(issued)].key) if issued else None
        try:
            match act:
                case "invoice" | "receipt":
                    issued.append(shop.issue(row, kind=Kind(act), customer=ADA))
                case "credit":
                    issued.append(shop.issue(row, kind=Kind.CREDIT_NOTE, customer=ADA))
                case "day":
                    shop.now += timedelta(days=minor % 40)
                case "seal":
                    shop.seal_at_issue()
                case "pay" if picked:
                    pay(shop, picked, min(minor, picked.balance.minor))
                case "delete" if picked:
                    shop.do(documents.delete, picked.key)
                case "correct" if picked:
                    shop.do(documents.correct, picked.key, shop.draft(row, customer=ADA), revision=picked.revision)
        except (Refused, ConfirmationRequired):
            continue  # it is paid, or voided, already
    (ada,) = shop.ask(ask_customers.suggest, "ada")
    balance = shop.ask(customer_accounts.balances, [ada.key], by=shop.by)[ada.key]
    listed = shop.ask(ask.page, find=DocumentFilter(customer_key=ada.key), after=None)
    assert balance.owes - balance.gets == sum(one.balance.minor for one in listed)
    whole = of_ada(shop, (-1, 1_000))
    assert whole.opening == 0
    assert whole.closing == balance.owes - balance.gets == sum(whole.ageing)
    part, before, after = (
        of_ada(shop, (first, first + length)),
        of_ada(shop, (-1, first - 1 if first > -1 else -1)),
        None,
    )
    assert sum(part.ageing) == part.closing
    if first > -1:
        assert before.closing == part.opening
    after = of_ada(shop, (first + length + 1, 1_000))
    assert after.opening == part.closing
    assert after.closing == whole.closing
    shop.database.close()


def test_open_items_are_summed_by_their_age() -> None:
    on = SampleShop.now.date()
    item = OpenItem(number="I-1", kind=Kind.INVOICE, date_on=on, due_on=None, amount=1)
    days = ((0, 1), (30, 10), (31, 100), (60, 1_000), (61, 10_000), (90, 100_000), (91, 1_000_000), (-5, 10_000_000))
    items = [replace(item, date_on=on - timedelta(days=late), amount=amount) for late, amount in days]
    assert ageing(items, on) == (10_000_011, 1_100, 110_000, 1_000_000)
