"""Backup archives: a compressed ZIP file that any system opens, encrypted if the owner wants it.

Encryption is age (age-encryption.org): the archive then holds ``shop.db.gz.age`` and its key ``key.age``, which is
itself encrypted with the pass phrase. So the computer that makes the daily backups stores no secret: only those who
know the pass phrase can read them. The ``age`` tool opens both. Everything is streamed; a file is never in memory as a
whole.
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
from shopdesk.domain.errors import FieldError, Refused, Unavailable
from shopdesk.domain.sentence import sentence
from shopdesk.store.disk_errors import explained, require_space

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
"""The highest scrypt work factor accepted, as a power of two: 2 GB of memory."""
_FLAGS = 0b1000_0000_1110
"""The ZIP flags accepted: compression level (bits 1 and 2), sizes after the data (3), names in UTF-8 (11)."""


@dataclass(frozen=True, slots=True)
class BackupKey:
    """The key of encrypted backups: ``recipient`` encrypts; ``identity`` (encrypted by the pass phrase) decrypts."""

    recipient: str
    identity: str

    @staticmethod
    def read(path: Path) -> BackupKey | None:
        """Return the key in a file, or None without one. Raises Unavailable if the file cannot be read."""
        try:
            return BackupKey(**json.loads(path.read_text("utf-8")))
        except FileNotFoundError:
            return None
        except (OSError, ValueError, TypeError) as error:
            raise Unavailable(
                sentence("The key of encrypted backups, {path}, cannot be read.", path=path),
                advice=sentence("Set the pass phrase again."),
            ) from error

    def write(self, path: Path) -> None:
        """Write the key to a file in one step. Raises Unavailable."""
        with explained(
            sentence("The key of encrypted backups, {path}, cannot be written", path=path),
            sentence("Nothing was changed."),
        ):
            atomic_file.write(path, json.dumps(asdict(self)).encode())


def new_backup_key(phrase: str) -> BackupKey:
    """Return a new key for this pass phrase. Takes seconds and 0.5 GB on purpose, as does each guess (scrypt)."""
    import pyrage

    if len(phrase) < _SHORTEST_PHRASE:
        text = sentence(
            "Use at least {least} characters. A few words in a row are easy to remember.",
            least=_SHORTEST_PHRASE,
        )
        raise Refused([FieldError(text, "phrase")])
    identity = pyrage.x25519.Identity.generate()
    locked: bytes = pyrage.passphrase.encrypt(f"{identity}\n".encode(), _typed(phrase), armored=True)
    return BackupKey(str(identity.to_public()), locked.decode())


def check_phrase(lock: BackupKey, phrase: str | None) -> None:
    """Raise Refused (field ``phrase``) unless the pass phrase opens the key of the backups. Takes seconds."""
    _opened(lock.identity.encode(), phrase)


def pack(plain: Path, target: Path, *, lock: BackupKey | None = None, note: str = "") -> int:
    """Write an archive and read it back before it gets its name. Return its size in bytes.

    ``note`` is its comment, and names the partial file that a crash may leave: the next archive with the same note
    replaces it. Raises Unavailable if the disk fails; then nothing is left behind.
    """
    part = target.with_name(f".{note.replace(' ', '-') or target.name}.part")
    with explained(
        sentence("The backup to {target} failed", target=target),
        sentence("Choose another folder, or free up some space."),
    ):
        with atomic_file.writing(target, at=part):
            tried = _write(plain, part, lock, note)
            if _digest_of(part, tried) != _digest(plain):
                raise Unavailable(
                    sentence("The backup in {parent} could not be read back.", parent=target.parent),
                    advice=sentence("Check the disk."),
                )
        return target.stat().st_size


def unpack(archive: Path, target: Path, *, phrase: str | None = None) -> None:
    """Write the database of an archive to ``target``. Raises Refused (field ``phrase``: wrong pass phrase)."""
    with _read(archive) as opened, target.open("wb") as file:
        members = {member.filename: member for member in opened.infolist()}
        plain = _OneDatabase(file, target.parent)
        if PLAIN in members:
            plain.told = members[PLAIN].file_size
            with opened.open(_ours(members[PLAIN])) as member:
                shutil.copyfileobj(member, plain, _CHUNK)
        elif {LOCKED, KEY} <= members.keys():
            key = opened.read(_ours(members[KEY], longest=_LONGEST_KEY))
            with opened.open(_ours(members[LOCKED])) as member:
                _unlock(member, plain, _opened(key, phrase))
        else:
            raise Refused(sentence("{archive} is not a backup of a shopdesk database.", archive=archive))
        plain.finish()


@contextmanager
def _read(archive: Path) -> Iterator[zipfile.ZipFile]:
    """Open an archive that may be damaged or not an archive. Raises Refused if so."""
    try:
        with zipfile.ZipFile(archive) as opened:
            yield opened
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, NotImplementedError) as error:
        raise Refused(sentence("{archive} is damaged or not a backup. Use another one.", archive=archive)) from error
    except OSError as error:
        if error.errno == errno.EINVAL:  # an offset in it is negative
            raise Refused(
                sentence("{archive} is damaged or not a backup. Use another one.", archive=archive)
            ) from error
        raise


def _ours(member: zipfile.ZipInfo, *, longest: int | None = None) -> zipfile.ZipInfo:
    """Return the member if shopdesk may have packed it; reject every other one as a risk."""
    is_plain = member.compress_type in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED} and not member.flag_bits & ~_FLAGS
    if not is_plain or (longest is not None and member.file_size > longest):
        raise zipfile.BadZipFile(f"{member.filename} was not packed by shopdesk")
    return member


class _OneDatabase(io.BufferedIOBase):
    """A writer that accepts a SQLite file of the size in its header only: a small archive could fill the disk.

    The size is compared with the free space, and with what the archive tells of it, before anything is written.
    """

    def __init__(self, file: IO[bytes], folder: Path) -> None:
        super().__init__()
        self.told: int | None = None
        self._file = file
        self._folder = folder
        self._head = b""
        self._left = 0

    def write(self, data: Any) -> int:
        """Write the data, once the header is complete."""
        part = bytes(data)
        if len(self._head) < _HEAD:
            self._head += part
            if len(self._head) < _HEAD:
                return len(data)
            part, self._left = self._head, _size(self._head)
            if self.told not in {None, self._left}:
                raise zlib.error("it is not as long as a database of its head")
            require_space(self._left, self._folder)
        self._left -= len(part)
        if self._left < 0:
            raise zlib.error("it is longer than a database of its head")
        self._file.write(part)
        return len(data)

    def finish(self) -> None:
        """Raise zlib.error if the database ended too early."""
        if self._left or len(self._head) < _HEAD:
            raise zlib.error("it ends before a database of its head")


def _size(head: bytes) -> int:
    """Return the size of a SQLite file in bytes from its header (sqlite.org/fileformat2.html, 1.3)."""
    page = int.from_bytes(head[16:18], "big")
    if not head.startswith(b"SQLite format 3\x00"):
        raise zlib.error("it is no database")
    return (_LARGEST_PAGE if page == 1 else page) * int.from_bytes(head[28:32], "big")


def is_archive(file: Path) -> bool:
    """Return True if the file begins like a ZIP archive."""
    with file.open("rb") as opened:
        return opened.read(4) == b"PK\x03\x04"


def is_encrypted(archive: Path) -> bool:
    """Return True if the archive needs a pass phrase."""
    with _read(archive) as opened:
        return LOCKED in opened.namelist()


def comment(archive: Path) -> str:
    """Return the comment of an archive; empty if it is not an archive or cannot be read."""
    try:
        with _read(archive) as opened:
            return opened.comment.decode("utf-8", "replace")
    except (OSError, Refused):
        return ""


# --- writing and reading back ----------------------------------------------------------------------------------------


def _write(plain: Path, part: Path, lock: BackupKey | None, note: str) -> Any:
    """Write the archive. Return a one-time key with which the encrypted data can be read back, or None."""
    tried = None
    with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as archive, plain.open("rb") as source:
        archive.comment = note.encode()
        archive.writestr(HOW, _HOW_TO)
        if lock is None:
            with archive.open(PLAIN, "w", force_zip64=True) as member:
                shutil.copyfileobj(source, member, _CHUNK)
        else:
            tried = _write_encrypted(archive, source, lock)
    return tried


def _write_encrypted(archive: zipfile.ZipFile, source: IO[bytes], lock: BackupKey) -> Any:
    import pyrage

    tried = pyrage.x25519.Identity.generate()
    archive.writestr(KEY, lock.identity)
    stored = zipfile.ZipInfo(LOCKED)  # not compressed: encrypted data does not get smaller
    with archive.open(stored, "w", force_zip64=True) as opened:
        member: Any = opened
        try:
            pyrage.encrypt_io(_Compressed(source), member, [_recipient(lock), tried.to_public()])
        except pyrage.EncryptError as error:  # the library reports the writer's errors only as text
            raise OSError(None, re.sub(r"^OSError: (\[Errno \d+\] )?", "", str(error))) from error
    return tried


def _digest_of(part: Path, tried: Any) -> bytes:
    """Return the hash of the database in the archive, read from the disk again."""
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
    """A writer that keeps only the hash of the data."""

    def __init__(self) -> None:
        super().__init__()
        self._hash = hashlib.sha256()
        self.value = self._hash.digest

    def write(self, data: Any) -> int:
        """Add data to the hash."""
        self._hash.update(data)
        return len(data)


# --- age -------------------------------------------------------------------------------------------------------------


def _recipient(lock: BackupKey) -> Any:
    import pyrage

    try:
        return pyrage.x25519.Recipient.from_str(lock.recipient)
    except pyrage.RecipientError as error:
        raise Unavailable(
            sentence("The key of encrypted backups is damaged."), advice=sentence("Set the pass phrase again.")
        ) from error


def _opened(identity: bytes, phrase: str | None) -> Any:
    """Return the decryption key that a pass phrase opens. Raises Refused with the field ``phrase``."""
    import pyrage

    if not phrase:
        raise Refused([FieldError(sentence("This backup is encrypted. Enter its pass phrase."), "phrase")])
    _require_affordable(identity)
    try:
        found = pyrage.passphrase.decrypt(identity, _typed(phrase)).decode()
        return pyrage.x25519.Identity.from_str(found.strip())
    except (pyrage.DecryptError, pyrage.IdentityError, ValueError) as error:
        raise Refused(
            [FieldError(sentence("This pass phrase does not open the backup. Try again."), "phrase")]
        ) from error


def _require_affordable(identity: bytes) -> None:
    """Reject a key with a high work factor: the library would take gigabytes and a minute; shopdesk's keys a second."""
    with suppress(ValueError):
        if identity.startswith(b"-----"):
            identity = base64.b64decode(b"".join(identity.splitlines()[1:-1]))
        stanza = re.search(rb"\n-> scrypt \S+ (\d+)\n", identity[:200])
        if stanza and int(stanza[1]) > _MOST_WORK:
            raise zlib.error("its key takes too much work")


def _typed(phrase: str) -> str:
    """Return a pass phrase in NFC, so that the same letters are the same bytes from any keyboard."""
    return unicodedata.normalize("NFC", phrase)


def _unlock(member: Any, plain: io.BufferedIOBase, identity: Any) -> None:
    import pyrage

    writer = _Expanding(plain)
    try:
        pyrage.decrypt_io(member, writer, [identity])
    except pyrage.DecryptError as error:
        raise zlib.error(str(error)) from error
    except OSError as error:
        # The library's own errors are OSErrors without a number; those of the disk have one.
        if error.errno is None and writer.error is None:
            raise zlib.error(str(error)) from error
        raise writer.error or error from error
    writer.finish()


class _Compressed(io.BufferedIOBase):
    """A reader that compresses a file with gzip while it is read."""

    def __init__(self, source: IO[bytes]) -> None:
        super().__init__()
        self._source = source
        self._rest = bytearray()
        self._gzip: Any = zlib.compressobj(wbits=zlib.MAX_WBITS | 16)

    def read(self, size: int | None = -1) -> bytes:
        """Return the next compressed bytes; none at the end."""
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
    """A writer that decompresses gzip data into another one. ``error`` is the error that stopped it."""

    def __init__(self, target: io.BufferedIOBase) -> None:
        super().__init__()
        self._target = target
        self._gzip = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
        self.error: Exception | None = None

    def write(self, data: Any) -> int:
        """Decompress the next bytes, of any length."""
        try:
            self._target.write(self._gzip.decompress(data))
        except (OSError, zlib.error) as error:
            self.error = error  # the library reports it only as text
            raise
        return len(data)

    def finish(self) -> None:
        """Raise zlib.error if the data ended too early."""
        if not self._gzip.eof:
            raise zlib.error("it ends too early")
