"""A backup as one file: a ZIP archive that any system opens, compressed, and encrypted if the owner wants it.

Encrypted means age (age-encryption.org): the archive then holds ``shop.db.gz.age`` and ``key.age``, which opens it and
is itself locked by the pass phrase. So the machine that makes backups every day keeps no secret: only who knows the
pass phrase can read them. The ``age`` tool opens both. Everything streams; a file is never in memory.
"""

from __future__ import annotations

import base64
import errno
import hashlib
import io
import json
import re
import shutil
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

from shopdesk import atomic_file
from shopdesk.domain.errors import Fault, Refused, Unavailable
from shopdesk.store.files import in_words

PLAIN, LOCKED, KEY, HOW = "shop.db", "shop.db.gz.age", "key.age", "HOW TO RESTORE.txt"
_HOW_TO = """\
This is a backup of a shop, made by shopdesk.

To restore it: install shopdesk, start it, and choose "Restore a backup" on its first page;
or in a terminal: shopdesk restore THIS-FILE

shop.db is a SQLite database. If there is shop.db.gz.age instead, the backup is locked with a pass phrase;
without shopdesk, unpack it and run: age -d -i key.age shop.db.gz.age | gunzip > shop.db
"""
_CHUNK = 1 << 20
_SHORTEST_PHRASE = 12
_HEAD = 100
_LARGEST_PAGE = 65_536
_LONGEST_KEY = 10_000
_MOST_WORK = 21
"""Of scrypt, as a power of two: two gigabytes."""
_FLAGS = 0b1000_0000_1110
"""How hard it was compressed (bits 1 and 2), sizes behind the data (3), names in UTF-8 (11)."""


@dataclass(frozen=True, slots=True)
class Lock:
    """What locks backups: anyone may lock with ``recipient``; ``identity`` opens, and is locked by the pass phrase."""

    recipient: str
    identity: str

    @staticmethod
    def read(path: Path) -> Lock | None:
        """The lock kept in a file, or None where there is none. Raises Unavailable for a file that is no lock."""
        try:
            return Lock(**json.loads(path.read_text("utf-8")))
        except FileNotFoundError:
            return None
        except (OSError, ValueError, TypeError) as error:
            raise Unavailable(
                f"The key of encrypted backups, {path}, cannot be read.", advice="Set the pass phrase again."
            ) from error

    def write(self, path: Path) -> None:
        """Keep it, in one step."""
        with in_words(f"The key of encrypted backups, {path}, cannot be written", "Nothing was changed."):
            atomic_file.write(path, json.dumps(asdict(self)).encode())


def new_lock(phrase: str) -> Lock:
    """A lock that this pass phrase opens. Takes seconds and half a gigabyte on purpose: so does each guess (scrypt)."""
    import pyrage

    if len(phrase) < _SHORTEST_PHRASE:
        text = f"Use at least {_SHORTEST_PHRASE} characters; a few words in a row are easy to remember."
        raise Refused([Fault(text, "phrase")])
    identity = pyrage.x25519.Identity.generate()
    locked: bytes = pyrage.passphrase.encrypt(f"{identity}\n".encode(), _typed(phrase), armored=True)
    return Lock(str(identity.to_public()), locked.decode())


def pack(plain: Path, target: Path, *, lock: Lock | None = None, note: str = "") -> int:
    """Make the archive and read it back before it gets its name. Returns its size in bytes.

    ``note`` stands in its comment, and names the part that a crash may leave: the next of the same note replaces it.
    Raises Unavailable when the disk does not take it; then nothing is left behind.
    """
    part = target.with_name(f".{note.replace(' ', '-') or target.name}.part")
    with in_words(f"The backup to {target} failed", "Choose another place, or free some space."):
        with atomic_file.writing(target, at=part):
            tried = _write(plain, part, lock, note)
            if _digest_of(part, tried) != _digest(plain):
                raise Unavailable(f"The backup in {target.parent} could not be read back.", advice="Check the disk.")
        return target.stat().st_size


def unpack(archive: Path, target: Path, *, phrase: str | None = None) -> None:
    """The database that is in an archive. Raises Refused for what is none, or beside the field ``phrase``."""
    with _read(archive) as opened, target.open("wb") as file:
        members = {member.filename: member for member in opened.infolist()}
        plain = _OneDatabase(file)
        if PLAIN in members:
            with opened.open(_ours(members[PLAIN])) as member:
                shutil.copyfileobj(member, plain, _CHUNK)
        elif {LOCKED, KEY} <= members.keys():
            key = opened.read(_ours(members[KEY], longest=_LONGEST_KEY))
            with opened.open(_ours(members[LOCKED])) as member:
                _unlock(member, plain, _opened(key, phrase))
        else:
            raise Refused(f"{archive} is not a backup of a shopdesk database.")


@contextmanager
def _read(archive: Path) -> Iterator[zipfile.ZipFile]:
    """An archive that may be damaged, or none. Whatever is wrong in it is Refused, in words."""
    try:
        with zipfile.ZipFile(archive) as opened:
            yield opened
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, NotImplementedError) as error:
        raise Refused(f"{archive} is damaged or not a backup. Use another one.") from error
    except OSError as error:
        if error.errno == errno.EINVAL:  # it names a place before its own beginning
            raise Refused(f"{archive} is damaged or not a backup. Use another one.") from error
        raise


def _ours(member: zipfile.ZipInfo, *, longest: int | None = None) -> zipfile.ZipInfo:
    """A member as this program packs it; nothing else is worth the risk."""
    is_plain = member.compress_type in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED} and not member.flag_bits & ~_FLAGS
    if not is_plain or (longest is not None and member.file_size > longest):
        raise zipfile.BadZipFile(f"{member.filename} was not packed by shopdesk")
    return member


class _OneDatabase(io.BufferedIOBase):
    """Takes a SQLite file, and not a byte more than its head says: a few bytes in an archive may be a full disk."""

    def __init__(self, file: IO[bytes]) -> None:
        super().__init__()
        self._file = file
        self._head = b""
        self._left = 0

    def write(self, data: Any) -> int:
        """Write it on, once the head is known."""
        part = bytes(data)
        if len(self._head) < _HEAD:
            self._head += part
            if len(self._head) < _HEAD:
                return len(data)
            part, self._left = self._head, _size(self._head)
        self._left -= len(part)
        if self._left < 0:
            raise zlib.error("it is longer than a database of its head")
        self._file.write(part)
        return len(data)


def _size(head: bytes) -> int:
    """The size of a SQLite file in bytes, as its head tells (sqlite.org/fileformat2.html, 1.3)."""
    page = int.from_bytes(head[16:18], "big")
    if not head.startswith(b"SQLite format 3\x00"):
        raise zlib.error("it is no database")
    return (_LARGEST_PAGE if page == 1 else page) * int.from_bytes(head[28:32], "big")


def is_archive(file: Path) -> bool:
    """Whether the file begins as an archive does."""
    with file.open("rb") as opened:
        return opened.read(4) == b"PK\x03\x04"


def is_locked(archive: Path) -> bool:
    """Whether the archive asks for a pass phrase."""
    with _read(archive) as opened:
        return LOCKED in opened.namelist()


def note(archive: Path) -> str:
    """What stands in its comment; empty for what is no archive, or cannot be read."""
    try:
        with _read(archive) as opened:
            return opened.comment.decode("utf-8", "replace")
    except (OSError, Refused):
        return ""


# --- writing and reading back ----------------------------------------------------------------------------------------


def _write(plain: Path, part: Path, lock: Lock | None, note: str) -> Any:
    """Fill the archive. Returns a key of this one run, so that what was encrypted can be read back and compared."""
    tried = None
    with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as archive, plain.open("rb") as source:
        archive.comment = note.encode()
        archive.writestr(HOW, _HOW_TO)
        if lock is None:
            with archive.open(PLAIN, "w", force_zip64=True) as member:
                shutil.copyfileobj(source, member, _CHUNK)
        else:
            tried = _write_locked(archive, source, lock)
    return tried


def _write_locked(archive: zipfile.ZipFile, source: IO[bytes], lock: Lock) -> Any:
    import pyrage

    tried = pyrage.x25519.Identity.generate()
    archive.writestr(KEY, lock.identity)
    stored = zipfile.ZipInfo(LOCKED)  # as it is: what is encrypted does not get smaller
    with archive.open(stored, "w", force_zip64=True) as opened:
        member: Any = opened
        try:
            pyrage.encrypt_io(_Compressed(source), member, [_recipient(lock), tried.to_public()])
        except pyrage.EncryptError as error:  # it tells of the writer's errors only in words
            raise OSError(None, re.sub(r"^OSError: (\[Errno \d+\] )?", "", str(error))) from error
    return tried


def _digest_of(part: Path, tried: Any) -> bytes:
    """The hash of the database inside, read from the disk again."""
    digest = _Digest()
    with zipfile.ZipFile(part) as archive:
        if tried is None:
            with archive.open(PLAIN) as member:
                shutil.copyfileobj(member, digest, _CHUNK)
        else:
            with archive.open(LOCKED) as member:
                _unlock(member, digest, tried)
    return digest.value()


def _digest(path: Path) -> bytes:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()


class _Digest(io.BufferedIOBase):
    """Keeps of what is written only its hash."""

    def __init__(self) -> None:
        super().__init__()
        self._hash = hashlib.sha256()
        self.value = self._hash.digest

    def write(self, data: Any) -> int:
        """Add it."""
        self._hash.update(data)
        return len(data)


# --- age -------------------------------------------------------------------------------------------------------------


def _recipient(lock: Lock) -> Any:
    import pyrage

    try:
        return pyrage.x25519.Recipient.from_str(lock.recipient)
    except pyrage.RecipientError as error:
        raise Unavailable("The key of encrypted backups is damaged.", advice="Set the pass phrase again.") from error


def _opened(identity: bytes, phrase: str | None) -> Any:
    """The key that a pass phrase opens. Raises Refused beside the field ``phrase``."""
    import pyrage

    if not phrase:
        raise Refused([Fault("This backup is encrypted. Type its pass phrase.", "phrase")])
    _require_affordable(identity)
    try:
        found = pyrage.passphrase.decrypt(identity, _typed(phrase)).decode()
        return pyrage.x25519.Identity.from_str(found.strip())
    except (pyrage.DecryptError, pyrage.IdentityError, ValueError) as error:
        raise Refused([Fault("This pass phrase does not open the backup. Try again.", "phrase")]) from error


def _require_affordable(identity: bytes) -> None:
    """The library tries a key that asks for gigabytes and a minute; ours ask for a fraction of one, and a second."""
    with suppress(ValueError):
        if identity.startswith(b"-----"):
            identity = base64.b64decode(b"".join(identity.splitlines()[1:-1]))
        stanza = re.search(rb"\n-> scrypt \S+ (\d+)\n", identity[:200])
        if stanza and int(stanza[1]) > _MOST_WORK:
            raise zlib.error("its key takes too much work")


def _typed(phrase: str) -> str:
    """The same letters as the same bytes, whatever keyboard they were typed on."""
    return unicodedata.normalize("NFC", phrase)


def _unlock(member: Any, plain: io.BufferedIOBase, identity: Any) -> None:
    import pyrage

    writer = _Expanding(plain)
    try:
        pyrage.decrypt_io(member, writer, [identity])
    except pyrage.DecryptError as error:
        raise zlib.error(str(error)) from error
    except OSError as error:
        # Its own faults come as errors of the system without a number: those of the disk have one.
        if error.errno is None and writer.error is None:
            raise zlib.error(str(error)) from error
        raise writer.error or error from error
    writer.finish()


class _Compressed(io.BufferedIOBase):
    """A file as gzip compresses it, while somebody reads it."""

    def __init__(self, source: IO[bytes]) -> None:
        super().__init__()
        self._source = source
        self._rest = bytearray()
        self._gzip: Any = zlib.compressobj(wbits=zlib.MAX_WBITS | 16)

    def read(self, size: int | None = -1) -> bytes:
        """The next bytes; none at the end."""
        size = _CHUNK if size is None or size < 0 else size
        while self._gzip is not None and len(self._rest) < size:
            if data := self._source.read(_CHUNK):
                self._rest += self._gzip.compress(data)
            else:
                self._rest += self._gzip.flush()
                self._gzip = None
        data = bytes(self._rest[:size])
        del self._rest[:size]
        return data


class _Expanding(io.BufferedIOBase):
    """Writes on what was compressed by gzip, expanded."""

    def __init__(self, target: io.BufferedIOBase) -> None:
        super().__init__()
        self._target = target
        self._gzip = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
        self.error: Exception | None = None

    def write(self, data: Any) -> int:
        """A part of the compressed bytes, of any length."""
        try:
            self._target.write(self._gzip.decompress(data))
        except (OSError, zlib.error) as error:
            self.error = error  # the library tells of it only in words
            raise
        return len(data)

    def finish(self) -> None:
        """Refuse what ended too early."""
        if not self._gzip.eof:
            raise zlib.error("it ends too early")
