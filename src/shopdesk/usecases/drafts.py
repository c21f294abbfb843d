"""Saving of open documents, change by change, as they are typed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from shopdesk.domain.account import Actor, Right
from shopdesk.domain.document import State
from shopdesk.domain.draft import DraftForm, EditedElsewhere, LocalDraft
from shopdesk.domain.sentence import sentence
from shopdesk.row_keys import new_key
from shopdesk.store import accounts, acts_lists, documents
from shopdesk.store import drafts as kept
from shopdesk.store.session import Session
from shopdesk.usecases.rights import authorize


def save_draft(
    session: Session,
    form: DraftForm,
    *,
    changed: frozenset[int] | None,
    by: Actor,
    now: datetime,
    since: datetime | None = None,
) -> None:
    """Store the form: its head and the rows at ``changed``, or all rows when that is None.

    A change that arrives after the document was issued is ignored: the draft is gone by then. ``since`` is the time of
    the last known save; raise EditedElsewhere when another program has saved the draft after it.
    """
    actor = authorize(session, by, Right.SELL)
    if since is not None and kept.changed_at(session, form.key) not in {None, since}:
        raise EditedElsewhere(sentence("This document is also being edited on another computer."))
    if not documents.is_issued(session, form.key):
        acts_lists.save_draft(session, form, changed=changed, by=actor, at=now, typed_by=actor.staff)


def discard(session: Session, key: UUID, *, by: Actor, now: datetime) -> None:
    """Delete an open document; it never had a number."""
    actor = authorize(session, by, Right.SELL)
    del now
    acts_lists.discard_draft(session, key, by=actor)


def restore_local(session: Session, shelved: Sequence[LocalDraft], *, by: Actor, now: datetime) -> tuple[UUID, ...]:
    """Store the local drafts that this till saved while the database was unreachable.

    Return the keys of those that can be removed from local storage. A draft whose document was issued meanwhile is
    dropped; if it was edited after that, it becomes a correction. Where the database has a newer version, that one
    stays, and the local draft is stored beside it.
    """
    actor = authorize(session, by, Right.SELL)
    del now
    ours = [one for one in shelved if one.till_key == actor.till.key]
    people = {staff.key: staff for staff in accounts.everyone(session)}
    for one in ours:
        form = _still_open(session, one)
        if form is not None:
            typed_by = people.get(one.by_key, actor.staff)  # a restored backup may lack the account
            acts_lists.save_draft(session, form, changed=None, by=actor, at=one.changed_at, typed_by=typed_by)
    return tuple(one.form.key for one in ours)


def _still_open(session: Session, one: LocalDraft) -> DraftForm | None:
    """Return the form to store, or None where the database already has all of it."""
    form = one.form
    if document := documents.by_draft(session, form.key):
        if one.changed_at <= document.issued_at or document.state is not State.ISSUED:
            return None
        return replace(form, key=new_key(), edits=document.key, revision=document.revision)
    changed_at = kept.changed_at(session, form.key)
    if changed_at is None or changed_at <= one.changed_at:
        return form
    there = kept.find(session, form.key)
    is_same = there is not None and replace(there, row=form.row, column=form.column) == form
    return None if is_same else replace(form, key=new_key())
