"""What is asked of others: the mail server and the sign-in providers. Nothing is sent, nobody signs in."""

from __future__ import annotations

from shopdesk.doctor.finding import Finding, Patient, State, fail, kinds, not_working, warn, well
from shopdesk.domain.errors import Refused, Unavailable


def mail(patient: Patient) -> Finding:
    """Go the whole way to the mail server, up to the first message."""
    from shopdesk.gateways import secrets, smtp

    server = patient.settings.mail
    if not server.host:
        return well("No mail server is set up: customers get no e-mail.", plain="none")
    plain = f"{server.security.value}, port {server.port}, {'with' if server.username else 'without'} sign-in"
    try:
        password = secrets.read("mail") if server.username else None
    except Unavailable as error:
        what = "The doctor does not know the password for mail: no keyring keeps it."
        return warn(what, "Settings, Mail, “Test” tries the one that was typed.", plain=f"{plain}, {kinds(error)}")
    try:
        said = smtp.test(server, password)
    except Unavailable as error:
        return fail(error.what, error.advice, plain=f"{plain}, {kinds(error)}")
    return well(said, plain=plain)


def newer(patient: Patient) -> Finding:
    """Whether a newer version is announced, where somebody is asked for it."""
    from shopdesk.gateways import updates

    if not patient.settings.update_address:
        return well("Nobody is asked for newer versions: no address is set.", plain="not asked")
    try:
        found = updates.newest(patient.settings.update_address)
    except Unavailable as error:
        return not_working(error, State.WARN)
    if found is not None:
        return warn(f"shopdesk {found.version} is there.", f"Install it. {found.link}".strip(), plain=found.version)
    return well("This is the newest version.", plain="newest")


def providers(patient: Patient) -> Finding:
    """Ask each provider whether it knows this program."""
    from shopdesk.gateways import oauth, secrets
    from shopdesk.gateways import providers as known

    asked, broken = [], []
    for name, given in patient.settings.providers.items():
        if given.client_id:
            provider = known.provider(name, given)
            try:
                asked.append(oauth.test(provider, secrets.read(provider.secret_name)))
            except (Refused, Unavailable) as error:
                broken.append(error)
    plain = f"{len(asked)} work, {len(broken)} do not"
    if broken:
        finding = not_working(broken[0])
        return fail(finding.text, finding.advice, plain=f"{plain}: {', '.join(map(kinds, broken))}")
    return well(" ".join(asked) or "No sign-in provider is set up.", plain=plain)
