"""Open documents that a till kept by itself come back as they were typed, never over something newer, never twice."""

from dataclasses import replace
from datetime import timedelta

from shopdesk.domain.account import Role
from shopdesk.domain.draft import DraftForm, DraftRow, LocalDraft
from shopdesk.queries import drafts as ask
from shopdesk.row_keys import new_key
from shopdesk.usecases import documents, drafts
from support.shops import SampleShop


def _form(*rows: DraftRow) -> DraftForm:
    return DraftForm(key=new_key(), rows=rows or (DraftRow("Milk", "2", "0.89"),), row=0, column=2)


def _shelved(sample_shop: SampleShop, form: DraftForm, *, seconds: int = 0) -> LocalDraft:
    """As of so many seconds after the counter's last act."""
    by = sample_shop.by
    at = sample_shop.now + timedelta(seconds=seconds)
    return LocalDraft(form=form, till_key=by.till.key, by_key=by.staff.key, changed_at=at)


def _kept(sample_shop: SampleShop) -> list[DraftForm | None]:
    return [sample_shop.ask(ask.form, draft.key) for draft in sample_shop.ask(ask.open_at, sample_shop.by.till)]


def test_what_the_database_never_had_is_open_again_on_the_same_cell(sample_shop: SampleShop) -> None:
    one = _shelved(sample_shop, _form())
    assert sample_shop.do(drafts.restore_local, [one]) == (one.form.key,)
    assert _kept(sample_shop) == [one.form]


def test_what_was_typed_by_somebody_a_restored_backup_does_not_know_comes_back_to_who_is_there(
    sample_shop: SampleShop,
) -> None:
    one, other = (_shelved(sample_shop, _form()) for _ in range(2))
    one = replace(one, by_key=new_key())
    sample_shop.do(drafts.restore_local, [one, other])
    assert {draft.by_name for draft in sample_shop.ask(ask.open_at, sample_shop.by.till)} == {sample_shop.by.staff.name}
    assert len(_kept(sample_shop)) == 2


def test_what_was_typed_last_wins_over_what_the_database_has(sample_shop: SampleShop) -> None:
    form = _form()
    sample_shop.do(drafts.save_draft, form, changed=None)
    more = replace(form, rows=(*form.rows, DraftRow("Bread")))
    sample_shop.do(drafts.restore_local, [_shelved(sample_shop, more, seconds=1)])
    assert _kept(sample_shop) == [more]


def test_something_newer_in_the_database_stays_and_ours_stands_beside_it(sample_shop: SampleShop) -> None:
    form = _form()
    ours = _shelved(sample_shop, replace(form, rows=(DraftRow("Soy milk"),)))
    sample_shop.now += timedelta(minutes=1)
    sample_shop.do(drafts.save_draft, form, changed=None)
    assert sample_shop.do(drafts.restore_local, [ours]) == (form.key,)
    there, beside = _kept(sample_shop)
    assert there == form
    assert beside is not None
    assert beside.rows == (DraftRow("Soy milk"),)


def test_the_same_in_both_places_is_one(sample_shop: SampleShop) -> None:
    form = _form()
    ours = _shelved(sample_shop, replace(form, column=1))
    sample_shop.now += timedelta(minutes=1)
    sample_shop.do(drafts.save_draft, form, changed=None)
    sample_shop.do(drafts.restore_local, [ours])
    assert _kept(sample_shop) == [form]


def test_what_was_saved_meanwhile_is_open_no_more(sample_shop: SampleShop) -> None:
    draft = sample_shop.draft(DraftRow("Milk", "2", "0.89"))
    ours = _shelved(sample_shop, replace(_form(), key=draft.key))
    sample_shop.do(documents.issue, draft)
    assert sample_shop.do(drafts.restore_local, [ours]) == (draft.key,)
    assert _kept(sample_shop) == []


def test_what_was_typed_after_it_was_saved_is_a_correction_of_it(sample_shop: SampleShop) -> None:
    draft = sample_shop.draft(DraftRow("Milk", "2", "0.89"))
    document = sample_shop.do(documents.issue, draft)
    more = replace(_form(DraftRow("Milk", "2", "0.89"), DraftRow("Bread", "1", "3")), key=draft.key)
    sample_shop.do(drafts.restore_local, [_shelved(sample_shop, more, seconds=1)])
    (form,) = _kept(sample_shop)
    assert form is not None
    assert (form.edits, form.revision, form.rows) == (document.key, 1, more.rows)
    sample_shop.do(documents.delete, document.key)  # and of one that was taken back, nothing any more
    again = _shelved(sample_shop, replace(more, row=1), seconds=1)
    assert sample_shop.do(drafts.restore_local, [again]) == (draft.key,)
    assert len(_kept(sample_shop)) == 1


def test_another_tills_stays_where_it_is(sample_shop: SampleShop) -> None:
    one = replace(_shelved(sample_shop, _form()), till_key=new_key())
    assert sample_shop.do(drafts.restore_local, [one]) == ()
    assert _kept(sample_shop) == []


def test_it_is_still_whose_it_was(sample_shop: SampleShop) -> None:
    ben = sample_shop.staff(Role.CASHIER)
    one = replace(_shelved(sample_shop, _form()), by_key=ben.key)
    sample_shop.do(drafts.restore_local, [one])
    (draft,) = sample_shop.ask(ask.open_at, sample_shop.by.till)
    assert draft.by_name == "Ben"
    assert draft.changed_at == one.changed_at


def test_brought_back_twice_it_is_there_once(sample_shop: SampleShop) -> None:
    one = _shelved(sample_shop, _form())
    sample_shop.do(drafts.restore_local, [one, one])
    sample_shop.do(drafts.restore_local, [one])
    assert _kept(sample_shop) == [one.form]
