"""The detail pane beside a list: the selected row, on one or more pages under its name."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QButtonGroup, QFrame, QHBoxLayout, QStackedLayout, QStackedWidget, QVBoxLayout, QWidget

from shopdesk.ui.base import tokens
from shopdesk.ui.base.i18n import StatusLook, tr
from shopdesk.ui.base.tokens import Tone
from shopdesk.ui.widgets.buttons import QuietButton, Segment
from shopdesk.ui.widgets.confirm_dialog import ConfirmDialog
from shopdesk.ui.widgets.flow_layout import FlowLayout
from shopdesk.ui.widgets.labels import Label, StateBadge
from shopdesk.ui.widgets.page_parts import EmptyState, set_margins


class DetailPane(QFrame):
    """A card as wide as a form. ``leaves`` are pages shown one at a time; ``empty`` is shown without a selection.

    ``acts`` are buttons for what can be done with the selected row, beside the names of the pages.
    """

    def __init__(
        self,
        leaves: Sequence[tuple[str, QWidget]],
        empty: EmptyState,
        *,
        acts: Sequence[QWidget] = (),
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self.setFixedWidth(tokens.NARROW)
        self.title = Label(role="heading", wrap=True)
        self._unsaved = StateBadge(StatusLook(tr("not saved"), "edit", Tone.WARN))
        self._unsaved.hide()
        self._group = QButtonGroup(self)
        self._leaves = QStackedWidget(self)
        top = QHBoxLayout()
        top.setContentsMargins(tokens.L, tokens.L, tokens.L, 0)
        top.addWidget(self.title, 1)
        top.addWidget(self._unsaved, alignment=Qt.AlignmentFlag.AlignTop)
        tabs = FlowLayout()
        tabs.setContentsMargins(tokens.L, 0, tokens.L, 0)
        tabs.setSpacing(tokens.XS)
        for at, (name, leaf) in enumerate(leaves):
            segment = Segment(name, lambda at=at: self.show_page(at), parent=self)  # type: ignore[misc]
            segment.setVisible(len(leaves) > 1)
            self._group.addButton(segment, at)
            tabs.addWidget(segment)
            self._leaves.addWidget(_padded(leaf))
        for act in acts:
            tabs.addWidget(act)
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(tokens.M)
        column.addLayout(top)
        if len(leaves) > 1:
            column.addLayout(tabs)
        column.addWidget(self._leaves, 1)
        self._body = QStackedLayout(self)
        self._body.setContentsMargins(tokens.HAIR, tokens.HAIR, tokens.HAIR, tokens.HAIR)
        self._body.addWidget(empty)
        self._body.addWidget(body)
        self._group.button(0).setChecked(True)

    def hasHeightForWidth(self) -> bool:
        """Return False: its width is fixed, and Qt would ask for the usual height of its leaves, not the least."""
        return False

    def set_title(self, title: str, *, unsaved: bool = False) -> None:
        """Set the title, and show or hide the mark for unsaved changes."""
        self.title.setText(title)
        self.setAccessibleName(title)
        self._unsaved.setVisible(unsaved)

    def show_page(self, at: int | None) -> None:
        """Show the pane at a page; None keeps the current page."""
        self._body.setCurrentIndex(1)
        if at is not None:
            self._group.button(at).setChecked(True)
            self._leaves.setCurrentIndex(at)

    def set_enabled(self, at: int, enabled: bool) -> None:
        """Enable or disable a page."""
        self._group.button(at).setEnabled(enabled)

    def show_nothing(self) -> None:
        """Show the placeholder for no selection."""
        self._body.setCurrentIndex(0)

    def ask_to_save(
        self, name: str, *, save: Callable[[], object], discard: Callable[[], object], keep: Callable[[], object]
    ) -> ConfirmDialog:
        """Ask whether to save unsaved changes, discard them or keep editing; exactly one callback is called."""
        question = ConfirmDialog(
            tr("Save the changes to {name}?", name=name),
            text=tr("Changes that are not saved will be lost."),
            yes=tr("Save"),
            no=tr("Keep editing"),
            parent=self,
        )

        def drop() -> None:
            question.rejected.disconnect()
            question.reject()
            discard()

        question.body.addWidget(QuietButton(tr("Do not save"), drop, icon="undo"), alignment=Qt.AlignmentFlag.AlignLeft)
        question.ask(save, keep)
        return question


def _padded(leaf: QWidget) -> QWidget:
    frame = QWidget()
    frame.setProperty("role", "column")
    column = QVBoxLayout(frame)
    set_margins(column, tokens.L, 0, tokens.S, tokens.L)
    column.addWidget(leaf)
    return frame
