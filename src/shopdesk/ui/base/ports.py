"""The ports of the UI: keyring, mail server, providers, database, backups. ``app`` fills them with the gateways.

Windows may not import a gateway. Each function here is called on a worker (``desk.background.reach``), may take long,
and raises Refused or Unavailable with a text for the user. A secret is named by its group of settings ("mail", "sms",
"database", "providers.github"), not by its name in the keyring.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol
from uuid import UUID

from shopdesk.domain.account import Actor, Identity
from shopdesk.domain.draft import Shelved
from shopdesk.domain.errors import Unavailable
from shopdesk.settings import MailSettings, ProviderSettings, Settings

if TYPE_CHECKING:
    from shopdesk.daily_backup import Kept


@dataclass(frozen=True, slots=True, kw_only=True)
class Whereabouts:
    """The location of the shop's data. ``size`` and ``free`` (disk space), both in bytes, are known for a file only."""

    place: str
    is_file: bool
    version: str = ""
    size: int | None = None
    free: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The result of inspecting another database; ``words`` describes it to the user."""

    words: str
    has_shop: bool = False
    tills: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Moving:
    """The database to move the shop to, as written in the settings. No password: the one in the keyring is used."""

    written: str
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """The result of a move: the new location and the number of rows.

    ``kept`` is the old file, if it was one; ``unclosed`` the reason if the old database could not be closed for sales;
    ``unkept`` the reason if the password could not be stored.
    """

    place: str
    rows: int
    kept: str = ""
    unclosed: str = ""
    unkept: str = ""


class Move(Protocol):
    """The port that moves the shop to another database."""

    def __call__(
        self, wanted: Moving, *, by: Actor, cancelled: threading.Event, tell: Callable[[tuple[int, int]], object]
    ) -> Moved | None:
        """Copy, compare, switch; may take minutes. Return None if ``cancelled`` was set before the end.

        ``tell`` is called with the rows done and the rows in all.
        """
        ...  # pragma: no cover


@dataclass(frozen=True, slots=True, kw_only=True)
class Backups:
    """The state of the shop's backups.

    ``trouble`` is the text of why today's backup failed; ``is_away`` is True if the folder is unavailable. ``folder``
    is set only where the shop's data is a file.
    """

    is_file: bool = True
    folder: str = ""
    last_at: datetime | None = None
    last_place: str = ""
    kept: tuple[Kept, ...] = ()
    trouble: str = ""
    is_away: bool = False
    is_locked: bool = False
    is_same_disk: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Newer:
    """A newer version of the program; ``text`` and ``link`` lead to its release notes and may be empty."""

    version: str
    text: str
    link: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupContents:
    """The contents of a checked and unpacked backup; number and instant of its last document, if it has any."""

    shop: str
    documents: int
    last_number: str = ""
    last_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Restoring:
    """The port that restores a backup where the shop's data is a file; it needs no open database."""

    look: Callable[[Path, str | None], BackupContents] = field(repr=False)
    """Check a backup and return its contents. Raises Refused, for the field "phrase" if a pass phrase is needed."""
    forget: Callable[[], None] = field(repr=False)
    """Discard the checked backup without restoring it."""


@dataclass(frozen=True, slots=True)
class InBrowser:
    """A sign-in that continues in this machine's browser at ``address``; it expires after ``seconds``."""

    address: str
    seconds: float


@dataclass(frozen=True, slots=True)
class WithCode:
    """A sign-in that continues in any browser: the user opens ``address`` and types ``code`` within ``seconds``."""

    code: str
    address: str
    seconds: float


class OnShelf(Protocol):
    """The local drafts on this machine, oldest first, and the error texts of those that cannot be read."""

    @property
    def documents(self) -> tuple[Shelved, ...]: ...  # pragma: no cover
    @property
    def troubles(self) -> tuple[str, ...]: ...  # pragma: no cover


class SecretWanted(Unavailable):
    """The provider's client secret is in no keyring: the user has to type it, or confirm that there is none."""


class SignIn(Protocol):
    """The port that signs a user in at a provider."""

    def __call__(
        self,
        name: str,
        *,
        secret: str | None,
        cancelled: threading.Event,
        tell: Callable[[InBrowser | WithCode], object],
    ) -> Identity:
        """Return the identity; may take minutes, and ends soon after ``cancelled`` is set.

        ``tell`` is called with the next step for the user. ``secret`` is the text typed after ``SecretWanted``.
        """
        ...  # pragma: no cover


class BackUp(Protocol):
    """The port that makes a backup now."""

    def __call__(self, *, tell: Callable[[str], object]) -> None:
        """Make and check a backup. ``tell`` is called with each step."""
        ...  # pragma: no cover


def _closed(*_args: Any, **_kwargs: Any) -> Any:
    raise Unavailable("This is not available in this installation.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Doors:
    """All ports. Those that are not given raise Unavailable."""

    save_settings: Callable[[Mapping[str, object]], Settings] = _closed
    """Write changes (dotted keys; None returns to the default) to shopdesk.toml; return the new settings."""

    is_kept: Callable[[str], bool] = _closed
    """True if the keyring has a secret for this group of settings."""
    keep: Callable[[str, str], None] = _closed
    """Store the secret of this group of settings in the keyring."""
    forget: Callable[[str], None] = _closed
    """Remove the secret of this group of settings from the keyring."""

    test_mail: Callable[[MailSettings, str | None], str] = _closed
    """Connect and sign in with these settings and password (None: from the keyring); return the result as text."""

    redirect: Callable[[ProviderSettings], str] = _closed
    """Return the redirect address to register with the provider, exactly as written."""
    test_provider: Callable[[str, ProviderSettings, str | None], str] = _closed
    """Test these settings and secret (None: the one in the keyring) at the provider; return the result as text."""

    shelve: Callable[[Shelved], bool] = _closed
    """Save an open document on this machine while the database is unreachable; return True if it is encrypted."""
    shelved: Callable[[], OnShelf] = _closed
    """Return the local drafts on this machine."""
    unshelve: Callable[[UUID], None] = _closed
    """Remove a local draft that is in the database now."""

    sign_in: SignIn = _closed
    """Sign in at the provider of this name."""
    pepper: Callable[[], bytes] = _closed
    """Return the pepper that ties PINs to this till; created if missing, stored only in the keyring."""

    whereabouts: Callable[[], Whereabouts] = _closed
    """Return the location of the open database."""
    test_database: Callable[[], str] = _closed
    """Test the open database; return the result as text."""
    look_at: Callable[[str, str | None], Found] = _closed
    """Inspect another database, written as in the settings, with a password (None: the one in the keyring)."""
    move: Move = _closed
    """Move the shop to another database."""
    backups: Callable[[], Backups] = _closed
    """Return the state of the backups as far as this machine knows it."""
    back_up: BackUp = _closed
    """Add a backup to the folder now; ``tell`` is called with its steps: "copy", "check", "pack", "keep"."""
    use_folder: Callable[[str], Settings] = _closed
    """Put backups into this folder from now on (empty: the program's own); return the new settings."""
    set_phrase: Callable[[str], None] = _closed
    """Encrypt backups with this pass phrase from now on; empty: do not encrypt."""

    newer: Callable[[], Newer | None] = _closed
    """Return the newer version announced at the address in the settings, or None."""

    overridden: Mapping[str, str] = field(default_factory=dict)
    """Settings fixed by environment variables on this machine: dotted key to the variable's name."""
