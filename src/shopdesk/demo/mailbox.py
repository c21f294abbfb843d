"""The mail server of a tour: it runs on this machine, takes every message and saves it as a file."""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


class Mailbox:
    """The handler of the local mail server: saves every message as a file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.host = "127.0.0.1"
        self.port = 0

    async def handle_DATA(self, _server: object, _session: object, envelope: Any) -> str:
        """Save one message, then accept it."""
        content: bytes = envelope.content
        number = len(list(self._folder.glob("*.eml"))) + 1
        (self._folder / f"message-{number:03d}.eml").write_bytes(content)
        return "250 2.0.0 Accepted"

    def message_ids(self) -> set[str]:
        """Return the Message-IDs of all received messages."""
        headers = (path.read_bytes().partition(b"\r\n\r\n")[0].decode("utf-8", "replace") for path in self._files())
        return {match[1] for header in headers if (match := re.search(r"(?im)^message-id:\s*(\S+)", header))}

    def _files(self) -> list[Path]:
        return sorted(self._folder.glob("*.eml"))


@contextmanager
def mail_server(folder: Path) -> Iterator[Mailbox]:
    """Run a mail server on a free port of this machine for the duration of the tour."""
    from aiosmtpd.smtp import SMTP

    mailbox = Mailbox(folder)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="tour's mail server")
    thread.start()
    try:
        listening = loop.create_server(lambda: SMTP(mailbox, loop=loop), mailbox.host, 0)
        server = asyncio.run_coroutine_threadsafe(listening, loop).result()
        mailbox.port = server.sockets[0].getsockname()[1]
        try:
            yield mailbox
        finally:
            asyncio.run_coroutine_threadsafe(_end(server), loop).result()
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _end(server: asyncio.Server) -> None:
    """Stop listening, and let no connection's task outlive the loop."""
    server.close()
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
