"""Sends the waiting messages, e-mails and text messages, and reads which came back, with the current settings."""

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
from shopdesk.domain.message import Channel
from shopdesk.gateways import imap, sms, smtp
from shopdesk.gateways.mail_sign_in import MailSecrets
from shopdesk.queries import shop
from shopdesk.settings import Settings, SmsGateway
from shopdesk.store.database import Database


class MailService:
    """The sending and reading of messages with the current settings, on threads of their own: the keyring may block."""

    def __init__(
        self, settings: Settings, database: Database, background: Background, credentials: Credentials, *, home: Path
    ) -> None:
        self.settings = settings
        self._home = home
        self._database = database
        self._background = background
        self._credentials = credentials
        self.secrets = MailSecrets(credentials.secret, credentials.store)
        self._is_reported = False
        self._deliveries = self._create_deliveries()
        self._bounce_reader = self._create_bounce_reader()

    def start(self) -> None:
        """Start to send waiting messages and to read bounces; may be called again after ``close``."""
        if any(one.is_stopping for one in self._deliveries):
            self._deliveries = self._create_deliveries()
            self._bounce_reader = self._create_bounce_reader()
        for one in self._deliveries:
            one.start()
        self._bounce_reader.start()

    def wake(self) -> None:
        """Check the outbox at once, because a message was queued."""
        for one in self._deliveries:
            one.wake()

    def resume(self) -> None:
        """Try again at once, also after a rejected sign-in: the settings changed, or the user asked for a retry."""
        for one in self._deliveries:
            one.resume()
        self._bounce_reader.resume()

    def stop(self) -> None:
        """Send nothing after the messages being sent, and read nothing; returns at once."""
        for one in self._deliveries:
            one.stop()
        self._bounce_reader.stop()

    def close(self) -> None:
        """Finish the messages being sent, send no other and read none."""
        self.stop()
        for one in self._deliveries:
            one.close()
        self._bounce_reader.close()

    def _create_deliveries(self) -> tuple[Delivery, ...]:
        mailers = {Channel.EMAIL: self._mailer, Channel.SMS: self._texter}
        changed, troubled = self._background.announce, self._background.report
        return tuple(
            Delivery(self._database, mailer=mailer, channel=channel, changed=changed, troubled=troubled)
            for channel, mailer in mailers.items()
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
            self._report_once(error)
            return None
        if not sender:
            return None

        def send(content: bytes, *, recipient: str) -> str:
            return self.secrets.use(mail, lambda secret: smtp.send(mail, secret, content, sender, recipient))

        return Mailer(sender=sender, send=send)

    def _texter(self) -> Mailer | None:
        gateway = self.settings.sms
        if gateway.gateway is SmsGateway.NONE:
            return None
        try:
            key = self._credentials.secret("sms")
        except Unavailable as error:
            self._report_once(error)
            return None

        def send(content: bytes, *, recipient: str) -> str:
            return sms.send(gateway, key, content.decode(), recipient=recipient)

        return Mailer(sender=gateway.sender, send=send, channel=Channel.SMS)

    def _report_once(self, error: Unavailable) -> None:
        if not self._is_reported:
            self._is_reported = True
            self._background.report(error)

    def _shop_address(self) -> str:
        with self._database.reads() as session:
            current = shop.current(session)
        return current.seller.email if current else ""
