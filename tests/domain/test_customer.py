"""The one customer field: a name, an e-mail address or a phone number, and a sentence for what only looks like one."""

from email.headerregistry import Address
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shopdesk.domain.customer import WALK_IN, Buyer, Contact, Customer, read_contact, read_email, read_phone
from shopdesk.domain.email_address import comparable
from shopdesk.domain.errors import Refused

ADA = Customer(key=UUID(int=1), name="Ada", email="ada@example.org", phone="+254712345678", language="sw", note="kind")


_OF_THE_SHOP = {"note", "preferred_channel", "sms_consent_on"}


def test_a_document_keeps_a_copy_of_its_customer_without_what_the_shop_alone_knows() -> None:
    buyer = Buyer.of(ADA)
    copied = {name: getattr(ADA, name) for name in Customer.__slots__ if name not in _OF_THE_SHOP}
    assert {name: getattr(buyer, name) for name in Buyer.__slots__} == copied


def test_a_buyer_without_a_key_and_a_name_is_a_walk_in() -> None:
    assert [buyer.is_walk_in for buyer in (WALK_IN, Buyer(name="Ada"), Buyer(key=ADA.key))] == [True, False, False]


# --- the customer field ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "contact"),
    [
        ("", Contact()),
        (" \t\n", Contact()),
        ("\u200b\u200f", Contact()),
        ("Ada", Contact("Ada")),
        ("  Ada   Lovelace\x00 ", Contact("Ada Lovelace")),
        ("فاطمة الزهراء", Contact("فاطمة الزهراء")),
        ("👩🏽\u200d💻 Ada", Contact("👩🏽\u200d💻 Ada")),
        ("7-Eleven", Contact("7-Eleven")),
        ("Table 4", Contact("Table 4")),
        ("007", Contact("007")),
        ("Ada <3", Contact("Ada <3")),
        ("ada@example.org", Contact("ada@example.org", "ada@example.org")),
        (" ada@example.org\u200b", Contact("ada@example.org", "ada@example.org")),
        ("<ada@example.org>", Contact("ada@example.org", "ada@example.org")),
        ("Household 883 <household883@example.org>", Contact("Household 883", "household883@example.org")),
        ("Household 883<household883@example.org>", Contact("Household 883", "household883@example.org")),
        ('"Household 883" <household883@example.org>', Contact("Household 883", "household883@example.org")),
        ("Lovelace, Ada < ada@example.org >", Contact("Lovelace, Ada", "ada@example.org")),
        ("Ada (the shop's) <ada@example.org>", Contact("Ada (the shop's)", "ada@example.org")),
        ("ada@example.org <ada@example.org>", Contact("ada@example.org", "ada@example.org")),
        ("Ada <ada@example.org", Contact("Ada", "ada@example.org")),
        ("فاطمة <fatima@example.org>", Contact("فاطمة", "fatima@example.org")),
        ("0712 345678", Contact("+254712345678", "", "+254712345678")),
        ("+254 712-345 678", Contact("+254712345678", "", "+254712345678")),
        ("\u202a+254 712 345678\u202c", Contact("+254712345678", "", "+254712345678")),
        ("\u200e+254 712 345678", Contact("+254712345678", "", "+254712345678")),
        ("٠٧١٢ ٣٤٥٦٧٨", Contact("+254712345678", "", "+254712345678")),
        ("＋２５４ ７１２ ３４５６７８", Contact("+254712345678", "", "+254712345678")),
        ("+49 (30) 123456", Contact("+4930123456", "", "+4930123456")),
    ],
)
def test_one_field_takes_a_name_an_address_or_a_phone_number(typed: str, contact: Contact) -> None:
    assert read_contact(typed, "KE") == contact


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("ada@", "“ada@” is not an e-mail address. Type it like ada@example.org."),
        ("@ada", "“@ada” is not an e-mail address. Type it like ada@example.org."),
        ("Ada <ada@>", "“ada@” is not an e-mail address. Type it like ada@example.org."),
        ("a@x.org, b@x.org", "“a@x.org, b@x.org” is not an e-mail address. Type it like ada@example.org."),
        (
            "A <a@x.org>, B <b@x.org>",
            "“A <a@x.org>, B <b@x.org>” is not an e-mail address. Type it like ada@example.org.",
        ),
        ("12345", "“12345” is not a phone number: some of its digits are missing."),
        ("+999 1234567", "“+999 1234567” is not a phone number. Begin with + and the country code."),
        ("-----", "“-----” is not a phone number. Begin with + and the country code."),
        (
            "0712 345678 0712 345678",
            "“0712 345678 0712 345678” is not a phone number. Begin with + and the country code.",
        ),
        ("x" * 10_000, "This text has 10,000 characters. At most 320 are allowed here."),
        (f"ada@{'x' * 300}", f"“ada@{'x' * 35}…” is not an e-mail address. Type it like ada@example.org."),
    ],
)
def test_what_only_looks_like_an_address_or_a_number_gets_its_sentence(typed: str, sentence: str) -> None:
    with pytest.raises(Refused) as refused:
        read_contact(typed, "KE")
    assert str(refused.value) == sentence


@given(
    st.text(st.characters() | st.sampled_from("@<>.\"'+-() 0123456789٠a\u200f\ud800"), max_size=60),
    st.sampled_from(["KE", "", "??"]),
)
def test_any_text_is_a_contact_or_gets_its_sentence(text: str, country: str) -> None:
    try:
        contact = read_contact(text, country)
    except Refused:
        return
    "".join((contact.name, contact.email, contact.phone)).encode()
    assert contact == Contact() or contact.name
    assert not (contact.email and contact.phone)


# --- e-mail addresses -----------------------------------------------------------------------------------------------


@given(st.emails())
def test_every_address_of_the_standard_is_taken_as_it_is(address: str) -> None:
    assert read_email(f" {address} ") == address


@pytest.mark.parametrize(
    "address",
    [
        "ada+shop@example.org",
        "o'brien@example.co.ke",
        "用户@例子.公司",
        "josé@exämple.org",
        "a@b",
        "a@x1-y.org",
        "info@हिन्दी.भारत",  # vowel signs are no letters by Unicode's category
        "info@ไทยดี.ไทย",
        "info@例子。公司",  # the full stop that a Chinese keyboard types
    ],
)
def test_addresses_of_every_alphabet_are_taken(address: str) -> None:
    assert read_email(address) == address


def test_accents_that_are_stored_apart_are_composed() -> None:
    assert read_email("josé@exa\u0308mple.org") == "josé@exämple.org"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("info@bücher.example", "INFO@xn--bcher-kva.EXAMPLE"),
        ("info@straße.example", "info@xn--strae-oqa.example"),
        ("info@例子。公司", "info@例子.公司"),
        ("É@example.org", "é@ｅxample.org"),
    ],
)
def test_a_domain_is_the_same_however_it_is_written(one: str, other: str) -> None:
    assert comparable(one) == comparable(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("info@straße.example", "info@strasse.example"),
        ("straße@example.org", "strasse@example.org"),
        ("Müller", "xn--mller-kva"),  # no address: a part of a name that is looked for
    ],
)
def test_other_addresses_are_others(one: str, other: str) -> None:
    assert comparable(one) != comparable(other)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "ada",
        "@",
        "ada@",
        "@example.org",
        "ada@@example.org",
        "ada@example@org",
        "ada @example.org",
        "ada@ example.org",
        "ada@example.org.",
        "ada@.example.org",
        "ada@example..org",
        ".ada@example.org",
        "ada.@example.org",
        "a..da@example.org",
        "ada@-example.org",
        "ada@example-.org",
        "ada@exam_ple-.org",
        "ada@[127.0.0.1]",
        '"ada lovelace"@example.org',
        "ada,eve@example.org",
        "ada;eve@example.org",
        "ada\\eve@example.org",
        "ada@example.org\nBcc: eve@example.org",
        "ada\x00@example.org",
        "ada\x7f@example.org",
        "ada\ud800@example.org",
        "ada@example\udfff.org",
        "ada\u3000@example.org",
        "a" * 65 + "@example.org",
        "é" * 33 + "@example.org",
        f"ada@{'x' * 64}.org",
        "ada@" + ".".join(["x" * 60] * 5),
        "ada@" + "a." * 100_000 + "org",
        "ada@" + ".".join(["é" * 45] * 5) + ".org",  # too long once DNS has it in ASCII
        "ada@\u0301ex\u00e4mple.org",  # IDNA 2008: a label cannot begin with an accent
        "ada@ex\u00e4mple_shop.org",
        "x" * 1_000_000,
    ],
)
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(Refused, match="is not an e-mail address") as refused:
        read_email(address)
    assert refused.value.faults[0].field == "email"
    assert str(refused.value).isprintable()


@given(
    st.text(st.characters(max_codepoint=127), min_size=1, max_size=30),  # other letters need RFC 6531
    st.text(st.sampled_from(".-_a1é例\u200d"), max_size=20),
)
def test_an_address_that_is_taken_can_stand_in_a_letters_head(local: str, domain: str) -> None:
    try:
        address = read_email(f"{local}@{domain}")
    except Refused:
        return
    assert Address(addr_spec=address).addr_spec == address


# --- phone numbers --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "country", "number"),
    [
        ("0712345678", "KE", "+254712345678"),
        ("0712 345-678", "KE", "+254712345678"),
        ("(0712) 345.678", "KE", "+254712345678"),
        ("+254712345678", "DE", "+254712345678"),
        ("00254712345678", "DE", "+254712345678"),
        ("+254712345678", "", "+254712345678"),
        ("030/123456", "DE", "+4930123456"),
        ("+1 415‑555‑2671", "KE", "+14155552671"),
        ("०७१२३४५६७८", "KE", "+254712345678"),
        (" \u202a0712345678\u202c\n", "KE", "+254712345678"),
    ],
)
def test_a_phone_number_has_one_spelling(typed: str, country: str, number: str) -> None:
    assert read_phone(typed, country) == number


BLANKS = [mark for mark in map(chr, range(0x3500)) if mark.isspace() and mark.isprintable()] + [
    *"\t\u00a0\u2009\u202f\u205f\u3000",
    *"\u180e\u200b\u2060\ufeff",  # of no width
    *"\u115f\u1160\u2800\u3164\uffa0",  # letters and symbols that show nothing
]


@pytest.mark.parametrize("blank", BLANKS, ids=ascii)
def test_any_blank_may_stand_in_a_phone_number_and_blanks_alone_are_none(blank: str) -> None:
    assert read_phone(f"{blank}0712{blank}345{blank}{blank}678{blank}", "KE") == "+254712345678"
    assert read_contact(f"+254{blank}712{blank}345678", "DE") == Contact("+254712345678", "", "+254712345678")
    assert read_contact(blank * 8, "KE") == Contact()
    with pytest.raises(Refused):
        read_phone(blank * 8, "KE")


@pytest.mark.parametrize(
    ("typed", "country", "missing"),
    [
        ("555-0123", "US", "the area code is missing"),
        ("+1 555 0123", "", "the area code is missing"),
        ("+254 712", "US", "some of its digits are missing"),
        ("0712 345 678 901 234", "KE", "it has too many digits"),
        ("+999 712 345678", "KE", "Begin with + and the country code"),
        ("712 345678", "", "Begin with + and the country code"),
    ],
)
def test_a_number_that_no_one_can_call_is_refused_with_what_is_missing(typed: str, country: str, missing: str) -> None:
    for read in (read_phone, read_contact):
        with pytest.raises(Refused) as refused:
            read(typed, country)
        assert missing in str(refused.value)
        assert refused.value.faults[0].field == "phone"


@pytest.mark.parametrize("name", ["7-11", "24/7", "42", "B-52 88 99"])
def test_a_short_name_of_digits_is_no_phone_number(name: str) -> None:
    assert read_contact(name, "US") == Contact(name)


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "   ",
        "+",
        "12",
        "0",
        "+254",
        "+2547123456789012345",
        "071234567x",
        "Ada 0712345678",
        "0712345678 ext 5",
        "0712-FLOWERS",
        "++254712345678",
        "0712\ud800345678",
        "1" * 300,
        "1" * 100_000,
    ],
)
def test_what_is_no_phone_number_is_refused(typed: str) -> None:
    with pytest.raises(Refused, match="is not a phone number") as refused:
        read_phone(typed, "KE")
    assert refused.value.faults[0].field == "phone"
    assert str(refused.value).isprintable()


def test_a_number_without_its_country_is_refused_where_the_shop_has_none() -> None:
    with pytest.raises(Refused, match=r"Begin with \+ and the country"):
        read_phone("0712345678", "")
