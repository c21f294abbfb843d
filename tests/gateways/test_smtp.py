"""Mail against real servers on loopback: what arrives, what is refused, for good or for now, and in which words."""

import base64
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import Any

import pytest
import trustme
from aiosmtpd.smtp import AuthResult

from shopdesk.domain.errors import AuthenticationFailed, Unavailable
from shopdesk.domain.message import server_words
from shopdesk.gateways import smtp
from shopdesk.settings import MailSettings, Security
from support.mail import MailServer
from support.mail import _serving as serving

Start = Callable[..., MailServer]


def written(text: str = "Your order has been placed.") -> bytes:
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"], message["Subject"] = "shop@example.org", "ada@example.org", "R-A-2026-000001"
    message["Message-ID"] = "<1@shop.example.org>"
    message.set_content(text)
    return bytes(message)


def settings(server: MailServer, username: str = "", host: str = "") -> MailSettings:
    return MailSettings(
        host=host or server.host, port=server.port, security=Security(server.security), username=username
    )


def send(mail: MailSettings, password: str | None = None, *, to: str = "ada@example.org") -> str:
    return smtp.send(mail, password, written(), "shop@example.org", to)


def test_a_message_arrives_byte_for_byte_and_the_answer_comes_back(mail_server: MailServer) -> None:
    content = written("A line\n.\n..\nZażółć gęślą jaźń — 領収書\n")
    answer = smtp.send(settings(mail_server), None, content, "shop@example.org", "ada@example.org")
    (received,) = mail_server.wait_for(1)
    assert answer == "250 OK"
    assert received.content == content
    assert (received.sender, received.recipients) == ("shop@example.org", ("ada@example.org",))


@pytest.mark.parametrize("security", ["none", "starttls", "tls"])
@pytest.mark.parametrize("password", ["hunter2", "zażółć, 領収書 \\ \" 'ü"])
def test_signing_in_with_any_password(start_mail_server: Start, security: str, password: str) -> None:
    server = start_mail_server(security, login=("ada", password))
    send(settings(server, "ada"), password)
    (received,) = server.wait_for(1)
    assert received.user == "ada"
    assert received.encrypted == (security != "none")


@pytest.mark.parametrize("security", ["none", "starttls", "tls"])
def test_the_test_button_tells_how_it_went_and_sends_nothing(start_mail_server: Start, security: str) -> None:
    server = start_mail_server(security, login=("ada", "hunter2"))
    words = smtp.test(settings(server, "ada"), "hunter2")
    assert words.startswith(f"127.0.0.1 (port {server.port}) answered")
    assert ("encrypted with TLSv1." in words) == (security != "none")
    assert "“ada” signed in" in words
    assert server.received == []


def test_the_test_button_says_when_nobody_asked_for_a_password(mail_server: MailServer) -> None:
    assert smtp.test(settings(mail_server), None).endswith("is not encrypted, and no sign-in was needed.")


def test_the_test_button_promises_no_second_try() -> None:
    busy = [EHLO, (b"NOOP", b"451 4.3.0 come back later\r\n"), (b"QUIT", b"221 bye\r\n")]
    with scripted(*busy) as (port, _), pytest.raises(Unavailable) as later:
        smtp.test(plain(port), None)
    with scripted(EHLO, (b"NOOP", b"")) as (port, _), pytest.raises(Unavailable) as gone:
        smtp.test(plain(port), None)
    assert server_words(str(later.value)) == "451 4.3.0 come back later."
    assert str(gone.value).endswith("did not answer. Check that “none” is right for this port.")


def test_a_wrong_password_is_tried_once_and_is_no_fault_of_the_message(
    start_mail_server: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = start_mail_server("starttls", login=("ada", "hunter2"))
    tries: list[str] = []
    check = server.authenticate

    def count(*args: Any) -> AuthResult:
        tries.append("")
        return check(*args)

    monkeypatch.setattr(server, "authenticate", count)
    with pytest.raises(AuthenticationFailed) as failed:
        send(settings(server, "ada"), "wrong one")
    assert "535" in failed.value.what
    assert "wrong one" not in str(failed.value)
    assert not failed.value.final
    assert len(tries) == 1


def test_a_server_that_wants_a_sign_in_we_do_not_have(start_mail_server: Start) -> None:
    server = start_mail_server("none", login=("ada", "hunter2"))
    with pytest.raises(AuthenticationFailed, match="530"):
        send(settings(server))
    with pytest.raises(AuthenticationFailed, match="is missing"):
        send(settings(server, "ada"), None)


def test_a_server_that_offers_no_sign_in(mail_server: MailServer) -> None:
    with pytest.raises(AuthenticationFailed, match="does not support sign-in with a password"):
        send(settings(mail_server, "ada"), "hunter2")


@pytest.mark.parametrize("step", ["MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize(
    ("answer", "final"), [("451 4.3.0 come back later", False), ("452 4.2.2 full", False), ("550 5.1.1 nobody", True)]
)
def test_a_refusal_is_for_now_or_for_good(mail_server: MailServer, step: str, answer: str, final: bool) -> None:
    mail_server.answers[step] = answer
    with pytest.raises(Unavailable) as refused:
        send(settings(mail_server))
    assert answer in refused.value.what
    assert refused.value.final is final
    assert not isinstance(refused.value, AuthenticationFailed)


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_certificate_that_nobody_vouches_for_stops_everything(
    start_mail_server: Start, security: str, expect_log: Callable[[str], object]
) -> None:
    if security == "starttls":
        expect_log("SMTP session exception")  # the server's own, when we hang up on it
    server = start_mail_server(security, login=("ada", "hunter2"), trusted=False)
    with pytest.raises(Unavailable, match=r"certificate of 127\.0\.0\.1 is not trusted") as failed:
        send(settings(server, "ada"), "hunter2")
    assert not failed.value.final
    assert server.received == []


def test_a_certificate_for_another_name_stops_everything(
    authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("mail.example.org").configure_cert(context)
    authority.cert_pem.write_to_path(tmp_path / "authority.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
    server = MailServer("tls", login=None, certificate=None)
    with serving(server, context), pytest.raises(Unavailable, match="not trusted: IP address mismatch"):
        send(settings(server))
    assert server.received == []


def test_a_server_without_starttls_gets_nothing(mail_server: MailServer) -> None:
    with pytest.raises(Unavailable, match="STARTTLS extension not supported"):
        send(MailSettings(host=mail_server.host, port=mail_server.port, security=Security.STARTTLS))
    assert mail_server.received == []


def test_an_answer_that_got_lost_may_be_tried_again(mail_server: MailServer) -> None:
    mail_server.lose_answer = True
    with pytest.raises(Unavailable, match="closed the connection") as failed:
        send(settings(mail_server))
    assert not failed.value.final
    assert len(mail_server.received) == 1


def test_nobody_there_is_said_in_words() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(Unavailable, match="it refused the connection") as failed:
        send(MailSettings(host="127.0.0.1", port=port, security=Security.NONE))
    assert not failed.value.final


@pytest.mark.parametrize("host", ["mail..example", "x" * 64 + ".example"])
def test_a_name_that_cannot_be_one_is_said_in_words(host: str) -> None:
    # In a process of its own, because the guard against leaving this machine looks at names before Python does.
    code = f"from shopdesk.gateways import smtp; smtp.test(smtp.MailSettings(host={host!r}), None)"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert f"Unavailable: {host} (port 587) cannot be reached: no server has that name." in said.stderr


def test_no_server_set_up_is_said_in_words() -> None:
    with pytest.raises(Unavailable, match="No mail server is set up"):
        smtp.test(MailSettings(), None)


@pytest.mark.parametrize("address", ["ada@example.org\r\nRCPT TO:<eve@example.org>", "ada\n@example.org"])
def test_an_address_cannot_carry_a_command(mail_server: MailServer, address: str) -> None:
    for sender, recipient in ((address, "ada@example.org"), ("shop@example.org", address)):
        with pytest.raises(Unavailable, match="line break") as failed:
            smtp.send(settings(mail_server), None, written(), sender, recipient)
        assert failed.value.final
    assert mail_server.received == []


@pytest.mark.parametrize(
    ("address", "arrives_as"),
    [
        ("ada@bücher.example", "ada@xn--bcher-kva.example"),
        ("zoë@bücher.example", "zoë@xn--bcher-kva.example"),
        # IDNA 2008 (RFC 5894, 7.2): ß and final sigma are letters of their own; with ss the domain is somebody else's.
        ("info@straße.example", "info@xn--strae-oqa.example"),
        ("info@σίσυφος.example", "info@xn--kxa6ajbbmh.example"),
    ],
)
def test_addresses_in_other_letters_arrive(mail_server: MailServer, address: str, arrives_as: str) -> None:
    send(settings(mail_server), to=address)
    assert mail_server.wait_for(1)[0].recipients == (arrives_as,)


# --- servers that aiosmtpd cannot be: they misbehave ----------------------------------------------------------------


@contextmanager
def scripted(
    *steps: tuple[bytes, bytes], greeting: bytes = b"220 hello\r\n", host: str = "127.0.0.1"
) -> Iterator[tuple[int, list[bytes]]]:
    """A server that answers each command by what it begins with, keeps what it heard, and is silent to the rest.

    An empty answer hangs up.
    """
    listener = socket.create_server((host, 0), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    heard: list[bytes] = []

    def serve() -> None:
        connection, _ = listener.accept()
        with connection, connection.makefile("rb") as lines, suppress(ConnectionError):
            connection.sendall(greeting)
            for line in lines:
                heard.append(line)
                answer = next((answer for start, answer in steps if line.upper().startswith(start)), None)
                if answer == b"":
                    return
                if answer is not None:
                    connection.sendall(answer)

    thread = threading.Thread(target=serve)
    thread.start()
    with listener:
        yield listener.getsockname()[1], heard
        thread.join()


def plain(port: int, username: str = "", host: str = "127.0.0.1") -> MailSettings:
    return MailSettings(host=host, port=port, security=Security.NONE, username=username)


EHLO = (b"EHLO", b"250-there\r\n250-AUTH LOGIN\r\n250 SIZE 1000000\r\n")


def test_a_greeting_of_5xx_is_no_word_about_the_message() -> None:
    with (
        scripted(greeting=b"554 no service here\r\n") as (port, _),
        pytest.raises(Unavailable, match="554 no service here") as failed,
    ):
        send(plain(port))
    assert not failed.value.final


@pytest.mark.parametrize("greeting", [b"SSH-2.0-OpenSSH_9.2\r\n", b"\x00\xff\x1b[2J\r\n"])
def test_something_else_that_answers_is_said_in_words(greeting: bytes) -> None:
    with scripted(greeting=greeting) as (port, _), pytest.raises(Unavailable, match="not a mail server") as failed:
        send(plain(port))
    assert "\x1b" not in str(failed.value)


def test_tls_to_a_port_that_speaks_plainly_is_said_in_words() -> None:
    with (
        scripted() as (port, _),
        pytest.raises(
            Unavailable, match=r"The encrypted connection to .* failed: .*Check that “tls” is right for this port\."
        ),
    ):
        send(MailSettings(host="127.0.0.1", port=port, security=Security.TLS))


@pytest.mark.parametrize("silent_at", [b"EHLO", b"MAIL", b"RCPT", b"DATA"])
def test_a_server_that_falls_silent_is_given_up(silent_at: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smtp, "_SECONDS", 0.1)
    steps = [EHLO, (b"MAIL", b"250 ok\r\n"), (b"RCPT", b"250 ok\r\n"), (b"DATA", b"354 go\r\n")]
    heard_only = [step for step in steps if step[0] != silent_at]
    with scripted(*heard_only) as (port, _), pytest.raises(Unavailable, match="did not answer") as failed:
        send(plain(port))
    assert not failed.value.final


def test_a_message_that_was_taken_counts_even_if_the_goodbye_fails() -> None:
    steps = [
        EHLO,
        (b"MAIL", b"250 ok\r\n"),
        (b"RCPT", b"250 ok\r\n"),
        (b"DATA", b"354 go\r\n"),
        (b".\r\n", b"250 kept\r\n"),
    ]
    with scripted(*steps, (b"QUIT", b"421 grumble\r\n")) as (port, _):
        assert send(plain(port)) == "250 kept"
    with scripted(*steps, (b"QUIT", b"")) as (port, _):
        assert send(plain(port)) == "250 kept"


@pytest.mark.parametrize(
    ("answer", "final"), [(b"554 no\r\n", True), (b"451 later\r\n", False), (b"220 what\r\n", False)]
)
def test_a_message_may_be_refused_before_it_is_sent(answer: bytes, final: bool) -> None:
    steps = [EHLO, (b"MAIL", b"250 ok\r\n"), (b"RCPT", b"250 ok\r\n"), (b"DATA", answer), (b"QUIT", b"221 bye\r\n")]
    with scripted(*steps) as (port, heard), pytest.raises(Unavailable, match=answer.decode()[:3]) as failed:
        send(plain(port))
    assert failed.value.final is final
    assert not [line for line in heard if b"order" in line]


TAKEN = {b"MAIL": b"250 ok\r\n", b"RCPT": b"250 ok\r\n", b"DATA": b"354 go\r\n", b".\r\n": b"250 kept\r\n"}
BYE = (b"QUIT", b"221 bye\r\n")


@pytest.mark.parametrize("step", [b"MAIL", b"RCPT", b".\r\n"])
@pytest.mark.parametrize("answer", [b"200 taken\r\n", b"251 will forward\r\n", b"252 will try\r\n", b"299 yes\r\n"])
def test_any_2yz_is_yes(step: bytes, answer: bytes) -> None:
    # RFC 5321, 4.2.1: the first digit decides. After the dot the server has the message: a retry would be a second one.
    with scripted(EHLO, *(TAKEN | {step: answer}).items(), BYE) as (port, _):
        assert send(plain(port))[:3] == (TAKEN | {step: answer})[b".\r\n"].decode()[:3]


@contextmanager
def babbling(line: bytes, *, pause: float, before: bytes = b"") -> Iterator[int]:
    """A server that sends ``before`` and then the same bytes again and again, until the client hangs up."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        connection, _ = listener.accept()
        with connection, suppress(ConnectionError):
            connection.sendall(before)
            connection.settimeout(pause)
            while True:
                connection.sendall(line)
                with suppress(TimeoutError):
                    if pause and not connection.recv(1000):
                        return

    thread = threading.Thread(target=serve)
    thread.start()
    with listener:
        yield listener.getsockname()[1]
        thread.join()


@pytest.mark.parametrize("before", [b"", b"220 hello\r\n"])
def test_an_answer_that_never_ends_is_given_up_after_its_lines(before: bytes) -> None:
    with (
        babbling(b"220-more\r\n", pause=0, before=before) as port,
        pytest.raises(Unavailable, match="does not end its answer") as failed,
    ):
        send(plain(port))
    assert not failed.value.final


@pytest.mark.parametrize("drop", [b"220-more\r\n", b"2"])
@pytest.mark.parametrize("security", [Security.NONE, Security.TLS])
def test_one_deadline_holds_for_the_whole_exchange(
    drop: bytes, security: Security, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Each piece comes well within the time for one step.
    monkeypatch.setattr(smtp, "_EXCHANGE_SECONDS", 0.5)
    # To a client that begins with TLS, the drops are a record of a handshake that never becomes whole.
    before = b"\x16\x03\x03\x40\x00" if security is Security.TLS else b""
    timeout = pytest.raises(Unavailable, match="did not answer")
    with babbling(drop, pause=0.02, before=before) as port, timeout as failed:
        send(MailSettings(host="127.0.0.1", port=port, security=security))
    assert not failed.value.final


def test_a_goodbye_that_never_ends_does_not_unsend_the_message() -> None:
    with scripted(EHLO, *TAKEN.items(), (b"QUIT", b"221-more\r\n" * 1000)) as (port, _):
        assert send(plain(port)) == "250 kept"


def test_a_server_that_stops_reading_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smtp, "_EXCHANGE_SECONDS", 0.5)
    over = threading.Event()
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        connection, _ = listener.accept()
        with connection, connection.makefile("rb") as lines:
            connection.sendall(b"220 hello\r\n")
            for answer in (EHLO[1], b"250 ok\r\n", b"250 ok\r\n", b"354 go\r\n"):
                lines.readline()
                connection.sendall(answer)
            over.wait(20)

    thread = threading.Thread(target=serve)
    thread.start()
    content, mail = b"x\r\n" * 10_000_000, plain(listener.getsockname()[1])
    with listener, pytest.raises(Unavailable, match="did not answer"):
        smtp.send(mail, None, content, "shop@example.org", "ada@example.org")
    over.set()
    thread.join()


def test_this_machine_does_not_tell_its_name() -> None:
    with scripted(EHLO, (b"NOOP", b"250 ok\r\n"), (b"QUIT", b"221 bye\r\n")) as (port, heard):
        smtp.test(plain(port), None)
    assert heard[0] == b"ehlo [127.0.0.1]\r\n"


def test_signing_in_where_only_login_is_offered() -> None:
    def base64_of(text: str) -> bytes:
        return base64.b64encode(text.encode())

    steps = [
        EHLO,
        (b"AUTH LOGIN", b"334 VXNlcm5hbWU6\r\n"),
        (base64_of("ada").upper(), b"334 UGFzc3dvcmQ6\r\n"),
        (base64_of("zażółć").upper(), b"235 in\r\n"),
        (b"NOOP", b"250 ok\r\n"),
        (b"QUIT", b"221 bye\r\n"),
    ]
    with scripted(*steps) as (port, _):
        assert "“ada” signed in" in smtp.test(plain(port, "ada"), "zażółć")


def test_a_sign_in_that_fails_only_for_now_may_be_tried_again() -> None:
    steps = [EHLO, (b"AUTH", b"454 4.7.0 directory is down\r\n"), (b"QUIT", b"221 bye\r\n")]
    with scripted(*steps) as (port, _), pytest.raises(Unavailable, match="454") as failed:
        send(plain(port, "ada"), "hunter2")
    assert not isinstance(failed.value, AuthenticationFailed)


def test_a_password_never_travels_unprotected_to_another_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    steps = [(b"EHLO", b"250-there\r\n250 AUTH PLAIN LOGIN\r\n"), (b"QUIT", b"221 bye\r\n")]
    with scripted(*steps) as (port, heard):
        # Only the answer to "who is at the other end" differs from a server elsewhere.
        monkeypatch.setattr(socket.socket, "getpeername", lambda self: ("192.0.2.1", port), raising=False)
        with pytest.raises(AuthenticationFailed, match="would be sent unencrypted"):
            send(plain(port, "ada"), "hunter2")
    assert not [line for line in heard if line.upper().startswith(b"AUTH")]
