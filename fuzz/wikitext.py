"""Wikitext: lines of prose without blanks around them."""

from __future__ import annotations

from collections.abc import Iterator

from tesuki.pipelines.reading.wikipedia import MOST_TANGLED
from tesuki.pipelines.reading.wikitext import plain_text
from tesuki.pipelines.reading.wikitext_tangle import unclosed_marks


def seeds() -> Iterator[bytes]:
    """What articles hold."""
    links = "'''東京'''（{{lang|en|Tokyo}}、）は[[日本|国]]の都市<ref>出典</ref>。"
    for text in (links, "== 脚注 ==\n{{Reflist}}", "{|\n|a\n|}"):
        yield text.encode()


def attack(data: bytes) -> None:
    """An article in UTF-8."""
    text = data.decode("utf-8", "replace")
    if unclosed_marks(text) * len(text) > MOST_TANGLED:
        return
    for line in plain_text(text).split("\n"):
        assert line == line.strip(), line
