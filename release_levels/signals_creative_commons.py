"""Creative Commons licences and public domain marks, and whether they are the page's or only of something on it.

A link to a licence says little by itself: on most pages it covers a photograph, an icon set, a theme or a quoted
encyclopedia. So each mention is read with the words of its own block. Evidence of the page is ``licence.<name>``, of
a part ``part-licence.<name>``; a licence of another family is ``licence.other``. The order of trust (metadata, JSON-LD,
elements that declare a licence, footer, running text) follows CommonCrawl-CreativeCommons; what each place is worth is
the policy's to say.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from .evidence import Evidence, observe
from .json_ld import json_ld_licences
from .licence_names import ADDRESS, WORDING, name_from_address, name_from_wording
from .markup import Markup, inside, read_attributes
from .surroundings import beside, in_figure, visible

_PART = re.compile(
    r"photo|image|picture|icon|illust|font|theme|template|design(?:ed)? by|widget|plugin|music|video|thumbnail"
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
_RDF = re.compile(r"<(?:cc:)?license\s[^>]{0,40}?resource\s*=", re.IGNORECASE)
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
    footer = markup.footer()
    for place in markup.signposts["licence-address"]:
        yield from _address(markup, place, footer)
    for place in markup.visible_places("licence-wording"):
        yield from _wording(markup, place)
    for place in markup.visible_places("licence-declared"):
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


def _address(markup: Markup, place: int, footer: int) -> Iterator[Evidence]:
    html = markup.html
    mention = ADDRESS.match(html, place)
    if mention is None or inside(markup.unseen, place):
        return
    name = name_from_address(mention[1], mention[2])
    if inside(markup.comments, place):
        if _RDF.search(html, max(0, place - _RDF_REACH), place):
            yield observe(f"licence.{name}", "rdf", mention[0], "licence.rdf")
        return
    start, end = _tag_around(html, place) or (place, mention.end())
    if html[start + 1 : start + 5].lower() in ("link", "meta"):
        return
    attributes = read_attributes(html[start + 1 : end - 1]) if start < place else {}
    declared = any(_DECLARES.search(attributes.get(key, "")) for key in ("rel", "property", "itemprop"))
    where = "link" if declared else "footer" if place >= footer else "text"
    value = next((each for each in attributes.values() if mention[0] in each), mention[0])
    yield observe(f"{_scope(html, start, end)}.{name}", where, value, f"licence.{where}")


def _wording(markup: Markup, place: int) -> Iterator[Evidence]:
    mention = WORDING.match(markup.html, place)
    if mention and _tag_around(markup.html, place) is None:
        scope = _scope(markup.html, place, mention.end())
        yield observe(f"{scope}.{name_from_wording(mention)}", "text", mention[0], "licence.wording")


def _declared(markup: Markup, place: int) -> Iterator[Evidence]:
    """A licence that is not of Creative Commons, in a link that declares one."""
    around = _tag_around(markup.html, place)
    if around is None:
        return
    start, end = around
    attributes = read_attributes(markup.html[start + 1 : end - 1])
    target = next((attributes[key] for key in ("href", "resource", "content") if attributes.get(key)), "")
    if target and not ADDRESS.search(target) and markup.html[start + 1 : start + 5].lower() != "link":
        yield observe(f"{_scope(markup.html, start, end)}.other", "link", target, "licence.link")


def _tag_around(html: str, place: int) -> tuple[int, int] | None:
    """(start, end) of the tag that ``place`` lies in, if it lies in one."""
    start = html.rfind("<", max(0, place - _TAG_REACH), place)
    end = html.find(">", place, place + _TAG_REACH) + 1
    if start < 0 or end == 0 or html.find(">", start, place) >= 0:
        return None
    return start, end


def _scope(html: str, start: int, end: int) -> str:
    """``licence`` of the page, or ``part-licence`` where a figure, a link to a collection of media, or the words beside
    speak of something on it.
    """
    before, after = beside(html, start, end)
    words = f"{visible(before)} {visible(after)}"
    of_part = _PART.search(words) or _MEDIA.search(before) or _MEDIA.search(after)
    return "part-licence" if in_figure(html, start) or (of_part and not _WHOLE.search(words)) else "licence"
