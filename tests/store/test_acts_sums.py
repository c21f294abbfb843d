"""On PostgreSQL a till's role adds finished days to the sums of months and years, and cannot write them otherwise."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from shopdesk.domain.draft import DraftRow
from shopdesk.domain.product import Product
from shopdesk.queries import statistics, verify
from shopdesk.row_keys import new_key
from shopdesk.store import period_sums
from shopdesk.usecases import documents, products
from shopdesk.usecases.period_sums import add_finished_day
from support.shops import SampleShop
from support.tills import TwoTills


def add_all(shop: SampleShop) -> None:
    while True:
        with shop.database.sessions.begin() as session:
            if not add_finished_day(session, today=shop.today):
                return


def test_a_tills_role_adds_days_and_keeps_them_right(tills: TwoTills) -> None:
    ada, ben = tills.ada, tills.ben
    draft = replace(ada.draft(DraftRow("Tea", "2", "5")), date_on=ada.today - timedelta(days=1))
    contact = ada.read(customer="Eve <eve@example.org>").contact
    sold = ada.do(documents.issue, draft, contact=contact)
    add_all(ben)
    assert ben.ask(period_sums.before) == ben.today
    days = {"since": draft.date_on, "until": draft.date_on, "by": ada.by}
    assert [one.name for one in ada.ask(statistics.best_items, **days)] == ["Tea"]
    assert ada.ask(lambda session: list(verify.violations(session))) == []
    ada.do(documents.delete, sold.key)
    assert ada.ask(statistics.best_items, **days) == ()
    assert ada.ask(lambda session: list(verify.violations(session))) == []


def test_a_till_that_is_storing_a_document_comes_first(tills: TwoTills) -> None:
    ada, ben = tills.ada, tills.ben
    draft = replace(ada.draft(DraftRow("Tea", "2", "5")), date_on=ada.today - timedelta(days=1))
    with ada.database.sessions.begin() as session:
        documents.issue(session, draft, by=ada.by, now=ada.now)
        with ben.database.sessions.begin() as other:
            assert add_finished_day(other, today=ben.today)
        assert ben.ask(period_sums.before) < draft.date_on
    add_all(ben)
    assert ada.ask(lambda session: list(verify.violations(session))) == []


def test_a_product_that_moves_takes_its_sales_to_the_new_department(tills: TwoTills) -> None:
    ada, ben = tills.ada, tills.ben
    yesterday = ada.today - timedelta(days=1)
    sold = ada.do(documents.issue, replace(ada.draft(DraftRow("Tea", "2", "5")), date_on=yesterday))
    add_all(ben)
    days = {"since": yesterday, "until": yesterday, "by": ada.by}
    tea = Product(key=new_key(), code="1", name="Tea", price=500, department="Drinks")
    with ada.database.sessions.begin() as session:
        products.save(session, tea, by=ada.by, now=ada.now)
        with ben.database.sessions.begin() as other:
            assert add_finished_day(other, today=ben.today)  # in a moment: nothing is moved while a product changes
    for is_moved in (False, True):
        if is_moved:
            add_all(ben)
        (drinks,) = ada.ask(statistics.by_department, **days)
        assert (drinks.name, str(drinks.gross)) == ("Drinks", "10.00")
        assert ada.ask(lambda session: list(verify.violations(session))) == []
    ada.do(documents.delete, sold.key)
    assert ada.ask(statistics.by_department, **days) == ()
    assert ada.ask(lambda session: list(verify.violations(session))) == []


@pytest.mark.parametrize("act", ["INSERT INTO summed_days VALUES (1, '2030-01-01')", "DELETE FROM month_items"])
def test_a_tills_role_writes_no_sum_by_itself(tills: TwoTills, act: str) -> None:
    with tills.ben.database.engine.begin() as connection, pytest.raises(DBAPIError, match="permission denied"):
        connection.execute(text(act))
