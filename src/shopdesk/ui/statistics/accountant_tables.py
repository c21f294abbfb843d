"""The accountant's export in words: its tables with the headings chosen, and its README."""

from __future__ import annotations

from datetime import datetime
from typing import BinaryIO

from shopdesk import __version__
from shopdesk.domain.accounting import AccountMapping
from shopdesk.domain.shop import Shop
from shopdesk.message_catalogues import mark
from shopdesk.queries.accountant_export import COLUMNS, ExportTable
from shopdesk.render.accountant_archive import AccountantArchive, ArchiveTable, Readme
from shopdesk.render.export import Cell
from shopdesk.ui.base.i18n import tr, tr_marked
from shopdesk.ui.statistics.money_sections import rate_name

TITLES = {
    ExportTable.DOCUMENTS: mark("Documents"),
    ExportTable.LINES: mark("Lines"),
    ExportTable.TAXES: mark("Taxes"),
    ExportTable.PAYMENTS: mark("Payments"),
    ExportTable.CUSTOMERS: mark("Customers"),
    ExportTable.PRODUCTS: mark("Products"),
}


def archive(
    file: BinaryIO, shop: Shop, mapping: AccountMapping, *, period: str, made_at: datetime
) -> AccountantArchive:
    """Return the export of a period, to be written to an open file. ``made_at`` is naive, in local time."""
    return AccountantArchive(
        file,
        [_table(table, mapping) for table in ExportTable],
        _readme(shop, mapping, period, made_at),
        made_at=made_at,
    )


def _table(table: ExportTable, mapping: AccountMapping) -> ArchiveTable:
    columns = COLUMNS[table]
    head = [mapping.heading(column.name, tr_marked(column.label)) for column in columns]
    return ArchiveTable(
        name=table.value,
        title=tr_marked(TITLES[table]),
        head=[heading or tr_marked(column.label) for heading, column in zip(head, columns, strict=True)],
        places=[at for at, heading in enumerate(head) if heading],
        summed=frozenset(at for at, column in enumerate(columns) if column.is_summed),
    )


def _readme(shop: Shop, mapping: AccountMapping, period: str, made_at: datetime) -> Readme:
    accounts: list[tuple[str, Cell]] = []
    for tax in shop.taxes:
        name = rate_name(tax.rate, shop)
        accounts.append((tr("Revenue account, {rate}", rate=name), mapping.revenue(tax.rate)))
        accounts.append((tr("Tax account, {rate}", rate=name), mapping.tax(tax.rate)))
    about: list[tuple[str, Cell]] = [
        (tr("Shop"), shop.seller.name),
        (tr("Tax number"), shop.seller.tax_id),
        (tr("Currency"), shop.currency.code),
        (tr("Period"), period),
        (tr("Written"), made_at),
        (tr("Program"), f"shopdesk {__version__}"),
        (tr("Documents"), tr("They count by their date. Voided ones and quotes are listed, but do not count.")),
        (
            tr("Lines"),
            tr("Of the documents that count: Amount before the discount of the document, Gross after it."),
        ),
        (tr("Taxes"), tr("A row for each rate of a document that counts. The sums are those of the money report.")),
        (
            tr("Payments"),
            tr("They count by the day they were taken. An offset moves a payment between documents, and no money."),
        ),
        (tr("Customers"), tr("Those with documents in the period.")),
        (tr("Products"), tr("All products, as they are today.")),
    ]
    return Readme(
        title=tr("For the accountant"),
        head=(tr("About"), period),
        rows=[*about, *accounts],
        count=lambda table: tr("{table}: rows", table=table),
        sum=lambda table, column: tr("{table}: sum of {column}", table=table, column=column),
    )
