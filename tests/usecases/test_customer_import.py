"""A file of customers: who is who, what importing it would do, and all of it or nothing."""

from __future__ import annotations

import io
from dataclasses import fields, replace
from datetime import datetime
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from shopdesk.domain.customer import Customer
from shopdesk.domain.errors import Refused
from shopdesk.queries import customers as asked
from shopdesk.render.export import FileKind, writer
from shopdesk.row_keys import new_key
from shopdesk.ui.catalogue.customers_model import file_head, file_row
from shopdesk.usecases import customers
from shopdesk.usecases.customer_import import CustomerLine
from shopdesk.usecases.imports import ImportCheck, Verdict
from support.shops import SampleShop

HEAD = "name,email,phone,note\n"


def check(sample_shop: SampleShop, file: str | bytes) -> ImportCheck[CustomerLine]:
    return sample_shop.do(customers.check_import, file if isinstance(file, bytes) else file.encode())


def import_all(sample_shop: SampleShop, file: str | bytes) -> ImportCheck[CustomerLine]:
    return sample_shop.do(customers.import_all, file if isinstance(file, bytes) else file.encode())


def everybody(sample_shop: SampleShop) -> tuple[Customer, ...]:
    return sample_shop.ask(asked.page, text="", after=None)


def keep(sample_shop: SampleShop, name: str, **more: str) -> Customer:
    return sample_shop.do(customers.save, Customer(key=new_key(), name=name, **more))


def test_customers_of_a_file_are_stored_and_found(sample_shop: SampleShop) -> None:
    done = import_all(sample_shop, HEAD + "Ada,ada@example.org,+1 212 555 0123,Likes tea\nBen,,,\n")
    assert done.count(Verdict.NEW) == 2
    (ada,) = sample_shop.ask(asked.suggest, "ada@exa")
    assert (ada.name, ada.phone, ada.note) == ("Ada", "+12125550123", "Likes tea")


def test_a_file_may_tell_who_agreed_to_text_messages(sample_shop: SampleShop) -> None:
    head = "name,phone,preferred_channel,sms_consent_on\n"
    import_all(sample_shop, head + "Ada,+1 212 555 0123,sms,2026-11-20\nBen,,none,\n")
    found = {one.name: (one.preferred_channel, one.sms_consent_on) for one in everybody(sample_shop)}
    assert found == {"Ada": ("sms", "2026-11-20"), "Ben": ("none", "")}
    wrong = check(sample_shop, head + "Cleo,,pigeon,\nDan,,,yes\n").lines
    assert [line.verdict for line in wrong] == [Verdict.WRONG, Verdict.WRONG]
    assert "“yes” is not a date" in wrong[1].why


def test_a_known_customer_is_found_by_address_then_by_phone_and_name_then_by_name(sample_shop: SampleShop) -> None:
    ada = keep(sample_shop, "Ada", email="ada@example.org", note="Likes tea")
    ben = keep(sample_shop, "Ben", phone="+12125550123")
    cleo = keep(sample_shop, "Cleo")
    dry = check(
        sample_shop,
        "name,email,phone\nAda Lovelace,ADA@example.org,\nben,,(212) 555-0123\nCleo,,\nDan,,212 555 0123\n",
    )
    assert [(line.before, line.verdict) for line in dry.lines] == [
        (ada, Verdict.CHANGED),
        (ben, Verdict.CHANGED),
        (cleo, Verdict.SAME),
        (None, Verdict.NEW),
    ]
    assert dry.lines[0].after == replace(ada, name="Ada Lovelace", email="ADA@example.org")
    assert dry.lines[3].why == "“Ben” has the same phone number."


def test_a_name_alone_is_the_customer_of_that_name_whatever_its_case(sample_shop: SampleShop) -> None:
    import_all(sample_shop, "name,email\nJosé Núñez,jose@example.org\nJose Nunez,nunez@example.org\nBen,\n")
    again = check(sample_shop, "name,note\nJOSÉ  NÚÑEZ,x\nben,x\nJose\u0301 Nunez,x\nben ,y\n").lines
    assert [(line.verdict, line.before and line.before.email) for line in again[:3]] == [
        (Verdict.CHANGED, "jose@example.org"),
        (Verdict.CHANGED, ""),
        (Verdict.NEW, None),
    ]
    assert again[3].why == "Line 3 is the same customer."


def test_several_customers_of_a_name_are_no_guess(sample_shop: SampleShop) -> None:
    for address in ("a@example.org", "b@example.org"):
        keep(sample_shop, "Ada", email=address)
    (line,) = check(sample_shop, "name\nAda\n").lines
    assert (line.verdict, line.why) == (
        Verdict.WRONG,
        "Several customers are called “Ada”. Add a phone number or an e-mail address.",
    )


def test_each_line_has_its_verdict_and_its_reason(sample_shop: SampleShop) -> None:
    dry = check(
        sample_shop,
        HEAD
        + "Ada,ada@example.org,,\n"
        + "Ada L.,Ada@Example.org,,\n"
        + ",,,Likes tea\n"
        + "Ben,ben at example,,\n"
        + "Cleo,,12,\n"
        + "Dan,,,\n"
        + "Dan,,,\n"
        + ",,,  \n"
        + "Eve,,,,x\n",
    )
    assert [(line.number, line.verdict, line.why) for line in dry.lines] == [
        (2, Verdict.NEW, ""),
        (3, Verdict.WRONG, "Line 2 is the same customer."),
        (4, Verdict.WRONG, "A customer needs a name."),
        (5, Verdict.WRONG, "“ben at example” is not an e-mail address. Type it like ada@example.org."),
        (6, Verdict.WRONG, "“12” is not a phone number: some of its digits are missing."),
        (7, Verdict.NEW, ""),
        (8, Verdict.WRONG, "Line 7 is the same customer."),
        (10, Verdict.WRONG, "The line has 5 columns, but the header has 4."),
    ]
    with pytest.raises(Refused, match="6 lines have an error, so nothing was imported"):
        import_all(sample_shop, HEAD + "Ada,,,\n" + "".join(f"B{number},x,,\n" for number in range(6)))
    assert everybody(sample_shop) == ()


def test_a_file_without_names_is_asked_about(sample_shop: SampleShop) -> None:
    with pytest.raises(Refused, match="Which column is “Name”") as asked_for:
        check(sample_shop, "Vorname;Wohnort\nAda;London\n")
    assert [fault.field for fault in asked_for.value.faults] == ["name"]


def test_a_customer_without_a_name_is_called_by_the_address_and_keeps_a_known_name(sample_shop: SampleShop) -> None:
    text = "First Name,Last Name,Email,Phone\n,,ada@example.org,\n,,,+12125550123\n"
    check = import_all(sample_shop, text)
    assert [line.after.name if line.after else line.why for line in check.lines] == [
        "ada@example.org",
        "+12125550123",
    ]
    import_all(sample_shop, "name,email\nAda,ada@example.org\n")
    again = import_all(sample_shop, text)
    assert [line.verdict for line in again.lines] == [Verdict.SAME, Verdict.SAME]


# --- what is exported comes back ---


def exported(sample_shop: SampleShop, kind: FileKind) -> bytes:
    file = io.BytesIO()
    made = writer(kind, file, file_head(), title="Customers", made_at=datetime.fromisoformat("2026-01-01"))
    made.write(file_row(one) for one in everybody(sample_shop))
    made.close()
    return file.getvalue()


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20) | st.sampled_from(
    ("-1", "=1", "'n", "'=1", "two\nlines", "_x0041_", "1.5", "#N/A")
)


@pytest.mark.parametrize("kind", FileKind)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(
        st.tuples(
            TEXT,
            st.sampled_from(("", "ada@example.org", "ben@example.org")),
            st.sampled_from(("", "+12125550123")),
            TEXT,
            TEXT,
            st.sampled_from(("", "de", "pt-BR")),
        ),
        min_size=1,
        max_size=5,
    )
)
def test_what_is_exported_comes_back_unchanged_here_and_the_same_in_another_shop(
    shop: SampleShop, kind: FileKind, rows: list[tuple[str, str, str, str, str, str]]
) -> None:
    def empty() -> None:
        with shop.database.engine.begin() as connection:
            connection.execute(text("DELETE FROM search_words"))
            connection.execute(text("DELETE FROM customers"))

    empty()
    for name, email, phone, address, note, language in rows:
        customer = Customer(
            key=new_key(), name=f"A{name}", email=email, phone=phone, address=address, note=note, language=language
        )
        shop.do(customers.save, customer, confirmed=frozenset({customers.SHARED_ADDRESS}))
    kept = everybody(shop)
    file = exported(shop, kind)
    assert [line.verdict for line in check(shop, file).lines] == [Verdict.SAME] * len(rows)
    empty()
    import_all(shop, file)
    assert everybody(shop) == kept


def test_what_e_invoices_need_is_exported_too_and_comes_back(sample_shop: SampleShop) -> None:
    ada = Customer(
        key=new_key(),
        name="Ada",
        email="ada@example.org",
        phone="+4930123456",
        address="Street 1",
        tax_id="12",
        language="de",
        note="kind",
        country="DE",
        vat_number="DE123456788",
        reference="04011000-12345-03",
        electronic_address="0088:4012345000016",
        preferred_channel="email",
        sms_consent_on="2026-11-01",
    )
    blank = Customer(key=UUID(int=0), name="")
    assert [one.name for one in fields(ada) if getattr(ada, one.name) == getattr(blank, one.name)] == []
    kept = sample_shop.do(customers.save, ada)
    file = exported(sample_shop, FileKind.CSV).decode()
    other, name = new_key(), "Eva"
    (line,) = check(sample_shop, file.replace(str(ada.key), str(other)).replace("Ada", name)).lines
    assert (line.verdict, line.after) == (Verdict.CHANGED, replace(kept, name=name))  # by the address
    for number in (ada.email, f"'{ada.phone}"):
        file = file.replace(number, "")
    (line,) = check(sample_shop, file.replace(str(ada.key), str(other)).replace("Ada", name)).lines
    assert (line.verdict, line.after) == (Verdict.NEW, replace(kept, key=other, name=name, email="", phone=""))


def test_a_list_exported_by_shopdesk_0_2_is_read(sample_shop: SampleShop) -> None:
    head = "Name,E-mail,Phone,Address,Tax number,Language,Note\n"
    old = head + 'Ada,ada@example.org,\'+12125550123,"1 Street\nLondon",,de,\n'
    import_all(sample_shop, old)
    (ada,) = everybody(sample_shop)
    assert (ada.phone, ada.address, ada.language) == ("+12125550123", "1 Street\nLondon", "de")


def test_thousands_are_stored_and_changed_in_parts(sample_shop: SampleShop) -> None:
    lines = [f"Person {number},p{number}@example.org,,\n" for number in range(1100)]
    import_all(sample_shop, HEAD + "".join(lines))
    done = import_all(sample_shop, HEAD + "".join(lines).replace(",,\n", ",,x\n"))
    assert done.count(Verdict.CHANGED) == 1100
    assert sample_shop.ask(asked.suggest, "p1099@example")[0].note == "x"


def test_a_customer_that_was_merged_or_erased_since_the_export_does_not_come_back(sample_shop: SampleShop) -> None:
    ada, twin, ben = (keep(sample_shop, name) for name in ("Ada", "Ada L.", "Ben"))
    exported = "customer_id,name\n" + "".join(f"{one.key},{one.name}\n" for one in (ada, twin, ben))
    sample_shop.do(customers.merge, ada, twin, base=ada)
    sample_shop.do(customers.erase, ben.key)
    done = import_all(sample_shop, exported)
    assert (done.count(Verdict.SKIPPED), done.count(Verdict.SAME)) == (2, 1)
    assert everybody(sample_shop) == (ada,)
