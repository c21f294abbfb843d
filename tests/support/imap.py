"""A strict IMAP server on loopback (RFC 3501) with one mailbox: it refuses what would change the mailbox.

Checked by hand against the client's other server, pymap 0.36.7: both give the same answers.
"""

import re
import socket
import ssl
import threading
from base64 import b64decode
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime

import pytest
import trustme

_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()


class ImapServer:
    """``messages`` has the content by UID. ``lets_in`` checks user and access token, ``login`` user and password."""

    host = "127.0.0.1"

    def __init__(self) -> None:
        self.folder = "INBOX"
        self.validity = 1700000000
        self.messages: dict[int, bytes] = {}
        self.received_on: dict[int, date] = {}
        self.login: tuple[str, str] | None = ("shop", "secret")
        self.lets_in: Callable[[str, str], bool] | None = None
        self.capabilities = "IMAP4rev1 AUTH=PLAIN AUTH=XOAUTH2 STARTTLS"
        self.commands: list[str] = []
        self.silent_at = ""  # a command that is never answered
        self.context: ssl.SSLContext | None = None
        self.is_tls = False
        self.port = 0
        self.answered = threading.Event()
        self._open: list[socket.socket] = []

    def add(self, content: bytes, *, on: date | None = None) -> int:
        uid = max(self.messages, default=40) + 1
        self.messages[uid] = content
        self.received_on[uid] = on or datetime.now(UTC).date()
        return uid

    # --- one connection, on a thread of its own ---

    def serve(self, connection: socket.socket) -> None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        layers = [connection]
        with suppress(OSError, ValueError):  # the client is gone, or the test is over
            if self.is_tls and self.context:
                layers.append(self.context.wrap_socket(connection, server_side=True))
            self._open.append(layers[-1])
            _Conversation(self, layers).run()
        for layer in layers:
            layer.close()

    def end(self) -> None:
        for connection in self._open:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


class _Conversation:
    def __init__(self, server: ImapServer, layers: list[socket.socket]) -> None:
        self.server = server
        self.layers = layers
        self.file = layers[-1].makefile("rb")
        self.state = "connected"

    def say(self, line: bytes | str) -> None:
        self.layers[-1].sendall((line.encode() if isinstance(line, str) else line) + b"\r\n")

    def line(self) -> str:
        read = self.file.readline()
        if not read.endswith(b"\r\n"):
            raise OSError("closed")
        return read[:-2].decode()

    def run(self) -> None:
        self.say("* OK ready")
        while self.state != "out":
            tag, _, rest = self.line().partition(" ")
            name, _, arguments = rest.partition(" ")
            name = name.upper()
            self.server.commands.append(re.sub("^(AUTHENTICATE|LOGIN) .*", r"\1", rest))
            if self.server.silent_at and rest.startswith(self.server.silent_at):
                self.server.answered.set()
                self.file.read(1)  # until the client hangs up
                return
            command = getattr(self, f"do_{name.lower()}", None)
            self.say(f"{tag} {command(arguments) if command else 'BAD unknown command'}")
            if name == "STARTTLS" and self.server.context:
                self.layers.append(self.server.context.wrap_socket(self.layers[-1], server_side=True))
                self.server._open.append(self.layers[-1])
                self.file = self.layers[-1].makefile("rb")

    def do_capability(self, _: str) -> str:
        self.say(f"* CAPABILITY {self.server.capabilities}")
        return "OK done"

    def do_starttls(self, _: str) -> str:
        return "OK begin" if self.server.context else "NO there is no TLS"

    def do_noop(self, _: str) -> str:
        return "OK done"

    def do_logout(self, _: str) -> str:
        self.say("* BYE")
        self.state = "out"
        return "OK done"

    def do_login(self, arguments: str) -> str:
        user, password = re.findall(r'"((?:[^"\\]|\\.)*)"|(\S+)', arguments)
        return self.entered("".join(user), "".join(password))

    def do_authenticate(self, mechanism: str) -> str:
        self.say("+ ")
        given = b64decode(self.line()).decode()
        if mechanism == "PLAIN":
            return self.entered(*given.split("\0")[1:])
        if mechanism != "XOAUTH2":
            return "NO unknown mechanism"
        token = re.fullmatch("user=([^\x01]+)\x01auth=Bearer ([^\x01]+)\x01\x01", given)
        if token and self.server.lets_in and self.server.lets_in(token[1], token[2]):
            self.state = "signed in"
            return "OK signed in"
        self.say("+ eyJzdGF0dXMiOiI0MDAifQ==")
        return "BAD an empty line was expected" if self.line() else "NO [AUTHENTICATIONFAILED] Invalid credentials"

    def entered(self, user: str, password: str) -> str:
        if (user, password) != self.server.login:
            return "NO [AUTHENTICATIONFAILED] Invalid credentials"
        self.state = "signed in"
        return "OK signed in"

    def do_examine(self, arguments: str) -> str:
        if self.state == "connected":
            return "BAD sign in first"
        if arguments != f'"{self.server.folder}"':
            return "NO [NONEXISTENT] Unknown mailbox"
        self.state = "reading"
        self.say(f"* {len(self.server.messages)} EXISTS")
        self.say(f"* OK [UIDVALIDITY {self.server.validity}] UIDs valid")
        return "OK [READ-ONLY] done"

    def do_uid(self, arguments: str) -> str:
        if self.state != "reading":
            return "BAD no mailbox"
        if found := re.fullmatch(r"SEARCH UID (\d+):\*", arguments):
            last = max(self.server.messages, default=0)
            return self.found(uid for uid in self.server.messages if uid >= int(found[1]) or uid == last)
        if found := re.fullmatch(r"SEARCH SINCE (\d+)-(\w{3})-(\d{4})", arguments):
            since = date(int(found[3]), _MONTHS.index(found[2]) + 1, int(found[1]))
            return self.found(uid for uid, on in self.server.received_on.items() if on >= since)
        if found := re.fullmatch(r"FETCH (\d+) \(BODY\.PEEK\[(.*)\](?:<0\.(\d+)>)?\)", arguments):
            return self.fetched(int(found[1]), found[2], int(found[3] or 0))
        return "BAD this would change the mailbox, or is unknown"

    def found(self, uids: Iterator[int]) -> str:
        self.say(" ".join(["* SEARCH", *map(str, sorted(uids, reverse=True))]))
        return "OK done"

    def fetched(self, uid: int, what: str, most: int) -> str:
        content = self.server.messages.get(uid)
        if content is not None:
            name, part = "[]<0>", content[:most]
            if what:
                head = content.partition(b"\r\n\r\n")[0]
                types = re.findall(rb"(?im)^content-type:.*(?:\r\n[ \t].*)*", head)
                name, part = f"[{what}]", b"".join(one + b"\r\n" for one in types) + b"\r\n"
            self.say(
                f"* {uid - 40} FETCH (BODY{name} {{{len(part)}}}".encode() + b"\r\n" + part + f" UID {uid})".encode()
            )
        return "OK done"


@contextmanager
def serving(server: ImapServer) -> Iterator[None]:
    door = socket.create_server((server.host, 0))
    server.port = door.getsockname()[1]
    threads: list[threading.Thread] = []

    def listen() -> None:
        while True:
            try:
                connection, _ = door.accept()
            except OSError:
                return
            threads.append(threading.Thread(target=server.serve, args=(connection,), name="IMAP connection"))
            threads[-1].start()

    listener = threading.Thread(target=listen, name="IMAP server")
    listener.start()
    try:
        yield
    finally:
        with suppress(OSError):  # Windows knows no shutdown of a listening socket: there its close ends accept()
            door.shutdown(socket.SHUT_RDWR)
        door.close()
        listener.join()
        server.end()
        for thread in threads:
            thread.join()


@pytest.fixture
def imap_server() -> Iterator[ImapServer]:
    """A server without encryption; the user "shop" signs in with "secret"."""
    server = ImapServer()
    with serving(server):
        yield server


@pytest.fixture
def imap_context(authority: trustme.CA, tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """A certificate that ``ssl.create_default_context()`` accepts in this test."""
    certificate = f"{tmp_path}/authority.pem"
    authority.cert_pem.write_to_path(certificate)
    monkeypatch.setenv("SSL_CERT_FILE", certificate)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1", "localhost").configure_cert(context)
    return context
