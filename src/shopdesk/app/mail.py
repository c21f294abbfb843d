"""Builds the mail sender from the current settings and looks up the credentials of mail and sign-in providers."""

from __future__ import annotations

from shopdesk.background import Background
from shopdesk.delivery import Delivery, Mailer
from shopdesk.domain.errors import Unavailable
from shopdesk.gateways import keychain, smtp
from shopdesk.queries import shop
from shopdesk.settings import Settings
from shopdesk.store.database import Database
from shopdesk.ui.base.ports import SecretRequired


class MailService:
    """The sending of mail with the current settings, on the delivery thread because the keyring may block."""

    def __init__(
        self, settings: Settings, database: Database, background: Background, *, secrets: dict[str, str]
    ) -> None:
        self.settings = settings
        self.secrets = secrets  # those the keyring could not store, until the program ends
        self._database = database
        self._background = background
        self._is_told = False
        self.delivery = self._message()

    def start(self) -> None:
        """Start to send waiting messages; may be called again after ``close``."""
        if self.delivery.is_stopping:
            self.delivery = self._message()
        self.delivery.start()

    def close(self) -> None:
        """Finish the message being sent and send no other."""
        self.delivery.close()

    def _message(self) -> Delivery:
        return Delivery(
            self._database,
            mailer=self._mailer,
            changed=self._background.announce,
            troubled=self._background.report,
        )

    def secret(self, name: str) -> str | None:
        """Return a secret as typed in this run or from the keyring, or None. Raises Unavailable without a keyring."""
        return self.secrets.get(name) or keychain.read(secret_name(name))

    def provider_secret(self, name: str, typed: str | None) -> str | None:
        """Return a provider's client secret, or None if it has none. Raises SecretRequired when it must be typed."""
        group = f"providers.{name}"
        if typed is not None:
            self.secrets[group] = typed
        if group in self.secrets:
            return self.secrets[group] or None
        try:
            return self.secret(group)
        except Unavailable as error:
            raise SecretRequired(error.what, advice=error.advice) from error

    def _mailer(self) -> Mailer | None:
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
        with self._database.reads() as session:
            current = shop.current(session)
        return current.seller.email if current else ""


def secret_name(group: str) -> str:
    """Return the name in the keyring of the secret of a group of settings."""
    return group.replace("providers.", "provider ")
