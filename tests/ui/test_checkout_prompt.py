"""The prompt on Save: what it says of every kind, the money that is typed into it, and what it hands over."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QWidget

from shopdesk.domain.customer import Buyer, Contact
from shopdesk.domain.document import Draft, Kind, Line
from shopdesk.domain.money import Currency
from shopdesk.domain.payment import Method, Tender
from shopdesk.domain.product import Product
from shopdesk.domain.tax import TaxRate
from shopdesk.render.formatting import typing_symbols
from shopdesk.row_keys import new_key
from shopdesk.ui.base import shortcuts, theme
from shopdesk.ui.base.context import Context
from shopdesk.ui.editor.checkout_prompt import CheckoutPrompt, Saved
from shopdesk.ui.widgets.confirm_dialog import ConfirmDialog
from shopdesk.usecases import products
from support.context import Show
from support.keyboard_input import Typist
from support.shops import SampleShop

Until = Callable[..., None]
Handed = list[tuple[Tender, ...]]
Opened = Callable[..., tuple[CheckoutPrompt, Handed]]


@pytest.fixture
def opened(context: Context, show: Show, until: Until) -> Iterator[Opened]:
    """``opened(Kind.INVOICE, 6420)``: the prompt for a document of one row, and what it hands over."""
    window = show(QWidget())

    def open_(kind: Kind, minor: int, **given: Any) -> tuple[CheckoutPrompt, Handed]:
        draft = _draft(context, kind, minor, **{name: given[name] for name in given if name != "contact"})
        prompt = CheckoutPrompt(context, parent=window)
        prompt.show_document(Saved(draft, given.get("contact", Contact())))
        handed: Handed = []
        prompt.confirmed.connect(handed.append)
        prompt.open()
        size = prompt.size()
        until(lambda: prompt.focusWidget() is not None and prompt.focusWidget().hasFocus())
        QApplication.processEvents()
        assert prompt.size() == size, "a compositor may keep the size that a window had when it was opened"
        return prompt, handed

    yield open_
    for prompt in window.findChildren(CheckoutPrompt):
        prompt.reject()


def _draft(context: Context, kind: Kind, minor: int, **given: Any) -> Draft:
    line = Line(item="Milk", quantity=1000, unit_price=minor * 100, tax=TaxRate.percent(16))
    return Draft(
        key=new_key(),
        kind=kind,
        lines=(line,),
        date_on=context.today(),
        currency=context.shop.currency,
        prices_include_tax=True,
        **given,
    )


def _texts(prompt: CheckoutPrompt) -> list[str]:
    return [label.text() for label in prompt.findChildren(QLabel) if label.isVisible()]


def _cash(tendered: int) -> tuple[Tender, ...]:
    return (Tender(method=Method.CASH, tendered=tendered),)


def _card(tendered: int) -> tuple[Tender, ...]:
    return (Tender(method=Method.CARD, tendered=tendered),)


ADA = Buyer(key=new_key(), name="Ada Lovelace", email="ada@example.org")


@pytest.mark.parametrize(
    ("kind", "title"),
    [
        (Kind.INVOICE, "Save this invoice?"),
        (Kind.RECEIPT, "Save this receipt?"),
        (Kind.DEBIT_NOTE, "Save this debit note?"),
        (Kind.CREDIT_NOTE, "Save this credit note?"),
        (Kind.QUOTE, "Save this quote?"),
    ],
)
def test_the_title_says_what_is_saved(opened: Opened, kind: Kind, title: str) -> None:
    prompt, _ = opened(kind, 6420)
    assert prompt.windowTitle() == title
    assert title in _texts(prompt)
    assert prompt.yes.accessibleName() == "Save"
    assert prompt.no.accessibleName() == "Cancel"
    assert prompt.yes.isDefault()


def test_it_says_kind_customer_rows_total_and_where_the_message_goes(opened: Opened) -> None:
    prompt, _ = opened(Kind.RECEIPT, 6420, buyer=ADA)
    assert [prompt.fact(name) for name in ("Kind", "Customer", "Rows")] == ["Receipt", "Ada Lovelace", "1 row"]
    assert prompt.total.accessibleName() == "Total: $64.20"
    assert prompt.message.text() == "E-mail to ada@example.org with the receipt"


@pytest.mark.parametrize(
    ("given", "customer", "where"),
    [
        ({}, "Walk-in", "No message: the customer has no address"),
        ({"contact": Contact("Grace")}, "Grace", "No message: the customer has no address"),
        (
            {"contact": Contact("Grace", "grace@example.org")},
            "Grace",
            "E-mail to grace@example.org with the invoice",
        ),
        ({"buyer": Buyer(key=new_key(), name="Ada")}, "Ada", "No message: the customer has no address"),
    ],
)
def test_whoever_it_is_for_is_named(opened: Opened, given: dict[str, Any], customer: str, where: str) -> None:
    prompt, _ = opened(Kind.INVOICE, 100, **given)
    assert prompt.fact("Customer") == customer
    assert prompt.message.text() == where


def test_enter_alone_takes_the_exact_cash_of_a_receipt(opened: Opened, typist: Typist) -> None:
    prompt, handed = opened(Kind.RECEIPT, 6420)
    assert prompt.payment.edit.placeholderText() == "64.20"
    typist.enter()
    assert handed == [_cash(6420)]


def test_digits_are_the_cash_and_the_change_is_shown(opened: Opened, typist: Typist) -> None:
    prompt, handed = opened(Kind.RECEIPT, 6420)
    typist.type("70")
    assert prompt.payment.change.accessibleName() == "Change: $5.80"
    typist.enter()
    assert handed == [_cash(7000)]


def test_digits_are_cash_wherever_the_focus_is(opened: Opened, typist: Typist) -> None:
    prompt, handed = opened(Kind.RECEIPT, 6420)
    prompt.yes.setFocus()
    typist.type("100")
    typist.enter()
    assert handed == [_cash(10000)]


def test_too_little_cash_says_what_stays_to_be_paid(opened: Opened, typist: Typist) -> None:
    prompt, handed = opened(Kind.RECEIPT, 6420, buyer=ADA)
    typist.type("60")
    assert prompt.payment.change.accessibleName() == "Still due: $4.20"
    typist.enter()
    assert handed == [_cash(6000)]


@pytest.mark.parametrize(("typed", "says"), [("much", "is not an amount"), ("-5", "more than 0"), ("0", "more than 0")])
def test_what_is_no_money_is_told_and_not_handed_over(opened: Opened, typist: Typist, typed: str, says: str) -> None:
    prompt, handed = opened(Kind.RECEIPT, 6420)
    typist.type(typed)
    typist.enter()
    assert says in prompt.payment.tendered.fault
    assert prompt.payment.edit.hasFocus()
    assert not handed
    assert prompt.isVisible()


def test_up_and_down_choose_the_way_of_paying(opened: Opened, typist: Typist) -> None:
    prompt, handed = opened(Kind.RECEIPT, 6420)
    typist.key(Qt.Key.Key_Down)
    assert prompt.payment.method is Method.CARD
    typist.enter()
    assert handed == [_card(6420)]


def test_only_cash_gives_change(opened: Opened, typist: Typist) -> None:
    prompt, handed = opened(Kind.RECEIPT, 6420)
    typist.key(Qt.Key.Key_Down)
    typist.type("70")
    typist.enter()
    assert "Only cash gives change" in prompt.payment.tendered.fault
    assert not handed


@pytest.mark.parametrize("kind", [Kind.INVOICE, Kind.DEBIT_NOTE])
def test_an_invoice_is_paid_later_unless_money_is_typed(opened: Opened, typist: Typist, kind: Kind) -> None:
    prompt, handed = opened(kind, 6420, buyer=ADA)
    assert prompt.payment.method is None
    assert prompt.payment.change.accessibleName() == "To pay later: $64.20"
    typist.enter()
    assert handed == [()]
    prompt, handed = opened(kind, 6420)
    typist.type("100")
    assert prompt.payment.method is Method.CASH
    assert prompt.payment.change.accessibleName() == "Change: $35.80"
    typist.enter()
    assert handed == [_cash(10000)]


def test_a_credit_note_may_be_paid_back_at_once(opened: Opened, typist: Typist) -> None:
    prompt, handed = opened(Kind.CREDIT_NOTE, 6420)
    assert prompt.total.text() == "-$64.20"
    assert prompt.yes.hasFocus()
    buttons = prompt.payment.findChildren(QAbstractButton)
    next(button for button in buttons if button.accessibleName() == "Cash").click()
    assert prompt.payment.change.accessibleName() == "To refund: $64.20"
    prompt.yes.click()
    assert handed == [_cash(-6420)]


def test_nothing_is_paid_for_a_quote_or_for_nothing(opened: Opened, typist: Typist) -> None:
    for kind, minor in ((Kind.QUOTE, 6420), (Kind.RECEIPT, 0)):
        prompt, handed = opened(kind, minor)
        assert not prompt.payment.isVisible()
        typist.enter()
        assert handed == [()]
        prompt.finish()


def test_cash_is_rounded_to_the_smallest_coin(context: Context, opened: Opened, typist: Typist) -> None:
    context.set_shop(replace(context.shop, currency=Currency.of("CHF"), smallest_coin=5), context.symbols)
    prompt, handed = opened(Kind.RECEIPT, 1237)
    assert prompt.payment.edit.placeholderText() == "12.35"
    typist.type("20")
    assert prompt.payment.change.text().endswith("7.65")
    typist.enter()
    assert handed == [_cash(2000)]


def test_a_second_yes_waits_for_the_first(opened: Opened, typist: Typist) -> None:
    prompt, handed = opened(Kind.RECEIPT, 100)
    typist.enter()
    typist.enter()
    prompt.yes.click()
    assert len(handed) == 1
    prompt.set_under_way(is_so=False)
    typist.enter()
    assert len(handed) == 2


def test_a_barcode_is_no_cash(opened: Opened, typist: Typist, shop: SampleShop, until: Until) -> None:
    shop.do(products.save, Product(key=new_key(), code="818980", name="Cream", price=100))
    prompt, handed = opened(Kind.RECEIPT, 6420)
    typist.type("7")
    for code in ("4006381333931", "818980"):
        typist.scan(code)
        until(lambda: "That was a barcode, not cash. Save or cancel first, then scan." in _texts(prompt))
        prompt.answer.show_state(None)
    assert prompt.payment.edit.text() == "7"
    assert not handed


@pytest.mark.parametrize(
    ("code", "end"),
    [
        ("4006381333931", "tab"), ("4006381333931", ""), ("04252614", "enter"), ("04252614", "line feed"),
        ("425261", "enter"), ("425261", "tab"), ("]E04006381333931", "enter"), ("F4006381333931", ""),
    ],
)  # fmt: skip
def test_a_scan_never_stays_in_the_cash_and_says_no_yes(
    opened: Opened, typist: Typist, until: Until, code: str, end: str
) -> None:
    prompt, handed = opened(Kind.RECEIPT, 6420)
    for control in (prompt.payment.edit, prompt.yes, prompt.no):
        control.setFocus()
        typist.scan(code, end=end)
        until(lambda: "That was a barcode, not cash. Save or cancel first, then scan." in _texts(prompt))
        prompt.answer.show_state(None)
        assert prompt.payment.edit.text() == ""
    assert not handed
    assert prompt.isVisible()


def test_a_click_right_after_a_scan_books_no_barcode(opened: Opened, typist: Typist) -> None:
    prompt, handed = opened(Kind.RECEIPT, 6420)
    typist.scan("73513537", end="")
    prompt.yes.click()
    assert handed == [_cash(6420)]


# --- made before there is a document -------------------------------------------------------------------------------


def _seen(prompt: CheckoutPrompt, until: Until) -> tuple[object, ...]:
    """Open a prompt and close it again; return all that one can see and hear of it, its keys, and its picture."""
    prompt.open()
    until(lambda: prompt.focusWidget() is not None and prompt.focusWidget().hasFocus())
    QApplication.processEvents()
    names = (
        "text", "placeholderText", "toolTip", "accessibleName", "accessibleDescription", "role", "state", "enabled",
        "readOnly", "checked", "default", "focus", "geometry",
    )  # fmt: skip
    parts = [[part.property(name) for name in names] for part in prompt.findChildren(QWidget) if part.isVisible()]
    keys = [QKeySequence.listToString(bound.keys()) for bound in prompt.findChildren(QShortcut)]
    picture = prompt.grab().toImage()
    prompt.reject()
    return prompt.windowTitle(), prompt.accessibleDescription(), parts, keys, picture


@pytest.mark.parametrize(
    ("kind", "minor", "given"),
    [
        (Kind.RECEIPT, 6420, {}),
        (Kind.INVOICE, 12_345_678, {"buyer": ADA}),
        (Kind.CREDIT_NOTE, 500, {}),
        (Kind.QUOTE, 500, {"contact": Contact("Grace", "grace@example.org")}),
    ],
)
def test_a_prompt_made_ahead_is_like_a_new_one_whatever_changed_since(
    context: Context,
    show: Show,
    until: Until,
    themed_app: QApplication,
    request: pytest.FixtureRequest,
    kind: Kind,
    minor: int,
    given: dict[str, Any],
) -> None:
    window = show(QWidget())
    ahead = CheckoutPrompt(context, parent=window)
    for undo in (
        partial(themed_app.setLayoutDirection, Qt.LayoutDirection.LeftToRight),
        partial(theme.show, "light"),
        partial(shortcuts.use, {}),
    ):
        request.addfinalizer(undo)
    theme.show("dark")
    themed_app.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    shortcuts.use({"pay cash": ("F2",), "confirm": ("F3",)})
    shop = replace(context.shop, language="de", currency=Currency.of("CHF"), smallest_coin=5)
    context.set_shop(shop, typing_symbols(shop.locale))
    draft = _draft(context, kind, minor, buyer=given.get("buyer", Buyer()))
    seen = []
    for prompt in (ahead, CheckoutPrompt(context, parent=window)):
        prompt.show_document(Saved(draft, given.get("contact", Contact())))
        seen.append(_seen(prompt, until))
    assert seen[0] == seen[1]


# --- keys, split payments, quick cash, walk-ins ---------------------------------------------------------------------


def _pressed(prompt: QWidget, name: str) -> None:
    next(
        one for one in prompt.findChildren(QAbstractButton) if one.accessibleName() == name and one.isVisible()
    ).click()


@pytest.mark.parametrize(
    ("key", "handed_over"),
    [
        (Qt.Key.Key_F9, _cash(6420)),
        (Qt.Key.Key_F10, _card(6420)),
        (Qt.Key.Key_F11, (Tender(method=Method.TRANSFER, tendered=6420),)),
        (Qt.Key.Key_F12, _cash(6420)),
    ],
)
def test_the_key_of_a_method_saves_at_once(
    opened: Opened, typist: Typist, key: Qt.Key, handed_over: tuple[Tender, ...]
) -> None:
    prompt, handed = opened(Kind.RECEIPT, 6420)
    typist.key(key)
    assert handed == [handed_over]
    prompt.set_under_way(is_so=False)
    prompt.no.setFocus()
    typist.key(key)
    assert handed == [handed_over] * 2


def test_an_amount_and_a_method_key_pay_a_part_and_the_next_key_the_rest(
    opened: Opened, typist: Typist, until: Until
) -> None:
    prompt, handed = opened(Kind.RECEIPT, 6420)
    typist.type("20")
    typist.key(Qt.Key.Key_F9)
    assert not handed
    until(lambda: {"Cash", "$20.00"} <= set(_texts(prompt)))
    assert (prompt.payment.rest, prompt.payment.edit.placeholderText()) == (4420, "44.20")
    assert prompt.payment.method is Method.CARD
    typist.key(Qt.Key.Key_F10)
    assert handed == [(*_cash(2000), *_card(4420))]


def test_change_of_a_split_payment_comes_from_the_cash_alone(opened: Opened, typist: Typist) -> None:
    prompt, handed = opened(Kind.RECEIPT, 6420)
    typist.key(Qt.Key.Key_Right)
    typist.type("40")
    typist.type("+")  # on the number pad
    assert prompt.payment.method is Method.CASH
    typist.type("30")
    assert prompt.payment.change.accessibleName() == "Change: $5.80"
    typist.key(Qt.Key.Key_Minus, Qt.KeyboardModifier.KeypadModifier)
    assert handed == [(*_card(4000), *_cash(3000))]


def test_a_part_can_be_taken_back(opened: Opened, typist: Typist, until: Until) -> None:
    prompt, handed = opened(Kind.RECEIPT, 6420)
    typist.type("70")
    _pressed(prompt, "Count this amount and pay the rest another way")
    assert handed == [_cash(7000)]  # nothing is left: it saves
    prompt, handed = opened(Kind.RECEIPT, 6420)
    typist.type("30")
    _pressed(prompt, "Count this amount and pay the rest another way")
    until(lambda: "$30.00" in _texts(prompt))
    _pressed(prompt, "Take back: Cash $30.00")
    assert prompt.payment.rest == 6420
    typist.enter()
    assert handed == [_card(6420)]


def test_quick_cash_fills_the_amount_and_shows_the_change(opened: Opened, typist: Typist) -> None:
    prompt, handed = opened(Kind.RECEIPT, 6420)
    typist.key(Qt.Key.Key_Down)
    _pressed(prompt, "Cash 70.00")
    assert (prompt.payment.method, prompt.payment.change.accessibleName()) == (Method.CASH, "Change: $5.80")
    typist.enter()
    assert handed == [_cash(7000)]


@pytest.mark.parametrize("key", [Qt.Key.Key_F8, Qt.Key.Key_F12])
def test_a_walk_in_is_not_put_on_account_without_a_question(opened: Opened, typist: Typist, key: Qt.Key) -> None:
    prompt, handed = opened(Kind.INVOICE, 6420)
    typist.key(key)
    question = prompt.findChild(ConfirmDialog)
    assert question is not None
    assert question.windowTitle() == "On account without a customer?"
    assert question.no.isDefault()
    assert not handed
    question.yes.click()
    assert handed == [()]


@pytest.mark.parametrize(("answer", "rest"), [("Rest by card", _card(4420)), ("Leave it unpaid", ()), ("Cancel", None)])
def test_a_part_payment_of_a_walk_in_offers_the_rest_by_card(
    opened: Opened, typist: Typist, answer: str, rest: tuple[Tender, ...] | None
) -> None:
    prompt, handed = opened(Kind.RECEIPT, 6420)
    typist.type("20")
    typist.enter()
    question = prompt.findChild(ConfirmDialog)
    assert question is not None
    assert question.windowTitle() == "Rest by card?"
    _pressed(question, answer)
    assert handed == ([] if rest is None else [(*_cash(2000), *rest)])
