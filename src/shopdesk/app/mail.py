"""Sends the waiting messages with the current settings."""

from __future__ import annotations

from shopdesk.app.credentials import Credentials
from shopdesk.background import Background
from shopdesk.delivery import Delivery, Mailer
from shopdesk.domain.errors import Unavailable
from shopdesk.gateways import smtp
from shopdesk.gateways.mail_sign_in import MailSecrets
from shopdesk.queries import shop
from shopdesk.settings import Settings
from shopdesk.store.database import Database


class MailService:
    """The sending of mail with the current settings, on the delivery thread because the keyring may block."""

    def __init__(
        self, settings: Settings, database: Database, background: Background, credentials: Credentials
    ) -> None:
        self.settings = settings
        self._database = database
        self._background = background
        self.secrets = MailSecrets(credentials.secret, credentials.store)
        self._is_reported = False
        self.delivery = self._create_delivery()

    def start(self) -> None:
        """Start to send waiting messages; may be called again after ``close``."""
        if self.delivery.is_stopping:
            self.delivery = self._create_delivery()
        self.delivery.start()

    def close(self) -> None:
        """Finish the message being sent and send no other."""
        self.delivery.close()

    def _create_delivery(self) -> Delivery:
        return Delivery(
            self._database,
            mailer=self._mailer,
            changed=self._background.announce,
            troubled=self._background.report,
        )

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
