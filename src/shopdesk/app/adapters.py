"""The ports of the windows (``ui/base/ports.py``), implemented with the gateways. Each function runs on a worker."""

from __future__ import annotations

import shutil
import threading
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from secrets import token_bytes

from shopdesk import daily_backup, settings
from shopdesk.app import database_move, practice, printers
from shopdesk.app.backup_scheduler import BackupScheduler
from shopdesk.app.credentials import Credentials
from shopdesk.app.environment import Environment
from shopdesk.app.mail import MailService
from shopdesk.app.print_service import PrintService
from shopdesk.domain.account import Identity
from shopdesk.domain.sentence import Sentence, sentence
from shopdesk.gateways import keychain, oauth, providers, smtp, update_check
from shopdesk.gateways.local_drafts import LocalDraftStore
from shopdesk.settings import MailSettings, ProviderSettings, Settings
from shopdesk.store.database import Database, sqlite_size
from shopdesk.ui.base.ports import (
    AvailableUpdate,
    BackupPort,
    BrowserSignIn,
    DatabaseLocation,
    DatabasePort,
    DeviceCodeSignIn,
    KeychainPort,
    LocalDraftsPort,
    MailPort,
    Ports,
    PrintingPort,
    ProviderPort,
)


def ports(
    environment: Environment,
    credentials: Credentials,
    mail_service: MailService,
    print_service: PrintService,
    database: Database,
    backup_scheduler: BackupScheduler,
) -> Ports:
    """Build the ports of the windows; each function runs on a worker."""
    home, variables = environment.home, environment.variables

    def save_settings(changes: Mapping[str, object]) -> Settings:
        settings.save(home, changes)
        return settings.load(home, variables)

    def test_mail(mail: MailSettings, password: str | None) -> str:
        return smtp.test(mail, password or (credentials.secret("mail") if mail.username else None))

    def use_folder(chosen: str) -> Settings:
        if chosen:
            daily_backup.choose_folder(Path(chosen).expanduser())
        return save_settings({"backup.folder": chosen or None})

    def open_practice() -> None:
        practice.open_window(practice.prepare(home, database, mail_service.settings))

    drafts = LocalDraftStore(home)
    return Ports(
        keychain=KeychainPort(
            has=lambda group: bool(credentials.secret(group)),
            store=credentials.store,
            delete=credentials.delete,
            pepper=_pepper,
        ),
        mail=MailPort(test=test_mail),
        printing=PrintingPort(open_drawer=print_service.open_drawer, resume=print_service.resume),
        printer=printers.port(),
        provider=ProviderPort(
            redirect=lambda given: providers.provider("", given).redirect,
            test=partial(_test_provider, credentials),
            sign_in=partial(_sign_in, credentials, mail_service),
        ),
        database=DatabasePort(
            location=lambda: _database_location(database),
            test=lambda: _test_database(database),
            inspect=partial(database_move.inspect_database, environment=environment, credentials=credentials),
            move=partial(
                database_move.move,
                environment=environment,
                credentials=credentials,
                workers=(mail_service, print_service),
                source=database,
            ),
        ),
        backup=BackupPort(
            state=backup_scheduler.state,
            make=backup_scheduler.back_up_now,
            use_folder=use_folder,
            set_phrase=backup_scheduler.set_phrase,
        ),
        local_drafts=LocalDraftsPort(save=drafts.save, load=drafts.load, remove=drafts.remove),
        save_settings=save_settings,
        overridden={key: name for name in variables if (key := _overridden(name))},
        open_practice=open_practice,
        available_update=lambda: _available_update(mail_service.settings.update_address),
    )


def for_practice(built: Ports) -> Ports:
    """Return the ports of a practice folder: those that reach beyond it raise Unavailable."""
    return Ports(
        database=DatabasePort(location=built.database.location, test=built.database.test),
        local_drafts=built.local_drafts,
        save_settings=built.save_settings,
    )


def _sign_in(
    credentials: Credentials,
    mail_service: MailService,
    name: str,
    *,
    secret: str | None,
    cancelled: threading.Event,
    on_progress: Callable[[BrowserSignIn | DeviceCodeSignIn], object],
) -> Identity:
    """Sign in at a provider and return the identity; blocks a worker until the user is done."""
    provider = providers.provider(name, mail_service.settings.providers[name])
    kept = credentials.provider_secret(name, secret)
    if providers.sign_in_method(provider, has_secret=bool(kept)) is providers.SignInMethod.DEVICE:
        return oauth.device_sign_in(
            provider,
            lambda shown: on_progress(DeviceCodeSignIn(shown.code, shown.address, shown.seconds)),
            cancelled,
            client_secret=kept,
        )
    return oauth.sign_in(
        provider,
        client_secret=kept,
        open_browser=lambda address: on_progress(BrowserSignIn(address, oauth.TIMEOUT_SECONDS)),
        cancelled=cancelled,
    )


def _available_update(address: str) -> AvailableUpdate | None:
    found = update_check.newest_release(address)
    return AvailableUpdate(version=found.version, text=found.text, link=found.link) if found else None


def _test_provider(credentials: Credentials, name: str, given: ProviderSettings, secret: str | None) -> str:
    return oauth.test(providers.provider(name, given), secret or credentials.provider_secret(name, None))


_PEPPER = "pin pepper"
_PEPPER_BYTES = 32
_one_pepper = threading.Lock()


def _pepper() -> bytes:
    """Return this till's pepper for PINs, created if missing. Raises Unavailable without a keyring: no PINs then."""
    with _one_pepper:  # two callers at once must not create two peppers
        kept = keychain.read(_PEPPER)
        if kept is None:
            kept = b64encode(token_bytes(_PEPPER_BYTES)).decode()
            keychain.write(_PEPPER, kept)
    return b64decode(kept)


def _overridden(variable: str) -> str:
    """Return the dotted key of the setting that a variable overrides, or an empty text."""
    if not variable.startswith("SHOPDESK_") or variable == "SHOPDESK_HOME":
        return ""
    if variable == "SHOPDESK_DATABASE_URL":
        return "database"
    name = variable.removeprefix("SHOPDESK_").lower()
    group, _, rest = name.partition("_")
    return f"{group}.{rest}" if group in {"till", "mail", "backup"} else name


def _database_location(database: Database) -> DatabaseLocation:
    path = database.path
    with database.engine.connect() as connection:
        version = ".".join(map(str, connection.dialect.server_version_info or ()))
        size = 0 if path is None else sqlite_size(connection)
    if path is None:
        url = database.engine.url.set(drivername="postgresql")
        place = url.render_as_string(hide_password=True)
        return DatabaseLocation(place=place, is_file=False, version=f"PostgreSQL {version}")
    free = shutil.disk_usage(path.parent).free
    return DatabaseLocation(place=str(path), is_file=True, version=f"SQLite {version}", size=size, free=free)


def _test_database(database: Database) -> Sentence:
    where = _database_location(database)
    return sentence("{version} answers at {place}.", version=where.version, place=where.place)
