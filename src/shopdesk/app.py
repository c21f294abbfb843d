"""The program, from start to end.

1. The application and its name.
2. Background: the threads everything slow runs on.
3. The window with the sign-in page, in our look. It is painted before anything heavy is imported.
4. On the database's thread: settings, log, database, migrations. A fault there is a page that says what to do.
5. Delivery begins to empty the outbox, and the sign-in page takes people in.

Each step registers its own undo where it is made; at the end they run in reverse: the window goes first, so that what
it still writes is written; then delivery, the database, the log; the threads last.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QObject
from PySide6.QtWidgets import QApplication

from shopdesk import __version__, paths
from shopdesk.background import Background
from shopdesk.domain.errors import Unavailable
from shopdesk.ui import theme
from shopdesk.ui.main_window import MainWindow

if TYPE_CHECKING:
    from shopdesk.delivery import Delivery, Mailer
    from shopdesk.domain.account import Identity
    from shopdesk.settings import Settings
    from shopdesk.store.database import Database
    from shopdesk.ui.doors import Doors, InBrowser, Whereabouts, WithCode


def run() -> int:
    """Open the window and stay until it is closed. Returns the exit status."""
    app = application()
    with ExitStack() as stack:
        stack.callback(theme.forget)
        begin(stack, app, home=paths.home(), environ=os.environ).show()
        return app.exec()


def application() -> QApplication:
    """The one application of this process."""
    existing = QApplication.instance()
    app = existing if isinstance(existing, QApplication) else QApplication(["shopdesk", *theme.STYLE])
    app.setApplicationName("shopdesk")
    app.setApplicationDisplayName("shopdesk")
    app.setOrganizationName("shopdesk")
    app.setApplicationVersion(__version__)
    return app


def begin(stack: ExitStack, app: QApplication, *, home: Path, environ: Mapping[str, str]) -> MainWindow:
    """Build everything into ``stack``; the window comes back at once, the database opens when it has been painted."""
    background = Background()
    stack.callback(background.close)
    opened = stack.enter_context(ExitStack())
    theme.prepare(app)
    window = MainWindow(background, now=_now, report=_report)
    stack.callback(_bury, window)
    theme.start(app)
    opening = _Opening(app, window, background, opened, home, environ)
    window.painted.connect(opening.finish_look)
    window.painted.connect(opening.read_settings)
    window.retry_wanted.connect(opening.read_settings)
    return window


class _Opening(QObject):
    """Step 4 and 5: each part runs on the database's thread, and the next one begins when it is done."""

    def __init__(
        self,
        app: QApplication,
        window: MainWindow,
        background: Background,
        opened: ExitStack,
        home: Path,
        environ: Mapping[str, str],
    ) -> None:
        super().__init__(window)
        self._app = app
        self._window = window
        self._background = background
        self._opened = opened
        self._home = home
        self._environ = environ
        self._post: _Post | None = None

    def finish_look(self) -> None:
        """What the first paint did not wait for."""
        theme.finish(self._app)

    def read_settings(self) -> None:
        """What this installation is told; then its log."""
        self._background.prepare(
            _read, self._home, self._environ, owner=self, then=self._on_settings, failed=self._window.show_trouble
        )

    def _on_settings(self, settings: Settings) -> None:
        from shopdesk import logs

        self._opened.close()  # of the try before
        try:
            self._opened.enter_context(logs.writing(self._home, settings.log_level))
        except Unavailable as error:
            self._window.show_trouble(error)
            return
        self._opened.callback(_hook(self._background))
        self._background.prepare(
            _open,
            settings,
            owner=self,
            then=lambda database: self._on_database(settings, database),
            failed=self._window.show_trouble,
        )

    def _on_database(self, settings: Settings, database: Database) -> None:
        self._opened.callback(self._background.prepare, database.close, owner=self._background)
        self._background.attach(database.sessions, database.reads)
        self._post = _Post(settings, database, self._background)
        delivery = self._post.delivery
        delivery.start()
        self._opened.callback(delivery.close)
        if database.path is None:
            self._listen(database)
        self._background.changed.connect(self._on_changed)
        self._window.settings_changed.connect(self._on_settings_changed)
        self._window.sending_wanted.connect(delivery.resume)
        self._window.open(settings, _doors(self._home, self._environ, self._post, database))

    def _listen(self, database: Database) -> None:
        """With several tills: tell the others what was written here, and hear what they write."""
        from shopdesk.store.notices import Notices

        notices = Notices(database.engine.url, heard=self._background.announce)
        notices.start()
        self._opened.callback(notices.close)
        self._background.written.connect(notices.tell)

    def _on_changed(self, tables: frozenset[str]) -> None:
        if self._post is not None and "outbox" in tables:
            self._post.delivery.wake()

    def _on_settings_changed(self, settings: Settings) -> None:
        if self._post is not None:
            self._post.settings = settings
            self._post.delivery.resume()


class _Post:
    """The way mail leaves, by the settings of the moment. Asked on delivery's own thread: the keyring may take time."""

    def __init__(self, settings: Settings, database: Database, background: Background) -> None:
        from shopdesk.delivery import Delivery

        self.settings = settings
        self.secrets: dict[str, str] = {}  # what the keyring could not keep is known until the program ends
        self._database = database
        self._background = background
        self._is_told = False
        self.delivery: Delivery = Delivery(
            database, mailer=self._mailer, changed=background.announce, troubled=background.report
        )

    def secret(self, name: str) -> str | None:
        """A secret as typed in this run, or from the keyring. Raises Unavailable without one."""
        from shopdesk.gateways import secrets

        return self.secrets.get(name) or secrets.read(_secret_name(name))

    def provider_secret(self, name: str, typed: str | None) -> str | None:
        """A provider's client secret, or None where it has none. Raises SecretWanted when nobody can know."""
        from shopdesk.ui.doors import SecretWanted

        group = f"providers.{name}"
        if typed is not None:
            self.secrets[group] = typed
        if group in self.secrets:
            return self.secrets[group] or None
        try:
            return self.secret(group)
        except Unavailable as error:
            raise SecretWanted(error.what, advice=error.advice) from error

    def _mailer(self) -> Mailer | None:
        from shopdesk.delivery import Mailer
        from shopdesk.gateways import smtp

        mail = self.settings.mail
        if not mail.host:
            return None
        sender = mail.sender or self._shop_address()
        try:
            password = self.secret("mail") if mail.username else None
        except Unavailable as error:
            if not self._is_told:
                self._is_told = True
                self._background.report(error)
            return None
        if not sender:
            return None

        def send(content: bytes, *, recipient: str) -> str:
            return smtp.send(mail, password, content, sender, recipient)

        return Mailer(sender=sender, send=send)

    def _shop_address(self) -> str:
        from shopdesk.queries import shop

        with self._database.reads() as session:
            current = shop.current(session)
        return current.seller.email if current else ""


def _read(home: Path, environ: Mapping[str, str]) -> Settings:
    from shopdesk import settings

    return settings.load(home, environ)


def _open(settings: Settings) -> Database:
    """Connect, check, migrate; and import here what the pages will need, so that no page waits for it."""
    from shopdesk.gateways import secrets
    from shopdesk.store import database, upgrade

    url = database.parse(settings.database)
    if url.get_backend_name() != "sqlite" and not url.password:
        with suppress(Unavailable):  # the server may let us in without one, and says so if not
            url = url.set(password=secrets.read("database"))
    opened = database.connect(url)
    upgrade.open_ready(opened)
    from shopdesk.queries import accounts, dashboard, documents, drafts, outbox, shop  # noqa: F401
    from shopdesk.usecases import accounts as people  # noqa: F401

    return opened


def _doors(home: Path, environ: Mapping[str, str], post: _Post, database: Database) -> Doors:
    """What the settings page reaches outside the program; each function runs on a worker."""
    from shopdesk import settings
    from shopdesk.gateways import oauth, providers, secrets, smtp
    from shopdesk.store import backup
    from shopdesk.ui.doors import Doors

    def save_settings(changes: Mapping[str, object]) -> Settings:
        settings.save(home, changes)
        return settings.load(home, environ)

    def keep(group: str, secret: str) -> None:
        post.secrets[group] = secret
        secrets.write(_secret_name(group), secret)

    def forget(group: str) -> None:
        post.secrets.pop(group, None)
        secrets.forget(_secret_name(group))

    def back_up(target: Path) -> int:
        if database.path is None:
            raise Unavailable("The database is on a server.", advice="Back it up there with pg_dump.")
        backup.back_up(database.path, target)
        return target.stat().st_size

    return Doors(
        save_settings=save_settings,
        is_kept=lambda group: bool(post.secret(group)),
        keep=keep,
        forget=forget,
        test_mail=lambda mail, password: smtp.test(mail, password or (post.secret("mail") if mail.username else None)),
        redirect=lambda given: providers.provider("", given).redirect,
        sign_in=partial(_sign_in, post),
        pepper=_pepper,
        test_provider=lambda name, given: oauth.test(providers.provider(name, given), post.secret(f"providers.{name}")),
        whereabouts=lambda: _whereabouts(database),
        test_database=lambda written: _test_database(written, home, environ, database),
        back_up=back_up,
        overridden={key: name for name in environ if (key := _overridden(name))},
    )


def _sign_in(
    post: _Post,
    name: str,
    *,
    secret: str | None,
    cancelled: threading.Event,
    tell: Callable[[InBrowser | WithCode], object],
) -> Identity:
    """Whoever signs in at a provider; on a worker, for as long as they take."""
    from shopdesk.gateways import oauth, providers
    from shopdesk.ui.doors import InBrowser, WithCode

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


_PEPPER = "pin pepper"
_PEPPER_BYTES = 32
_one_pepper = threading.Lock()


def _pepper() -> bytes:
    """This till's pepper for PINs. Raises Unavailable without a keyring: then there are no PINs here."""
    from base64 import b64decode, b64encode
    from secrets import token_bytes

    from shopdesk.gateways import secrets

    with _one_pepper:  # two that are made at once would be two peppers
        kept = secrets.read(_PEPPER)
        if kept is None:
            kept = b64encode(token_bytes(_PEPPER_BYTES)).decode()
            secrets.write(_PEPPER, kept)
    return b64decode(kept)


def _secret_name(group: str) -> str:
    """What the keyring calls the secret of a group of settings."""
    return group.replace("providers.", "provider ")


def _overridden(variable: str) -> str:
    """The dotted key that a variable overrides, or nothing."""
    if not variable.startswith("SHOPDESK_") or variable == "SHOPDESK_HOME":
        return ""
    if variable == "SHOPDESK_DATABASE_URL":
        return "database"
    name = variable.removeprefix("SHOPDESK_").lower()
    group, _, rest = name.partition("_")
    return f"{group}.{rest}" if group in {"till", "mail", "sms"} else name


def _whereabouts(database: Database) -> Whereabouts:
    from shopdesk.ui.doors import Whereabouts

    path = database.path
    with database.engine.connect() as connection:
        version = ".".join(map(str, connection.dialect.server_version_info or ()))
    if path is None:
        url = database.engine.url.set(drivername="postgresql")
        place = url.render_as_string(hide_password=True)
        return Whereabouts(place=place, is_file=False, version=f"PostgreSQL {version}")
    import shutil

    free = shutil.disk_usage(path.parent).free
    return Whereabouts(place=str(path), is_file=True, version=f"SQLite {version}", size=path.stat().st_size, free=free)


def _test_database(written: str, home: Path, environ: Mapping[str, str], database: Database) -> str:
    """Connect and look; nothing is made or changed."""
    from shopdesk import settings
    from shopdesk.store import database as databases
    from shopdesk.store import upgrade

    if not written:
        where = _whereabouts(database)
        return f"{where.version} answers at {where.place}."
    url = databases.parse(settings.load(home, {**environ, "SHOPDESK_DATABASE_URL": written}).database)
    path = databases.sqlite_path(url)
    if path is not None and not path.exists():
        return f"There is no file {path} yet: it is made when the program starts with it."
    tried = databases.connect(url)
    try:
        with tried.engine.connect() as connection:
            version = upgrade.current_version(connection)
    finally:
        tried.close()
    return "It answers, and has a shop in it." if version else "It answers, and is empty: the next start sets it up."


def _report(error: BaseException) -> str:
    from shopdesk import logs

    return logs.report(error)


def _hook(background: Background) -> Callable[[], None]:
    """Errors that nobody caught, in a slot or an event, are shown as well as logged. Returns the undo."""
    before = sys.excepthook

    def shown(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        before(kind, error, trace)  # the log
        if isinstance(error, Exception):
            background.report(error)

    def undo() -> None:
        sys.excepthook = before

    sys.excepthook = shown
    return undo


def _now() -> datetime:
    return datetime.now(UTC)


def _bury(window: MainWindow) -> None:
    """Close the window and carry it out at once: nothing of it may outlive the threads below it."""
    from PySide6.QtCore import QEvent

    window.close()
    window.deleteLater()
    QCoreApplication.sendPostedEvents(window, QEvent.Type.DeferredDelete)
