"""Customers who are alike: a document never goes to the wrong one."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from shopdesk.domain.activity import Activity
from shopdesk.domain.customer import AmbiguousCustomer, Buyer, Contact, Customer
from shopdesk.domain.document import Document
from shopdesk.domain.draft import DraftForm, DraftRow
from shopdesk.domain.errors import ConfirmationRequired, Refused
from shopdesk.queries import activity, dashboard, statistics, verify
from shopdesk.queries import customers as ask
from shopdesk.queries import documents as ask_documents
from shopdesk.queries.documents import DocumentFilter
from shopdesk.queries.statistics import CustomerType
from shopdesk.row_keys import new_key
from shopdesk.store import tables
from shopdesk.usecases import customers, documents, drafts
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


# --- merging --------------------------------------------------------------------------------------------------------


def sound(shop: SampleShop) -> bool:
    return shop.ask(lambda session: list(verify.violations(session))) == []


def test_two_customers_become_one_with_the_documents_of_both(sample_shop: SampleShop) -> None:
    sample_shop.seal_at_issue()
    ada = keep(sample_shop, "Ada", email="ada@example.org")
    twin = keep(sample_shop, "A. Lovelace", phone="+12125550123", note="Likes tea")
    numbers = [sell(sample_shop, Contact(one.name)).number for one in (ada, twin)]
    kept = replace(ada, name="Ada Lovelace", phone=twin.phone, note=twin.note)
    assert sample_shop.do(customers.merge, kept, twin, base=ada) == kept

    assert sample_shop.ask(ask.page, text="", after=None) == (kept,)
    assert sample_shop.ask(ask.suggest, "0123") == (kept,)
    assert sample_shop.ask(ask.get, twin.key) == kept  # a link to the other leads to it
    for find in (DocumentFilter(customer_key=ada.key), DocumentFilter(text="lovelace")):
        assert [one.number for one in sample_shop.ask(ask_documents.page, find=find, after=None)] == numbers[::-1]
    (printed,) = (one for one in sample_shop.ask(ask_documents.recent, 5) if one.number == numbers[1])
    assert printed.buyer_name == "A. Lovelace"
    assert sample_shop.issue(customer="+1 212 555 0123").buyer.key == ada.key
    assert sample_shop.do(
        documents.issue, replace(sample_shop.draft(), buyer=Buyer.of(twin)), confirmed=AGAIN
    ).buyer == Buyer.of(kept)
    assert sample_shop.ask(dashboard.figures, today=sample_shop.today).customers == 1
    assert sound(sample_shop)


def test_the_sales_of_merged_customers_count_together(sample_shop: SampleShop) -> None:
    first, second, third = (keep(sample_shop, name) for name in ("Ada", "Ada L.", "Ada Lovelace"))
    sell(sample_shop, Contact("Ada"))
    sample_shop.now += timedelta(days=3)
    for name in ("Ada L.", "Ada Lovelace", "Ben"):
        sell(sample_shop, Contact(name))
    sample_shop.do(customers.merge, second, first, base=second)
    sample_shop.do(customers.merge, third, second, base=third)
    today = {"since": sample_shop.today, "until": sample_shop.today, "by": sample_shop.by}
    best = sample_shop.ask(statistics.best_customers, **today)
    assert [(one.name, one.count) for one in best] == [("Ada Lovelace", 2), ("Ben", 1)]
    assert sample_shop.ask(statistics.overview, **today).customers == 2
    kinds = {one.custom: one.customers for one in sample_shop.ask(statistics.by_customer_type, **today)}
    assert (kinds[CustomerType.NEW], kinds[CustomerType.RETURNING]) == (1, 1)  # she bought before as “Ada”
    assert sample_shop.ask(ask.get, first.key) == third
    assert sound(sample_shop)


def test_customers_that_were_changed_meanwhile_are_not_merged(sample_shop: SampleShop) -> None:
    ada, twin = keep(sample_shop, "Ada"), keep(sample_shop, "Ada L.")
    now = sample_shop.do(customers.save, replace(twin, email="ada@example.org"), base=twin)
    with pytest.raises(Refused, match=r"Ada L\. has been changed"):
        sample_shop.do(customers.merge, ada, twin, base=ada)
    with pytest.raises(Refused, match="another customer"):
        sample_shop.do(customers.merge, ada, ada, base=ada)
    sample_shop.do(customers.merge, ada, now, base=ada)
    with pytest.raises(Refused, match="merged into Ada"):
        sample_shop.do(customers.save, replace(now, note="Late"), base=now)
    with pytest.raises(Refused, match="merged into Ada"):
        sample_shop.do(customers.merge, now, ada, base=now)
    assert sample_shop.ask(ask.page, text="", after=None) == (ada,)


# --- erasing --------------------------------------------------------------------------------------------------------


def test_an_erased_customer_is_nowhere_but_in_the_documents(sample_shop: SampleShop) -> None:
    sample_shop.seal_at_issue()
    ada = keep(
        sample_shop, "Ada Lovelace", email="ada@example.org", phone="+12125550123", address="Mill Lane", note="!"
    )
    twin = keep(sample_shop, "Countess", email="countess@example.org")
    document = sell(sample_shop, Contact("Ada Lovelace"))
    sample_shop.do(customers.merge, ada, twin, base=ada)
    sample_shop.do(customers.erase, ada.key)

    assert sample_shop.ask(ask.page, text="", after=None) == ()
    assert sample_shop.ask(dashboard.figures, today=sample_shop.today).customers == 0
    for typed in ("ada", "0123", "countess"):
        assert sample_shop.ask(ask.suggest, typed) == ()
    with sample_shop.database.reads() as session:
        left = [row._asdict() for row in session.execute(select(tables.customers))]
        words = session.execute(select(tables.search_words)).all()
    left_over = {row[name] for row in left for name in row if name not in _NOT_PERSONAL}
    assert (len(left), left_over, words) == (2, {""}, [])
    with pytest.raises(Refused, match="erased on request"):
        sample_shop.ask(ask.get, ada.key)

    assert sample_shop.ask(ask_documents.get, document.key) == document
    find = DocumentFilter(customer_key=ada.key)
    assert [one.number for one in sample_shop.ask(ask_documents.page, find=find, after=None)] == [document.number]
    today = {"since": sample_shop.today, "until": sample_shop.today, "by": sample_shop.by}
    assert [one.name for one in sample_shop.ask(statistics.best_customers, **today)] == [""]
    acts = sample_shop.ask(activity.page, by=sample_shop.by)
    assert [one.act for one in acts[:2]] == [Activity.ERASED, Activity.MERGED]
    personal = ("Lovelace", "Countess", "example.org", "+12125550123", "Mill Lane")  # longer than a key has by chance
    assert [word for word in personal if word in str([one.change for one in acts[:2]])] == []
    assert sound(sample_shop)


_NOT_PERSONAL = {"key", "created_at", "revision", "sort_key", "merged_into", "erased_at"}


def test_a_document_of_an_erased_customer_can_be_corrected_and_a_new_one_cannot_be_issued(
    sample_shop: SampleShop,
) -> None:
    document = sample_shop.issue(customer="Ada <ada@example.org>")
    assert document.buyer.key is not None
    sample_shop.do(customers.erase, document.buyer.key)
    draft = replace(sample_shop.draft(DraftRow("Tea", "1", "5")), buyer=document.buyer)
    with pytest.raises(Refused, match="erased on request"):
        sample_shop.do(documents.issue, draft)
    corrected = sample_shop.do(documents.correct, document.key, draft, revision=1)
    assert corrected.buyer == document.buyer
    again = sample_shop.issue(customer="Ada <ada@example.org>")  # comes back by herself
    assert again.buyer.key != document.buyer.key
    with pytest.raises(Refused, match="erased on request"):
        sample_shop.do(customers.erase, document.buyer.key)


def test_a_customer_in_an_open_document_is_not_erased(sample_shop: SampleShop) -> None:
    ada = keep(sample_shop, "Ada")
    form = DraftForm(key=new_key(), customer="Ada", customer_key=ada.key, rows=(DraftRow("Tea", "1", "5"),))
    sample_shop.do(drafts.save_draft, form, changed=None)
    with pytest.raises(Refused, match="open document names Ada"):
        sample_shop.do(customers.erase, ada.key)
    sample_shop.do(drafts.discard, form.key)
    sample_shop.do(customers.erase, ada.key)
