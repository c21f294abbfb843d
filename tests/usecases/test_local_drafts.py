"""Open documents that a till kept by itself come back as they were typed, never over something newer, never twice."""

from dataclasses import replace
from datetime import timedelta

from shopdesk.domain.account import Role
from shopdesk.domain.draft import Form, Row, Shelved
from shopdesk.queries import drafts as ask
from shopdesk.store.keys import new_key
from shopdesk.usecases import documents, drafts
from support.shops import Counter


def _form(*rows: Row) -> Form:
    return Form(key=new_key(), rows=rows or (Row("Milk", "2", "0.89"),), row=0, column=2)


def _shelved(counter: Counter, form: Form, *, seconds: int = 0) -> Shelved:
    """As of so many seconds after the counter's last act."""
    by = counter.by
    at = counter.now + timedelta(seconds=seconds)
    return Shelved(form=form, till_key=by.till.key, by_key=by.staff.key, changed_at=at)


def _kept(counter: Counter) -> list[Form | None]:
    return [counter.ask(ask.form, draft.key) for draft in counter.ask(ask.open_at, counter.by.till)]


def test_what_the_database_never_had_is_open_again_on_the_same_cell(counter: Counter) -> None:
    one = _shelved(counter, _form())
    assert counter.do(drafts.bring_back, [one]) == (one.form.key,)
    assert _kept(counter) == [one.form]


def test_what_was_typed_by_somebody_a_restored_backup_does_not_know_comes_back_to_who_is_there(
    counter: Counter,
) -> None:
    one, other = (_shelved(counter, _form()) for _ in range(2))
    one = replace(one, by_key=new_key())
    counter.do(drafts.bring_back, [one, other])
    assert {draft.by_name for draft in counter.ask(ask.open_at, counter.by.till)} == {counter.by.staff.name}
    assert len(_kept(counter)) == 2


def test_what_was_typed_last_wins_over_what_the_database_has(counter: Counter) -> None:
    form = _form()
    counter.do(drafts.keep, form, changed=None)
    more = replace(form, rows=(*form.rows, Row("Bread")))
    counter.do(drafts.bring_back, [_shelved(counter, more, seconds=1)])
    assert _kept(counter) == [more]


def test_something_newer_in_the_database_stays_and_ours_stands_beside_it(counter: Counter) -> None:
    form = _form()
    ours = _shelved(counter, replace(form, rows=(Row("Soy milk"),)))
    counter.now += timedelta(minutes=1)
    counter.do(drafts.keep, form, changed=None)
    assert counter.do(drafts.bring_back, [ours]) == (form.key,)
    there, beside = _kept(counter)
    assert there == form
    assert beside is not None
    assert beside.rows == (Row("Soy milk"),)


def test_the_same_in_both_places_is_one(counter: Counter) -> None:
    form = _form()
    ours = _shelved(counter, replace(form, column=1))
    counter.now += timedelta(minutes=1)
    counter.do(drafts.keep, form, changed=None)
    counter.do(drafts.bring_back, [ours])
    assert _kept(counter) == [form]


def test_what_was_saved_meanwhile_is_open_no_more(counter: Counter) -> None:
    draft = counter.draft(Row("Milk", "2", "0.89"))
    ours = _shelved(counter, replace(_form(), key=draft.key))
    counter.do(documents.issue, draft)
    assert counter.do(drafts.bring_back, [ours]) == (draft.key,)
    assert _kept(counter) == []


def test_what_was_typed_after_it_was_saved_is_a_correction_of_it(counter: Counter) -> None:
    draft = counter.draft(Row("Milk", "2", "0.89"))
    document = counter.do(documents.issue, draft)
    more = replace(_form(Row("Milk", "2", "0.89"), Row("Bread", "1", "3")), key=draft.key)
    counter.do(drafts.bring_back, [_shelved(counter, more, seconds=1)])
    (form,) = _kept(counter)
    assert form is not None
    assert (form.edits, form.revision, form.rows) == (document.key, 1, more.rows)
    counter.do(documents.delete, document.key)  # and of one that was taken back, nothing any more
    again = _shelved(counter, replace(more, row=1), seconds=1)
    assert counter.do(drafts.bring_back, [again]) == (draft.key,)
    assert len(_kept(counter)) == 1


def test_another_tills_stays_where_it_is(counter: Counter) -> None:
    one = replace(_shelved(counter, _form()), till_key=new_key())
    assert counter.do(drafts.bring_back, [one]) == ()
    assert _kept(counter) == []


def test_it_is_still_whose_it_was(counter: Counter) -> None:
    ben = counter.staff(Role.CASHIER)
    one = replace(_shelved(counter, _form()), by_key=ben.key)
    counter.do(drafts.bring_back, [one])
    (draft,) = counter.ask(ask.open_at, counter.by.till)
    assert draft.by_name == "Ben"
    assert draft.changed_at == one.changed_at


def test_brought_back_twice_it_is_there_once(counter: Counter) -> None:
    one = _shelved(counter, _form())
    counter.do(drafts.bring_back, [one, one])
    counter.do(drafts.bring_back, [one])
    assert _kept(counter) == [one.form]
