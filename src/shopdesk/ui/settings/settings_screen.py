"""The settings page: sections on the left, the chosen one on the right. Each is created when first opened."""

from __future__ import annotations

from importlib import import_module
from typing import Any, NamedTuple

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

from shopdesk.message_catalogues import Marked, mark
from shopdesk.ui.base import icons, tokens
from shopdesk.ui.base.context import Context
from shopdesk.ui.base.i18n import tr, tr_marked
from shopdesk.ui.widgets.focus_order import FocusedPage
from shopdesk.ui.widgets.section import Section


class _PageSpec(NamedTuple):
    """The title, module, class and icon of a section."""

    title: Marked
    module: str
    section: str
    icon: str


# To add a section, write its class in a module of this folder and add a row here.
SECTIONS = (
    _PageSpec(mark("Shop"), "shop", "ShopSection", "shop"),
    _PageSpec(mark("Taxes"), "taxes", "TaxesSection", "tax"),
    _PageSpec(mark("Tills and numbers"), "tills", "TillsSection", "series"),
    _PageSpec(mark("People"), "people", "PeopleSection", "people"),
    _PageSpec(mark("Activity"), "activity", "ActivitySection", "history"),
    _PageSpec(mark("Mail"), "mail", "MailSection", "mail"),
    _PageSpec(mark("Sign-in providers"), "providers", "ProvidersSection", "provider"),
    _PageSpec(mark("Printer"), "printer", "PrinterSection", "print"),
    _PageSpec(mark("Database"), "database", "DatabaseSection", "database"),
    _PageSpec(mark("Backup"), "backup", "BackupSection", "backup"),
    _PageSpec(mark("Health"), "health", "HealthSection", "health"),
)


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
        self.sections.setFixedWidth(tokens.NARROW // 2 + tokens.L)
        self.sections.setItemDelegate(_Delegate(self.sections))
        self.sections.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.sections.setIconSize(QSize(tokens.ICON, tokens.ICON))
        for made in SECTIONS:
            item = QListWidgetItem(icons.icon(made.icon), tr_marked(made.title), self.sections)
            item.setSizeHint(QSize(0, tokens.CONTROL + tokens.XS))
        self.stack = QStackedWidget()
        row = QHBoxLayout(self)
        row.setContentsMargins(tokens.XL, tokens.XL, 0, tokens.L)
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
            module = import_module(f"shopdesk.ui.settings.{made.module}")
            section: Section = getattr(module, made.section)(self._context)
            self._made[made.title] = section
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
