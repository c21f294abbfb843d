"""QR codes of every size, read back by a reader that is not ours."""

from typing import Any

import pytest
from PIL import Image

from shopdesk.render.qr_code import modules
from support.e_invoice_rules import package

_MARGIN = 4
_MOST = (
    14, 26, 42, 62, 84, 106, 122, 152, 180, 213, 251, 287, 331, 362, 412, 450, 504, 560, 624, 666, 711, 779, 857, 911,
    997, 1059,
)  # fmt: skip
"""The bytes that a version holds with error correction M (ISO/IEC 18004, table 7)."""


def _read(content: str) -> tuple[str, str]:
    rows = modules(content)
    image = Image.new("L", (len(rows) + 2 * _MARGIN,) * 2, 255)
    for y, row in enumerate(rows):
        for x, is_black in enumerate(row):
            if is_black:
                image.putpixel((x + _MARGIN, y + _MARGIN), 0)
    reader: Any = package("zxingcpp")
    (found,) = reader.read_barcodes(image.resize((image.width * 3,) * 2, Image.Resampling.NEAREST), is_pure=True)
    return found.text, found.ec_level


@pytest.mark.parametrize(("version", "most"), list(enumerate(_MOST, start=1)))
def test_a_text_that_just_fits_a_version_is_read_back(version: int, most: int) -> None:
    size = 4 * version + 17
    content = ("Zürich " * 200).encode()[:most].decode(errors="ignore")
    content += "x" * (most - len(content.encode()))
    assert len(modules(content)) == size
    assert _read(content) == (content, "M")
    if most < _MOST[-1]:
        assert len(modules(content + "x")) == size + 4


def test_what_is_too_long_for_a_code_is_refused() -> None:
    with pytest.raises(ValueError, match="too long"):
        modules("x" * 1060)
