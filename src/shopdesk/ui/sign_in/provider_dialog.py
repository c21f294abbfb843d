"""The dialog during a sign-in with a provider: where to go, the time left, and Cancel."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QApplication, QDialog, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from shopdesk.ui.base import tokens
from shopdesk.ui.base.i18n import StatusLook, tr
from shopdesk.ui.base.tokens import Tone
from shopdesk.ui.widgets.buttons import Button, PrimaryButton
from shopdesk.ui.widgets.enter_navigation import EnterNavigation
from shopdesk.ui.widgets.field import MessageLine, PasswordField
from shopdesk.ui.widgets.labels import Drawing, Label


class ProviderDialog(QDialog):
    """The next step of a sign-in at ``label``: wait, use the browser, enter a code there, or enter the secret here."""

    open_wanted = Signal(str)  # emitted with the address to open again
    secret_typed = Signal(str)  # emitted with the client secret

    def __init__(self, label: str, *, icon: str = "oidc", parent: QWidget) -> None:
        super().__init__(parent)
        self._label = label
        self._address = ""
        self.setModal(True)
        self.setFixedWidth(tokens.QUESTION)
        self.title = Label("", "title", wrap=True)
        self.lead = Label("", "soft", wrap=True)
        self.until = Label("", "small", wrap=True)
        self.line = MessageLine()
        self.browser = self._browser_part()
        self.code_part = self._code_part()
        self.secret_part = self._secret_part()
        self.cancel = Button(tr("Cancel"), self.reject)
        self.cancel.setMinimumHeight(tokens.PRIMARY)
        self._lay_out(icon)
        self.show_asking()

    # --- steps ---

    def show_asking(self) -> None:
        """Show that the provider is being contacted."""
        self._show(
            None,
            tr("Continue with {name}", name=self._label),
            tr("Connecting to {name} …", name=self._label),
        )
        self.cancel.setFocus()

    def show_browser(self, address: str, until: str, *, is_open: bool) -> None:
        """Ask the user to sign in in the browser."""
        self._address = address
        self._show(
            self.browser,
            tr("Waiting for {name} in the browser", name=self._label),
            tr("Sign in there. shopdesk continues as soon as {name} confirms your sign-in.", name=self._label),
            until,
        )
        self.address.setText(address)
        self.address.setCursorPosition(0)
        if not is_open:
            self.line.show_state(
                StatusLook(tr("No browser opened. Copy the address and open it in a browser."), "warn", Tone.WARN)
            )
        self.line.setVisible(not is_open)
        self.adjustSize()
        self.copy.setFocus()

    def show_code(self, code: str, address: str, until: str) -> None:
        """Ask the user to enter a code at an address, on any device (RFC 8628)."""
        self._address = address
        self._show(
            self.code_part,
            tr("Sign in to {name} with a code", name=self._label),
            tr("On a phone or in any browser, open this address and enter the code:"),
            until,
        )
        self.code_address.setText(address)
        self.code_address.setAccessibleName(tr("Address: {address}", address=address))
        self.code.setText(code)
        self.code.setAccessibleName(tr("Code: {code}", code=code))
        self.copy_code.setFocus()

    def show_secret(self, why: str) -> None:
        """Ask for the client secret."""
        self._show(self.secret_part, tr("Client secret of {name}", name=self._label), why)
        self.secret.control.setFocus()

    # --- inside ---

    def _show(self, part: QWidget | None, title: str, lead: str, until: str = "") -> None:
        for one in (self.browser, self.code_part, self.secret_part):
            one.setVisible(one is part)
        self.line.hide()
        self.title.setText(title)
        self.lead.setText(lead)
        self.until.setText(until)
        self.until.setVisible(bool(until))
        self.setWindowTitle(title)
        self.setAccessibleName(title)
        self.setAccessibleDescription(f"{lead} {until}".strip())
        layout = self.layout()
        if layout is not None:
            layout.activate()
            self.adjustSize()

    def _lay_out(self, icon: str) -> None:
        head = QHBoxLayout()
        head.setSpacing(tokens.M)
        head.addWidget(Drawing(icon, Tone.ACCENT, size=tokens.ICON_BRAND), alignment=Qt.AlignmentFlag.AlignTop)
        head.addWidget(self.title, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(tokens.XL, tokens.XL, tokens.XL, tokens.L)
        column.setSpacing(tokens.M)
        column.addLayout(head)
        column.addWidget(self.lead)
        for part in (self.browser, self.code_part, self.secret_part):
            column.addWidget(part)
        column.addWidget(self.line)
        column.addWidget(self.until)
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(self.cancel)
        column.addSpacing(tokens.S)
        column.addLayout(foot)

    def _browser_part(self) -> QWidget:
        self.address = QLineEdit()
        self.address.setReadOnly(True)
        self.address.setAccessibleName(tr("Address"))
        self.copy = Button(tr("Copy the address"), lambda: _copy(self._address))
        again = Button(tr("Open it again"), lambda: self.open_wanted.emit(self._address), icon="link")
        return _part(self.address, _row(self.copy, again))

    def _code_part(self) -> QWidget:
        self.code_address = _selectable(Label("", "strong", wrap=True))
        self.code = _selectable(Label("", "total"))
        self.code.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.code.setMargin(tokens.M)
        self.copy_code = Button(tr("Copy the code"), lambda: _copy(self.code.text()))
        here = Button(tr("Open the address here"), lambda: self.open_wanted.emit(self._address), icon="link")
        return _part(self.code_address, self.code, _row(self.copy_code, here))

    def _secret_part(self) -> QWidget:
        self.secret = PasswordField(tr("Client secret"), name="secret")
        self.secret.show_hint(StatusLook(tr("Leave it empty if this provider has none."), "info", Tone.SOFT))
        go_on = PrimaryButton(tr("Continue"), self._on_secret)
        EnterNavigation([self.secret], self._on_secret, parent=self)
        return _part(self.secret, go_on)

    def _on_secret(self) -> None:
        typed = self.secret.text()
        self.secret.clear()
        self.show_asking()
        self.secret_typed.emit(typed)


def _part(*parts: QWidget) -> QWidget:
    part = QWidget()
    column = QVBoxLayout(part)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(tokens.S)
    for one in parts:
        column.addWidget(one)
    return part


def _row(*buttons: QWidget) -> QWidget:
    row = QWidget()
    layout = QHBoxLayout(row)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(tokens.S)
    for button in buttons:
        layout.addWidget(button)
    layout.addStretch(1)
    return row


def _selectable(label: Label) -> Label:
    by = Qt.TextInteractionFlag
    label.setTextInteractionFlags(by.TextSelectableByMouse | by.TextSelectableByKeyboard)
    return label


def _copy(text: str) -> None:
    QApplication.clipboard().setText(text)


Browse = Callable[[str], bool]
"""A function that opens an address in the browser and returns True if one opened."""
