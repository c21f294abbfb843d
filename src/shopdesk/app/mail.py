"""Sends the waiting messages, e-mails and text messages, with the current settings."""

from __future__ import annotations

from shopdesk.app.credentials import Credentials
from shopdesk.background import Background
from shopdesk.delivery import Delivery, Mailer
from shopdesk.domain.errors import Unavailable
from shopdesk.domain.message import Channel
from shopdesk.gateways import sms, smtp
from shopdesk.queries import shop
from shopdesk.settings import Settings, SmsGateway
from shopdesk.store.database import Database


class MailService:
    """The sending of messages with the current settings, on a thread for each channel: the keyring may block too."""

    def __init__(
        self, settings: Settings, database: Database, background: Background, credentials: Credentials
    ) -> None:
        self.settings = settings
        self._database = database
        self._background = background
        self._credentials = credentials
        self._is_reported = False
        self._deliveries = self._create_deliveries()

    def start(self) -> None:
        """Start to send waiting messages; may be called again after ``close``."""
        if any(one.is_stopping for one in self._deliveries):
            self._deliveries = self._create_deliveries()
        for one in self._deliveries:
            one.start()

    def wake(self) -> None:
        """Check the outbox at once, because a message was queued."""
        for one in self._deliveries:
            one.wake()

    def resume(self) -> None:
        """Try again at once, also after a rejected sign-in: the settings changed, or the user asked for a retry."""
        for one in self._deliveries:
            one.resume()

    def stop(self) -> None:
        """Send nothing after the messages being sent; returns at once."""
        for one in self._deliveries:
            one.stop()

    def close(self) -> None:
        """Finish the messages being sent and send no other."""
        self.stop()
        for one in self._deliveries:
            one.close()

    def _create_deliveries(self) -> tuple[Delivery, ...]:
        mailers = {Channel.EMAIL: self._mailer, Channel.SMS: self._texter}
        changed, troubled = self._background.announce, self._background.report
        return tuple(
            Delivery(self._database, mailer=mailer, channel=channel, changed=changed, troubled=troubled)
            for channel, mailer in mailers.items()
        )

    def _mailer(self) -> Mailer | None:
        mail = self.settings.mail
        if not mail.host:
            return None
        sender = mail.sender or self._shop_address()
        try:
            password = self._credentials.secret("mail") if mail.username else None
        except Unavailable as error:
            self._report_once(error)
            return None
        if not sender:
            return None

        def send(content: bytes, *, recipient: str) -> str:
            return smtp.send(mail, password, content, sender, recipient)

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
