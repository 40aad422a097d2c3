"""Terms of use of Japanese government sites: free use with attribution, stated in a standard form.

公共データ利用規約（第1.0版）(PDL1.0, Digital Agency, 2024-07-05) and its forerunner
政府標準利用規約（第2.0版）(2015) let anyone copy, transmit and adapt, commercially too, with the source
named and edits marked; they say themselves that they are compatible with CC BY 4.0 and that content of
third parties is excluded. The words count only on hosts of the state and of local governments, and only in
a sentence that applies the terms: news about them grants nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from unicodedata import normalize

from .evidence import Evidence, observe
from .hosts import host_of, is_government
from .markup import Markup
from .surroundings import footer_start, inside, visible

PLACES_LIMIT = 20
_NAMES = re.compile(r"公共データ利用規約|政府標準利用規約|public_data_license_v1|PDL\s?1\.0")
_APPLIED = re.compile(
    r"(?:公共データ利用規約|政府標準利用規約|PDL)(?:(?!策定|改定案|見直し|意見募集|。).){0,60}?"
    r"(?:準拠|に従|に沿|に基づ|に則|のもと|の下|が適用|を適用|により(?:提供|公開|利用)|で(?:提供|公開)|ライセンスで)"
)
_THIRD_PARTY = re.compile(
    r"(?:第三者|他者|著者|執筆者|各社|原著作者|撮影者|作者)(?:が|に|の)(?:(?!。).){0,15}?(?:著作権|権利)(?:(?!。).){0,12}?(?:帰属|有し|有する|属し|属する|あります|保有)"
    r"|(?:写真|画像|図版|イラスト|記事|資料)(?:提供|協力)[:／/]"
)


def signals_government_terms(url: str, markup: Markup) -> Iterator[Evidence]:
    """Evidence ``terms.open-government``, ``terms.third-party`` and ``terms.government-elsewhere``."""
    html = markup.html
    official = is_government(host_of(url))
    footer = -1
    for count, name in enumerate(_NAMES.finditer(html)):
        if count == PLACES_LIMIT:
            break
        position = name.start()
        if inside(markup.comments, position) or inside(markup.unseen, position):
            continue
        footer = footer_start(html) if footer < 0 else footer
        where = "footer" if position >= footer else "text"
        if not official:
            yield observe("terms.government-elsewhere", where, name[0], "terms.wording")
            continue
        words = "".join(normalize("NFKC", visible(html[position : position + 300])).split())
        applied = _APPLIED.match(words)
        if applied:
            yield observe("terms.open-government", where, applied[0], "terms.wording")
    if footer >= 0 and official:
        yield from _third_party(html)


def _third_party(html: str) -> Iterator[Evidence]:
    for sign in ("第三者", "著作権", "提供", "協力"):
        position = html.find(sign)
        for _ in range(PLACES_LIMIT):
            if position < 0:
                break
            around = html[max(0, position - 60) : position + 120]
            found = _THIRD_PARTY.search("".join(normalize("NFKC", visible(around)).split()))
            if found:
                yield observe("terms.third-party", "text", found[0], "terms.wording")
                return
            position = html.find(sign, position + len(sign))
