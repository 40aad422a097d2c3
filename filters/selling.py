"""How densely a page sells: phrases that lead to a shop, praise a price or announce what pays for the page."""

from __future__ import annotations

from functools import cache
from itertools import product
from pathlib import Path
from typing import Final

from .words import WordFinder, words_of

_SHOPS: Final = (
    "Amazon",
    "アマゾン",
    "楽天",
    "楽天市場",
    "楽天トラベル",
    "Yahoo!ショッピング",
    "ヤフーショッピング",
    "公式",
    "公式サイト",
)
_LOOK: Final = ("見る", "探す", "購入", "チェック", "確認", "買う", "価格", "詳細", "在庫", "の価格", "の詳細", "予約")

LEAST_HITS: Final = 8
LEAST_DIFFERENT: Final = 2
"""Fewer hits, or one phrase over and over, are a subject (an essay on reviews, a page about a ranking), not a shop."""


@cache
def _finder() -> WordFinder:
    rows = Path(__file__).with_name("selling_phrases.txt").read_text(encoding="utf-8").splitlines()
    leads = tuple(f"{shop}で{look}" for shop, look in product(_SHOPS, _LOOK))
    return WordFinder((*words_of(rows), *leads), exceptions=(), whole=())


def measure_selling(text: str) -> dict[str, float]:
    """``selling_phrases``, the hits, and ``selling_density``, hits for each 1,000 characters: 0 below the least."""
    found = _finder().spans(text)
    different = {text[start:end] for start, end in found}
    dense = len(found) >= LEAST_HITS and len(different) >= LEAST_DIFFERENT
    characters = sum(map(len, text.split()))
    return {
        "selling_phrases": len(found),
        "selling_density": 1000 * len(found) / characters if dense and characters else 0.0,
    }
