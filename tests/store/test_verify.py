"""What the database itself keeps: sealed documents, journal, gap-free numbers, sums; and that verify sees tampering."""

import threading
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import text, update
from sqlalchemy.exc import DBAPIError

from shopdesk.domain.account import Identity, Role
from shopdesk.domain.document import Kind
from shopdesk.domain.draft import DraftRow
from shopdesk.domain.money import Currency, Money
from shopdesk.domain.product import Product
from shopdesk.domain.shop import ShopTax
from shopdesk.domain.tax import TaxRate
from shopdesk.queries import verify
from shopdesk.row_keys import new_key
from shopdesk.store import accounts as kept
from shopdesk.store import journal, numbering, upgrade
from shopdesk.store import products as store_products
from shopdesk.store.columns import Instant, WholeNumber
from shopdesk.store.database import Database
from shopdesk.store.session import Session
from shopdesk.store.tables import tills
from shopdesk.usecases import accounts, documents, pins, products, provider_identities, shifts
from shopdesk.usecases.day_close import close_day
from support.shops import SampleShop, open_shop

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
SEALED = [
    "UPDATE documents SET gross_minor = 1, net_minor = 1, tax_minor = 0",
    "UPDATE documents SET buyer_name = 'Eve'",
    "UPDATE documents SET number = 'R-A-2026-000009'",
    "UPDATE documents SET sealed_at = NULL",
    "UPDATE documents SET state = 'voided'",
    "UPDATE document_lines SET item = 'Gold'",
    "DELETE FROM document_lines",
    "UPDATE document_taxes SET tax_minor = 0",
    "DELETE FROM document_taxes",
    "DELETE FROM documents",
    "UPDATE payments SET amount_minor = 0",
    "DELETE FROM payments",
    "UPDATE journal SET by_name = 'Eve'",
    "DELETE FROM journal",
]


@pytest.mark.parametrize("statement", SEALED)
def test_raw_sql_cannot_change_what_is_kept(sample_shop: SampleShop, statement: str) -> None:
    sample_shop.seal_at_issue()
    sample_shop.issue()
    with pytest.raises(DBAPIError, match="kept for ever"), sample_shop.database.engine.begin() as connection:
        connection.execute(text(statement))


def test_a_row_cannot_be_slipped_into_a_sealed_document(sample_shop: SampleShop) -> None:
    sample_shop.seal_at_issue()
    sample_shop.issue()
    slip = (
        "INSERT INTO document_lines SELECT document_key, 99, item, product_key, quantity_milli, unit_price_centi, "
        "discount_minor, discount_milli, rate_milli, category, amount_minor, unit FROM document_lines"
        " WHERE position = 0"
    )
    with pytest.raises(DBAPIError, match="kept for ever"), sample_shop.database.engine.begin() as connection:
        connection.execute(text(slip))


def closed_day(sample_shop: SampleShop) -> None:
    """Sell something in a shift, count it, and close the day, twice."""
    for _ in range(2):
        sample_shop.do(shifts.open_shift, Money(10_00, Currency.of("USD")))
        bank = {"is_out": True, "movement_key": new_key()}
        sample_shop.do(shifts.move_cash, Money(5_00, Currency.of("USD")), "Bank", **bank)
        sample_shop.issue()
        sample_shop.do(shifts.count_shift, ((5_00, 1),))
        sample_shop.do(close_day)


def test_raw_sql_cannot_change_a_shift_a_count_or_a_close(sample_shop: SampleShop) -> None:
    closed_day(sample_shop)
    for table in ("shifts", "cash_movements", "shift_counts", "day_closes"):
        for statement in (f"UPDATE {table} SET by_name = 'Eve'", f"DELETE FROM {table}"):
            with pytest.raises(DBAPIError, match="kept for ever"), sample_shop.database.engine.begin() as connection:
                connection.execute(text(statement))


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE day_closes SET number = 7 WHERE number = 2", "Z report 2 is missing"),
        ("DELETE FROM day_closes WHERE number = 1", "Z report 1 in the journal is missing"),
        ("UPDATE day_closes SET report = replace(report, 'Ada', 'Eve')", "Z report 1: it differs from the journal"),
        ("UPDATE shift_counts SET counted_minor = 1", "Z report 1: it differs from the documents, payments and shifts"),
        ("DELETE FROM cash_movements", "“cash moved” in the journal has no row"),
        ("UPDATE shifts SET opening_minor = 1", "Shift 1 of till A: its opening differs from the journal"),
    ],
)
def test_verify_names_a_report_that_does_not_fit(sample_shop: SampleShop, statement: str, said: str) -> None:
    closed_day(sample_shop)
    with sample_shop.database.engine.begin() as connection:
        for table in ("shifts", "cash_movements", "shift_counts", "day_closes"):
            for name in ("_update", "_delete") if connection.dialect.name == "sqlite" else ("",):
                on = "" if name else f" ON {table}"
                connection.execute(text(f"DROP TRIGGER keep_{table}{name}{on}"))
        connection.execute(text(statement))
    found = sample_shop.ask(lambda session: list(verify.book_violations(session)))
    assert any(said in fault for fault in found), found


TAMPERED = [
    ("UPDATE documents SET gross_minor = gross_minor + 1, net_minor = net_minor + 1", "rows add up to"),
    (
        "UPDATE documents SET buyer_name = 'x', buyer = replace(buyer, 'Ada', 'Eve')",
        "differs from its last journal entry",
    ),
    ("UPDATE documents SET paid_minor = 0", "payments add up to"),
    ("UPDATE series SET last = last + 1", "the counter is at 2"),
    ("UPDATE day_sales SET gross_minor = 0", "day_sales"),
    ("UPDATE day_items SET quantity_milli = 7", "day_items"),
    ("UPDATE day_items SET gross_minor = gross_minor + 1", "items add up to"),
    ("UPDATE day_taxes SET tax_minor = tax_minor + 1", "day_taxes"),
    ("UPDATE day_taxes SET net_minor = net_minor + 1, tax_minor = tax_minor - 1", "taxes add up to"),
    ("UPDATE day_payments SET amount_minor = amount_minor + 1", "what is still owed"),
    ("UPDATE day_payments SET method = 'offset'", "moved between documents"),
    ("DELETE FROM day_customers", "day_customers"),
    ("DELETE FROM day_payments", "day_payments"),
    ("UPDATE tills SET journal_seq = 5", "5 rows were written"),
]


@pytest.mark.parametrize(("statement", "said"), TAMPERED)
def test_verify_names_what_was_tampered_with(sample_shop: SampleShop, statement: str, said: str) -> None:
    sample_shop.issue()
    with sample_shop.database.engine.begin() as connection:
        connection.execute(text(statement))
    found = sample_shop.ask(lambda session: list(verify.violations(session)))
    assert any(said in fault for fault in found), found


def test_verify_sees_a_journal_row_that_was_rewritten_behind_the_trigger(sample_shop: SampleShop) -> None:
    sample_shop.issue()
    sample_shop.issue()
    with sample_shop.database.engine.begin() as connection:
        sqlite = connection.dialect.name == "sqlite"
        connection.execute(
            text("DROP TRIGGER keep_journal_update" if sqlite else "DROP TRIGGER keep_journal ON journal")
        )
        connection.execute(text("UPDATE journal SET by_name = 'Eve' WHERE seq = 1"))
    found = sample_shop.ask(lambda session: list(verify.violations(session)))
    assert any("columns differ" in fault for fault in found)


def test_verify_sees_that_the_end_of_the_journal_was_cut_off(sample_shop: SampleShop) -> None:
    sample_shop.issue()
    sample_shop.issue()
    with sample_shop.database.engine.begin() as connection:
        sqlite = connection.dialect.name == "sqlite"
        connection.execute(
            text("DROP TRIGGER keep_journal_delete" if sqlite else "DROP TRIGGER keep_journal ON journal")
        )
        connection.execute(text("DELETE FROM journal WHERE seq = 3"))
    found = sample_shop.ask(lambda session: list(verify.violations(session)))
    assert any("it ends at row 2, but 3 rows were written" in fault for fault in found)


class _AbortError(Exception):
    pass


def test_numbers_have_no_gaps_though_every_third_transaction_is_given_up(sample_shop: SampleShop) -> None:
    database, till = sample_shop.database, sample_shop.by.till
    given: list[str] = []
    lock = threading.Lock()

    def take(worker: int) -> None:
        for turn in range(20):
            try:
                with database.sessions.begin() as session:
                    number = numbering.next_number(session, till=till, kind=Kind.INVOICE, on=date(2026, 1, 1))
                    if (worker + turn) % 3 == 0:
                        raise _AbortError
            except _AbortError:
                continue
            with lock:
                given.append(number)

    threads = [threading.Thread(target=take, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(given) == [f"I-A-2026-{count:06d}" for count in range(1, len(given) + 1)]
    assert len(given) > 40


def test_an_issue_that_fails_at_its_last_step_leaves_nothing(sample_shop: SampleShop) -> None:
    draft = sample_shop.draft()

    def fail_late(session: Session, *args: object, **kwargs: object) -> None:
        documents.issue(session, draft, by=sample_shop.by, now=sample_shop.now)
        raise _AbortError

    with pytest.raises(_AbortError):
        sample_shop.do(fail_late)
    assert sample_shop.issue().number == "R-A-2026-000001"
    assert sample_shop.ask(lambda session: list(verify.violations(session))) == []


def test_each_kind_and_each_year_has_its_own_series(sample_shop: SampleShop) -> None:
    numbers = [sample_shop.issue(kind=kind).number for kind in (Kind.INVOICE, Kind.RECEIPT, Kind.QUOTE, Kind.INVOICE)]
    assert numbers == ["I-A-2026-000001", "R-A-2026-000001", "Q-A-2026-000001", "I-A-2026-000002"]


def test_money_is_never_stored_as_anything_but_whole_minor_units(database: Database) -> None:
    written = WholeNumber().bind_processor(database.engine.dialect)
    with pytest.raises(TypeError, match="whole number"):
        written(1.5)  # type: ignore[arg-type]


def test_an_instant_without_its_zone_is_refused_and_one_with_it_comes_back_in_utc(database: Database) -> None:
    kind = Instant()
    with pytest.raises(TypeError, match="time zone"):
        kind.bind_processor(database.engine.dialect)(datetime(2026, 1, 1))  # noqa: DTZ001 - that is the test
    sample_shop = open_shop(database)
    document = sample_shop.issue(DraftRow("Tea", "1", "1"))
    assert document.issued_at.tzinfo is UTC


PASSWORD, NEW, PEPPER = "four words in a row", "five other words in a row", b"pepper"
_BENS = "account_key = (SELECT key FROM accounts WHERE user_name = 'ben')"
BEHIND_THE_PROGRAM = [
    ("UPDATE accounts SET role = 'owner' WHERE user_name = 'ben'", "its role is “owner”, but “manager” in the journal"),
    ("UPDATE accounts SET standing = 'active' WHERE user_name = 'cy'", "Person Cy (cy): its status is “active”"),
    ("UPDATE accounts SET name = 'Eve' WHERE user_name = 'ben'", "Person Eve (ben): its name"),
    ("UPDATE accounts SET user_name = 'eve', user_name_folded = 'eve' WHERE user_name = 'ben'", "name to sign in with"),
    (
        "UPDATE accounts SET email = 'eve@example.org' WHERE user_name = 'ben'",
        "its e-mail address is not as the journal tells",
    ),
    (
        f"UPDATE credentials SET password_hash = '$argon2id$planted' WHERE {_BENS}",
        "its password is not as the journal tells",
    ),
    (f"UPDATE credentials SET password_hash = NULL WHERE {_BENS}", "its password is not as the journal tells"),
    (f"UPDATE credentials SET pin_hash = 'planted' WHERE {_BENS}", "its PIN is not as the journal tells"),
    (
        "UPDATE accounts SET password_mark = pin_mark",
        "its password is not as the journal tells",
    ),
    ("DELETE FROM accounts WHERE user_name = 'cy'", "is in the journal, but no more in the database"),
    (
        "UPDATE identities SET subject = 'eve' WHERE subject = '7'",
        "its sign-in by providers is not as the journal tells",
    ),
    ("DELETE FROM identities", "its sign-in by providers is not as the journal tells"),
    (
        "UPDATE shop SET cashier_discount_milli = 100000",
        "The shop: its discount for cashiers in thousandths of a per cent is “100000”",
    ),
    ("UPDATE shop SET seal = 'at_issue'", "The shop: its seal"),
    ("UPDATE shop SET tax_id = 'DE1'", "The shop: its tax id"),
    (
        "UPDATE tax_rates SET rate_milli = 0 WHERE name = 'Standard'",
        "Tax rate Standard: its rate in thousandths of a per cent is “0”",
    ),
    ("UPDATE tax_rates SET is_retired = true", "its mark as retired"),
    ("UPDATE products SET price_centi = 1", "Product Green tea (1): its price is “1”, but “25000” in the journal"),
    ("UPDATE products SET tax_key = NULL", "Product Green tea (1): its tax"),
    ("DELETE FROM products", "The product with key"),
]


def test_verify_names_people_settings_and_prices_that_the_journal_tells_otherwise(sample_shop: SampleShop) -> None:
    with sample_shop.database.sessions.begin() as session:
        ben = accounts.register(session, accounts.NewAccount(user_name="ben", name="Ben", password=PASSWORD), now=NOW)
        cy = accounts.register(session, accounts.NewAccount(user_name="cy", name="Cy", password=PASSWORD), now=NOW)
        identity = Identity(issuer="https://id.example", subject="9", label="Id", name="Di")
        provider_identities.sign_in(session, identity, now=NOW)
    for role in (Role.CASHIER, Role.MANAGER, Role.CASHIER, Role.MANAGER):  # back and forth, by clocks that differ
        sample_shop.do(accounts.let_in, ben.key, role=role)
        sample_shop.do(accounts.set_role, ben.key, role=role, now=sample_shop.now - timedelta(hours=1))
    sample_shop.do(accounts.block, cy.key)
    as_ben = sample_shop.as_(ben)
    as_ben.do(accounts.change_password, old=PASSWORD, new=NEW)
    as_ben.do(pins.set_pin, "2580", password=NEW, pepper=PEPPER)
    as_ben.do(provider_identities.link, replace(identity, subject="7"), password=NEW)
    sample_shop.do(accounts.reset_password, ben.key, new=PASSWORD)
    with sample_shop.database.sessions.begin() as session:
        accounts.recover_owner(session, "ada", new=NEW, now=NOW)
    shop = sample_shop.change_shop(due_days=30)
    fees = ShopTax(key=new_key(), name="Fees", rate=TaxRate.percent(5))
    sample_shop.change_shop(taxes=(shop.taxes[0], fees))  # the other one is retired
    sample_shop.change_shop(taxes=shop.taxes)
    tea = Product(key=new_key(), code="1", name="Tea", price=12_345)
    sample_shop.do(products.save, tea)
    sample_shop.do(products.save, replace(tea, name="Green tea", price=20_000))
    sample_shop.do(products.import_all, b"code,name,price,tax\n1,Green tea,2.50,No tax\n")
    assert sample_shop.ask(lambda session: list(verify.violations(session))) == []
    silent = []
    for statement, said in BEHIND_THE_PROGRAM:
        with sample_shop.database.engine.connect() as connection:
            if connection.dialect.name == "sqlite":  # where no foreign key holds an account or a product
                connection.execute(text("PRAGMA defer_foreign_keys=ON"))
            connection.execute(text(statement))
            found = list(verify.book_violations(Session(connection)))
            connection.rollback()
        if not any(said in fault for fault in found):
            silent.append((statement, found))
    assert silent == []


def test_a_shop_of_before_the_journal_told_of_it_is_taken_as_it_is_at_the_upgrade(sample_shop: SampleShop) -> None:
    with sample_shop.database.engine.begin() as connection:  # as an older program left it
        guard = "keep_journal_delete" if connection.dialect.name == "sqlite" else "keep_journal ON journal"
        connection.execute(text(f"DROP TRIGGER {guard}"))
        connection.execute(text("DELETE FROM journal"))
        connection.execute(update(tills).values(journal_seq=0, journal_hash=journal.BEGINNING))
        kept.change(Session(connection), sample_shop.by.staff.key, password_hash="x", pin_hash="y")
    tea = Product(key=new_key(), code="1", name="Tea", price=12_345)
    with sample_shop.database.sessions.begin() as session:
        store_products.save(session, tea, language="en")
    sample_shop.issue()
    upgrade.migrate(sample_shop.database, "0001")
    upgrade.open_ready(sample_shop.database)
    sample_shop.do(products.save, replace(tea, price=20_000))
    assert sample_shop.ask(lambda session: list(verify.book_violations(session))) == []
    with sample_shop.database.engine.begin() as connection:
        connection.execute(text("UPDATE products SET price_centi = 1"))
        connection.execute(text("UPDATE credentials SET password_hash = 'z'"))
    assert len(sample_shop.ask(lambda session: list(verify.book_violations(session)))) == 2
    sample_shop.do(products.save, replace(tea, price=12_345))  # by the program, which puts it right
    assert len(sample_shop.ask(lambda session: list(verify.book_violations(session)))) == 1
