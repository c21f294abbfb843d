"""The settings page: sections on the left, the chosen one on the right. Each is created when first opened."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QShowEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QStackedWidget,
    QStyle,
    QStyledItemDelegate,
    QWidget,
)

from shopdesk.ui.base import icons, tokens
from shopdesk.ui.base.context import Context
from shopdesk.ui.base.i18n import tr, tr_marked
from shopdesk.ui.settings.sections import SECTIONS
from shopdesk.ui.widgets.focus_order import FocusedPage
from shopdesk.ui.widgets.page_parts import set_margins
from shopdesk.ui.widgets.section import Section


class SettingsScreen(FocusedPage):
    """The list of sections and the open one."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("Settings"))
        self._context = context
        self._made: dict[str, Section] = {}
        self.sections = QListWidget()
        self.sections.setAccessibleName(tr("Sections"))
        self.sections.setProperty("role", "suggestions")
        self.sections.setItemDelegate(_Delegate(self.sections))
        self.sections.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.sections.setIconSize(QSize(tokens.ICON, tokens.ICON))
        for made in SECTIONS:
            item = QListWidgetItem(icons.icon(made.icon), tr_marked(made.title), self.sections)
            item.setSizeHint(QSize(0, tokens.CONTROL + tokens.XS))
        widest = self.sections.sizeHintForColumn(0) + 2 * tokens.S
        self.sections.setFixedWidth(max(tokens.NARROW // 2 + tokens.L, widest))
        self.stack = QStackedWidget()
        row = QHBoxLayout(self)
        set_margins(row, tokens.XL, tokens.XL, 0, tokens.L)
        row.setSpacing(0)
        row.addWidget(self.sections)
        row.addWidget(self.stack, 1)
        self.begin_at(self.sections)
        self.sections.currentRowChanged.connect(self._on_chosen)
        context.actor_changed.connect(self._on_actor)

    def open(self, title: str) -> Section:
        """Show the section with this title and return it."""
        self.sections.setCurrentRow(next(at for at, made in enumerate(SECTIONS) if made.title == title))
        return self._made[title]

    def showEvent(self, event: QShowEvent) -> None:
        """Open the first section, or let the open one read what may have changed."""
        super().showEvent(event)
        if self.sections.currentRow() < 0:
            self.sections.setCurrentRow(0)
        else:
            self._refresh()

    def _on_chosen(self, at: int) -> None:
        if at < 0:
            return
        made = SECTIONS[at]
        if made.title not in self._made:
            section = self._made[made.title] = made.create(self._context)
            self.stack.addWidget(section)
        self.stack.setCurrentWidget(self._made[made.title])
        self._refresh()

    def _on_actor(self) -> None:
        """Rebuild the sections for another person, whose rights differ and who must not see what was typed."""
        for section in self._made.values():
            self.stack.removeWidget(section)
            section.deleteLater()
        self._made.clear()
        if self.sections.currentRow() >= 0:
            self._on_chosen(self.sections.currentRow())

    def _refresh(self) -> None:
        section = self.stack.currentWidget()
        if isinstance(section, Section):
            section.refresh()


class _Delegate(QStyledItemDelegate):
    """Draws the selected section bold on a tinted background."""

    def paint(self, painter: QPainter, option: Any, index: QModelIndex | QPersistentModelIndex) -> None:
        """Paint the background, then the icon and text on it."""
        if option.state & QStyle.StateFlag.State_Selected:
            painter.save()
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(tokens.colours().tint))
            painter.drawRoundedRect(QRectF(option.rect).adjusted(0, tokens.HAIR, 0, -tokens.HAIR), tokens.XS, tokens.XS)
            painter.restore()
            option.state &= ~QStyle.StateFlag.State_Selected
            option.font.setWeight(QFont.Weight.DemiBold)
        super().paint(painter, option, index)

    def initStyleOption(self, option: Any, index: QModelIndex | QPersistentModelIndex) -> None:
        """Hide the item's focus frame, as the list itself shows the focus."""
        chosen = option.font.weight()
        super().initStyleOption(option, index)
        option.state &= ~QStyle.StateFlag.State_HasFocus
        option.font.setWeight(chosen)
