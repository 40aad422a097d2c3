"""What a reader sees on a page: its lines in order, each with the elements it stands in.

A tree is walked once. Inline elements, whatever they are called, never break a line or lose a word; a block is one or
more lines (``<br>`` breaks them); what no reader sees is not read. Nothing is chosen here: which of the blocks are the
page's text is said afterwards (`choosing`), so that what is left out can be counted.
"""

from __future__ import annotations

import re
from typing import Any, Final, Literal, NamedTuple

from lxml import etree
from lxml.html import HtmlElement

from tesuki.pipelines.extraction.formulas import annotated, tex
from tesuki.pipelines.extraction.names import BLOCKS, HEADINGS, UNSEEN, VERBATIM, Reason, likely_reason

Kind = Literal["line", "heading", "code", "row"]
"""``row`` is a row of a data table, its cells apart by tabs."""

READING_CHARACTERS = 100
"""A longer reading is none: an end tag is missing, and the rest of the page stands in it."""

CELL_CHARACTERS = 400
"""A table with a longer cell lays out the page; data stand in shorter ones."""

_JAPANESE: Final = "\u3001-\u303f\u3041-\u30ff\u3400-\u9fff\uf900-\ufaff\uff01-\uff60\U00020000-\U0003ffff"
_BREAK: Final = "\0b"
_BLANK: Final = "\0s"
_CELL: Final = "\0t"
"""Marks of a line break, of a blank that stays between two elements, of a cell's end: no tree of a page has a NUL."""

_SPACES: Final = " \t\n\r\f"
_BLANKS: Final = re.compile(f" [{_SPACES}]+|[\t\n\r\f][{_SPACES}]*")
"""Blanks that are not one space already."""

_WRAP: Final = re.compile(f"(?<=[{_JAPANESE}])[ \t\r\f]*+\n[ \t\n\r\f]*+(?=[{_JAPANESE}])")
_MARKED: Final = re.compile(f"(?<! ) *+(?:{_BLANK} *+)++")
_HIDDEN: Final = re.compile(r"display\s{0,9}:\s{0,9}none|visibility\s{0,9}:\s{0,9}hidden", re.IGNORECASE)
_CODE_TABLE: Final = re.compile(
    r"(?<![a-z])(?:highlight|highlighttable|code|codetable|blob|hljs-ln|syntaxhighlighter|rouge)", re.IGNORECASE
)
_PARSER: Final = etree.HTMLParser(remove_comments=True, remove_pis=True, encoding="utf-8", huge_tree=True)
_PARSER.set_element_class_lookup(etree.ElementDefaultClassLookup(element=HtmlElement))


class Place(NamedTuple):
    """A block element: ``up`` is the place it stands in (-1: none), ``reason`` why its words are likely no text."""

    up: int
    tag: str
    names: str
    reason: Reason | None


class Block(NamedTuple):
    """Lines that stand together. ``links`` are the characters inside links, blanks around them not counted."""

    text: str
    links: int
    kind: Kind
    place: int


class Reading(NamedTuple):
    """Every block of a page in order, and the places they stand in: each place after the one it stands in."""

    places: tuple[Place, ...]
    blocks: tuple[Block, ...]


def parse(html: str) -> Any:
    """The tree of a page, comments aside; None where there is none. Raises nothing, whatever the page."""
    data = html.replace("\0", "").encode("utf-8", "replace")
    try:
        return etree.fromstring(data, parser=_PARSER) if data else None
    except etree.LxmlError:
        return None


def read_page(root: Any, *, readings: bool = False) -> Reading:
    """Read the tree of a page. ``readings`` keeps ruby as 漢字《かんじ》; without, readings are no text."""
    reader = _Reader(readings)
    walker = etree.iterwalk(root, events=("start", "end"))
    for event, element in walker:
        role = _ROLES[element.tag]
        if event == "start":
            if role and not reader.start(role, element):
                walker.skip_subtree()
            elif text := element.text:
                reader.text(role, text)
        else:
            if role:
                reader.end(role, element)
            if (tail := element.tail) and element is not root:
                reader.tail(role, element, tail)
    reader.flush()
    return Reading(tuple(reader.places), tuple(reader.blocks))


_Role = Literal["", "block", "break", "link", "rule", "reading", "base", "span", "image", "script", "math", "unseen"]
"""What an element is to the reading; ``""`` is any inline element."""

_ROLE_OF: Final[dict[str, _Role]] = {
    **dict.fromkeys(BLOCKS, "block"),
    **dict.fromkeys(UNSEEN, "unseen"),
    "script": "script",
    "math": "math",
    "br": "break",
    "a": "link",
    "hr": "rule",
    "rt": "reading",
    "rtc": "reading",
    "rb": "base",
    "span": "span",
    "img": "image",
}


class _Roles(dict[Any, _Role]):
    """The role of every tag met so far; what is no element, but an entity that nobody declared, is unseen."""

    def __missing__(self, tag: Any) -> _Role:
        role = _role(tag) if isinstance(tag, str) else "unseen"
        if len(self) < _ROLES_KEPT:
            self[tag] = role
        return role


def _role(tag: str) -> _Role:
    if tag.endswith("}svg"):
        return "unseen"
    return "math" if tag.endswith("}math") else _ROLE_OF.get(tag, "")


_ROLES_KEPT: Final = 4096
_ROLES: Final = _Roles()


class _Reader:
    """The line being read, and where."""

    def __init__(self, readings: bool) -> None:
        self.places = [Place(-1, "", "", None)]
        self.blocks: list[Block] = []
        self._readings = readings
        self._run: list[str] = []
        self._place = 0
        self._links = 0
        self._in_link = 0
        self._verbatim = 0
        self._heading = 0
        self._table: Any = None
        self._reading: Any = None
        self._skipped: Any = None

    def start(self, role: _Role, element: Any) -> bool:
        """Enter an element; False where nothing in it is to be read."""
        if role == "block":
            self._start_block(element.tag, element)
        elif role == "link":
            self._in_link += element.get("href") is not None
        elif role == "break":
            self._run.append("\n" if self._verbatim else " " if self._table is not None else _BREAK)
        elif role == "span":
            if "katex-html" in element.get("class", ""):
                return self._skip(element)
        elif role == "image":
            if "math" in element.get("class", "") and element.get("alt"):
                self._say(tex(element.get("alt"), display=False))
        elif role == "rule":
            self.flush()
        elif role == "reading":
            if self._reading is None and len("".join(element.itertext())) <= READING_CHARACTERS:
                self._reading = element
                if self._readings:
                    self._run.append("《")
        elif role == "math":
            self._say(annotated(element))
            return self._skip(element)
        elif role == "script":
            if element.get("type", "").startswith("math/tex"):
                self._say(tex(element.text or "", display="display" in element.get("type")))
            return self._skip(element)
        elif role == "unseen":
            return self._skip(element)
        return True

    def end(self, role: _Role, element: Any) -> None:
        """Leave an element."""
        if element is self._skipped:
            self._skipped = None
        elif role == "block":
            self._end_block(element.tag, element)
        elif role == "link":
            self._in_link -= element.get("href") is not None
        elif element is self._reading:
            self._reading = None
            if self._readings:
                self._run.append("》")

    def text(self, role: _Role, text: str) -> None:
        """Read what an element begins with."""
        if self._reading is not None and not self._readings and role != "base":
            return
        if text.isspace() and self._is_nothing(text):
            return
        self._say(text)

    def tail(self, role: _Role, element: Any, text: str) -> None:
        """Read what stands behind an element."""
        if self._reading is not None and not self._readings:
            return
        if text.isspace():
            if self._is_nothing(text):
                return
            if not self._verbatim and role != "break" and "\n" in text and not text.strip(_SPACES):
                # Alone between two elements: two links or cells side by side, not one sentence that an editor wrapped.
                text = _BLANK if element.getnext() is not None else " "
        self._say(text)

    def flush(self) -> None:
        """End the line."""
        if self._run:
            text = "".join(self._run)
            self._run.clear()
            text = text.replace(_BLANK, " ").replace(_BREAK, "\n").strip("\n") if self._verbatim else _line(text)
            if text and not text.isspace():
                kind: Kind = "line"
                if self._verbatim:
                    kind = "code"
                elif self._table is not None:
                    kind = "row"
                elif self._heading:
                    kind = "heading"
                self.blocks.append(Block(text, self._links, kind, self._place))
        self._links = 0

    def _is_nothing(self, blanks: str) -> bool:
        """Whether white space at the head of a line says nothing: an ideographic space indents a paragraph."""
        return not (self._run or self._in_link or self._verbatim or self._table is not None or blanks.strip(_SPACES))

    def _skip(self, element: Any) -> bool:
        self._skipped = element
        return False

    def _say(self, text: str) -> None:
        self._run.append(text)
        if self._in_link:
            self._links += len(text.strip())

    def _start_block(self, tag: str, element: Any) -> None:
        if self._table is not None and tag not in ("tr", "caption"):
            if tag in ("td", "th"):
                self._run.append(_CELL if self._run else "")
            else:
                self._run.append(_BLANK)
            return
        if tag == "button" and self._heading:
            return
        self.flush()
        self._place_in(tag, dict(element.items()))
        if tag in VERBATIM:
            self._verbatim += 1
        elif tag in HEADINGS:
            self._heading += 1
        elif tag == "table" and _holds_data(element, self.places[-1].names):
            self._table = element

    def _place_in(self, tag: str, attributes: dict[str, str]) -> None:
        if attributes:
            names = f"{attributes.get('class', '')} {attributes.get('id', '')}"
            hidden = "hidden" in attributes or ("style" in attributes and bool(_HIDDEN.search(attributes["style"])))
            reason = "hidden" if hidden else likely_reason(tag, names, attributes.get("role", ""))
        else:
            names, reason = "", likely_reason(tag, "", "")
        self.places.append(Place(self._place, tag, names, reason))
        self._place = len(self.places) - 1

    def _end_block(self, tag: str, element: Any) -> None:
        if self._table is not None and tag not in ("tr", "caption") and element is not self._table:
            self._run.append(_BLANK if tag not in ("td", "th") else "")
            return
        if tag == "button" and self._heading:
            return
        self.flush()
        self._place = max(self.places[self._place].up, 0)
        if tag in VERBATIM:
            self._verbatim -= 1
        elif tag in HEADINGS:
            self._heading -= 1
        elif element is self._table:
            self._table = None


def _holds_data(table: Any, names: str) -> bool:
    """Whether a table holds data: rows of short cells, neither code nor the layout of the page."""
    if _CODE_TABLE.search(names) or table.find(".//table") is not None or table.find(".//pre") is not None:
        return False
    rows = [[cell for cell in row if cell.tag in ("td", "th")] for row in table.iter("tr")]
    if len(rows) < 2 or sum(len(row) >= 2 for row in rows) * 2 < len(rows):
        return False
    if any(True for _ in table.iter("h1", "h2", "h3", "h4", "h5", "form", "hr", "blockquote")):
        return False
    return all(len("".join(cell.itertext())) <= CELL_CHARACTERS for row in rows for cell in row)


def _line(text: str) -> str:
    if "\n" in text:
        text = _BLANKS.sub(" ", _WRAP.sub("", text))
    elif "  " in text or "\t" in text or "\r" in text or "\f" in text:
        text = _BLANKS.sub(" ", text)
    if "\0" not in text:
        return text.strip(" ")
    text = _MARKED.sub(" ", text)
    separator, sign = ("\t", _CELL) if _CELL in text else ("\n", _BREAK)
    return separator.join(part.strip(" ") for part in text.split(sign))
