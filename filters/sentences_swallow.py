"""Lines and sentences as the published Swallow v1 code cuts them, its losses included."""

from __future__ import annotations

import re

_SENTENCE = re.compile(r"[^。．！？!?]+[。．！？!?]?")
"""quality.py, ``re_sentence``: of a run of closing marks only the first stays with its sentence."""


def sentences_by_line(text: str) -> list[list[str]]:
    """The sentences of each line. A mark that follows no text is in no sentence; a blank line has none."""
    return [_SENTENCE.findall(line) for line in text.split("\n")]
