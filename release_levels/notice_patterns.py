"""How Japanese sites forbid copying, reserve rights and refuse training: rows of (signal, script, pattern).

Patterns of form ``close`` are matched against text in NFKC without white space, those of ``running`` against lower-case
text with single spaces. All see only a short stretch around a signpost, and have bounded repeats, so that no page can
make them slow.
"""

# ruff: noqa: E501 - one row a line
from __future__ import annotations

import re
from dataclasses import dataclass

_COPYING = (
    "(?:転載|複製|複写|複載|コピー|引用|転記|再配布|二次利用|2次利用|二次使用|二次配布|改変|掲載|盗用|再掲|抜粋|模倣"
    "|アップロード|ダウンロード|お?持ち帰り|翻訳)"
)
_USING = "(?:使用|利用|転用|流用|加工|配布|販売|公開|送信|公衆送信|放送|貸与|保存|まとめ|リンク)"
_ACT = f"(?:{_COPYING}|{_USING})"
_AND = "(?:・|、|,|や|及び|および|又は|または|と|/|\\||並びに|ならびに|もしくは|若しくは|&|・無断|、無断|または無断|や無断|および無断|及び無断)"
_UNASKED = (
    "(?:無断(?:での|で|による|の|にて)?|無許可(?:での|で|の)?|無許諾(?:での|で|の)?"
    "|(?:許可|許諾|承諾|了解|了承|同意|許し|断り|ことわり|連絡)(?:も)?(?:なく|無く|なしに|無しに|なしでの|なしで|無しで|なしの|のない|の無い|なき|を得ず|を得ない|を得ることなく|を得ずに|もなく))"
)
_STRICTLY = (
    "(?:禁止(?!し(?:て(?:い|お))?(?:ません|ない)|する(?:方法|理由)|では(?:あり|ない)|とは|の(?:意味|文言|表示が))"
    "|禁じ(?:ます|られ|て(?:い|お)|る(?!方法))|禁ず|厳禁|お断り|おことわり|御断り|お断わり|ご遠慮|御遠慮|遠慮(?:ください|下さい|願)"
    "|認め(?:ません|られません|て(?:い|お)りません|ていません|られて(?:い|お)りません|られていません)"
    "|許可(?:し(?:ません|て(?:い|お)りません|ていません)|いたしません|致しません)|不可(?!能|欠)|NG(?!ワード))"
)
_FORBIDDEN = (
    f"(?:{_STRICTLY}|固く|堅く|やめて|止めて|おやめ|お止め|お控え|なさらないで|しないで|しないよう|(?:は|が|を)できません|出来ません"
    "|することはできません|することはできない|することを禁|いたしかねます|許され(?:ません|ない)|許しません|違法|法律で罰|法的(?:措置|手段)|法により)"
)
_TOPIC = (
    "(?:等|など|行為)?(?:の行為)?(?:を|は|も|については|につきましては|することを|することは)?"
    "(?:一切|固く|堅く|かたく|全面|絶対に?|すべて|全て)?"
)
_GAP = "(?:(?!自由|歓迎|可能です|構いません|かまいません|OK|大丈夫|。).)"

_IMAGES = "画像|写真|イラスト|動画|音源|音声|映像|作品画像|図版|壁紙|漫画|楽曲|素材"
_TEXTS = "文章|記事|文書|内容|テキスト|サイト|コンテンツ|ホームページ|HP|ページ|ブログ|本文|全て|すべて|一切|情報|データ|資料|小説|原稿|著作物"
IMAGES = re.compile(_IMAGES)
TEXTS = re.compile(_TEXTS)
"""A notice about pictures that does not name texts forbids nothing here."""

_AI = "(?:生成系?AI|AI|人工知能|LLM|大規模言語モデル)(?:等|など|モデル|サービス)?"
_LEARN = "(?:学習|読み込み|読込|トレーニング|訓練|データセット|取り込み|学習データ|学習用)"
_MACHINE = "(?:機械学習|深層学習|ディープラーニング)"


@dataclass(frozen=True, slots=True)
class Notice:
    """One way to put a notice: the ``signal`` it is; the ``form`` of a page's words in which it is looked for, ``close``
    or ``running``; the ``family`` of signposts of which each match has one, and how many characters of a match may
    stand ``before`` that; the ``pattern``.
    """

    signal: str
    form: str
    family: str
    before: int
    pattern: re.Pattern[str]


NOTICES: tuple[Notice, ...] = tuple(
    Notice(signal, form, family, before, re.compile(pattern))
    for signal, form, family, before, pattern in (
        ("notice.no-ai-training", "close", "ai", 4, f"{_AI}(?:の|への|による|に|用|を用いた|での|・|を含む)?(?:無断)?(?:機械|深層)?{_LEARN}{_GAP}{{0,40}}?{_STRICTLY}"),
        ("notice.no-ai-training", "close", "ai", 4, f"{_AI}{_GAP}{{0,25}}?(?:開発|学習|訓練)(?:を?目的|のため|に)?{_GAP}{{0,25}}?(?:利用|使用|複製|収集|提供|転用){_GAP}{{0,30}}?{_STRICTLY}"),
        ("notice.no-ai-training", "close", "ai", 8, f"禁{_AI}{_LEARN}"),
        ("notice.no-ai-training", "close", "ai", 0, f"{_MACHINE}(?:への|に|の|を目的|目的|のため|等|など|用){_GAP}{{0,20}}?(?:利用|使用|転用|提供|収集|読み込|入力|用い){_GAP}{{0,20}}?{_STRICTLY}"),
        ("notice.no-ai-training", "close", "ai", 0, f"{_MACHINE}(?:は|も|等は|を|の利用は)?(?:一切|固く)?{_STRICTLY}"),
        ("notice.no-ai-training", "running", "ai", 40, r"\b(?:no|not permit|unauthori[sz]ed) (?:generative )?ai (?:training|learning|scraping)\b"),
        ("notice.no-ai-training", "running", "ai", 230, r"\b(?:may not|must not|do not|don't|not be|not permitted|prohibit\w{0,3}|forbid\w{0,4})\b[^.]{0,60}\b(?:us(?:e|ed|ing)|scrap\w{1,3}|reproduc\w{1,4}|train\w{0,3}|feed)\b[^.]{0,80}\b(?:ai|artificial intelligence|machine learning|llms?|language models?)\b"),
        ("notice.no-ai-training", "running", "ai", 0, r"\b(?:ai|machine learning|artificial intelligence)[ -](?:training|learning|model training)\b[^.]{0,40}\b(?:prohibited|forbidden|not (?:allowed|permitted))\b"),
        ("notice.reproduction-prohibited", "close", "unasked", 0, f"{_UNASKED}(?:{_ACT}{_AND}){{0,4}}{_COPYING}(?:{_AND}{_ACT}){{0,8}}{_GAP}{{0,30}}?{_FORBIDDEN}"),
        ("notice.reproduction-prohibited", "close", "unasked", 0, f"{_UNASKED}{_GAP}{{0,40}}?(?:転載|複製|複写|再配布){_GAP}{{0,40}}?{_FORBIDDEN}"),
        ("notice.reproduction-prohibited", "close", "unasked", 40, f"(?:{_TEXTS}|{_IMAGES}){_GAP}{{0,25}}?{_UNASKED}{_GAP}{{0,10}}?{_USING}{_GAP}{{0,25}}?{_FORBIDDEN}"),
        ("notice.reproduction-prohibited", "close", "barred", 0, f"禁(?:・|:)?(?:無断)?{_AND}?(?:転載|複製|複写|盗用|引用|無断転)"),
        ("notice.reproduction-prohibited", "close", "handed-on", 1, f"(?<!無断)(?:転載|再配布)(?:{_AND}{_ACT}){{0,6}}{_TOPIC}{_STRICTLY}"),
        ("notice.reproduction-prohibited", "close", "copied", 40, f"(?:{_TEXTS}|{_IMAGES}){_GAP}{{0,15}}?(?:複製|複写|転用|流用|盗用)(?:{_AND}{_ACT}){{0,6}}{_TOPIC}{_STRICTLY}"),
        ("notice.reproduction-prohibited", "running", "copied", 0, r"\b(?:reproduc\w{1,5}|copying|copied|duplication|republi\w{1,8}|redistribut\w{1,3})\b[^.]{0,100}\b(?:(?:strictly )?prohibited|forbidden|not (?:permitted|allowed))\b"),
        ("notice.reproduction-prohibited", "running", "copied", 90, r"\b(?:no |not (?:be )?)(?:part[^.]{0,60})?(?:reproduc\w{1,5}|copied|duplicat\w{1,3}|republi\w{1,8}|redistribut\w{1,3})\b[^.]{0,120}\bwithout\b[^.]{0,60}\b(?:permission|consent|authori[sz]ation)\b"),
        ("notice.reproduction-prohibited", "running", "copied", 20, r"\bno (?:unauthori[sz]ed )?(?:reproduction|republication|duplication)\b"),
        ("notice.all-rights-reserved", "running", "rights", 10, r"\ball ?rights? ?(?:are )?(?:reserved?|rese?r?ve?r?e?d|reserverd|resered)\b"),
        ("notice.all-rights-reserved", "close", "owned", 0, "全著作権所有|不許複製"),
    )
)  # fmt: skip
"""Tried in order; on each part of a page the first match of a signal counts."""
