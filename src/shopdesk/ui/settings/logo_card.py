"""The logo in Settings: its picture, and the buttons that choose another or remove it, each at once."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QImage, QPixmap
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from shopdesk.domain.errors import Refused, Unavailable
from shopdesk.domain.sentence import sentence, verbatim
from shopdesk.domain.shop import Shop
from shopdesk.queries import shop as ask_shop
from shopdesk.render import logo
from shopdesk.ui.base import tokens
from shopdesk.ui.base.context import Context
from shopdesk.ui.base.i18n import StatusLook, tr, translated
from shopdesk.ui.base.tokens import Tone
from shopdesk.ui.widgets.buttons import Button, QuietButton
from shopdesk.ui.widgets.field import MessageLine
from shopdesk.ui.widgets.labels import Label
from shopdesk.ui.widgets.page_parts import Card
from shopdesk.usecases import papers as usecase

_SHOWN = QSize(175, 62)
"""As large as on a sheet."""


class LogoCard(Card):
    """The logo of the shop, which is saved as soon as it is chosen. ``content`` is its PNG file, empty for none."""

    read = Signal()  # emitted when ``content`` has changed

    def __init__(self, context: Context, *, may: bool, parent: QWidget | None = None) -> None:
        super().__init__(tr("Logo"), parent=parent)
        self._context = context
        self.content = b""
        self.picture = QLabel()
        self.picture.setAccessibleName(tr("Logo"))
        self.picture.setProperty("role", "paper")
        self.none = Label(tr("No logo yet. PNG or JPEG; dark on white prints best on a roll."), "soft", wrap=True)
        self.choose = Button(tr("Choose a picture …"), self._on_choose, icon="import")
        self.remove = QuietButton(tr("Remove the logo"), lambda: self._save(b""), icon="delete")
        self.line = MessageLine()
        self.line.hide()
        buttons = QHBoxLayout()
        buttons.setSpacing(tokens.S)
        buttons.addWidget(self.choose)
        buttons.addWidget(self.remove)
        buttons.addStretch(1)
        column = QVBoxLayout()
        column.setSpacing(tokens.XS)
        column.addWidget(self.none)
        column.addLayout(buttons)
        column.addWidget(self.line)
        row = QHBoxLayout()
        row.setSpacing(tokens.L)
        row.addWidget(self.picture, alignment=Qt.AlignmentFlag.AlignTop)
        row.addLayout(column, 1)
        self.add(row)
        for button in (self.choose, self.remove):
            button.setEnabled(may)
        self._show(b"")

    def refresh(self) -> None:
        """Read the shop's logo; another till may have changed it."""
        self._context.ask(ask_shop.logo, owner=self, then=self._show)

    def take(self, path: str) -> None:
        """Read a picture from a file and print it on new documents; say beside the button why not."""
        self.line.hide()
        self._context.background.run_in_pool(_read, path, owner=self, then=self._save, failed=self._refused)

    def _on_choose(self) -> None:
        chooser = QFileDialog(self, tr("Choose a picture"))
        chooser.setFileMode(QFileDialog.FileMode.ExistingFile)
        chooser.setNameFilters([tr("Pictures (*.png *.jpg *.jpeg)"), tr("All files (*)")])
        chooser.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        chooser.fileSelected.connect(self.take)
        chooser.open()

    def _save(self, content: bytes) -> None:
        def saved(_: Shop) -> None:
            self._show(content)
            said = tr("New documents print this logo.") if content else tr("New documents print no logo.")
            self._context.navigation.notify(said)

        self.line.hide()
        self._context.do(usecase.set_logo, content, owner=self, then=saved, failed=self._refused)

    def _refused(self, error: Exception) -> None:
        if not isinstance(error, Refused | Unavailable):
            self._context.report_error(error)
            return
        self.line.show_state(StatusLook(translated(error), "warn", Tone.BAD))
        self.line.show()

    def _show(self, content: bytes) -> None:
        shown = QPixmap.fromImage(QImage.fromData(content)) if content else QPixmap()
        if not shown.isNull():
            ratio = self.devicePixelRatioF()
            size = _SHOWN * ratio
            shown = shown.scaled(size, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation)
            shown.setDevicePixelRatio(ratio)
        self.picture.setPixmap(shown)
        self.picture.setVisible(not shown.isNull())
        self.none.setVisible(shown.isNull())
        self.remove.setVisible(not shown.isNull())
        if content != self.content:
            self.content = content
            self.read.emit()


def _read(path: str) -> bytes:
    """Return the logo in a file. Raise Refused, and Unavailable where it cannot be read."""
    try:
        with Path(path).open("rb") as file:
            content = file.read(logo.MOST_BYTES + 1)
    except OSError as error:
        what = sentence("The file cannot be read: {why}", why=verbatim(error.strerror or str(error)))
        raise Unavailable(what) from error
    return logo.read_logo(content)
