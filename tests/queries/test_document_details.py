"""The sheet of a document has its history, its messages and the documents it is bound to, however they came about."""

import pytest

from shopdesk.domain.document import Act, Kind
from shopdesk.domain.draft import Row
from shopdesk.domain.errors import Refused
from shopdesk.queries import document_details
from shopdesk.queries.document_details import Bond, Sheet
from shopdesk.store.keys import new_key
from shopdesk.usecases import documents
from support.shops import Counter


def bonds(shown: Sheet) -> list[tuple[Bond, str]]:
    return [(one.bond, one.number) for one in shown.related]


def test_a_sheet_has_the_document_its_history_and_its_messages(counter: Counter) -> None:
    document = counter.issue()
    counter.do(documents.note_printed, document.key)
    shown = counter.ask(document_details.of, document.key)
    assert shown.document == document
    assert [entry.act for entry in shown.history] == [Act.ISSUE, Act.PRINT]
    assert [message.recipient for message in shown.messages] == ["ada@example.org"]
    assert bonds(shown) == []


def test_a_corrected_document_its_credit_note_and_its_replacement_know_each_other(counter: Counter) -> None:
    counter.seal_at_issue()
    before = counter.issue()
    counter.issue()  # another one, at another moment
    draft = counter.draft(Row("Milk", "3", "0.89"))
    after = counter.do(documents.correct, before.key, draft, revision=before.revision)
    shown = counter.ask(document_details.of, before.key)
    credit = shown.related[0]
    assert bonds(shown) == [(Bond.CORRECTED_BY, credit.number), (Bond.REPLACED_BY, after.number)]
    assert credit.kind is Kind.CREDIT_NOTE
    assert shown.numbers == {credit.key: credit.number, after.key: after.number}
    assert bonds(counter.ask(document_details.of, after.key)) == [(Bond.REPLACES, before.number)]
    assert bonds(counter.ask(document_details.of, credit.key)) == [(Bond.CORRECTS, before.number)]


def test_a_document_that_was_only_credited_was_replaced_by_nothing(counter: Counter) -> None:
    counter.seal_at_issue()
    document = counter.issue()
    counter.do(documents.delete, document.key)
    assert [one.bond for one in counter.ask(document_details.of, document.key).related] == [Bond.CORRECTED_BY]


def test_a_document_that_is_not_there_is_refused(counter: Counter) -> None:
    with pytest.raises(Refused, match="does not exist"):
        counter.ask(document_details.of, new_key())
