"""How pages let everyone copy them in words of their own, or by a licence of free software that a footer names: a table.

Read narrowly, since what matches can grant L1: the sentence must name the page or its text itself, and its block must
speak of nothing else that could be meant (a program, a picture) and of no condition.
"""

# ruff: noqa: E501 - one row a line
from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Grant:
    """One way to permit: the ``signal`` it is; the ``form`` of a page's words in which it is looked for, ``close`` or
    ``running``; the ``family`` of signposts of which each match has one, and how many characters of a match may stand
    ``before`` that; the ``pattern``; ``unless``, words that must not stand in the block.
    """

    signal: str
    form: str
    family: str
    before: int
    pattern: re.Pattern[str]
    unless: re.Pattern[str]


_THIS = "(?:本|この|当)(?:文書|文章|ドキュメント|マニュアル|ページ|ホームページ|サイト|ウェブサイト|資料|コンテンツ|ガイド|解説書|記事|翻訳|手引き?|書|小説|作品|電子テキスト|テキスト)"
_HANDED = "(?:転載|再?配布|再?配付|頒布|複製|コピー|印刷|利用|使用)"
_OTHERS = re.compile(
    "ソフト|プログラム|スクリプト|ソースコード|画像|写真|素材|イラスト|フォント|テンプレ|ただし|但し|限り|限って|営利|商用|改変|以外|除[いきく]|必ず|条件|明記|許可|連絡|禁"
)
_PERMISSIVE = r"(?:the )?(?:apache(?: software)? licen[sc]e|mit(?:/x11)? licen[sc]e|(?:new |modified |simplified |revised |[23][- ]clause )?bsd(?: [23][- ]clause)? licen[sc]e|isc licen[sc]e)"
_COPYLEFT = r"(?:the )?(?:terms of (?:the |either )?)?(?:gnu )?(?:free documentation licen[sc]e|general public licen[sc]e|gfdl\b|fdl\b|gpl(?:v[23])?\b)"
_DOCUMENT = r"\b(?:this|the) (?:document|documentation|manual|page|web ?site|site|content|guide|book|article|text)s?\b"
_CODE = re.compile(
    r"\bsoftware\b(?! foundation| licen)|\bcode\b|\bsamples?\b|librar(?:y|ies)|\bscripts?\b|\bprojects?\b|\bpackages?\b|plugin|theme|template|powered|built (?:with|by)|generated|\bfonts?\b|\bicons?\b|images?\b|photo|widget|\bunless\b|\bexcept\b|creative commons"
)
_PARTS = re.compile(
    _CODE.pattern.replace(r"\bsoftware\b(?! foundation| licen)", r"\bsoftware\b(?! foundation)")
    + r"|invariant sections being|cover texts? being|program"
)
_OTHERS_OF_COPYLEFT = re.compile(_OTHERS.pattern.replace("|改変", "").replace("|許可", "").replace("|条件", ""))
"""Such a licence speaks of changes, of leave and of its conditions itself."""

GRANTS: tuple[Grant, ...] = tuple(
    Grant(signal, form, family, before, re.compile(pattern), unless)
    for signal, form, family, before, pattern, unless in (
        ("licence.permissive", "running", "licence", 180, rf"{_DOCUMENT}[^.]{{0,60}}\b(?:licen[sc]ed|available|distributed|released|provided|published)\b[^.]{{0,30}}\bunder {_PERMISSIVE}", _CODE),
        ("licence.permissive", "running", "licence", 180, rf"(?:\bcopyright\b|©|\(c\)).{{0,120}}?\blicen[sc]ed under {_PERMISSIVE}", _CODE),
        ("licence.permissive", "close", "permissive", 60, f"{_THIS}(?:は|の内容は|については)(?:(?!。).){{0,20}}?(?:Apache|MIT|BSD)(?:License|ライセンス)(?:(?!。).){{0,20}}?(?:の下|のもと|で(?:公開|提供|配布|利用)|に基づ|に従|が適用|です)", _OTHERS),
        ("licence.copyleft", "running", "copyleft", 220, rf"{_DOCUMENT}[^.]{{0,60}}\b(?:licen[sc]ed|available|distributed|released|provided|published|redistributed?|modify it)\b[^.]{{0,60}}\bunder {_COPYLEFT}", _PARTS),
        ("licence.copyleft", "running", "licence", 220, r"\bpermission is granted to copy, distribute and/or modify this document under the terms of the gnu free documentation licen[sc]e", _PARTS),
        ("licence.copyleft", "close", "copyleft", 60, f"{_THIS}(?:は|の内容は|については)(?:(?!。).){{0,25}}?(?:GNU)?(?:GFDL|FDL|GPL|FreeDocumentationLicense|GeneralPublicLicense|フリー文書|自由文書|一般公衆|一般公有)(?:v[23])?(?:(?!。).){{0,25}}?(?:の下|のもと|で(?:公開|提供|配布|利用)|に基づ|に従|が適用|です)", _OTHERS_OF_COPYLEFT),
        ("licence.in-words", "close", "freely", 45, f"{_THIS}(?:は|を|の内容は|の内容を|については)(?:(?!。).){{0,15}}?自由に(?:{_HANDED}(?:・|、|や|または|及び|および)){{0,4}}{_HANDED}(?:して|し|を?していただいて|されて|できます|いただけます|可能です)(?:も)?(?:ください|下さい|構いません|かまいません|よい|結構です|差し支えありません)?", _OTHERS),
    )
)  # fmt: skip
"""Tried in order; each match in a block of its own counts."""
