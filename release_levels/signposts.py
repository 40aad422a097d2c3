"""Signposts: words at least one of which stands wherever a page states terms.

All of them are found in one pass, so that patterns look only at the few stretches where something may be said, and a
page that states nothing costs one pass. Which signposts a pattern has stands beside it (`notice_patterns`,
`paywall_patterns`); that none is narrower than its pattern is tested with what the pattern itself can match.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from itertools import product
from typing import Literal

import ahocorasick_rs

Families = Mapping[str, tuple[str, ...]]

MARKUP: Families = {
    "licence-address": (
        "creativecommons.org/", "CreativeCommons.org/", "Creativecommons.org/", "CREATIVECOMMONS.ORG/",
    ),
    "licence-wording": (
        "CC BY", "CC-BY", "cc by", "cc-by", "CC by", "CC0", "CC 0", "CC ZERO", "クリエイティブ・コモンズ",
        "クリエイティブコモンズ", "クリエイティブ・ コモンズ", "クリエーティブ・コモンズ", "クリエーティブコモンズ",
    ),
    "licence-declared": (
        'rel="license', 'rel="licence', 'rel="nofollow license', 'rel="noopener license',
        'itemprop="license', 'property="cc:license', 'property="dct:license',
    ),
    "footer": (
        "<footer>", "<footer ", 'id="foot"', 'id="footer', 'id="Footer', 'id="global-foot',
        'id="globalFoot', 'id="site-foot', 'id="page-foot', 'class="foot"', 'class="footer', 'class="site-foot',
        'class="l-foot', 'class="global-foot', 'class="page-foot', 'id="copyright', 'class="copyright',
        'id="Copyright', 'class="copy"',
    ),
}  # fmt: skip
"""Family → words that are signposts in the markup of a page, in the form of its tree."""

_ASKED = ("許可", "許諾", "承諾", "了解", "了承", "同意", "許し", "断り", "ことわり", "連絡")
_NOT = (
    "なく", "無く", "なしに", "無しに", "なしで", "無しで", "なしの", "のない", "の無い", "なき", "を得ず", "を得ない",
    "を得ることなく", "もなく",
)  # fmt: skip

CLOSE: Families = {
    "ai": ("AI", "人工知能", "LLM", "大規模言語モデル", "機械学習", "深層学習", "ディープラーニング"),
    "unasked": ("無断", "無許可", "無許諾", *map("".join, product(_ASKED, ("", "も"), _NOT))),
    "barred": ("禁",),
    "handed-on": ("転載", "再配布"),
    "copied": ("複製", "複写", "転用", "流用", "盗用"),
    "owned": ("全著作権所有", "不許複製"),
    "verdict": (
        "禁", "お断", "御断", "おことわり", "遠慮", "不可", "NG", "認め", "許可し", "許可いた", "許可致", "許さ",
        "許し", "固く", "堅く", "やめ", "止め", "控え", "ないで", "しないよう", "ません", "できない", "かね", "違法",
        "法律", "法的", "法に",
    ),
    "members": ("有料", "会員", "購読者", "読者", "サブスク"),
    "rest": ("残り",),
    "continued": ("続き", "全文"),
    "from-here": ("ここから先", "この先", "以降"),
    "login": ("ログイン", "会員登録"),
    "terms": ("公共データ利用規約", "政府標準利用規約", "PDL1.0"),
    "permissive": ("Apache", "MIT", "BSD"),
    "copyleft": ("FDL", "GPL", "FreeDoc", "GeneralPublic", "フリー文書", "自由文書", "一般公"),
    "rights-of": ("著作権", "権利"),
    "credit": ("提供", "協力"),
    "freely": ("自由",),
}  # fmt: skip
"""Family → words that are signposts in the words of a page in NFKC without white space."""

_BETWEEN = ("", " ", "-", "--", "- ", " -", "  ")

RUNNING: Families = {
    "licence-wording": (*map("".join, product(("cc",), _BETWEEN, ("by", "0", "zero"))), "コモンズ"),
    "ai": ("ai", "artificial intelligence", "machine learning", "llm", "language model"),
    "copied": ("reproduc", "copying", "copied", "duplicat", "republi", "redistribut"),
    "rights": ("right",),
    "licence": ("licen",),
    "copyleft": ("licen", "fdl", "gpl"),
}
"""Family → words that are signposts in the words of a page in NFKC and lower case."""

PLACES_LIMIT = 256
"""Places of one family that are kept in a page's markup, half of them its first and half its last: a gallery of a
thousand photographs need not be read to its end, but its footer must be.
"""

Kind = Literal["markup", "close", "running"]
_FAMILIES: Mapping[Kind, Families] = {"markup": MARKUP, "close": CLOSE, "running": RUNNING}
_WHOLE_WORDS = frozenset({"ai"})


@cache
def _automaton(kind: Kind) -> tuple[ahocorasick_rs.AhoCorasick, tuple[tuple[str, str], ...]]:
    words = tuple((family, word) for family, listed in _FAMILIES[kind].items() for word in listed)
    automaton = ahocorasick_rs.AhoCorasick(
        [word for _, word in words], implementation=ahocorasick_rs.Implementation.DFA
    )
    return automaton, words


def find_signposts(kind: Kind, text: str) -> dict[str, tuple[int, ...]]:
    """Family → where its words begin in ``text``, ascending. ``text`` holds no lone surrogates."""
    automaton, words = _automaton(kind)
    places: dict[str, set[int]] = {family: set() for family in _FAMILIES[kind]}
    for number, start, end in automaton.find_matches_as_indexes(text, overlapping=True):
        family, word = words[number]
        if word in _WHOLE_WORDS and (text[start - 1 : start].isalnum() or text[end : end + 1].isalnum()):
            continue
        places[family].add(start)
    return {family: tuple(sorted(found)) for family, found in places.items()}


def both_ends(places: tuple[int, ...]) -> tuple[int, ...]:
    """``places``, or the first and the last of them where there are more than `PLACES_LIMIT`."""
    half = PLACES_LIMIT // 2
    return places if len(places) <= PLACES_LIMIT else places[:half] + places[-half:]
