"""Keeps the open document while it is typed: every change becomes a committed row.

The one thing to know: one write at a time, and always of the last state. Keys typed meanwhile wait together for the
next one, so that fast fingers make no queue; nothing is told as kept before the database said so.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from uuid import UUID

from PySide6.QtCore import QObject, QTimer, Signal

from shopdesk.domain.draft import Form
from shopdesk.domain.errors import Unavailable
from shopdesk.ui.desk import Desk
from shopdesk.usecases import drafts

RETRY_MS = 2000


class Kept(Enum):
    """How safe the open document is."""

    NOTHING = "nothing to keep"
    WRITING = "being written"
    SAFE = "written"
    FAILED = "could not be written"


@dataclass(frozen=True, slots=True)
class Keeping:
    """How safe it is, and why it is not."""

    state: Kept = Kept.NOTHING
    text: str = ""


class Keeper(QObject):
    """Writes one form at a time. ``told`` says how safe it is."""

    told = Signal(object)  # Keeping

    def __init__(self, desk: Desk, *, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self.keeping = Keeping()
        self._form: Form | None = None
        self._written: UUID | None = None  # whose rows all stand in the database
        self._waiting: frozenset[int] | None = frozenset()  # rows that are not written yet; None: all of them
        self._is_waiting = False
        self._on_the_way = 0
        self._left: dict[UUID, Form] = {}  # documents that were left while the database was away
        self._again = QTimer(self, singleShot=True, interval=RETRY_MS)
        self._again.timeout.connect(self._on_again)

    def begin(self, form: Form, *, is_kept: bool) -> None:
        """Another document is open; the one before is written out first."""
        self.settle()
        self._form = form
        self._written = form.key if is_kept else None
        self._waiting = frozenset()
        self._is_waiting = False
        self._tell(Kept.SAFE if is_kept else Kept.NOTHING)

    def note(self, form: Form, changed: frozenset[int]) -> None:
        """The open document changed, at these rows or (none) elsewhere. A blank one is not worth a row."""
        if form.is_blank and self._written != form.key and not self._on_the_way:
            self._form = form
            return
        self._form = form
        if self._waiting is not None:
            self._waiting |= changed
        self._is_waiting = True
        self._tell(Kept.WRITING)
        if not self._on_the_way:
            self._write()

    def flush(self) -> None:
        """Hand over what waits now, even behind a write that is still on its way: the window may close."""
        if self._is_waiting:
            self._write()

    def settle(self) -> None:
        """The document is left: write it out, or take it away when everything in it was taken back."""
        form = self._form
        if form is not None and form.is_blank and self._written == form.key:
            self.forget()
            self._desk.do(drafts.discard, form.key, owner=self)
        self.flush()

    def forget(self) -> None:
        """The document is no draft any more: it was issued, or thrown away."""
        if self._form is not None:
            self._left.pop(self._form.key, None)
        self._form = None
        self._written = None
        self._is_waiting = False
        self._tell(Kept.NOTHING)

    def _on_again(self) -> None:
        left, self._left = self._left, {}
        for form in left.values():
            self._hand_over(form, None)
        if self._is_waiting:
            self._write()

    def _write(self) -> None:
        form = self._form
        if form is None:
            return
        changed = self._waiting if self._written == form.key and not self._on_the_way else None
        self._written = form.key
        self._waiting = frozenset()
        self._is_waiting = False
        self._hand_over(form, changed)

    def _hand_over(self, form: Form, changed: frozenset[int] | None) -> None:
        self._on_the_way += 1
        self._desk.background.do(  # not by the desk, which would ask for a right: nobody is asked while they type
            drafts.keep,
            form,
            changed=changed,
            by=self._desk.actor,
            now=self._desk.now(),
            owner=self,
            then=lambda _: self._on_written(form.key),
            failed=lambda error: self._on_failed(form, error),
        )

    def _on_written(self, key: UUID) -> None:
        self._on_the_way -= 1
        if self._is_waiting and not self._on_the_way:
            self._write()
        elif self._form is not None and self._form.key == key and not self._is_waiting and not self._on_the_way:
            self._tell(Kept.SAFE)

    def _on_failed(self, form: Form, error: Exception) -> None:
        self._on_the_way -= 1
        self._again.start()
        if self._form is None or self._form.key != form.key:
            self._left[form.key] = form
            self._desk.trouble(error)
            return
        self._waiting = None  # nobody knows what the database has: all of it, next time
        self._written = None
        self._is_waiting = True
        self._tell(Kept.FAILED, error.what if isinstance(error, Unavailable) else str(error))

    def _tell(self, state: Kept, text: str = "") -> None:
        keeping = Keeping(state, text)
        if keeping != self.keeping:
            self.keeping = keeping
            self.told.emit(keeping)
