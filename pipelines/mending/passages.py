"""Passages that a person wants out of texts, as a list names them: by the hash of the text, and places in it.

`tesuki contamination --cut` writes such a list. A text that has changed since has another hash and is left alone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from tesuki.filters.mend import Edit
from tesuki.pipelines.errors import RequestError
from tesuki.pipelines.journey.page import Fate, Page, leave
from tesuki.pipelines.recipe.rules import ListFile

CUT = "passages"
"""How a manifest calls the list of passages that were cut."""

KIND = "passage"
"""How the log calls such an edit."""

Passages = Mapping[str, tuple[tuple[int, int], ...]]
"""Of each text, by `text_name`, the places that go: start and end in characters, ascending, apart."""


def text_name(text: str) -> str:
    """What a list calls a text: the SHA-256 of its bytes in UTF-8."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def passage_lines(found: Mapping[str, Iterable[tuple[int, int]]]) -> Iterator[str]:
    """The lines of a list: text, start and end with tabs between; places that touch are one."""
    for name in sorted(found):
        for start, end in joined(found[name]):
            yield f"{name}\t{start}\t{end}\n"


def joined(places: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Places in order, those that overlap or touch as one."""
    whole: list[tuple[int, int]] = []
    for start, end in sorted(places):
        if whole and start <= whole[-1][1]:
            whole[-1] = whole[-1][0], max(end, whole[-1][1])
        else:
            whole.append((start, end))
    return whole


def load_passages(path: Path) -> Passages:
    """The list at ``path``. Raises `RequestError` naming the line that is none."""
    found: dict[str, list[tuple[int, int]]] = {}
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as failure:
        raise RequestError(f"{path}: cannot be read as UTF-8 text ({failure.__class__.__name__})") from None
    for number, line in enumerate(lines, 1):
        name, *places = line.split("\t")
        if len(name) != 64 or len(places) != 2 or not all(place.isascii() and place.isdigit() for place in places):
            raise RequestError(
                f"{path}: line {number}: found {line[:80]!r}, expected a text's SHA-256, start and end between tabs"
            )
        start, end = map(int, places)
        if start >= end:
            raise RequestError(
                f"{path}: line {number}: found start {start} and end {end}, expected an end after the start"
            )
        found.setdefault(name, []).append((start, end))
    return {name: tuple(joined(places)) for name, places in found.items()}


def passages_record(settings: ListFile, path: Path) -> dict[str, Any]:
    """What the manifest says of the list at ``path``."""
    content = path.read_bytes()
    return {
        "list": CUT,
        "name": path.name,
        "licence": settings.licence,
        "version": settings.version,
        "sha256": hashlib.sha256(content).hexdigest(),
        "entries": len(content.splitlines()),
    }


def cut_passages(passages: Passages, page: Page) -> Page | Fate:
    """The page without what the list names; what is left may be named again, by what it is then.

    Passages are cut from the last to the first, an edit each, so that each edit's position is one of the text that it
    met. A line of which nothing is left goes with its end. A page of which nothing is left is rejected.
    """
    text, edits = page.text, list(page.edits)
    while places := passages.get(text_name(text)):
        for start, end in reversed(places):
            if end > len(text):
                raise ValueError(f"a passage ends at character {end} of a text of {len(text)}")
            line = (start == 0 or text[start - 1] == "\n") and text[end : end + 1] == "\n"
            before = text[start : end + line]
            edits.append(Edit(KIND, start, before, ""))
            text = text[:start] + text[start + len(before) :]
    if not text.strip():
        return leave(page, "rejected", "mend", "mend.empty", detail="all of it is passages that are to be cut")
    return replace(page, text=text, edits=tuple(edits))
