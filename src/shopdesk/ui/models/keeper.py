"""Keeps the open document while it is typed: every change becomes a committed row, or a file of this machine.

The one thing to know: one write at a time, and always of the last state. Keys typed meanwhile wait together for the
next one, so that fast fingers make no queue; nothing is told as kept before the database said so. What the database
does not take within a moment is kept on this machine, until the database has it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum
from functools import partial
from uuid import UUID

from PySide6.QtCore import QObject, QTimer, Signal

from shopdesk.domain.draft import Form, Shelved, TypedElsewhere
from shopdesk.domain.errors import Unavailable
from shopdesk.ui import fresh
from shopdesk.ui.desk import Desk
from shopdesk.usecases import drafts

RETRY_MS = 2000
LATE_MS = 1500
"""How long the database may take before this machine keeps the document, too."""


class Kept(Enum):
    """How safe the open document is."""

    NOTHING = "nothing to keep"
    WRITING = "being written"
    SAFE = "written"
    SEALED_HERE = "kept on this machine, encrypted"
    HERE = "kept on this machine"
    FAILED = "could not be written"


@dataclass(frozen=True, slots=True)
class Keeping:
    """How safe it is, and why it is not."""

    state: Kept = Kept.NOTHING
    text: str = ""


class Keeper(QObject):
    """Writes one form at a time. ``told`` says how safe it is."""

    told = Signal(object)  # Keeping
    collided = Signal()  # the open document is typed elsewhere, too

    def __init__(self, desk: Desk, *, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self.keeping = Keeping()
        self._form: Form | None = None
        self._changed_at = desk.now()
        self._written: UUID | None = None  # whose rows all stand in the database
        self._waiting: frozenset[int] | None = frozenset()  # rows that are not written yet; None: all of them
        self._is_waiting = False
        self._under_way: list[UUID] = []  # into the database
        self._forgotten: set[UUID] = set()  # of those: what needs no keeping any more
        self._newest: dict[UUID, Shelved] = {}  # of those: what was typed last
        self._known: dict[UUID, datetime] = {}  # when the database got what it has of them
        self._left: dict[UUID, Shelved] = {}  # documents that were left while the database was away
        self._shelved: dict[UUID, Form] = {}  # what this machine keeps, for the database has it not
        self._is_shelving = False
        self._why = ""
        self._again = QTimer(self, singleShot=True, interval=RETRY_MS)
        self._again.timeout.connect(self._on_again)
        self._late = QTimer(self, singleShot=True, interval=LATE_MS)
        self._late.timeout.connect(self._on_late)
        desk.background.returned.connect(self._on_again)

    def begin(self, form: Form, *, is_kept: bool, kept_at: datetime | None = None) -> None:
        """Another document is open; the one before is written out first."""
        self.settle()
        self._form = form
        if kept_at is not None:
            self._known[form.key] = kept_at
        self._written = form.key if is_kept else None
        self._waiting = frozenset()
        self._is_waiting = False
        self._tell(Kept.SAFE if is_kept else Kept.NOTHING)
        if (left := self._left.pop(form.key, None)) is not None:
            self._changed_at = left.changed_at
            self._waiting = None
            self._is_waiting = True
            self._tell(Kept.WRITING)
            self._again.start()

    def left(self, key: UUID) -> Form | None:
        """What was typed last into a document that was left, where the database has it not yet."""
        found = self._left.get(key)
        return found.form if found is not None else None

    def note(self, form: Form, changed: frozenset[int]) -> None:
        """The open document changed, at these rows or (none) elsewhere. A blank one is not worth a row."""
        before, self._form = self._form, form
        if before is None or replace(before, row=form.row, column=form.column) != form:
            self._changed_at = self._desk.now()
        if form.is_blank and self._written != form.key and not self._under_way and form.key not in self._shelved:
            return
        if self._waiting is not None:
            self._waiting |= changed
        self._is_waiting = True
        self._tell(Kept.WRITING)
        if self._is_on_its_own:
            self._shelve()
        elif not self._under_way:
            self._write()

    def go_on_as(self, form: Form) -> None:
        """The open document is a draft of its own from now on, under another key."""
        self._form = form
        self._written = None
        self._waiting = None
        self._write()

    def flush(self) -> None:
        """Hand over what waits now, even behind a write that is still on its way: the window may close."""
        if not self._is_waiting or self._form is None:
            return
        if self._desk.background.is_away:
            left = self._left[self._form.key] = self._to_shelve(self._form)
            self._shelved[self._form.key] = self._form
            self._desk.background.write(self._desk.doors.shelve, left, owner=self, failed=_unheard)
        else:
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
            self._known.pop(self._form.key, None)
            self._unshelve(self._form.key)
            if self._form.key in self._under_way:
                self._forgotten.add(self._form.key)
        self._form = None
        self._written = None
        self._is_waiting = False
        self._late.stop()
        self._tell(Kept.NOTHING)

    # --- into the database ---

    def _on_again(self) -> None:
        if self._desk.background.is_away:
            return  # to try in vain takes its time, and others wait behind; this is called when it is back
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
        self._hand_over(self._to_shelve(form), changed)
        if not self._late.isActive():
            self._late.start()

    def _hand_over(self, one: Shelved, changed: frozenset[int] | None) -> None:
        # Behind a write that is still on its way nobody knows what the database will have by then.
        since = None if self._under_way else self._known.get(one.form.key)
        self._under_way.append(one.form.key)
        self._desk.background.do(  # not by the desk, which would ask for a right: nobody is asked while they type
            drafts.keep,
            one.form,
            changed=changed,
            by=self._desk.actor,
            now=one.changed_at,
            since=since,
            owner=self,
            then=lambda _: self._on_written(one),
            failed=lambda error: self._on_failed(one, error),
            rescue=partial(_rescue, self._desk.doors.shelve, self._newest, one),
        )

    def _on_written(self, one: Shelved) -> None:
        key = one.form.key
        self._ended(key)
        self._known[key] = one.changed_at
        is_open = self._form is not None and self._form.key == key
        if key not in self._under_way and not (is_open and self._is_waiting):
            self._unshelve(key)
        if self._is_waiting and not self._under_way:
            self._write()
        elif is_open and not self._is_waiting and not self._under_way:
            self._tell(Kept.SAFE)

    def _ended(self, key: UUID) -> bool:
        """One write less is on its way. Returns whether its document was forgotten meanwhile."""
        self._under_way.remove(key)
        self._late.stop()
        is_forgotten = key in self._forgotten
        if key not in self._under_way:
            self._forgotten.discard(key)
            self._newest.pop(key, None)
        return is_forgotten

    def _on_failed(self, one: Shelved, error: Exception) -> None:
        newest = self._newest.get(one.form.key, one)
        is_forgotten = self._ended(one.form.key)
        self._known.pop(one.form.key, None)
        if is_forgotten:  # not tried again, or what was thrown away would be there once more
            self._shelved[one.form.key] = one.form  # by the rescue
            self._unshelve(one.form.key)
            self._again.start()
            return
        if isinstance(error, TypedElsewhere):
            self._on_collided(one)
            self._shelved[one.form.key] = one.form  # by the rescue; from here on it is another draft
            self._unshelve(one.form.key)
            return
        self._again.start()
        self._shelved[one.form.key] = one.form  # by the rescue, if that could be
        if self._form is None or self._form.key != one.form.key:
            self._left[one.form.key] = newest
            self._desk.unanswered(error)
            return
        self._waiting = None  # nobody knows what the database has: all of it, next time
        self._written = None
        self._is_waiting = True
        self._why = error.what if isinstance(error, Unavailable) else str(error)
        if isinstance(error, Unavailable):
            self._shelve()
        else:
            self._tell(Kept.FAILED, self._why)

    def _on_collided(self, one: Shelved) -> None:
        """Neither is written over: ours goes on under a key of its own."""
        if self._form is not None and self._form.key == one.form.key:
            self.collided.emit()
        else:
            self._hand_over(replace(one, form=replace(one.form, key=fresh.key())), None)

    # --- onto the shelf ---

    @property
    def _is_on_its_own(self) -> bool:
        """Whether what is typed now would not reach the database soon."""
        if self._form is None or not self._is_waiting:
            return False
        return self._desk.background.is_away or (bool(self._under_way) and self._form.key in self._shelved)

    def _to_shelve(self, form: Form) -> Shelved:
        actor = self._desk.actor
        one = Shelved(form=form, till_key=actor.till.key, by_key=actor.staff.key, changed_at=self._changed_at)
        self._newest[form.key] = one
        return one

    def _on_late(self) -> None:
        if self._form is not None and self._form.key in self._under_way:
            self._shelve()

    def _shelve(self) -> None:
        """Keep the last state on this machine; one at a time here, too."""
        form = self._form
        if form is None or self._is_shelving:
            return
        self._is_shelving = True
        self._desk.background.write(
            self._desk.doors.shelve,
            self._to_shelve(form),
            owner=self,
            then=lambda is_sealed: self._on_shelved(form, is_sealed),
            failed=self._on_not_shelved,
        )

    def _on_shelved(self, form: Form, is_sealed: bool) -> None:
        self._is_shelving = False
        self._shelved[form.key] = form
        is_open = self._form is not None and self._form.key == form.key
        if is_open and (self._is_waiting or form.key in self._under_way):
            if self._form == form:  # else it is told of the last state, which comes now
                self._tell(Kept.SEALED_HERE if is_sealed else Kept.HERE)
        elif form.key not in self._left:
            self._unshelve(form.key)  # the database was faster, or it was thrown away
        if self._form != form and self._is_on_its_own:
            self._shelve()

    def _on_not_shelved(self, error: Exception) -> None:
        self._is_shelving = False
        if self._form is not None and self._is_waiting:
            self._tell(Kept.FAILED, self._why or str(error))

    def _unshelve(self, key: UUID) -> None:
        if self._shelved.pop(key, None) is not None:
            self._desk.background.write(self._desk.doors.unshelve, key, owner=self, failed=_unheard)

    def _tell(self, state: Kept, text: str = "") -> None:
        keeping = Keeping(state, text)
        if keeping != self.keeping:
            self.keeping = keeping
            self.told.emit(keeping)


def _rescue(shelve: Callable[[Shelved], bool], newest: Mapping[UUID, Shelved], one: Shelved) -> None:
    """On a worker: keep here what the database did not take, or what was typed since and lies here already."""
    shelve(newest.get(one.form.key, one))


def _unheard(_error: Exception) -> None:
    """A file that cannot be written or taken away: the next start looks at it again."""
