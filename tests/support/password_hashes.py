"""Password hashes that cost little: hundreds of tests sign somebody in."""

from collections.abc import Iterator

import pytest

from shopdesk.usecases import password_hashing

_LEAST_KIB = 8
"""The least memory that Argon2 takes."""


@pytest.fixture(autouse=True)
def _cheap_hashes() -> Iterator[pytest.MonkeyPatch]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(password_hashing, "_MEMORY_KIB", _LEAST_KIB)
        password_hashing.decoy.cache_clear()
        yield patch
    password_hashing.decoy.cache_clear()


@pytest.fixture
def full_hashes(_cheap_hashes: pytest.MonkeyPatch) -> None:
    """Hash passwords as the program does, each with 46 MiB of memory."""
    _cheap_hashes.undo()
    password_hashing.decoy.cache_clear()
