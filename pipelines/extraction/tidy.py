"""What is tidied in extracted text, whichever extractor gave it."""

from __future__ import annotations

import re
from unicodedata import normalize

from tesuki.pipelines.extraction.markup import INDENT_MARK

_BLANKS_AND_LINE_ENDS = re.compile(r"[ \t\u00a0\u3000]++(?:\n[\n \t\u00a0]*+)?|\n[\n \t\u00a0]*+")
"""Every run of blanks, whether a line ends behind it or not: looked for from each blank, an end far off costs a long
run its square."""

_CONTROL = re.compile("[\x00-\x08\x0b-\x0d\x0e-\x1f\x7f\ufffe\uffff]|[\ud800-\udfff]")


def tidy_text(text: str) -> str:
    """One newline between lines, no blank lines, no control characters, composed characters (NFC).

    U+3000 stays where it indents a line.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = normalize("NFC", _CONTROL.sub("", text).replace(INDENT_MARK, "\u3000"))
    return _BLANKS_AND_LINE_ENDS.sub(_line_end, text).strip(" \t\n\u00a0").rstrip()


def tidy_title(title: str) -> str:
    """A title on one line."""
    return " ".join(normalize("NFC", _CONTROL.sub("", title).replace(INDENT_MARK, "")).split())


def _line_end(found: re.Match[str]) -> str:
    return "\n" if "\n" in found[0] else found[0]
