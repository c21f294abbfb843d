"""The customer in one field: a name, a phone or an e-mail; known, new, or nobody in particular."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from shopdesk.domain.customer import Buyer, Contact, Customer
from shopdesk.row_keys import new_key
from shopdesk.ui.base.context import Context
from shopdesk.ui.editor.customer_field import CustomerField
from shopdesk.ui.editor.editor_screen import EditorScreen
from shopdesk.usecases import customers
from support.context import Show
from support.keyboard_input import Typist
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
