"""The alphabet and the segments of a text message, by the rules of 3GPP TS 23.038 and 23.040."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shopdesk.domain.errors import Refused
from shopdesk.domain.sms_cost import SegmentCost
from shopdesk.domain.sms_text import Alphabet, SmsSize, plain_sms, sms_size

_BASIC = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
_BASIC += "abcdefghijklmnopqrstuvwxyzäöñüà"
_EXTENSION = "^{}\\[~]|€"
"""The tables of the standard, 6.2.1 and 6.2.1.1."""
gsm_text = st.text(alphabet=st.sampled_from(_BASIC + _EXTENSION), max_size=500)
any_text = st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"]), max_size=300)


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("", SmsSize(Alphabet.GSM, 0, 1)),
        ("a" * 160, SmsSize(Alphabet.GSM, 160, 1)),
        ("a" * 161, SmsSize(Alphabet.GSM, 161, 2)),
        ("a" * 306, SmsSize(Alphabet.GSM, 306, 2)),
        ("a" * 307, SmsSize(Alphabet.GSM, 307, 3)),
        ("€" * 80, SmsSize(Alphabet.GSM, 160, 1)),
        ("a" * 152 + "€" + "a" * 152, SmsSize(Alphabet.GSM, 306, 3)),  # the pair is not split: 152, 153, 1
        ("ч" * 70, SmsSize(Alphabet.UCS2, 70, 1)),
        ("ч" * 71, SmsSize(Alphabet.UCS2, 71, 2)),
        ("ч" * 134, SmsSize(Alphabet.UCS2, 134, 2)),
        ("😀" * 35, SmsSize(Alphabet.UCS2, 70, 1)),
        ("ч" * 66 + "😀" + "ч" * 66, SmsSize(Alphabet.UCS2, 134, 3)),
        ("ç", SmsSize(Alphabet.UCS2, 1, 1)),
    ],
)
def test_the_size_of_a_text(text: str, size: SmsSize) -> None:
    assert sms_size(text) == size


def test_every_character_of_the_standards_tables_is_in_the_alphabet() -> None:
    assert {one: sms_size(one).length for one in _BASIC} == dict.fromkeys(_BASIC, 1)
    assert {one: sms_size(one) for one in _EXTENSION} == dict.fromkeys(_EXTENSION, SmsSize(Alphabet.GSM, 2, 1))


@given(gsm_text, gsm_text)
def test_a_longer_text_never_has_fewer_segments(one: str, other: str) -> None:
    assert sms_size(one + other).segments >= max(sms_size(one).segments, sms_size(other).segments)


@given(st.one_of(gsm_text, any_text))
def test_the_segments_are_as_few_as_the_pairs_allow(text: str) -> None:
    size = sms_size(text)
    alone, of_several = size.alphabet.value
    if size.length <= alone:
        assert size.segments == 1
    else:  # each segment but the last is filled but for half a pair
        assert (size.segments - 1) * (of_several - 1) < size.length <= size.segments * of_several


@given(any_text)
def test_a_plain_text_is_never_larger_in_segments_and_stays_plain(text: str) -> None:
    plain = plain_sms(text)
    assert plain_sms(plain) == plain
    if sms_size(text).alphabet is Alphabet.GSM:
        assert sms_size(plain) == sms_size(text)


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("1\u202f284,50\u00a0€", "1 284,50 €"),
        ("l’été – “bon”…", 'l\'été - "bon"...'),
        ("\u200f12.00\u00a0AED", "12.00 AED"),
        ("\u200fشكرا", "\u200fشكرا"),  # it is UCS-2 all the same, and the mark sets its direction
    ],
)
def test_blanks_and_quotes_cost_no_second_segment(text: str, plain: str) -> None:
    assert plain_sms(text) == plain


def test_the_cost_is_that_of_all_segments() -> None:
    cost = SegmentCost.read(" 0,0075 USD ")
    assert (str(cost.of(3)), cost.currency) == ("0.0225", "USD")
    for text in ("", "0.80", "KES 0.80", "-1 KES", "1e3 KES", "٣ KES"):
        with pytest.raises(Refused, match="is no cost"):
            SegmentCost.read(text)
