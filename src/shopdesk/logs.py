"""The log, and the error report for copying: neither ever contains a secret.

Secrets are removed twice: by their shape (``without_secrets``), and by their value once it was registered (``hide``). A
secret that has neither a known shape nor was registered cannot be recognised: do not log what people type.
"""

from __future__ import annotations

import logging
import os
import platform
import re
import sys
import threading
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType

from shopdesk import __version__
from shopdesk.domain.errors import Unavailable
from shopdesk.domain.sentence import sentence
from shopdesk.settings import LogLevel

FILE = "shopdesk.log"
HIDDEN = "[hidden]"
_LARGEST_BYTES = 1_000_000
_OLD_FILES = 5
_SHORTEST_HIDDEN = 6
"""Shorter values occur in too many harmless numbers; the name before them finds them (``pin=…``)."""

_hidden: set[str] = set()  # global, like logging itself

_QUOTED = r"""b?"(?:[^"\\\n]|\\.)*"|b?'(?:[^'\\\n]|\\.)*'|“[^”\n]*”"""
_PLAIN = r"""[^\s,;&<>)\]}'"]+"""
_BETWEEN = r"""["']?\s{0,4}(?:=|:|(?<=["']),)\s{0,4}"""
_SCHEMES = r"Bearer|Basic|Digest|DPoP|token"
_VALUE = rf"(?!(?:True|False|None)\b)(?:{_QUOTED}|{_PLAIN})"
_TO_THE_END = rf"(?!(?:True|False|None)\b)(?:{_QUOTED}|[^\n]+)"


@dataclass(frozen=True, slots=True)
class _Shape:
    """The pattern of a secret and its replacement; only searched for in texts with one of the signs."""

    signs: str
    pattern: re.Pattern[str]
    instead: str

    def hidden(self, text: str, lowered: str) -> str:
        return self.pattern.sub(self.instead, text) if any(sign in lowered for sign in self.signs.split()) else text


def _shape(signs: str, pattern: str, instead: str = rf"\1{HIDDEN}") -> _Shape:
    return _Shape(signs, re.compile(pattern, re.IGNORECASE), instead)


# No pattern looks back over an unbounded run of text: a long line must not take long.
_SHAPES: tuple[_Shape, ...] = (
    # user:password@ of a connection URL; greedy, because a password may contain / and @
    _shape("@", r"(\b[a-z][a-z0-9+.-]{0,30}://[^\s/:@'\"]{0,200}:)[^\s'\"]*(?=@)"),
    # the query or fragment of any address: it may contain codes, states and tokens
    _shape("? #", r"""(?<=[^\s?#'"<>])[?#][^\s'"<>=?#]*=[^\s'"<>]*""", f"?{HIDDEN}"),
    _shape("authorization", rf"(authorization{_BETWEEN})(?:{_QUOTED}|(?:{_SCHEMES})\s+{_PLAIN}|{_PLAIN})"),
    _shape(
        _SCHEMES.lower().replace("|", " "),
        rf"(\b(?:{_SCHEMES})\s{{1,4}})(?=[\w.~+/-]{{0,200}}[\d._~+/=-])[\w.~+/=-]{{8,}}",
    ),
    # the SMTP commands that carry credentials
    _shape("auth", r"(\bAUTH\s(?:PLAIN|LOGIN|XOAUTH2|CRAM-MD5|OAUTHBEARER)\s)[\w+/=-]+"),
    # a password may contain spaces and commas: without quotes it is hidden to the end of the line
    _shape(
        "passw passp pwd secret",
        rf"((?:passw(?:or)?d|passphrase|passwort|pwd|secret)\w{{0,20}}{_BETWEEN}){_TO_THE_END}",
    ),
    _shape(
        "token key cookie verifier pepper nonce assertion _code",
        rf"((?:token|api[_-]?key|cookie|verifier|pepper|nonce|assertion|_code)\w{{0,20}}{_BETWEEN}){_VALUE}",
    ),
    _shape("pin", rf"((?:\b|_)pin{_BETWEEN}){_VALUE}"),
    # an authorization code, but not an SMTP or exit code
    _shape("code", rf"(\bcode{_BETWEEN})(?=.?['\"]?[^\s,;&'\"]{{8}}){_VALUE}"),
    _shape("eyj", r"\beyJ[\w-]{8,}\.[\w-]*\.[\w-]*", HIDDEN),  # a JWT (RFC 7519)
    _shape("gh github eaa", r"\b(?:gh[pousr]_|github_pat_|EAA)\w{16,}", HIDDEN),  # GitHub's and Facebook's tokens
    _shape("$argon2", r"\$argon2\w*\$[^\s'\"]+", HIDDEN),
)

_PERSONAL: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"\[(?:parameters|SQL): .*", re.DOTALL), ""),  # SQLAlchemy shows the rows it was writing
    (re.compile(r"\bDETAIL:.*"), ""),  # and so does PostgreSQL
    (re.compile(_QUOTED), "‹…›"),
    (re.compile(r"[^\s<>(),;:@]{1,64}@[^\s<>(),;:]+"), "‹address›"),
    (re.compile(r"\+?\d[\d ()./-]{6,20}\d"), "‹number›"),
)


def hide(secret: str) -> None:
    """Remove this exact value from the log and reports from now on; for secrets from a keyring or a provider."""
    if len(secret) >= _SHORTEST_HIDDEN:
        _hidden.add(secret)


def without_secrets(text: str) -> str:
    """Replace passwords, PINs, codes, tokens, keys and the queries of addresses by ``[hidden]``."""
    for secret in sorted(_hidden, key=len, reverse=True):
        text = text.replace(secret, HIDDEN)
    lowered = text.lower()
    for shape in _SHAPES:
        text = shape.hidden(text, lowered)
    return text


@contextmanager
def writing_to(home: Path, level: LogLevel = LogLevel.INFO) -> Iterator[Path]:
    """Write the log to ``home``/logs inside the context: six files of about 1 MB, readable by their owner alone.

    ``level`` applies to this program; libraries are logged from "warning" on, since below it they log what they send.
    Uncaught errors are logged too. Raise Unavailable when the folder cannot be created.
    """
    folder = home / "logs"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        handler = _File(folder / FILE, maxBytes=_LARGEST_BYTES, backupCount=_OLD_FILES, encoding="utf-8")
    except OSError as error:
        what = sentence("The log in {folder} cannot be written: {reason}.", folder=folder, reason=error.strerror)
        raise Unavailable(what, advice=sentence("Allow your user to write there.")) from error
    handler.setFormatter(Guarded())
    root, own = logging.getLogger(), logging.getLogger("shopdesk")
    levels, hooks = (root.level, own.level), (sys.excepthook, threading.excepthook)
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    own.setLevel(level.value.upper())
    sys.excepthook = _log_uncaught
    threading.excepthook = _log_uncaught_in_thread
    try:
        yield folder
    finally:
        sys.excepthook, threading.excepthook = hooks
        root.setLevel(levels[0])
        own.setLevel(levels[1])
        root.removeHandler(handler)
        handler.close()


class Guarded(logging.Formatter):
    """Formats a record with its arguments and traceback, and then removes the secrets from the result."""

    converter = staticmethod(time.gmtime)

    def __init__(self) -> None:
        super().__init__("%(asctime)sZ %(levelname)s %(name)s: %(message)s", "%Y-%m-%dT%H:%M:%S")

    def format(self, record: logging.LogRecord) -> str:
        """Return one entry; text with line breaks or control characters cannot pass for another entry."""
        kept, record.exc_text = record.exc_text, None  # another handler may have cached the traceback with secrets
        try:
            text = without_secrets(super().format(record))
        finally:
            record.exc_text = kept
        visible = "".join(mark if mark.isprintable() or mark in "\n\t" else repr(mark)[1:-1] for mark in text)
        return visible.replace("\n", "\n    ")


class _File(RotatingFileHandler):
    def _open(self) -> TextIOWrapper:
        """Open the file for its owner alone, regardless of the permissions of the folder."""
        handle = os.open(self.baseFilename, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        return open(handle, "a", encoding=self.encoding)  # noqa: PTH123

    def shouldRollover(self, record: logging.LogRecord) -> bool:
        """Return True for a full file; the original formats each entry again to see if it fits."""
        return self.stream is not None and self.stream.tell() >= self.maxBytes

    def doRollover(self) -> None:
        """Begin a new file. Where the old one cannot be renamed, go on in it: Windows refuses that while another
        process has it open. So it is the first to be renamed, or each attempt would push an older file out.
        """
        if self.stream is not None:
            self.stream.close()
        try:
            Path(self.baseFilename).replace(f"{self.baseFilename}.0")
            for number in reversed(range(self.backupCount)):
                if (file := Path(f"{self.baseFilename}.{number}")).exists():
                    file.replace(f"{self.baseFilename}.{number + 1}")
        except OSError:
            pass
        self.stream = self._open()

    def handleError(self, record: logging.LogRecord) -> None:
        """Ignore the error: a full disk must not stop a sale, and no secrets may go to the terminal."""

    def close(self) -> None:
        """Close the file and ignore errors: they must not stop the program from ending."""
        with suppress(OSError):
            super().close()


def _log_uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
        return
    logging.getLogger("shopdesk").critical("Uncaught error", exc_info=(kind, error, trace))


def _log_uncaught_in_thread(args: threading.ExceptHookArgs) -> None:
    if args.exc_value is not None and not isinstance(args.exc_value, SystemExit):
        _log_uncaught(args.exc_type, args.exc_value, args.exc_traceback)


def report(error: BaseException, *, with_words: bool = True) -> str:
    """Describe an error for the developers, in a text that the user can read and copy.

    It has versions, the error with its causes and the places in the code; no secrets, values, addresses or folder
    names. Use ``with_words=False`` where the text is sent unread: error messages may contain names.
    """
    lines = [heading()]
    chain = [traceback.TracebackException.from_exception(error, compact=True)]
    while before := chain[-1].__cause__ or (not chain[-1].__suppress_context__ and chain[-1].__context__):
        chain.append(before)
    for part in reversed(chain):
        lines += [f"{short_path(frame.filename)}:{frame.lineno} {frame.name}\n    {frame.line}" for frame in part.stack]
        words = "".join(part.format_exception_only())
        lines += [_impersonal(words) if with_words else words.partition(":")[0].strip(), ""]
    return without_secrets("\n".join(lines)).strip() + "\n"


def heading() -> str:
    """Return the first lines of every report: the versions and the time."""
    return (
        f"shopdesk {__version__}, Python {platform.python_version()}, {platform.system()} {platform.release()}\n"
        + ", ".join(f"{name} {_version(name)}" for name in ("PySide6-Essentials", "SQLAlchemy", "psycopg"))
        + f"\n{datetime.now(UTC):%Y-%m-%d %H:%M} UTC\n"
    )


def _impersonal(text: str) -> str:
    for shape, stays in _PERSONAL:
        text = shape.sub(stays, text)
    return text.strip()


def short_path(file: str) -> str:
    """Return the path of a file from the package on: the folders above may name a person."""
    parts = Path(file).parts
    for root in ("site-packages", "src", f"python{sys.version_info.major}.{sys.version_info.minor}"):
        if root in parts:
            return "/".join(parts[len(parts) - parts[::-1].index(root) :])
    return parts[-1] if parts else file


def _version(name: str) -> str:
    from importlib.metadata import PackageNotFoundError, version  # imported late: 25 modules, and reports are rare

    try:
        return version(name)
    except PackageNotFoundError:  # a frozen program has no package metadata
        return "?"
