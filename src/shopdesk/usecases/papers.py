"""Actions of the owner on the shop's papers: own texts, barcode and logo. Documents already issued stay as they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from shopdesk.domain.account import Actor, Right
from shopdesk.domain.conflict import merge
from shopdesk.domain.document import Kind
from shopdesk.domain.paper_layout import PaperTexts, own_text, read_texts, with_texts
from shopdesk.domain.shop import Shop
from shopdesk.store import acts
from shopdesk.store import shop as kept
from shopdesk.store.session import Session
from shopdesk.usecases import shop
from shopdesk.usecases.rights import authorize


def change_texts(
    session: Session,
    texts: Mapping[tuple[Kind, str], PaperTexts],
    *,
    has_barcode: bool,
    base: Shop,
    by: Actor,
    now: datetime,
) -> Shop:
    """Set the shop's texts for some kinds and languages (ISO 639), and whether new documents have a barcode.

    ``base`` is the shop as the edit began; other users' changes since then are merged. Raise Refused with a fault for
    each text with an unknown placeholder, and MergeConflict where both changed the same text.
    """
    authorize(session, by, Right.SETTINGS)
    current = kept.current(session, for_update=True)
    own = current.own_texts
    for (kind, language), typed in texts.items():
        before, there = (own_text(one.own_texts, kind.value, language) for one in (base, current))
        own = with_texts(own, kind.value, language, merge(before, read_texts(typed), there))
    barcode = has_barcode if has_barcode != base.has_barcode else current.has_barcode
    return shop.change(session, replace(current, own_texts=own, has_barcode=barcode), by=by, now=now)


def set_logo(session: Session, content: bytes, *, by: Actor, now: datetime) -> Shop:
    """Print a logo on new documents: a PNG file from ``render.logo``; none where it is empty."""
    actor = authorize(session, by, Right.SETTINGS)
    current = kept.current(session, for_update=True)
    mark = acts.add_logo(session, content, actor=actor) if content else ""
    return shop.change(session, replace(current, logo=mark), by=by, now=now)
