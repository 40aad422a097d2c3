"""Signposts: words at least one of which stands wherever a page states terms.

All of them are found in one pass over the page, so that the readers of signals look only at the few stretches where
something may be said, and a page that states nothing costs one pass.
"""

from __future__ import annotations

from functools import cache

import ahocorasick_rs

Family = str

WORDS: dict[Family, tuple[str, ...]] = {
    "notice": (
        "転載", "無断", "複製", "複写", "再配布", "禁転", "転用",
        "許可なく", "許可無く", "許諾なく", "許諾を得", "承諾なく",
        "許可を得", "無 断", "転 載", "複 製", "無　断", "転　載", "ｅｓｅｒｖｅｄ", "ＥＳＥＲＶＥＤ",
        "eserved", "ESERVED", "ights Res", "ights res", "ight Res", "ight res", "全著作権所有", "eproduc", "EPRODUC",
        "uthorized", "UTHORIZED", "uthorised", "edistribut",
        "epublish", "epublication", "opying", "uplication", "ithout permission", "ithout prior",
        "AI学習", "AIの学習", "AIへの学習", "AIによる学習", "AI無断学習", "AI等", "生成AI", "ＡＩ", "人工知能",
        "機械学習", "LLMの学習", "LLM学習",
        "AI training", "AI Training", "AI TRAINING", "AI learning", "AI Learning", "AI LEARNING", "achine learning",
        "ai training", "ai learning", "AI scraping", "rtificial intelligence", "anguage model", "rain AI", "rain LLM",
        "achine Learning",
    ),
    "paywall": (
        "会員限定", "有料会員", "有料記事", "有料プラン", "続きを", "残り", "ここから先は", "この先は",
        "ログインが必要", "ログインして", "ログインする必要", "購読", "会員登録",
    ),
    "licence-address": (
        "creativecommons.org/", "CreativeCommons.org/", "Creativecommons.org/", "CREATIVECOMMONS.ORG/",
    ),
    "licence-wording": (
        "CC BY", "CC-BY", "cc by", "cc-by", "CC by", "CC0", "CC 0", "CC ZERO", "クリエイティブ・コモンズ",
        "クリエイティブコモンズ", "クリエイティブ・ コモンズ", "クリエーティブ・コモンズ", "クリエーティブコモンズ",
    ),
    "licence-declared": (
        'rel="license', "rel='license", "rel=license", 'rel="licence', 'rel="nofollow license',
        'rel="noopener license',
        'itemprop="license', 'property="cc:license', 'property="dct:license',
    ),
    "terms": ("公共データ利用規約", "政府標準利用規約", "PDL1.0", "PDL 1.0"),
    "third-party": ("第三者", "他者", "著作権", "写真提供", "画像提供", "資料提供", "イラスト提供"),
    "reference": ("&#",),
    "footer": (
        "<footer", "<FOOTER", 'id="foot"', 'id="footer', "id='footer", "id=footer", 'id="Footer', 'id="global-foot',
        'id="globalFoot', 'id="site-foot', 'id="page-foot', 'class="foot"', 'class="footer', 'class="site-foot',
        'class="l-foot', 'class="global-foot', 'class="page-foot', 'id="copyright', 'class="copyright',
        'id="Copyright', 'class="copy"',
    ),
}  # fmt: skip
"""Family of signposts → the words that are one."""

PLACES_LIMIT = 64
"""Places of one family that are kept on one page, half of them its first and half its last: a gallery of a thousand
photographs need not be read to its end, but its footer must be.
"""


@cache
def _automaton() -> tuple[ahocorasick_rs.AhoCorasick, tuple[Family, ...]]:
    pairs = [(word, family) for family, words in WORDS.items() for word in words]
    automaton = ahocorasick_rs.AhoCorasick(
        [word for word, _ in pairs], implementation=ahocorasick_rs.Implementation.DFA
    )
    return automaton, tuple(family for _, family in pairs)


def find_signposts(html: str) -> dict[Family, tuple[int, ...]]:
    """Family → where its words begin in ``html``, ascending, at most `PLACES_LIMIT` of each.

    Raises UnicodeEncodeError where ``html`` holds lone surrogates.
    """
    automaton, families = _automaton()
    places: dict[Family, set[int]] = {family: set() for family in WORDS}
    for word, start, _ in automaton.find_matches_as_indexes(html, overlapping=True):
        places[families[word]].add(start)
    return {family: _ends(sorted(found)) for family, found in places.items()}


def _ends(places: list[int]) -> tuple[int, ...]:
    half = PLACES_LIMIT // 2
    return tuple(places if len(places) <= PLACES_LIMIT else places[:half] + places[-half:])
