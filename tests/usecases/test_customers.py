"""Customers who are alike: a document never goes to the wrong one."""

from dataclasses import replace

import pytest

from shopdesk.domain.customer import AmbiguousCustomer, Contact, Customer
from shopdesk.domain.document import Document
from shopdesk.domain.errors import ConfirmationRequired, Refused
from shopdesk.queries import customers as ask
from shopdesk.queries import documents as ask_documents
from shopdesk.row_keys import new_key
from shopdesk.usecases import customers, documents
from support.shops import SampleShop

AGAIN = frozenset({documents.SAME_AGAIN})


def keep(shop: SampleShop, name: str, **fields: str) -> Customer:
    return shop.do(customers.save, Customer(key=new_key(), name=name, **fields))


def sell(shop: SampleShop, contact: Contact) -> Document:
    return shop.do(documents.issue, shop.draft(), contact=contact, confirmed=AGAIN)


# --- several of one name --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("typed", ["Maria Lopez", "maria  LOPEZ"])
def test_of_two_customers_of_a_name_neither_is_taken(sample_shop: SampleShop, typed: str) -> None:
    marias = [keep(sample_shop, "Maria Lopez", email=f"maria.{which}@example.org") for which in "ab"]
    with pytest.raises(AmbiguousCustomer) as asked:
        sample_shop.issue(customer=typed)
    assert [one.email for one in asked.value.customers] == [one.email for one in marias]
    assert asked.value.faults[0].field == "customer"
    assert sample_shop.ask(ask_documents.recent, 5) == ()
    assert sample_shop.issue(customer=f"{typed} <maria.b@example.org>").buyer.key == marias[1].key


def test_a_new_customer_of_the_name_of_others_is_made_once_though_the_answer_was_lost(sample_shop: SampleShop) -> None:
    for which in "ab":
        keep(sample_shop, "Maria Lopez", email=f"maria.{which}@example.org")
    draft, contact = sample_shop.draft(), Contact("Maria Lopez", is_new=True)
    first = sample_shop.do(documents.issue, draft, contact=contact)
    assert sample_shop.do(documents.issue, draft, contact=contact) == first
    assert first.buyer.email == ""
    assert len(sample_shop.ask(ask.suggest, "maria lopez")) == 3


def test_accents_make_another_name_but_case_does_not(sample_shop: SampleShop) -> None:
    ada = keep(sample_shop, "José García", email="jose@example.org")
    assert sell(sample_shop, Contact("JOSÉ garcía")).buyer.key == ada.key
    assert sell(sample_shop, Contact("Jose Garcia")).buyer.key != ada.key


def test_of_several_at_one_address_the_name_beside_it_decides(sample_shop: SampleShop) -> None:
    ada, ben = (
        sample_shop.do(
            customers.save,
            Customer(key=new_key(), name=name, email="home@example.org", phone="+12125550123"),
            confirmed=frozenset({customers.SHARED_ADDRESS}),
        )
        for name in ("Ada", "Ben")
    )
    assert sell(sample_shop, Contact("ben", email="HOME@example.org")).buyer.key == ben.key
    for contact in (
        Contact("home@example.org", email="home@example.org"),
        Contact("+12125550123", phone="+12125550123"),
    ):
        with pytest.raises(AmbiguousCustomer) as asked:
            sell(sample_shop, contact)
        assert {one.key for one in asked.value.customers} == {ada.key, ben.key}


def test_a_correction_asks_which_customer_too(sample_shop: SampleShop) -> None:
    document = sample_shop.issue(customer="Ada")
    for which in "ab":
        keep(sample_shop, "Maria Lopez", email=f"maria.{which}@example.org")
    with pytest.raises(AmbiguousCustomer):
        sample_shop.do(documents.correct, document.key, sample_shop.draft(), revision=1, contact=Contact("Maria Lopez"))


# --- an address that another has ------------------------------------------------------------------------------------


def test_an_address_or_a_phone_that_another_has_is_told_and_may_be_saved(sample_shop: SampleShop) -> None:
    ada = keep(sample_shop, "Ada", email="ada@example.org", phone="+12125550123")
    new = Customer(key=new_key(), name="Ben", email="ada@example.org", phone="2125550123")
    for like_ada, told in (
        (replace(new, email="ADA@Example.org", phone=""), "Ada has this e-mail address already"),
        (replace(new, email="", phone="(212) 555-0123"), "Ada has this phone number already"),
        (new, "Ada has this e-mail address and phone number already"),
    ):
        with pytest.raises(ConfirmationRequired, match=told) as asked:
            sample_shop.do(customers.save, like_ada)
        assert asked.value.answer == customers.SHARED_ADDRESS
        assert [one.name for one in sample_shop.ask(ask.page, text="", after=None)] == ["Ada"]
    ben = sample_shop.do(customers.save, new, confirmed=frozenset({customers.SHARED_ADDRESS}))
    sample_shop.do(customers.save, replace(ben, note="A neighbour"), base=ben)  # the address is no news
    sample_shop.do(customers.save, ada, base=ada)


def test_blanks_that_show_nothing_are_no_name_no_phone_and_no_address(sample_shop: SampleShop) -> None:
    nothing = "\u2800\u3164 \u2800"
    saved = keep(sample_shop, "Ada", phone=nothing, email=nothing, address=nothing, note=nothing)
    assert (saved.phone, saved.email, saved.address, saved.note) == ("", "", "", "")
    with pytest.raises(Refused, match="A customer needs a name"):
        keep(sample_shop, nothing)
    assert keep(sample_shop, "Ben", phone="\u2800212\u3164555\u28000123").phone == "+12125550123"
    assert sell(sample_shop, sample_shop.read(customer=nothing).contact).buyer.is_walk_in
