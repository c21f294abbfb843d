"""Settings of this installation: ``shopdesk.toml`` in the data folder, overridden by ``SHOPDESK_…`` variables.

Secrets are not settings: they are stored in the system keyring (gateways/keychain.py), never in this file.

To add a setting: add one field with its default and its line of help below; file, variables, checks, example and
error messages follow from it.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, TypeVar, get_args, get_origin, get_type_hints
from urllib.parse import parse_qs, unquote, urlsplit

from shopdesk import atomic_file, paths
from shopdesk.domain.customer import read_email
from shopdesk.domain.errors import FieldError, Refused, Unavailable, sentence_of
from shopdesk.domain.printer import (
    DEFAULT_PROFILE,
    PROFILES,
    AutoPrint,
    PaperChoice,
    ReceiptPrinter,
    read_drawer_pin,
    read_printer_address,
    read_profile,
    read_receipt_width,
)
from shopdesk.domain.sentence import Sentence, sentence, verbatim
from shopdesk.domain.shop import read_till_name
from shopdesk.domain.sms_cost import read_segment_cost

FILE = "shopdesk.toml"
_PREFIX = "SHOPDESK_"
_NOT_SETTINGS = frozenset({"SHOPDESK_HOME", "SHOPDESK_BACKUP_PASSPHRASE"})  # the folder of the file; a secret
_PROTECTED = r"https://[^/]|http://(127\.0\.0\.1|localhost|\[::1\])[:/]"
"""Addresses whose content cannot be changed on the way."""
_SECRETS = ("password", "secret", "token", "api_key", "apikey", "pepper", ".pin", "_pin")

T = TypeVar("T")


class LogLevel(StrEnum):
    """The level of detail of the log."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class Security(StrEnum):
    """The protection of the connection to the mail server (RFC 3207, RFC 8314)."""

    NONE = "none"
    STARTTLS = "starttls"
    TLS = "tls"


class SmsGateway(StrEnum):
    """The gateway for text messages."""

    NONE = ""
    AFRICASTALKING = "africastalking"
    HTTP = "http"


class MailSignIn(StrEnum):
    """The sign-in to the mailbox: with a password, or by the owner's consent at a provider (OAuth 2)."""

    PASSWORD = "password"  # noqa: S105 - a choice
    GOOGLE = "google"
    MICROSOFT = "microsoft"


class ProviderKind(StrEnum):
    """The protocol of a sign-in provider."""

    GITHUB = "github"
    FACEBOOK = "facebook"
    OIDC = "oidc"


class ScanSound(StrEnum):
    """The scans at which this till beeps."""

    ALWAYS = "always"
    UNKNOWN = "unknown"
    NEVER = "never"


@dataclass(frozen=True, slots=True, kw_only=True)
class TillSettings:
    """The till of this installation."""

    name: Annotated[str, "The name of this till in document numbers: 1 to 8 letters or digits."] = "A"
    printer: Annotated[str, "The system name of the A4 printer; empty: the system's default printer."] = ""
    receipt_printer: Annotated[
        str,
        "The receipt printer: tcp://192.0.2.7:9100, file:///dev/usb/lp0, serial:///dev/ttyUSB0?baud=9600, "
        "usb://04b8:0202 or queue://NAME; empty: none.",
    ] = ""
    receipt_profile: Annotated[str, "The model of the receipt printer, such as TM-T88V; “default” for any other."] = (
        DEFAULT_PROFILE
    )
    receipt_width: Annotated[int, "The width of its print head in dots; 0: the model's."] = 0
    drawer: Annotated[int, "The pin of the cash drawer at the receipt printer: 2 or 5; 0: no drawer."] = 0
    receipt_paper: Annotated[PaperChoice, "The paper of receipts: “roll” or “a4”."] = PaperChoice.ROLL
    invoice_paper: Annotated[PaperChoice, "The paper of invoices and credit notes: “roll” or “a4”."] = PaperChoice.A4
    print_receipts: Annotated[
        AutoPrint, "Receipts printed after Save: “always”, “ask”, “never” or “no_email” (if not sent by e-mail)."
    ] = AutoPrint.NEVER
    print_invoices: Annotated[
        AutoPrint, "Invoices and credit notes printed after Save: “always”, “ask”, “never” or “no_email”."
    ] = AutoPrint.NEVER
    second_slip: Annotated[bool, "Whether a second slip is printed with each receipt, for the shop."] = False
    scan_sound: Annotated[
        ScanSound, "The scans at which this till beeps: “always” all, “unknown” unknown codes, “never” none."
    ] = ScanSound.UNKNOWN
    customer_display: Annotated[
        str, "The screen that customers look at, by its name in the system; empty: none shows them anything."
    ] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MailSettings:
    """The mail server. Its password, or what Google or Microsoft gave instead, is in the keyring."""

    host: Annotated[str, "The mail server, such as smtp.example.org; empty: no e-mail is sent."] = ""
    port: Annotated[int, "Its port: 587 for starttls, 465 for tls."] = 587
    security: Annotated[Security, "“starttls”, “tls” or “none” (not encrypted; password only to this machine)."] = (
        Security.STARTTLS
    )
    username: Annotated[str, "The user name at the mail server; empty: no sign-in."] = ""
    sender: Annotated[str, "The sender's address; empty: the shop's e-mail address."] = ""
    sign_in: Annotated[MailSignIn, "“password”, “google” or “microsoft”: how the user name signs in."] = (
        MailSignIn.PASSWORD
    )
    client_id: Annotated[str, "The client ID of the shop's own registration at Google or Microsoft."] = ""
    imap_host: Annotated[str, "The server to read bounces from, such as imap.example.org; empty: none are read."] = ""
    imap_port: Annotated[int, "Its port: 993 for tls, 143 for starttls."] = 993
    imap_security: Annotated[Security, "“tls”, “starttls” or “none” (only to this machine)."] = Security.TLS
    imap_folder: Annotated[str, "The folder that bounces come to."] = "INBOX"
    issuer: Annotated[
        str, "The sign-in address; empty: the usual one. Of one organisation: https://login.microsoftonline.com/NAME."
    ] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SmsSettings:
    """The gateway for text messages. Its key is in the keyring."""

    gateway: Annotated[SmsGateway, "“africastalking”, “http” for any other; empty: no text message is sent."] = (
        SmsGateway.NONE
    )
    username: Annotated[str, "The user name at Africa's Talking; “sandbox”: messages go to its simulator."] = ""
    sender: Annotated[str, "The sender that the gateway has approved; empty: the gateway's own."] = ""
    address: Annotated[str, "The https:// address of the gateway; empty: that of Africa's Talking."] = ""
    method: Annotated[str, "For “http”: POST, GET or PUT."] = "POST"
    headers: Annotated[tuple[str, ...], "For “http”: the headers, such as “Authorization: Bearer {secret}”."] = ()
    body: Annotated[str, "For “http”: the body, with {to} or {digits}, {text}, {sender} and {secret}."] = ""
    accepted_text: Annotated[str, "For “http”: a text that is in each answer to a message that was accepted."] = ""
    segment_cost: Annotated[str, "The cost of one segment, such as “0.80 KES”; empty: no cost is shown."] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupSettings:
    """The folder of the daily backup of a local file. The key to encrypted ones is not stored: the owner has it."""

    folder: Annotated[str, "An existing folder, best on another disk; empty: “backups” in this folder."] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderSettings:
    """A sign-in provider. Its client secret is in the keyring."""

    kind: Annotated[ProviderKind, "“github”, “facebook”, or “oidc” for any OpenID Connect provider."] = (
        ProviderKind.OIDC
    )
    label: Annotated[str, "The name after “Continue with” on the button; empty: the provider's own name."] = ""
    issuer: Annotated[str, "The provider's address, such as https://login.example.org; needed for “oidc”."] = ""
    client_id: Annotated[str, "The client ID from the provider; empty: the provider is not offered."] = ""
    redirect: Annotated[str, "The address to return to; empty: http://127.0.0.1/callback on any free port."] = ""
    scopes: Annotated[tuple[str, ...], "The scopes to request; empty: for identity, name and e-mail address."] = ()


def _own_providers() -> Mapping[str, ProviderSettings]:
    own = (ProviderKind.GITHUB, ProviderKind.FACEBOOK)
    return MappingProxyType({kind.value: ProviderSettings(kind=kind) for kind in own})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All settings of this installation. ``database`` is an SQLAlchemy URL (sqlite or postgresql+psycopg).

    ``providers`` always has "github" and "facebook"; others have the names given in the file or the variables.
    """

    database: Annotated[str, "A file in this folder, or postgresql://user@host/name; empty: shopdesk.db."] = ""
    database_read: Annotated[str, "A standby to read statistics from, postgresql://user@host/name; empty: none."] = ""
    log_level: Annotated[LogLevel, "The detail of the log: “debug”, “info”, “warning” or “error”."] = LogLevel.INFO
    update_address: Annotated[
        str, "The https:// address of a file with the newest version number; empty: no update check."
    ] = ""
    till: TillSettings = field(default_factory=TillSettings)
    mail: MailSettings = field(default_factory=MailSettings)
    sms: SmsSettings = field(default_factory=SmsSettings)
    backup: BackupSettings = field(default_factory=BackupSettings)
    providers: Mapping[str, ProviderSettings] = field(default_factory=_own_providers)
    is_till_named: bool = False
    """True if the till's name was set; else it is the default name, for a shop with one till."""
    is_practice: bool = False
    """True in the practice folder: nothing leaves it."""


_SECTIONS: Mapping[str, type] = {
    "till": TillSettings,
    "mail": MailSettings,
    "sms": SmsSettings,
    "backup": BackupSettings,
}
_EXAMPLES: Mapping[type, Sentence] = {
    str: sentence("text in quotation marks"),
    int: sentence("a whole number, such as 587"),
    bool: sentence("true or false"),
    tuple: sentence("a list of texts"),
}


def _options(of: type) -> dict[str, tuple[Any, str]]:
    """Return the options of a group: name, type and line of help."""
    hints = get_type_hints(of, include_extras=True)
    return {name: get_args(hint)[:2] for name, hint in hints.items() if get_origin(hint) is Annotated}


def _types(of: type) -> dict[str, Any]:
    return {name: hint for name, (hint, _) in _options(of).items()}


def _known_keys() -> dict[str, Any]:
    """Return every fixed key with its type: ``{"mail.port": int, …}``."""
    known = _types(Settings)
    for section, of in _SECTIONS.items():
        known |= {f"{section}.{name}": hint for name, hint in _types(of).items()}
    return known


@dataclass(frozen=True, slots=True)
class _Given:
    """A given value, its dotted key, and its source, for the message when it is wrong."""

    key: str
    value: object
    where: str
    is_variable: bool = False


def load(home: Path, environ: Mapping[str, str]) -> Settings:
    """Read the settings from the file in ``home``, then from the variables in ``environ``; defaults for the rest.

    Raise Refused with one error per wrong key (its ``field`` is the dotted key), Unavailable when the file cannot be
    read. In a practice folder only a few settings hold, and no variables.
    """
    document = _parse(_text(home))
    if paths.is_practice(home):
        given = [one for one in _in_file(document) if one.key in _OF_PRACTICE]
        return replace(_settings(given, home), is_practice=True)
    return _settings([*_in_file(document), *_in_variables(environ, document)], home)


_OF_PRACTICE = frozenset({"till.name", "till.scan_sound", "till.customer_display", "log_level"})
"""The settings that hold in a practice folder: none by which anything could leave it."""


def save(home: Path, changes: Mapping[str, object]) -> None:
    """Write settings back, keeping comments and order. Keys are dotted (``mail.host``); None restores the default.

    ``providers.NAME: None`` removes a provider. Nothing is written when any value is refused. Raise Refused and
    Unavailable.
    """
    import tomlkit

    text = _text(home) or example()
    _settings(list(_in_file(_parse(text))), home)
    document = tomlkit.parse(text)
    wanted = {key: _plain(value) for key, value in changes.items()}
    _settings([_Given(key, value, f"“{key}”") for key, value in wanted.items() if value is not None], home)
    for key, value in wanted.items():
        *tables, name = key.split(".")
        place: Any = document
        for table in tables:
            place = place.setdefault(table, tomlkit.table())
        if value is None:
            place.pop(name, None)
        else:
            place[name] = value
    written = tomlkit.dumps(document)
    _settings(list(_in_file(_parse(written))), home)
    _replace(home / FILE, written)


_HEAD = """\
# The settings of this shopdesk installation. Remove the “# ” before a setting to change it.
# An environment variable overrides it: SHOPDESK_MAIL_HOST for host in [mail], SHOPDESK_DATABASE_URL for database.
# Do not put passwords or client secrets here: the program asks for them and stores them in the keyring.
"""
_FOOT = """\
# Any other OpenID Connect provider, under a name of your own:
# [providers.company]
# issuer = "https://login.example.org"
# client_id = "shopdesk"
"""


def example() -> str:
    """Return a ``shopdesk.toml`` with every setting, its help and its default, all commented out."""
    sections = {name: of() for name, of in _SECTIONS.items()}
    sections |= {f"providers.{name}": one for name, one in _own_providers().items()}
    tables = [f"[{name}]\n{_commented(values, '')}" for name, values in sections.items()]
    return "\n".join([_HEAD, _commented(Settings(), "\n"), *tables, _FOOT])


def _commented(values: Any, between: str) -> str:
    return between.join(
        f"# {words}\n# {name} = {_toml(getattr(values, name))}\n" for name, (_, words) in _options(type(values)).items()
    )


def _toml(value: object) -> str:
    if isinstance(value, tuple):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return str(value).lower() if isinstance(value, int) else f'"{value}"'


def _plain(value: object) -> object:
    if isinstance(value, StrEnum):
        return value.value
    return list(value) if isinstance(value, tuple) else value


def _text(home: Path) -> str:
    try:
        return (home / FILE).read_text("utf-8-sig")  # editors on Windows put a byte order mark first
    except FileNotFoundError:
        return ""
    except UnicodeDecodeError:
        raise Refused(sentence("{file} is not a UTF-8 text file. Save it as UTF-8.", file=FILE)) from None
    except OSError as error:
        raise Unavailable(
            sentence("{file} cannot be read: {reason}.", file=home / FILE, reason=error.strerror)
        ) from error


def _parse(text: str) -> dict[str, Any]:
    if len(text) > _LONGEST_FILE:  # the parser takes minutes for some
        raise Refused(
            sentence("{file} is too long: {count} characters. Remove what is no setting.", file=FILE, count=len(text))
        )
    try:
        return tomllib.loads(text)
    except ValueError as error:  # TOMLDecodeError is one, and a number of thousands of digits raises another
        raise Refused(sentence("{file} has a syntax error: {error}.", file=FILE, error=str(error))) from None
    except RecursionError:
        raise Refused(sentence("{file} has a syntax error: its values are nested too deeply.", file=FILE)) from None


_LONGEST_FILE = 50_000
"""The longest settings file in characters; the example with every setting has some thousands."""


def _in_file(document: Mapping[str, Any]) -> Iterator[_Given]:
    for key, value in document.items():
        if key in _SECTIONS and isinstance(value, dict):
            yield from (_in_table(f"{key}.{name}", one) for name, one in value.items())
        elif key == "providers" and isinstance(value, dict):
            for provider, table in value.items():
                if isinstance(table, dict):
                    yield _Given(f"providers.{provider}", table, f"{FILE}, [providers.{provider}]")
                    yield from (_in_table(f"providers.{provider}.{name}", one) for name, one in table.items())
                else:
                    yield _in_table(f"providers.{provider}", table)
        else:
            yield _in_table(key, value)


def _in_table(key: str, value: object) -> _Given:
    return _Given(key, value, f"{FILE}, “{key}”")


def _in_variables(environ: Mapping[str, str], document: Mapping[str, Any]) -> Iterator[_Given]:
    """Yield the variables that are set; an empty one counts as unset, since launchers write those too."""
    names = {_variable(key): key for key in _known_keys()}
    in_file = document.get("providers", {})
    providers = {_variable(name)[len(_PREFIX) :]: name for name in in_file} if isinstance(in_file, dict) else {}
    endings = {f"_{name.upper()}": name for name in _types(ProviderSettings)}
    for variable, value in sorted(environ.items()):
        if not variable.startswith(_PREFIX) or variable in _NOT_SETTINGS or not value:
            continue
        key = names.get(variable, variable)
        rest = variable.removeprefix(f"{_PREFIX}PROVIDERS_")
        ending = next((ending for ending in endings if rest.endswith(ending)), "")
        if rest != variable and ending and rest != ending:
            name = rest.removesuffix(ending)
            key = f"providers.{providers.get(name, name.lower())}.{endings[ending]}"
        yield _Given(key, value, sentence("The variable {name}", name=variable), is_variable=True)


def _variable(key: str) -> str:
    return "SHOPDESK_DATABASE_URL" if key == "database" else _PREFIX + re.sub(r"[.-]", "_", key).upper()


def _settings(given: list[_Given], home: Path) -> Settings:
    chosen: dict[str, Any] = {}
    providers: dict[str, dict[str, Any]] = {name: {"kind": one.kind} for name, one in _own_providers().items()}
    faults: list[FieldError] = []
    for one in given:
        try:
            section, name, option = _split_key(one)
            value = _checked(one, option, home)
        except Refused as refusal:
            faults += [FieldError(fault.text, one.key) for fault in refusal.faults]
            continue
        if section != "providers":
            chosen[one.key] = value
        elif option:
            providers.setdefault(name, {})[option] = value
        else:
            providers.setdefault(name, {})
    if faults:
        raise Refused(faults)
    parts: dict[str, Any] = {name: _part(of, name, chosen) for name, of in _SECTIONS.items()}
    own = {name: chosen[name] for name in _types(Settings) if name in chosen}
    own.setdefault("database", sqlite_url(home / "shopdesk.db"))
    named = {name: ProviderSettings(**values) for name, values in providers.items()}
    return Settings(**own, **parts, providers=MappingProxyType(named), is_till_named="till.name" in chosen)


def _part(of: type[T], section: str, chosen: Mapping[str, Any]) -> T:
    return of(**{name: chosen[f"{section}.{name}"] for name in _types(of) if f"{section}.{name}" in chosen})


def _split_key(one: _Given) -> tuple[str, str, str]:
    """Return section, name and, below ``providers``, the option of a key. Raise Refused for an unknown key."""
    parts = one.key.split(".")
    if one.key.lower().endswith(_SECRETS):
        raise Refused(
            sentence(
                "{where}: secrets are not settings. The program asks for them and stores them in the keyring.",
                where=one.where,
            )
        )
    if parts[0] == "providers" and len(parts) in {2, 3}:
        if not re.fullmatch(r"[a-z][a-z0-9_-]{0,31}", parts[1]):
            raise Refused(
                sentence("{where}: a provider's name has lower-case letters, digits, - and _ only.", where=one.where)
            )
        if len(parts) == 3 and parts[2] in _types(ProviderSettings):
            return "providers", parts[1], parts[2]
        if len(parts) == 2 and isinstance(one.value, dict):
            return "providers", parts[1], ""
    if one.key in _known_keys():
        return parts[0], parts[-1], ""
    if one.key in {*_SECTIONS, "providers"} or (parts[0] == "providers" and len(parts) == 2):
        raise Refused(sentence("{where} is a group of settings, written as [{key}].", where=one.where, key=one.key))
    raise Refused(sentence("{where} is not a setting. {nearest}", where=one.where, nearest=_nearest(one)))


def _nearest(one: _Given) -> Sentence:
    known = [*_known_keys(), *_SECTIONS]
    parts = one.key.split(".")
    if one.is_variable and "PROVIDERS_" in one.key:
        known += [f"providers.{provider}.{name}" for provider in _own_providers() for name in _types(ProviderSettings)]
    if parts[0] == "providers":
        known += [f"providers.{parts[1]}.{name}" for name in _types(ProviderSettings)]
    if one.is_variable:
        known = [_variable(key) for key in known]
    near = difflib.get_close_matches(one.key, known, n=1, cutoff=0.5)
    if near:
        return sentence("Did you mean “{name}”?", name=near[0])
    return sentence("Available: {names}.", names=tuple(sorted(known)))


def receipt_printer(till: TillSettings) -> ReceiptPrinter | None:
    """Return the receipt printer of a till, or None if it has none. Raise Refused if its width is not known."""
    if not till.receipt_printer:
        return None
    profile = PROFILES[till.receipt_profile]
    width = till.receipt_width or profile.width
    if not width:
        raise Refused(sentence("The width of this printer is not known. Choose it."), field="till.receipt_width")
    return ReceiptPrinter(
        address=read_printer_address(till.receipt_printer),
        width=width,
        has_cutter=profile.has_cutter,
        drawer=till.drawer,
    )


def known_receipt_printer(till: TillSettings) -> ReceiptPrinter | None:
    """Return the receipt printer of a till, or None if it has none or its width is not known."""
    try:
        return receipt_printer(till)
    except Refused:
        return None


def _address(text: str) -> str:
    return str(read_printer_address(text))


_RULES: Mapping[str, Callable[[Any], object]] = {
    "till.name": read_till_name,
    "till.receipt_printer": _address,
    "till.receipt_profile": read_profile,
    "till.receipt_width": read_receipt_width,
    "till.drawer": read_drawer_pin,
    "mail.sender": read_email,
    "sms.segment_cost": read_segment_cost,
}
"""The rules of settings that have one of their own: each returns the value or raises Refused."""


def _checked(one: _Given, option: str, home: Path) -> Any:
    """Return the value in its own type. Raise Refused when it is of another type or none of the choices."""
    if one.key.startswith("providers.") and not option:
        return None
    hint = _types(ProviderSettings)[option] if option else _known_keys()[one.key]
    value = _of_type(one, hint)
    if one.key == "database":
        return _database(one, home)
    if one.key == "database_read":
        return _standby(one, home) if value else ""
    try:
        if rule := _RULES.get(one.key):
            return rule(value) if value != "" or one.key == "till.name" else ""
    except Refused as refusal:
        raise Refused(sentence("{where}: {refusal}", where=one.where, refusal=sentence_of(refusal))) from None
    if one.key in {"update_address", "sms.address"} and value and not re.match(_PROTECTED, value):
        raise Refused(sentence("{where} must begin with https://.", where=one.where))
    if one.key in {"mail.port", "mail.imap_port"} and not 1 <= value <= 65535:
        raise Refused(sentence("{where}: a port must be between 1 and 65535.", where=one.where))
    if isinstance(value, str) and not value.isprintable():
        raise Refused(
            sentence("{where}: the text contains a line break or another control character.", where=one.where)
        )
    return value


def _of_type(one: _Given, hint: Any) -> Any:
    value = one.value
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        if isinstance(value, str) and value.strip().lower() in [choice.value for choice in hint]:
            return hint(value.strip().lower())
        choices = tuple(f"“{choice.value}”" for choice in hint)
        raise Refused(
            sentence(
                "{where} must be one of {choices}, not {value}.", where=one.where, choices=choices, value=_shown(value)
            )
        )
    if hint is str and isinstance(value, str):
        return value.strip()
    if hint is bool:
        if one.is_variable and isinstance(value, str):
            value = {"true": True, "false": False}.get(value.strip().lower(), value)
        if isinstance(value, bool):
            return value
    if hint is int:
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        if one.is_variable and isinstance(value, str) and re.fullmatch(r"\d{1,9}", value.strip(), re.ASCII):
            return int(value)
    if hint == tuple[str, ...]:
        if one.is_variable and isinstance(value, str):
            if one.key == "sms.headers":
                return tuple(filter(None, map(str.strip, value.splitlines())))
            return tuple(re.split(r"[\s,]+", value.strip()))
        if isinstance(value, list) and all(isinstance(part, str) for part in value):
            return tuple(value)
    wanted = _EXAMPLES[tuple if hint == tuple[str, ...] else hint]
    raise Refused(
        sentence("{where} must be {wanted}, not {value}.", where=one.where, wanted=wanted, value=_shown(value))
    )


def _shown(value: object) -> Sentence:
    match value:
        case bool():
            return sentence("yes/no ({value})", value=str(value).lower())
        case str():
            return sentence("the text “{value}”", value=value if len(value) <= 40 else value[:39] + "…")
        case int() | float():
            return sentence("the number {value}", value=str(value))
        case list():
            return sentence("a list")
        case dict():
            return sentence("a group of settings")
        case _:
            return verbatim(f"{value}")


def sqlite_url(file: Path) -> str:
    """Return the URL of a SQLite file for SQLAlchemy, with the characters encoded that mean something else in a URL."""
    return "sqlite:///" + str(file).replace("%", "%25").replace("?", "%3F")


def database_url(text: str, home: Path) -> str:
    """Return the URL for SQLAlchemy. A plain name, and a relative sqlite path, are files in the data folder.

    Raise Refused for anything but a file or a PostgreSQL server.
    """
    text = text.strip()
    if not text:
        return sqlite_url(home / "shopdesk.db")
    if "://" not in text:
        return sqlite_url(home / paths.typed(text))
    scheme, _, rest = text.partition("://")
    scheme = scheme.lower()
    if scheme == "sqlite":
        file, mark, options = rest.removeprefix("/").partition("?")
        return sqlite_url(home / paths.typed(unquote(file))) + mark + options if file and file != ":memory:" else text
    if scheme not in {"postgresql", "postgres", "postgresql+psycopg"}:
        raise Refused(
            sentence("The database must be a file or begin with postgresql://, not with {scheme}://.", scheme=scheme),
            field="database",
        )
    return f"postgresql+psycopg://{rest}"


def _standby(one: _Given, home: Path) -> str:
    url = _database(one, home)
    if not url.startswith("postgresql"):
        raise Refused(
            sentence("{where} must be a PostgreSQL server, such as postgresql://user@host/name.", where=one.where)
        )
    return url


def _database(one: _Given, home: Path) -> str:
    text = str(one.value).strip()
    try:
        url = database_url(text, home)
    except Refused as refused:
        raise Refused(
            sentence("{where}: {refused}", where=one.where, refused=sentence_of(refused)), field="database"
        ) from None
    if url.startswith("postgresql") and not one.is_variable and _carries_password(text):
        raise Refused(
            sentence(
                "{where} contains a password. Remove it: the program asks for it and stores it in the keyring.",
                where=one.where,
            )
        )
    return url


def _carries_password(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return bool(parts.password) or "password" in parse_qs(parts.query)
    except ValueError:
        raise Refused(
            sentence("{file}, “database” is not an address. Write it like postgresql://user@host/name.", file=FILE)
        ) from None


def _replace(path: Path, text: str) -> None:
    try:
        atomic_file.write(path, text.encode())
    except OSError as error:
        raise Unavailable(sentence("{path} cannot be written: {reason}.", path=path, reason=error.strerror)) from error
