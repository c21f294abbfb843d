"""The head of the journal, and what an earlier one tells of later changes."""

from dataclasses import replace
from uuid import UUID

import pytest
from sqlalchemy import Executable, delete, text, update

from shopdesk.domain.fiscal import JournalHead
from shopdesk.queries import journal_heads as ask
from shopdesk.store.tables import journal
from support.shops import SampleShop


def head_of(shop: SampleShop) -> JournalHead:
    return shop.ask(ask.current, program="0.4.0", now=shop.now)


def changes(shop: SampleShop, head: JournalHead) -> list[str]:
    return shop.ask(lambda session: list(ask.changes_since(session, head)))


def unguarded(shop: SampleShop, *statements: Executable) -> None:
    """Run statements as only the owner of the database could, with the guards taken off."""
    with shop.database.engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SET LOCAL session_replication_role = replica"))
        else:
            for name in connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).scalars():
                connection.execute(text(f"DROP TRIGGER {name}"))
        for statement in statements:
            connection.execute(statement)


@pytest.fixture
def sold(sample_shop: SampleShop) -> SampleShop:
    sample_shop.issue()
    return sample_shop


def test_a_head_has_the_last_entry_of_each_till(sold: SampleShop) -> None:
    (till,) = head_of(sold).tills
    assert (till.name, till.entries) == ("A", 2)
    assert till.at == sold.now
    assert len(bytes.fromhex(till.hash)) == 32


def test_later_entries_change_nothing_before(sold: SampleShop) -> None:
    head = head_of(sold)
    sold.issue()
    assert head_of(sold) != head
    assert changes(sold, head) == []


def test_an_entry_that_was_written_again_is_named(sold: SampleShop) -> None:
    head = head_of(sold)
    sold.issue()
    unguarded(sold, update(journal).where(journal.c.seq == 2).values(hash=bytes(32)))
    (said,) = changes(sold, head)
    assert said.startswith("Journal of till A: entry 2 is not the one of 2026-11-23.")


def test_entries_that_are_gone_are_named(sold: SampleShop) -> None:
    head = head_of(sold)
    unguarded(sold, delete(journal).where(journal.c.seq == 2))
    assert changes(sold, head) == ["Journal of till A: it has 1 entries now, but had 2 on 2026-11-23."]


def test_a_till_that_is_gone_is_named(sold: SampleShop) -> None:
    head = head_of(sold)
    gone = replace(head.tills[0], key=UUID(int=7), name="Z")
    assert changes(sold, replace(head, tills=(*head.tills, gone))) == [
        "Till Z is gone. On 2026-11-23 its journal had 2 entries."
    ]


def test_a_till_without_entries_has_nothing_to_lose(sold: SampleShop) -> None:
    head = head_of(sold)
    unused = replace(head.tills[0], entries=0, hash="00" * 32)
    assert changes(sold, replace(head, tills=(unused,))) == []
