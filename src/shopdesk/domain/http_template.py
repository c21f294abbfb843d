"""A request of HTTP with placeholders, by which the owner tells how a gateway for text messages is called.

Each value is escaped for the place where it stands: in the address, a form, JSON or XML. Nothing that a customer or a
product is called can end a field and begin another one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from string import punctuation
from urllib.parse import quote, quote_plus
from xml.sax.saxutils import escape

from shopdesk.domain.errors import FieldError, Refused
from shopdesk.domain.sentence import sentence

METHODS = ("POST", "GET", "PUT")
FORM, JSON = "application/x-www-form-urlencoded", "application/json"
PLACEHOLDERS = ("to", "digits", "text", "sender", "secret")
"""The recipient with and without its plus sign, the text, the sender, and the secret of the keyring."""
_PLACEHOLDER = re.compile(r"\{([A-Za-z_]+)\}")
_HEADER = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+:[ \t]*[\x20-\x7e]+")  # RFC 9110, 5.5 and 5.6.2
_BEGINS_JSON = re.compile(r'\s*(\{\s*"|\[)')
_IN_HEADERS = ("to", "digits", "sender", "secret")
_SAMPLE = dict.fromkeys(PLACEHOLDERS, "+4915112345678")


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """A request that is ready to be sent."""

    method: str
    address: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpTemplate:
    """A request with placeholders such as ``{to}``. ``headers`` are lines like ``Accept: application/json``."""

    method: str
    address: str
    headers: tuple[str, ...] = ()
    body: str = ""

    def filled(self, values: Mapping[str, str]) -> HttpRequest:
        """Return the request with these values. Raise Refused as ``check`` does."""
        self.check()
        given = {"Content-Type": self._content_type()} if self.body else {}
        headers = {name: _filled(text, values, header_value) for name, text in (given | self._headers()).items()}
        body = _filled(self.body, values, self._escape()).encode()
        address = quote(_filled(self.address, values, _address_value), safe=punctuation)  # other letters of its own
        return HttpRequest(self.method, address, headers, body)

    def check(self) -> None:
        """Raise Refused with one error for each field that cannot be sent."""
        faults = [*self._unknown(), *self._wrong_headers(), *self._wrong_body()]
        if self.method not in METHODS:
            faults.append(FieldError(sentence("The method must be POST, GET or PUT."), "method"))
        told = set(_PLACEHOLDER.findall(self.address + self.body))
        if not self.address:
            faults.append(FieldError(sentence("Enter the address of the gateway."), "address"))
        elif not (told & {"to", "digits"} and "text" in told):
            where = "body" if self.body else "address"
            faults.append(FieldError(sentence("It needs the placeholders {to} and {text}."), where))
        if faults:
            raise Refused(faults)

    def _unknown(self) -> list[FieldError]:
        """Return an error for each field with a word in braces that is no placeholder there."""
        parts = (
            ("address", self.address, PLACEHOLDERS),
            ("headers", "\n".join(self.headers), _IN_HEADERS),
            ("body", self.body, PLACEHOLDERS),
        )
        return [
            FieldError(
                sentence(
                    "{name} is not available here. Use {names}.",
                    name=f"{{{name}}}",
                    names=tuple(f"{{{one}}}" for one in known),
                ),
                field,
            )
            for field, text, known in parts
            for name in _PLACEHOLDER.findall(text)
            if name not in known
        ][:1]

    def _wrong_headers(self) -> list[FieldError]:
        wrong = next((line for line in self.headers if not _HEADER.fullmatch(line)), None)
        if wrong is None:
            return []
        return [FieldError(sentence("“{line}” is no header. Write it like “Name: value”.", line=wrong), "headers")]

    def _wrong_body(self) -> list[FieldError]:
        if self.body and self.method == "GET":
            return [
                FieldError(sentence("A request by GET has no body. Put the placeholders into the address."), "body")
            ]
        if self.body and self._is_json():
            try:
                json.loads(_filled(self.body, _SAMPLE, self._escape()))
            except ValueError as error:
                return [FieldError(sentence("The body is no JSON: {error}.", error=str(error)), "body")]
        return []

    def _headers(self) -> dict[str, str]:
        parts = (line.partition(":") for line in self.headers)
        return {name.strip().title(): text.strip() for name, _, text in parts}

    def _content_type(self) -> str:
        """Return the content type: the header's, else that of the body."""
        return self._headers().get("Content-Type") or (JSON if _BEGINS_JSON.match(self.body) else FORM)

    def _kind(self) -> str:
        return self._content_type().partition(";")[0].strip().lower()

    def _is_json(self) -> bool:
        return self._kind() == JSON or self._kind().endswith("+json")

    def _escape(self) -> Callable[[str], str]:
        kind = self._kind()
        if self._is_json():
            return lambda text: json.dumps(text, ensure_ascii=False)[1:-1]
        if kind == FORM:
            return quote_plus
        return (lambda text: escape(text, {'"': "&quot;"})) if "xml" in kind else str


def _filled(template: str, values: Mapping[str, str], write: Callable[[str], str]) -> str:
    """Replace all placeholders in one go, so that a value with braces stays as it is."""
    return _PLACEHOLDER.sub(lambda found: write(values.get(found[1], "")), template)


def _address_value(text: str) -> str:
    return quote(text, safe="")


def header_value(text: str) -> str:
    """Return a text as a header can have it: without line breaks and letters other than ASCII."""
    return "".join(one for one in text if " " <= one <= "~")
