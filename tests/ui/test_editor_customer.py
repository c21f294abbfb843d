"""The customer in one field: a name, a phone or an e-mail; known, new, or nobody in particular."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from shopdesk.domain.customer import Buyer, Contact, Customer
from shopdesk.queries import customers as ask_customers
from shopdesk.row_keys import new_key
from shopdesk.ui.base.context import Context
from shopdesk.ui.editor.customer_choice_dialog import CustomerChoiceDialog
from shopdesk.ui.editor.customer_field import CustomerField
from shopdesk.ui.editor.editor_screen import EditorScreen
from shopdesk.usecases import customers, documents
from support.context import Show
from support.keyboard_input import Typist
from support.qtbot import QtBot
from support.shops import SampleShop

Until = Callable[..., None]
ADA = Customer(key=new_key(), name="Ada Lovelace", email="ada@example.org")
ADAM = Customer(key=new_key(), name="Adam Smith", phone="+254712345678")
HOUSEHOLD = Customer(key=new_key(), name="Household 883", email="household883@example.org")


@pytest.fixture
def shop(shop: SampleShop) -> SampleShop:
    """With three customers."""
    for customer in (ADA, ADAM, HOUSEHOLD):
        shop.do(customers.save, customer)
    return shop


@pytest.fixture
def editor(context: Context, show: Show) -> EditorScreen:
    editor = show(EditorScreen(context))
    editor.fields.customer.edit.setFocus()
    return editor


@pytest.fixture
def field(editor: EditorScreen) -> CustomerField:
    return editor.fields.customer


def _hint(field: QWidget) -> str:
    return " ".join(str(part.property("text")) for part in field.findChildren(QWidget) if part.property("text"))


def _read(editor: EditorScreen) -> tuple[Buyer, Contact]:
    typist = Typist()
    editor.table.setFocus()
    typist.row("Milk", "", "1")
    reading = editor.document.reading
    assert reading.draft is not None
    return reading.draft.buyer, reading.contact


def test_an_empty_field_is_a_walk_in(editor: EditorScreen, field: CustomerField) -> None:
    assert "Walk-in" in _hint(field)
    assert _read(editor) == (Buyer(), Contact())


def test_customers_are_suggested_and_enter_takes_the_first_who_begins_so(
    editor: EditorScreen, field: CustomerField, typist: Typist, until: Until
) -> None:
    typist.type("ad")
    until(lambda: field.suggestions.texts == ["Ada Lovelace", "Adam Smith", "New customer “ad”"])
    typist.enter()
    assert field.customer == ADA
    assert field.edit.text() == "Ada Lovelace"
    assert "e-mail goes to ada@example.org" in _hint(field)
    assert editor.table.hasFocus()
    assert _read(editor)[0] == Buyer.of(ADA)
    assert editor.document.form.customer_key == ADA.key


def test_enter_faster_than_the_suggestions_takes_the_same(
    editor: EditorScreen, field: CustomerField, typist: Typist, until: Until
) -> None:
    typist.type("ada")
    typist.enter()
    until(lambda: field.customer == ADA)
    assert field.edit.text() == "Ada Lovelace"


def test_an_arrow_chooses_another(field: CustomerField, typist: Typist, until: Until) -> None:
    typist.type("ad")
    until(lambda: bool(field.suggestions.texts))
    typist.key(Qt.Key.Key_Down)
    typist.enter()
    assert field.customer == ADAM
    assert "no e-mail address" in _hint(field)


def test_somebody_new_is_taken_as_typed(
    editor: EditorScreen, field: CustomerField, typist: Typist, until: Until
) -> None:
    typist.type("ad")
    until(lambda: bool(field.suggestions.texts))
    typist.key(Qt.Key.Key_Up)
    typist.enter()
    assert field.customer is None
    assert _read(editor)[1] == Contact(name="ad")


@pytest.mark.parametrize(
    ("typed", "contact", "says"),
    [
        ("Grace Hopper", Contact("Grace Hopper"), "New customer · no e-mail address"),
        ("grace@example.org", Contact("grace@example.org", "grace@example.org"), "e-mail goes to grace@example.org"),
        ("Grace <grace@example.org>", Contact("Grace", "grace@example.org"), "e-mail goes to grace@example.org"),
        ("(212) 555-0123", Contact("+12125550123", "", "+12125550123"), "+12125550123"),
        ("محمد 🌙", Contact("محمد 🌙"), "New customer"),
    ],
)
def test_what_was_understood_stands_below(
    editor: EditorScreen,
    field: CustomerField,
    typist: Typist,
    settled: Callable[[], None],
    typed: str,
    contact: Contact,
    says: str,
) -> None:
    typist.type(typed)
    typist.enter()
    settled()
    assert field.customer is None
    assert says in _hint(field)
    assert _read(editor) == (Buyer(), contact)


@pytest.mark.parametrize(
    ("typed", "known"),
    [
        ("ADA@example.org", ADA),
        ("Somebody <ada@example.org>", ADA),
        ("+254 712 345678", ADAM),
        ("Household 883", HOUSEHOLD),
    ],
)
def test_whoever_is_known_is_recognised_when_the_field_is_left(
    field: CustomerField, typist: Typist, until: Until, typed: str, known: Customer
) -> None:
    typist.type(typed)
    typist.key(Qt.Key.Key_Tab)
    until(lambda: field.customer == known)
    assert field.edit.text() == known.name


@pytest.mark.parametrize("typed", ["Household 88", "household88@example.org", "ada@example.or"])
def test_a_number_or_an_address_is_never_the_beginning_of_another(
    field: CustomerField, typist: Typist, settled: Callable[[], None], typed: str
) -> None:
    typist.type(typed)
    settled()
    typist.enter()
    settled()
    assert field.customer is None
    assert field.edit.text() == typed


def test_typing_over_a_customer_lets_them_go(field: CustomerField, typist: Typist, until: Until) -> None:
    typist.type("ada")
    typist.enter()
    until(lambda: field.customer == ADA)
    field.edit.setFocus()
    typist.type("x")
    assert field.customer is None


def test_an_address_that_is_none_is_blamed_when_the_field_is_left(
    editor: EditorScreen, field: CustomerField, typist: Typist, until: Until
) -> None:
    typist.type("ada@")
    assert not field.fault
    typist.key(Qt.Key.Key_Tab)
    until(lambda: "is not an e-mail address" in field.fault)
    assert field.edit.text() == "ada@"
    assert "is not an e-mail address" in field.edit.accessibleDescription()


def test_a_text_set_from_outside_is_a_customer_too(field: CustomerField, editor: EditorScreen, until: Until) -> None:
    editor.table.setFocus()
    field.edit.setText("ada@example.org")
    called: list[Any] = []
    field.resolve(lambda: called.append(field.customer))
    until(lambda: called == [ADA])


def test_a_customer_who_is_changed_meanwhile_is_written_to_at_the_new_address(
    editor: EditorScreen, field: CustomerField, typist: Typist, until: Until, context: Context
) -> None:
    typist.type("ada")
    typist.enter()
    until(lambda: field.customer == ADA)
    moved = replace(ADA, email="countess@example.org")
    context.do(customers.save, moved, owner=editor)
    until(lambda: field.customer == moved)
    assert "countess@example.org" in _hint(field)
    assert _read(editor)[0] == Buyer.of(moved)


MARIAS = [Customer(key=new_key(), name="Maria Lopez", email=f"maria.{which}@example.org") for which in "ab"]


@pytest.fixture
def marias(shop: SampleShop) -> list[Customer]:
    """Two customers of one name."""
    for maria in MARIAS:
        shop.do(customers.save, maria)
    return MARIAS


def _which(editor: EditorScreen, until: Until, typist: Typist) -> CustomerChoiceDialog:
    """The question, which comes when the document is to be saved."""
    if editor.document.items.row(0).is_blank:
        editor.table.setFocus()
        typist.row("Milk", "", "1")
    editor.do_save()
    until(lambda: isinstance(QApplication.activeModalWidget(), CustomerChoiceDialog))
    dialog = QApplication.activeModalWidget()
    assert isinstance(dialog, CustomerChoiceDialog)
    return dialog


def test_of_two_customers_of_one_name_neither_is_taken_and_saving_asks_which(
    editor: EditorScreen,
    field: CustomerField,
    typist: Typist,
    until: Until,
    settled: Callable[[], None],
    marias: list[Customer],
) -> None:
    typist.type("maria lopez")
    typist.enter()
    settled()
    assert field.customer is None
    assert "2 customers fit this" in _hint(field)
    dialog = _which(editor, until, typist)
    assert [button.accessibleName() for button in dialog.choices] == [
        "Maria Lopez · maria.a@example.org",
        "Maria Lopez · maria.b@example.org",
    ]
    QTest.keyClick(dialog, Qt.Key.Key_Return)  # once too often: nobody is taken
    until(lambda: QApplication.activeModalWidget() is None)
    assert field.customer is None

    dialog = _which(editor, until, typist)
    dialog.choices[1].click()
    until(lambda: editor.saving.prompt is not None)
    assert editor.document.customer == marias[1]
    assert editor.document.form.customer_key == marias[1].key


def test_a_dozen_of_one_name_fit_into_the_window(qtbot: QtBot) -> None:
    dialog = CustomerChoiceDialog("Maria", [MARIAS[0]] * 12, lambda _: None)
    qtbot.addWidget(dialog)
    dialog.show()
    assert len(dialog.choices) == 8
    assert "More customers fit" in " ".join(str(part.property("text")) for part in dialog.findChildren(QWidget))
    assert dialog.height() <= 700


def test_a_third_of_that_name_is_a_new_customer_when_the_user_says_so(
    shop: SampleShop,
    editor: EditorScreen,
    field: CustomerField,
    typist: Typist,
    until: Until,
    marias: list[Customer],
) -> None:
    typist.type("Maria Lopez")
    dialog = _which(editor, until, typist)
    dialog.yes.click()
    until(lambda: editor.saving.prompt is not None)
    assert "New customer" in _hint(field)
    prompt = editor.saving.prompt
    assert prompt is not None
    prompt.yes.click()
    until(lambda: editor.saving.prompt is None)
    found = shop.ask(ask_customers.suggest, "Maria Lopez")
    assert len(found) == 3
    assert [one.email for one in found].count("") == 1


def test_a_customer_who_is_merged_meanwhile_becomes_the_other(
    shop: SampleShop, editor: EditorScreen, field: CustomerField, typist: Typist, until: Until, context: Context
) -> None:
    typist.type("ada")
    typist.enter()
    until(lambda: field.customer == ADA)
    context.do(customers.merge, ADAM, ADA, base=ADAM, owner=editor)
    until(lambda: field.customer == ADAM)
    assert _read(editor)[0] == Buyer.of(ADAM)


def test_the_document_of_an_erased_customer_is_corrected_with_what_it_printed(
    shop: SampleShop, editor: EditorScreen, field: CustomerField, until: Until, context: Context
) -> None:
    document = shop.issue(customer="ada@example.org")
    shop.do(customers.erase, ADA.key)
    editor.edit(document.key)
    until(lambda: editor.document.document == document)
    assert field.edit.text() == "Ada Lovelace"
    reading = editor.document.read_now()
    assert reading.draft is not None
    assert reading.draft.buyer == document.buyer
    corrected = shop.do(documents.correct, document.key, reading.draft, revision=1)
    assert corrected.buyer == document.buyer
