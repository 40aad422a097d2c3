"""What leads from a page to others: lists of articles under a heading that says so, inside of the chosen element."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from tesuki.pipelines.extraction.names import Reason
from tesuki.pipelines.extraction.reading import Block, Reading

HEADING = 40
"""Longest heading looked at, in characters."""

SHARE = 0.3
"""An element under such a heading that holds more of the page's prose is part of it, whatever its heading says."""

LINKED = 0.5
SHORT = 60
"""What stands under such a heading in the midst of a text goes with it as long as it is mostly links, or so short and
without a full stop: a card that names another article, not the next sentence."""

_STOPS: Final = re.compile("[。．！？!?]|[.;:] ")

_SAYS_SO: Final = re.compile(
    r"[\W_]*+(?:"
    r"関連(?:する)?(?:記事|リンク|ニュース|ページ|商品|キーワード|コンテンツ|エントリー?|投稿|タグ|トピックス?)(?:一覧|はこちら)?"
    r"|(?:あなたへの)?(?:おすすめ|オススメ|お勧め)の?(?:関連)?(?:記事|商品|コンテンツ|エントリー?)"
    r"|(?:あわせて|合わせて|併せて|こちらも|次に)(?:読みたい|読まれている|どうぞ|お読みください)(?:記事)?"
    r"|人気の?(?:記事|ランキング|エントリー?)|(?:最新|最近|新着|過去)の?(?:記事|投稿|エントリー?|コメント|トラックバック)(?:一覧)?"
    r"|この記事を(?:書いた人|シェア(?:する)?|共有(?:する)?)|この(?:著者|筆者|ライター|カテゴリー?)の(?:他の|最新)?記事(?:一覧)?"
    r"|アクセスランキング|スポンサー(?:ド)?リンク|(?:記事を)?シェアする"
    r"|related (?:articles?|stories|story|posts?|links?|topics?|content|news|coverage|reading|videos?)"
    r"|you (?:may|might) (?:also )?(?:like|enjoy|be interested in)"
    r"|recommended (?:for you|stories|articles|reading|posts)"
    r"|more (?:stories|news|articles|from [^.]{1,30}|on this (?:story|topic)|like this|news from [^.]{1,30})"
    r"|(?:most|more) (?:popular|read|viewed|shared|recent)(?: \w{1,12})?|trending(?: now| stories)?"
    r"|(?:top|latest|recent|popular) (?:stories|posts|articles|headlines|comments)|what to read next|read next"
    r"|don.t miss|(?:around|from) the web|explore further|join the (?:conversation|discussion)|about the author"
    r"|share this(?: \w{1,12})?|promoted (?:stories|content)|sponsored (?:stories|content|links)"
    r")[\W_]*+",
    re.IGNORECASE,
)

_BUTTON: Final = re.compile(
    r"(?:[\W_]*+(?:share (?:this|it|on|via|by|to|with)(?: (?:this|on|via|by|to|article|page|story|e-?mail|x|link))*+"
    r"(?: (?:facebook|twitter|whatsapp|linkedin|pinterest|reddit))?|tweet(?: this)?|pin it|facebook|twitter|whatsapp"
    r"|linkedin|pinterest|reddit|tumblr|advertise?ments?|scroll to continue|continue reading below"
    r"|(?:story|article) continues below(?: advertisement)?|report error|back to top|skip to content|click to enlarge"
    r"|シェア(?:する)?|ツイート(?:する)?|はてブ|はてなブックマーク|LINEで送る|スポンサーリンク|読み込み中|本文へ(?:移動|スキップ)"
    r"|ページの?(?:先頭|トップ|上部)[へに](?:戻る|移動)?|(?:トップ|先頭)[へに]戻る|メニューを(?:開く|閉じる)))++[\W_]*+",
    re.IGNORECASE,
)
"""What stands on a button, whatever element it is made of."""


def is_button(block: Block) -> bool:
    """Whether a line, short as it is, says no more than what a touch of it would do."""
    return block.kind == "line" and len(block.text) <= HEADING and bool(_BUTTON.fullmatch(block.text))


def leading_on(
    page: Reading, body: int, prose: Sequence[float], chosen: Sequence[Reason | None]
) -> Iterator[tuple[int, int]]:
    """The runs of blocks, as (first, behind the last), that lead on from the text in the place ``body``.

    ``prose`` is what each block weighs as prose. Where the heading begins an element of its own, that element goes;
    elsewhere what follows, up to the first block that is no mention of another page.
    """
    total = sum(weight for weight, reason in zip(prose, chosen, strict=True) if not reason)
    for index, block in enumerate(page.blocks):
        text = block.text
        if (
            chosen[index]
            or len(text) > HEADING
            or block.kind not in ("heading", "line")
            or not _SAYS_SO.fullmatch(text)
        ):
            continue
        end = _end_of_element(page, body, index)
        if end <= index + 1 or sum(prose[index:end]) > SHARE * total:
            end = _end_of_mentions(page, index)
        if end > index + 1:
            yield index, end


def _end_of_element(page: Reading, body: int, first: int) -> int:
    """Behind the last block of the largest element that begins with block ``first``."""
    place = page.blocks[first].place
    before = page.blocks[first - 1].place if first else 0
    outer = place
    while page.places[outer].up > body and not _within(page, before, page.places[outer].up):
        outer = page.places[outer].up
    end = first + 1
    while end < len(page.blocks) and _within(page, page.blocks[end].place, outer):
        end += 1
    return end


def _end_of_mentions(page: Reading, heading: int) -> int:
    end = heading + 1
    while end < len(page.blocks):
        block = page.blocks[end]
        mention = block.links > LINKED * len(block.text)
        if not mention and (block.kind != "line" or len(block.text) > SHORT or _STOPS.search(block.text)):
            break
        end += 1
    return end


def _within(page: Reading, place: int, outer: int) -> bool:
    while place > outer:
        place = page.places[place].up
    return place == outer
