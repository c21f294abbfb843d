"""Practice, from the menu to a window of its own that says so on every page, and that nothing leaves."""

import subprocess

import pypdfium2
import pytest
from PySide6.QtWidgets import QLabel

from shopdesk import paths
from shopdesk.domain.draft import DraftRow
from shopdesk.domain.errors import Unavailable
from shopdesk.ui.documents.document_screen import DocumentScreen
from support.sales import sell
from support.windows import Begin


def test_the_practice_window_says_so_on_every_page_and_prints_only_on_the_screen(
    begin: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = begin()
    window.open_shop()
    started: list[dict[str, str]] = []
    monkeypatch.setattr(subprocess, "Popen", lambda *_, env, **__: started.append(env))
    menu = window.workspace._menu()
    next(action for action in menu.actions() if action.text() == "Practice").trigger()
    window.until(lambda: bool(started))
    menu.deleteLater()
    begin.end()
    monkeypatch.setenv("SHOPDESK_HOME", started[0]["SHOPDESK_HOME"])
    monkeypatch.setenv("SHOPDESK_MAIL_HOST", "smtp.example.org")
    window = begin()
    window.ready()
    strip = next(one for one in window.main.findChildren(QLabel) if one.text().startswith("Nothing here is real"))
    window.sign_in("ada", paths.PRACTICE_PASSWORD)
    assert window.workspace.isVisible()
    window.rest()
    assert strip.isVisible()
    context = window.workspace.context
    assert context.settings.mail.host == ""
    assert window.main.windowTitle() == "Corner Shop – Practice"
    sold = sell(window, DraftRow("Tea", "1", "2.00"))
    window.workspace.open_document(sold.key)
    page = window.find("view", DocumentScreen)
    window.until(lambda: bool(page._pdf))
    assert "PRACTICE" in pypdfium2.PdfDocument(page._pdf)[0].get_textpage().get_text_bounded()
    page.do_print()
    assert "Practice prints nothing. Save PDF shows the paper." in window.main.notices.texts
    with pytest.raises(Unavailable):
        context.ports.backup.state()
    menu = window.workspace._menu()
    assert "Practice" not in [action.text() for action in menu.actions()]
    menu.deleteLater()
