"""Progress of moving the shop to another database, and the result.

This page covers the workspace so that this till cannot sell during the move. The other tills
are kept from selling by the database itself.
"""

from __future__ import annotations

import threading

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QProgressBar, QWidget

from shopdesk.domain.errors import Refused, Unavailable
from shopdesk.ui.base import tokens
from shopdesk.ui.base.context import Context
from shopdesk.ui.base.i18n import tr, translated
from shopdesk.ui.base.ports import MoveRequest, MoveResult
from shopdesk.ui.widgets.buttons import Button, PrimaryButton
from shopdesk.ui.widgets.centered_page import CenteredPage
from shopdesk.ui.widgets.labels import Label


class DatabaseMoveScreen(CenteredPage):
    """Starts to move the shop as soon as the page is created."""

    left = Signal(bool)  # the page is done; True if the shop has moved, False if nothing changed

    def __init__(self, wanted: MoveRequest, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(tr("The shop is being moved"), icon="database", width=tokens.WIDE, parent=parent)
        self._cancelled = threading.Event()
        self._is_moved = False
        self.set_text(
            tr("The shop is being moved"),
            tr(
                "Everything is copied to {place} and compared. No till can sell until this is done.",
                place=wanted.written,
            ),
        )
        self.bar = QProgressBar()
        self.bar.setAccessibleName(tr("Progress"))
        self.bar.setTextVisible(False)
        self.bar.setRange(0, 0)
        self.count = Label(tr("Connecting …"), "small", wrap=True)
        self.cancel = Button(tr("Cancel"), self._on_cancel)
        self.go_on = PrimaryButton(tr("Back"), self._on_left)
        self.go_on.hide()
        self.add(self.bar)
        self.add(self.count)
        self.card.column.addSpacing(tokens.S)
        self.add(self.cancel)
        self.add(self.go_on)
        self.setFocusProxy(self.cancel)
        context.background.run_in_pool(
            context.ports.database.move,
            wanted,
            by=context.actor,
            cancelled=self._cancelled,
            owner=self,
            on_progress=self._on_progress,
            then=self._on_done,
            failed=self._on_failed,
        )

    def give_up(self) -> None:
        """Cancel the move because the window is closing."""
        self._cancelled.set()

    def _on_progress(self, progress: tuple[int, int]) -> None:
        done, total = progress
        self.bar.setRange(0, max(total, 1))
        self.bar.setValue(done)
        if self._cancelled.is_set():
            return
        if done < total:
            self.count.setText(tr("{done} of {total} rows", done=done, total=total))
        else:
            self.count.setText(tr("Comparing {total} rows: counts, sums, the journal …", total=total))

    def _on_cancel(self) -> None:
        self._cancelled.set()
        self.cancel.setEnabled(False)
        self.count.setText(tr("Cancelling …"))

    def _on_done(self, moved: MoveResult | None) -> None:
        if moved is None:
            self._end(
                tr("Cancelled"),
                tr("Nothing was changed. The shop stays where it was, and the other database is empty."),
            )
            return
        self._is_moved = True
        said = [
            tr("This till now uses {place}.", place=moved.place),
            tr("{rows} rows were copied. Counts, sums and the journal match.", rows=moved.rows),
        ]
        if moved.kept:
            said.append(tr("The file {file} is kept as a backup. New sales no longer go into it.", file=moved.kept))
        said += [translated(trouble) for trouble in (moved.unclosed, moved.unkept) if trouble]
        self.go_on.set_label(tr("Sign in"))
        self._end(tr("The shop has moved"), "\n\n".join(said))

    def _on_failed(self, error: Exception) -> None:
        known = isinstance(error, Refused | Unavailable)
        why = translated(error) if known else tr("Something went wrong: {error}", error=repr(error))
        self._end(tr("The shop was not moved"), why + "\n\n" + tr("Nothing was changed."))

    def _end(self, title: str, lead: str) -> None:
        self.set_text(title, lead)
        for part in (self.bar, self.count, self.cancel):
            part.hide()
        self.go_on.show()
        self.setFocusProxy(self.go_on)
        self.go_on.setFocus()

    def _on_left(self) -> None:
        self.left.emit(self._is_moved)
