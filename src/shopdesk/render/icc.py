"""The colour profile of sRGB (IEC 61966-2-1), made here: half a kilobyte, and the same bytes always."""

from __future__ import annotations

import struct
from functools import lru_cache

_D50 = (0.9642, 1.0, 0.8249)
_RED, _GREEN, _BLUE = (0.43607, 0.22249, 0.01392), (0.38515, 0.71687, 0.09708), (0.14307, 0.06061, 0.71410)
_FROM_D65 = (1.04788, 0.02292, -0.05022, 0.02959, 0.99048, -0.01707, -0.00925, 0.01508, 0.75168)
_CURVE = (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
_HEADER = struct.Struct(">I4sI4s4s4s6H4s4sI4s4sQI3i4s44x")


@lru_cache(maxsize=1)
def srgb() -> bytes:
    """Return the profile (ICC.1:2010, version 4.3): a display with three colours, a white and one curve."""
    curve = b"para" + struct.pack(">IHH", 0, 3, 0) + _fixed(_CURVE)
    tags = {
        b"desc": _text("sRGB"),
        b"cprt": _text("Public domain"),
        b"wtpt": _xyz(_D50),
        b"chad": b"sf32\0\0\0\0" + _fixed(_FROM_D65),
        b"rXYZ": _xyz(_RED),
        b"gXYZ": _xyz(_GREEN),
        b"bXYZ": _xyz(_BLUE),
        b"rTRC": curve,
        b"gTRC": curve,
        b"bTRC": curve,
    }
    start = _HEADER.size + 4 + 12 * len(tags)
    table, content = [struct.pack(">I", len(tags))], b""
    for name, value in tags.items():
        table.append(struct.pack(">4sII", name, start + len(content), len(value)))
        content += value + bytes(-len(value) % 4)
    body = b"".join(table) + content
    return _header(_HEADER.size + len(body)) + body


def _header(size: int) -> bytes:
    made = (2026, 1, 1, 0, 0, 0)  # any date, as long as it stays
    white = [round(part * 65536) for part in _D50]
    parts = (0x04300000, b"mntr", b"RGB ", b"XYZ ", *made, b"acsp", b"", 0, b"", b"", 0, 0, *white, b"")
    return _HEADER.pack(size, b"", *parts)


def _text(text: str) -> bytes:
    written = text.encode("utf-16-be")
    return b"mluc" + struct.pack(">III4sII", 0, 1, 12, b"enUS", len(written), 28) + written


def _xyz(values: tuple[float, ...]) -> bytes:
    return b"XYZ \0\0\0\0" + _fixed(values)


def _fixed(values: tuple[float, ...]) -> bytes:
    return struct.pack(f">{len(values)}i", *(round(value * 65536) for value in values))
