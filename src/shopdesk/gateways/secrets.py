"""Passwords and client secrets in the system's keyring: never in a file, never in the log.

A call may stand still for as long as the system asks somebody to unlock the keyring: never on the window thread.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType

from shopdesk import logs
from shopdesk.domain.errors import Unavailable

SERVICE = "shopdesk"
"""What the keyring files our secrets under; the name of a secret is its user name there."""

_ASK = "Passwords are asked for each time."


def read(name: str) -> str | None:
    """The secret, or None where none is kept. Raises Unavailable without a keyring, or when it stays locked."""
    with _keyring() as keyring:
        secret: str | None = keyring.get_password(SERVICE, name)
    if secret:
        logs.hide(secret)
    return secret


def write(name: str, secret: str) -> None:
    """Keep a secret, in place of the one before. Raises Unavailable: it is then kept nowhere."""
    logs.hide(secret)
    with _keyring() as keyring:
        keyring.set_password(SERVICE, name, secret)


def forget(name: str) -> None:
    """Remove a secret; nothing happens where none is kept. Raises Unavailable without a keyring."""
    with _keyring() as keyring:
        if keyring.get_password(SERVICE, name) is not None:
            keyring.delete_password(SERVICE, name)


@contextmanager
def _keyring() -> Iterator[ModuleType]:
    import keyring
    from keyring.errors import InitError, KeyringLocked, NoKeyringError

    try:
        if _keeps_nothing_safe(keyring):
            raise NoKeyringError
        yield keyring
    except NoKeyringError as error:
        advice = _ASK + (" A desktop has one: GNOME Keyring or KWallet." if sys.platform == "linux" else "")
        raise Unavailable("This machine has no keyring to keep secrets in.", advice=advice) from error
    except (KeyringLocked, InitError) as error:
        raise Unavailable("The system's keyring is locked.", advice=f"Unlock it and try again. {_ASK}") from error
    except _troubles() as error:
        raise Unavailable(f"The system's keyring does not work: {_said(error)}.", advice=_ASK) from error


def _keeps_nothing_safe(keyring: ModuleType) -> bool:
    """Whether secrets would vanish without a word (null) or lie in a readable file (keyrings.alt)."""
    kind = type(keyring.get_keyring())
    return kind.__module__.startswith(("keyring.backends.null", "keyrings.alt"))


def _troubles() -> tuple[type[Exception], ...]:
    """What can go wrong below: on Linux the backend lets errors of the libraries under it through."""
    from keyring.errors import KeyringError

    below = (
        ("secretstorage.exceptions", "SecretStorageException"),
        ("jeepney", "DBusErrorResponse"),
        ("pywintypes", "error"),
    )
    loaded = [getattr(sys.modules[module], name) for module, name in below if module in sys.modules]
    return (KeyringError, OSError, *loaded)


def _said(error: Exception) -> str:
    return logs.without_secrets(str(error)).strip().rstrip(".") or type(error).__name__
