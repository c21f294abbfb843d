"""Export of a list to a file, page by page: read on the database thread, written on a worker, counted on this one.

The file gets its name only when it is complete; a cancelled or failed export leaves no file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

from PySide6.QtCore import QDir, QObject, QStandardPaths, Qt, QTimer, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QDialog, QFileDialog, QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from shopdesk import atomic_file
from shopdesk.atomic_file import Part
from shopdesk.domain.account import Right
from shopdesk.domain.errors import Unavailable
from shopdesk.domain.sentence import sentence
from shopdesk.render import export
from shopdesk.render.export import Cell, FileKind, Writer
from shopdesk.ui.base import tokens
from shopdesk.ui.base.context import Context
from shopdesk.ui.base.i18n import counted, tr, translated
from shopdesk.ui.base.notice import NoticeAction
from shopdesk.ui.base.tokens import Tone
from shopdesk.ui.widgets.buttons import Button
from shopdesk.ui.widgets.labels import Label
from shopdesk.ui.widgets.table import RowAct

T = TypeVar("T")

FILE_FILTERS = {
    FileKind.CSV: "CSV (*.csv)",
    FileKind.XLSX: "Excel (*.xlsx)",
    FileKind.PDF: "PDF (*.pdf)",
    FileKind.ZIP: "ZIP (*.zip)",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportSource:
    """The list to export: a paged query with its arguments, the header row, and a function from a value to its cells.

    ``page`` rows are read and written at a time: a thousand take about 20 ms to read and 200 ms in a workbook.
    ``open`` makes the writer for a PDF or ZIP file, of a list that has one; its instant is naive, in local time.
    """

    title: str
    query: Callable[..., tuple[Any, ...]]
    given: dict[str, Any] = field(default_factory=dict)
    head: Sequence[str]
    row: Callable[[Any], Sequence[Cell]]
    page: int = 1000
    open: Callable[[BinaryIO, datetime], Writer] | None = None


def ask_where(title: str, name: str, filters: Sequence[str], parent: QWidget, then: Callable[[Path], object]) -> None:
    """Open the system's Save dialog, which confirms overwriting; call ``then`` with the path. Does not block."""
    dialog = QFileDialog(parent, title)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setFileMode(QFileDialog.FileMode.AnyFile)
    dialog.setNameFilters(list(filters))
    dialog.setDefaultSuffix(Path(name).suffix.removeprefix("."))
    folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
    dialog.setDirectory(folder if QDir(folder).exists() else QDir.homePath())
    dialog.selectFile(name)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.fileSelected.connect(lambda chosen: then(Path(chosen)))
    dialog.open()


def export_list(whole: ExportSource, kind: FileKind, *, context: Context, parent: QWidget) -> None:
    """Ask for a file and export the list to it, with a dialog for progress and Cancel."""
    name = f"{whole.title} {context.today().isoformat()}.{kind.value}"
    title = tr("Export {list}", list=whole.title)
    ask_where(
        title, name, [FILE_FILTERS[kind]], parent, lambda path: ExportDialog(whole, kind, path, context, parent).start()
    )


def rows_of(rows: tuple[Any, ...]) -> Callable[..., tuple[Any, ...]]:
    """Return a paged query for rows that are there already."""

    def given(_: object, *, after: object, limit: int) -> tuple[Any, ...]:
        first = rows.index(after) + 1 if after is not None else 0
        return rows[first : first + limit]

    return given


def export_acts(
    context: Context, whole: Callable[[], ExportSource], rows: tuple[Any, ...], *, parent: QWidget
) -> tuple[RowAct, ...]:
    """Return the entries of a context menu that save the selected rows of a list as a file."""
    why_not = (
        ""
        if context.may(Right.EXPORT)
        else tr("Your role may not export. The owner assigns roles in Settings, People.")
    )

    def act(kind: FileKind) -> Callable[[], None]:
        return lambda: export_list(
            replace(whole(), query=rows_of(rows), given={}), kind, context=context, parent=parent
        )

    labels = ((tr("Export to CSV …"), FileKind.CSV), (tr("Export to Excel (XLSX) …"), FileKind.XLSX))
    return tuple(RowAct(label=label, icon="export", act=act(kind), why_not=why_not) for label, kind in labels)


@dataclass(slots=True)
class _File:
    """A partly written file next to its destination. Used by one worker at a time."""

    part: Part
    file: BinaryIO
    writer: Writer


class ExportJob(QObject):
    """The export of one list to one file."""

    counted = Signal(int)  # rows written so far
    finished = Signal(int)  # rows in all
    failed = Signal(object)  # Exception
    cancelled = Signal()

    def __init__(self, whole: ExportSource, kind: FileKind, path: Path, context: Context, *, parent: QObject) -> None:
        super().__init__(parent)
        self._list = whole
        self._kind = kind
        self._path = path
        self._context = context
        self._file: _File | None = None
        self._rows = 0
        self._is_cancelled = False

    def start(self) -> None:
        """Start. Exactly one of ``finished``, ``failed`` and ``cancelled`` is emitted at the end."""
        made_at = self._context.now().astimezone().replace(tzinfo=None)
        self._run(_open, self._path, self._kind, self._list, made_at, then=self._on_begun)

    def cancel(self) -> None:
        """Stop after the current page."""
        self._is_cancelled = True

    def _run(self, call: Callable[..., T], *args: object, then: Callable[[T], None]) -> None:
        self._context.background.run_in_pool(call, *args, owner=self, then=then, failed=self._on_failed)

    def _on_begun(self, file: _File) -> None:
        self._file = file
        self._next(None)

    def _next(self, last: object) -> None:
        if self._file is None:
            return
        if self._is_cancelled:
            self._run(_discard, self._file, then=lambda _: self.cancelled.emit())
            return
        self._context.ask_slow(
            self._list.query,
            owner=self,
            then=self._on_page,
            failed=self._on_failed,
            after=last,
            limit=self._list.page,
            **self._list.given,
        )

    def _on_page(self, rows: tuple[Any, ...]) -> None:
        def then(_: object) -> None:
            self._rows += len(rows)
            self.counted.emit(self._rows)
            if len(rows) == self._list.page:
                self._next(rows[-1])
            elif self._is_cancelled:
                self._next(None)
            else:
                self._run(_finished, self._file, then=lambda _: self.finished.emit(self._rows))

        self._run(_append, self._file, self._list.row, rows, then=then)

    def _on_failed(self, error: Exception) -> None:
        file, self._file = self._file, None
        if file is None:
            self.failed.emit(error)
            return

        def told(_: object) -> None:
            self.failed.emit(error)  # the first error, not one of the clean-up

        self._context.background.run_in_pool(_discard, file, owner=self, then=told, failed=told)


def _open(path: Path, kind: FileKind, whole: ExportSource, made_at: datetime) -> _File:
    try:
        part = atomic_file.create(path, mode=atomic_file.DEFAULT)
        file = part.path.open("wb")
        try:
            if kind in {FileKind.PDF, FileKind.ZIP} and whole.open is not None:
                writer = whole.open(file, made_at)
            else:
                writer = export.writer(kind, file, whole.head, title=whole.title, made_at=made_at)
        except OSError:
            _close(file)
            part.discard()
            raise
    except OSError as error:
        raise _explained(path, error) from error
    return _File(part, file, writer)


def _append(file: _File, row: Callable[[Any], Sequence[Cell]], values: Sequence[Any]) -> None:
    try:
        file.writer.write(row(value) for value in values)
    except OSError as error:
        raise _explained(file.part.target, error) from error


def _finished(file: _File) -> None:
    try:
        file.writer.close()
        file.file.close()
        file.part.commit()
    except OSError as error:
        raise _explained(file.part.target, error) from error


def _discard(file: _File) -> None:
    try:
        file.writer.abandon()
    finally:
        _close(file.file)
        file.part.discard()


def _close(file: BinaryIO) -> None:
    with suppress(OSError):  # unwritten data is not wanted any more, and the disk may be full
        file.close()


@contextmanager
def writing_file(path: Path) -> Iterator[BinaryIO]:
    """Yield a file that gets its name when the block is done, or none if it fails; raise Unavailable.

    Use it on a worker: the disk may be slow.
    """
    try:
        with atomic_file.writing(path, mode=atomic_file.DEFAULT) as part, part.open("wb") as file:
            yield file
    except OSError as error:
        raise _explained(path, error) from error


def save_bytes(path: Path, content: bytes) -> None:
    """Write a file completely or not at all; raise Unavailable. Call it on a worker: the disk may be slow."""
    with writing_file(path) as file:
        file.write(content)


def _explained(path: Path, error: OSError) -> Unavailable:
    why = error.strerror or type(error).__name__
    return Unavailable(
        sentence("{file} cannot be written: {why}.", file=str(path), why=why),
        advice=sentence("Choose another folder or file name."),
    )


class ExportDialog(QDialog):
    """The progress of an export, with Cancel. Shown only when it takes longer than ``tokens.BUSY_AFTER_MS``."""

    done_with = Signal()  # finished, failed or cancelled

    def __init__(self, whole: ExportSource, kind: FileKind, path: Path, context: Context, parent: QWidget) -> None:
        super().__init__(parent)
        self._context = context
        self._path = path
        title = tr("Exporting {list}", list=whole.title)
        self.setWindowTitle(title)
        self.setAccessibleName(title)
        self.setModal(True)
        self.setMinimumWidth(tokens.NARROW)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.count = Label(tr("Starting …"), "soft")
        bar = QProgressBar()
        bar.setRange(0, 0)  # the number of rows is not known before the last page
        bar.setTextVisible(False)
        bar.setAccessibleName(title)
        self.cancel = Button(tr("Cancel"), self.reject)
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(self.cancel)
        column = QVBoxLayout(self)
        column.setContentsMargins(tokens.XL, tokens.XL, tokens.XL, tokens.L)
        column.setSpacing(tokens.M)
        column.addWidget(Label(title, "title"))
        column.addWidget(Label(path.name, "soft", wrap=True))
        column.addWidget(bar)
        column.addWidget(self.count)
        column.addLayout(foot)
        self.export = ExportJob(whole, kind, path, context, parent=self)
        self.export.counted.connect(self._on_counted)
        self.export.finished.connect(self._on_finished)
        self.export.failed.connect(self._on_failed)
        self.export.cancelled.connect(self._on_cancelled)
        self._patience = QTimer(self, singleShot=True, interval=tokens.BUSY_AFTER_MS)
        self._patience.timeout.connect(self.open)

    def start(self) -> None:
        """Start the export."""
        self._patience.start()
        self.export.start()

    def reject(self) -> None:
        """Cancel the export (also by Esc or the close button): finish the current page, then delete the file."""
        self._patience.stop()
        self.cancel.setEnabled(False)
        self.count.setText(tr("Stopping …"))
        self.export.cancel()

    def _on_counted(self, rows: int) -> None:
        if self.cancel.isEnabled():
            self.count.setText(counted(rows, "{count} row written", "{count} rows written"))

    def _on_finished(self, rows: int) -> None:
        folder = QUrl.fromLocalFile(str(self._path.parent))
        self._context.navigation.notify(
            tr("{rows} written to {file}.", rows=counted(rows, "{count} row", "{count} rows"), file=str(self._path)),
            action=NoticeAction(tr("Open folder"), lambda: QDesktopServices.openUrl(folder)),
        )
        self._end()

    def _on_failed(self, error: Exception) -> None:
        if isinstance(error, Unavailable):
            self._context.navigation.notify(translated(error), tone=Tone.BAD, stays=True)
        else:
            self._context.report_error(error)
        self._end()

    def _on_cancelled(self) -> None:
        self._context.navigation.notify(tr("Export cancelled. No file was saved."), tone=Tone.PLAIN)
        self._end()

    def _end(self) -> None:
        self._patience.stop()
        self.hide()
        self.done_with.emit()
        self.deleteLater()
