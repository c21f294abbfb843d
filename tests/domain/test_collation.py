"""Names in the order of a dictionary: letters first, then accents, then case, and each language its own alphabet."""

import unicodedata
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from shopdesk.domain.collation import LONGEST, same_letters, sort_key

# Each row is in order. To add a language: its row here, and its alphabet in the module.
ORDERS = [
    ("de", "Äpfel apple Banane éclair Österreicher Zucker"),  # DIN 5007-1
    ("de", "Masse Maße Mast"),
    ("en", "apple Apple apples"),
    ("en", "resume Resume résumé Résumé resumed"),
    ("en", "co_op co-op coop COOP"),
    ("en", "10 2 a B c"),
    ("en", "#1 €1 1 A"),
    ("fr", "cote coté côte côté"),
    ("pl", "lampa Lód łódka mama"),
    ("sv", "Apa Zebra Ångström Ärlig Öberg"),
    ("sv-FI", "Zebra Ångström"),
    ("da", "Zebra Æble Østergaard Åse"),
    ("nb", "Zebra Aase"),
    ("es", "nube nz ñandú oso"),
    ("es-MX", "nz Ñandú"),
    ("cs", "cukr čaj hrad chléb jablko"),
    ("hu", "cukor csak dió"),
    ("hr", "luk ljeto more njega njihati"),
    ("tr", "hasan ırmak Irmak ilgaz İzmir jale"),
    ("is", "dagur ðað egg zzz þór ær öl"),
    ("ru", "елка ёлка ель жук ива йод кот"),
    ("uk", "гора ґава день єнот жук ива ім їжак йод"),
    ("ar", "أحمد بدر تمر"),
    ("fa", "بابا پدر تهران"),
    ("he", "אב כלב שם"),
    ("en", "Zulu Ωμέγα Ёлка 米"),
]


@pytest.mark.parametrize(("language", "names"), [(language, names.split()) for language, names in ORDERS])
def test_names_are_in_the_order_of_the_language(language: str, names: list[str]) -> None:
    keys = [sort_key(name, language) for name in names]
    assert keys == sorted(set(keys))


def test_a_blank_comes_before_every_letter() -> None:
    names = ["de Luge", "de-Luge", "deLuge", "Demark"]
    for order in permutations(names):
        assert sorted(order, key=lambda name: sort_key(name, "en")) == names


@given(some.text(max_size=80), some.sampled_from(["en", "de", "sv", "tr", "hu", "", "zz-ZZ"]))
def test_the_keys_of_the_same_letters_stand_together(name: str, language: str) -> None:
    first, after = same_letters(name, language)
    for form in (name, unicodedata.normalize("NFD", name), unicodedata.normalize("NFC", name)):
        assert first <= sort_key(form, language) < after


@given(some.text(alphabet="aBz Z-_.,;|~$09#", max_size=12), some.text(alphabet="aBz Z-_.,;|~$09#", max_size=12))
def test_names_in_ascii_are_in_the_same_order_beside_others(one: str, other: str) -> None:
    """They have a quicker way to their keys."""
    keys = sort_key(one, "en"), sort_key(other, "en")
    slow = sort_key(f"{one}é", "en"), sort_key(f"{other}é", "en")
    if one and other and len(one) == len(other):
        assert (keys[0] < keys[1]) == (slow[0] < slow[1])


def test_the_longest_name_has_a_key_that_an_index_holds() -> None:
    assert len(sort_key("नमस्ते" * 100, "hi")) == LONGEST
