"""Reading the numbers of a business: bank account, VAT number, address in a network for e-invoices."""

from __future__ import annotations

import re

from shopdesk.domain.clean_text import quoted, strip_invisible
from shopdesk.domain.errors import Refused
from shopdesk.domain.sentence import sentence

_IBAN = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}", re.ASCII)
_BIC = re.compile(r"[A-Z]{6}[A-Z0-9]{2}(?:[A-Z0-9]{3})?", re.ASCII)
_VAT_NUMBER = re.compile(r"[A-Z]{2}[A-Z0-9+*]{2,18}", re.ASCII)
_SEPARATORS = re.compile(r"[\s.\-/]")
# ISO 3166 with EL (Greece), XI (Northern Ireland) and 1A (Kosovo): what the rules take before a VAT number (BR-CO-09).
_VAT_PREFIXES = frozenset(
    """
    1A AD AE AF AG AI AL AM AN AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BL BJ BM BN BO BQ BR BS BT BV BW BY BZ
    CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH EL ER ES ET FI FJ FK FM FO FR
    GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP
    KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT
    MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW
    SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM
    US UY UZ VA VC VE VG VI VN VU WF WS XI YE YT ZA ZM ZW
    """.split()
)
# Schemes of electronic addresses (EAS; BR-CL-25); e-mail addresses, EM, are written without their scheme.
_SCHEMES = frozenset(
    """
    0002 0007 0009 0037 0060 0088 0096 0097 0106 0130 0135 0142 0147 0151 0154 0158 0170 0177 0183 0184 0188 0190 0191
    0192 0193 0194 0195 0196 0198 0199 0200 0201 0202 0203 0204 0205 0208 0209 0210 0211 0212 0213 0215 0216 0217 0218
    0219 0220 0221 0225 0230 0235 0240 0242 0244 0245 0246 0248 9910 9913 9914 9915 9918 9919 9920 9922 9923 9924 9925
    9926 9927 9928 9929 9930 9931 9932 9933 9934 9935 9936 9937 9938 9939 9940 9941 9942 9943 9944 9945 9946 9947 9948
    9949 9950 9951 9952 9953 9957 9959
    """.split()
)


def read_iban(text: str) -> str:
    """Return an account number (IBAN, ISO 13616) in capitals without spaces. Raise Refused when a digit is wrong."""
    iban = _compact(text)
    if not _IBAN.fullmatch(iban) or _remainder(iban) != 1:
        raise Refused(
            sentence("{text} is not an IBAN. Type it like DE89 3704 0044 0532 0130 00.", text=quoted(text)),
            field="iban",
        )
    return iban


def _remainder(iban: str) -> int:
    """Return the remainder that is 1 for right check digits (ISO 7064, MOD 97-10)."""
    return int("".join(str(int(sign, 36)) for sign in iban[4:] + iban[:4])) % 97


def read_bic(text: str) -> str:
    """Return a bank's code (BIC, ISO 9362) in capitals. Raise Refused unless it has 8 or 11 signs."""
    bic = _compact(text)
    if not _BIC.fullmatch(bic):
        raise Refused(
            sentence("{text} is not a BIC. It has 8 or 11 letters and digits, such as COBADEFF.", text=quoted(text)),
            field="bic",
        )
    return bic


def read_vat_number(text: str) -> str:
    """Return a VAT number in capitals without spaces. Raise Refused unless it begins with a country (BR-CO-09)."""
    number = _compact(text)
    if number[:2] not in _VAT_PREFIXES or not _VAT_NUMBER.fullmatch(number):
        raise Refused(
            sentence("{text} is not a VAT number. It begins with the country, such as DE136695976.", text=quoted(text)),
            field="vat_number",
        )
    return number


def read_scheme_number(text: str) -> str:
    """Return an address of a network for e-invoices: a scheme (EAS) and a number, 0088:4012345000016. Raise Refused."""
    scheme, _, number = (part.strip() for part in strip_invisible(text).partition(":"))
    if scheme not in _SCHEMES or not re.fullmatch(r"[!-~]{1,50}", number):
        raise Refused(
            sentence(
                "{text} is not an address for e-invoices. Type an e-mail address, or a number after its scheme, such "
                "as 0088:4012345000016.",
                text=quoted(text),
            ),
            field="electronic_address",
        )
    return f"{scheme}:{number}"


def spaced_iban(iban: str) -> str:
    """Return an account number as people read it, in groups of four."""
    return " ".join(iban[at : at + 4] for at in range(0, len(iban), 4))


def _compact(text: str) -> str:
    compact = _SEPARATORS.sub("", strip_invisible(text))
    return compact.upper() if compact.isascii() else compact  # “ß” would become two letters that are allowed
