"""The dialog “For the accountant”: the export of a period as one ZIP file, and the accounts and headings in it."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import BinaryIO

from PySide6.QtWidgets import QWidget

from shopdesk.domain.accounting import AccountMapping
from shopdesk.queries import accountant_export as ask
from shopdesk.render.export import FileKind, Writer
from shopdesk.ui.base import tokens
from shopdesk.ui.base.context import Context
from shopdesk.ui.base.i18n import tr
from shopdesk.ui.output.export import FILE_FILTERS, ExportDialog, ExportSource, ask_where
from shopdesk.ui.statistics import accountant_tables
from shopdesk.ui.statistics.mapping_dialog import MappingDialog
from shopdesk.ui.widgets.buttons import Button
from shopdesk.ui.widgets.confirm_dialog import ConfirmDialog
from shopdesk.ui.widgets.labels import Label


class AccountantDialog(ConfirmDialog):
    """Asks where to save the export; the page goes on while it is written, with progress and Cancel."""

    def __init__(self, context: Context, since: date, until: date, *, parent: QWidget) -> None:
        day = context.format.day
        self._period = tr("{first} – {last}", first=day(since), last=day(until))
        super().__init__(
            tr("For the accountant"),
            text=tr("Everything of the period in one ZIP file: as CSV, and as a workbook with a README."),
            facts=[(tr("Period"), self._period)],
            yes=tr("Export …"),
            no=tr("Close"),
            parent=parent,
        )
        self.setMinimumWidth(tokens.READING + tokens.XL)
        self._context = context
        self._page = parent
        self._days = {"since": since, "until": until}
        contents = tr("Documents, lines, taxes, payments, customers and products. It adds up to the money report.")
        self.body.addWidget(Label(contents, wrap=True))
        self.accounts = Button(tr("Accounts and columns …"), self.open_accounts, icon="settings")
        self.answers.insertWidget(0, self.accounts)

    def open_accounts(self) -> None:
        """Open the dialog with the accounts and headings, once those that were chosen are read."""
        context = self._context
        context.ask(ask.mapping, by=context.actor, owner=self, then=self._on_mapping, failed=context.report_unanswered)

    def _on_mapping(self, mapping: AccountMapping) -> None:
        MappingDialog(self._context, mapping, parent=self).open()

    def accept(self) -> None:
        """Ask for a file; the dialog closes once one is chosen."""
        days = f"{self._days['since'].isoformat()} {self._days['until'].isoformat()}"
        title = tr("Accountant")
        name = f"{title} {days}.zip"
        ask_where(tr("For the accountant"), name, [FILE_FILTERS[FileKind.ZIP]], self, self.save_to)

    def save_to(self, path: Path) -> None:
        """Write the export to a file, with the accounts and headings chosen last."""
        context, page = self._context, self._page

        def then(mapping: AccountMapping) -> None:
            ExportDialog(self.source(mapping), FileKind.ZIP, path, context, page).start()
            super(AccountantDialog, self).accept()

        context.ask(ask.mapping, by=context.actor, owner=self, then=then, failed=context.report_unanswered)

    def source(self, mapping: AccountMapping) -> ExportSource:
        """Return the export as a list of records for one file."""
        shop, period = self._context.shop, self._period

        def open_archive(file: BinaryIO, made_at: datetime) -> Writer:
            return accountant_tables.archive(file, shop, mapping, period=period, made_at=made_at)

        return ExportSource(
            title=tr("For the accountant"),
            query=ask.page,
            given={**self._days, "by": self._context.actor},
            head=(),
            row=lambda record: record,
            page=500,
            open=open_archive,
        )
