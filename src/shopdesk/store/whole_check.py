"""The record of the last check of everything, a file in the data folder: the daily check begins where it ended.

It is no proof: who can write to the folder can change it. It tells how far the check came, and when.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from shopdesk import atomic_file
from shopdesk.store.document_snapshots import format_instant, instant_of
from shopdesk.store.journal import ChainHead

FILE = "whole-check.json"
EVERY = timedelta(days=7)
"""The interval at which the daily backup checks everything instead of what is new."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WholeCheck:
    """A check of everything that found no error: when, of which shop, in which form, and the ends of all chains."""

    at: datetime
    shop: str
    version: str
    heads: Mapping[UUID, ChainHead]

    def is_due(self, now: datetime) -> bool:
        """Return True if everything should be checked again. A record of the future counts as none."""
        return not timedelta(0) <= now - self.at < EVERY


def read(home: Path, *, shop: str) -> WholeCheck | None:
    """Return the record of a shop; None without one, or where it cannot be read."""
    try:
        facts = json.loads((home / FILE).read_text("utf-8"))
        heads = (ChainHead(UUID(key), till, seq, bytes.fromhex(digest)) for key, till, seq, digest in facts["heads"])
        found = WholeCheck(
            at=instant_of(facts["at"]),
            shop=facts["shop"],
            version=facts["version"],
            heads={head.till_key: head for head in heads},
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return found if found.shop == shop else None


def write(home: Path, check: WholeCheck) -> None:
    """Replace the record. Raises OSError.

    The file it is written to first has one name, so that what a killed program left is replaced. If two programs write
    at once, one of the records is kept.
    """
    heads = [[str(head.till_key), head.till, head.seq, head.hash.hex()] for head in check.heads.values()]
    facts = {"at": format_instant(check.at), "shop": check.shop, "version": check.version, "heads": heads}
    with suppress(FileNotFoundError), atomic_file.writing(home / FILE, at=home / f".{FILE}.part") as path:
        path.write_text(json.dumps(facts), "utf-8")


def forget(home: Path) -> None:
    """Delete the record: another file is in the shop's place."""
    (home / FILE).unlink(missing_ok=True)
