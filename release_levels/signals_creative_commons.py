"""Creative Commons licences and public domain marks, and whether they are the page's or only of something
on it.

A link to a licence says little by itself: on most pages it covers a photograph, an icon set, a theme or a
quoted encyclopedia. So each mention is read with the words of its own block. Evidence of the page is
``licence.<name>``, of a part ``part-licence.<name>``; a licence of another family is ``licence.other``. The
order of trust (metadata, JSON-LD, elements that declare a licence, footer, running text) follows
CommonCrawl-CreativeCommons; what each place is worth is the policy's to say.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from .evidence import Evidence, observe
from .json_ld import json_ld_licences
from .licence_names import ADDRESS, WORDING, name_from_address, name_from_wording
from .markup import Markup, read_attributes
from .surroundings import beside, footer_start, in_figure, inside

MENTIONS_LIMIT = 40
"""Mentions read on one page: a gallery of a thousand photographs need not be read to its end."""

_PART = re.compile(
    r"photo|image|picture|icon|illust|font|theme|template|design(?:ed)? by|widget|plugin|music|video|thumbnail"
    r"|logo|map data|openstreetmap|wikimedia|wikipedia|flickr|unsplash"
    r"|写真|画像|図版|図は|イラスト|アイコン|フォント|テーマ|テンプレート|デザイン|素材"
    r"|動画|音楽|音源|BGM|地図|撮影|ロゴ|ウィキペディア|出典|引用元",
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
_LINK_HEADER = re.compile(r"<([^<>]{1,400})>[^<>]{0,200}?;\s{0,3}rel\s{0,3}=\s{0,3}\"?licen[sc]e", re.IGNORECASE)
_RIGHTS_METAS = frozenset(
    {
        "copyright", "rights", "license", "licence", "dc.rights", "dc.rights.license", "dcterms.rights",
        "dcterms.license", "dc.license", "cc:license", "dct:license", "article:license", "og:license",
    }
)  # fmt: skip


def signals_creative_commons(headers: Sequence[tuple[str, str]], markup: Markup) -> Iterator[Evidence]:
    """Evidence of licences in ``Link`` headers, metas, JSON-LD, RDF comments, link elements, links and
    words.
    """
    html = markup.html
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
    if "reativecommons" in html or "CREATIVECOMMONS" in html:
        footer = footer_start(html)
        for count, mention in enumerate(ADDRESS.finditer(html)):
            if count == MENTIONS_LIMIT:
                break
            yield from _mention(markup, mention, footer)
    yield from _wordings(markup)
    yield from _other_licences(markup)


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


def _mention(markup: Markup, mention: re.Match[str], footer: int) -> Iterator[Evidence]:
    html, position = markup.html, mention.start()
    name = name_from_address(mention[1], mention[2])
    if inside(markup.comments, position):
        if _RDF.search(html, max(0, position - 200), position):
            yield observe(f"licence.{name}", "rdf", mention[0], "licence.rdf")
        return
    if inside(markup.unseen, position):
        return
    start = html.rfind("<", max(0, position - _TAG_REACH), position)
    end = html.find(">", position, position + _TAG_REACH) + 1
    in_tag = start >= 0 and end > 0 and html.find(">", start, position) < 0
    if in_tag and html[start + 1 : start + 5].lower() in ("link", "meta"):
        return
    attributes = read_attributes(html[start + 1 : end - 1]) if in_tag else {}
    if not in_tag:
        start, end = position, mention.end()
    declared = any(_DECLARES.search(attributes.get(key, "")) for key in ("rel", "property", "itemprop"))
    where = "link" if declared else "footer" if position >= footer else "text"
    value = next((each for each in attributes.values() if mention[0] in each), mention[0])
    scope = "part-licence" if _covers_a_part(html, start, end) else "licence"
    yield observe(f"{scope}.{name}", where, value, f"licence.{where}")


def _covers_a_part(html: str, start: int, end: int) -> bool:
    if in_figure(html, start):
        return True
    words = beside(html, start, end)
    return _PART.search(words) is not None and _WHOLE.search(words) is None


def _wordings(markup: Markup) -> Iterator[Evidence]:
    html = markup.html
    if not any(sign in html for sign in ("CC BY", "CC-BY", "CC0", "コモンズ", "cc-by", "cc by")):
        return
    for count, mention in enumerate(WORDING.finditer(html)):
        if count == MENTIONS_LIMIT:
            return
        start = mention.start()
        if inside(markup.comments, start) or inside(markup.unseen, start):
            continue
        if html.rfind("<", max(0, start - _TAG_REACH), start) > html.rfind(">", max(0, start - _TAG_REACH), start):
            continue
        scope = "part-licence" if _covers_a_part(html, start, mention.end()) else "licence"
        yield observe(f"{scope}.{name_from_wording(mention)}", "text", mention[0], "licence.wording")


_LICENCE_LINK = re.compile(r"<a\s[^<>]{0,400}?rel\s*=\s*[\"']?[^\"'<>]{0,60}?licen[sc]e[^<>]{0,400}>", re.IGNORECASE)


def _other_licences(markup: Markup) -> Iterator[Evidence]:
    if "icense" not in markup.html:
        return
    for count, link in enumerate(_LICENCE_LINK.finditer(markup.html)):
        if count == MENTIONS_LIMIT:
            return
        href = read_attributes(link[0][1:-1]).get("href", "")
        if href and not ADDRESS.search(href) and not inside(markup.comments, link.start()):
            yield observe("licence.other", "link", href, "licence.link")
