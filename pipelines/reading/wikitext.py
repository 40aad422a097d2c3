"""Wikitext to plain text: what a reader of the article sees as prose. Needs the optional `mwparserfromhell`."""

from __future__ import annotations

import importlib
import re
from functools import cache
from typing import Any

LONGEST_WIKITEXT = 2 << 20
"""Bytes of the longest article parsed: MediaWiki itself stores none longer ($wgMaxArticleSize, 2,048 kB)."""

FOOTNOTE_SECTIONS = frozenset(
    {"脚注", "注釈", "注記", "注", "出典", "参考文献", "参照", "関連文献", "関連項目", "関連作品", "外部リンク"}
    | {"References", "Notes", "Footnotes", "Citations", "Bibliography", "See also", "Further reading", "External links"}
)
"""Headings whose sections are lists of sources and links, cut with the sections below them (as LLM-jp corpus v1 cuts
footnote sections)."""

HIDDEN_LINKS = frozenset({"ファイル", "画像", "file", "image", "category", "カテゴリ"})
"""Namespaces whose links show no text in the line they stand in."""

HIDDEN_TAGS = frozenset(
    {"ref", "references", "gallery", "table", "math", "timeline", "score", "syntaxhighlight", "source", "imagemap"}
    | {"chem", "graph", "mapframe", "maplink", "inputbox", "style", "templatestyles", "section", "indicator"}
)
"""Tags whose content is not prose. Tables are left out as they are from web pages."""

SHOWN_PARAMETERS = {
    "lang": "2",
    "仮リンク": "1",
    "ruby": "1",
    "読み仮名": "1",
    "読み仮名_ruby不使用": "1",
    "visible anchor": "1",
    "nowrap": "1",
    "small": "1",
    "補助漢字フォント": "1",
    "jis2004フォント": "1",
    "拡張漢字": "1",
    "cjk": "1",
}
"""Templates that are part of a sentence, and the parameter they show. All others show nothing here."""

_MAGIC_WORD = re.compile(r"__[^\s_]{2,30}__")
_EMPTY_BRACKETS = re.compile(r"（[、，,;；\s]*）|\([,;\s]*\)")
_TRAILING_COMMA = re.compile(r"[、，,;；]\s*(?=[）)])")
_LEADING_COMMA = re.compile(r"(?<=[（(])[、，,;；]\s*")
_SPACES = re.compile(r"[ \t\xa0]+")


def plain_text(wikitext: str) -> str:
    """The prose of an article: a paragraph, heading or list item a line, no blank lines.

    Templates, tables, images, footnotes, and the sections in `FOOTNOTE_SECTIONS` are left out, and the brackets that
    templates leave empty. Raises ImportError without `mwparserfromhell`.
    """
    shown: list[str] = []
    cut_below: int | None = None
    for node in _parser().parse(wikitext).nodes:
        if isinstance(node, _nodes().Heading):
            if cut_below is not None and node.level > cut_below:
                continue
            title = _shown(node.title.nodes).strip()
            cut_below = node.level if title in FOOTNOTE_SECTIONS else None
        if cut_below is None:
            shown.append(_show(node))
    return _tidied("".join(shown))


def _shown(nodes: Any) -> str:
    return "".join(map(_show, nodes))


def _show(node: Any) -> str:
    """The text a node shows. Nesting is bounded by the parser (40 levels)."""
    kinds = _nodes()
    match node:
        case kinds.Text():
            return str(node.value)
        case kinds.Wikilink():
            return _link(node)
        case kinds.ExternalLink():
            return _shown(node.title.nodes) if node.title else "" if node.brackets else str(node.url)
        case kinds.Tag():
            return _tag(node)
        case kinds.Heading():
            return f"\n{_shown(node.title.nodes).strip()}\n"
        case kinds.HTMLEntity():
            return str(node.normalize())
        case kinds.Template():
            return _template(node)
    return ""


def _link(node: Any) -> str:
    title = str(node.title)
    namespace = title.partition(":")[0].strip().lower() if ":" in title else ""
    if namespace in HIDDEN_LINKS:
        return ""
    return _shown(node.text.nodes) if node.text else title.lstrip(":")


def _tag(node: Any) -> str:
    name = str(node.tag).strip().lower()
    if name == "br":
        return "\n"
    if name in HIDDEN_TAGS or node.contents is None:
        return ""
    return _shown(node.contents.nodes)


def _template(node: Any) -> str:
    wanted = SHOWN_PARAMETERS.get(str(node.name).strip().lower())
    if wanted is None or not node.has(wanted):
        return ""
    return _shown(node.get(wanted).value.nodes)


def _tidied(text: str) -> str:
    text = _MAGIC_WORD.sub("", text)
    text = _LEADING_COMMA.sub("", _TRAILING_COMMA.sub("", _EMPTY_BRACKETS.sub("", text)))
    lines = (_SPACES.sub(" ", line).strip() for line in text.splitlines())
    return "\n".join(line for line in lines if line)


@cache
def _parser() -> Any:
    try:
        return importlib.import_module("mwparserfromhell")
    except ImportError as failure:
        raise ImportError("Wikipedia dumps need the package mwparserfromhell") from failure


@cache
def _nodes() -> Any:
    return importlib.import_module("mwparserfromhell.nodes")
