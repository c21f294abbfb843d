"""Keyrings for tests: one in memory for every test, and machines that have none or keep it locked."""

from collections.abc import Iterator

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends import fail, null
from keyring.errors import KeyringLocked, PasswordDeleteError


class MemoryKeyring(KeyringBackend):
    """Stores secrets in memory, in ``secrets[service, user]``."""

    priority = 0  # never chosen automatically

    def __init__(self) -> None:
        KeyringBackend.__init__(self)
        self.secrets: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.secrets.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.secrets[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        if self.secrets.pop((service, username), None) is None:
            raise PasswordDeleteError("not found")


class LockedKeyring(MemoryKeyring):
    """Fails like a keyring whose password prompt was closed."""

    def get_password(self, service: str, username: str) -> str | None:
        raise KeyringLocked("Failed to unlock the collection!")

    def set_password(self, service: str, username: str, password: str) -> None:
        raise KeyringLocked("Failed to unlock the collection!")

    def delete_password(self, service: str, username: str) -> None:
        raise KeyringLocked("Failed to unlock the collection!")


@pytest.fixture(autouse=True)
def memory_keyring() -> Iterator[MemoryKeyring]:
    """The keyring of this test."""
    backend = MemoryKeyring()
    keyring.set_keyring(backend)
    yield backend
    keyring.set_keyring(null.Keyring())


@pytest.fixture
def no_keyring(memory_keyring: MemoryKeyring) -> None:
    """A machine without a keyring: each call raises ``keyring.errors.NoKeyringError``."""
    keyring.set_keyring(fail.Keyring())


@pytest.fixture
def locked_keyring(memory_keyring: MemoryKeyring) -> None:
    """A machine whose keyring stays locked: each call raises ``keyring.errors.KeyringLocked``."""
    keyring.set_keyring(LockedKeyring())
