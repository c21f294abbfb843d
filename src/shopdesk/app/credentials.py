"""The secrets of mail, database and sign-in providers: as typed in this run, or from the system's keyring."""

from __future__ import annotations

from shopdesk.domain.errors import Unavailable


class Credentials:
    """Secrets by their group of settings, such as "mail" or "providers.github". The keyring may block: use a worker."""

    def __init__(self) -> None:
        self._typed: dict[str, str] = {}  # until the program ends, also without a keyring

    def secret(self, group: str) -> str | None:
        """Return a secret as typed in this run or from the keyring, or None. Raises Unavailable without a keyring."""
        from shopdesk.gateways import keychain

        if group in self._typed:
            return self._typed[group] or None
        return keychain.read(_keyring_name(group))

    def client_secret(self, group: str, typed: str | None) -> str | None:
        """Return a provider's client secret, or None if it has none. Raises SecretRequired when it must be typed."""
        if typed is not None:
            self._typed[group] = typed
        try:
            return self.secret(group)
        except Unavailable as error:
            from shopdesk.ui.base.ports import SecretRequired

            raise SecretRequired(error.what, advice=error.advice) from error

    def remember(self, group: str, secret: str) -> None:
        """Use a secret until the program ends."""
        self._typed[group] = secret

    def store(self, group: str, secret: str) -> None:
        """Store a secret in the keyring. Raises Unavailable without one; the secret is then used until the end."""
        from shopdesk.gateways import keychain

        self.remember(group, secret)
        keychain.write(_keyring_name(group), secret)

    def delete(self, group: str) -> None:
        """Forget a secret and delete it from the keyring. Raises Unavailable without one."""
        from shopdesk.gateways import keychain

        self._typed.pop(group, None)
        keychain.delete(_keyring_name(group))


def _keyring_name(group: str) -> str:
    return group.replace("providers.", "provider ")
