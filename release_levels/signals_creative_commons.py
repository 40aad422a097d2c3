"""Creative Commons licences and public domain marks, and whether they are the page's or only of something on it.

A link to a licence says little by itself: on most pages it covers a photograph, an icon set, a theme or a quoted
encyclopedia. So each mention is read with the words of its own block. Evidence of the page is ``licence.<name>``, of
a part ``part-licence.<name>``; a licence of another family is ``licence.other``. The order of trust (metadata, JSON-LD,
elements that declare a licence, footer, running text) follows CommonCrawl-CreativeCommons; what each place is worth is
the policy's to say.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence

from .evidence import Evidence, observe
from .json_ld import json_ld_licences
from .licence_names import ADDRESS, WORDING, name_from_address, name_from_wording
from .markup import Markup, in_tag, read_attributes
from .signposts import both_ends
from .surroundings import beside, in_part, visible
from .words import Form

_PART = re.compile(
    r"photo|image|picture|icon|illust|font|theme|template|design(?:ed)? by|widget|plugin|music|video|thumbnail"
    r"|slides?\b|software|source code|\bcode\b|librar(?:y|ies)\b|\bpackage"
    r"|ソフトウェア|プログラム|ソースコード|ライブラリ|パッケージ|スライド"
    r"|logo|map data|openstreetmap|wikimedia|wikipedia|flickr|unsplash"
    r"|写真|画像|図版|図は|イラスト|アイコン|フォント|テーマ|テンプレート|デザイン|素材"
    r"|動画|音楽|音源|BGM|地図|撮影|ロゴ|ウィキペディア|出典|引用元",
    re.IGNORECASE,
)
_MEDIA = re.compile(
    r"//(?:[a-z-]{1,20}\.)?(?:flickr|wikimedia|wikipedia|unsplash|pixabay|pexels|photo-ac|pakutaso|irasutoya)\."
    r"(?:com|org|jp)",
    re.IGNORECASE,
)
_WHOLE = re.compile(
    r"(?:this|the)\s(?:work|site|website|page|article|blog|document|documentation|post|content|text|book|wiki)s?\b"
    r"|content\s(?:on|of)\s(?:this|the)\s|(?:unless|except)\s[a-z ]{0,20}otherwise"
    r"|all\s(?:content|text|articles|posts)|site content|text\s[a-z ]{0,20}available under"
    r"|(?:本|当|この|弊)(?:サイト|ウェブサイト|ホームページ|ページ|ブログ|記事|文書|ドキュメント|資料|書|作品"
    r"|コンテンツ|Wiki|ウィキ|翻訳|文章)"
    r"|この\s?作品|(?:コンテンツ|文章|テキスト|記事|本文|ドキュメント|文書)[はの]|特に(?:断り|記載|明記)|別途(?:断り|記載)",
    re.IGNORECASE,
)
# Not `widget`: weblogs call every box of their sidebars so, the one with their own licence included.
_EMBED = re.compile(r'\s(?:class|id)="[^"]{0,80}?(?:embed|gist|player|badge)', re.IGNORECASE)
_RDF = re.compile(r"<(?:cc:)?license\s[^>]{0,40}?resource\s*=", re.IGNORECASE)
_TARGETS = ("href", "resource", "content", "src")
_IS_ADDRESS = re.compile(r"\s*(?:https?:)?(?://)?(?:[a-z]{1,12}\.)?creativecommons\.org/", re.IGNORECASE)
_CODE = re.compile(r"[=(\[][\"'“”]?(?:https?:)?(?://)?(?:[a-z]{1,12}\.)?$", re.IGNORECASE)
_CODE_REACH = 30
_BLOCK_REACH = 400
_DECLARES = re.compile(r"(?:^|\s|:)licen[sc]e(?:$|\s)", re.IGNORECASE)
_TAG_REACH = 2000
_RDF_REACH = 200
_LINK_HEADER = re.compile(r"<([^<>]{1,400})>[^<>]{0,200}?;\s{0,3}rel\s{0,3}=\s{0,3}\"?licen[sc]e", re.IGNORECASE)
_RIGHTS_METAS = frozenset(
    {
        "copyright", "rights", "license", "licence", "dc.rights", "dc.rights.license", "dcterms.rights",
        "dcterms.license", "dc.license", "cc:license", "dct:license", "article:license", "og:license",
    }
)  # fmt: skip


def signals_creative_commons(headers: Sequence[tuple[str, str]], markup: Markup) -> Iterator[Evidence]:
    """Evidence of licences in ``Link`` headers, metas, JSON-LD, RDF comments, link elements, links and words."""
    for name, value in headers:
        if name.lower() == "link":
            for target in _LINK_HEADER.findall(value[:_TAG_REACH]):
                yield _of_page(target, "header")
    for name, content in markup.metas:
        if name in _RIGHTS_METAS:
            yield from _in_words(content, "meta")
    for attributes in markup.links:
        if _DECLARES.search(attributes.get("rel", "")) and attributes.get("href"):
            yield _of_page(attributes["href"], "link")
    for value, of_page in json_ld_licences(markup.json_ld):
        if of_page:
            yield _of_page(value, "json-ld")
        else:
            yield observe(f"part-{_signal(value)}", "json-ld", value, "licence.json-ld")
    for comment in markup.comments:
        yield from _rdf(comment)
    for place in both_ends(markup.signposts["licence-address"]):
        yield from _address(markup, place)
    worded = [each for place in both_ends(markup.signposts["licence-wording"]) for each in _wording(markup, place)]
    yield from worded
    yield from _set_apart(markup.words.running, {each.signal.partition(".")[2] for each in worded})
    for place in both_ends(markup.signposts["licence-declared"]):
        yield from _declared(markup, place)


def _signal(value: str) -> str:
    found = ADDRESS.search(value)
    if found:
        return f"licence.{name_from_address(found[1], found[2])}"
    worded = WORDING.search(value)
    return f"licence.{name_from_wording(worded)}" if worded else "licence.other"


def _of_page(value: str, where: str) -> Evidence:
    return observe(_signal(value), where, value, f"licence.{where}")


def _in_words(content: str, where: str) -> Iterator[Evidence]:
    if ADDRESS.search(content) or WORDING.search(content):
        yield _of_page(content, where)


def _rdf(comment: str) -> Iterator[Evidence]:
    """The licence in RDF that weblogs used to put into a comment."""
    declared = _RDF.search(comment)
    mention = declared and ADDRESS.search(comment, declared.end(), declared.end() + _RDF_REACH)
    if mention:
        name = name_from_address(mention[1], mention[2])
        yield observe(f"licence.{name}", "rdf", mention[0], "licence.rdf")


def _address(markup: Markup, place: int) -> Iterator[Evidence]:
    html = markup.html
    mention = ADDRESS.match(html, place)
    if mention is None:
        return
    name = name_from_address(mention[1], mention[2])
    start, end, value, declared = place, mention.end(), mention[0], False
    if in_tag(html, place):
        start, end = html.rfind("<", 0, place), html.find(">", place) + 1
        attributes = read_attributes(html[start + 1 : end - 1])
        # Only what links to it: an address within other addresses (share buttons) or data (code to embed) says nothing.
        value = next((attributes[key] for key in _TARGETS if mention[0] in attributes.get(key, "")), "")
        if not _IS_ADDRESS.match(value):
            return
        declared = any(_DECLARES.search(attributes.get(key, "")) for key in ("rel", "property", "itemprop"))
    elif _CODE.search(html, max(0, place - _CODE_REACH), place):
        return
    where = "link" if declared else "footer" if place >= markup.footer else "text"
    yield observe(f"{_scope(html, start, end)}.{name}", where, value, f"licence.{where}")


def _wording(markup: Markup, place: int) -> Iterator[Evidence]:
    mention = WORDING.match(markup.html, place)
    if mention and not in_tag(markup.html, place):
        scope = _scope(markup.html, place, mention.end())
        yield observe(f"{scope}.{name_from_wording(mention)}", "text", mention[0], "licence.wording")


def _set_apart(words: Form, known: Collection[str]) -> Iterator[Evidence]:
    """Licences that only the words have, their letters being cut by tags; ``known`` are those seen in the markup."""
    for start, end in words.stretches("licence-wording", 12, 60):
        mention = words.find(WORDING, start, end, across=0)
        name = name_from_wording(mention) if mention else ""
        if mention and name not in known and not _in_a_number(words.text, mention):
            block = words.block(mention, _BLOCK_REACH)
            scope = "part-licence" if _PART.search(block) and not _WHOLE.search(block) else "licence"
            yield observe(f"{scope}.{name}", "text", mention[0], "licence.wording")


def _in_a_number(words: str, mention: re.Match[str]) -> bool:
    """Whether it is no licence but part of a colour or a hash: ``#cc0101``."""
    before, after = words[max(0, mention.start() - 1) : mention.start()], words[mention.end() : mention.end() + 1]
    return bool(mention[1]) and (before.isalnum() or before == "#" or after.isalnum())


def _declared(markup: Markup, place: int) -> Iterator[Evidence]:
    """A licence that is not of Creative Commons, in a link that declares one."""
    html = markup.html
    if not in_tag(html, place):
        return
    start, end = html.rfind("<", 0, place), html.find(">", place) + 1
    attributes = read_attributes(html[start + 1 : end - 1])
    target = next((attributes[key] for key in _TARGETS if attributes.get(key)), "")
    if target and not ADDRESS.search(target):
        yield observe(f"{_scope(html, start, end)}.other", "link", target, "licence.link")


def _scope(html: str, start: int, end: int) -> str:
    """``licence`` of the page, or ``part-licence`` where a figure, a quotation, an embed, a link to a collection of
    media, or the words beside speak of something on it.
    """
    before, after = beside(html, start, end)
    words = f"{visible(before)} {visible(after)}"
    of_part = _PART.search(words) or _MEDIA.search(before) or _MEDIA.search(after) or _EMBED.search(before)
    return "part-licence" if in_part(html, start) or (of_part and not _WHOLE.search(words)) else "licence"
