"""Masking personal data: addresses of people and machines, numbers of telephones, cards and persons.

What is found is replaced by the name of its kind in brackets. The log says where and how long it was, not
what it was: unlike mending, masking is meant not to be undone.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from tesuki.common.check_digits import is_my_number, passes_luhn


@dataclass(frozen=True, slots=True)
class Mask:
    """One place that was masked: its kind, and where and how long it was in the original, in characters."""

    kind: str
    position: int
    length: int


@dataclass(frozen=True, slots=True)
class Masked:
    """The text without personal data, and what was masked, in ascending order."""

    text: str
    masks: tuple[Mask, ...]


COVER: Final = "*"
"""Stands for one character of personal data where lengths must stay as they are."""

_HYPHENS: Final = r"\-‐‑‒–—―−ー"
_HALF_WIDTH: Final = {wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
_JOIN: Final = rf"[ {_HYPHENS}]"
_ALONE: Final = rf"(?<![0-9A-Za-z])(?<![0-9][.,:/{_HYPHENS}])(?<![¥￥$€£￡])(?<![¥￥$€£￡] )"
_ENDS: Final = rf"(?![0-9A-Za-z])(?![.,:/{_HYPHENS}][0-9])(?! ?(?:円|ドル|ユーロ|元|ウォン|[万億兆]|[%％]))"
"""A number counts only where it is no part of a longer one, nor a price."""

_EMAIL: Final = re.compile(
    r"(?<![0-9A-Za-z._%+-])[0-9A-Za-z](?:[0-9A-Za-z._%+-]{0,63}+)(?:@| ?[\[(](?:at|AT|アット|アットマーク)[\])] ?)"
    r"(?:[0-9A-Za-z](?:[0-9A-Za-z-]{0,62})\.){1,8}[A-Za-z]{2,24}(?![0-9A-Za-z])"
)
_IPV4: Final = re.compile(
    r"(?<![0-9A-Za-z.第§])(?<!ver )(?<!ersion )(?<!バージョン)(?:[0-9]{1,3}\.){3}[0-9]{1,3}(?![0-9A-Za-z]|\.[0-9])"
)
_IPV6: Final = re.compile(r"(?<![0-9A-Za-z:_.])[0-9A-Fa-f]{1,4}(?::[0-9A-Fa-f]{0,4}){2,7}(?![0-9A-Za-z:_])")
_CARD: Final = re.compile(
    rf"{_ALONE}(?:[0-9]{{4}}(?:{_JOIN}?[0-9]{{4}}){{3}}|[0-9]{{4}}{_JOIN}?[0-9]{{6}}{_JOIN}?[0-9]{{4,5}}){_ENDS}"
)
_ISSUERS: Final = re.compile(
    r"4[0-9]{15}\Z|5[1-5][0-9]{14}\Z|2(?:22[1-9]|2[3-9][0-9]|[3-6][0-9]{2}|7[01][0-9]|720)[0-9]{12}\Z"
    r"|35(?:2[89]|[3-8][0-9])[0-9]{12}\Z|3[47][0-9]{13}\Z|3(?:0[0-5]|[689][0-9])[0-9]{11}\Z"
    r"|6(?:011|5[0-9]{2})[0-9]{12}\Z|62[0-9]{14}\Z"
)
"""Visa, Mastercard, JCB, American Express, Diners Club, Discover, UnionPay: prefixes of ISO/IEC 7812 as the
issuers publish them. EAN codes (13 digits, ISBN among them) have none of these lengths."""

_MY_NUMBER: Final = re.compile(rf"{_ALONE}(?<![0-9] )[0-9]{{4}}({_JOIN}?)[0-9]{{4}}\1[0-9]{{4}}(?! [0-9]){_ENDS}")
_TIMESTAMP: Final = re.compile(
    r"(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])(?:[01][0-9]|2[0-3])[0-5][0-9]\Z"
)
_PHONE: Final = re.compile(
    rf"{_ALONE}(?:"
    rf"(?P<abroad>\+81|\+ ?81)(?: ?\(0\) ?|{_JOIN}?)[0-9]{{1,4}}{_JOIN}?[0-9]{{1,4}}{_JOIN}?[0-9]{{4}}"
    rf"|\(0[1-9][0-9]{{0,3}}\) ?[0-9]{{1,4}}{_JOIN}[0-9]{{3,4}}"
    rf"|0[1-9][0-9]{{0,3}} ?\([0-9]{{1,4}}\) ?[0-9]{{3,4}}"
    rf"|0[1-9][0-9]{{0,3}}(?P<join> ?[{_HYPHENS}] ?)[0-9]{{1,4}}(?P=join)[0-9]{{3,4}}"
    rf"|0[1-9][0-9]{{8,9}}"
    rf"){_ENDS}"
)
_LABELLED_PHONE: Final = re.compile(
    rf"(?:tel|fax|phone)(?P<number>0[1-9][0-9]{{0,3}}{_JOIN}?[0-9]{{1,4}}{_JOIN}?[0-9]{{3,4}}){_ENDS}", re.IGNORECASE
)
_LONGER: Final = frozenset(("20", "50", "60", "70", "80", "90"))
"""After the leading 0: pagers, IP and mobile telephones have 11 digits, as has the free 0800; all others 10
(総務省 電気通信番号計画)."""
_BOOK: Final = re.compile(r"ISBN[^\n]{0,20}\Z", re.IGNORECASE)
_POSTCODE: Final = re.compile(rf"〒 ?(?P<number>[0-9]{{3}}{_JOIN}?[0-9]{{4}})(?![0-9])")


def mask_personal_data(text: str) -> Masked:
    """``text`` with e-mail and IP addresses, telephone, card and individual numbers and postcodes masked.

    Full-width forms are found like half-width ones. Prices, dates and book numbers are left alone. Masking
    what is masked changes nothing.
    """
    searched = text.translate(_HALF_WIDTH)
    pieces: list[str] = []
    masks: list[Mask] = []
    end = 0
    for start, stop, kind in sorted(_found(searched), key=lambda place: (place[0], -place[1], place[2])):
        if start < end:
            continue
        masks.append(Mask(kind, start, stop - start))
        pieces += text[end:start], f"[{kind}]"
        end = stop
    return Masked("".join((*pieces, text[end:])), tuple(masks))


def cover_personal_data(text: str) -> str:
    """``text`` with an asterisk for each character that `mask_personal_data` would take away: as long as before."""
    pieces: list[str] = []
    end = 0
    for mask in mask_personal_data(text).masks:
        pieces += text[end : mask.position], COVER * mask.length
        end = mask.position + mask.length
    return "".join((*pieces, text[end:]))


def _found(text: str) -> Iterator[tuple[int, int, str]]:
    for kind, pattern, accepts in _KINDS:
        for match in pattern.finditer(text):
            group = "number" if "number" in pattern.groupindex else 0
            if accepts(match, re.sub("[^0-9]", "", match[group])):
                yield match.start(group), match.end(group), kind


def _is_address(match: re.Match[str], _: str) -> bool:
    try:
        address = ipaddress.ip_address(match[0])
    except ValueError:
        return False
    if address.version == 4:
        return max(address.packed) >= 100 or not _numbers_a_section(match)
    groups = match[0].split(":")
    return len(groups) == 8 or len(groups[0]) >= 3


def _numbers_a_section(match: re.Match[str]) -> bool:
    """Whether numbers begin their line or stand before a further full stop, as 7.3.66.5 before a heading does."""
    before = match.string[max(0, match.start() - 8) : match.start()]
    begins = not before.rpartition("\n")[2].strip(" #*-") and (match.start() < 8 or "\n" in before)
    return begins or match.string.startswith(".", match.end())


def _is_card(_: re.Match[str], digits: str) -> bool:
    return _ISSUERS.match(digits) is not None and passes_luhn(digits)


def _is_individual(match: re.Match[str], digits: str) -> bool:
    return is_my_number(digits) and not (match[1] == "" and _TIMESTAMP.match(digits))


def _is_phone(match: re.Match[str], digits: str) -> bool:
    if _BOOK.search(match.string, max(0, match.start() - 24), match.start()):
        return False
    abroad = match.re is _PHONE and match["abroad"]
    national = digits.removeprefix("81").removeprefix("0") if abroad else digits[1:]
    return len(national) == (10 if national[:2] in _LONGER or national[:3] == "800" else 9)


def _always(_match: re.Match[str], _digits: str) -> bool:
    return True


_KINDS: Final[tuple[tuple[str, re.Pattern[str], Callable[[re.Match[str], str], bool]], ...]] = (
    ("e-mail", _EMAIL, _always),
    ("IP address", _IPV4, _is_address),
    ("IP address", _IPV6, _is_address),
    ("card number", _CARD, _is_card),
    ("individual number", _MY_NUMBER, _is_individual),
    ("telephone", _PHONE, _is_phone),
    ("telephone", _LABELLED_PHONE, _is_phone),
    ("postcode", _POSTCODE, _always),
)
"""What is looked for. Of two that begin at one place, the one whose end, and then name, comes first is masked."""
