"""The command line: opens the window by default; its commands serve owners and scripts."""

from __future__ import annotations

import errno
import itertools
import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from datetime import UTC, date, datetime
from functools import partial
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING

from shopdesk import __version__, paths
from shopdesk.domain.errors import Refused, Unavailable
from shopdesk.domain.sentence import verbatim

if TYPE_CHECKING:
    import argparse

    from shopdesk.doctor.check import CheckResult
    from shopdesk.doctor.runner import Check
    from shopdesk.domain.fiscal import JournalHead, Sign, SignedHead
    from shopdesk.domain.shop import Shop
    from shopdesk.store.database import Database
    from shopdesk.store.session import Session

_DESCRIPTION = """\
Sell at the shop counter: create, print and send invoices and receipts.
Without a command, shopdesk opens its window.
"""
_EPILOG = """\
Data folder: {home}

Environment variables:
  SHOPDESK_HOME           use another data folder
  SHOPDESK_DATABASE_URL   use another database: sqlite:///… or postgresql://…
  SHOPDESK_MAIL_HOST …    override any setting of shopdesk.toml, in capitals

Exit status: 0 success; 1 the command failed or found errors, which it prints;
2 wrong usage. Run “shopdesk COMMAND --help” for help on a command.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return the exit status."""
    _use_utf8()
    given = sys.argv[1:] if arguments is None else arguments
    options = _parser().parse_args(given) if given else None  # argparse is not needed to open the window
    try:
        status: int = options.run(options) if options else _window()
        if sys.stdout is not None:
            sys.stdout.flush()
    except (Refused, Unavailable) as error:
        print(f"shopdesk: {error}", file=sys.stderr)
        return 1
    except UnicodeDecodeError:  # of the standard input; files report theirs as Refused
        print("shopdesk: the input is not text in UTF-8.", file=sys.stderr)
        return 1
    except OSError as error:  # a folder in the place of a file, a full disk, a name too long …
        is_output_lost = _drop_output()
        if isinstance(error, BrokenPipeError) or (is_output_lost and error.errno == errno.EINVAL):
            return 1  # the reader, such as “head” or “more”, has closed the pipe; Windows calls that EINVAL
        where = f"{error.filename}: " if error.filename else ""
        print(f"shopdesk: {where}{error.strerror or error}.", file=sys.stderr)
        return 1
    return status


def _use_utf8() -> None:
    """Read and write UTF-8, whatever the code page of this computer: names may have letters that it lacks."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    if isinstance(sys.stdin, TextIOWrapper):
        sys.stdin.reconfigure(encoding="utf-8")


def _drop_output() -> bool:
    """Return True if the standard output cannot be written; drop what is left, or Python reports it again at exit."""
    try:
        if sys.stdout is not None:
            sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return True
    return False


def _home() -> str:
    """Return the data folder, or the reason why it cannot be used: help is shown in any case."""
    try:
        return str(paths.home())
    except Unavailable as error:
        return str(error)


def _parser() -> argparse.ArgumentParser:
    import argparse

    parser = argparse.ArgumentParser(
        prog="shopdesk",
        description=_DESCRIPTION,
        epilog=_EPILOG.format(home=_home()),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--practice",
        action="store_const",
        dest="run",
        const=_practice,
        help="open a window to practise in: products and people of the shop, but nothing is real or leaves it",
    )
    parser.add_argument("--version", action="version", version=f"shopdesk {__version__}")
    parser.set_defaults(run=_window)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")

    window = commands.add_parser("window", help="open the window (the default)")
    window.set_defaults(run=_window)

    tour = commands.add_parser(
        "tour",
        help="demonstrate the whole program with a new data folder, and save pictures",
        description="Drives the real windows by keyboard and mouse: registers an owner, sets up a shop, enters baskets "
        "as receipts, corrects one, deletes one, and receives the messages on a mail server of its own. With --books "
        "it takes a German shop from the float to the close of the day instead, with an invoice, a credit note and all "
        "reports, and checks that they add up.",
    )
    tour.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder for pictures, PDFs and messages")
    tour.add_argument("--books", action="store_true", help="a day of the books: e-invoices, count, close, reports")
    tour.add_argument("--sales", type=Path, metavar="FILE", help="CSV: one line per item (default: an included sample)")
    tour.add_argument("--products", type=Path, metavar="FILE", help="CSV: the products in those lines")
    tour.add_argument("--count", type=int, default=5, metavar="N", help="number of baskets (default: 5)")
    tour.set_defaults(run=_tour)

    verify = commands.add_parser(
        "verify",
        help="check the journal, numbers, totals and sums, and list all errors",
        description="Checks the journal and its hashes, the document numbers, the totals and payments of every "
        "document and the sums per day by computing them again, and compares people, settings and prices with the "
        "journal. Prints one line per error and exits with 1; exits with "
        "0 if there are no errors. Proves order and completeness, not authorship.",
    )
    of_head = verify.add_mutually_exclusive_group()
    of_head.add_argument(
        "--export", type=Path, metavar="FILE", help="write the signed head of the journal, for the accountant to keep"
    )
    of_head.add_argument("--head", type=Path, metavar="FILE", help="also tell what was changed since such a head")
    verify.add_argument("--progress", action="store_true", help="print how many per cent are checked, a line for each")
    verify.set_defaults(run=_verify)

    message = commands.add_parser(
        "message",
        help="write an e-mail that was sent into a file",
        description="Writes the e-mail with this Message-ID as it was sent. Where its bytes were dropped, it is made "
        "again and compared with their hash. Exits with 1 if this program makes it otherwise by now; the file then "
        "has what it makes, and the hash and the headers of what was sent are printed.",
    )
    message.add_argument("message_id", metavar="MESSAGE-ID", help="as in the e-mail: <…@…>")
    message.add_argument("file", type=Path, metavar="FILE.eml", help="the file to write; it must not exist yet")
    message.set_defaults(run=_message)

    report = commands.add_parser(
        "report",
        help="write the money report or the number report of a period to a file",
        description="Writes the money report (sales by kind and tax rate, payments by method, what is open) or the "
        "number report (every document number and what became of it, with gaps) as CSV, XLSX or PDF, by the ending of "
        "the file's name. Without days it is this month until today.",
    )
    report.add_argument("subject", choices=("money", "numbers"), help="the report to write")
    report.add_argument("--out", type=Path, required=True, metavar="FILE", help="the file: .csv, .xlsx or .pdf")
    _add_period(report)
    report.add_argument("--series", metavar="SERIES", help="all numbers of one series, such as R-A-2026")
    report.set_defaults(run=_report)

    export = commands.add_parser(
        "export",
        help="write e-invoices as UBL files, or the accountant's export of a period",
        description="With --ubl: writes invoices and credit notes as e-invoices by EN 16931, each as NUMBER.ubl.xml. "
        "Where a fact is missing it says which, writes the others, and exits with 1. The PDF of an invoice has the "
        "same content. With --accountant: writes one ZIP file with the documents, lines, taxes, payments, customers "
        "and products of a period as CSV, and as a workbook with a README sheet. Accounts and headings are those "
        "chosen in the window, under Reports. Without days it is this month until today.",
    )
    of_what = export.add_mutually_exclusive_group(required=True)
    of_what.add_argument("--ubl", nargs="+", metavar="NUMBER", help="documents as UBL 2.1, such as I-A-2026-000412")
    of_what.add_argument("--accountant", type=Path, metavar="FILE", help="the ZIP file to write")
    export.add_argument("--out", type=Path, default=Path(), metavar="DIR", help="folder for UBL files (default: here)")
    _add_period(export)
    export.set_defaults(run=_export)

    backup = commands.add_parser(
        "backup",
        help="back up the shop, also while it is in use, and check the backup",
        description="Without FILE: adds a packed backup to the backup folder, encrypted if a pass phrase is set, and "
        "keeps the last 7 daily, 4 weekly and 12 monthly backups. With FILE: writes one copy there, packed if its name "
        "ends in .zip. A shop on PostgreSQL is dumped with pg_dump. Each copy is checked, and an existing file is "
        "never overwritten.",
    )
    backup.add_argument("file", type=Path, nargs="?", metavar="FILE", help="the backup to write; it must not exist yet")
    backup.add_argument("--gently", action="store_true", help="run with low priority")
    backup.set_defaults(run=_backup)

    restore = commands.add_parser(
        "restore",
        help="restore a backup; the current file is kept beside it",
        description="Checks a backup and replaces the shop's file with it; the current file is kept beside it under "
        "another name. What its verification finds is shown before. Close shopdesk first: a file in use is not "
        "replaced. Asks for the pass phrase of an encrypted "
        "backup, or reads it from SHOPDESK_BACKUP_PASSPHRASE. A PostgreSQL dump is restored into an empty database.",
    )
    restore.add_argument("file", type=Path, metavar="FILE", help="a backup made by shopdesk")
    restore.add_argument("--yes", action="store_true", help="restore it even if its verification finds errors")
    restore.set_defaults(run=_restore)

    doctor = commands.add_parser(
        "doctor",
        help="check everything that shopdesk needs, and print what to do about problems",
        description="Checks the program, its data folder, the database and its content, backup, clock, keyring, mail, "
        "text messages, sign-in providers, printer and fonts, all at once. Exits with 1 if a check fails. Nothing is "
        "changed or sent.",
    )
    doctor.add_argument("--report", type=Path, metavar="FILE", help="write an anonymous report for support")
    doctor.add_argument("--lines", action="store_true", help=argparse.SUPPRESS)  # used by the window
    doctor.set_defaults(run=_doctor)

    copy = commands.add_parser("copy", help="copy a shop from one database to another, and compare them")
    copy.add_argument("source", metavar="FROM", help="a file, sqlite:///… or postgresql://…")
    copy.add_argument("target", metavar="TO", help="the same; it must not contain a shop yet")
    copy.set_defaults(run=_copy)

    roles = commands.add_parser(
        "database-roles", help="print or run the SQL that grants a till's role its rights on PostgreSQL"
    )
    roles.add_argument("role", metavar="ROLE", help="the role that tills use to sign in to the server")
    roles.add_argument("--apply", action="store_true", help="run the SQL on the shop's database, as its owner")
    roles.set_defaults(run=_roles)

    recover = commands.add_parser(
        "recover-owner",
        help="give an owner who cannot sign in any more a new password",
        description="Sets a new password for an owner, and lets them in again if they are blocked or locked out. "
        "Asks for the pass phrase of the backups if one is set on this computer; on a server, run it as the owner of "
        "the database. Settings, Activity shows that it was done.",
    )
    recover.add_argument("user", metavar="USER", help="the user name of the owner")
    recover.set_defaults(run=_recover_owner)
    return parser


def _add_period(parser: argparse.ArgumentParser) -> None:
    today = datetime.now(UTC).astimezone().date()
    first = today.replace(day=1)
    parser.add_argument("--from", dest="since", type=_day, default=first, metavar="DAY", help="such as 2026-11-01")
    parser.add_argument("--until", type=_day, default=today, metavar="DAY", help="the last day")


def _day(text: str) -> date:
    import argparse

    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"“{text}” is no day; write it like 2026-11-30") from None


def _window(_options: argparse.Namespace | None = None) -> int:
    import gc

    from shopdesk import fatal_error

    gc.disable()  # until the first paint, which ``app.start`` awaits: what is loaded for it stays, and is much
    sys.excepthook = fatal_error.uncaught  # until the program has a window and a log of its own
    from shopdesk import app

    return app.run()


def _practice(_options: argparse.Namespace) -> int:
    from shopdesk import settings
    from shopdesk.app import practice

    home = paths.home()
    if not paths.is_practice(home):
        with _database() as database:
            folder = practice.prepare(home, database, settings.load(home, os.environ))
        alone = practice.environ(folder, os.environ)
        os.environ.clear()
        os.environ.update(alone)
    return _window()


def _tour(options: argparse.Namespace) -> int:
    from shopdesk.demo import books_tour, tour

    if options.books:
        return books_tour.run(out=options.out)
    return tour.run(out=options.out, sales=options.sales, products=options.products, count=options.count)


def _verify(options: argparse.Namespace) -> int:
    return _verified(earlier=options.head, target=options.export, shows_progress=options.progress)


def _verified(*, earlier: Path | None = None, target: Path | None = None, shows_progress: bool = False) -> int:
    """Verify the database, also against an earlier head, and write the present head to ``target`` if all is well.

    ``shows_progress`` prints a line for each per cent where there is no terminal.
    """
    from shopdesk.domain import fiscal
    from shopdesk.queries import journal_heads, verify
    from shopdesk.store import whole_check

    signed = fiscal.from_file(earlier.read_bytes()) if earlier else None
    now = datetime.now(UTC)
    with _database() as database, database.reads() as session:
        documents, rows = verify.counted(session)
        show = partial(print, flush=True) if shows_progress else _show_percent
        scope = verify.Scope(advanced=verify.in_percent(session, show))
        found = list(itertools.islice(verify.violations(session, scope), 1000))
        _show_percent("")
        passed = None if found else verify.passed(session, now=now)
        if signed:
            found += journal_heads.changes_since(session, signed.head)
        is_wanted = target is not None and not found
        head = journal_heads.current(session, program=__version__, now=now) if is_wanted else None
    if passed:
        try:
            whole_check.write(paths.home(), passed)
        except OSError as error:
            print(f"The time of this check could not be stored: {error.strerror}.", file=sys.stderr)
    if signed:
        found += _faults_of_signature(signed)
    for fault in found:
        print(fault)
    if found:
        print(f"{len(found)} errors in {documents} documents and {rows} journal rows.", file=sys.stderr)
        if target:
            print("The head was not written: find out about the errors first.", file=sys.stderr)
        return 1
    print(f"Verified, no errors: {documents} documents, {rows} journal rows.")
    print("This proves order and completeness, not authorship. It is not a fiscal certificate.")
    if signed:
        print(f"Nothing was changed since the head of {signed.head.made_at:%Y-%m-%d %H:%M} UTC.")
    if target and head:
        _write_head(head, target)
    return 0


def _message(options: argparse.Namespace) -> int:
    from shopdesk.queries import sent_messages

    if options.file.exists():
        raise Refused(verbatim(f"{options.file} already exists. Choose another name."))
    with _database() as database, database.reads() as session:
        found = sent_messages.sent(session, options.message_id)
    if found is None:
        raise Refused(verbatim(f"No e-mail with the Message-ID {options.message_id} was sent."))
    if found.body is not None:
        options.file.write_bytes(found.body)
    if found.is_as_sent:
        print(f"{options.file} has the bytes that were sent: SHA-256 {found.hash.hex()}.")
        return 0
    print(f"This program makes the message otherwise by now. What was sent had SHA-256 {found.hash.hex()} and began:")
    print(found.headers)
    if found.e_invoice:
        xml = options.file.with_suffix(".xml")
        xml.write_bytes(found.e_invoice)
        print(f"{xml} has the XML of its e-invoice as it was sent.")
    return 1


def _show_percent(percent: object) -> None:
    """Show the progress on the terminal; an empty text removes it."""
    if sys.stderr.isatty():
        print(f"\r{percent}{' %' if percent else '    '}\r", end="", file=sys.stderr, flush=True)


def _faults_of_signature(signed: SignedHead) -> Iterator[str]:
    """Yield what is wrong with the signature of a head; print what is only to be known."""
    from shopdesk.gateways import signing

    signature = signed.signature
    if signature is None:
        print("The head is not signed: trust it only if it never left your hands.")
        return
    if not signing.is_valid(signed.content, signature):
        yield "The signature of the head is wrong: the file was changed since it was signed."
        return
    key = signing.fingerprint(signature.public_key)
    try:
        own = signing.own_key()
    except Unavailable as error:
        print(f"Signed with the key {key}. {error}")
        return
    if own is None:
        print(f"Signed with the key {key}. This computer has no key to compare it with.")
    elif signing.fingerprint(own) != key:
        yield f"The head is signed with the unknown key {key}, not with that of this computer."
    else:
        print(f"Signed with the key of this computer, {key}.")


def _write_head(head: JournalHead, target: Path) -> None:
    """Write the head to a file, signed if this computer has a keyring."""
    from shopdesk import atomic_file
    from shopdesk.domain import fiscal
    from shopdesk.gateways import signing

    try:
        sign: Sign | None = signing.signer()
    except Unavailable as error:
        print(f"The head is not signed. {error}")
        sign = None
    atomic_file.write(target, fiscal.to_file(head, sign), mode=atomic_file.DEFAULT)
    print(f"The head of the journal was written to {target}.")
    if sign and (own := signing.own_key()):
        print(f"It is signed with the key {signing.fingerprint(own)}.")


def _report(options: argparse.Namespace) -> int:
    from shopdesk import atomic_file
    from shopdesk.queries import shop as ask_shop
    from shopdesk.render import formatting
    from shopdesk.render.export import FileKind
    from shopdesk.ui.statistics import money_sections

    try:
        kind = FileKind(options.out.suffix.lower().removeprefix("."))
    except ValueError:
        raise Refused(verbatim(f"{options.out}: the name of a report ends in .csv, .xlsx or .pdf.")) from None
    if options.series and options.subject == "money":
        raise Refused(verbatim("Only the number report is of a series. The money report is of days."))
    made_at = datetime.now(UTC).astimezone().replace(tzinfo=None)
    with _database() as database, database.reads() as session:
        if (shop := ask_shop.current(session)) is None:
            raise Refused(verbatim("The shop is not set up yet."))
        period = " – ".join(formatting.day(day, shop.locale) for day in (options.since, options.until))
        title = "Money report" if options.subject == "money" else "Number report"
        head = money_sections.report_head(title, options.series or period, shop)
        write = (_money_report if options.subject == "money" else _number_report)(session, options, shop)
        with atomic_file.writing(options.out, mode=atomic_file.DEFAULT) as part, part.open("wb") as file:
            write(file, kind, head, made_at=made_at)
    print(f"Written to {options.out}.")
    return 0


def _money_report(session: Session, options: argparse.Namespace, shop: Shop) -> Callable[..., None]:
    """Return a function that writes the report."""
    from shopdesk.queries import money_report
    from shopdesk.ui.statistics import money_sections

    report = money_report.read(session, since=options.since, until=options.until)
    return lambda file, kind, head, made_at: money_sections.write(
        file, kind, head, money_sections.sections(report, shop), made_at=made_at
    )


def _number_report(session: Session, options: argparse.Namespace, _: Shop) -> Callable[..., None]:
    """Return a function that writes the report, read while it is written."""
    from shopdesk.queries import number_report
    from shopdesk.ui.statistics import number_rows

    if options.series:
        found = number_report.ranges(session)
        ranges = tuple(one for one in found if one.prefix == f"{options.series.upper().rstrip('-')}-")
        if not ranges:
            known = ", ".join(one.prefix.rstrip("-") for one in found) or "none yet"
            raise Refused(verbatim(f"There is no series {options.series}. There are: {known}."))
    else:
        ranges = number_report.ranges(session, since=options.since, until=options.until)
    return lambda file, kind, head, made_at: number_rows.write(
        file, kind, head, number_report.entries(session, ranges), made_at=made_at
    )


def _export_accountant(options: argparse.Namespace) -> int:
    from shopdesk import atomic_file
    from shopdesk.queries import accountant_export
    from shopdesk.queries import shop as ask_shop
    from shopdesk.store import account_mappings
    from shopdesk.ui.statistics import accountant_tables

    if options.since > options.until:
        raise Refused(verbatim("The first day is after the last day."))
    made_at = datetime.now(UTC).astimezone().replace(tzinfo=None)
    records = 0
    with _database() as database, database.reads() as session:
        if (shop := ask_shop.current(session)) is None:
            raise Refused(verbatim("The shop is not set up yet."))
        mapping, period = account_mappings.current(session), f"{options.since} – {options.until}"
        with atomic_file.writing(options.accountant, mode=atomic_file.DEFAULT) as part, part.open("wb") as file:
            archive = accountant_tables.archive(file, shop, mapping, period=period, made_at=made_at)
            try:
                for page in accountant_export.pages(session, since=options.since, until=options.until):
                    archive.write(page)
                    records += len(page)
                archive.close()
            except BaseException:
                archive.abandon()
                raise
    print(f"{records} documents, payments, customers and products written to {options.accountant}.")
    return 0


def _export(options: argparse.Namespace) -> int:
    return _export_accountant(options) if options.accountant else _export_ubl(options)


def _export_ubl(options: argparse.Namespace) -> int:
    from shopdesk import atomic_file
    from shopdesk.queries import documents
    from shopdesk.render.e_invoice_files import ubl_of

    options.out.mkdir(parents=True, exist_ok=True)
    is_whole = True
    with _database() as database, database.reads() as session:
        for number in map(str.upper, options.ubl):
            try:
                document, numbers = documents.numbered(session, number)
                xml = ubl_of(document, numbers)
            except Refused as refused:
                print(f"{number}: {refused}", file=sys.stderr)
                is_whole = False
                continue
            target = options.out / f"{number}.ubl.xml"
            atomic_file.write(target, xml, mode=atomic_file.DEFAULT)
            print(target)
    return 0 if is_whole else 1


def _doctor(options: argparse.Namespace) -> int:
    from PySide6.QtCore import QCoreApplication, qVersion

    from shopdesk.doctor import runner
    from shopdesk.doctor.runner import CHECKS
    from shopdesk.ui.output import printing

    application = QCoreApplication.instance() or QCoreApplication(["shopdesk"])  # needed to list printers
    home = paths.home()
    installation = runner.load_installation(home, os.environ, printers=printing.printers, qt=qVersion())
    if options.lines:
        _go_last()
        print(json.dumps([check.name for check in CHECKS]), flush=True)
        found = runner.run_checks(installation, tell=lambda *one: print(runner.as_line(*one), flush=True))
        print(json.dumps(runner.report(found, home)))
    else:
        found = runner.run_checks(installation, tell=_in_order(CHECKS))
    del application
    if options.report:
        options.report.write_text(runner.report(found, home), "utf-8")  # in place: it may be a device or a pipe
        print(f"The report was saved as {options.report}. It is anonymous.")
    return 0 if runner.all_ok(found) else 1


def _in_order(checks: Sequence[Check]) -> Callable[[Check, CheckResult], None]:
    """Return a function that prints results in the order of the checks, each as soon as all before it are known."""
    came: dict[Check, CheckResult] = {}
    waiting = list(checks)

    def told(check: Check, result: CheckResult) -> None:
        came[check] = result
        while waiting and waiting[0] in came:
            check = waiting.pop(0)
            result = came[check]
            print(f"{result.state.value:4}  {check.name}: {result.text}")
            if result.advice:
                print(f"      {result.advice}")

    return told


def _backup(options: argparse.Namespace) -> int:
    if options.gently:
        _go_last()
    from shopdesk.store import database

    source = database.sqlite_path(database.parse(_url()))
    target = _copied(source, options.file) if source and options.file else _made_in_folder(options.file)
    print(f"Backed up to {target}.")
    return 0


def _copied(source: Path, target: Path) -> Path:
    """Copy the file only, without opening the database: a read-only file or a full disk can still be backed up."""
    from shopdesk import daily_backup
    from shopdesk.store import backup_file

    if not source.exists():
        raise Refused(verbatim(f"The shop file {source} does not exist yet."))
    if target.suffix == ".zip":
        daily_backup.pack(source, target, home=paths.home())
    else:
        backup_file.back_up(source, target)
    return target


def _made_in_folder(target: Path | None) -> Path:
    """Back up to the folder of the settings and record it in the database; a dump may also go to ``target``."""
    from shopdesk import daily_backup, settings
    from shopdesk.store import pg_dump

    home = paths.home()
    chosen = settings.load(home, os.environ)
    place, till, now = daily_backup.folder(chosen, home), chosen.till.name, datetime.now(UTC)
    with _database() as database:
        if database.path is None:
            if not pg_dump.has_passwords(database):
                print("A till may not read passwords: this dump will have none. The database's owner dumps them too.")
            return daily_backup.dump(database, target, home=home, place=place, till=till, now=now)
        step = partial(print, flush=True)
        return daily_backup.make_backup(database, home=home, place=place, till=till, now=now, step=step).path


def _go_last() -> None:
    """Lower the priority of this process, so that it does not slow down sales on this machine."""
    if sys.platform == "win32":
        from shopdesk.gateways import windows_priority

        windows_priority.lower()
    else:
        os.nice(10)


def _restore(options: argparse.Namespace) -> int:
    from shopdesk import process_lock, restore
    from shopdesk.store import backup_archive, backup_file, database

    source: Path = options.file
    if not source.is_file():
        raise Refused(verbatim(f"The file {source} does not exist."))
    if (target := database.sqlite_path(database.parse(_url()))) is None:
        return _restore_server(options)
    phrase = _phrase() if backup_archive.is_archive(source) and backup_archive.is_encrypted(source) else None
    with ExitStack() as lock:
        with suppress(OSError):  # the next step reports it better
            lock.enter_context(process_lock.acquire(process_lock.beside(target)))
        lock.callback(backup_file.discard, target)
        backup_file.require_unused(target)
        staged = restore.stage(source, target, phrase=phrase)
        found = staged.contents
        print(
            f"{source}: {found.shop or 'no shop yet'}, {found.documents} documents, "
            f"the last {found.last_number or '–'}."
        )
        for fault in staged.faults:
            print(fault)
        if (
            staged.faults
            and not options.yes
            and not _is_sure(f"{len(staged.faults)} errors. Restore it in spite of them?")
        ):
            print("Nothing was changed. With --yes it is restored in spite of its errors.", file=sys.stderr)
            return 1
        kept = restore.put_in_place(target, paths.home())
    print(f"Restored {source}." + (f" The previous file is now {kept}." if kept else ""))
    return 0


def _is_sure(question: str) -> bool:
    """Ask on the terminal; no where there is none."""
    return sys.stdin.isatty() and input(f"{question} [y/N] ").strip().casefold() in {"y", "yes"}


def _restore_server(options: argparse.Namespace) -> int:
    from shopdesk.store import pg_dump, roles, upgrade

    with _connected() as database:
        has_passwords = pg_dump.restore(database, options.file)
        upgrade.open_ready(database, may_create=False)
        with database.engine.begin() as connection:
            roles.grant_to_tills(connection)
    print(
        f"Restored {options.file}. A dump contains no roles: "
        "grant each till's role its rights with “shopdesk database-roles”."
    )
    if not has_passwords:
        print(
            "A till made this dump, and a till may not read passwords: let the owner in with “shopdesk recover-owner”. "
            "The owner gives the others new ones in Settings, People. Until then “shopdesk verify” names them."
        )
    return _verified()


def _phrase() -> str:
    """Return the pass phrase of a backup: from the variable, the terminal, or the first line of the input."""
    if phrase := os.environ.get("SHOPDESK_BACKUP_PASSPHRASE"):
        return phrase
    if sys.stdin.isatty():
        from getpass import getpass

        return getpass("Pass phrase of the backup: ")
    return sys.stdin.readline().rstrip("\r\n")


def _copy(options: argparse.Namespace) -> int:
    from shopdesk import settings
    from shopdesk.store import database, shop_copy, upgrade

    urls = [settings.database_url(given, paths.home()) for given in (options.source, options.target)]
    with closing(database.connect(urls[0])) as source, closing(database.connect(urls[1])) as target:
        if source.path is not None and not source.path.exists():
            raise Refused(verbatim(f"The shop file {source.path} does not exist."))
        upgrade.open_ready(source, may_be_moved=True)
        upgrade.open_ready(target)
        with source.reads() as origin:
            rows = shop_copy.copy(origin, target, progress=_show_progress)
    print(f"Copied {rows} rows. Counts, sums and the journal match.")
    return 0


def _show_progress(done: int, total: int) -> None:
    if sys.stderr.isatty():
        print(f"\r{done} of {total} rows", end="" if done < total else "\n", file=sys.stderr, flush=True)


def _roles(options: argparse.Namespace) -> int:
    from shopdesk.store import roles, upgrade

    statements = ";\n".join(roles.statements(options.role))
    if not options.apply:
        print(f"{statements};")
        return 0
    with _connected() as database:
        if database.path is not None:
            raise Refused(verbatim("This shop's database is a local file, which has no roles."))
        upgrade.open_ready(database)
        with database.engine.begin() as connection:
            roles.grant(connection, options.role)
    print(f"The role {options.role} now has the rights of a till.")
    return 0


def _recover_owner(options: argparse.Namespace) -> int:
    from shopdesk import daily_backup
    from shopdesk.queries import health
    from shopdesk.store import backup_archive
    from shopdesk.usecases import accounts

    with _database() as database:
        if database.path is None:
            with database.reads() as session:
                if not health.excessive_rights(session):
                    raise Refused(
                        verbatim("Run this as the owner of the database: a till's role cannot let people in.")
                    )
        elif (key := daily_backup.backup_key(paths.home())) is not None:
            backup_archive.check_phrase(key, _phrase())
        password = _new_password()
        with database.sessions.begin() as session:
            staff = accounts.recover_owner(session, options.user, new=password, now=datetime.now(UTC))
    print(f"{staff.name} ({staff.user_name}) can sign in with the new password. Settings, Activity shows it.")
    return 0


def _new_password() -> str:
    """Return a new password: typed twice on the terminal, or the next line of the input."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    from getpass import getpass

    password = getpass("New password: ")
    if getpass("Repeat the new password: ") != password:
        raise Refused(verbatim("The two passwords differ. Nothing was changed."))
    return password


@contextmanager
def _database() -> Iterator[Database]:
    """Open the shop's database, only if it exists: a check must not create it. Raises Refused."""
    from shopdesk.store import upgrade

    with _connected() as opened:
        if opened.path is not None and not opened.path.exists():
            raise Refused(verbatim(f"The shop file {opened.path} does not exist yet."))
        upgrade.open_ready(opened, may_create=False)
        yield opened


@contextmanager
def _connected() -> Iterator[Database]:
    """Connect to the database in the settings, whatever its content; errors are raised as Unavailable."""
    from sqlalchemy.exc import DBAPIError

    from shopdesk.store import database, error_text

    url = database.parse(_url())
    if url.get_backend_name() != "sqlite" and not url.password:
        from shopdesk.gateways import keychain

        with suppress(Unavailable):  # the server may need none, and reports it otherwise
            url = url.set(password=keychain.read("database"))
    with closing(database.connect(url)) as opened:
        try:
            yield opened
        except DBAPIError as error:
            raise error_text.describe(error, opened.path) from error


def _url() -> str:
    from shopdesk import settings

    return settings.load(paths.home(), os.environ).database
