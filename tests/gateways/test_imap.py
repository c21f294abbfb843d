"""Reading delivery reports by IMAP from a strict server, which answers BAD to all that would change the mailbox."""

import ssl
import threading
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from gateways.test_delivery_report import FORMS, OURS, report
from shopdesk.domain.errors import MailSignInFailed, Unavailable
from shopdesk.gateways import imap
from shopdesk.gateways.imap import Place, Reading
from shopdesk.settings import MailSettings, MailSignIn, Security
from support.imap import ImapServer, serving

LONG_AGO, TODAY = date(2026, 1, 1), date(2026, 11, 30)
ORDER = b"Subject: order\r\nContent-Type: text/plain;\r\n charset=utf-8\r\n\r\nthree pounds of tea\r\n"


def settings(server: ImapServer, **more: Any) -> MailSettings:
    given: dict[str, Any] = {"imap_port": server.port, "imap_security": Security.NONE, "username": "shop"}
    return MailSettings(imap_host=server.host, **(given | more))


def read(server: ImapServer, after: Place | None = None, *, secret: str | None = "secret", **more: Any) -> Reading:  # noqa: S107
    return imap.read(settings(server, **more), secret, after, since=LONG_AGO)


def test_reports_are_read_once_and_nothing_is_changed(imap_server: ImapServer) -> None:
    imap_server.add(ORDER, on=TODAY)
    imap_server.add(report(), on=TODAY)
    first = read(imap_server)
    assert [bounce.message_id for bounce in first.bounces] == [OURS]
    assert (first.place, first.is_whole) == (Place(imap_server.validity, 42), True)
    assert read(imap_server, first.place) == Reading((), first.place, is_whole=True)
    assert imap_server.add(ORDER, on=TODAY) == 43
    again = read(imap_server, first.place)
    assert (again.bounces, again.place) == ((), Place(imap_server.validity, 43))
    # An order is looked at by its header, a report by its beginning.
    fetched = [command for command in imap_server.commands if command.startswith("UID FETCH")]
    assert [command.count("HEADER") for command in fetched] == [1, 1, 0, 1]
    assert all("PEEK" in command for command in fetched)


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_report_comes_through(imap_server: ImapServer, form: str) -> None:
    content = FORMS[form].replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    imap_server.add(content, on=TODAY)
    assert [bounce.message_id for bounce in read(imap_server).bounces] == [OURS]


def test_the_first_look_goes_back_to_a_day(imap_server: ImapServer) -> None:
    imap_server.add(report(), on=date(2025, 12, 31))
    assert read(imap_server) == Reading((), None, is_whole=True)


def test_a_folder_that_was_made_anew_is_read_from_the_day_on(imap_server: ImapServer) -> None:
    imap_server.add(report(), on=TODAY)
    assert len(read(imap_server, Place(1, 4000)).bounces) == 1
    imap_server.messages.clear()
    imap_server.received_on.clear()
    assert read(imap_server, Place(1, 4000)).place is None


def test_a_message_that_is_deleted_meanwhile_is_passed_over(imap_server: ImapServer) -> None:
    imap_server.add(report(), on=TODAY)
    imap_server.received_on[43] = TODAY  # listed, and gone when it is fetched
    assert (read(imap_server).place or Place(0, 0)).uid == 43


def test_many_messages_are_read_in_pieces(imap_server: ImapServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imap, "_MOST_AT_ONCE", 2)
    for _ in range(3):
        imap_server.add(report(), on=TODAY)
    first = read(imap_server)
    assert (len(first.bounces), first.is_whole) == (2, False)
    rest = read(imap_server, first.place)
    assert (len(rest.bounces), rest.is_whole) == (1, True)


def test_only_the_beginning_of_a_long_report_is_read(imap_server: ImapServer) -> None:
    imap_server.add(report() + b"x" * 3_000_000, on=TODAY)
    assert len(read(imap_server).bounces) == 1


@pytest.mark.parametrize("folder", ["Zurückgekommen", 'A & "B"\\', "返送"])
def test_a_folder_of_any_name_is_opened(imap_server: ImapServer, folder: str) -> None:
    names = {
        "Zurückgekommen": "Zur&APw-ckgekommen",
        'A & "B"\\': 'A &- \\"B\\"\\\\',
        "返送": "&j9SQAQ-",
    }
    imap_server.folder = names[folder]
    assert read(imap_server, imap_folder=folder).is_whole


# --- signing in -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("capabilities", ["IMAP4rev1 AUTH=PLAIN", "IMAP4rev1"])
def test_a_password_signs_in_and_a_wrong_one_is_said_in_words(imap_server: ImapServer, capabilities: str) -> None:
    imap_server.capabilities = capabilities
    assert read(imap_server).is_whole
    with pytest.raises(MailSignInFailed, match=r"rejected the sign-in: .*Invalid credentials\. Check the user name"):
        read(imap_server, secret="other")
    with pytest.raises(MailSignInFailed, match=r"password for .* is missing"):
        read(imap_server, secret=None)


def test_a_password_in_any_letters_signs_in(imap_server: ImapServer) -> None:
    imap_server.login = ("shop", "zażółć 領収書")
    assert read(imap_server, secret="zażółć 領収書").is_whole


def test_an_access_token_signs_in_and_an_old_one_is_said_in_words(imap_server: ImapServer) -> None:
    imap_server.lets_in = lambda user, token: (user, token) == ("shop", "new")
    assert read(imap_server, secret="new", sign_in=MailSignIn.GOOGLE).is_whole
    with pytest.raises(MailSignInFailed, match="Check the user name, and sign in again"):
        read(imap_server, secret="old", sign_in=MailSignIn.GOOGLE)


@pytest.mark.parametrize("security", [Security.TLS, Security.STARTTLS])
def test_the_connection_is_encrypted(imap_context: ssl.SSLContext, security: Security) -> None:
    server = ImapServer()
    server.context, server.is_tls = imap_context, security is Security.TLS
    with serving(server):
        assert read(server, imap_security=security).is_whole


# --- what goes wrong --------------------------------------------------------------------------------------------------


def test_a_folder_that_is_not_there_is_said_in_words(imap_server: ImapServer) -> None:
    with pytest.raises(Unavailable, match=r"does not open the folder “Spam”: \[NONEXISTENT\] Unknown mailbox"):
        read(imap_server, imap_folder="Spam")


def test_a_server_without_tls_is_said_in_words(imap_server: ImapServer) -> None:
    with pytest.raises(Unavailable, match="did not do what IMAP servers do"):
        read(imap_server, imap_security=Security.STARTTLS)
    with pytest.raises(Unavailable, match=r"The encrypted connection to .* failed"):
        read(imap_server, imap_security=Security.TLS)


def test_no_server_is_said_in_words(imap_server: ImapServer) -> None:
    with pytest.raises(Unavailable, match="it refused the connection"):
        imap.read(replace(settings(imap_server), imap_port=1), "secret", None, since=LONG_AGO)


def test_a_silent_server_is_left_at_once_when_the_program_ends(imap_server: ImapServer) -> None:
    imap_server.silent_at = "UID SEARCH"
    opened: list[imap.Folder] = []
    came: list[BaseException] = []

    def look() -> None:
        try:
            imap.read(settings(imap_server), "secret", None, since=LONG_AGO, opened=opened.append)
        except Unavailable as error:
            came.append(error)

    thread = threading.Thread(target=look)
    thread.start()
    assert imap_server.answered.wait(20)
    opened[0].abort()
    thread.join()
    assert len(came) == 1


def test_the_test_names_folder_and_server(imap_server: ImapServer) -> None:
    assert imap.test(settings(imap_server), "secret") == "Bounces are read from “INBOX” at 127.0.0.1."
