"""No password, PIN, code, token or secret reaches the log or an error report."""

import io
import json
import logging
import stat
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from shopdesk import logs
from shopdesk.domain.errors import Unavailable
from shopdesk.settings import LogLevel
from support.disks import SmallDisk
from support.systems import WINDOWS

SECRET = "hunter2-XYZZY"
LONG = "correct horse, battery staple"
ARGON = "$argon2id$v=19$m=47104,t=1,p=1$EciI2HNz0YAthgAHWOUiTA$sWbZZOpQ1nUWP471eUxnBr0VyDnbtSdSCMM90X3pdWE"
TOKEN = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl"


@pytest.fixture(autouse=True)
def _fresh_log_filter(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forget the secrets that another test hid from the log."""
    monkeypatch.setattr(logs, "_hidden", set())


# What is written, and the parts of it that must not be readable afterwards.
LINES = [
    (f"password={SECRET}", [SECRET]),
    (f"Password: {LONG}", ["correct", "battery", "staple"]),
    (f"new_password = '{LONG}', sure", ["correct", "staple"]),
    (repr({"password": LONG, "name": "ada"}), ["correct", "staple"]),
    (json.dumps({"client_secret": 'a"b ' + SECRET}), [SECRET]),
    (repr({"client_secret": "it's " + SECRET}), [SECRET]),
    ("pin=4711", ["4711"]),
    ("PIN: 4711 for Ada", ["4711"]),
    (repr({"old_pin": "4711"}), ["4711"]),
    (f"pepper={SECRET}", [SECRET]),
    (f"code={SECRET}&grant_type=authorization_code", [SECRET]),
    (repr({"code": SECRET}), [SECRET]),
    (f"code_verifier={SECRET}", [SECRET]),
    ("user_code: WDJB-MJHT", ["WDJB"]),
    (f"'device_code': '{SECRET}'", [SECRET]),
    (f"access_token={SECRET}, scope=openid", [SECRET]),
    (f"refreshToken: {SECRET}", [SECRET]),
    (f"id_token {TOKEN} is expired", ["eyJ", "c2lnbmF0dXJl"]),
    ("token gho_16C7e42F292c6912E7710c838347Ae178B4a", ["16C7e42F"]),
    (f"apiKey: {SECRET}", [SECRET]),
    (f"Authorization: Bearer {SECRET}", [SECRET]),
    ("Authorization: Basic YWRhOmh1bnRlcjI=", ["YWRhOmh1bnRlcjI"]),
    (repr({"Authorization": f"Bearer {SECRET}"}), [SECRET]),
    (repr([("Authorization", f"token {SECRET}")]), [SECRET]),
    (f"sent Bearer {SECRET}", [SECRET]),
    (f"Cookie: session={SECRET}", [SECRET]),
    ("send: 'AUTH PLAIN AGFkYQBodW50ZXIy'", ["AGFkYQ"]),
    (f"postgresql+psycopg://shop:{SECRET}@db/shop", [SECRET]),
    ("postgresql://shop:p@ss/w@rd@db/shop", ["p@ss", "w@rd"]),
    (f"GET /callback?code={SECRET}&state=abc-{SECRET} HTTP/1.1", [SECRET]),
    (f"http://127.0.0.1:41233/callback?state={SECRET}", [SECRET]),
    (f"https://idp.example/cb#access_token={SECRET}", [SECRET]),
    (f"Max retries exceeded with url: /token?client_id=a&client_secret={SECRET}", [SECRET]),
    (f"kept as {ARGON}", ["EciI2", "sWbZ"]),
]


@pytest.mark.parametrize(("text", "secrets"), LINES, ids=[text[:24] for text, _ in LINES])
def test_a_secret_is_known_by_its_shape(text: str, secrets: list[str]) -> None:
    shown = logs.without_secrets(text)
    assert not [secret for secret in secrets if secret in shown], shown
    assert logs.HIDDEN in shown


@pytest.mark.parametrize(
    "text",
    [
        "Receipt R-A-2026-000412 issued, gross 12.50 USD",
        "The server answered 535 5.7.8 code=535 not accepted",
        "exit code: 1",
        "Staff(user_name='ada', has_password=True, has_pin=False)",
        "GET https://login.example.org/.well-known/openid-configuration: timed out",
        "2 tokens are left; the token endpoint of example.org is slow",
        "Is it this and/or that?",
        "smtp://mail.example.org:587",
    ],
)
def test_what_is_no_secret_stays_readable(text: str) -> None:
    assert logs.without_secrets(text) == text


@pytest.mark.parametrize(
    "piece", ["x", "a-", "/", "?", "a=", "pin", "'", "1 ", "token ", "://", "=?", "password", "eyJ"]
)
def test_a_long_line_takes_no_longer_than_its_length(piece: str) -> None:
    # What took time by the square of the length would not end within the time that a test is given.
    line = (piece * 600_000)[:600_000]
    assert logs.report(RuntimeError(line)).count("RuntimeError") == 1


def log_of(home: Path) -> str:
    return "".join(path.read_text("utf-8") for path in (home / "logs").iterdir())


@pytest.mark.parametrize("level", LogLevel)
def test_no_secret_reaches_the_file_by_message_argument_or_traceback(
    home: Path, level: LogLevel, expect_log: Callable[[str], object]
) -> None:
    expect_log("trying")
    with logs.writing_to(home, level):
        for name in ("shopdesk.gateways.oauth", "urllib3", "smtplib"):
            log = logging.getLogger(name)
            for text, _ in LINES:
                log.error("trying %s", text)
                log.error(f"trying {text}")  # noqa: G004 - as other people's libraries do
                log.debug("trying %s", text)
            try:
                try:
                    raise ValueError(f"bad password={SECRET}")
                except ValueError as error:
                    raise OSError(f"POST https://idp/token?code={SECRET}") from error
            except OSError:
                log.exception("trying")
    written = log_of(home)
    assert "trying" in written
    assert "Traceback" in written
    for _, secrets in LINES:
        assert not [secret for secret in secrets if secret in written]


def test_a_value_that_was_named_is_kept_out_wherever_it_stands(home: Path, expect_log: Callable[[str], object]) -> None:
    expect_log("it said")
    logs.hide("open sesame 47")
    with logs.writing_to(home):
        logging.getLogger("shopdesk").warning("it said %s twice", "open sesame 47")
    assert "sesame" not in log_of(home)
    assert "it said [hidden] twice" in log_of(home)


def test_a_traceback_that_another_handler_formatted_is_guarded_too(
    home: Path, expect_log: Callable[[str], object]
) -> None:
    expect_log("failed")
    other = logging.StreamHandler(stream := io.StringIO())
    logging.getLogger().addHandler(other)
    try:
        with logs.writing_to(home):
            try:
                raise ValueError(f"password={SECRET}")
            except ValueError:
                logging.getLogger("shopdesk").exception("failed")
    finally:
        logging.getLogger().removeHandler(other)
    assert SECRET in stream.getvalue()  # the other handler came first and cached it
    assert SECRET not in log_of(home)


def test_text_cannot_pass_for_another_entry(home: Path) -> None:
    with logs.writing_to(home):
        logging.getLogger("shopdesk").info("name: %s", "x\n2026-01-01T00:00:00Z INFO shopdesk: paid\x1b[2J")
    lines = log_of(home).splitlines()
    assert lines[1].startswith("    2026")
    assert "\x1b" not in log_of(home)


def test_below_warning_only_the_program_itself_is_heard(home: Path) -> None:
    with logs.writing_to(home, LogLevel.DEBUG):
        logging.getLogger("shopdesk.delivery").debug("ours")
        logging.getLogger("urllib3").info("theirs")
    assert "ours" in log_of(home)
    assert "theirs" not in log_of(home)


def test_the_log_is_cut_into_files_and_old_ones_go(home: Path) -> None:
    with logs.writing_to(home):
        for _ in range(650):
            logging.getLogger("shopdesk").info("x" * 10_000)
    files = sorted(path.name for path in (home / "logs").iterdir())
    assert files == ["shopdesk.log", *(f"shopdesk.log.{number}" for number in range(1, 6))]
    assert all(path.stat().st_size <= 1_011_000 for path in (home / "logs").iterdir())
    if sys.platform != "win32":
        assert stat.S_IMODE((home / "logs").stat().st_mode) == 0o700
        assert {stat.S_IMODE(path.stat().st_mode) for path in (home / "logs").iterdir()} == {0o600}


def fill_log() -> None:
    """Write so much that the next entry begins a new file."""
    for _ in range(100):
        logging.getLogger("shopdesk").info("x" * 10_000)


def test_a_log_that_cannot_be_renamed_goes_on_and_older_ones_stay(home: Path) -> None:
    """As on Windows, while another process has it open."""
    log, folder = logging.getLogger("shopdesk"), home / "logs"
    with logs.writing_to(home):
        log.info("the first file")
        fill_log()
        log.info("the second file")
        fill_log()
        (folder / "shopdesk.log.0").mkdir()  # no file can be renamed to that
        for number in range(10):
            log.info("line %d", number)
        assert (folder / "shopdesk.log").read_text("utf-8").count(": line ") == 10
        assert "the first file" in (folder / "shopdesk.log.1").read_text("utf-8")
        (folder / "shopdesk.log.0").rmdir()
        log.info("the third file")
    assert (folder / "shopdesk.log").read_text("utf-8").count("\n") == 1
    assert "the second file" in (folder / "shopdesk.log.1").read_text("utf-8")
    assert "the first file" in (folder / "shopdesk.log.2").read_text("utf-8")


@WINDOWS
def test_two_processes_share_a_log_that_is_full(home: Path) -> None:
    with logs.writing_to(home), (home / "logs" / "shopdesk.log").open("rb") as other:
        fill_log()
        for number in range(4):
            logging.getLogger("shopdesk").info("line %d", number)
        assert other.read().count(b": line ") == 4


@pytest.mark.parametrize("written", [0, 1_000_000], ids=["within a file", "at its end"])
def test_a_full_disk_stops_nothing_and_the_log_goes_on_when_there_is_room(
    small_disk: SmallDisk, capfd: pytest.CaptureFixture[str], written: int
) -> None:
    log = logging.getLogger("shopdesk")
    with logs.writing_to(small_disk.path):
        log.info("before %s", "." * written)
        small_disk.fill()
        for number in range(50):
            log.info("on a full disk %d %s", number, "." * 500)
        small_disk.free()
        log.info("there is room")
        log.info("and goes on")
        assert "and goes on" in log_of(small_disk.path)
        small_disk.fill()
        log.info("the last words %s", "." * 5_000)
    assert capfd.readouterr() == ("", "")


def test_everything_is_as_before_when_the_log_is_closed(home: Path) -> None:
    root = logging.getLogger()
    before = (
        root.level,
        list(root.handlers),
        sys.excepthook,
        threading.excepthook,
        logging.getLogger("shopdesk").level,
    )
    with logs.writing_to(home, LogLevel.DEBUG):
        assert root.handlers != before[1]
    assert before == (
        root.level,
        list(root.handlers),
        sys.excepthook,
        threading.excepthook,
        logging.getLogger("shopdesk").level,
    )


def test_an_error_that_nobody_caught_is_logged_without_its_secrets(
    home: Path, expect_log: Callable[[str], object]
) -> None:
    expect_log("Uncaught error")

    def fail() -> None:
        raise ValueError(f"password={SECRET}")

    with logs.writing_to(home):
        thread = threading.Thread(target=fail)
        thread.start()
        thread.join()
        try:
            fail()
        except ValueError as error:
            sys.excepthook(ValueError, error, error.__traceback__)
    assert log_of(home).count("Uncaught error") == 2
    assert SECRET not in log_of(home)


def test_a_log_that_cannot_be_written_is_said_in_words(tmp_path: Path) -> None:
    (tmp_path / "logs").write_text("a file in the way")
    with pytest.raises(Unavailable, match=r"The log in .* cannot be written"), logs.writing_to(tmp_path):
        pass


@pytest.mark.parametrize(("text", "secrets"), LINES, ids=[text[:24] for text, _ in LINES])
def test_a_report_has_no_secrets(text: str, secrets: list[str]) -> None:
    shown = logs.report(RuntimeError(text))
    assert not [secret for secret in secrets if secret in shown], shown


def test_a_report_tells_what_and_where_but_not_who() -> None:
    def issue() -> None:
        try:
            raise KeyError("Ada Lovelace")
        except KeyError as error:
            raise ValueError(
                "could not write 'Ada Lovelace', ada@example.org, +254 712 345678\nDETAIL: Key (name)=(Ada)\n"
                "[SQL: INSERT INTO customers VALUES (?)]\n[parameters: ('Ada Lovelace',)]"
            ) from error

    with pytest.raises(ValueError, match="could not write") as raised:
        issue()
    shown = logs.report(raised.value)
    assert "ValueError: could not write" in shown
    assert "KeyError" in shown
    assert " issue\n" in shown
    assert "test_logs.py:" in shown
    assert not [word for word in ("ada@", "712", "customers", str(Path.home()), "DETAIL") if word in shown]
    assert "Lovelace" not in "".join(line for line in shown.splitlines(keepends=True) if not line.startswith("    "))
