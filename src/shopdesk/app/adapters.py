"""The ports of the windows (``ui/base/ports.py``), implemented with the gateways. Each function runs on a worker."""

from __future__ import annotations

import shutil
import threading
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from functools import partial
from secrets import token_bytes

from shopdesk import daily_backup, paths, settings
from shopdesk.app import database_move, practice, printers
from shopdesk.app.backup_scheduler import BackupScheduler
from shopdesk.app.credentials import Credentials
from shopdesk.app.environment import Environment
from shopdesk.app.mail import MailService
from shopdesk.app.print_service import PrintService
from shopdesk.domain.account import Identity
from shopdesk.domain.customer import read_phone
from shopdesk.domain.sentence import Sentence, joined, sentence
from shopdesk.domain.shop import Seller
from shopdesk.gateways import imap, keychain, mail_sign_in, oauth, providers, sms, smtp, update_check
from shopdesk.gateways.local_drafts import LocalDraftStore
from shopdesk.gateways.mail_sign_in import MailSecrets
from shopdesk.settings import MailSettings, MailSignIn, ProviderSettings, Settings, SmsSettings
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
    SmsPort,
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
        if password and mail.sign_in is MailSignIn.PASSWORD:
            return _test_mail(mail, password)
        return mail_service.secrets.use(mail, partial(_test_mail, mail))

    def test_sms(given: SmsSettings, key: str | None, to: str) -> str:
        return _test_sms(given, key or credentials.secret("sms"), to, database)

    def use_folder(chosen: str) -> Settings:
        if chosen:
            daily_backup.choose_folder(paths.typed(chosen))
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
        mail=MailPort(
            redirect=lambda mail: mail_sign_in.mail_provider(mail).redirect,
            test=test_mail,
            sign_in=partial(_consent, credentials, mail_service.secrets),
        ),
        printing=PrintingPort(open_drawer=print_service.open_drawer, resume=print_service.resume),
        printer=printers.port(),
        sms=SmsPort(test=test_sms),
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
            check=backup_scheduler.check_everything,
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
    kept = credentials.client_secret(f"providers.{name}", secret)
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


def _consent(
    credentials: Credentials,
    secrets: MailSecrets,
    mail: MailSettings,
    *,
    secret: str | None,
    cancelled: threading.Event,
    on_progress: Callable[[BrowserSignIn], object],
) -> Sentence:
    """Let the owner allow the use of the mailbox in the browser; blocks a worker until they are done."""
    is_google = mail.sign_in is MailSignIn.GOOGLE
    kept = credentials.client_secret(mail_sign_in.CLIENT_SECRET, secret) if is_google else None
    return secrets.consent(
        mail,
        client_secret=kept,
        open_browser=lambda address: on_progress(BrowserSignIn(address, oauth.TIMEOUT_SECONDS)),
        cancelled=cancelled,
    )


def _test_mail(mail: MailSettings, secret: str | None) -> Sentence:
    said = smtp.test(mail, secret)
    return joined((said, imap.test(mail, secret))) if mail.imap_host else said


def _available_update(address: str) -> AvailableUpdate | None:
    found = update_check.newest_release(address)
    return AvailableUpdate(version=found.version, text=found.text, link=found.link) if found else None


def _test_sms(given: SmsSettings, key: str | None, to: str, database: Database) -> Sentence:
    """Send a text message to a number, or only check the gateway where none is given."""
    from shopdesk.queries import shop
    from shopdesk.render import sms_message

    if not to:
        return sms.check(given, key)
    with database.reads() as session:
        current = shop.current(session)
    seller = current.seller if current else Seller(name="shopdesk")
    recipient = read_phone(to, seller.country)
    text = sms_message.test_sms(seller.name, current.language if current else "en")
    answer = sms.send(given, key, text, recipient=recipient)
    return sentence("The gateway took the message to {number}: {answer}.", number=recipient, answer=answer)


def _test_provider(credentials: Credentials, name: str, given: ProviderSettings, secret: str | None) -> str:
    return oauth.test(providers.provider(name, given), secret or credentials.client_secret(f"providers.{name}", None))


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
