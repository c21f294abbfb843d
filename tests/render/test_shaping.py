"""Text that is more than one letter after the other: with Qt, and without."""

import subprocess
import sys
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest

from render import reading
from render.documents import document, line
from shopdesk.render import fonts, formatting, shaping, text_layout
from shopdesk.render.receipt_pdf import receipt


def drawn(text: str) -> str:
    """The letters of the embedded font, as they stand from left to right."""
    return "".join(piece.text for piece in text_layout.layout_line(formatting.tidy(text)).letters)


@pytest.fixture(autouse=True)
def _nothing_kept(qapp: object) -> object:
    yield
    shaping.release_fonts()


def test_hebrew_stands_from_right_to_left_with_its_latin_from_left_to_right() -> None:
    assert drawn("שלום (abc) 12") == "12 (abc) םולש"


def test_brackets_are_mirrored_where_they_run_from_the_right() -> None:
    assert drawn("(שלום)") == "(םולש)"


def test_arabic_letters_are_joined() -> None:
    # From the left: meem by itself, the ligature lam-alef at the end of its piece, seen at the beginning.
    assert [unicodedata.name(letter) for letter in drawn("سلام")] == [
        "ARABIC LETTER MEEM",
        "ARABIC LIGATURE LAM WITH ALEF FINAL FORM",
        "ARABIC LETTER SEEN INITIAL FORM",
    ]


def test_an_arabic_date_keeps_its_order() -> None:
    assert drawn("22\u200f/11\u200f/2026") == "2026/11/22"


def test_a_line_is_as_wide_as_its_letters() -> None:
    plain, mixed = text_layout.layout_line("abc"), text_layout.layout_line("abc\u200f")
    assert plain.width == pytest.approx(mixed.width, abs=0.001)


def test_marks_stand_on_their_letters() -> None:
    # Four letters, two with points: the points come from the font, above or below where the letter is.
    setting = text_layout.layout_line("שָׁלוֹם")
    assert setting.width == pytest.approx(text_layout.layout_line("שלום").width, abs=0.01)


def test_a_letter_no_font_has_is_a_box() -> None:
    setting = text_layout.layout_line("a\ue123b")
    assert [piece.text for piece in setting.letters] == ["a", "b"]
    assert len(setting.outlines) == 1
    assert setting.outlines[0].path.count("h") == 2, "an inner and an outer rectangle"


def test_an_emoji_of_the_embedded_font_is_drawn_and_not_written_wrong() -> None:
    setting = text_layout.layout_line("😀")
    assert not setting.letters
    assert setting.outlines


def test_lines_keep_the_direction_of_their_paragraph() -> None:
    lines = text_layout.wrap("שלום abc " * 40, 9, 120)
    assert len(lines) > 5
    assert all(line.startswith("\u200f") for line in lines)
    assert all(text_layout.width(line, 9) <= 120.5 for line in lines)
    assert " ".join(line.removeprefix("\u200f") for line in lines).split() == ("שלום abc " * 40).split()


@pytest.mark.parametrize("text", ["word " * 50, "W" * 300, "a " + "b" * 200 + " c", "שלום " * 60, "日本" * 100])
@pytest.mark.parametrize("room", [30.0, 97.0, 300.0])
def test_no_line_is_wider_than_its_room(text: str, room: float) -> None:
    lines = text_layout.wrap(text, 9, room)
    assert all(text_layout.width(line, 9) <= room + 0.5 for line in lines)
    assert "".join("".join(lines).replace("\u200f", "").replace("\u200e", "").split()) == "".join(text.split())


def test_qts_fonts_are_given_back_after_each_document() -> None:
    receipt(document([line("שלום")]))
    assert not shaping._held.fonts


# --- without a QGuiApplication ----------------------------------------------------------------------------------------

_WITHOUT = """
import logging, sys
logging.basicConfig(format="%(levelname)s %(message)s")
sys.path.insert(0, sys.argv[1])
from render.documents import document, line
from shopdesk.render.receipt_pdf import receipt
names = sys.argv[2:]
made = receipt(document([line(name) for name in names]))
assert made == receipt(document([line(name) for name in names]))
print("PySide6" in sys.modules)
open("made.pdf", "wb").write(made)
"""


def without_qt(folder: Path, *names: str) -> tuple[bytes, str, str]:
    """A receipt of these items made by a process that has no QGuiApplication; what it prints and logs."""
    done = subprocess.run(
        [sys.executable, "-c", _WITHOUT, str(Path(__file__).parents[1]), *names],
        capture_output=True,
        text=True,
        check=True,
        cwd=folder,
    )
    return (folder / "made.pdf").read_bytes(), done.stdout.strip(), done.stderr.strip()


def test_plain_text_needs_no_qt_at_all(tmp_path: Path) -> None:
    pdf, printed, logged = without_qt(tmp_path, "Café crème – 12 €", "Zażółć gęślą jaźń", "Молоко")
    assert printed == "False"
    assert logged == ""
    for item in ("Café crème – 12 €", "Zażółć gęślą jaźń", "Молоко"):
        assert item in reading.text(pdf)


def test_without_qt_hebrew_is_still_read_and_the_log_says_once_what_is_missing(tmp_path: Path) -> None:
    pdf, printed, logged = without_qt(tmp_path, "שלום", "سلام", "日本")
    assert printed == "False"
    assert logged.count("WARNING No QGuiApplication") == 1
    assert "שלום" in reading.text(pdf)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("שלום", "םולש"),
        ("שלום עולם", "םלוע םולש"),
        ("שלום abc 12", "abc 12 םולש"),
        ("abc שלום עולם def", "abc םלוע םולש def"),
        ("日本 x", "□□ x"),
        ("", ""),
    ],
)
def test_the_makeshift_order_is_right_for_simple_text(
    text: str, shown: str, expect_log: Callable[[str], object]
) -> None:
    shaping._warn.cache_clear()
    expect_log("No QGuiApplication")
    assert shaping.fallback_layout(text, fonts.face()) == shown
