"""Passwords as they are kept: hashed with Argon2id (RFC 9106), slowly enough that a stolen database is of little use.

One hash takes about a tenth of a second and 46 MiB: never on the window thread.
"""

from __future__ import annotations

import base64
import os
import unicodedata
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from argon2 import PasswordHasher

# OWASP's choice for Argon2id: 46 MiB, one pass, one lane. When these are raised, `needs_rehash` finds the older hashes.
_MEMORY_KIB = 46 * 1024
_PASSES = 1
_LANES = 1
_SALT_BYTES = 16
_HASH_BYTES = 32


def hash_password(password: str) -> str:
    """The password as it is kept: algorithm, parameters, salt and hash in one text."""
    return _hasher().hash(_bytes(password))


def matches(kept: str, password: str) -> bool:
    """Whether the password is the one that was hashed. An account without a password takes as long to say no."""
    from argon2.exceptions import InvalidHashError, VerificationError

    try:
        return _hasher().verify(kept or decoy(), _bytes(password))
    except (VerificationError, InvalidHashError):
        return False


def needs_rehash(kept: str) -> bool:
    """Whether the hash was made with other parameters than today's: hash the password anew at its next sign-in."""
    return _hasher().check_needs_rehash(kept)


@cache
def decoy() -> str:
    """A hash that no password matches, to check against for an unknown user: the answer takes the same time.

    It costs nothing to make, so that the first unknown user is not slower than the others.
    """
    salt, nothing = (_base64(os.urandom(length)) for length in (_SALT_BYTES, _HASH_BYTES))
    return f"$argon2id$v=19$m={_MEMORY_KIB},t={_PASSES},p={_LANES}${salt}${nothing}"


@cache
def common() -> frozenset[str]:
    """Passwords that many people choose, in small letters."""
    return frozenset()


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
