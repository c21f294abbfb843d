"""ICU's data without what Qt's windows never ask it for: 2 MB instead of 32.

Qt sorts and capitalises text with ICU. Names of countries, currencies, units and time zones, converters of old
encodings, words to break lines at in Thai and the like stay out, and languages that the windows do not speak.
"""

import re
import struct
import subprocess
from collections.abc import Collection, Iterator
from pathlib import Path

_UNUSED = re.compile(r".+/(brkitr|curr|lang|rbnf|region|translit|unit|zone)/|.+\.(cnv|cfu|spp)$|.+/unames\.icu$")
_LOCALE = re.compile(r".+/(?!res_index)([a-z]{2,3})(_\w+)?\.res$")
_ALIGNED = 16

_ASSEMBLY = """
.section .rodata
.balign 16
.globl {symbol}
.type {symbol}, %object
{symbol}:
.incbin "{data}"
.size {symbol}, . - {symbol}
.section .note.GNU-stack, "", %progbits
"""


def reduced(library: Path, folder: Path, languages: Collection[str]) -> Path:
    """Make a library with less data in a folder and return its path. Needs ``as`` and ``ld``, of binutils."""
    folder.mkdir(parents=True, exist_ok=True)
    content = library.read_bytes()
    symbol = re.search(rb"\0(icudt\d+_dat)\0", content)
    if symbol is None:
        raise ValueError(f"{library} has no data of ICU")
    data, source, compiled = (folder / f"icu.{ending}" for ending in ("dat", "s", "o"))
    data.write_bytes(_package(content, languages))
    source.write_text(_ASSEMBLY.format(symbol=symbol[1].decode(), data=data))
    subprocess.run(["as", "-o", compiled, source], check=True)
    target = folder / library.name
    subprocess.run(["ld", "-shared", "-soname", library.name, "-o", target, compiled], check=True)
    return target


def _package(content: bytes, languages: Collection[str]) -> bytes:
    """Return the package (ICU's icucmndata.h) inside a library, with the items that are wanted.

    A header, the number of items, the places of each name and item from that number on, the names, the items.
    """
    begin = content.index(b"CmnD") - 12
    header = content[begin : begin + struct.unpack_from("<H", content, begin)[0]]
    items = [(name, item) for name, item in _items(content, begin + len(header)) if _is_wanted(name, languages)]
    names_at = 4 + 8 * len(items)
    item_at = _rounded(names_at + sum(len(name) + 1 for name, _ in items))
    places, names, contents = b"", b"", b""
    for name, item in items:
        places += struct.pack("<II", names_at + len(names), item_at + len(contents))
        names += name.encode() + b"\0"
        contents += item.ljust(_rounded(len(item)), b"\0")
    table = struct.pack("<I", len(items)) + places + names
    return header + table.ljust(item_at, b"\0") + contents


def _items(content: bytes, table: int) -> Iterator[tuple[str, bytes]]:
    """Yield the name and the bytes of each item; one ends where the next begins, the last at the end of all data."""
    (count,) = struct.unpack_from("<I", content, table)
    places = [struct.unpack_from("<II", content, table + 4 + 8 * number) for number in range(count)]
    ends = [item for _, item in places[1:]] + [len(content) - table]
    for (name, item), end in zip(places, ends, strict=True):
        named = content[table + name : content.index(b"\0", table + name)].decode()
        yield named, content[table + item : table + end]


def _is_wanted(name: str, languages: Collection[str]) -> bool:
    locale = _LOCALE.match(name)
    return not _UNUSED.match(name) and (locale is None or locale[1] in languages)


def _rounded(size: int) -> int:
    return -(-size // _ALIGNED) * _ALIGNED
