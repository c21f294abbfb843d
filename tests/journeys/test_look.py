"""The program as it looks when it starts: in its own fonts, from the first page on."""

from contextlib import ExitStack
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontInfo
from PySide6.QtWidgets import QApplication, QLabel

from shopdesk import app
from shopdesk.paths import resources
from shopdesk.ui.base import tokens
from support.qtbot import QtBot
from support.windows import Window


def test_the_first_page_is_written_in_our_own_font(qtbot: QtBot, qapp: QApplication, home: Path) -> None:
    with ExitStack() as stack:
        window = app.start(stack, app.application(), home=home, environ={})
        window.show()
        qtbot.waitUntil(lambda: not window.is_busy and window.sign_in_flow.sign_in.isVisible())
        families = {QFontInfo(label.font()).family() for label in window.findChildren(QLabel) if label.text()}
        assert families == {"Inter"}


def test_a_desktop_is_told_the_entry_in_its_menu() -> None:
    entry = resources() / "installer" / "linux" / f"{app.application().desktopFileName()}.desktop"
    assert "Exec=shopdesk" in entry.read_text("utf-8").splitlines()


def test_a_long_name_of_the_shop_pushes_nothing_out_of_the_window(program: Window) -> None:
    name = "W" * 100
    program.open_shop(name)
    program.main.resize(tokens.SMALLEST_WINDOW)
    program.key(Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    page = program.main.lock_page
    assert page is not None
    program.until(page.isVisible)
    assert page.brand.text() == page.brand.toolTip() == name
    right = page.card.mapTo(program.main, page.card.rect().topRight()).x()
    assert right < program.main.width()
    program.rest()
