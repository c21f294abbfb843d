"""The shop's logo: which files are taken, and that each paper prints it as it can."""

import io
import re
import struct
import zlib
from dataclasses import replace
from typing import Any

import pytest
from PIL import Image

from render.documents import document, line
from render.e_invoices import invoice
from render.reading import opened, printed
from shopdesk.domain.errors import Refused
from shopdesk.domain.paper_layout import Logo, PaperLayout
from shopdesk.render.logo import MOST_BYTES, on_roll, read_logo
from shopdesk.render.receipt_pdf import PaperSize, receipt

_ORIENTATION = 0x0112
BREAD = [line("Bread", 3000, 50_000)]


def file_of(picture: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def drawn(mode: str = "RGB", size: tuple[int, int] = (300, 100), colour: Any = (200, 30, 30)) -> Image.Image:
    return Image.new(mode, size, colour)


def kept(file: bytes) -> Image.Image:
    return Image.open(io.BytesIO(read_logo(file)))


def layout(picture: Image.Image) -> PaperLayout:
    return PaperLayout(logo=Logo("", read_logo(file_of(picture))))


def bomb() -> bytes:
    """A PNG file of 100 bytes that says it has 40 million pixels."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", 30_000, 30_000, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"0" * 30_000)) + chunk(b"IEND", b"")
    )


def test_what_is_transparent_becomes_white_and_empty_edges_go() -> None:
    picture = drawn("RGBA", (300, 200), (0, 0, 0, 0))
    picture.paste((0, 0, 255, 128), (50, 50, 250, 150))
    found = kept(file_of(picture))
    assert (found.mode, found.size) == ("RGB", (200, 100))
    assert found.getpixel((5, 5)) == (127, 127, 255)


@pytest.mark.parametrize(
    ("file", "shade"),
    [
        (file_of(drawn("L", colour=128)), 128),
        (file_of(drawn("1", colour=0)), 0),
        (file_of(drawn("I;16", colour=128 * 257)), 128),
        (file_of(drawn("CMYK", colour=(0, 0, 0, 127)), "JPEG"), 128),
        (file_of(drawn("P", colour=3)), None),
        (file_of(drawn("L", colour=128), "JPEG"), 128),
    ],
)
def test_each_kind_of_picture_is_kept_in_red_green_and_blue(file: bytes, shade: int | None) -> None:
    found = kept(file)
    assert (found.mode, found.format) == ("RGB", "PNG")
    assert shade is None or found.getpixel((9, 9)) == (shade, shade, shade)


def test_a_photograph_is_upright_and_no_larger_than_needed() -> None:
    turned = Image.Exif()
    turned[_ORIENTATION] = 6
    assert kept(file_of(drawn(size=(600, 1200)), "JPEG", exif=turned)).size == (800, 400)


@pytest.mark.parametrize(
    ("file", "said"),
    [
        (b"", "no PNG or JPEG"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "no PNG or JPEG"),
        (file_of(drawn(), "GIF"), "no PNG or JPEG"),
        (file_of(drawn(size=(900, 900)))[:-40], "damaged"),
        (file_of(drawn("RGB", colour=(9, 9, 9)), "JPEG")[:400], "damaged"),
        (bomb(), "40 million pixels"),
        (b"\x89PNG\r\n\x1a\n" + bytes(MOST_BYTES), "larger than 10 MB"),
        (file_of(drawn(colour="white")), "white all over"),
    ],
)
def test_other_files_are_refused_in_words(file: bytes, said: str) -> None:
    with pytest.raises(Refused, match=said) as refused:
        read_logo(file)
    assert refused.value.faults[0].field == "logo"


def test_a_sheet_with_a_logo_is_still_pdf_a_by_construction() -> None:
    """Opaque, in colours of the output intent, not interpolated (ISO 19005-3, 6.2.4 and 6.2.8)."""
    pdf = receipt(replace(invoice(BREAD), layout=layout(drawn())))
    (image,) = re.findall(rb"<<[^>]*/Subtype /Image[^>]*>>", pdf)
    assert b"/DeviceRGB" in image
    assert b"/OutputIntents" in pdf
    assert not re.search(rb"/SMask|/Mask|/Interpolate|/CA |/ca ", pdf)


@pytest.mark.parametrize("language", ["en", "ar"])
def test_a_sheet_shows_the_logo_at_its_start(qapp: object, language: str) -> None:
    made = document(BREAD, language=language, layout=layout(drawn()))
    with opened(receipt(made)) as file:
        page = file[0].render(scale=1).to_pil().convert("RGB")
    x = 60 if language == "en" else page.width - 60
    assert page.getpixel((x, 70)) == (200, 30, 30)
    assert receipt(made) == receipt(made)


def test_a_roll_has_a_dot_for_each_pixel_of_the_logo() -> None:
    picture = drawn("L", (380, 100), 128)
    made = document(BREAD, layout=layout(picture))
    dithered = on_roll(made.layout.logo.content, 380, 173) if made.layout and made.layout.logo else None
    assert dithered is not None
    own = Image.frombytes("1", (dithered.width, dithered.height), dithered.pixels).convert("L")
    left, top = (576 - 380) // 2, 34
    shown = printed(receipt(made, paper=PaperSize.ROLL_80), 576).crop((left, top, left + 380, top + 100))
    wrong = sum(one != other for one, other in zip(own.tobytes(), shown.tobytes(), strict=True))
    assert wrong < 380 * 100 * 0.02


def test_a_damaged_logo_stops_no_document() -> None:
    made = document(BREAD, layout=PaperLayout(logo=Logo("", b"\x89PNG damaged")))
    assert receipt(made) == receipt(replace(made, layout=PaperLayout()))
    assert receipt(made, paper=PaperSize.ROLL_80) == receipt(
        replace(made, layout=PaperLayout()), paper=PaperSize.ROLL_80
    )
