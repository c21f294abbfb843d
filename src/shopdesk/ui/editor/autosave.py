"""Autosave: every change of the open document is committed to the database, or saved as a local draft.

There is one write at a time, always of the latest state. Changes during a write are merged into
the next write, and a document is shown as saved only after the commit. If the database does not answer within
``LATE_MS``, the document is also saved as a local draft, which is removed once the database has it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum
from functools import partial
from uuid import UUID

from PySide6.QtCore import QObject, QTimer, Signal

from shopdesk.domain.draft import DraftForm, EditedElsewhere, LocalDraft
from shopdesk.domain.errors import Unavailable
from shopdesk.row_keys import new_key
from shopdesk.ui.base.context import Context
from shopdesk.ui.base.i18n import translated
from shopdesk.usecases import drafts

RETRY_MS = 2000
LATE_MS = 1500
"""The time the database may take before the document is also saved as a local draft."""


class SaveState(Enum):
    """The save state of the open document."""

    NOTHING = "nothing to keep"
    WRITING = "being written"
    SAFE = "written"
    LOCAL_ENCRYPTED = "kept on this machine, encrypted"
    LOCAL_PLAIN = "kept on this machine"
    FAILED = "could not be written"


@dataclass(frozen=True, slots=True)
class SaveStatus:
    """The save state, and the error if the document could not be saved."""

    state: SaveState = SaveState.NOTHING
    text: str = ""


class Autosave(QObject):
    """Saves the open document; one form at a time."""

    status_changed = Signal(object)  # SaveStatus: emitted when the save state changes
    conflicted = Signal()  # emitted when the open document was also changed on another till or in another window

    def __init__(self, context: Context, *, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self.keeping = SaveStatus()
        self._form: DraftForm | None = None
        self._changed_at = context.now()
        self._written: UUID | None = None  # the draft whose rows are all in the database
        self._waiting: frozenset[int] | None = frozenset()  # positions of unwritten rows; None: all rows
        self._is_waiting = False
        self._under_way: list[UUID] = []  # drafts being written to the database, one entry per write
        self._forgotten: set[UUID] = set()  # of those: issued or discarded during the write
        self._newest: dict[UUID, LocalDraft] = {}  # of those: the latest state
        self._known: dict[UUID, datetime] = {}  # time of the last change that the database has
        self._left: dict[UUID, LocalDraft] = {}  # documents closed before the database had them
        self._shelved: dict[UUID, DraftForm] = {}  # drafts saved locally because the database does not have them
        self._is_shelving = False
        self._why = ""
        self._again = QTimer(self, singleShot=True, interval=RETRY_MS)
        self._again.timeout.connect(self._on_again)
        self._late = QTimer(self, singleShot=True, interval=LATE_MS)
        self._late.timeout.connect(self._on_late)
        context.background.watch.reconnected.connect(self._on_again)

    def open(self, form: DraftForm, *, is_kept: bool, kept_at: datetime | None = None) -> None:
        """Start saving another document, after saving the previous one.

        ``is_kept``: the database has it. ``kept_at``: the time of the last change that the database has.
        """
        self.flush_or_discard()
        self._form = form
        if kept_at is not None:
            self._known[form.key] = kept_at
        self._written = form.key if is_kept else None
        self._waiting = frozenset()
        self._is_waiting = False
        self._emit_status(SaveState.SAFE if is_kept else SaveState.NOTHING)
        if (left := self._left.pop(form.key, None)) is not None:
            self._changed_at = left.changed_at
            self._waiting = None
            self._is_waiting = True
            self._emit_status(SaveState.WRITING)
            self._again.start()

    def left(self, key: UUID) -> DraftForm | None:
        """Return the latest state of a closed document that the database does not have yet, or None."""
        found = self._left.get(key)
        return found.form if found is not None else None

    def record_change(self, form: DraftForm, changed: frozenset[int]) -> None:
        """Save the document, of which the rows at ``changed`` changed. A new, blank one is not saved."""
        before, self._form = self._form, form
        if before is None or replace(before, row=form.row, column=form.column) != form:
            self._changed_at = self._context.now()
        if form.is_blank and self._written != form.key and not self._under_way and form.key not in self._shelved:
            return
        if self._waiting is not None:
            self._waiting |= changed
        self._is_waiting = True
        self._emit_status(SaveState.WRITING)
        if self._is_on_its_own:
            self._save_locally()
        elif not self._under_way:
            self._write()

    def continue_as(self, form: DraftForm) -> None:
        """Continue the open document as a separate draft, under the key of ``form``."""
        self._form = form
        self._written = None
        self._waiting = None
        self._write()

    def flush(self) -> None:
        """Submit the pending changes now, even during another write, because the window may be closing."""
        if not self._is_waiting or self._form is None:
            return
        if self._context.background.watch.is_disconnected:
            left = self._left[self._form.key] = self._unsaved(self._form)
            self._shelved[self._form.key] = self._form
            self._context.background.run_on_file_thread(
                self._context.ports.local_drafts.save, left, owner=self, failed=_unheard
            )
        else:
            self._write()

    def flush_or_discard(self) -> None:
        """Save the document before it is closed, or discard its draft if it is blank again."""
        form = self._form
        if form is not None and form.is_blank and self._written == form.key:
            self.close()
            self._context.do(drafts.discard, form.key, owner=self)
        self.flush()

    def close(self) -> None:
        """Stop saving the document because it was issued or discarded, and remove its local draft."""
        if self._form is not None:
            self._left.pop(self._form.key, None)
            self._known.pop(self._form.key, None)
            self._remove_local(self._form.key)
            if self._form.key in self._under_way:
                self._forgotten.add(self._form.key)
        self._form = None
        self._written = None
        self._is_waiting = False
        self._late.stop()
        self._emit_status(SaveState.NOTHING)

    # --- writes to the database ---

    def _on_again(self) -> None:
        if self._context.background.watch.is_disconnected:
            return  # a failing attempt would delay other work; ``reconnected`` calls this after the reconnection
        left, self._left = self._left, {}
        for one in left.values():
            if self._form is None or self._form.key != one.form.key:
                self._hand_over(one, None)
        if self._is_waiting:
            self._write()

    def _write(self) -> None:
        form = self._form
        if form is None:
            return
        changed = self._waiting if self._written == form.key and not self._under_way else None
        self._written = form.key
        self._waiting = frozenset()
        self._is_waiting = False
        self._hand_over(self._unsaved(form), changed)
        if not self._late.isActive():
            self._late.start()

    def _hand_over(self, one: LocalDraft, changed: frozenset[int] | None) -> None:
        # While another write is pending, the state that the database will have is unknown.
        since = None if self._under_way else self._known.get(one.form.key)
        self._under_way.append(one.form.key)
        self._context.background.do(  # not through the desk, which may ask for a right: typing must not be interrupted
            drafts.save_draft,
            one.form,
            changed=changed,
            by=self._context.actor,
            now=one.changed_at,
            since=since,
            owner=self,
            then=lambda _: self._on_written(one),
            failed=lambda error: self._on_failed(one, error),
            on_write_lost=partial(_save_as_fallback, self._context.ports.local_drafts.save, self._newest, one),
        )

    def _on_written(self, one: LocalDraft) -> None:
        key = one.form.key
        self._finish_write(key)
        self._known[key] = one.changed_at
        is_open = self._form is not None and self._form.key == key
        if key not in self._under_way and not (is_open and self._is_waiting):
            self._remove_local(key)
        if self._is_waiting and not self._under_way:
            self._write()
        elif is_open and not self._is_waiting and not self._under_way:
            self._emit_status(SaveState.SAFE)

    def _finish_write(self, key: UUID) -> bool:
        """Remove a finished write. Return True if its document was issued or discarded during the write."""
        self._under_way.remove(key)
        self._late.stop()
        is_forgotten = key in self._forgotten
        if key not in self._under_way:
            self._forgotten.discard(key)
            self._newest.pop(key, None)
        return is_forgotten

    def _on_failed(self, one: LocalDraft, error: Exception) -> None:
        newest = self._newest.get(one.form.key, one)
        is_forgotten = self._finish_write(one.form.key)
        self._known.pop(one.form.key, None)
        if is_forgotten:  # no retry: it would bring a discarded document back
            self._shelved[one.form.key] = one.form  # saved by ``_save_as_fallback``
            self._remove_local(one.form.key)
            self._again.start()
            return
        if isinstance(error, EditedElsewhere):
            self._on_conflict(one)
            self._shelved[one.form.key] = one.form  # saved by ``_save_as_fallback``; it continues under another key
            self._remove_local(one.form.key)
            return
        self._again.start()
        self._shelved[one.form.key] = one.form  # saved by ``_save_as_fallback``, unless that failed too
        if self._form is None or self._form.key != one.form.key:
            self._left[one.form.key] = newest
            self._context.report_unanswered(error)
            return
        self._waiting = None  # the state of the database is unknown: write all rows next time
        self._written = None
        self._is_waiting = True
        self._why = translated(error.what) if isinstance(error, Unavailable) else translated(error)
        if isinstance(error, Unavailable):
            self._save_locally()
        else:
            self._emit_status(SaveState.FAILED, self._why)

    def _on_conflict(self, one: LocalDraft) -> None:
        """Keep both versions: this one continues under a new key."""
        if self._form is not None and self._form.key == one.form.key:
            self.conflicted.emit()
        else:
            self._hand_over(replace(one, form=replace(one.form, key=new_key())), None)

    # --- local drafts ---

    @property
    def _is_on_its_own(self) -> bool:
        """True if changes are pending and will not reach the database soon."""
        if self._form is None or not self._is_waiting:
            return False
        is_disconnected = self._context.background.watch.is_disconnected
        return is_disconnected or (bool(self._under_way) and self._form.key in self._shelved)

    def _unsaved(self, form: DraftForm) -> LocalDraft:
        actor = self._context.actor
        one = LocalDraft(form=form, till_key=actor.till.key, by_key=actor.staff.key, changed_at=self._changed_at)
        self._newest[form.key] = one
        return one

    def _on_late(self) -> None:
        if self._form is not None and self._form.key in self._under_way:
            self._save_locally()

    def _save_locally(self) -> None:
        """Save the latest state as a local draft, one write at a time."""
        form = self._form
        if form is None or self._is_shelving:
            return
        self._is_shelving = True
        self._context.background.run_on_file_thread(
            self._context.ports.local_drafts.save,
            self._unsaved(form),
            owner=self,
            then=lambda is_sealed: self._on_saved_locally(form, is_sealed),
            failed=self._on_not_saved_locally,
        )

    def _on_saved_locally(self, form: DraftForm, is_sealed: bool) -> None:
        self._is_shelving = False
        self._shelved[form.key] = form
        is_open = self._form is not None and self._form.key == form.key
        if is_open and (self._is_waiting or form.key in self._under_way):
            if self._form == form:  # else the latest state is saved next, and shown then
                self._emit_status(SaveState.LOCAL_ENCRYPTED if is_sealed else SaveState.LOCAL_PLAIN)
        elif form.key not in self._left:
            self._remove_local(form.key)  # the database has it by now, or it was discarded
        if self._form != form and self._is_on_its_own:
            self._save_locally()

    def _on_not_saved_locally(self, error: Exception) -> None:
        self._is_shelving = False
        if self._form is not None and self._is_waiting:
            self._emit_status(SaveState.FAILED, self._why or translated(error))

    def _remove_local(self, key: UUID) -> None:
        if self._shelved.pop(key, None) is not None:
            self._context.background.run_on_file_thread(
                self._context.ports.local_drafts.remove, key, owner=self, failed=_unheard
            )

    def _emit_status(self, state: SaveState, text: str = "") -> None:
        keeping = SaveStatus(state, text)
        if keeping != self.keeping:
            self.keeping = keeping
            self.status_changed.emit(keeping)


def _save_as_fallback(shelve: Callable[[LocalDraft], bool], newest: Mapping[UUID, LocalDraft], one: LocalDraft) -> None:
    """Save a lost write as a local draft, in its latest state. Runs on a worker thread."""
    shelve(newest.get(one.form.key, one))


def _unheard(_error: Exception) -> None:
    """Ignore a local draft that could not be written or removed; the next start checks the file again."""
