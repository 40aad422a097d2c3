"""How densely a text speaks as pages do that nobody learns from: selling, legal terms, notices, self-praise.

One phrase is a subject, many different ones are a kind of page: a density is 0 below the least hits and the least
different phrases of its kind. The phrases are data, a file a kind (`filters/KIND_phrases.txt`), written down from what
such pages say anywhere; all figures here are our own choice (docs/quality-rules.md).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import product
from pathlib import Path
from typing import Final

from .words import WordFinder, words_of

_SHOPS: Final = (
    *("Amazon", "アマゾン", "楽天", "楽天市場", "楽天トラベル", "Yahoo!ショッピング", "ヤフーショッピング"),
    *("公式", "公式サイト"),
)
_LOOK: Final = ("見る", "探す", "購入", "チェック", "確認", "買う", "価格", "詳細", "在庫", "の価格", "の詳細", "予約")

_SPEAKERS: Final = (
    *("当社", "弊社", "当店", "当院", "当会", "当校", "当園", "当館", "当組合", "当協会", "当法人", "当サイト"),
    *("当ウェブサイト", "当ホームページ", "当ブログ", "本サイト", "本サービス", "本規約", "本アプリ"),
)
"""Whoever states terms names a party to them; a statute or an essay on the subject does not."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of page by its phrases. ``spoken_by``: words of which a text must hold one to be of this kind at all."""

    name: str
    least_hits: int
    least_different: int
    composed: tuple[str, ...] = ()
    spoken_by: tuple[str, ...] = ()


KINDS: Final = (
    Kind("selling", 8, 2, composed=tuple(f"{shop}で{look}" for shop, look in product(_SHOPS, _LOOK))),
    Kind("legal", 10, 5, spoken_by=_SPEAKERS),
    Kind("notice", 6, 6),
    Kind("company", 6, 5),
    Kind("recommending", 12, 8),
)
"""In the order in which they judge. ``composed`` phrases come on top of the file's."""

SHOP: Final = Kind("shop", 8, 6)
SHOP_OF: Final = ("notice", "company")
"""A shop states facts and praises itself, in few words of each."""


@cache
def _finder(kind: Kind) -> WordFinder:
    rows = Path(__file__).with_name(f"{kind.name}_phrases.txt").read_text(encoding="utf-8").splitlines()
    return WordFinder((*words_of(rows), *kind.composed), exceptions=(), whole=())


def measure_phrases(text: str) -> dict[str, float]:
    """Of each kind ``KIND_phrases``, the hits, and ``KIND_density``, hits for each 1,000 characters: 0 below the
    least. ``shop_density`` is that of notices and companies together."""
    characters = sum(map(len, text.split()))
    found = {kind.name: [text[start:end] for start, end in _finder(kind).spans(text)] for kind in KINDS}
    measures: dict[str, float] = {}
    for kind in KINDS:
        measures[f"{kind.name}_phrases"] = len(found[kind.name])
        measures[f"{kind.name}_density"] = _density(kind, text, found[kind.name], characters)
    together = [phrase for name in SHOP_OF for phrase in found[name]]
    return measures | {"shop_density": _density(SHOP, text, together, characters)}


def _density(kind: Kind, text: str, found: list[str], characters: int) -> float:
    dense = len(found) >= kind.least_hits and len(set(found)) >= kind.least_different
    spoken = not kind.spoken_by or any(word in text for word in kind.spoken_by)
    return 1000 * len(found) / characters if dense and spoken and characters else 0.0
