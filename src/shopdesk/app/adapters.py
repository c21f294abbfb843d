"""Implement the ports of the windows (``ui/base/ports.py``) with the gateways. Each function runs on a worker."""

from __future__ import annotations

import shutil
import threading
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from secrets import token_bytes

from shopdesk import daily_backup, settings
from shopdesk.app import database_move
from shopdesk.app.backup_scheduler import BackupScheduler
from shopdesk.app.mail import MailService, secret_name
from shopdesk.domain.account import Identity
from shopdesk.gateways import keychain, oauth, providers, smtp, update_check
from shopdesk.gateways.local_drafts import LocalDraftStore
from shopdesk.settings import ProviderSettings, Settings
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
    ProviderPort,
)


def ports(
    home: Path, environ: Mapping[str, str], post: MailService, database: Database, backup_scheduler: BackupScheduler
) -> Ports:
    """Build the ports of the windows; each function runs on a worker."""

    def save_settings(changes: Mapping[str, object]) -> Settings:
        settings.save(home, changes)
        return settings.load(home, environ)

    def store(group: str, secret: str) -> None:
        post.secrets[group] = secret
        keychain.write(secret_name(group), secret)

    def delete(group: str) -> None:
        post.secrets.pop(group, None)
        keychain.delete(secret_name(group))

    def use_folder(chosen: str) -> Settings:
        if chosen:
            daily_backup.choose_folder(Path(chosen).expanduser())
        return save_settings({"backup.folder": chosen or None})

    drafts = LocalDraftStore(home)
    return Ports(
        keychain=KeychainPort(has=lambda group: bool(post.secret(group)), store=store, delete=delete, pepper=_pepper),
        mail=MailPort(
            test=lambda mail, password: smtp.test(mail, password or (post.secret("mail") if mail.username else None))
        ),
        provider=ProviderPort(
            redirect=lambda given: providers.provider("", given).redirect,
            test=partial(_test_provider, post),
            sign_in=partial(_sign_in, post),
        ),
        database=DatabasePort(
            location=lambda: _database_location(database),
            test=lambda: _test_database(database),
            inspect=partial(database_move.inspect_database, home=home, post=post),
            move=partial(database_move.move, home=home, environ=environ, post=post, source=database),
        ),
        backup=BackupPort(
            state=backup_scheduler.state,
            make=backup_scheduler.back_up_now,
            use_folder=use_folder,
            set_phrase=backup_scheduler.set_phrase,
        ),
        local_drafts=LocalDraftsPort(save=drafts.save, load=drafts.load, remove=drafts.remove),
        save_settings=save_settings,
        overridden={key: name for name in environ if (key := _overridden(name))},
        available_update=partial(_available_update, post),
    )


def _sign_in(
    post: MailService,
    name: str,
    *,
    secret: str | None,
    cancelled: threading.Event,
    on_progress: Callable[[BrowserSignIn | DeviceCodeSignIn], object],
) -> Identity:
    """Sign in at a provider and return the identity; blocks a worker until the user is done."""
    provider = providers.provider(name, post.settings.providers[name])
    kept = post.provider_secret(name, secret)
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


def _available_update(post: MailService) -> AvailableUpdate | None:
    found = update_check.newest_release(post.settings.update_address)
    return AvailableUpdate(version=found.version, text=found.text, link=found.link) if found else None


def _test_provider(post: MailService, name: str, given: ProviderSettings, secret: str | None) -> str:
    return oauth.test(providers.provider(name, given), secret or post.provider_secret(name, None))


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


def _test_database(database: Database) -> str:
    where = _database_location(database)
    return f"{where.version} answers at {where.place}."
