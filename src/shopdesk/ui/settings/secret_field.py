"""A field for a secret of this machine, which is kept in the keyring."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Signal

from shopdesk.ui.base.context import Context
from shopdesk.ui.base.i18n import StatusLook, tr, translated
from shopdesk.ui.base.tokens import Tone
from shopdesk.ui.widgets.field import PasswordField


class SecretField(PasswordField):
    """A secret that goes to the keyring under ``group`` and is never shown again; ``kept`` is the hint once it is."""

    checked = Signal(bool)  # emitted with True if the keyring has the secret

    def __init__(self, context: Context, group: str, label: str, *, name: str, kept: str) -> None:
        super().__init__(label, name=name, compact=True)
        self._context = context
        self._group = group
        self._kept = kept

    def check(self) -> None:
        """Ask the keyring if it has the secret, which may take a while."""
        reach, has = self._context.background.run_in_pool, self._context.ports.keychain.has
        reach(has, self._group, owner=self, then=self._on_checked, failed=self._on_no_keyring)

    def store(self, then: Callable[[str], object]) -> None:
        """Store what was typed and clear the field; ``then`` is called with the reason if there is no keyring."""
        secret = self.text()

        def done(why: str) -> None:
            self.clear()
            then(why)

        if secret:
            reach, store = self._context.background.run_in_pool, self._context.ports.keychain.store
            reach(store, self._group, secret, owner=self, then=lambda _: done(""), failed=lambda why: done(str(why)))
        else:
            done("")

    def _on_checked(self, has: bool) -> None:
        none = tr("It is stored in this system's keyring, never in a file.")
        self.show_hint(StatusLook(self._kept if has else none, "info", Tone.SOFT))
        self.checked.emit(has)

    def _on_no_keyring(self, error: Exception) -> None:
        self.show_hint(StatusLook(translated(error), "warn", Tone.WARN))
        self.checked.emit(False)
