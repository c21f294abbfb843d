"""The page of reports: the money report and the number report of a period, their rates and series, their files."""

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from shopdesk.domain.account import Role
from shopdesk.domain.accounting import AccountMapping
from shopdesk.domain.document import Kind
from shopdesk.domain.draft import DraftRow
from shopdesk.domain.shop import ShopTax
from shopdesk.domain.tax import TaxRate
from shopdesk.queries import accountant_export
from shopdesk.queries import shop as ask_shop
from shopdesk.render.export import FileKind
from shopdesk.render.formatting import typing_symbols
from shopdesk.row_keys import new_key
from shopdesk.ui.base.context import Context
from shopdesk.ui.output.export import ExportJob
from shopdesk.ui.statistics.accountant_dialog import AccountantDialog
from shopdesk.ui.statistics.mapping_dialog import ColumnField, MappingDialog
from shopdesk.ui.statistics.period import Period
from shopdesk.ui.statistics.reports_screen import ReportsScreen
from shopdesk.ui.statistics.statistics_screen import StatisticsScreen
from shopdesk.ui.widgets.field import Field
from shopdesk.ui.widgets.paged_model import PagedModel
from shopdesk.usecases import documents
from support.accessibility import unnamed_controls, unreachable_by_tab
from support.context import NavigationSpy, Show
from support.qtbot import QtBot
from support.shops import SampleShop

REPORT_KINDS = (FileKind.PDF, FileKind.CSV, FileKind.XLSX)
BOOK, TEA = DraftRow("Book", "1", "107.00", tax="7 %"), DraftRow("Tea", "1", "116.00")


def cells(model: PagedModel[Any]) -> list[list[str]]:
    return [[str(model.index(row, at).data()) for at in range(model.columnCount())] for row in range(model.rowCount())]


@pytest.fixture
def busy(shop: SampleShop, context: Context) -> SampleShop:
    """A receipt at two rates, an invoice, and a receipt that was voided."""
    taxes = (ShopTax(key=new_key(), name="Reduced", rate=TaxRate.percent(7)),)
    facts = shop.change_shop()
    shop.change_shop(taxes=(*facts.taxes, *taxes))
    shop.issue(BOOK, TEA)
    shop.issue(TEA, kind=Kind.INVOICE)
    shop.do(documents.delete, shop.issue(TEA).key)
    now = shop.ask(ask_shop.current)
    assert now is not None
    context.set_shop(now, typing_symbols(now.locale))
    return shop


@pytest.fixture
def page(busy: SampleShop, context: Context, show: Show) -> ReportsScreen:
    return show(ReportsScreen(context))


def test_the_money_report_shows_sales_payments_and_what_is_open(page: ReportsScreen) -> None:
    sales, payments, still_open = (cells(table.model) for table in page.money.tables)
    assert sales[-1] == ["Total", "All rates", "2", "300.00", "39.00", "339.00"]
    assert ["Receipt", "Reduced 7%", "", "100.00", "7.00", "107.00"] in sales
    assert payments == [
        ["Cash", "3", "339.00", "-116.00", "0.00", "223.00"],
        ["Total", "3", "339.00", "-116.00", "0.00", "223.00"],
    ]
    assert [row[0::2] for row in still_open] == [
        ["At the beginning", "0.00"],
        ["Sales of the period", "339.00"],
        ["Settled by payments", "-223.00"],
        ["At the end", "116.00"],
        ["of which customers owe", "116.00"],
        ["of which the shop owes", "0.00"],
    ]


def test_one_rate_shows_its_sales_only(page: ReportsScreen) -> None:
    page.money.rate.combo.setCurrentIndex(page.money.rate.combo.findText("Reduced 7%"))
    page.money.rate.edited.emit()
    assert cells(page.money.tables[0].model) == [
        ["Receipt", "Reduced 7%", "", "100.00", "7.00", "107.00"],
        ["Total", "Reduced 7%", "", "100.00", "7.00", "107.00"],
    ]


def test_another_period_shows_its_own_figures(page: ReportsScreen, settled: Callable[[], None]) -> None:
    page.period.button(Period.LAST_MONTH).click()
    settled()
    assert cells(page.money.tables[0].model) == [["Total", "All rates", "0", "0.00", "0.00", "0.00"]]


def test_a_sale_at_another_till_appears_by_itself(
    page: ReportsScreen, busy: SampleShop, context: Context, qtbot: QtBot
) -> None:
    busy.issue(TEA)
    context.background.changed.emit(frozenset({"documents"}))
    qtbot.waitUntil(lambda: cells(page.money.tables[0].model)[-1][-1] == "455.00")


def test_the_number_report_tells_what_became_of_each_number(
    page: ReportsScreen, settled: Callable[[], None], navigation: NavigationSpy
) -> None:
    page.of_numbers.click()
    settled()
    rows = cells(page.numbers.model)
    assert [(row[0], row[3]) for row in rows] == [
        ("I-A-2026-000001", "Issued"),
        ("R-A-2026-000001", "Issued"),
        ("R-A-2026-000002", "Voided"),
    ]
    page.numbers.table.opened.emit(page.numbers.model.rows[2])
    assert navigation.last == ("document_wanted", page.numbers.model.rows[2].document_key)


def test_one_series_shows_all_its_numbers_whatever_the_period(page: ReportsScreen, settled: Callable[[], None]) -> None:
    page.of_numbers.click()
    page.period.button(Period.LAST_MONTH).click()
    settled()
    assert page.numbers.empty.isVisible()
    page.numbers.series.combo.setCurrentIndex(page.numbers.series.combo.findText("R-A-2026"))
    page.numbers.series.edited.emit()
    settled()
    assert [row[0] for row in cells(page.numbers.model)] == ["R-A-2026-000001", "R-A-2026-000002"]


@pytest.mark.parametrize("kind", REPORT_KINDS)
def test_the_money_report_is_saved_as_it_is_shown(
    page: ReportsScreen, settled: Callable[[], None], navigation: NavigationSpy, tmp_path: Path, kind: FileKind
) -> None:
    file = tmp_path / f"money.{kind.value}"
    page.money.save_to(file, kind, page.head())
    settled()
    assert navigation.words == [f"Saved: {file}"]
    assert file.read_bytes()[:4] in {b"%PDF", b"PK\x03\x04", b"\xef\xbb\xbfP"}
    if kind is FileKind.CSV:
        head, *rows = csv.reader(file.read_text("utf-8-sig").splitlines())
        assert rows[-3][:2] == ["What is open", "At the end"]
        assert rows[-3][head.index("Amount")] == "116.00"


def test_a_folder_that_cannot_be_written_to_is_told(
    page: ReportsScreen, settled: Callable[[], None], navigation: NavigationSpy, tmp_path: Path
) -> None:
    page.money.save_to(tmp_path / "missing" / "money.pdf", FileKind.PDF, page.head())
    settled()
    assert "cannot be written" in navigation.words[0]


@pytest.mark.parametrize("kind", REPORT_KINDS)
def test_the_number_report_is_exported_page_by_page(
    page: ReportsScreen, settled: Callable[[], None], qtbot: QtBot, context: Context, tmp_path: Path, kind: FileKind
) -> None:
    page.of_numbers.click()
    settled()
    job = ExportJob(page.numbers.source(kind, page.head()), kind, tmp_path / "numbers", context, parent=page)
    with qtbot.waitSignal(job.finished) as finished:
        job.start()
    assert finished.args == [3]
    assert (tmp_path / "numbers").stat().st_size > 100


def test_a_cashier_reads_why_there_is_nothing(busy: SampleShop, context: Context, show: Show) -> None:
    context.switch_to(busy.staff(Role.CASHIER))
    page = show(ReportsScreen(context))
    assert page.money.report is None
    assert not page.period.isVisible()


def test_statistics_lead_to_the_reports(context: Context, show: Show) -> None:
    asked: list[bool] = []
    context.navigation.reports_wanted.connect(lambda: asked.append(True))
    show(StatisticsScreen(context)).reports.click()
    assert asked == [True]


def test_every_control_has_a_name_and_is_reached_by_tab(page: ReportsScreen) -> None:
    assert unnamed_controls(page) == []
    assert unreachable_by_tab(page) == []


# --- for the accountant ---------------------------------------------------------------------------------------------


@pytest.fixture
def dialog(page: ReportsScreen, qtbot: QtBot) -> AccountantDialog:
    page.for_accountant.click()
    found = page.window().findChild(AccountantDialog)
    assert found is not None
    qtbot.waitExposed(found)
    return found


@pytest.fixture
def mapping(dialog: AccountantDialog, settled: Callable[[], None]) -> MappingDialog:
    dialog.accounts.click()
    settled()
    found = dialog.findChild(MappingDialog)
    assert found is not None
    return found


def field_of(mapping: MappingDialog, name: str) -> Field:
    return next(field for field in mapping.fields if field.name == name)


def test_the_export_is_written_off_the_window_thread_and_told(
    dialog: AccountantDialog, qtbot: QtBot, navigation: NavigationSpy, tmp_path: Path
) -> None:
    file = tmp_path / "november.zip"
    dialog.save_to(file)
    qtbot.waitUntil(lambda: bool(navigation.words))
    assert navigation.words[0].endswith(f"written to {file}.")
    with ZipFile(file) as files:
        assert files.namelist()[0] == "accountant.xlsx"
        assert b"I-A-2026-000001" in files.read("documents.csv")


def test_a_cancelled_export_leaves_no_file(
    dialog: AccountantDialog, page: ReportsScreen, context: Context, qtbot: QtBot, tmp_path: Path
) -> None:
    job = ExportJob(dialog.source(AccountMapping()), FileKind.ZIP, tmp_path / "never.zip", context, parent=page)
    job.counted.connect(job.cancel)
    with qtbot.waitSignal(job.cancelled):
        job.start()
    assert list(tmp_path.glob("*.zip")) == []
    assert list(tmp_path.glob(".*.part")) == []


def test_accounts_and_headings_are_saved_and_shown_again(
    mapping: MappingDialog, dialog: AccountantDialog, shop: SampleShop, context: Context, settled: Callable[[], None]
) -> None:
    field_of(mapping, "receivable").set_text("1400")
    field_of(mapping, "column taxes.net").set_text("Netto")
    left_out = field_of(mapping, "column documents.note")
    assert isinstance(left_out, ColumnField)
    left_out.box.click()
    mapping.yes.click()
    settled()
    kept = shop.ask(accountant_export.mapping, by=shop.by)
    assert kept.chosen == {"receivable": "1400", "column taxes.net": "Netto", "column documents.note": "-"}
    again = MappingDialog(context, kept, parent=dialog)
    assert {field.name: field.text() for field in again.fields if field.text()} == kept.chosen


def test_a_fault_is_told_beside_its_field_and_nothing_typed_is_lost(
    mapping: MappingDialog, settled: Callable[[], None], shop: SampleShop
) -> None:
    for name in ("column taxes.net", "column taxes.gross"):
        field_of(mapping, name).set_text("Betrag")
    mapping.yes.click()
    settled()
    faulty = field_of(mapping, "column taxes.gross")
    assert faulty.fault == "Two columns of a table have the heading “Betrag”."
    assert mapping.of_columns.isChecked()
    assert mapping.table.text() == "taxes"
    assert faulty.isVisible()
    assert faulty.text() == "Betrag"
    field_of(mapping, "receivable").set_text("14;00")
    mapping.yes.click()
    settled()
    assert field_of(mapping, "receivable").fault.startswith("An account has letters")
    assert mapping.of_accounts.isChecked()


@pytest.mark.parametrize("turned", [False, True])
def test_every_control_of_the_dialogs_has_a_name_and_is_reached_by_tab(mapping: MappingDialog, turned: bool) -> None:
    if turned:
        mapping.of_columns.click()
    assert unnamed_controls(mapping) == []
    assert unreachable_by_tab(mapping) == []
