"""How Japanese pages say that the rest is for members: a table of patterns."""

# ruff: noqa: E501 - one row a line
from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Marker:
    """One way to say it: the ``signal`` it is; the ``family`` of signposts of which each match has one, how many
    characters of a match may stand ``before`` and ``after`` the signpost's beginning; the ``pattern``.
    """

    signal: str
    family: str
    before: int
    after: int
    pattern: re.Pattern[str]


MARKERS: tuple[Marker, ...] = tuple(
    Marker(signal, family, before, after, re.compile(pattern))
    for signal, family, before, after, pattern in (
        ("paywall.teaser", "members", 24, 40, r"(?:この|本)(?:記事|ページ|コンテンツ|続き)は[^。]{0,12}?(?:有料|会員|購読者|読者|サブスク)[^。]{0,12}?(?:限定|専用|向け|のみ)"),
        ("paywall.teaser", "rest", 0, 20, r"残り[:：]?[\d,]{1,7}(?:文字|字)(?!入力|まで|以内|です|以上)"),
        ("paywall.teaser", "continued", 0, 60, r"続きを?(?:お)?(?:読む|読み|ご覧|閲覧|見る)[^。]{0,12}?(?:には|になるには|いただくには)[^。]{0,15}?(?:会員|ログイン|登録|購読|購入|契約)"),
        ("paywall.teaser", "continued", 50, 10, r"(?:会員登録|購読|有料会員|ログイン|登録)[^。]{0,12}?(?:すると|していただくと|になると|して|いただくと)[^。]{0,8}?(?:続き|全文)"),
        ("paywall.teaser", "from-here", 0, 30, r"(?:ここから先|この先|これ以降|以降)は(?:[\d,]{1,7}字|[^。]{0,10}?(?:有料|会員))"),
        ("paywall.login", "login", 40, 20, r"(?:閲覧|表示|ご覧|利用)[^。]{0,12}?には[^。]{0,12}?(?:ログイン|会員登録)が?(?:必要|してください)"),
        ("paywall.login", "login", 30, 20, r"(?:この|本|当該)(?:ページ|コンテンツ|記事)[^。]{0,15}?(?:ログインが必要|ログインしてください|ログインする必要)"),
    )
)  # fmt: skip
"""Matched against text in NFKC without white space."""
