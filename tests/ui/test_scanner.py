"""A scanner is told from fingers by its pace, and what it typed into a field is put back."""

import pytest
from PySide6.QtWidgets import QLineEdit, QPlainTextEdit

from shopdesk.ui.base.scanner import FASTEST_FINGER_MS, LATEST_ENTER_MS, SHORTEST_CODE, Burst, ScanGuard, is_barcode
from support.keyboard_input import Typist
from support.qtbot import QtBot

CODE = "4006381333931"


def _typed(text: str, every: int, *, pause: int | None = None) -> str:
    burst = Burst()
    at = 0
    for letter in text:
        at += every
        burst.key(letter, at)
    return burst.enter(at + (every if pause is None else pause))


@pytest.mark.parametrize("every", [1, 12, FASTEST_FINGER_MS])
def test_digits_faster_than_fingers_are_a_scan(every: int) -> None:
    assert _typed(CODE, every) == CODE


@pytest.mark.parametrize("every", [FASTEST_FINGER_MS + 1, 60, 200])
def test_digits_by_hand_are_typing(every: int) -> None:
    assert _typed(CODE, every) == ""


def test_a_scanner_may_wait_a_moment_before_it_ends_the_code() -> None:
    assert _typed(CODE, 5, pause=LATEST_ENTER_MS) == CODE


def test_fast_digits_are_typing_when_enter_comes_later() -> None:
    assert _typed(CODE, 5, pause=LATEST_ENTER_MS + 1) == ""


@pytest.mark.parametrize("text", ["12.5012", "A400638", "12,34", "1234 56", "12-3456", "٤٠٠٦٣٨"])
def test_what_is_not_all_digits_is_typing(text: str) -> None:
    assert _typed(text, 5) == ""


def test_too_few_digits_are_a_price_or_a_quantity() -> None:
    assert _typed("1" * (SHORTEST_CODE - 1), 5) == ""


def test_digits_typed_by_hand_before_a_scan_do_not_belong_to_it() -> None:
    burst = Burst()
    assert burst.key("3", 0)
    assert burst.key("4", 500)
    for step, digit in enumerate(CODE[1:], 1):
        assert not burst.key(digit, 500 + 5 * step)
    assert burst.enter(500 + 5 * len(CODE)) == CODE


def test_two_scans_in_a_row_are_two() -> None:
    burst = Burst()
    for start in (0, 80):
        for step, digit in enumerate(CODE):
            burst.key(digit, start + 5 * step)
        assert burst.enter(start + 5 * len(CODE)) == CODE


@pytest.mark.parametrize("code", ["4006381333931", "73513537", "036000291452", "10012345678902"])
def test_a_barcode_checks_itself(code: str) -> None:
    assert is_barcode(code)
    assert not is_barcode(code[:-1] + str((int(code[-1]) + 1) % 10))


@pytest.mark.parametrize("code", ["", "818980", "123456789", "40063813339x1", "٤٠٠٦٣٨١٣٣٣٩٣١"])
def test_other_numbers_are_no_barcodes(code: str) -> None:
    assert not is_barcode(code)


@pytest.mark.parametrize("kind", [QLineEdit, QPlainTextEdit])
def test_a_field_gets_back_what_stood_in_it_before_a_scan(qtbot: QtBot, kind: type[QLineEdit | QPlainTextEdit]) -> None:
    field = kind()
    qtbot.addWidget(field)
    field.show()
    qtbot.waitExposed(field)
    field.activateWindow()
    field.setFocus()
    qtbot.waitUntil(field.hasFocus)
    guard = ScanGuard()
    guard.watch(field)
    scanned: list[str] = []
    guard.scanned.connect(lambda code, source: scanned.append(code))
    typist = Typist()
    typist.type("2.5")
    typist.scan(CODE)
    text = field.text() if isinstance(field, QLineEdit) else field.toPlainText()
    assert (text, scanned) == ("2.5", [CODE])
    guard.deleteLater()
