"""What the machine keeps while the database is away: whole, encrypted where it can be, and never in the way."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shopdesk.domain.document import Kind
from shopdesk.domain.draft import DraftForm, DraftRow, LocalDraft
from shopdesk.gateways.local_drafts import FOLDER, LocalDrafts, LocalDraftStore, _from_facts, _to_facts
from shopdesk.row_keys import new_key
from support.keyrings import MemoryKeyring
from support.systems import has_mode

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def _shelved(item: str = "Żółty ser", **fields: Any) -> LocalDraft:
    form = DraftForm(
        key=new_key(),
        kind=Kind.INVOICE,
        customer="Ada <ada@example.org>",
        customer_key=new_key(),
        due="soon",
        rows=(DraftRow(item, "2", "0.89", "10 %", "16", new_key()), DraftRow()),
        row=1,
        column=2,
        edits=new_key(),
        revision=3,
    )
    return LocalDraft(form=replace(form, **fields), till_key=new_key(), by_key=new_key(), changed_at=NOW)


@pytest.fixture
def local_drafts(home: Path) -> LocalDraftStore:
    home.mkdir()
    return LocalDraftStore(home)


def _files(home: Path) -> list[Path]:
    return sorted((home / FOLDER).iterdir())


def test_it_comes_back_as_it_was_put_there(local_drafts: LocalDraftStore, home: Path) -> None:
    document = _shelved()
    assert local_drafts.save(document)
    assert LocalDraftStore(home).load().documents == (document,)


def test_nobody_reads_it_without_the_keyring(
    local_drafts: LocalDraftStore, home: Path, memory_keyring: MemoryKeyring
) -> None:
    local_drafts.save(_shelved("Insulin"))
    (file,) = _files(home)
    assert b"Insulin" not in file.read_bytes()
    assert b"ada@example.org" not in file.read_bytes()
    assert has_mode(file, 0o600)
    assert has_mode(file.parent, 0o700)
    (key,) = memory_keyring.secrets.values()
    assert key.encode() not in file.read_bytes()


def test_without_a_keyring_it_is_kept_all_the_same_and_said_to_be_in_clear(
    local_drafts: LocalDraftStore, home: Path, no_keyring: None
) -> None:
    document = _shelved()
    assert not local_drafts.save(document)
    (file,) = _files(home)
    assert has_mode(file, 0o600)
    assert LocalDraftStore(home).load().documents == (document,)


def test_the_last_state_counts_and_nothing_else_is_left(local_drafts: LocalDraftStore, home: Path) -> None:
    first = _shelved("Mil")
    later = replace(first, form=replace(first.form, rows=(DraftRow("Milk"),)), changed_at=NOW + timedelta(seconds=1))
    local_drafts.save(first)
    local_drafts.save(later)
    other = replace(_shelved("Tea"), changed_at=NOW - timedelta(days=1))
    local_drafts.save(other)
    assert local_drafts.load().documents == (other, later)
    local_drafts.remove(first.form.key)
    local_drafts.remove(first.form.key)
    assert local_drafts.load().documents == (other,)
    assert len(_files(home)) == 1


def test_an_empty_shelf_is_no_folder(local_drafts: LocalDraftStore, home: Path) -> None:
    assert local_drafts.load().documents == ()
    local_drafts.remove(new_key())
    assert not (home / FOLDER).exists()


CLEAR = b"shopdesk open document 1, clear\n"


@pytest.mark.parametrize("damage", [b"", b"\x00" * 40, CLEAR + b"{", CLEAR + b"[" * 100_000, None, b"changed"])
def test_a_damaged_one_is_put_aside_and_told_and_the_others_come_back(
    local_drafts: LocalDraftStore, home: Path, damage: bytes | None
) -> None:
    document = _shelved()
    local_drafts.save(document)
    (good,) = _files(home)
    bad = good.with_name(f"{new_key()}.draft")
    whole = good.read_bytes()
    bad.write_bytes(whole if damage is None else whole[:-30] + whole[-29:] if damage == b"changed" else damage)
    found = LocalDraftStore(home).load()
    assert found.documents == (document,)
    (trouble,) = found.troubles
    aside = bad.with_suffix(".unreadable")
    assert str(aside) in trouble
    assert aside.exists()
    assert LocalDraftStore(home).load().troubles == ()


def test_a_key_that_is_gone_puts_it_aside(
    local_drafts: LocalDraftStore, home: Path, memory_keyring: MemoryKeyring
) -> None:
    local_drafts.save(_shelved())
    memory_keyring.secrets.clear()
    found = LocalDraftStore(home).load()
    assert found.documents == ()
    assert "its key is missing" in found.troubles[0]
    assert local_drafts.save(_shelved())  # and another key is made


def test_a_locked_keyring_leaves_it_where_it_is(
    local_drafts: LocalDraftStore, home: Path, memory_keyring: MemoryKeyring, request: pytest.FixtureRequest
) -> None:
    import keyring

    document = _shelved()
    local_drafts.save(document)
    request.getfixturevalue("locked_keyring")
    found = LocalDraftStore(home).load()
    assert found.documents == ()
    assert "keyring is locked" in found.troubles[0]
    keyring.set_keyring(memory_keyring)
    assert LocalDraftStore(home).load().documents == (document,)


@pytest.mark.parametrize("name", [".{key}.draft.5a5a5a5a.part", "{key}.new"])
def test_a_half_written_file_is_not_seen_and_taken_away(local_drafts: LocalDraftStore, home: Path, name: str) -> None:
    document = _shelved()
    local_drafts.save(document)
    half = home / FOLDER / name.format(key=new_key())
    half.write_bytes(b"shopdesk open doc")
    assert local_drafts.load() == LocalDrafts((document,))
    assert not half.exists()


@given(st.text(alphabet=st.characters(), max_size=30), st.sampled_from(Kind), st.integers(0, 10_000))
def test_whatever_can_be_typed_can_be_kept(typed: str, kind: Kind, row: int) -> None:
    document = _shelved(typed, kind=kind, row=row, note=typed, customer_key=None, edits=None)
    assert _from_facts(json.loads(json.dumps(_to_facts(document)))) == document


@pytest.mark.parametrize(("name", "value"), [("row", -1), ("revision", 10**20), ("note", "\ud800")])
def test_what_no_database_would_take_is_put_aside(
    local_drafts: LocalDraftStore, home: Path, no_keyring: None, name: str, value: object
) -> None:
    local_drafts.save(_shelved())
    (file,) = _files(home)
    facts = json.loads(file.read_bytes().removeprefix(CLEAR))
    facts["form"][name] = value
    file.write_bytes(CLEAR + json.dumps(facts).encode())
    found = LocalDraftStore(home).load()
    assert (found.documents, len(found.troubles)) == ((), 1)
