"""The update check: reads a small file at the address set by the owner; off without an address.

The file is JSON: ``{"version": "1.2.0", "text": "What is new", "link": "https://…"}``. The request sends nothing but
the version of this program.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass

from shopdesk import __version__
from shopdesk.domain.errors import Unavailable
from shopdesk.domain.sentence import sentence
from shopdesk.gateways.providers import Provider, is_safe
from shopdesk.gateways.server_text import shown
from shopdesk.settings import ProviderKind

_SECONDS = 10.0
_VERSION = re.compile(r"\d{1,6}(?:\.\d{1,6}){0,4}", re.ASCII)
_LONGEST_TEXT = 60
_ADVICE = sentence("Check the address of the version file in Settings, Health.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """A newer version; ``text`` and ``link`` lead to its release notes and may be empty."""

    version: str
    text: str
    link: str


def newest_release(address: str) -> Release | None:
    """Return the announced version if it is newer than this program. Raises Unavailable, after ten seconds at most."""
    from shopdesk.gateways import oauth_http

    if not is_safe(address):
        raise Unavailable(sentence("The address of the version file must begin with https://."), advice=_ADVICE)
    try:
        with oauth_http.session(_SOURCE, None, end=time.monotonic() + _SECONDS) as http:
            answer = oauth_http.get(http, _SOURCE, address)
    except Unavailable as error:
        raise Unavailable(error.what, advice=_ADVICE) from error
    facts = answer if isinstance(answer, dict) else {}
    version = facts.get("version")
    if not isinstance(version, str) or not _VERSION.fullmatch(version):
        raise Unavailable(sentence("The version file contains no version number."), advice=_ADVICE)
    if not is_newer(version, than=__version__):
        return None
    link, text = (str(facts.get(name) or "") for name in ("link", "text"))
    return Release(version=version, text=shown(text)[:_LONGEST_TEXT], link=link if is_safe(link) else "")


def is_newer(version: str, *, than: str) -> bool:
    """Return True if one dotted version is higher than another: 0.10 is higher than 0.9, and 1.0 equals 1."""
    return _parts(version) > _parts(than)


def _parts(version: str) -> tuple[int, ...]:
    return tuple(map(int, re.sub(r"(\.0+)+$", "", version).split(".")))


# The version file is fetched under the same rules as a sign-in provider's answers.
_SOURCE = Provider(
    name="updates",
    kind=ProviderKind.OIDC,
    label=sentence("The version file"),
    client_id="",
    issuer="",
    redirect="",
    scopes=(),
    endpoints=None,
)
