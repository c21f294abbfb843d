"""Printers of a till: where they are, what they can do, what they answer, and how a print job ended."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from urllib.parse import parse_qs, urlsplit

from shopdesk.domain.errors import Refused, Unavailable
from shopdesk.domain.sentence import Sentence, sentence

RAW_PORT = 9100
"""The port at which network printers take bytes as they are (“JetDirect”, “AppSocket”)."""
BAUD = 9600
"""The speed of a serial printer as it is delivered, mostly."""
_BAUDS = frozenset({1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200})
_NARROWEST, _WIDEST = 192, 1024
"""The print heads in dots that are taken for such; those of the profiles have 384 to 640."""


class PaperChoice(StrEnum):
    """The paper that a kind of document is printed on."""

    ROLL = "roll"
    A4 = "a4"


class AutoPrint(StrEnum):
    """The documents that are printed after Save without a question."""

    ALWAYS = "always"
    ASK = "ask"
    NEVER = "never"
    NO_EMAIL = "no_email"
    """Print if the document is not sent by e-mail."""


class PrintOutcome(StrEnum):
    """The end of a print job, as far as it is known. After UNCLEAR only a person may print it again."""

    PRINTED = "printed"
    """The printer answered that it is in order, before the first byte and after the last."""
    GIVEN = "given"
    """All bytes were given away: to a queue, or to a printer that gives no status."""
    UNCLEAR = "unclear"
    """Some bytes left; how much is on paper is not known."""
    FAILED = "failed"
    """Nothing was printed: it may be tried again."""


@dataclass(frozen=True, slots=True)
class PrintResult:
    """The outcome of a print job, the words for the cashier, and the job's number in a queue, if it is in one."""

    outcome: PrintOutcome
    words: Sentence
    job: int | None = None


class SubmissionUnclear(Unavailable):
    """A print queue may have taken a job: giving it the same again could print it twice. Always ``final``."""

    def __init__(self, what: Sentence) -> None:
        advice = sentence("Look whether it is printed before you print it again.")
        super().__init__(what, advice=advice, final=True)


class PrinterState(StrEnum):
    """The state of a printer, as it answers or as it is found."""

    READY = "ready"
    PAPER_LOW = "paper_low"
    PAPER_OUT = "paper_out"
    COVER_OPEN = "cover_open"
    OFFLINE = "offline"
    SILENT = "silent"
    """It takes bytes and answers no question for its status."""
    UNREACHABLE = "unreachable"


_WORDS: Mapping[PrinterState, Sentence] = MappingProxyType(
    {
        PrinterState.READY: sentence("The printer is ready."),
        PrinterState.PAPER_LOW: sentence("The printer is ready. Its paper is nearly used up."),
        PrinterState.PAPER_OUT: sentence("The printer has no paper."),
        PrinterState.COVER_OPEN: sentence("The printer's cover is open."),
        PrinterState.OFFLINE: sentence("The printer is offline."),
        PrinterState.SILENT: sentence("The printer does not tell its status."),
        PrinterState.UNREACHABLE: sentence("The printer cannot be reached."),
    }
)


@dataclass(frozen=True, slots=True)
class PrinterStatus:
    """The state of a printer, and more words if the system gives some."""

    state: PrinterState
    details: Sentence | None = None

    @property
    def words(self) -> Sentence:
        """The state in words."""
        return self.details or _WORDS[self.state]

    @property
    def is_good(self) -> bool:
        """True if the printer says that it prints."""
        return self.state in (PrinterState.READY, PrinterState.PAPER_LOW)

    @property
    def is_fault(self) -> bool:
        """True if the printer will not print as it is."""
        return not self.is_good and self.state is not PrinterState.SILENT


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture of black dots on white: each row is ``(width + 7) // 8`` bytes, its first dot the highest bit."""

    width: int
    height: int
    rows: bytes


@dataclass(frozen=True, slots=True)
class PrinterProfile:
    """A model of receipt printer; ``width`` is that of its print head in dots, 0 if the model has several."""

    key: str
    name: str
    width: int
    has_cutter: bool = True


DEFAULT_PROFILE, SIMPLE_PROFILE = "default", "simple"
"""Any other printer: with a cutter, without one."""
PROFILES: Mapping[str, PrinterProfile] = MappingProxyType(
    {
        profile.key: profile
        for profile in (
            PrinterProfile(DEFAULT_PROFILE, "", 0),
            PrinterProfile(SIMPLE_PROFILE, "", 0, has_cutter=False),
            PrinterProfile("CT-S651", "Citizen CT-S651", 640),
            PrinterProfile("TEP-200M", "EPOS TEP200M", 0),
            PrinterProfile("TM-L90", "Epson TM-L90", 576),
            PrinterProfile("TM-P80", "Epson TM-P80", 576),
            PrinterProfile("TM-P80-42col", "Epson TM-P80 (42 column mode)", 546),
            PrinterProfile("TM-T20II", "Epson TM-T20II", 576),
            PrinterProfile("TM-T20II-42col", "Epson TM-T20II (42 column mode)", 546),
            PrinterProfile("TM-T88II", "Epson TM-T88II", 512),
            PrinterProfile("TM-T88III", "Epson TM-T88III", 512),
            PrinterProfile("TM-T88IV", "Epson TM-T88IV", 512),
            PrinterProfile("TM-T88IV-SA", "Epson TM-T88IV South Asia", 512),
            PrinterProfile("TM-T88V", "Epson TM-T88V", 512),
            PrinterProfile("KR-306", "Kefar KR-306", 576),
            PrinterProfile("T-1", "Metapace T-1", 504),
            PrinterProfile("NT-5890K", "Netum NT-5890K", 384, has_cutter=False),
            PrinterProfile("NT-80-V-UL", "Netum 80-V-UL", 576),
            PrinterProfile("P822D", "PBM P822D", 576),
            PrinterProfile("RP326", "Rongta RP326", 0),
            PrinterProfile("RP-F10-58mm", "Seiko RP-F10, 58 mm", 432),
            PrinterProfile("RP-F10-80mm", "Seiko RP-F10, 80 mm", 576),
            PrinterProfile("SP2000", "Star Micronics SP2000", 0),
            PrinterProfile("TSP600", "Star Micronics TSP600", 576),
            PrinterProfile("TUP500", "Star Micronics TUP500", 0),
            PrinterProfile("Sunmi-V2", "Sunmi V2", 384, has_cutter=False),
            PrinterProfile("TH230", "Wincor Nixdorf TH230", 576),
            PrinterProfile("TH230Plus", "Wincor Nixdorf TH230+", 576),
            PrinterProfile("POS-5890", "Zjiang POS-5890", 384, has_cutter=False),
            PrinterProfile("ZJ-5870", "ZiJiang ZJ-5870", 384, has_cutter=False),
        )
    }
)
"""The models that print pictures, by the keys of escpos-printer-db (github.com/receipt-print-hq/escpos-printer-db),
from which their figures come; without displays, and without printers that know no raster pictures. Star's printers are
known in their ESC/POS emulation only."""


class Connection(StrEnum):
    """The way to a printer: the scheme of its address."""

    NETWORK = "tcp"
    FILE = "file"
    SERIAL = "serial"
    USB = "usb"
    QUEUE = "queue"


@dataclass(frozen=True, slots=True)
class PrinterAddress:
    """The address of a printer: host or address, path of a device, “vendor:product”, or name of a queue.

    ``number`` is the port of a network printer or the speed of a serial one in baud; else 0.
    """

    connection: Connection
    target: str
    number: int = 0

    def __str__(self) -> str:
        host = f"[{self.target}]" if ":" in self.target else self.target
        return {
            Connection.NETWORK: f"tcp://{host}:{self.number}",
            Connection.SERIAL: f"serial://{self.target}?baud={self.number}",
        }.get(self.connection, f"{self.connection}://{self.target}")


def read_printer_address(text: str) -> PrinterAddress:
    """Return the address of a receipt printer; a name or number without a scheme is a network printer's.

    Raise Refused if it is none. Forms: “tcp://192.0.2.7:9100”, “file:///dev/usb/lp0”,
    “serial:///dev/ttyUSB0?baud=9600”, “usb://04b8:0202”, “queue://NAME”.
    """
    text = text.strip()
    scheme, _, rest = text.partition("://") if "://" in text else ("tcp", "", text)
    try:
        return _READERS[Connection(scheme.lower())](rest)
    except (KeyError, ValueError):
        raise Refused(
            sentence(
                "“{address}” is not the address of a printer. Write it like {example}.",
                address=text,
                example=f"192.0.2.7, tcp://192.0.2.7:{RAW_PORT}, file:///dev/usb/lp0, queue://NAME",
            )
        ) from None


def _network(rest: str) -> PrinterAddress:
    is_bare_ipv6 = rest.count(":") > 1 and not rest.startswith("[")
    parts = urlsplit(f"//[{rest}]" if is_bare_ipv6 else f"//{rest}")
    if not parts.hostname or parts.port == 0 or re.search(r"[\s/@?#]", rest):
        raise ValueError(rest)
    parts.hostname.encode("idna")  # as looking it up does: a UnicodeError, a ValueError too, for “192.0.2..7”
    return PrinterAddress(Connection.NETWORK, parts.hostname, parts.port or RAW_PORT)


def _device(rest: str) -> PrinterAddress:
    if not rest.startswith("/") or rest.endswith("/"):
        raise ValueError(rest)
    return PrinterAddress(Connection.FILE, rest)


def _serial(rest: str) -> PrinterAddress:
    device, _, query = rest.partition("?")
    baud = int(parse_qs(query).get("baud", [str(BAUD)])[0])
    if not device or baud not in _BAUDS:
        raise ValueError(rest)
    return PrinterAddress(Connection.SERIAL, device, baud)


def _usb(rest: str) -> PrinterAddress:
    if not re.fullmatch(r"[0-9a-fA-F]{4}:[0-9a-fA-F]{4}", rest):
        raise ValueError(rest)
    return PrinterAddress(Connection.USB, rest.lower())


def _queue(rest: str) -> PrinterAddress:
    if not rest or rest.startswith("-"):
        raise ValueError(rest)
    return PrinterAddress(Connection.QUEUE, rest)


_READERS = {
    Connection.NETWORK: _network,
    Connection.FILE: _device,
    Connection.SERIAL: _serial,
    Connection.USB: _usb,
    Connection.QUEUE: _queue,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptPrinter:
    """A receipt printer of this till; ``width`` in dots, ``drawer`` is the pin (2 or 5) of the cash drawer, or 0."""

    address: PrinterAddress
    width: int
    has_cutter: bool = True
    drawer: int = 0


def read_profile(key: str) -> str:
    """Return the key of a profile, however it is capitalised. Raise Refused if it is none."""
    for known in PROFILES:
        if known.lower() == key.lower():
            return known
    raise Refused(sentence("“{profile}” is not a known model of receipt printer.", profile=key))


def read_drawer_pin(pin: int) -> int:
    """Return the pin of the cash drawer's plug, 0 for none. Raise Refused for another number."""
    if pin not in (0, 2, 5):
        raise Refused(sentence("The cash drawer is at pin 2 or 5 of the printer, or 0 if there is none."))
    return pin


def read_receipt_width(width: int) -> int:
    """Return the width in dots, 0 for that of the profile. Raise Refused if no printer has it."""
    if width and not _NARROWEST <= width <= _WIDEST:
        raise Refused(sentence("The width must be {least} to {most} dots.", least=_NARROWEST, most=_WIDEST))
    return width
