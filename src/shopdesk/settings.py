"""This installation's settings: ``shopdesk.toml`` in the data folder, overridden by ``SHOPDESK_…`` variables.

Secrets are not settings: they live in the system keyring (gateways/secrets.py), never in this file.
To add a setting: add one field with its default and its line of help below; file, variables, checks, example and
error messages follow from it.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, TypeVar, get_args, get_origin, get_type_hints
from urllib.parse import parse_qs, urlsplit

from shopdesk import atomic_file
from shopdesk.domain.customer import read_email
from shopdesk.domain.errors import Fault, Refused, Unavailable
from shopdesk.domain.shop import read_till_name

FILE = "shopdesk.toml"
_PREFIX = "SHOPDESK_"
_NOT_SETTINGS = frozenset({"SHOPDESK_HOME", "SHOPDESK_BACKUP_PASSPHRASE"})  # where the file is; a secret, for once
_PROTECTED = r"https://[^/]|http://(127\.0\.0\.1|localhost|\[::1\])[:/]"
"""Nobody on the way can change what is read there."""
_SECRETS = ("password", "secret", "token", "api_key", "apikey", "pepper", ".pin", "_pin")

T = TypeVar("T")


class LogLevel(StrEnum):
    """How much is written to the log."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class Security(StrEnum):
    """How the connection to the mail server is protected (RFC 3207, RFC 8314)."""

    NONE = "none"
    STARTTLS = "starttls"
    TLS = "tls"


class SmsGateway(StrEnum):
    """Who carries text messages."""

    NONE = ""
    AFRICASTALKING = "africastalking"


class ProviderKind(StrEnum):
    """How a sign-in provider speaks."""

    GITHUB = "github"
    FACEBOOK = "facebook"
    OIDC = "oidc"


@dataclass(frozen=True, slots=True, kw_only=True)
class TillSettings:
    """The counter this installation stands on."""

    name: Annotated[str, "This counter's name in document numbers: 1 to 8 letters or digits."] = "A"
    printer: Annotated[str, "The printer for receipts, as the system names it; empty: the system's default."] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MailSettings:
    """How e-mail leaves. The password is in the keyring."""

    host: Annotated[str, "The mail server, such as smtp.example.org; empty: no e-mail is sent."] = ""
    port: Annotated[int, "Its port: 587 for starttls, 465 for tls."] = 587
    security: Annotated[Security, "“starttls”, “tls”, or “none”: unprotected, a password only to this machine."] = (
        Security.STARTTLS
    )
    username: Annotated[str, "The name to sign in with; empty: without signing in."] = ""
    sender: Annotated[str, "The address e-mail comes from; empty: the shop's own."] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SmsSettings:
    """How text messages leave. The API key is in the keyring."""

    gateway: Annotated[SmsGateway, "“africastalking”; empty: no text messages are sent."] = SmsGateway.NONE
    username: Annotated[str, "The name of the account there; “sandbox” uses its test system."] = ""
    sender: Annotated[str, "The sender's name or short code, if the account has one."] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupSettings:
    """Where the daily backup of a local file goes. What opens encrypted ones is known to the owner alone."""

    folder: Annotated[str, "A folder that is there, best on another disk; empty: backups, in this folder."] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderSettings:
    """One way to sign in besides the local account. The client secret is in the keyring."""

    kind: Annotated[ProviderKind, "“github”, “facebook”, or “oidc” for any OpenID Connect provider."] = (
        ProviderKind.OIDC
    )
    label: Annotated[str, "What the button says after “Continue with”; empty: the provider's own name."] = ""
    issuer: Annotated[str, "The provider's address, such as https://login.example.org; needed for “oidc”."] = ""
    client_id: Annotated[str, "What the provider calls this program; empty: the provider is not offered."] = ""
    redirect: Annotated[str, "Where the browser returns to; empty: http://127.0.0.1/callback on any free port."] = ""
    scopes: Annotated[tuple[str, ...], "What to ask the provider for; empty: who it is, name and e-mail address."] = ()


def _own_providers() -> Mapping[str, ProviderSettings]:
    own = (ProviderKind.GITHUB, ProviderKind.FACEBOOK)
    return MappingProxyType({kind.value: ProviderSettings(kind=kind) for kind in own})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything this installation is told. ``database`` is a complete SQLAlchemy URL (sqlite or postgresql+psycopg).

    ``providers`` always has "github" and "facebook"; others are named by whoever set the program up.
    """

    database: Annotated[str, "A file in this folder, or postgresql://user@host/name; empty: shopdesk.db here."] = ""
    database_read: Annotated[str, "A standby to read statistics from, postgresql://user@host/name; empty: none."] = ""
    log_level: Annotated[LogLevel, "How much the log tells: “debug”, “info”, “warning” or “error”."] = LogLevel.INFO
    update_address: Annotated[
        str, "https://… of a small file that names the newest version; empty: nobody is asked for one."
    ] = ""
    till: TillSettings = field(default_factory=TillSettings)
    mail: MailSettings = field(default_factory=MailSettings)
    sms: SmsSettings = field(default_factory=SmsSettings)
    backup: BackupSettings = field(default_factory=BackupSettings)
    providers: Mapping[str, ProviderSettings] = field(default_factory=_own_providers)
    is_till_named: bool = False
    """Whether somebody said which till this is; else it has the name that a shop's only till has."""


_SECTIONS: Mapping[str, type] = {
    "till": TillSettings,
    "mail": MailSettings,
    "sms": SmsSettings,
    "backup": BackupSettings,
}
_EXAMPLES: Mapping[type, str] = {
    str: "a text in quotation marks",
    int: "a whole number, such as 587",
    tuple: "a list of texts",
}


def _options(of: type) -> dict[str, tuple[Any, str]]:
    """The options of a group: name, type and line of help."""
    hints = get_type_hints(of, include_extras=True)
    return {name: get_args(hint)[:2] for name, hint in hints.items() if get_origin(hint) is Annotated}


def _types(of: type) -> dict[str, Any]:
    return {name: hint for name, (hint, _) in _options(of).items()}


def _known() -> dict[str, Any]:
    """Every fixed key with its type: ``{"mail.port": int, …}``."""
    known = _types(Settings)
    for section, of in _SECTIONS.items():
        known |= {f"{section}.{name}": hint for name, hint in _types(of).items()}
    return known


@dataclass(frozen=True, slots=True)
class _Given:
    """A value somebody gave, under its dotted key, and where: for the message when it is wrong."""

    key: str
    value: object
    where: str
    is_variable: bool = False


def load(home: Path, environ: Mapping[str, str]) -> Settings:
    """What the file in ``home`` and the variables in ``environ`` say, in that order; defaults for the rest.

    Raises Refused with one fault per wrong key (its ``field`` is the dotted key), Unavailable when the file cannot
    be read.
    """
    document = _parse(_text(home))
    return _settings([*_in_file(document), *_in_variables(environ, document)], home)


def save(home: Path, changes: Mapping[str, object]) -> None:
    """Write settings back, keeping comments and order. Keys are dotted (``mail.host``); None returns to the default.

    ``providers.NAME: None`` removes a provider. Nothing is written when anything would be refused. Raises Refused and
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
# The settings of this shopdesk installation. Take away the “# ” before a setting to change it.
# A variable overrides it: SHOPDESK_MAIL_HOST for host under [mail], SHOPDESK_DATABASE_URL for database.
# Passwords and client secrets do not belong here: the program asks for them and keeps them in the keyring.
"""
_FOOT = """\
# Any other OpenID Connect provider, under a name of your own:
# [providers.company]
# issuer = "https://login.example.org"
# client_id = "shopdesk"
"""


def example() -> str:
    """A ``shopdesk.toml`` with every setting, its help and its default, all commented out."""
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
    return str(value) if isinstance(value, int) else f'"{value}"'


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
        raise Refused(f"{FILE} is not a text file in UTF-8.") from None
    except OSError as error:
        raise Unavailable(f"{home / FILE} cannot be read: {error.strerror}.") from error


def _parse(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise Refused(f"{FILE} cannot be understood: {error}.") from None


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
    """The variables that are set; an empty one counts as not set, as launchers write those that were left out."""
    names = {_variable(key): key for key in _known()}
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
        yield _Given(key, value, f"The variable {variable}", is_variable=True)


def _variable(key: str) -> str:
    return "SHOPDESK_DATABASE_URL" if key == "database" else _PREFIX + re.sub(r"[.-]", "_", key).upper()


def _settings(given: list[_Given], home: Path) -> Settings:
    chosen: dict[str, Any] = {}
    providers: dict[str, dict[str, Any]] = {name: {"kind": one.kind} for name, one in _own_providers().items()}
    faults: list[Fault] = []
    for one in given:
        try:
            section, name, option = _place(one)
            value = _checked(one, option, home)
        except Refused as refusal:
            faults += [Fault(fault.text, one.key) for fault in refusal.faults]
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
    own.setdefault("database", f"sqlite:///{home / 'shopdesk.db'}")
    named = {name: ProviderSettings(**values) for name, values in providers.items()}
    return Settings(**own, **parts, providers=MappingProxyType(named), is_till_named="till.name" in chosen)


def _part(of: type[T], section: str, chosen: Mapping[str, Any]) -> T:
    return of(**{name: chosen[f"{section}.{name}"] for name in _types(of) if f"{section}.{name}" in chosen})


def _place(one: _Given) -> tuple[str, str, str]:
    """Section, name and, below ``providers``, the option of a known key. Raises Refused for an unknown one."""
    parts = one.key.split(".")
    if one.key.lower().endswith(_SECRETS):
        raise Refused(f"{one.where}: secrets are no settings. The program asks for them and keeps them in the keyring.")
    if parts[0] == "providers" and len(parts) in {2, 3}:
        if not re.fullmatch(r"[a-z][a-z0-9_-]{0,31}", parts[1]):
            raise Refused(f"{one.where}: a provider's name is written in small letters, digits, - and _.")
        if len(parts) == 3 and parts[2] in _types(ProviderSettings):
            return "providers", parts[1], parts[2]
        if len(parts) == 2 and isinstance(one.value, dict):
            return "providers", parts[1], ""
    if one.key in _known():
        return parts[0], parts[-1], ""
    if one.key in {*_SECTIONS, "providers"} or (parts[0] == "providers" and len(parts) == 2):
        raise Refused(f"{one.where} is a group of settings, written as [{one.key}].")
    raise Refused(f"{one.where} is not a setting. {_nearest(one)}")


def _nearest(one: _Given) -> str:
    known = [*_known(), *_SECTIONS]
    parts = one.key.split(".")
    if one.is_variable and "PROVIDERS_" in one.key:
        known += [f"providers.{provider}.{name}" for provider in _own_providers() for name in _types(ProviderSettings)]
    if parts[0] == "providers":
        known += [f"providers.{parts[1]}.{name}" for name in _types(ProviderSettings)]
    if one.is_variable:
        known = [_variable(key) for key in known]
    near = difflib.get_close_matches(one.key, known, n=1, cutoff=0.5)
    return f"Did you mean “{near[0]}”?" if near else f"There are: {', '.join(sorted(known))}."


def _checked(one: _Given, option: str, home: Path) -> Any:
    """The value in its own type. Raises Refused when it is of another type or none of the choices."""
    if one.key.startswith("providers.") and not option:
        return None
    hint = _types(ProviderSettings)[option] if option else _known()[one.key]
    value = _of_type(one, hint)
    if one.key == "database":
        return _database(one, home)
    if one.key == "database_read":
        return _standby(one, home) if value else ""
    try:
        if one.key == "till.name":
            return read_till_name(value)
        if one.key == "mail.sender" and value:
            return read_email(value)
    except Refused as refusal:
        raise Refused(f"{one.where}: {refusal}") from None
    if one.key == "update_address" and value and not re.match(_PROTECTED, value):
        raise Refused(f"{one.where} must begin with https://.")
    if one.key == "mail.port" and not 1 <= value <= 65535:
        raise Refused(f"{one.where}: a port lies between 1 and 65535.")
    if isinstance(value, str) and not value.isprintable():
        raise Refused(f"{one.where}: the text has a line break or another control character in it.")
    return value


def _of_type(one: _Given, hint: Any) -> Any:
    value = one.value
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        if isinstance(value, str) and value.strip().lower() in [choice.value for choice in hint]:
            return hint(value.strip().lower())
        choices = ", ".join(f"“{choice.value}”" for choice in hint)
        raise Refused(f"{one.where} must be one of {choices}, not {_shown(value)}.")
    if hint is str and isinstance(value, str):
        return value.strip()
    if hint is int:
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        if one.is_variable and isinstance(value, str) and re.fullmatch(r"\d{1,9}", value.strip(), re.ASCII):
            return int(value)
    if hint == tuple[str, ...]:
        if one.is_variable and isinstance(value, str):
            return tuple(re.split(r"[\s,]+", value.strip()))
        if isinstance(value, list) and all(isinstance(part, str) for part in value):
            return tuple(value)
    wanted = _EXAMPLES[tuple if hint == tuple[str, ...] else hint]
    raise Refused(f"{one.where} must be {wanted}, not {_shown(value)}.")


def _shown(value: object) -> str:
    match value:
        case bool():
            return f"yes/no ({str(value).lower()})"
        case str():
            return f"the text “{value if len(value) <= 40 else value[:39] + '…'}”"
        case int() | float():
            return f"the number {value}"
        case list():
            return "a list"
        case dict():
            return "a group of settings"
        case _:
            return f"{value}"


def database_url(text: str, home: Path) -> str:
    """The URL as SQLAlchemy wants it. A plain name, and a relative sqlite path, are files in the data folder.

    Raises Refused for what is neither a file nor a PostgreSQL server.
    """
    text = text.strip()
    if not text:
        return f"sqlite:///{home / 'shopdesk.db'}"
    if "://" not in text:
        return f"sqlite:///{home / text}"
    scheme, _, rest = text.partition("://")
    if scheme == "sqlite":
        file = rest.removeprefix("/")
        return f"sqlite:///{home / file}" if file and not file.startswith(":memory:") else text
    if scheme not in {"postgresql", "postgres", "postgresql+psycopg"}:
        raise Refused(f"The database is a file, or begins with postgresql://, not with {scheme}://.", field="database")
    return f"postgresql+psycopg://{rest}"


def _standby(one: _Given, home: Path) -> str:
    url = _database(one, home)
    if not url.startswith("postgresql"):
        raise Refused(f"{one.where} is a PostgreSQL server, postgresql://user@host/name.")
    return url


def _database(one: _Given, home: Path) -> str:
    text = str(one.value).strip()
    try:
        url = database_url(text, home)
    except Refused as refused:
        raise Refused(f"{one.where}: {refused}", field="database") from None
    if url.startswith("postgresql") and not one.is_variable and _carries_password(text):
        raise Refused(
            f"{one.where} has a password in it. Take it out: the program asks for it and keeps it in the keyring."
        )
    return url


def _carries_password(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return bool(parts.password) or "password" in parse_qs(parts.query)
    except ValueError:
        raise Refused(f"{FILE}, “database” is not an address. Write it like postgresql://user@host/name.") from None


def _replace(path: Path, text: str) -> None:
    try:
        atomic_file.write(path, text.encode())
    except OSError as error:
        raise Unavailable(f"{path} cannot be written: {error.strerror}.") from error
