"""The shop's choices for its papers: a document keeps those that it was issued with, and the journal tells of each."""

import io
import json
from dataclasses import replace

import pytest
from PIL import Image
from sqlalchemy import select, text

from shopdesk.domain.account import NotAllowed, Role
from shopdesk.domain.conflict import MergeConflict
from shopdesk.domain.customer import Buyer
from shopdesk.domain.document import Document, Kind
from shopdesk.domain.draft import DraftRow
from shopdesk.domain.errors import Refused
from shopdesk.domain.message import Channel, MessageReason
from shopdesk.domain.paper_layout import Logo, PaperTexts, filled, own_text, read_texts
from shopdesk.domain.shop import Shop
from shopdesk.queries import documents as ask_documents
from shopdesk.queries import shop as ask_shop
from shopdesk.queries import verify
from shopdesk.render.logo import read_logo
from shopdesk.render.receipt_pdf import receipt
from shopdesk.render.statement_pdf import statement_pdf
from shopdesk.store import document_snapshots, journal, logos, statements
from shopdesk.store import documents as kept_documents
from shopdesk.store import outbox as kept_outbox
from shopdesk.store.journal import JournalRef
from shopdesk.store.tables import journal as journal_table
from shopdesk.store.tables import outbox
from shopdesk.usecases import documents, papers
from shopdesk.usecases.statements_by_mail import send_statement
from support.shops import SampleShop

FOOTER = PaperTexts(footer="Umtausch mit {number}")


def logo(colour: str) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (200, 80), colour).save(file, "PNG")
    return read_logo(file.getvalue())


def current(shop: SampleShop) -> Shop:
    found = shop.ask(ask_shop.current)
    assert found is not None
    return found


def write(shop: SampleShop, kind: Kind, language: str, base: Shop | None = None, **texts: str) -> Shop:
    before = base or current(shop)
    typed = replace(own_text(before.own_texts, kind.value, language), **texts)
    return shop.do(papers.change_texts, {(kind, language): typed}, has_barcode=before.has_barcode, base=before)


def printed_texts(document: Document) -> PaperTexts:
    assert document.layout is not None
    return document.layout.texts


# --- frozen in the document -----------------------------------------------------------------------------------------


def test_a_document_prints_as_it_was_issued_whatever_the_shop_chooses_later(sample_shop: SampleShop) -> None:
    sample_shop.do(papers.set_logo, logo("navy"))
    write(sample_shop, Kind.RECEIPT, "en", thanks="Bye, {customer}!")
    issued = sample_shop.issue()
    before = receipt(issued)
    sample_shop.do(papers.set_logo, logo("red"))
    write(sample_shop, Kind.RECEIPT, "en", thanks="Later!", title="Slip")
    sample_shop.do(papers.change_texts, {}, has_barcode=False, base=current(sample_shop))
    again = sample_shop.ask(ask_documents.get, issued.key)
    assert again == issued
    assert receipt(again) == before
    assert receipt(sample_shop.issue()) != before
    assert list(sample_shop.ask(lambda session: list(verify.book_violations(session)))) == []


def test_what_is_amended_takes_what_the_shop_prints_now(sample_shop: SampleShop) -> None:
    issued = sample_shop.issue()
    write(sample_shop, Kind.RECEIPT, "en", footer="Come again")
    amended = sample_shop.do(documents.correct, issued.key, sample_shop.draft(), revision=1)
    assert printed_texts(issued).footer == ""
    assert printed_texts(amended).footer == "Come again"


def test_a_logo_comes_with_the_document_from_wherever_it_is_read(sample_shop: SampleShop) -> None:
    sample_shop.do(papers.set_logo, logo("navy"))
    issued = sample_shop.issue()

    def of(document: Document) -> bytes:
        return document.layout.logo.content if document.layout and document.layout.logo else b""

    with sample_shop.database.sessions.begin() as session:
        key = kept_outbox.claim(session, channel=Channel.EMAIL, worker=issued.key, at=sample_shop.now)
        assert key is not None
        queued = journal.document_at(session, kept_outbox.outgoing(session, key).ref)
    (listed,) = sample_shop.ask(lambda session: list(kept_documents.many(session, [issued.key])))
    found = [issued, sample_shop.ask(ask_documents.get, issued.key), queued, listed]
    assert [of(one) for one in found] == [logo("navy")] * 4


def test_a_statement_of_account_keeps_the_logo_it_was_sent_with(sample_shop: SampleShop) -> None:
    sample_shop.do(papers.set_logo, logo("navy"))
    buyer = sample_shop.issue().buyer.key
    assert buyer is not None
    sample_shop.do(send_statement, buyer, since=sample_shop.today, until=sample_shop.today)
    sample_shop.do(papers.set_logo, b"")
    sent = outbox.c.occasion == MessageReason.STATEMENT.value
    place = select(outbox.c.journal_till, outbox.c.journal_seq).where(sent)
    with sample_shop.database.reads() as session:
        statement = journal.statement_at(session, JournalRef(*session.execute(place).one()))
        again = statements.read(session, buyer, since=sample_shop.today, until=sample_shop.today)
    assert statement.logo == Logo(logos.mark_of(logo("navy")))
    assert statement.logo is not None
    assert statement.logo.content == logo("navy")
    assert again == replace(statement, logo=None)
    made = statement_pdf(statement, made_at=sample_shop.now)
    assert b"/Subtype /Image" in made
    assert b"/Subtype /Image" not in statement_pdf(again, made_at=sample_shop.now)


def test_each_text_comes_from_the_language_of_the_document_or_that_of_the_shop(shop: SampleShop) -> None:
    write(shop, Kind.INVOICE, "en", footer="In English", terms="Net")
    write(shop, Kind.INVOICE, "de", footer="Auf Deutsch")
    found = current(shop)
    assert found.layout("invoice", "de-CH").texts == PaperTexts(footer="Auf Deutsch", terms="Net")
    assert found.layout("invoice", "fr").texts == PaperTexts(footer="In English", terms="Net")
    assert found.layout("receipt", "de").texts == PaperTexts()
    draft = replace(shop.draft(kind=Kind.INVOICE), language="de")
    made = shop.do(documents.issue, draft)
    assert printed_texts(made) == PaperTexts(footer="Auf Deutsch", terms="Net")


# --- the journal ----------------------------------------------------------------------------------------------------


def test_the_journal_tells_each_change_with_the_mark_of_the_logo(shop: SampleShop) -> None:
    changed = shop.do(papers.set_logo, logo("navy"))
    write(shop, Kind.RECEIPT, "de", footer="Danke")
    rows = shop.ask(
        lambda session: session.execute(
            select(journal_table.c.snapshot).where(journal_table.c.act == "setting").order_by(journal_table.c.seq)
        ).scalars().all()
    )  # fmt: skip
    first, second = (json.loads(document_snapshots.unpacked(row)) for row in rows[-2:])
    assert first["changes"] == [["logo", "", changed.logo[:16]]]
    assert first["values"] == [["shop", "", {"logo": ["", changed.logo]}]]
    assert second["changes"] == [["footer (receipt, de)", "", "Danke"]]
    assert changed.logo == logos.mark_of(logo("navy"))


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE logos SET content = substr(content, 1, 50)", "is damaged"),
        ("DELETE FROM logos", "is missing"),
        ("UPDATE shop SET own_texts = '{}'", "its own texts is “{}”, but “"),
        ("UPDATE shop SET has_barcode = (1 = 0)", "its has barcode is"),
    ],
)
def test_verify_names_what_was_changed_behind_the_program(shop: SampleShop, statement: str, said: str) -> None:
    shop.do(papers.set_logo, logo("navy"))
    write(shop, Kind.RECEIPT, "de", footer="Danke")
    shop.issue()
    with shop.database.engine.begin() as connection:
        connection.execute(text(statement))
    found = shop.ask(lambda session: list(verify.book_violations(session)))
    assert any(said in one for one in found), found


_VERSION_5 = (
    '{"amounts":[178],"buyer":{"address":"","email":"","key":null,"language":"","name":"","phone":"","tax_id":""},'
    '"corrected_by":null,"corrects":null,"currency":"USD","date_on":"2026-11-23","discount":[null,null],'
    '"draft_key":"019a0000-0000-7000-8000-000000000002","due_on":null,"gross":178,'
    '"groups":[[16000,"S",178,0,153,25,178]],"issued_at":"2026-11-23T09:00:01.000000Z","issued_by":"Ada",'
    '"issued_by_key":"019a0000-0000-7000-8000-000000000003","key":"019a0000-0000-7000-8000-000000000001",'
    '"kind":"receipt","language":"en","layout":{"barcode":true,"footer":"Bye\\n{shop}",'
    '"logo":"2bd806c97f0e00af1a1fc3328fa763a9269723c8db8fac4f93af71db186d6e90","terms":"","thanks":"","title":"Slip"},'
    '"lines":[["Milk",2000,8900,16000,"S",null,null,null]],"net":153,"note":"","number":"R-A-2026-000001","off":0,'
    '"payments":[],"prices_include_tax":true,"replaces":null,"revision":1,"sealed_at":null,"seller":{"address":"",'
    '"country":"US","email":"shop@example.org","footer":"","name":"Corner Shop","phone":"","tax_id":""},'
    '"state":"issued","sum":178,"tax":25,"till":"A","voided_at":null}'
)


def test_a_row_of_version_5_is_read_and_written_again_byte_by_byte() -> None:
    document = document_snapshots.from_facts(json.loads(_VERSION_5))
    assert printed_texts(document) == PaperTexts(footer="Bye\n{shop}", title="Slip")
    assert document_snapshots.canonical(document_snapshots.to_facts(document)) == _VERSION_5.encode()


# --- texts ----------------------------------------------------------------------------------------------------------


def test_unknown_placeholders_are_refused_at_their_fields_with_those_that_there_are() -> None:
    with pytest.raises(Refused) as refused:
        read_texts(PaperTexts(title="{shop} {nmae}", footer="{due}\n{}", thanks="{ {x} a } 100 %"))
    known = "There are {shop}, {kind}, {number}, {date}, {due}, {total}, {customer}."
    assert [(fault.field, str(fault.text)) for fault in refused.value.faults] == [
        ("title", f"{{nmae}} cannot be filled in. {known}"),
        ("thanks", f"{{x}} cannot be filled in. {known}"),
        ("footer", f"{{}} cannot be filled in. {known}"),
    ]


def test_a_text_that_is_too_long_is_refused_at_its_field() -> None:
    with pytest.raises(Refused, match="At most 60") as refused:
        read_texts(PaperTexts(title="x" * 61))
    assert refused.value.faults[0].field == "title"


def test_a_line_that_has_nothing_to_fill_in_is_left_out() -> None:
    text = "Dear {customer},\npay {total} } at once\nby {due}"
    assert filled(text, {"total": "{due} 5", "customer": "Ada", "due": ""}) == "Dear Ada,\npay {due} 5 } at once"


def test_what_looks_like_markup_is_printed_as_it_is(shop: SampleShop) -> None:
    from render.reading import text as shown

    write(shop, Kind.RECEIPT, "en", footer="<b>R&amp;D</b> {shop} & <para>")
    issued = shop.issue()
    assert "<b>R&amp;D</b> Corner Shop & <para>" in shown(receipt(issued))


def test_terms_are_printed_while_there_is_something_to_pay_and_a_title_on_the_document_itself(
    shop: SampleShop,
) -> None:
    from render.reading import text as shown

    write(shop, Kind.INVOICE, "en", terms="Pay {total} by {due}.", title="Tax invoice")
    made = shop.issue(DraftRow("Tea", "1", "5"), kind=Kind.INVOICE, due="2026-12-24")
    assert "Tax invoice" in shown(receipt(made))
    assert "Pay $5.00 by 24 Dec 2026." in shown(receipt(made))
    assert made.buyer != Buyer()
    paid = replace(made, payments=shop.issue(DraftRow("Tea", "1", "5")).payments)
    assert "Pay $5.00" not in shown(receipt(paid))


# --- who, and at once ------------------------------------------------------------------------------------------------


def test_two_people_write_different_texts_at_once_and_are_told_of_the_same_one(shop: SampleShop) -> None:
    base = current(shop)
    write(shop, Kind.RECEIPT, "en", footer="Hers")
    write(shop, Kind.RECEIPT, "en", base=base, thanks="His")
    write(shop, Kind.QUOTE, "en", base=base, title="Offer")
    found = current(shop).own_texts
    assert own_text(found, "receipt", "en") == PaperTexts(footer="Hers", thanks="His")
    assert own_text(found, "quote", "en") == PaperTexts(title="Offer")
    with pytest.raises(MergeConflict) as conflict:
        write(shop, Kind.RECEIPT, "en", base=base, footer="Mine")
    assert [fault.field for fault in conflict.value.faults] == ["footer"]
    assert conflict.value.theirs == PaperTexts(footer="Hers", thanks="His")


def test_an_emptied_text_is_the_usual_one_again(shop: SampleShop) -> None:
    write(shop, Kind.RECEIPT, "en", footer="Hers")
    assert write(shop, Kind.RECEIPT, "en", footer="").own_texts == ()


def test_a_cashier_changes_no_paper(shop: SampleShop) -> None:
    cashier = shop.as_(shop.staff(Role.CASHIER))
    with pytest.raises(NotAllowed):
        cashier.do(papers.set_logo, logo("navy"))
