"""Use cases of products: save one, or import thousands, all of them or none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from shopdesk.domain.account import Actor, Right
from shopdesk.domain.conflict import merge
from shopdesk.domain.errors import ConfirmationRequired, Refused
from shopdesk.domain.product import Product, cleaned
from shopdesk.domain.sentence import sentence
from shopdesk.store import acts_lists, products, shop
from shopdesk.store.session import Session
from shopdesk.usecases import imports, price_journal, product_import
from shopdesk.usecases.import_file import ImportFile, Progress, ignore_progress
from shopdesk.usecases.import_layout import Layout
from shopdesk.usecases.imports import ImportCheck, Questions
from shopdesk.usecases.product_import import PRODUCTS, ProductChecker, ProductLine
from shopdesk.usecases.rights import authorize

SHARED_BARCODE = "shared barcode"


def save(
    session: Session,
    product: Product,
    *,
    by: Actor,
    now: datetime,
    base: Product | None = None,
    confirmed: frozenset[str] = frozenset(),
) -> Product:
    """Store a new product, or change one. Raise Refused with one error for each wrong field.

    ``base`` is the product as the edit began; other users' changes since then are merged. Raise MergeConflict where
    both changed the same field, and ConfirmationRequired for a barcode that another product on sale has, in any form.
    """
    actor = authorize(session, by, Right.CATALOGUE)
    product = cleaned(product)
    before = products.find(session, product.key, for_update=True)
    if base is not None:
        product = merge(base, product, before or products.by_key(session, product.key))
    if SHARED_BARCODE not in confirmed:
        _ask_if_shared(session, product, before)
    saved = (before, product)
    (words,) = price_journal.words(session, [saved])
    acts_lists.save_product(session, saved, words, language=shop.language(session), by=actor, at=now)
    return product


def _ask_if_shared(session: Session, product: Product, before: Product | None) -> None:
    """Ask when another product on sale has the barcode, unless both were so before: a scan finds only one of them."""
    if before is not None and (before.barcode, before.is_retired) == (product.barcode, product.is_retired):
        return
    for other in products.same_article(session, product)[:1]:
        raise ConfirmationRequired(
            sentence(
                "{name} ({code}) has this barcode already, and a scan finds only one of them. Save {product} "
                "with it too?",
                name=other.name,
                code=other.code,
                product=product.name,
            ),
            answer=SHARED_BARCODE,
        )


def inspect_import(
    session: Session,
    file: ImportFile,
    *,
    by: Actor,
    now: datetime,
    layout: Layout | None = None,
    head: int | None = None,
    progress: Progress = ignore_progress,
) -> tuple[Layout, Questions]:
    """Return how a file of products is to be read, and what only the owner can answer; nothing is written.

    ``layout`` is what the owner chose so far; without one, the headings (in row ``head``) and earlier answers count.
    """
    authorize(session, by, Right.CATALOGUE)
    del now
    layout = layout or imports.layout_of(session, file, PRODUCTS, head=head)
    the_shop, retired_taxes = shop.current(session), shop.retired_taxes(session)
    return layout, product_import.questions(file, layout, the_shop, retired_taxes=retired_taxes, progress=progress)


def check_import(
    session: Session,
    file: ImportFile | bytes,
    *,
    by: Actor,
    now: datetime,
    layout: Layout | None = None,
    progress: Progress = ignore_progress,
) -> ImportCheck[ProductLine]:
    """Return what importing a file of products would do, line by line; nothing is written.

    A product with the same code is changed, and keeps its values for missing columns. Raise Refused, with one error for
    each question, when the file is no table of products or only the owner knows how to read it.
    """
    file, layout = _ready(session, file, layout, by=by, now=now, progress=progress)
    checker = ProductChecker(session, file, layout, shop.current(session))
    return imports.check_lines(file, layout, line=ProductLine, value=Product, checker=checker, progress=progress)


def import_all(
    session: Session,
    file: ImportFile | bytes,
    *,
    by: Actor,
    now: datetime,
    layout: Layout | None = None,
    progress: Progress = ignore_progress,
) -> ImportCheck[ProductLine]:
    """Import a file of products after checking it again. Raise Refused when one of its lines is wrong.

    A ``layout`` is remembered for the next file with the same headings.
    """
    actor = authorize(session, by, Right.CATALOGUE)
    chosen = layout
    file, layout = _ready(session, file, layout, by=by, now=now, progress=progress)
    the_shop = shop.current(session)

    def write(lines: Sequence[ProductLine]) -> None:
        saved = [(line.before, line.after) for line in lines if line.after is not None]
        words = price_journal.words(session, saved)
        acts_lists.import_products(session, saved, words, language=the_shop.language, by=actor, at=now)

    checker = ProductChecker(session, file, layout, the_shop, for_update=True)
    check = imports.check_lines(
        file, layout, line=ProductLine, value=Product, checker=checker, write=write, progress=progress
    )
    if chosen is not None:
        imports.remember(session, file, PRODUCTS, chosen, by=actor, at=now)
    return imports.refuse_wrong(check)


def _ready(
    session: Session,
    file: ImportFile | bytes,
    layout: Layout | None,
    *,
    by: Actor,
    now: datetime,
    progress: Progress,
) -> tuple[ImportFile, Layout]:
    """Return the file and its layout. Raise Refused with the questions that are left."""
    authorize(session, by, Right.CATALOGUE)
    if isinstance(file, bytes):
        file = imports.read(file, PRODUCTS, language=shop.current(session).locale)
    layout, questions = inspect_import(session, file, by=by, now=now, layout=layout, progress=progress)
    if questions.errors:
        raise Refused(questions.errors)
    return file, replace(layout, decimal=questions.decimal)
