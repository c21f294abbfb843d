"""The shop's logo: read from a picture that a person chose, and as the pixels that a sheet or a roll prints."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from shopdesk.domain.errors import Refused
from shopdesk.domain.sentence import sentence

if TYPE_CHECKING:
    from PIL.Image import Image

MOST_BYTES = 10_000_000
"""The largest file that is read."""
_MOST_PIXELS = 40_000_000
"""The most pixels of a picture: a small file may unpack into a huge one."""
_KEPT = (800, 400)
"""The pixels that are kept: on a sheet they are 330 to an inch."""
_FORMATS = ("PNG", "JPEG")
_UNREADABLE = (OSError, ValueError, SyntaxError, EOFError, MemoryError)
"""The errors that Pillow raises for a damaged file."""


@dataclass(frozen=True, slots=True)
class Bitmap:
    """Pixels from the top left: red, green and blue in a byte each; or a bit each, 1 for white, a row whole bytes."""

    width: int
    height: int
    pixels: bytes
    is_black_only: bool = False


def read_logo(file: bytes) -> bytes:
    """Return a PNG or JPEG picture as the PNG file that is kept: opaque, without white edges, no larger than needed.

    Raise Refused for any other file, for one that is damaged, and for one that is too large.
    """
    from PIL import Image, ImageOps

    if len(file) > MOST_BYTES:
        raise Refused(sentence("This file is larger than 10 MB. Choose a smaller picture."), field="logo")
    with _refusing():
        picture = Image.open(io.BytesIO(file), formats=_FORMATS)
        if picture.width * picture.height > _MOST_PIXELS:
            raise Image.DecompressionBombError
    with _refusing():
        flat = _on_white(ImageOps.exif_transpose(picture))
    drawn = ImageOps.invert(flat).getbbox()
    if drawn is None:
        raise Refused(sentence("This picture is white all over."), field="logo")
    with _refusing():
        flat = flat.crop(drawn)
        flat.thumbnail(_KEPT, Image.Resampling.LANCZOS)
        kept = io.BytesIO()
        flat.save(kept, "PNG", optimize=True)
    return kept.getvalue()


@contextmanager
def _refusing() -> Iterator[None]:
    from PIL import Image

    try:
        yield
    except Image.DecompressionBombError as error:
        said = sentence("This picture has more than 40 million pixels. Choose a smaller one.")
        raise Refused(said, field="logo") from error
    except _UNREADABLE as error:
        raise Refused(sentence("This is no PNG or JPEG picture, or it is damaged."), field="logo") from error


def _on_white(picture: Image) -> Image:
    """Return a picture in RGB without alpha: what is transparent is white, as PDF/A and a printer want it."""
    from PIL import Image

    if picture.mode.startswith("I"):  # 16 bits of grey
        picture = picture.convert("I").point(lambda value: value / 257).convert("L")
    if not picture.has_transparency_data:
        return picture.convert("RGB")
    whole = picture.convert("RGBA")
    white = Image.new("RGBA", whole.size, "white")
    return Image.alpha_composite(white, whole).convert("RGB")


@lru_cache(maxsize=4)
def on_sheet(logo: bytes) -> Bitmap | None:
    """Return the pixels of a logo in colour; None where it cannot be read, which stops no document."""
    picture = _opened(logo)
    return Bitmap(picture.width, picture.height, picture.tobytes()) if picture else None


@lru_cache(maxsize=4)
def on_roll(logo: bytes, most_wide: int, most_high: int) -> Bitmap | None:
    """Return a logo in black dots, as large as fits; its greys are mixed of dots (Floyd and Steinberg)."""
    from PIL import Image, ImageOps

    picture = _opened(logo)
    if picture is None:
        return None
    dots = ImageOps.contain(picture.convert("L"), (most_wide, most_high), Image.Resampling.LANCZOS).convert("1")
    return Bitmap(dots.width, dots.height, dots.tobytes(), is_black_only=True)


def _opened(logo: bytes) -> Image | None:
    from PIL import Image

    try:
        return Image.open(io.BytesIO(logo), formats=("PNG",)).convert("RGB")
    except (*_UNREADABLE, Image.DecompressionBombError):
        return None
