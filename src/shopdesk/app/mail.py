"""Sends the waiting messages and reads which came back, with the current settings."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

from shopdesk import bounces
from shopdesk.app.credentials import Credentials
from shopdesk.background import Background
from shopdesk.bounces import BounceFolder, BounceReader
from shopdesk.delivery import Delivery, Mailer
from shopdesk.domain.errors import Unavailable
from shopdesk.gateways import imap, smtp
from shopdesk.gateways.mail_sign_in import MailSecrets
from shopdesk.queries import shop
from shopdesk.settings import Settings
from shopdesk.store.database import Database


class MailService:
    """The sending and reading of mail with the current settings, on threads of their own: the keyring may block."""

    def __init__(
        self, settings: Settings, database: Database, background: Background, credentials: Credentials, *, home: Path
    ) -> None:
        self.settings = settings
        self._home = home
        self._database = database
        self._background = background
        self.secrets = MailSecrets(credentials.secret, credentials.store)
        self._is_reported = False
        self.delivery = self._create_delivery()
        self._bounce_reader = self._create_bounce_reader()

    def start(self) -> None:
        """Start to send waiting messages and to read bounces; may be called again after ``close``."""
        if self.delivery.is_stopping:
            self.delivery = self._create_delivery()
            self._bounce_reader = self._create_bounce_reader()
        self.delivery.start()
        self._bounce_reader.start()

    def resume(self) -> None:
        """Try again at once, also after a rejected sign-in: the settings changed, or the user asked for a retry."""
        self.delivery.resume()
        self._bounce_reader.resume()

    def stop(self) -> None:
        """Send nothing after the message being sent, and read nothing; returns at once."""
        self.delivery.stop()
        self._bounce_reader.stop()

    def close(self) -> None:
        """Finish the message being sent, send no other and read none."""
        self.stop()
        self.delivery.close()
        self._bounce_reader.close()

    def _create_delivery(self) -> Delivery:
        return Delivery(
            self._database,
            mailer=self._mailer,
            changed=self._background.announce,
            troubled=self._background.report,
        )

    def _create_bounce_reader(self) -> BounceReader:
        return BounceReader(
            self._database,
            self._home / bounces.FILE,
            mailbox=self._mailbox,
            changed=self._background.announce,
            troubled=self._background.report,
        )

    def _mailbox(self) -> BounceFolder | None:
        mail = self.settings.mail
        if not (mail.imap_host and mail.username):
            return None

        def read(after: imap.Place | None, *, since: date, opened: Callable[[imap.Folder], object]) -> imap.Reading:
            return self.secrets.use(mail, lambda secret: imap.read(mail, secret, after, since=since, opened=opened))

        return BounceFolder(f"{mail.username} {mail.imap_folder} {mail.imap_host}:{mail.imap_port}", read)

    def _mailer(self) -> Mailer | None:
        mail = self.settings.mail
        if not mail.host:
            return None
        sender = mail.sender or self._shop_address()
        try:
            self.secrets.check(mail)
        except Unavailable as error:
            if not self._is_reported:
                self._is_reported = True
                self._background.report(error)
            return None
        if not sender:
            return None

        def send(content: bytes, *, recipient: str) -> str:
            return self.secrets.use(mail, lambda secret: smtp.send(mail, secret, content, sender, recipient))

        return Mailer(sender=sender, send=send)

    def _shop_address(self) -> str:
        with self._database.reads() as session:
            current = shop.current(session)
        return current.seller.email if current else ""
