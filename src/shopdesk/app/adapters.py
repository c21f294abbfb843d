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
from shopdesk.app.backup_scheduler import Safekeeping
from shopdesk.app.mail import Post, secret_name
from shopdesk.domain.account import Identity
from shopdesk.gateways import keychain, oauth, providers, smtp, update_check
from shopdesk.gateways.local_drafts import Shelf
from shopdesk.settings import ProviderSettings, Settings
from shopdesk.store.database import Database, sqlite_size
from shopdesk.ui.base.ports import Doors, InBrowser, Newer, Whereabouts, WithCode


def doors(home: Path, environ: Mapping[str, str], post: Post, database: Database, safekeeping: Safekeeping) -> Doors:
    """Build the ports of the windows; each function runs on a worker."""

    def save_settings(changes: Mapping[str, object]) -> Settings:
        settings.save(home, changes)
        return settings.load(home, environ)

    def keep(group: str, secret: str) -> None:
        post.secrets[group] = secret
        keychain.write(secret_name(group), secret)

    def forget(group: str) -> None:
        post.secrets.pop(group, None)
        keychain.forget(secret_name(group))

    def use_folder(chosen: str) -> Settings:
        if chosen:
            daily_backup.choose(Path(chosen).expanduser())
        return save_settings({"backup.folder": chosen or None})

    shelf = Shelf(home)
    return Doors(
        shelve=shelf.put,
        shelved=shelf.look,
        unshelve=shelf.take_away,
        save_settings=save_settings,
        is_kept=lambda group: bool(post.secret(group)),
        keep=keep,
        forget=forget,
        test_mail=lambda mail, password: smtp.test(mail, password or (post.secret("mail") if mail.username else None)),
        redirect=lambda given: providers.provider("", given).redirect,
        sign_in=partial(_sign_in, post),
        pepper=_pepper,
        test_provider=partial(_test_provider, post),
        whereabouts=lambda: _whereabouts(database),
        test_database=lambda: _test_database(database),
        look_at=partial(database_move.look_at, home=home, post=post),
        move=partial(database_move.move, home=home, environ=environ, post=post, source=database),
        backups=safekeeping.state,
        back_up=safekeeping.now,
        use_folder=use_folder,
        set_phrase=safekeeping.set_phrase,
        newer=partial(_newer, post),
        overridden={key: name for name in environ if (key := _overridden(name))},
    )


def _sign_in(
    post: Post,
    name: str,
    *,
    secret: str | None,
    cancelled: threading.Event,
    tell: Callable[[InBrowser | WithCode], object],
) -> Identity:
    """Sign in at a provider and return the identity; blocks a worker until the user is done."""
    provider = providers.provider(name, post.settings.providers[name])
    kept = post.provider_secret(name, secret)
    if providers.way(provider, has_secret=bool(kept)) is providers.Way.DEVICE:
        return oauth.device_sign_in(
            provider,
            lambda shown: tell(WithCode(shown.code, shown.address, shown.seconds)),
            cancelled,
            client_secret=kept,
        )
    return oauth.sign_in(
        provider,
        client_secret=kept,
        open_browser=lambda address: tell(InBrowser(address, oauth.SECONDS)),
        cancelled=cancelled,
    )


def _newer(post: Post) -> Newer | None:
    found = update_check.newest(post.settings.update_address)
    return Newer(version=found.version, text=found.text, link=found.link) if found else None


def _test_provider(post: Post, name: str, given: ProviderSettings, secret: str | None) -> str:
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
    return f"{group}.{rest}" if group in {"till", "mail", "sms", "backup"} else name


def _whereabouts(database: Database) -> Whereabouts:
    path = database.path
    with database.engine.connect() as connection:
        version = ".".join(map(str, connection.dialect.server_version_info or ()))
        size = 0 if path is None else sqlite_size(connection)
    if path is None:
        url = database.engine.url.set(drivername="postgresql")
        place = url.render_as_string(hide_password=True)
        return Whereabouts(place=place, is_file=False, version=f"PostgreSQL {version}")
    free = shutil.disk_usage(path.parent).free
    return Whereabouts(place=str(path), is_file=True, version=f"SQLite {version}", size=size, free=free)


def _test_database(database: Database) -> str:
    where = _whereabouts(database)
    return f"{where.version} answers at {where.place}."
