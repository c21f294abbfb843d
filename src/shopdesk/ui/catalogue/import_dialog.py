"""The import of a file: its columns if they are not known, then a verdict per line, then all of it or nothing."""

from __future__ import annotations

import threading
from typing import Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import (
    QButtonGroup,
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QProgressBar,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from shopdesk import paths
from shopdesk.domain.errors import Refused
from shopdesk.ui.base import theme, tokens
from shopdesk.ui.base.context import Context
from shopdesk.ui.base.i18n import as_title, counted, listed, tr, tr_marked, translated
from shopdesk.ui.catalogue.import_columns import ColumnsPage, FilePreview
from shopdesk.ui.catalogue.import_kinds import Check, ImportKind, ImportModel, verdict
from shopdesk.ui.widgets.buttons import Button, PrimaryButton, Segment
from shopdesk.ui.widgets.field import Field, show_faults
from shopdesk.ui.widgets.labels import Label
from shopdesk.ui.widgets.page_parts import EmptyState
from shopdesk.ui.widgets.section import beside_field
from shopdesk.ui.widgets.table import ChoosingTable
from shopdesk.usecases import import_layout, imports
from shopdesk.usecases.import_file import ImportCancelled, ImportFile, code_page
from shopdesk.usecases.import_layout import Layout
from shopdesk.usecases.imports import Verdict

_TICK_MS = 100
_FEW = 4


class _Progress:
    """The progress of a worker, which the window shows; ``cancelled`` stops the worker at its next step."""

    def __init__(self) -> None:
        self.done = self.of = 0
        self.cancelled = threading.Event()

    def __call__(self, done: int, of: int) -> None:
        """Note a step; raise ImportCancelled when the user has cancelled."""
        self.done, self.of = done, of
        if self.cancelled.is_set():
            raise ImportCancelled


class ImportDialog(QDialog):
    """A dialog to choose a file and its columns, review its lines, and import all of it or nothing."""

    def __init__(self, kind: ImportKind, context: Context, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._kind = kind
        self._context = context
        self._file: ImportFile | None = None
        self._encoding = ""
        self._layout: Layout | None = None
        self._is_confirmed = False
        self._check: Check | None = None
        self._view: FilePreview | None = None
        self._progress: _Progress | None = None
        title = tr_marked(kind.title)
        self.setWindowTitle(title)
        self.setAccessibleName(title)
        self.setModal(True)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(tokens.KEY_SHEET)
        self._make()
        self._lay_out(title)
        self.path.edited.connect(self._on_path)
        self.path.control.returnPressed.connect(self._on_read)  # type: ignore[attr-defined]
        self.columns.head_chosen.connect(lambda head: self._inspect(head=head))
        self.columns.encoding_chosen.connect(self._on_encoding)
        self.columns.confirmed.connect(self._on_go_on)
        self._tick = QTimer(self, interval=_TICK_MS)
        self._tick.timeout.connect(self._show_progress)
        self.path.setFocus()
        self._show(self.waiting)

    def _make(self) -> None:
        self.path = Field(tr("File"), name="file", hint=tr("A CSV or Excel file (XLSX)."))
        self.browse = Button(tr("Browse …"), self._on_browse)
        self.read = Button(tr("Check the file"), self._on_read, icon="search")
        self.summary = Label(role="soft", wrap=True)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(tr("Progress"))
        self.model = ImportModel(self._kind, self._context, parent=self)
        self.model.failed.connect(self._context.report_unanswered)
        self.table = ChoosingTable(tr("Lines of the file"))
        self.table.show_model(self.model)
        self.waiting = EmptyState("import", tr("Nothing is imported until you confirm"), tr_marked(self._kind.waiting))
        self.columns = ColumnsPage(self._kind.subject, self._context)
        self.lines = QWidget()
        self._filters = QButtonGroup(self)
        self._make_filters()
        self.choose_columns = Button(tr("Columns …"), self._on_columns, icon="settings")
        self.cancel = Button(tr("Cancel"), self.reject)
        self.cancel.setMinimumHeight(tokens.PRIMARY)
        self.import_all = PrimaryButton(tr("Import"), self._on_go_on, icon="import")

    def _make_filters(self) -> None:
        self._row = QHBoxLayout()
        self._row.setSpacing(tokens.XS)
        for at in range(len(_FILTERS)):
            segment = Segment(_title(at), self._show_lines)
            self._filters.addButton(segment, at)
            self._row.addWidget(segment)
        self._row.addStretch(1)

    def _lay_out(self, title: str) -> None:
        lines = QVBoxLayout(self.lines)
        lines.setContentsMargins(0, 0, 0, 0)
        lines.setSpacing(tokens.M)
        lines.addLayout(self._row)
        lines.addWidget(self.table, 1)
        self._body = QStackedWidget()
        for page in (self.waiting, self.columns, self.lines):
            self._body.addWidget(page)
        foot = QHBoxLayout()
        foot.setSpacing(tokens.S)
        foot.addWidget(self.summary, 1)
        foot.addWidget(self.choose_columns)
        foot.addWidget(self.cancel)
        foot.addWidget(self.import_all)
        column = QVBoxLayout(self)
        column.setContentsMargins(tokens.XL, tokens.XL, tokens.XL, tokens.L)
        column.setSpacing(tokens.M)
        column.addWidget(Label(title, "title"))
        column.addLayout(beside_field(self.path, self.browse, self.read))
        column.addWidget(self._body, 1)
        column.addWidget(self.bar)
        column.addLayout(foot)

    # --- choosing and reading the file ---

    def _on_browse(self) -> None:
        chooser = QFileDialog(self, tr_marked(self._kind.choose))
        chooser.setFileMode(QFileDialog.FileMode.ExistingFile)
        chooser.setNameFilters([tr("Tables (*.csv *.txt *.tsv *.xlsx)"), tr("All files (*)")])
        chooser.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        chooser.fileSelected.connect(self._on_chosen)
        chooser.open()

    def _on_chosen(self, path: str) -> None:
        self.path.set_text(path)
        self._on_read()

    def _on_path(self) -> None:
        self._forget()
        self._show(self.waiting)

    def _forget(self) -> None:
        self._check = self._layout = self._view = None
        self._is_confirmed = False
        self._encoding = ""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _on_read(self) -> None:
        if not self.path.text().strip():
            self.path.show_fault(tr("Choose a file first."))
            return
        encoding = self._encoding
        self._forget()
        self._encoding = encoding
        progress = self._begin(tr("Reading the file …"))
        self._context.background.run_in_pool(
            imports.read,
            paths.typed(self.path.text()),
            self._kind.subject,
            language=self._context.shop.locale,
            encoding=self._encoding,
            progress=progress,
            owner=self,
            then=self._on_file,
            failed=self._on_failed,
        )

    def _on_encoding(self, encoding: str) -> None:
        self._encoding = encoding
        self._on_read()

    def _on_file(self, file: ImportFile) -> None:
        self._file = file
        self._inspect()

    # --- its columns ---

    def _inspect(self, layout: Layout | None = None, head: int | None = None) -> None:
        progress = self._begin(tr("Looking at the columns …"))
        self._context.ask_slow(
            _inspected,
            kind=self._kind,
            file=self._file,
            layout=layout,
            head=head,
            progress=progress,
            encoding=self._encoding or code_page(self._context.shop.locale),
            by=self._context.actor,
            now=self._context.now(),
            owner=self,
            then=self._on_inspected if head is None else self._on_other_head,
            failed=self._on_failed,
        )

    def _on_inspected(self, view: FilePreview) -> None:
        """Go on to the lines, or ask what is not known."""
        self._view, self._layout = view, view.layout
        if view.questions.errors:
            self._ask(view)
        else:
            self._check_lines()

    def _on_other_head(self, view: FilePreview) -> None:
        self._view = view
        self._ask(view)

    def _ask(self, view: FilePreview) -> None:
        self._end()
        self._check = None
        self._show(self.columns)
        self.columns.show_file(view)

    def _on_columns(self) -> None:
        if self._view is not None:
            self._ask(self._view)

    # --- its lines ---

    def _check_lines(self) -> None:
        progress = self._begin(tr("Checking the lines …"))
        self._context.ask_slow(
            self._kind.check,
            self._file,
            layout=self._layout,
            progress=progress,
            by=self._context.actor,
            now=self._context.now(),
            owner=self,
            then=self._on_checked,
            failed=self._on_failed,
        )

    def _on_checked(self, check: Check) -> None:
        self._end()
        self._check = check
        first = Verdict.WRONG if check.count(Verdict.WRONG) else None
        self._filters.button(_FILTERS.index(first)).setChecked(True)
        self._show(self.lines)
        self._show_lines()
        (self.import_all if self.import_all.isEnabled() else self.table).setFocus()

    def _show_lines(self) -> None:
        check = self._check
        if check is None:
            return
        counts = [_count(check, which) for which in _FILTERS]
        for at, count in enumerate(counts):
            segment = self._filters.button(at)
            segment.setVisible(count > 0 or at == 0)
            shown = self._context.format.count(count)
            segment.setText(f"{_title(at)}  {shown}")
            segment.setAccessibleName(f"{_title(at)}: {shown}")
        which = _FILTERS[self._filters.checkedId()]
        self.model.show_check(check, which if isinstance(which, Verdict) else None, warned=which == _WARNED)
        self._show_summary(check)

    def _show_summary(self, check: Check) -> None:
        wrong = check.count(Verdict.WRONG)
        self.summary.setText(" ".join(self._remarks(check)))
        theme.set_role(self.summary, "bad" if wrong else "soft")
        count = check.count(Verdict.NEW) + check.count(Verdict.CHANGED)
        self.import_all.set_label(self._kind.button(count) if check.is_good and count else tr("Import"))
        self.import_all.setEnabled(check.is_good and count > 0)

    def _remarks(self, check: Check) -> list[str]:
        """Return the remarks on a checked file, as sentences."""
        remarks = []
        if wrong := check.count(Verdict.WRONG):
            remarks.append(
                counted(
                    wrong,
                    "{count} line is wrong. Correct it in the file before you import.",
                    "{count} lines are wrong. Correct them in the file before you import.",
                )
            )
        elif not check.lines:
            remarks.append(tr_marked(self._kind.empty))
        elif check.is_good and not check.count(Verdict.NEW) + check.count(Verdict.CHANGED):
            remarks.append(tr("All of it is stored already."))
        if check.warnings:
            remarks.append(
                counted(
                    check.warnings,
                    "{count} line has a warning. Look at it before you import.",
                    "{count} lines have a warning. Look at them before you import.",
                )
            )
        if check.layout.program:
            remarks.append(tr("Read as a file of {program}.", program=check.layout.program))
        if check.ignored:
            remarks.append(_ignored(check.ignored))
        if self._file is not None and self._file.other_sheets:
            remarks.append(tr("Only the first sheet is read, not {names}.", names=_listed(self._file.other_sheets)))
        return remarks

    # --- going on ---

    def _on_go_on(self) -> None:
        if self._body.currentWidget() is self.columns:
            layout = self.columns.chosen_layout()
            if layout is not None:
                self._is_confirmed = True
                self._inspect(layout)
        elif self._check is not None:
            self._import()

    def _import(self) -> None:
        progress = self._begin(tr("Importing …"))
        self._context.do(
            self._kind.import_all,
            self._file,
            layout=self._layout if self._is_confirmed else None,
            progress=progress,
            owner=self,
            then=self._on_imported,
            failed=self._on_failed,
        )

    def _on_imported(self, check: Check) -> None:
        self._end()
        count = self._context.format.count
        new, changed = count(check.count(Verdict.NEW)), count(check.count(Verdict.CHANGED))
        self._context.navigation.notify(tr_marked(self._kind.done, new=new, changed=changed))
        self.accept()

    def _on_failed(self, error: Exception) -> None:
        self._end()
        self._show(self.lines if self._check is not None else self.waiting)
        if self._check is not None:
            self._show_lines()
        if isinstance(error, Refused):
            self._show_refused(error)
        else:
            self.path.show_fault(translated(error))
            self._context.report_error(error)

    def _show_refused(self, error: Refused) -> None:
        if isinstance(error, ImportCancelled):
            self.summary.setText(translated(error))
            return
        rest = show_faults(error, [self.path])
        if rest:
            self.path.show_fault(" ".join(translated(fault.text) for fault in rest))

    # --- being busy ---

    def _begin(self, what: str) -> _Progress:
        """Show that a worker is busy, with its progress and Cancel."""
        self._progress = _Progress()
        self._tick.start()
        self._show_state()
        theme.set_role(self.summary, "soft")
        self.summary.setText(what)
        self._what = what
        self._show_progress()
        self.cancel.setFocus()
        return self._progress

    def _end(self) -> None:
        self._progress = None
        self._tick.stop()
        self.summary.clear()
        self._show_state()

    def _show_progress(self) -> None:
        progress = self._progress
        if progress is None:
            return
        if progress.done > self.bar.value():
            self._context.background.watch.note_progress()
        self.bar.setRange(0, progress.of)
        self.bar.setValue(progress.done)
        if progress.cancelled.is_set():
            self.summary.setText(tr("Cancelling …"))
        elif progress.done:
            lines = counted(progress.done, "{count} line", "{count} lines")
            self.summary.setText(f"{self._what} {lines}")

    def _show(self, page: QWidget) -> None:
        """Show a page, and what can be done on it."""
        self._body.setCurrentWidget(page)
        self._show_state()

    def _show_state(self) -> None:
        """Show what can be done on the page, and while a worker is busy."""
        page, is_busy = self._body.currentWidget(), self._progress is not None
        self._body.setEnabled(not is_busy)
        for part in (self.path, self.browse, self.read):
            part.setEnabled(not is_busy)
        self.bar.setVisible(is_busy)
        self.choose_columns.setVisible(page is self.lines)
        self.choose_columns.setEnabled(not is_busy)
        if page is not self.lines:
            self.import_all.set_label(tr("Check the lines") if page is self.columns else tr("Import"))
        self.import_all.setEnabled(page is self.columns and not is_busy)
        self.cancel.setEnabled(True)

    def reject(self) -> None:
        """Close the dialog; while a worker is busy, cancel that instead."""
        if self._progress is None:
            super().reject()
            return
        self._progress.cancelled.set()
        self.cancel.setEnabled(False)
        self._show_progress()

    def done(self, result: int) -> None:
        """Close the dialog, and remove the copy of the file."""
        self._forget()
        super().done(result)


_WARNED = "warned"
_FILTERS: tuple[Verdict | str | None, ...] = (None, *Verdict, _WARNED)
"""The lines to look at: all of them, those with one verdict, those with a warning."""


def _title(at: int) -> str:
    which = _FILTERS[at]
    word = verdict(which).word if isinstance(which, Verdict) else tr("all") if which is None else tr("warnings")
    return as_title(word)


def _count(check: Check, which: Verdict | str | None) -> int:
    if which is None:
        return len(check.lines)
    return check.count(which) if isinstance(which, Verdict) else check.warnings


def _ignored(names: tuple[str, ...]) -> str:
    if len(names) > _FEW:
        return tr("{count} columns are ignored.", count=len(names))
    if len(names) == 1:
        return tr("This column is ignored: {names}.", names=_listed(names))
    return tr("These columns are ignored: {names}.", names=_listed(names))


def _listed(names: tuple[str, ...]) -> str:
    return listed([f"“{name}”" for name in names])


def _inspected(session: Any, *, kind: ImportKind, file: ImportFile, encoding: str, **how: Any) -> FilePreview:
    """Return how a file is to be read, and what the page of its columns shows."""
    layout, questions = kind.inspect(session, file, **how)
    return FilePreview(
        layout=layout,
        questions=questions,
        rows=import_layout.first_rows(file),
        headings=import_layout.headings(file, layout),
        samples=import_layout.samples(file, layout),
        encoding="" if file.is_unicode else encoding,
    )
