"""Characters as they were meant: presentation forms undone, and what has no meaning counted."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from tesuki.filters.pages import MEANINGLESS

RADICALS: Final = str.maketrans(
    "⺅⺉⺊⺍⺎⺐⺒⺓⺙⺛⺝⺟⺠⺡⺢⺣⺦⺨⺩⺪⺫⺬⺭⺮⺰⺲⺴⺵⺶⺸⺹⺻⺼⺽⺾⺿⻀⻁⻂⻃⻄⻅⻆⻇⻈⻉⻊⻋⻌⻍⻎⻏⻐⻑⻒⻓⻔⻕⻖⻗⻘⻙⻚⻛⻜⻝⻞⻟⻠⻡⻢⻣⻤⻥⻦⻧⻨⻩⻪⻫⻬⻭⻮⻯⻰⻱⻲⻳",
    "亻刂卜小兀尣巳幺攵旡月母民氵氺灬丬犭王疋目示礻竹糸罒网罓羊羊耂聿月臼艹艹艹虎衤覀西见角角讠贝足车辶辶辶阝钅長镸长门阜阝雨青韦页风飞食飠食饣首马骨鬼鱼鸟卤麦黄黾斉齐歯齿竜龙龜亀龟",
)
"""CJK Radicals Supplement to the ideograph each stands for (Unicode, EquivalentUnifiedIdeograph.txt, 15.1): PDF
producers map glyphs of 長 or 民 to the radical of the same shape."""

_FORMS = re.compile("[\u2f00-\u2fd5\uf900-\ufaff\uff61-\uff9f\ufb00-\ufb06\u00a0]+")


def repaired(text: str) -> tuple[str, int]:
    """``text`` with radicals, half-width kana, ligatures and compatibility ideographs as the characters they stand for,
    and how many characters that changed. Idempotent.
    """
    changed = 0

    def normal(found: re.Match[str]) -> str:
        nonlocal changed
        form = unicodedata.normalize("NFKC", found[0])
        changed += sum(one != other for one, other in zip(found[0], form, strict=False)) or len(found[0])
        return form

    text = _FORMS.sub(normal, text)
    plain = text.translate(RADICALS)
    changed += sum(one != other for one, other in zip(text, plain, strict=True))
    return unicodedata.normalize("NFC", plain), changed


def garbled_share(text: str) -> float:
    """The share of characters without a meaning: private use, U+FFFD, controls. A font without a Unicode map gives
    them.
    """
    return garbled_count(text) / len(text) if text else 0.0


def garbled_count(text: str) -> int:
    """How many characters have no meaning."""
    return len(MEANINGLESS.findall(text))
