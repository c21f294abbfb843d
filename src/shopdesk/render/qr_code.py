"""QR codes (ISO/IEC 18004) of a text: bytes in UTF-8, error correction M, versions 1 to 26, drawn as vectors.

Made here, as an invoice with its code must not take half as long again as one without: to import reportlab's takes
0.4 s, as all kinds of bar codes come with it, and segno takes two to thirty times as long for a code.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

Modules = tuple[tuple[bool, ...], ...]
"""Rows of a code from the top, True for black."""
_MASK = 3
"""One of eight, which every reader knows. Choosing the best, as the standard advises, takes twelve times as long."""
# Of error correction M by version, from 1 (table 9): its codewords in each block, and the blocks.
_CORRECTION = (10, 16, 26, 18, 24, 16, 18, 22, 22, 26, 30, 22, 22, 24, 24, 28, 28, 26, 26, 26, 26, 28, 28, 28, 28, 28)
_BLOCKS = (1, 1, 1, 2, 2, 4, 4, 4, 5, 5, 5, 8, 9, 9, 10, 10, 11, 13, 14, 16, 17, 17, 18, 20, 21, 23)
_SMALL = 9
"""The last version whose length has 8 bits."""


def modules(content: str) -> Modules:
    """Return the code of a text in the smallest version that holds it: at most 1,059 bytes. Raise ValueError."""
    octets = content.encode()
    version = next((one for one in range(1, len(_BLOCKS) + 1) if _bits(octets, one) <= 8 * _capacity(one)), 0)
    if not version:
        raise ValueError("the text is too long for a code")
    drawn, free = _frame(version)
    rows = [list(row) for row in drawn]
    codewords = _interleaved(_codewords(octets, version), version)
    for place, (x, y) in enumerate(free):
        at, bit = divmod(place, 8)
        is_black = at < len(codewords) and bool(codewords[at] >> (7 - bit) & 1)
        rows[y][x] = is_black != ((x + y) % 3 == 0)
    return tuple(map(tuple, rows))


# --- the data ---------------------------------------------------------------------------------------------------------


def _bits(octets: bytes, version: int) -> int:
    """Return the bits that mode, length and content take (7.4.5)."""
    return 4 + (8 if version <= _SMALL else 16) + 8 * len(octets)


def _all_codewords(version: int) -> int:
    """Return the codewords that a version has room for, those of the correction among them."""
    free = (16 * version + 128) * version + 64
    if version >= 2:
        aligned = version // 7 + 2
        free -= (25 * aligned - 10) * aligned - 55
    return (free - 36 if version >= 7 else free) // 8


def _capacity(version: int) -> int:
    return _all_codewords(version) - _CORRECTION[version - 1] * _BLOCKS[version - 1]


def _codewords(octets: bytes, version: int) -> bytes:
    """Return the data: mode 4, length, content, end, and padding (7.4)."""
    length = 8 if version <= _SMALL else 16
    number = (4 << length | len(octets)) << 8 * len(octets) | int.from_bytes(octets, "big")
    bits, room = _bits(octets, version), 8 * _capacity(version)
    end = min(4, room - bits)
    fill = -(bits + end) % 8
    data = (number << (end + fill)).to_bytes((bits + end + fill) // 8, "big")
    return data + (b"\xec\x11" * room)[: _capacity(version) - len(data)]


def _interleaved(data: bytes, version: int) -> bytes:
    """Return data and correction of all blocks, the first codeword of each, then the second … (7.6)."""
    count, correction = _BLOCKS[version - 1], _CORRECTION[version - 1]
    least, longer = divmod(len(data), count)
    blocks, start = [], 0
    for at in range(count):
        size = least + (at >= count - longer)
        blocks.append(data[start : start + size])
        start += size
    checks = [_remainder(block, _divisor(correction)) for block in blocks]
    mixed = [block[at] for at in range(least + 1) for block in blocks if at < len(block)]
    mixed += [check[at] for at in range(correction) for check in checks]
    return bytes(mixed)


def _tables() -> tuple[list[int], list[int]]:
    """Return powers of 2 and their logarithms in the field of 256 elements (polynomial 0x11D)."""
    powers, logs, value = [], [0] * 256, 1
    for exponent in range(255):
        powers.append(value)
        logs[value] = exponent
        value = value << 1 ^ (0x11D if value & 0x80 else 0)
    return powers * 2, logs


_POWERS, _LOGS = _tables()


def _product(one: int, other: int) -> int:
    return _POWERS[_LOGS[one] + _LOGS[other]] if one and other else 0


@lru_cache(maxsize=8)
def _divisor(degree: int) -> tuple[int, ...]:
    """Return the generator polynomial without its leading 1 (annex A)."""
    result = [0] * (degree - 1) + [1]
    for exponent in range(degree):
        root = _POWERS[exponent]
        result = [_product(part, root) ^ following for part, following in zip(result, [*result[1:], 0], strict=True)]
    return tuple(result)


def _remainder(block: bytes, divisor: tuple[int, ...]) -> list[int]:
    """Return the correction of a block: the remainder of its division (Reed-Solomon)."""
    logs = [_LOGS[part] for part in divisor]  # no part of these polynomials is 0
    result = [0] * len(divisor)
    for octet in block:
        factor = octet ^ result[0]
        result = [*result[1:], 0]
        if factor:
            shift = _LOGS[factor]
            result = [part ^ _POWERS[shift + log] for part, log in zip(result, logs, strict=True)]
    return result


# --- the frame --------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=8)
def _frame(version: int) -> tuple[Modules, tuple[tuple[int, int], ...]]:
    """Return the modules that are alike in all codes of a version, and the places of the others in their order."""
    fixed = dict(_fixed(version))
    size = 4 * version + 17
    rows = tuple(tuple(fixed.get((x, y), False) for x in range(size)) for y in range(size))
    return rows, tuple(place for place in _zigzag(size) if place not in fixed)


def _fixed(version: int) -> Iterator[tuple[tuple[int, int], bool]]:
    """Yield place and colour of the fixed modules; what comes later replaces what came before (6.3)."""
    size = 4 * version + 17
    for at in range(size):
        yield (6, at), at % 2 == 0
        yield (at, 6), at % 2 == 0
    for left, top in ((3, 3), (size - 4, 3), (3, size - 4)):
        for dx, dy in _square(4):
            if 0 <= left + dx < size and 0 <= top + dy < size:
                yield (left + dx, top + dy), max(abs(dx), abs(dy)) not in {2, 4}
    centres = _alignment(version, size)
    corners = {(6, 6), (6, size - 7), (size - 7, 6)}
    for centre in [(x, y) for x in centres for y in centres if (x, y) not in corners]:
        for dx, dy in _square(2):
            yield (centre[0] + dx, centre[1] + dy), max(abs(dx), abs(dy)) != 1
    yield from _format(size)
    if version >= 7:
        yield from _version(version, size)


def _square(reach: int) -> list[tuple[int, int]]:
    return [(dx, dy) for dx in range(-reach, reach + 1) for dy in range(-reach, reach + 1)]


def _alignment(version: int, size: int) -> list[int]:
    """Return the centres of the alignment patterns in each direction (annex E)."""
    if version == 1:
        return []
    count = version // 7 + 2
    step = (version * 8 + count * 3 + 5) // (count * 4 - 4) * 2
    return [6, *(size - 7 - at * step for at in range(count - 1))]


def _format(size: int) -> Iterator[tuple[tuple[int, int], bool]]:
    """Yield both copies of correction level and mask, and the dark module (7.9)."""
    bits = (_MASK << 10 | _checked(_MASK, 10, 0x537)) ^ 0x5412  # the level M is 0
    one = [(8, at) for at in (0, 1, 2, 3, 4, 5, 7, 8)] + [(at, 8) for at in (7, 5, 4, 3, 2, 1, 0)]
    other = [(size - 1 - at, 8) for at in range(8)] + [(8, size - 15 + at) for at in range(8, 15)]
    for places in (one, other):
        for at, place in enumerate(places):
            yield place, bool(bits >> at & 1)
    yield (8, size - 8), True


def _version(version: int, size: int) -> Iterator[tuple[tuple[int, int], bool]]:
    """Yield both copies of the version (7.10)."""
    bits = version << 12 | _checked(version, 12, 0x1F25)
    for at in range(18):
        far, near = size - 11 + at % 3, at // 3
        yield (far, near), bool(bits >> at & 1)
        yield (near, far), bool(bits >> at & 1)


def _checked(value: int, degree: int, polynomial: int) -> int:
    """Return the check bits of a value (BCH, annexes C and D)."""
    for _ in range(degree):
        value = value << 1 ^ (value >> (degree - 1)) * polynomial
    return value


def _zigzag(size: int) -> Iterator[tuple[int, int]]:
    """Yield all places in the order of the data: pairs of columns from the right, up and down (7.7.3)."""
    for number, right in enumerate([*range(size - 1, 6, -2), *range(5, 0, -2)]):
        for step in range(size):
            y = size - 1 - step if number % 2 == 0 else step
            yield right, y
            yield right - 1, y
