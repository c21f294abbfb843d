"""Local drafts: open documents stored on this machine while the database is unreachable, one small file each.

A file is removed once the database has the draft. Drafts contain customers' purchases, so they are encrypted with a
key that is only in the keyring (Fernet: AES-128-CBC and HMAC-SHA-256). Without a keyring they are plain files that only
this user can read, and the editor shows that. A file that cannot be read is renamed, never deleted, and never stops the
program.
"""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

from shopdesk import atomic_file
from shopdesk.domain.document import Kind
from shopdesk.domain.draft import DraftForm, DraftRow, LocalDraft
from shopdesk.domain.errors import Unavailable
from shopdesk.gateways import keychain

if TYPE_CHECKING:
    from cryptography.fernet import Fernet

FOLDER = "open documents"
_ENDING = ".draft"
_NAME = "open documents"
_SEALED, _CLEAR = b"shopdesk open document 1, sealed\n", b"shopdesk open document 1, clear\n"
_UNREADABLE = (ValueError, KeyError, TypeError, AttributeError, RecursionError)


class _Closed(Exception):
    """The keyring does not give out the key now; the file is fine and stays in place."""


@dataclass(frozen=True, slots=True)
class LocalDrafts:
    """The local drafts, oldest first, and a message for each file that could not be read."""

    documents: tuple[LocalDraft, ...] = ()
    troubles: tuple[str, ...] = ()


class LocalDraftStore:
    """The folder with the local drafts. Safe to call from several workers at once; the keyring may block."""

    def __init__(self, home: Path) -> None:
        self._folder = home / FOLDER
        self._lock = threading.Lock()
        self._fernet: Fernet | None = None
        self._is_keyless = False

    def save(self, document: LocalDraft) -> bool:
        """Store a draft in place of its previous version; return True if it is encrypted. Raises OSError."""
        with self._lock:
            fernet = self._key_to_write()
            content = json.dumps(_to_facts(document)).encode()
            whole = _SEALED + fernet.encrypt(content) if fernet else _CLEAR + content
            self._folder.mkdir(mode=0o700, exist_ok=True)
            atomic_file.write(self._file(document.form.key), whole)
        return fernet is not None

    def remove(self, key: UUID) -> None:
        """Remove a draft that the database has now, if it is stored. Raises OSError."""
        with self._lock:
            self._file(key).unlink(missing_ok=True)

    def load(self) -> LocalDrafts:
        """Read all stored drafts. Raises OSError if the folder cannot be read."""
        with self._lock:
            if not self._folder.is_dir():
                return LocalDrafts()
            for half in _half_written(self._folder):
                half.unlink(missing_ok=True)
            documents: list[LocalDraft] = []
            troubles: list[str] = []
            for file in sorted(self._folder.glob(f"*{_ENDING}")):
                try:
                    documents.append(self._read(file))
                except _Closed as closed:
                    troubles.append(f"A draft saved on this machine cannot be opened now. {closed}")
                except (OSError, *_UNREADABLE):
                    troubles.append(_set_aside(file))
            documents.sort(key=lambda document: document.changed_at)
            return LocalDrafts(tuple(documents), tuple(dict.fromkeys(troubles)))

    # --- inside ---

    def _file(self, key: UUID) -> Path:
        return self._folder / f"{key}{_ENDING}"

    def _read(self, file: Path) -> LocalDraft:
        whole = file.read_bytes()
        if whole.startswith(_CLEAR):
            content = whole.removeprefix(_CLEAR)
        elif whole.startswith(_SEALED):
            content = _opened(self._key_to_read(), whole.removeprefix(_SEALED))
        else:
            raise ValueError("no such file was ever written")
        facts = json.loads(content)
        json.dumps(facts, ensure_ascii=False).encode()  # half a character has no bytes and could not be stored
        document = _from_facts(facts)
        if self._file(document.form.key) != file:
            raise ValueError("it is another document's file")
        return document

    def _key_to_read(self) -> Fernet:
        if self._fernet is None:
            try:
                kept = keychain.read(_NAME)
            except Unavailable as error:
                raise _Closed(str(error)) from error
            if kept is None:
                raise ValueError("its key is gone")
            self._fernet = _fernet(kept)
        return self._fernet

    def _key_to_write(self) -> Fernet | None:
        """Return the key, created if missing; None without a keyring, which is tried only once per run."""
        if self._fernet is None and not self._is_keyless:
            from cryptography.fernet import Fernet

            try:
                kept = keychain.read(_NAME)
                if kept is None:
                    kept = Fernet.generate_key().decode()
                    keychain.write(_NAME, kept)
                self._fernet = _fernet(kept)
            except (Unavailable, ValueError):
                self._is_keyless = True
        return self._fernet


def _fernet(key: str) -> Fernet:
    from cryptography.fernet import Fernet

    return Fernet(key)


def _opened(fernet: Fernet, token: bytes) -> bytes:
    from cryptography.fernet import InvalidToken

    try:
        return fernet.decrypt(token)
    except InvalidToken:
        raise ValueError("it was changed, or sealed with another key") from None


def _half_written(folder: Path) -> list[Path]:
    """Return the partial files that a crash left; they may be unencrypted. Version 0.2.0 named them ``.new``."""
    return [*folder.glob(".*.part"), *folder.glob("*.new")]


def _set_aside(file: Path) -> str:
    aside = file.with_suffix(".unreadable")
    try:
        file.replace(aside)
    except OSError:
        aside = file
    return f"A draft saved on this machine is damaged, or its key is missing. Its file is kept as {aside}"


def _to_facts(document: LocalDraft) -> dict[str, Any]:
    form = document.form
    facts = {name: getattr(form, name) for name in _TEXTS | _NUMBERS}
    facts |= {name: _text_of(getattr(form, name)) for name in _KEYS}
    facts["kind"] = form.kind.value
    facts["rows"] = [
        [row.item, row.quantity, row.unit_price, row.discount, row.tax, _text_of(row.product_key)] for row in form.rows
    ]
    return {
        "form": facts,
        "till": str(document.till_key),
        "by": str(document.by_key),
        "changed_at": document.changed_at.isoformat(),
    }


def _from_facts(facts: dict[str, Any]) -> LocalDraft:
    form = facts["form"]
    fields: dict[str, Any] = {name: str(form[name]) for name in _TEXTS}
    fields |= {name: _number_of(form[name]) for name in _NUMBERS}
    fields |= {name: _key_of(form.get(name) if name in _NEW_KEYS else form[name]) for name in _KEYS}
    rows = tuple(_row_of(*row) for row in form["rows"])
    changed_at = datetime.fromisoformat(facts["changed_at"])
    if changed_at.tzinfo is None:
        raise ValueError("a time without a place")
    return LocalDraft(
        form=DraftForm(kind=Kind(form["kind"]), rows=rows or (DraftRow(),), **fields),
        till_key=UUID(facts["till"]),
        by_key=UUID(facts["by"]),
        changed_at=changed_at,
    )


_TEXTS = frozenset({"customer", "on", "due", "discount", "note"})
_NUMBERS = frozenset({"row", "column", "revision"})
_NEW_KEYS = frozenset({"origin"})
"""Keys that the files of version 0.3 lack."""
_KEYS = frozenset({"key", "customer_key", "edits"}) | _NEW_KEYS


def _row_of(item: str, quantity: str, unit_price: str, discount: str, tax: str, product: str | None) -> DraftRow:
    return DraftRow(item, quantity, unit_price, discount, tax, _key_of(product))


def _number_of(given: int) -> int:
    if not 0 <= given < 1 << 31:
        raise ValueError("no such number was ever written")
    return given


def _text_of(key: UUID | None) -> str | None:
    return None if key is None else str(key)


def _key_of(text: str | None) -> UUID | None:
    return None if text is None else UUID(text)
