"""What is tidied in extracted text, whichever extractor gave it."""

from __future__ import annotations

import re
from unicodedata import normalize

from tesuki.pipelines.extraction.markup import INDENT_MARK

_LINE_ENDS = re.compile(r"(?<![ \t\u00a0\u3000])[ \t\u00a0\u3000]*+\n(?:[ \t\u00a0]*+\n)*+")
_LINE_HEADS = re.compile(r"\n[ \t\u00a0]++")
_CONTROL = re.compile("[\x00-\x08\x0b-\x0d\x0e-\x1f\x7f\ufffe\uffff]|[\ud800-\udfff]")


def tidy_text(text: str) -> str:
    """One newline between lines, no blank lines, no control characters, composed characters (NFC).

    What indents a line stays: U+3000 before a paragraph, blanks before a line of code.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = normalize("NFC", _CONTROL.sub("", text).replace(INDENT_MARK, "\u3000"))
    return _LINE_ENDS.sub("\n", text).strip(" \t\n\u00a0").rstrip()


def strip_lines(text: str) -> str:
    """``text`` without blanks at the head of its lines, for engines that indent what they nest."""
    return _LINE_HEADS.sub("\n", text.replace("\r\n", "\n").replace("\r", "\n"))


def tidy_title(title: str) -> str:
    """A title on one line."""
    return " ".join(normalize("NFC", _CONTROL.sub("", title).replace(INDENT_MARK, "")).split())
