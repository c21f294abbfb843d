"""The sheet of a document has its history, its messages and the documents it is bound to, however they came about."""

import pytest

from shopdesk.domain.document import Action, Kind
from shopdesk.domain.draft import DraftRow
from shopdesk.domain.errors import Refused
from shopdesk.queries import document_details
from shopdesk.queries.document_details import DocumentDetails, Relation
from shopdesk.row_keys import new_key
from shopdesk.usecases import documents, print_jobs
from support.shops import SampleShop


def bonds(shown: DocumentDetails) -> list[tuple[Relation, str]]:
    return [(one.relation, one.number) for one in shown.related]


def test_a_sheet_has_the_document_its_history_and_its_messages(sample_shop: SampleShop) -> None:
    document = sample_shop.issue()
    sample_shop.do(print_jobs.note_printed, document.key)
    shown = sample_shop.ask(document_details.details, document.key)
    assert shown.document == document
    assert [entry.act for entry in shown.history] == [Action.ISSUE, Action.PRINT]
    assert [message.recipient for message in shown.messages] == ["ada@example.org"]
    assert bonds(shown) == []


def test_a_corrected_document_its_credit_note_and_its_replacement_know_each_other(sample_shop: SampleShop) -> None:
    sample_shop.seal_at_issue()
    before = sample_shop.issue()
    sample_shop.issue()  # another one, at another moment
    draft = sample_shop.draft(DraftRow("Milk", "3", "0.89"))
    after = sample_shop.do(documents.correct, before.key, draft, revision=before.revision)
    shown = sample_shop.ask(document_details.details, before.key)
    credit = shown.related[0]
    assert bonds(shown) == [(Relation.CORRECTED_BY, credit.number), (Relation.REPLACED_BY, after.number)]
    assert credit.kind is Kind.CREDIT_NOTE
    assert shown.numbers == {credit.key: credit.number, after.key: after.number}
    assert bonds(sample_shop.ask(document_details.details, after.key)) == [(Relation.REPLACES, before.number)]
    assert bonds(sample_shop.ask(document_details.details, credit.key)) == [(Relation.CORRECTS, before.number)]


def test_a_document_that_was_only_credited_was_replaced_by_nothing(sample_shop: SampleShop) -> None:
    sample_shop.seal_at_issue()
    document = sample_shop.issue()
    sample_shop.do(documents.delete, document.key)
    assert [one.relation for one in sample_shop.ask(document_details.details, document.key).related] == [
        Relation.CORRECTED_BY
    ]


def test_a_document_that_is_not_there_is_refused(sample_shop: SampleShop) -> None:
    with pytest.raises(Refused, match="does not exist"):
        sample_shop.ask(document_details.details, new_key())
