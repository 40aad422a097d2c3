"""Bytes to text, and the rapid checks: any bytes have a reading that can be written."""

from __future__ import annotations

from collections.abc import Iterator

from tesuki.pipelines.decoding.decode import decode, decode_html
from tesuki.pipelines.decoding.detect import RULES, detect
from tesuki.pipelines.journey.page import Page
from tesuki.pipelines.reading.warc.media_type import is_html


def seeds() -> Iterator[bytes]:
    """The same page in every Japanese encoding."""
    html = '<html lang="ja"><meta charset="{}"><title>①㈱髙～</title>朝の港は霧が深い。'
    for name in ("utf-8", "cp932", "euc_jp", "iso2022_jp", "utf-16"):
        yield html.format(name.replace("_", "-")).encode(name, "replace")


def attack(data: bytes) -> None:
    """The first byte says how long the Content-Type is."""
    if not data:
        return
    kind, body = data[1 : 1 + data[0] % 60].decode("latin-1"), data[1 + data[0] % 60 :]
    decoded = decode_html(body, kind)
    assert decoded.replacements >= 0
    decoded.text.encode()
    page = Page("s", "a", 0, 1, "<urn:x>", "", "", headers=(("Content-Type", kind),), body=body)
    decode(page)
    is_html(kind, body)
    for rule in RULES:
        detect(rule)(page)
