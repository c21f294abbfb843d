"""Password hashing with Argon2id (RFC 9106), slow enough that a stolen database is of little use.

One hash takes about a tenth of a second and 46 MiB: never run it on the window thread.
"""

from __future__ import annotations

import base64
import gzip
import os
import secrets
import unicodedata
from collections.abc import Iterator
from functools import cache
from itertools import chain
from typing import TYPE_CHECKING

from shopdesk.domain.account import MIN_PASSWORD_LENGTH
from shopdesk.paths import resources
from shopdesk.store.accounts import ONE_TIME

if TYPE_CHECKING:
    from argon2 import PasswordHasher

# OWASP's choice for Argon2id: 46 MiB, one pass, one lane. When these are raised, `needs_rehash` finds the older hashes.
_MEMORY_KIB = 46 * 1024
_PASSES = 1
_LANES = 1
_SALT_BYTES = 16
_HASH_BYTES = 32

_DIGITS = "1234567890123"
_LONGEST_MADE = 20


def hash_password(password: str) -> str:
    """Return the hash to store: algorithm, parameters, salt and hash in one text."""
    return _hasher().hash(_bytes(password))


def hash_one_time(password: str) -> str:
    """Return the hash to store of a password that has to be changed at the first sign-in."""
    return ONE_TIME + hash_password(password)


def readable_password() -> str:
    """Return a random password that is easy to read out and to type once: “kovag-tumil-rasek”, 53 bits."""
    return "-".join("".join(secrets.choice(_SOUNDS[at % 2]) for at in range(5)) for _ in range(3))


_SOUNDS = ("bdfghjklmnprstvz", "aeiou")


def matches(kept: str, password: str) -> bool:
    """Return True if the password fits the hash. An account without a password takes as long to refuse."""
    from argon2.exceptions import InvalidHashError, VerificationError

    try:
        return _hasher().verify(kept.removeprefix(ONE_TIME) or decoy(), _bytes(password))
    except (VerificationError, InvalidHashError):
        return False


def needs_rehash(kept: str) -> bool:
    """Return True if the hash has other parameters than today's: hash the password anew at its next sign-in."""
    return not kept.startswith(ONE_TIME) and _hasher().check_needs_rehash(kept)


@cache
def decoy() -> str:
    """Return a hash that no password matches, to check for an unknown user, so that the timing is the same.

    It costs nothing to make, so that the first unknown user is not slower than the others.
    """
    salt, nothing = (_base64(os.urandom(length)) for length in (_SALT_BYTES, _HASH_BYTES))
    return f"$argon2id$v=19$m={_MEMORY_KIB},t={_PASSES},p={_LANES}${salt}${nothing}"


@cache
def common() -> frozenset[str]:
    """Return common passwords of 15 characters and more, in lower case, some 26,000 (3 MB).

    They are the known ones, and those derived from short ones: repeated, extended by digits, or two in a row.
    """
    words = gzip.decompress((resources() / "passwords" / "common.txt.gz").read_bytes()).decode("ascii").splitlines()
    short = [word for word in words if len(word) < MIN_PASSWORD_LENGTH]  # the most common first
    made = (word for word in _made_of(short) if MIN_PASSWORD_LENGTH <= len(word) <= _LONGEST_MADE)
    return frozenset(chain((word for word in words if len(word) >= MIN_PASSWORD_LENGTH), made))


def _made_of(short: list[str]) -> Iterator[str]:
    for word in short:
        yield from (word * times for times in range(2, 9))
        yield from (word + _DIGITS[:count] for count in range(3, len(_DIGITS) + 1))
        yield from (_DIGITS[:count] + word for count in (3, 6, 8, 9, 10))
    for first in short[:100]:
        yield from (first + second for second in short[:100])


@cache
def _hasher() -> PasswordHasher:
    from argon2 import PasswordHasher

    return PasswordHasher(
        time_cost=_PASSES,
        memory_cost=_MEMORY_KIB,
        parallelism=_LANES,
        hash_len=_HASH_BYTES,
        salt_len=_SALT_BYTES,
    )


def _bytes(password: str) -> bytes:
    # NIST SP 800-63B-4, 3.1.1.2: one normal form, so that the same letters match whatever keyboard typed them.
    return unicodedata.normalize("NFC", password).encode("utf-8", "surrogatepass")


def _base64(raw: bytes) -> str:
    return base64.b64encode(raw).rstrip(b"=").decode("ascii")
