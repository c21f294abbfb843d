"""The windows speak the language whose catalogue is installed, and English without one."""

from __future__ import annotations

import gettext
import io
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest
from babel.messages import Catalog
from babel.messages.mofile import write_mo
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from shopdesk.domain.account import Right
from shopdesk.domain.document import Kind
from shopdesk.domain.sentence import sentence
from shopdesk.message_catalogues import mark
from shopdesk.ui.base import display_names, i18n
from shopdesk.ui.base.i18n import counted, tr, tr_marked
from shopdesk.ui.window.shortcut_sheet import ShortcutSheet
from support.systems import POSIX

LAST_MONTH, NOW = datetime(2026, 3, 22, 17, 2).astimezone(), datetime(2026, 4, 22, 12, 0).astimezone()


def _compiled() -> bytes:
    """A catalogue in Polish, which has three plural forms."""
    polish = Catalog("pl")
    polish.add("Keyboard shortcuts", "Skróty klawiszowe")
    polish.add("New document", "Nowy dokument")
    polish.add("Delete {what}?", "Usunąć {what}?")
    polish.add("credit note", "fakturę korygującą")
    polish.add(("{count} row", "{count} rows"), ("{count} wiersz", "{count} wiersze", "{count} wierszy"))
    polish.add("Total", "Na papierze", context="paper")
    file = io.BytesIO()
    write_mo(file, polish)
    return file.getvalue()


@pytest.fixture
def polish() -> Iterator[None]:
    i18n.install(gettext.GNUTranslations(io.BytesIO(_compiled())))
    yield
    i18n.install(gettext.NullTranslations())


def test_without_a_catalogue_texts_are_english() -> None:
    assert tr("Delete {what}?", what="R-1") == "Delete R-1?"
    assert tr("Braces stay {as} they are") == "Braces stay {as} they are"
    assert [counted(count, "{count} row", "{count} rows") for count in (0, 1, 2, 1000)] == [
        "0 rows", "1 row", "2 rows", "1,000 rows",
    ]  # fmt: skip


def test_a_date_inside_a_sentence_is_english_without_a_catalogue() -> None:
    assert display_names.when(LAST_MONTH, NOW) == "on 22 Mar 2026 at 17:02"
    assert display_names.when(NOW, NOW) == "today at 12:00"


@pytest.mark.usefixtures("polish")
def test_a_date_inside_a_sentence_is_in_the_language_of_the_catalogue() -> None:
    assert display_names.when(LAST_MONTH, NOW) == "on 22 mar 2026 at 17:02"


@pytest.mark.usefixtures("polish")
def test_a_quantity_inside_a_sentence_has_the_decimal_mark_of_the_windows() -> None:
    left = sentence("Only {left} of “{item}” can still come back.", left=Decimal("12345.500"), item="Tea")
    assert left == "Only 12,345.5 of “Tea” can still come back."
    assert i18n.translated(left) == "Only 12\xa0345,5 of “Tea” can still come back."


@pytest.mark.usefixtures("polish")
def test_texts_numbers_and_tables_are_translated() -> None:
    assert tr("Delete {what}?", what="R-1") == "Usunąć R-1?"
    assert tr_marked(mark("New document")) == "Nowy dokument"
    assert display_names.kind_in_sentence(Kind.CREDIT_NOTE) == "fakturę korygującą"
    assert [counted(count, "{count} row", "{count} rows") for count in (1, 2, 5)] == [
        "1 wiersz", "2 wiersze", "5 wierszy",
    ]  # fmt: skip


@pytest.mark.usefixtures("polish")
def test_the_words_of_the_paper_are_not_those_of_the_windows() -> None:
    assert tr("Total") == "Total"


@pytest.mark.usefixtures("polish")
def test_a_window_made_after_that_is_translated(qtbot: QtBot, themed_app: QApplication) -> None:
    sheet = ShortcutSheet()
    qtbot.addWidget(sheet)
    sheet.show()
    assert sheet.windowTitle() == "Skróty klawiszowe"
    shown = {label.text() for label in sheet.findChildren(QLabel)}
    assert "Nowy dokument" in shown
    assert "Lock the till" in shown  # not translated yet


def test_each_kind_in_a_sentence_and_each_right_has_its_name() -> None:
    assert [display_names.kind_in_sentence(kind) for kind in Kind] == [
        display_names.kind(kind).lower() for kind in Kind
    ]
    assert [display_names.right(right) for right in Right] == [right.value for right in Right]


_START = """
import sys
sys._MEIPASS = sys.argv[1]  # the folder of a bundle
from shopdesk.app import program
from shopdesk.ui.base.i18n import tr
program.application()
print(tr("New document"))
"""


@POSIX
@pytest.mark.parametrize(("system", "said"), [("pl_PL.UTF-8", "Nowy dokument"), ("it_IT.UTF-8", "New document")])
def test_the_program_starts_in_the_language_of_the_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, system: str, said: str
) -> None:
    file = tmp_path / "resources" / "translations" / "pl" / "LC_MESSAGES" / "shopdesk.mo"
    file.parent.mkdir(parents=True)
    file.write_bytes(_compiled())
    monkeypatch.delenv("LC_ALL", raising=False)
    monkeypatch.delenv("LANGUAGE", raising=False)
    monkeypatch.setenv("LANG", system)
    monkeypatch.setenv("PYTHONIOENCODING", "utf-8")
    program = [sys.executable, "-c", _START, str(tmp_path)]
    assert subprocess.run(program, capture_output=True, text=True, encoding="utf-8", check=True).stdout == f"{said}\n"
