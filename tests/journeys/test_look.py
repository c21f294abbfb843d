"""The program as it looks when it starts: in its own fonts, from the first page on."""

from contextlib import ExitStack
from pathlib import Path

from PySide6.QtGui import QFontInfo
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from shopdesk import app


def test_the_first_page_is_written_in_our_own_font(qtbot: QtBot, qapp: QApplication, home: Path) -> None:
    with ExitStack() as stack:
        window = app.begin(stack, app.application(), home=home, environ={})
        window.show()
        qtbot.waitUntil(lambda: not window.is_busy and window.entrance.sign_in.isVisible())
        families = {QFontInfo(label.font()).family() for label in window.findChildren(QLabel) if label.text()}
        assert families == {"Inter"}
