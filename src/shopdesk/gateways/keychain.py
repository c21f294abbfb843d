"""Passwords and client secrets in the system's keyring: never in a file, never in the log.

A call may block while the system asks the user to unlock the keyring: never make it on the window thread.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType

from shopdesk import logs
from shopdesk.domain.errors import Unavailable
from shopdesk.domain.sentence import NOTHING, joined, sentence

SERVICE = "shopdesk"
"""The service name of all secrets in the keyring; the name of a secret is its user name there."""

_PIECE = 1000
"""The longest piece of a secret in characters, with the next stored beside it: Windows takes 2,560 bytes of UTF-16."""

_ASK = sentence("You will be asked for passwords each time.")


def read(name: str) -> str | None:
    """Return the secret, or None if none is stored. Raises Unavailable without a keyring, or while it is locked."""
    with _keyring() as keyring:
        secret: str | None = keyring.get_password(SERVICE, name)
        last, number = secret, 2
        while last and len(last) == _PIECE:
            last, number = keyring.get_password(SERVICE, f"{name} {number}"), number + 1
            secret = f"{secret}{last or ''}"
    if secret:
        logs.hide(secret)
    return secret


def write(name: str, secret: str) -> None:
    """Store a secret in place of the previous one. Raises Unavailable; nothing is then stored."""
    logs.hide(secret)
    with _keyring() as keyring:
        _delete_pieces(keyring, name)
        keyring.set_password(SERVICE, name, secret[:_PIECE])
        for number, start in enumerate(range(_PIECE, len(secret), _PIECE), 2):
            keyring.set_password(SERVICE, f"{name} {number}", secret[start : start + _PIECE])


def delete(name: str) -> None:
    """Remove a secret if it is stored. Raises Unavailable without a keyring."""
    with _keyring() as keyring:
        _delete_pieces(keyring, name)
        if keyring.get_password(SERVICE, name) is not None:
            keyring.delete_password(SERVICE, name)


def _delete_pieces(keyring: ModuleType, name: str) -> None:
    """Delete all pieces of a secret but the first."""
    number = 2
    while keyring.get_password(SERVICE, f"{name} {number}") is not None:
        keyring.delete_password(SERVICE, f"{name} {number}")
        number += 1


@contextmanager
def _keyring() -> Iterator[ModuleType]:
    import keyring
    from keyring.errors import InitError, KeyringLocked, NoKeyringError

    try:
        if _keeps_nothing_safe(keyring):
            raise NoKeyringError
        yield keyring
    except NoKeyringError as error:
        linux = sentence("Desktop systems have one: GNOME Keyring or KWallet.") if sys.platform == "linux" else NOTHING
        advice = joined((_ASK, linux))
        raise Unavailable(sentence("This machine has no keyring to store passwords in."), advice=advice) from error
    except (KeyringLocked, InitError) as error:
        raise Unavailable(
            sentence("The system's keyring is locked."), advice=joined((sentence("Unlock it and try again."), _ASK))
        ) from error
    except _troubles() as error:
        raise Unavailable(
            sentence("The system's keyring does not work: {reason}.", reason=_error_text(error)), advice=_ASK
        ) from error


def _keeps_nothing_safe(keyring: ModuleType) -> bool:
    """Return True if the backend would drop secrets silently (null) or write a readable file (keyrings.alt)."""
    kind = type(keyring.get_keyring())
    return kind.__module__.startswith(("keyring.backends.null", "keyrings.alt"))


def _troubles() -> tuple[type[Exception], ...]:
    """Return the exceptions to expect: on Linux the backend passes on those of the libraries below it."""
    from keyring.errors import KeyringError

    below = (
        ("secretstorage.exceptions", "SecretStorageException"),
        ("jeepney", "DBusErrorResponse"),
        ("pywintypes", "error"),
        ("win32ctypes.pywin32.pywintypes", "error"),
    )
    loaded = [getattr(sys.modules[module], name) for module, name in below if module in sys.modules]
    return (KeyringError, OSError, *loaded)


def _error_text(error: Exception) -> str:
    return logs.without_secrets(str(error)).strip().rstrip(".") or type(error).__name__
