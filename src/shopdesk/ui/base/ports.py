"""The ports of the UI: keyring, mail server, printers, providers, database, backups; ``app`` fills them.

Windows may not import a gateway. Each function here is called on a worker (``background.run_in_pool``), may take long,
and raises Refused or Unavailable with a text for the user. A secret is named by its group of settings ("mail",
"database", "providers.github"), not by its name in the keyring.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from shopdesk.domain.errors import Unavailable
from shopdesk.domain.sentence import Sentence, sentence

if TYPE_CHECKING:  # the first paint does not wait for the modules of types
    import threading
    from datetime import datetime
    from pathlib import Path
    from uuid import UUID

    from shopdesk.daily_backup import StoredBackup
    from shopdesk.domain.account import Actor, Identity
    from shopdesk.domain.draft import LocalDraft
    from shopdesk.domain.printer import Picture, PrinterStatus, PrintResult, ReceiptPrinter
    from shopdesk.settings import MailSettings, ProviderSettings, Settings, SmsSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseLocation:
    """The location of the shop's data. ``size`` and ``free`` (disk space), both in bytes, are known for a file only."""

    place: str
    is_file: bool
    version: str = ""
    size: int | None = None
    free: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InspectedDatabase:
    """The result of inspecting another database; ``words`` describes it to the user."""

    words: Sentence
    has_shop: bool = False
    tills: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MoveRequest:
    """The database to move the shop to, as written in the settings. No password: the one in the keyring is used."""

    written: str
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveResult:
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
        self,
        wanted: MoveRequest,
        *,
        by: Actor,
        cancelled: threading.Event,
        on_progress: Callable[[tuple[int, int]], object],
    ) -> MoveResult | None:
        """Copy, compare, switch; may take minutes. Return None if ``cancelled`` was set before the end.

        ``on_progress`` is called with the rows done and the rows in all.
        """
        ...  # pragma: no cover


@dataclass(frozen=True, slots=True, kw_only=True)
class Backups:
    """The state of the shop's backups.

    ``checked_at`` is when everything was last verified; a daily backup verifies what is new.
    ``trouble`` is the text of why today's backup failed; ``is_away`` is True if the folder is unavailable. ``folder``
    is set only where the shop's data is a file.
    """

    is_file: bool = True
    folder: str = ""
    last_at: datetime | None = None
    last_place: str = ""
    checked_at: datetime | None = None
    kept: tuple[StoredBackup, ...] = ()
    trouble: str = ""
    is_away: bool = False
    is_locked: bool = False
    is_same_disk: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AvailableUpdate:
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
    faults: tuple[str, ...] = ()
    """The errors that its verification found, each a sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Restoring:
    """The port that restores a backup where the shop's data is a file; it needs no open database."""

    look: Callable[[Path, str | None], BackupContents] = field(repr=False)
    """Check a backup and return its contents. Raises Refused, for the field "phrase" if a pass phrase is needed."""
    forget: Callable[[], None] = field(repr=False)
    """Discard the checked backup without restoring it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundPrinter:
    """A printer that this computer knows, with its address as in the settings.

    A queue of the system has ``queue``, its name. ``is_raw`` is True if it takes bytes as they are: for slips. One that
    ``repeats`` sends a slip again by itself if it broke off.
    """

    address: str
    queue: str = ""
    is_raw: bool = True
    repeats: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundPrinters:
    """The printers that this computer knows; ``trouble`` is the reason why its queues are not among them."""

    printers: tuple[FoundPrinter, ...] = ()
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class BrowserSignIn:
    """A sign-in that continues in this machine's browser at ``address``; it expires after ``seconds``."""

    address: str
    seconds: float


@dataclass(frozen=True, slots=True)
class DeviceCodeSignIn:
    """A sign-in that continues in any browser: the user opens ``address`` and types ``code`` within ``seconds``."""

    code: str
    address: str
    seconds: float


class StoredLocalDrafts(Protocol):
    """The local drafts on this machine, oldest first, and the error texts of those that cannot be read."""

    @property
    def documents(self) -> tuple[LocalDraft, ...]: ...  # pragma: no cover
    @property
    def troubles(self) -> tuple[str, ...]: ...  # pragma: no cover


class SecretRequired(Unavailable):
    """The provider's client secret is in no keyring: the user has to type it, or confirm that there is none."""


class SignIn(Protocol):
    """The port that signs a user in at a provider."""

    def __call__(
        self,
        name: str,
        *,
        secret: str | None,
        cancelled: threading.Event,
        on_progress: Callable[[BrowserSignIn | DeviceCodeSignIn], object],
    ) -> Identity:
        """Return the identity; may take minutes, and ends soon after ``cancelled`` is set.

        ``on_progress`` gets the next step for the user. ``secret`` is what was typed after ``SecretRequired``.
        """
        ...  # pragma: no cover


class MailboxConsent(Protocol):
    """The port that lets the owner allow the use of a mailbox at Google or Microsoft."""

    def __call__(
        self,
        mail: MailSettings,
        *,
        secret: str | None,
        cancelled: threading.Event,
        on_progress: Callable[[BrowserSignIn], object],
    ) -> str:
        """Wait for the browser and keep the permission; may take minutes, and ends soon after ``cancelled`` is set.

        Return why it holds only until the program ends; an empty text if it is in the keyring.
        ``on_progress`` gets the next step for the user. ``secret`` is the client secret (None: from the keyring).
        """
        ...  # pragma: no cover


class BackUp(Protocol):
    """The port that makes a backup now."""

    def __call__(self, *, on_progress: Callable[[str], object]) -> None:
        """Make and check a backup. ``on_progress`` is called with each step."""
        ...  # pragma: no cover


class CheckEverything(Protocol):
    """The port that verifies the whole shop."""

    def __call__(self, *, on_progress: Callable[[str], object]) -> Sentence:
        """Verify it. ``on_progress`` gets the per cent. Raises Unavailable with the first error."""
        ...  # pragma: no cover


def _unavailable(*_args: Any, **_kwargs: Any) -> Any:
    raise Unavailable(sentence("This is not available in this installation."))


@dataclass(frozen=True, slots=True, kw_only=True)
class KeychainPort:
    """The system's keyring. A secret is named by its group of settings."""

    has: Callable[[str], bool] = _unavailable
    """Return True if there is a secret for this group of settings."""
    store: Callable[[str, str], None] = _unavailable
    """Store the secret of this group of settings."""
    delete: Callable[[str], None] = _unavailable
    """Delete the secret of this group of settings."""
    pepper: Callable[[], bytes] = _unavailable
    """Return the pepper that ties PINs to this till; created if missing, stored only in the keyring."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MailPort:
    """The mail server."""

    test: Callable[[MailSettings, str | None], str] = _unavailable
    """Connect and sign in with these settings and password (None: from the keyring); return the result as text."""
    redirect: Callable[[MailSettings], str] = _unavailable
    """Return the redirect address to register with Google or Microsoft, exactly as written."""
    sign_in: MailboxConsent = _unavailable
    """Sign in to the mailbox at Google or Microsoft, in place of a password."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintingPort:
    """The worker that prints at this till. Both functions return at once; practice has none."""

    open_drawer: Callable[[], None] = _unavailable
    """Open the cash drawer; what goes wrong is reported."""
    resume: Callable[[], None] = _unavailable
    """Try the printers again at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PrinterPort:
    """The printers. Practice has none of it: it prints nothing and opens no drawer."""

    find: Callable[[], FoundPrinters] = _unavailable
    """Return the queues and devices of this computer; the network is not searched."""
    status: Callable[[ReceiptPrinter], PrinterStatus] = _unavailable
    """Ask a receipt printer for its status; takes some seconds if it does not answer."""
    print_test: Callable[[ReceiptPrinter, Picture, str], PrintResult] = _unavailable
    """Print a slip and open the drawer, if there is one; the text names the slip in a queue."""
    kick_drawer: Callable[[ReceiptPrinter], PrintResult] = _unavailable
    """Open the cash drawer at a receipt printer."""
    print_sheet: Callable[[str, bytes, str], None] = _unavailable
    """Give a PDF to a queue (an empty name: the system's default one); the last text names it there. Not on Windows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SmsPort:
    """The gateway for text messages."""

    test: Callable[[SmsSettings, str | None, str], str] = _unavailable
    """Send a text message to this number with these settings and key (None: from the keyring), or check the gateway
    where it is empty; return the result as text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderPort:
    """The sign-in providers."""

    redirect: Callable[[ProviderSettings], str] = _unavailable
    """Return the redirect address to register with the provider, exactly as written."""
    test: Callable[[str, ProviderSettings, str | None], str] = _unavailable
    """Test these settings and secret (None: the one in the keyring) at the provider; return the result as text."""
    sign_in: SignIn = _unavailable
    """Sign in at the provider of this name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabasePort:
    """The open database, and others to move to."""

    location: Callable[[], DatabaseLocation] = _unavailable
    """Return the location of the open database."""
    test: Callable[[], str] = _unavailable
    """Test the open database; return the result as text."""
    inspect: Callable[[str, str | None], InspectedDatabase] = _unavailable
    """Inspect another database, written as in the settings, with a password (None: the one in the keyring)."""
    move: Move = _unavailable
    """Move the shop to another database."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupPort:
    """The backups."""

    state: Callable[[], Backups] = _unavailable
    """Return the state of the backups as far as this machine knows it."""
    make: BackUp = _unavailable
    """Add a backup to the folder now; ``on_progress`` is called with its steps: "copy", "check", "pack", "keep".

    A check of everything is told in per cent: "check 37".
    """
    check: CheckEverything = _unavailable
    """Verify the whole shop now, and return the result in words."""
    use_folder: Callable[[str], Settings] = _unavailable
    """Put backups into this folder from now on (empty: the program's own); return the new settings."""
    set_phrase: Callable[[str], None] = _unavailable
    """Encrypt backups with this pass phrase from now on; empty: do not encrypt."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalDraftsPort:
    """The open documents saved on this machine while the database is unreachable."""

    save: Callable[[LocalDraft], bool] = _unavailable
    """Save an open document; return True if it is encrypted."""
    load: Callable[[], StoredLocalDrafts] = _unavailable
    """Return the local drafts on this machine."""
    remove: Callable[[UUID], None] = _unavailable
    """Remove a local draft that is in the database now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """All ports. Those that are not given raise Unavailable."""

    keychain: KeychainPort = KeychainPort()
    mail: MailPort = MailPort()
    printing: PrintingPort = PrintingPort()
    printer: PrinterPort = PrinterPort()
    sms: SmsPort = SmsPort()
    provider: ProviderPort = ProviderPort()
    database: DatabasePort = DatabasePort()
    backup: BackupPort = BackupPort()
    local_drafts: LocalDraftsPort = LocalDraftsPort()

    save_settings: Callable[[Mapping[str, object]], Settings] = _unavailable
    """Write changes (dotted keys; None returns to the default) to shopdesk.toml; return the new settings."""
    overridden: Mapping[str, str] = field(default_factory=dict)
    """Settings fixed by environment variables on this machine: dotted key to the variable's name."""
    open_practice: Callable[[], None] = _unavailable
    """Make the practice folder anew and open its window."""
    available_update: Callable[[], AvailableUpdate | None] = _unavailable
    """Return the newer version announced at the address in the settings, or None."""
