"""The texts of a window as its user sees, hears or points at them, and those that are cut."""

from __future__ import annotations

import re
from collections.abc import Iterator

from PySide6.QtCore import QAbstractListModel, QModelIndex, QRect, Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractScrollArea,
    QComboBox,
    QGroupBox,
    QHeaderView,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QScrollArea,
    QTabBar,
    QWidget,
)


def texts(root: QWidget) -> Iterator[tuple[str, str]]:
    """Yield place and text of everything in a window, also of what is hidden now."""
    for part in (root, *root.findChildren(QWidget)):
        if _is_of_qt(part):
            continue
        name = type(part).__name__
        yield f"{name}.toolTip", part.toolTip()
        yield f"{name}.accessibleName", part.accessibleName()
        yield f"{name}.accessibleDescription", part.accessibleDescription()
        yield f"{name}.statusTip", part.statusTip()
        if part.isWindow():
            yield f"{name}.windowTitle", part.windowTitle()
        for text in _own(part):
            yield name, text
        for action in part.actions():
            if (
                not action.objectName().startswith("qt_")
                and not action.isSeparator()
                and not isinstance(part, QLineEdit)
            ):
                yield f"{name}.action", action.text()


def _is_of_qt(part: QWidget) -> bool:
    """Return True for parts that Qt makes itself, such as those of a calendar."""
    return part.objectName().startswith("qt_") or isinstance(part.parent(), QTabBar)


def _own(part: QWidget) -> Iterator[str]:
    match part:
        case QLabel() | QAbstractButton():
            yield part.text()
        case QLineEdit() | QPlainTextEdit():
            yield part.placeholderText()
        case QGroupBox():
            yield part.title()
        case QComboBox():
            yield from (part.itemText(at) for at in range(part.count()))
        case QTabBar():
            for at in range(part.count()):
                yield part.tabText(at)
                yield part.tabToolTip(at)
        case QHeaderView():
            model = part.model()
            if part.orientation() is Qt.Orientation.Horizontal:
                for at in range(part.count()):
                    for role in (
                        Qt.ItemDataRole.DisplayRole,
                        Qt.ItemDataRole.ToolTipRole,
                        Qt.ItemDataRole.AccessibleTextRole,
                    ):
                        yield str(model.headerData(at, part.orientation(), role) or "")
        case QAbstractItemView():
            model = part.model()
            if model is not None:
                for row in range(min(model.rowCount(QModelIndex()), 30)):
                    for column in range(
                        model.columnCount(QModelIndex()) if not isinstance(model, QAbstractListModel) else 1
                    ):
                        index = model.index(row, column)
                        for role in (
                            Qt.ItemDataRole.DisplayRole,
                            Qt.ItemDataRole.ToolTipRole,
                            Qt.ItemDataRole.AccessibleTextRole,
                        ):
                            value = index.data(role)
                            yield value if isinstance(value, str) else ""


def cut(root: QWidget) -> Iterator[tuple[str, str]]:
    """Yield place and text of what is visible but has no room for its text."""
    for part in (root, *root.findChildren(QWidget)):
        if not part.isVisible() or _is_of_qt(part):
            continue
        name = f"{type(part).__name__} {part.width()}x{part.height()}"
        match part:
            case QScrollArea() if part.widgetResizable():
                content = part.widget()
                is_off = part.horizontalScrollBarPolicy() is Qt.ScrollBarPolicy.ScrollBarAlwaysOff
                if is_off and content is not None and content.width() > part.viewport().width():
                    yield f"{name} content {content.width()}", type(content).__name__
            case QLabel() if part.text():
                room = part.contentsRect()
                if part.wordWrap():
                    needed = part.heightForWidth(part.width())
                    widest = max(
                        (part.fontMetrics().horizontalAdvance(word) for word in re.split(r"[\s\u200b]+", part.text())),
                        default=0,
                    )
                    if needed > part.height() + 1 or widest > room.width() + 1:
                        yield (
                            f"{name} needs {widest}x{needed}",
                            part.text(),
                        )
                elif part.sizeHint().width() > part.width() + 1 and part.minimumSizeHint().width() > 0:
                    yield f"{name} needs {part.sizeHint().width()}", part.text()
            case QAbstractButton() if part.text():
                if part.sizeHint().width() > part.width() + 1:
                    yield f"{name} needs {part.sizeHint().width()}", part.text()
            case QTabBar():
                for at in range(part.count()):
                    if part.tabSizeHint(at).width() > part.tabRect(at).width() + 1 or not part.rect().contains(
                        part.tabRect(at)
                    ):
                        yield f"{name} tab", part.tabText(at)
            case QComboBox() if part.currentText() and part.toolTip() != part.currentText():
                needed = part.fontMetrics().horizontalAdvance(part.currentText())
                if needed > part.width() - 30:
                    yield f"{name} needs {needed}", part.currentText()
            case QHeaderView() if part.orientation() is Qt.Orientation.Horizontal and part.model() is not None:
                for at in range(part.count()):
                    if part.isSectionHidden(at):
                        continue
                    if part.sectionSizeFromContents(at).width() > part.sectionSize(at) + 1:
                        yield (
                            f"{name} section {part.sectionSize(at)} needs {part.sectionSizeFromContents(at).width()}",
                            str(part.model().headerData(at, part.orientation())),
                        )
        if isinstance(part, QLabel | QAbstractButton) and not _in_scroll_area(part, root):
            inside = QRect(part.mapTo(root, part.rect().topLeft()), part.size())
            if not root.rect().contains(inside):
                yield f"{name} outside {inside}", part.text()


def _in_scroll_area(part: QWidget, root: QWidget) -> bool:
    at = part.parentWidget()
    while at is not None and at is not root:
        if isinstance(at, QAbstractScrollArea):
            return True
        at = at.parentWidget()
    return False
