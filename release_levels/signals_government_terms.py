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

from tesuki.common.hosts import host_of

from .evidence import Evidence, observe
from .hosts import is_government
from .words import Words

REACH = 120
"""Characters read from the name of the terms on."""

APPLIED = re.compile(
    r"(?:公共データ利用規約|政府標準利用規約|PDL1\.0)(?:(?!策定|改定案|見直し|意見募集|。).){0,60}?"
    r"(?:準拠|に従|に沿|に基づ|に則|のもと|の下|が適用|を適用|により(?:提供|公開|利用)|で(?:提供|公開)|ライセンスで)"
)
_THIRD_PARTY = re.compile(
    r"(?:第三者|他者|著者|執筆者|各社|原著作者|撮影者|作者)(?:が|に|の)(?:(?!。).){0,15}?(?:著作権|権利)(?:(?!。).){0,12}?(?:帰属|有し|有する|属し|属する|あります|保有)"
    r"|(?:写真|画像|図版|イラスト|記事|資料)(?:提供|協力)[:／/]"
)


def signals_government_terms(url: str, words: Words) -> Iterator[Evidence]:
    """Evidence ``terms.open-government``, ``terms.third-party`` and ``terms.government-elsewhere``."""
    close = words.close
    official = is_government(host_of(url) or "")
    for start, end in close.stretches("terms", 0, REACH):
        if not official:
            yield observe(
                "terms.government-elsewhere", close.where(start), close.text[start : start + 20], "terms.wording"
            )
            continue
        # Within one block: what grants is read narrowly.
        applied = close.find(APPLIED, start, end, across=0)
        if applied:
            yield observe("terms.open-government", close.where(applied.start()), applied[0], "terms.wording")
    if official and close.signposts["terms"]:
        for family in ("rights-of", "credit"):
            for start, end in close.stretches(family, 30, 40):
                found = close.find(_THIRD_PARTY, start, end)
                if found:
                    yield observe("terms.third-party", "text", found[0], "terms.wording")
