"""What settings reach outside the program: keyring, mail server, providers, files. ``app`` fills it from the gateways.

Windows may not import a gateway. Each function here is called on a worker (``desk.background.reach``), may take its
time, and raises Refused or Unavailable in words. A secret is named by the group of settings it belongs to ("mail",
"sms", "database", "providers.github"); what the keyring calls it is no affair of a window.
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
    from shopdesk.daily import Kept


@dataclass(frozen=True, slots=True, kw_only=True)
class Whereabouts:
    """Where the shop's data is. ``size`` in bytes and ``free`` on its disk are known for a file only."""

    place: str
    is_file: bool
    version: str = ""
    size: int | None = None
    free: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What another database said when it was looked at."""

    words: str
    has_shop: bool = False
    tills: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Moving:
    """Where the shop shall go, as written in the settings; without a password the one that is kept is used."""

    written: str
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """Where the shop went, how many rows; the file that stays behind, if it was one; why no password is kept.

    ``unclosed`` says why somebody could still sell into the old database, if so.
    """

    place: str
    rows: int
    kept: str = ""
    unclosed: str = ""
    unkept: str = ""


class Move(Protocol):
    """How the shop moves."""

    def __call__(
        self, wanted: Moving, *, by: Actor, cancelled: threading.Event, tell: Callable[[tuple[int, int]], object]
    ) -> Moved | None:
        """Copy, compare, switch; may take minutes. None when ``cancelled`` was set before it was done.

        ``tell`` gets rows done and rows in all.
        """
        ...  # pragma: no cover


@dataclass(frozen=True, slots=True, kw_only=True)
class Backups:
    """How the shop is backed up. ``trouble`` says in words why there was none today, ``is_away`` that
    the folder is not there; ``folder`` is a file's only.
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
    """A newer version of the program; ``text`` and ``link`` lead to what is told of it, and may be empty."""

    version: str
    text: str
    link: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupContents:
    """What is in a backup that was checked and unpacked; the last document's number and instant, if it has any."""

    shop: str
    documents: int
    last_number: str = ""
    last_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Restoring:
    """The way back from a backup, where the shop's data is a file: needs no open database."""

    look: Callable[[Path, str | None], BackupContents] = field(repr=False)
    """Check a backup and say what is in it. Raises Refused, beside "phrase" where a pass phrase is asked."""
    forget: Callable[[], None] = field(repr=False)
    """It shall not be restored."""


@dataclass(frozen=True, slots=True)
class InBrowser:
    """A sign-in that goes on in this machine's browser, at ``address``, for so many seconds."""

    address: str
    seconds: float


@dataclass(frozen=True, slots=True)
class WithCode:
    """A sign-in that goes on wherever somebody opens ``address`` and types ``code``, for so many seconds."""

    code: str
    address: str
    seconds: float


class OnShelf(Protocol):
    """The open documents kept on this machine, oldest first, and what there is to say of those that nobody can read."""

    @property
    def documents(self) -> tuple[Shelved, ...]: ...  # pragma: no cover
    @property
    def troubles(self) -> tuple[str, ...]: ...  # pragma: no cover


class SecretWanted(Unavailable):
    """No keyring has the provider's client secret: somebody has to type it, or say that there is none."""


class SignIn(Protocol):
    """How a provider says who somebody is."""

    def __call__(
        self,
        name: str,
        *,
        secret: str | None,
        cancelled: threading.Event,
        tell: Callable[[InBrowser | WithCode], object],
    ) -> Identity:
        """Return who it was; may take minutes, and ends soon after ``cancelled`` is set.

        ``tell`` says how it goes on. ``secret`` is what somebody typed after ``SecretWanted``.
        """
        ...  # pragma: no cover


class BackUp(Protocol):
    """How a backup is made now."""

    def __call__(self, *, tell: Callable[[str], object]) -> None:
        """Return when it is made and checked."""
        ...  # pragma: no cover


def _closed(*_args: Any, **_kwargs: Any) -> Any:
    raise Unavailable("This installation cannot do that.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Doors:
    """The functions. Those that are not given say that this installation cannot do that."""

    save_settings: Callable[[Mapping[str, object]], Settings] = _closed
    """Write changes (dotted keys; None returns to the default) to shopdesk.toml and return what then holds."""

    is_kept: Callable[[str], bool] = _closed
    """Whether the keyring has a secret for this group of settings."""
    keep: Callable[[str, str], None] = _closed
    """Keep a secret for this group of settings."""
    forget: Callable[[str], None] = _closed
    """Remove the secret of this group of settings."""

    test_mail: Callable[[MailSettings, str | None], str] = _closed
    """Connect and sign in with these settings and password (None: the one in the keyring); says how it went."""

    redirect: Callable[[ProviderSettings], str] = _closed
    """The address to register with the provider, exactly."""
    test_provider: Callable[[str, ProviderSettings, str | None], str] = _closed
    """Ask the provider of this name whether these settings and secret (None: the one in the keyring) can work."""

    shelve: Callable[[Shelved], bool] = _closed
    """Keep an open document on this machine, for the database is away; returns whether it is encrypted."""
    shelved: Callable[[], OnShelf] = _closed
    """What is kept on this machine."""
    unshelve: Callable[[UUID], None] = _closed
    """The database has it: it needs no keeping on this machine any more."""

    sign_in: SignIn = _closed
    """Sign in at the provider of this name."""
    pepper: Callable[[], bytes] = _closed
    """What makes this till's PINs worth nothing elsewhere; made when there is none, kept in the keyring alone."""

    whereabouts: Callable[[], Whereabouts] = _closed
    """Where the open database is."""
    test_database: Callable[[], str] = _closed
    """Ask the open database whether it answers; says how it went."""
    look_at: Callable[[str, str | None], Found] = _closed
    """Look at another database, written as in the settings, with a password (None: the one in the keyring)."""
    move: Move = _closed
    """Move the shop to another database."""
    backups: Callable[[], Backups] = _closed
    """How the shop is backed up, as far as this machine knows."""
    back_up: BackUp = _closed
    """Add a backup to the folder now; ``tell`` hears its steps: "copy", "check", "pack", "keep"."""
    use_folder: Callable[[str], Settings] = _closed
    """Put backups into this folder from now on; empty: the program's own. Returns the settings that then hold."""
    set_phrase: Callable[[str], None] = _closed
    """Encrypt backups with this pass phrase from now on; an empty one ends that."""

    newer: Callable[[], Newer | None] = _closed
    """Ask the address in the settings whether there is a newer version."""

    overridden: Mapping[str, str] = field(default_factory=dict)
    """Settings that a variable holds fast on this machine: dotted key to the variable's name."""
