"""Password hashing with Argon2id (RFC 9106), slow enough that a stolen database is of little use.

The SHA-256 of what Argon2id makes of a password is stored. So a server that knows no Argon2id can compare: a till sends
what Argon2id made (``proof``), which cannot be found from what is stored.

One hash takes about a tenth of a second and 46 MiB: never run it on the window thread.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import hmac
import os
import re
import secrets
import unicodedata
from collections.abc import Iterator
from functools import cache
from itertools import chain

from shopdesk.domain.account import MIN_PASSWORD_LENGTH
from shopdesk.paths import resources
from shopdesk.store.accounts import ONE_TIME

# OWASP's choice for Argon2id: 46 MiB, one pass, one lane. When these are raised, `needs_rehash` finds the older hashes.
_MEMORY_KIB = 46 * 1024
_PASSES = 1
_LANES = 1
_SALT_BYTES = 16
_HASH_BYTES = 32
_SALT = re.compile(r"\$argon2id-sha256\$v=19\$m=([0-9]+),t=([0-9]+),p=([0-9]+)\$([A-Za-z0-9+/]{11,})(?:\$|$)")

_DIGITS = "1234567890123"
_LONGEST_MADE = 20


def hash_password(password: str) -> str:
    """Return the hash to store: algorithm, parameters, salt and hash in one text.

    It ends in random bytes, so that the mark of it in the journal helps no one to try passwords.
    """
    salt = f"{usual()}${_base64(os.urandom(_SALT_BYTES))}"
    return f"{salt}${_base64(hashlib.sha256(proof(salt, password)).digest())}${_base64(os.urandom(_SALT_BYTES))}"


def proof(salt: str, password: str) -> bytes:
    """Return what Argon2id makes of a password, with parameters and salt of ``salt``: a stored hash, or its beginning.

    An account without a password takes as long to refuse; a text that is no such beginning makes empty bytes.
    """
    from argon2.exceptions import HashingError
    from argon2.low_level import Type, hash_secret_raw

    if (found := _SALT.match(salt.removeprefix(ONE_TIME) or decoy())) is None:
        return b""
    memory, passes, lanes = (int(number) for number in found.groups()[:3])
    try:
        return hash_secret_raw(
            _bytes(password),
            base64.b64decode(found[4] + "=" * (-len(found[4]) % 4)),
            time_cost=passes,
            memory_cost=memory,
            parallelism=lanes,
            hash_len=_HASH_BYTES,
            type=Type.ID,
        )
    except HashingError:
        return b""


def hash_one_time(password: str) -> str:
    """Return the hash to store of a password that has to be changed at the first sign-in."""
    return ONE_TIME + hash_password(password)


def readable_password() -> str:
    """Return a random password that is easy to read out and to type once: “kovag-tumil-rasek”, 53 bits."""
    return "-".join("".join(secrets.choice(_SOUNDS[at % 2]) for at in range(5)) for _ in range(3))


_SOUNDS = ("bdfghjklmnprstvz", "aeiou")


def matches(kept: str, password: str) -> bool:
    """Return True if the password fits the hash. An account without a password takes as long to refuse."""
    digest = _base64(hashlib.sha256(proof(kept, password)).digest())
    return hmac.compare_digest("".join(kept.split("$")[5:6]), digest)


def needs_rehash(salt: str) -> bool:
    """Return True if a hash has other parameters than today's: hash the password anew at its next sign-in."""
    return not salt.startswith((ONE_TIME, f"{usual()}$"))


def usual() -> str:
    """Return algorithm and parameters of a new hash."""
    return f"$argon2id-sha256$v=19$m={_MEMORY_KIB},t={_PASSES},p={_LANES}"


@cache
def decoy() -> str:
    """Return a hash that no password matches, to check for an unknown user, so that the timing is the same.

    It costs nothing to make, so that the first unknown user is not slower than the others.
    """
    salt, nothing, more = (_base64(os.urandom(length)) for length in (_SALT_BYTES, _HASH_BYTES, _SALT_BYTES))
    return f"{usual()}${salt}${nothing}${more}"


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


def _bytes(password: str) -> bytes:
    # NIST SP 800-63B-4, 3.1.1.2: one normal form, so that the same letters match whatever keyboard typed them.
    return unicodedata.normalize("NFC", password).encode("utf-8", "surrogatepass")


def _base64(raw: bytes) -> str:
    return base64.b64encode(raw).rstrip(b"=").decode("ascii")
