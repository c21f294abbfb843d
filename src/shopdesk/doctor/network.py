"""Checks of mail server, text messages, sign-in providers and updates. They send nothing and sign in no account."""

from __future__ import annotations

from collections.abc import Callable

from shopdesk.doctor.check import CheckResult, CheckState, Installation, fail, kinds, not_working, ok, warn
from shopdesk.domain.errors import Refused, Unavailable
from shopdesk.domain.sentence import Sentence, joined, sentence, verbatim
from shopdesk.settings import MailSettings, SmsGateway


def mail(installation: Installation) -> CheckResult:
    """Connect and sign in to the mail server, without sending a message."""
    server = installation.settings.mail
    if not server.host:
        return ok(sentence("No mail server is set up: customers do not receive e-mail."), plain="none")
    from shopdesk.gateways import smtp

    how = f"sign-in by {server.sign_in.value}" if server.username else "without sign-in"
    return _tried(server, smtp.test, plain=f"{server.security.value}, port {server.port}, {how}")


def bounces(installation: Installation) -> CheckResult:
    """Open the folder that bounces come to, without changing anything in it."""
    server = installation.settings.mail
    if not server.imap_host:
        return ok(sentence("Bounces are not read: no IMAP server is set up."), plain="none")
    from shopdesk.gateways import imap

    plain = f"{server.imap_security.value}, port {server.imap_port}, sign-in by {server.sign_in.value}"
    return _tried(server, imap.test, plain=plain)


def _tried(server: MailSettings, test: Callable[[MailSettings, str | None], Sentence], *, plain: str) -> CheckResult:
    """Sign in with the secret of the keyring; what no keyring has cannot be tried."""
    from shopdesk.gateways import keychain
    from shopdesk.gateways.mail_sign_in import MailSecrets

    secrets = MailSecrets(keychain.read, lambda _name, _secret: None)  # a check changes nothing
    try:
        secrets.check(server)
    except Unavailable as error:
        what = sentence("Not checked: the keyring has no password for the mail server.")
        return warn(
            what,
            sentence("Use “Test” in Settings, Mail: it tries the password you entered."),
            plain=f"{plain}, {kinds(error)}",
        )
    try:
        said = secrets.use(server, lambda secret: test(server, secret))
    except Unavailable as error:
        return fail(error.what, error.advice, plain=f"{plain}, {kinds(error)}")
    return ok(said, plain=plain)


def text_messages(installation: Installation) -> CheckResult:
    """Check the settings of the gateway for text messages, and that it answers, without sending a message."""
    from shopdesk.gateways import keychain, sms

    gateway = installation.settings.sms
    if gateway.gateway is SmsGateway.NONE:
        return ok(sentence("No gateway for text messages is set up."), plain="none")
    try:
        key = keychain.read("sms")
    except Unavailable as error:
        what = sentence("Not checked: the keyring has no key for the gateway.")
        advice = sentence("Use “Test” in Settings, Text messages: it tries the key you entered.")
        return warn(what, advice, plain=f"{gateway.gateway.value}, {kinds(error)}")
    try:
        said = sms.check(gateway, key)
    except Unavailable as error:
        return fail(error.what, error.advice, plain=f"{gateway.gateway.value}, {kinds(error)}")
    return ok(said, plain=gateway.gateway.value)


def updates(installation: Installation) -> CheckResult:
    """Check whether a newer version is available, if an address for that is set."""
    from shopdesk.gateways import update_check

    if not installation.settings.update_address:
        return ok(sentence("Update check is off: no address is set."), plain="not asked")
    try:
        found = update_check.newest_release(installation.settings.update_address)
    except Unavailable as error:
        return not_working(error, CheckState.WARN)
    if found is not None:
        return warn(
            sentence("shopdesk {version} is available.", version=found.version),
            joined((sentence("Install it."), verbatim(found.link))),
            plain=found.version,
        )
    return ok(sentence("shopdesk is up to date."), plain="newest")


def providers(installation: Installation) -> CheckResult:
    """Check that each provider accepts this program's registration."""
    from shopdesk.gateways import keychain, oauth
    from shopdesk.gateways import providers as known

    works, broken, unread = [], [], []
    for name, given in installation.settings.providers.items():
        if not given.client_id:
            continue
        provider = known.provider(name, given)
        try:
            secret = keychain.read(provider.secret_name)
        except Unavailable:
            unread.append(provider.label)
            continue
        try:
            works.append(oauth.test(provider, secret))
        except (Refused, Unavailable) as error:
            broken.append(error)
    plain = f"{len(works)} work, {len(broken)} do not, {len(unread)} not checked"
    if broken:
        results = [not_working(error) for error in broken]
        advice = dict.fromkeys(result.advice for result in results if result.advice)
        text = joined(result.text for result in results)
        return fail(text, joined(advice), plain=f"{plain}: {', '.join(map(kinds, broken))}")
    if unread:
        text = sentence("Not checked: the keyring has no client secret for {providers}.", providers=tuple(unread))
        return warn(
            text, sentence("Use “Test” in {where}: it tries the secret you entered.", where=known.WHERE), plain=plain
        )
    return ok(joined(works) if works else sentence("No sign-in provider is set up."), plain=plain)
