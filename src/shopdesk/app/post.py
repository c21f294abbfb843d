"""The way mail leaves, by the settings of the moment, and the secrets it and the sign-in providers need."""

from __future__ import annotations

from shopdesk.background import Background
from shopdesk.delivery import Delivery, Mailer
from shopdesk.domain.errors import Unavailable
from shopdesk.gateways import secrets, smtp
from shopdesk.queries import shop
from shopdesk.settings import Settings
from shopdesk.store.database import Database
from shopdesk.ui.doors import SecretWanted


class Post:
    """The way mail leaves, by the settings of the moment. Asked on delivery's own thread: the keyring may take time."""

    def __init__(
        self, settings: Settings, database: Database, background: Background, *, secrets: dict[str, str]
    ) -> None:
        self.settings = settings
        self.secrets = secrets  # what the keyring could not keep is known until the program ends
        self._database = database
        self._background = background
        self._is_told = False
        self.delivery = self._made()

    def begin(self) -> None:
        """Send what waits from now on; also after ``close``."""
        if self.delivery.is_stopping:
            self.delivery = self._made()
        self.delivery.start()

    def close(self) -> None:
        """Finish the message under way and send no other."""
        self.delivery.close()

    def _made(self) -> Delivery:
        return Delivery(
            self._database,
            mailer=self._mailer,
            changed=self._background.announce,
            troubled=self._background.report,
        )

    def secret(self, name: str) -> str | None:
        """A secret as typed in this run, or from the keyring. Raises Unavailable without one."""
        return self.secrets.get(name) or secrets.read(secret_name(name))

    def provider_secret(self, name: str, typed: str | None) -> str | None:
        """A provider's client secret, or None where it has none. Raises SecretWanted when nobody can know."""
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
    """What the keyring calls the secret of a group of settings."""
    return group.replace("providers.", "provider ")
