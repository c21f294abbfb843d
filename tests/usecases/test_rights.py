"""Every use case and every guarded question, tried with every role: the table says who may, the program does so."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from types import ModuleType
from typing import Any

import pytest

from shopdesk.domain.account import AccountStatus, Role, Staff
from shopdesk.domain.customer import Customer
from shopdesk.domain.document import Kind
from shopdesk.domain.draft import DraftForm, DraftRow
from shopdesk.domain.errors import Refused
from shopdesk.domain.payment import Method, Tender
from shopdesk.domain.product import Product
from shopdesk.keys import new_key
from shopdesk.queries import accounts as ask_accounts
from shopdesk.queries import shop as ask_shop
from shopdesk.queries import statistics
from shopdesk.queries.statistics import Step
from shopdesk.usecases import accounts, customers, documents, drafts, outbox, products, shop
from support.shops import SampleShop

EVERYBODY = frozenset(Role)
CHIEFS = frozenset({Role.OWNER, Role.MANAGER})
OWNER = frozenset({Role.OWNER})


@dataclass(frozen=True)
class Case:
    """A use case, who may, and its arguments, made as the owner."""

    act: Callable[..., Any]
    may: frozenset[Role]
    given: Callable[[SampleShop], tuple[tuple[Any, ...], dict[str, Any]]]
    is_question: bool = False


def _waiting(sample_shop: SampleShop) -> Any:
    return sample_shop.staff(Role.CASHIER, name=f"Eve{new_key().hex}", status=AccountStatus.WAITING).key


def _other(sample_shop: SampleShop) -> Any:
    return sample_shop.staff(Role.CASHIER, name=f"Eve{new_key().hex}").key


def _paid_back(sample_shop: SampleShop) -> Any:
    return sample_shop.issue(kind=Kind.CREDIT_NOTE).key


CATALOGUE = b"product_id,name,price\n1,Tea,1.00\n"
PERIOD = {"since": date(2026, 1, 1), "until": date(2026, 12, 31)}

CASES = [
    Case(documents.issue, EVERYBODY, lambda c: ((c.draft(),), {})),
    Case(documents.issue, CHIEFS, lambda c: ((c.draft(kind=Kind.CREDIT_NOTE),), {})),
    Case(documents.issue, CHIEFS, lambda c: ((c.draft(DraftRow("Tea", "1", "10", "50 %")),), {})),
    Case(documents.issue, CHIEFS, lambda c: ((c.draft(DraftRow("Tea", "1", "10"), discount="5"),), {})),
    Case(documents.correct, EVERYBODY, lambda c: ((c.issue().key, c.draft()), {"revision": 1})),
    Case(documents.delete, CHIEFS, lambda c: ((c.issue().key,), {})),
    Case(
        documents.pay,
        EVERYBODY,
        lambda c: (
            (c.issue(kind=Kind.INVOICE).key, Tender(method=Method.CASH, tendered=100)),
            {"payment_key": new_key()},
        ),
    ),
    Case(
        documents.pay,
        CHIEFS,
        lambda c: ((_paid_back(c), Tender(method=Method.CASH, tendered=-100)), {"payment_key": new_key()}),
    ),
    Case(documents.note_printed, EVERYBODY, lambda c: ((c.issue().key,), {})),
    Case(documents.resend, EVERYBODY, lambda c: ((c.issue().key,), {})),
    Case(drafts.save_draft, EVERYBODY, lambda c: ((DraftForm(key=new_key()),), {"changed": None})),
    Case(drafts.discard, EVERYBODY, lambda c: ((new_key(),), {})),
    Case(drafts.restore_local, EVERYBODY, lambda c: (((),), {})),
    Case(customers.save, EVERYBODY, lambda c: ((Customer(key=new_key(), name="Ada"),), {})),
    Case(products.save, CHIEFS, lambda c: ((Product(key=new_key(), code="1", name="Tea", price=1),), {})),
    Case(products.check_import, CHIEFS, lambda c: ((CATALOGUE,), {})),
    Case(products.import_all, CHIEFS, lambda c: ((CATALOGUE,), {})),
    Case(outbox.retry, EVERYBODY, lambda c: ((new_key(),), {})),
    Case(outbox.retry_all, EVERYBODY, lambda c: ((), {})),
    Case(shop.change, OWNER, lambda c: ((c.ask(ask_shop.current),), {})),
    Case(shop.close_day, OWNER, lambda c: ((), {})),
    Case(accounts.let_in, OWNER, lambda c: ((_waiting(c),), {"role": Role.CASHIER})),
    Case(accounts.set_role, OWNER, lambda c: ((_other(c),), {"role": Role.MANAGER})),
    Case(accounts.block, OWNER, lambda c: ((_other(c),), {})),
    Case(accounts.unblock, OWNER, lambda c: ((_other(c),), {})),
    Case(accounts.reset_password, OWNER, lambda c: ((_other(c),), {"new": "four words in a row"})),
    Case(ask_accounts.everyone, OWNER, lambda c: ((), {}), is_question=True),
    Case(statistics.overview, CHIEFS, lambda c: ((), PERIOD), is_question=True),
    Case(statistics.over_time, CHIEFS, lambda c: ((), PERIOD | {"step": Step.DAY}), is_question=True),
    Case(statistics.by_customer_type, CHIEFS, lambda c: ((), PERIOD), is_question=True),
    Case(statistics.by_kind, CHIEFS, lambda c: ((), PERIOD), is_question=True),
    Case(statistics.by_method, CHIEFS, lambda c: ((), PERIOD), is_question=True),
    Case(statistics.by_tax, CHIEFS, lambda c: ((), PERIOD), is_question=True),
    Case(statistics.settlement, CHIEFS, lambda c: ((), PERIOD), is_question=True),
    Case(statistics.best_customers, CHIEFS, lambda c: ((), PERIOD), is_question=True),
    Case(statistics.best_items, CHIEFS, lambda c: ((), PERIOD), is_question=True),
]

# Acts on one's own account, or before there is anybody to ask: each has tests of its own.
ELSEWHERE = {accounts.register, accounts.sign_in, accounts.change_password, shop.set_up, shop.add_till}


def _run(sample_shop: SampleShop, case: Case, staff: Staff) -> None:
    args, kwargs = case.given(sample_shop)
    them = sample_shop.as_(staff)
    if case.is_question:
        them.ask(case.act, *args, **kwargs, by=them.by)
    else:
        them.do(case.act, *args, **kwargs)


def _is_let(sample_shop: SampleShop, case: Case, staff: Staff) -> bool:
    try:
        _run(sample_shop, case, staff)
    except Refused as refused:
        if "may" not in str(refused):
            raise  # refused for another reason: the case itself is wrong
        return False
    return True


@pytest.mark.parametrize("role", Role)
def test_who_may_do_what_is_as_the_table_says(sample_shop: SampleShop, role: Role) -> None:
    staff = sample_shop.staff(role, name="Someone")
    let = [_is_let(sample_shop, case, staff) for case in CASES]
    assert [
        case.act.__qualname__ for case, is_let in zip(CASES, let, strict=True) if is_let != (role in case.may)
    ] == []


@pytest.mark.parametrize("standing", [AccountStatus.WAITING, AccountStatus.BLOCKED])
def test_an_owner_who_waits_or_is_blocked_may_nothing(sample_shop: SampleShop, standing: AccountStatus) -> None:
    staff = sample_shop.staff(Role.OWNER, name="Someone", status=standing)
    assert [case.act.__qualname__ for case in CASES if _is_let(sample_shop, case, staff)] == []


@pytest.mark.parametrize("module", [documents, drafts, customers, products, outbox, shop, accounts, statistics])
def test_no_act_is_missing_from_the_table(module: ModuleType) -> None:
    tried = {case.act for case in CASES} | ELSEWHERE
    acts = {
        act
        for name, act in inspect.getmembers(module, inspect.isfunction)
        if act.__module__ == module.__name__ and not name.startswith("_") and "by" in inspect.signature(act).parameters
    }
    assert acts <= tried, sorted(act.__qualname__ for act in acts - tried)
