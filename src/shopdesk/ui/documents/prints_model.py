"""The list of prints of a till: what became of each, in words."""

from __future__ import annotations

from PySide6.QtCore import QObject

from shopdesk.domain.print_job import DocumentPrint
from shopdesk.queries.print_jobs import PrintOrder
from shopdesk.ui.base import print_words
from shopdesk.ui.base.context import Context
from shopdesk.ui.base.i18n import StatusLook, tr
from shopdesk.ui.widgets.paged_model import ColumnOf, PagedModel


class PrintsModel(PagedModel[DocumentPrint]):
    """All prints of a till, newest first."""

    def __init__(self, context: Context, *, parent: QObject | None = None) -> None:
        columns: tuple[ColumnOf[DocumentPrint], ...] = (
            ColumnOf(title=tr("State"), text=lambda job: _look(job).word, look=_look, width=170, key="state"),
            ColumnOf(title=tr("Document"), text=lambda job: job.number, width=170, rank=1, key="document"),
            ColumnOf(
                title=tr("Paper"), text=lambda job: print_words.paper_name(job.paper), width=110, rank=4, key="paper"
            ),
            ColumnOf(title=tr("Which copy"), text=print_words.copy_name, width=100, rank=3, key="copy"),
            ColumnOf(title=tr("Printer’s words"), text=print_words.explained, tip=print_words.explained, key="words"),
            ColumnOf(
                title=tr("Attempts"),
                text=lambda job: context.format.count(job.attempts),
                width=84,
                is_number=True,
                rank=5,
                key="attempts",
            ),
            ColumnOf(
                title=tr("Created"),
                text=lambda job: context.ago(job.created_at),
                tip=lambda job: context.format.instant(job.created_at),
                width=116,
                rank=2,
                key="created",
                order=PrintOrder.CREATED,
            ),
        )
        super().__init__(context, columns, descending=True, parent=parent)


def _look(job: DocumentPrint) -> StatusLook:
    return print_words.print_state(job.state)
