"""Suspicion of unmasked personal data: private addresses and numbers in the text, or lists of people.

A company's contact line is no such thing; what counts are several distinct private e-mail addresses or
mobile numbers, an individual number (マイナンバー) or payment card number that passes its check digit
beside its name, and rosters with birth dates and home addresses. The reason to look: the Personal
Information Protection Commission's notice of 2023-06-02 asks those who gather training data to keep
personal data out. Evidence carries counts only, never the data.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from unicodedata import normalize

from tesuki.common.check_digits import is_my_number, passes_luhn

from .evidence import Evidence, observe

TEXT_LIMIT = 60_000
"""Characters of the text that are looked at."""

ADDRESSES_LEAST = 3
MOBILES_LEAST = 3
ROSTER_LEAST = 3
"""Distinct finds from which a page is suspected: one or two are the page's own owner (our judgement)."""

_PRIVATE_MAIL = re.compile(
    r"[A-Za-z0-9._%+-]{1,64}@(?:gmail\.com|yahoo\.(?:co\.jp|ne\.jp|com)|ymail\.ne\.jp|hotmail\.(?:com|co\.jp)|outlook\.(?:com|jp)"
    r"|live\.jp|icloud\.com|me\.com|docomo\.ne\.jp|ezweb\.ne\.jp|au\.com|softbank\.ne\.jp|i\.softbank\.jp|[dhtckrnsq]\.vodafone\.ne\.jp)(?![A-Za-z0-9.-])"
)
_MOBILE = re.compile(r"(?<!\d)0[789]0[-‐‑–—ー−－ ]?\d{4}[-‐‑–—ー−－ ]?\d{4}(?!\d)")
_INDIVIDUAL = re.compile(r"(?:マイナンバー|個人番号)\D{0,12}(\d{4}[- ]?\d{4}[- ]?\d{4})(?!\d)")
_CARD = re.compile(
    r"(?:カード番号|クレジットカード|card number)\D{0,20}(\d{4}[- ]?\d{4}[- ]?\d{4}[- ]?\d{4})(?!\d)",
    re.IGNORECASE,
)
_BIRTH = re.compile(
    r"(?:生年月日|誕生日)\D{0,6}(?:(?:明治|大正|昭和|平成|令和|[MTSHR])\d{1,2}|\d{4})[年./-]\d{1,2}[月./-]\d{1,2}"
    r"|(?:(?:明治|大正|昭和|平成|令和)\d{1,2}|(?:19|20)\d\d)年\d{1,2}月\d{1,2}日生"
)
_HOME = re.compile(r"(?:都|道|府|県|市|区|町|村)[^\s、。]{1,15}\d{1,4}(?:丁目|番地?|[-‐−－ー])\d{1,4}")


def signals_personal_data(text: str) -> Iterator[Evidence]:
    """Evidence ``personal-data.mail``, ``.mobile``, ``.individual-number``, ``.card`` and ``.roster`` with
    counts.
    """
    words = normalize("NFKC", text[:TEXT_LIMIT])
    if "@" in words:
        yield from _counted("mail", len(set(_PRIVATE_MAIL.findall(words))), ADDRESSES_LEAST)
    yield from _counted("mobile", len({re.sub(r"\D", "", each) for each in _MOBILE.findall(words)}), MOBILES_LEAST)
    if any(sign in words for sign in ("番号", "マイナンバー", "カード", "ard ")):
        individual = {re.sub(r"\D", "", each) for each in _INDIVIDUAL.findall(words)}
        yield from _counted("individual-number", sum(map(is_my_number, individual)), 1)
        cards = {re.sub(r"\D", "", each) for each in _CARD.findall(words)}
        yield from _counted("card", sum(map(passes_luhn, cards)), 1)
    if "生" in words:
        births = len(_BIRTH.findall(words))
        if births >= ROSTER_LEAST:
            yield from _counted("roster", min(births, len(_HOME.findall(words))), ROSTER_LEAST)


def _counted(kind: str, count: int, least: int) -> Iterator[Evidence]:
    if count >= least:
        yield observe(f"personal-data.{kind}", "text", f"{count} distinct", "personal-data.count")
