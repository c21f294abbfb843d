"""The product import: shows line by line what a file would change, before anything is written."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QButtonGroup, QDialog, QFileDialog, QHBoxLayout, QVBoxLayout, QWidget

from shopdesk.domain.errors import Refused
from shopdesk.ui.base import theme, tokens
from shopdesk.ui.base.context import Context
from shopdesk.ui.base.i18n import StatusLook, counted, tr
from shopdesk.ui.base.tokens import Tone
from shopdesk.ui.catalogue.products_model import ImportModel, verdict
from shopdesk.ui.widgets.banner import BusyLine
from shopdesk.ui.widgets.buttons import Button, PrimaryButton, Segment
from shopdesk.ui.widgets.field import Field, show_faults
from shopdesk.ui.widgets.labels import Label
from shopdesk.ui.widgets.page_parts import EmptyState
from shopdesk.ui.widgets.section import beside_field
from shopdesk.ui.widgets.table import ChoosingTable
from shopdesk.usecases import products
from shopdesk.usecases.products import ImportCheck, Verdict

_LARGEST_BYTES = 100_000_000


class ImportDialog(QDialog):
    """A dialog to choose a file, review its lines, and import all of it or nothing."""

    def __init__(self, context: Context, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._file = b""
        self._check: ImportCheck | None = None
        title = tr("Import products")
        self.setWindowTitle(title)
        self.setAccessibleName(title)
        self.setModal(True)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(tokens.KEY_SHEET)
        self.path = Field(tr("File"), name="file", hint=tr("A CSV file with the columns product_id, name and price."))
        self.browse = Button(tr("Browse …"), self._on_browse)
        self.read = Button(tr("Check the file"), self._on_read, icon="search")
        self.busy = BusyLine()
        self.summary = Label(role="soft", wrap=True)
        self.model = ImportModel(context, parent=self)
        self.table = ChoosingTable(tr("Lines of the file"))
        self.table.show_model(self.model)
        self.waiting = EmptyState(
            "import",
            tr("Nothing is imported until you confirm"),
            tr(
                "Columns: product_id (or code), name, price; optional: barcode, department, category. Products whose "
                "code exists already are updated, others are added."
            ),
        )
        self._filters = QButtonGroup(self)
        self._make_filters()
        self.cancel = Button(tr("Cancel"), self.reject)
        self.cancel.setMinimumHeight(tokens.PRIMARY)
        self.import_all = PrimaryButton(tr("Import"), self._on_import, icon="import")
        self.import_all.setEnabled(False)
        self._lay_out(title)
        self.path.edited.connect(self._on_path)
        self.path.control.returnPressed.connect(self._on_read)  # type: ignore[attr-defined]
        self.path.setFocus()
        self._show_lines()

    def _make_filters(self) -> None:
        self._row = QHBoxLayout()
        self._row.setSpacing(tokens.XS)
        for at, which in enumerate((None, *Verdict)):
            segment = Segment(_title(which), self._show_lines)
            segment.setChecked(which is None)
            self._filters.addButton(segment, at)
            self._row.addWidget(segment)
        self._row.addStretch(1)

    def _lay_out(self, title: str) -> None:
        foot = QHBoxLayout()
        foot.setSpacing(tokens.S)
        foot.addWidget(self.summary, 1)
        foot.addWidget(self.cancel)
        foot.addWidget(self.import_all)
        column = QVBoxLayout(self)
        column.setContentsMargins(tokens.XL, tokens.XL, tokens.XL, tokens.L)
        column.setSpacing(tokens.M)
        column.addWidget(Label(title, "title"))
        column.addLayout(beside_field(self.path, self.browse, self.read))
        column.addWidget(self.busy)
        column.addLayout(self._row)
        column.addWidget(self.table, 1)
        column.addWidget(self.waiting, 1)
        column.addLayout(foot)

    # --- choosing and checking ---

    def _on_browse(self) -> None:
        chooser = QFileDialog(self, tr("Choose a file of products"))
        chooser.setFileMode(QFileDialog.FileMode.ExistingFile)
        chooser.setNameFilters([tr("Tables (*.csv *.txt *.tsv)"), tr("All files (*)")])
        chooser.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        chooser.fileSelected.connect(self._on_chosen)
        chooser.open()

    def _on_chosen(self, path: str) -> None:
        self.path.set_text(path)
        self._on_read()

    def _on_path(self) -> None:
        self._check = None
        self._show_lines()

    def _on_read(self) -> None:
        if not self.path.text().strip():
            self.path.show_fault(tr("Choose a file first."))
            return
        self._check = None
        self._show_lines()
        self._set_busy(True)
        path = Path(self.path.text().strip()).expanduser()
        self._context.background.run_in_pool(_bytes, path, owner=self, then=self._on_bytes, failed=self._on_failed)

    def _on_bytes(self, file: bytes) -> None:
        self._file = file
        by, now = self._context.actor, self._context.now()
        self._context.ask(
            products.check_import, file, by=by, now=now, owner=self, then=self._on_checked, failed=self._on_failed
        )

    def _on_checked(self, check: ImportCheck) -> None:
        self._set_busy(False)
        self._check = check
        first = Verdict.WRONG if check.count(Verdict.WRONG) else None
        self._filters.button(0 if first is None else 1 + list(Verdict).index(first)).setChecked(True)
        self._show_lines()
        (self.import_all if self.import_all.isEnabled() else self.table).setFocus()

    # --- showing ---

    def _show_lines(self) -> None:
        check = self._check
        self.table.setVisible(check is not None)
        self.waiting.setVisible(check is None)
        self.import_all.setEnabled(check is not None and check.is_good and not self._is_busy())
        for at, which in enumerate((None, *Verdict)):
            segment = self._filters.button(at)
            segment.setVisible(check is not None)
            if check is not None:
                count = len(check.lines) if which is None else check.count(which)
                word = _title(which)
                segment.setText(f"{word}  {self._context.format.count(count)}")
                segment.setAccessibleName(f"{word}: {self._context.format.count(count)}")
        if check is None:
            self.summary.clear()
            self.import_all.set_label(tr("Import"))
            return
        at = self._filters.checkedId()
        wanted = None if at <= 0 else list(Verdict)[at - 1]
        self.model.show_lines([line for line in check.lines if wanted in {None, line.verdict}])
        self._show_status(check)

    def _show_status(self, check: ImportCheck) -> None:
        said = []
        if wrong := check.count(Verdict.WRONG):
            said.append(
                counted(
                    wrong,
                    "{count} line is wrong. Correct it in the file before you import.",
                    "{count} lines are wrong. Correct them in the file before you import.",
                )
            )
        elif not check.lines:
            said.append(tr("The file contains no products."))
        if check.ignored:
            names = ", ".join(f"“{name}”" for name in check.ignored)
            one = len(check.ignored) == 1
            said.append(
                tr("This column is ignored: {names}.", names=names)
                if one
                else tr("These columns are ignored: {names}.", names=names)
            )
        self.summary.setText(" ".join(said))
        theme.set_role(self.summary, "bad" if wrong else "soft")
        count = check.count(Verdict.NEW) + check.count(Verdict.CHANGED)
        label = counted(count, "Import {count} product", "Import {count} products")
        self.import_all.set_label(label if check.is_good else tr("Import"))

    # --- importing ---

    def _on_import(self) -> None:
        self._set_busy(True)
        self.summary.setText(tr("Importing …"))
        self._context.do(products.import_all, self._file, owner=self, then=self._on_imported, failed=self._on_failed)

    def _on_imported(self, check: ImportCheck) -> None:
        self._set_busy(False)
        new, changed = check.count(Verdict.NEW), check.count(Verdict.CHANGED)
        count = self._context.format.count
        self._context.navigation.notify(
            tr("Products imported: {new} new, {changed} changed.", new=count(new), changed=count(changed))
        )
        self.accept()

    def _on_failed(self, error: Exception) -> None:
        self._set_busy(False)
        self._show_lines()
        if isinstance(error, Refused):
            rest = show_faults(error, [self.path])
            if rest:
                self.path.show_fault(" ".join(fault.text for fault in rest))
        else:
            self.path.show_fault(str(error))
            self._context.report_error(error)

    def _set_busy(self, busy: bool) -> None:
        self.busy.set_busy(busy)
        for part in (self.path, self.browse, self.read, self.cancel):
            part.setEnabled(not busy)
        self.import_all.setEnabled(False)
        self.path.show_hint(
            StatusLook(tr("Reading the file …"), "waiting", Tone.SOFT) if busy and not self._check else None
        )

    def _is_busy(self) -> bool:
        return not self.path.isEnabled()

    def reject(self) -> None:
        """Close the dialog, unless the file is being read or imported."""
        if not self._is_busy():
            super().reject()


def _title(which: Verdict | None) -> str:
    word = tr("all") if which is None else verdict(which).word
    return word[:1].upper() + word[1:]


def _bytes(path: Path) -> bytes:
    if not path.is_file():
        raise Refused(f"There is no file {path}.", field="file")
    if path.stat().st_size > _LARGEST_BYTES:
        raise Refused("This file is too large. The limit is 100 MB.", field="file")
    return path.read_bytes()
