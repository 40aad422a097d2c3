"""How Japanese pages say that the rest is for members: rows of (signal, pattern)."""

# ruff: noqa: E501 - one row a line
from __future__ import annotations

import re

MARKERS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (signal, re.compile(pattern))
    for signal, pattern in (
        ("paywall.teaser", r"(?:この|本)(?:記事|ページ|コンテンツ|続き)は[^。]{0,12}?(?:有料|会員|購読者|読者|サブスク)[^。]{0,12}?(?:限定|専用|向け|のみ)"),
        ("paywall.teaser", r"残り[:：]?[\d,]{1,7}(?:文字|字)(?!入力|まで|以内|です|以上)"),
        ("paywall.teaser", r"続きを?(?:お)?(?:読む|読み|ご覧|閲覧|見る)[^。]{0,12}?(?:には|になるには|いただくには)[^。]{0,15}?(?:会員|ログイン|登録|購読|購入|契約)"),
        ("paywall.teaser", r"(?:会員登録|購読|有料会員|ログイン|登録)[^。]{0,12}?(?:すると|していただくと|になると|して|いただくと)[^。]{0,8}?(?:続き|全文)"),
        ("paywall.teaser", r"(?:ここから先|この先|これ以降|以降)は(?:[\d,]{1,7}字|[^。]{0,10}?(?:有料|会員))"),
        ("paywall.login", r"(?:閲覧|表示|ご覧|利用)[^。]{0,12}?には[^。]{0,12}?(?:ログイン|会員登録)が?(?:必要|してください)"),
        ("paywall.login", r"(?:この|本|当該)(?:ページ|コンテンツ|記事)[^。]{0,15}?(?:ログインが必要|ログインしてください|ログインする必要)"),
    )
)  # fmt: skip
"""Rows of (signal, pattern), matched against text in NFKC without white space."""
