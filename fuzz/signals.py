"""Release signals: headers, markup and text of a page, and the files of its host."""

from __future__ import annotations

from collections.abc import Iterator

from tesuki.release_levels.robots_groups import path_matches, read_robots_file
from tesuki.release_levels.signals import read_signals
from tesuki.release_levels.signals_ai_txt import signals_ai_txt
from tesuki.release_levels.signals_robots_txt import signals_robots_txt
from tesuki.release_levels.signals_tdmrep import read_tdmrep, signals_tdmrep


def seeds() -> Iterator[bytes]:
    """A page and a file of each kind."""
    refusal = "AI学習禁止".encode()
    yield b"https://a.jp/\nX-Robots-Tag: noai\n<meta name=robots content='noai'><!-- x --!><p>" + refusal
    paywall = b'{"@type":"NewsArticle","isAccessibleForFree":false}'
    yield b'https://a.jp/\n\n<script type="application/ld+json">' + paywall + b"</script>"
    yield b'https://a.jp/\n\n<footer><a rel="license" href="https://creativecommons.org/licenses/by/4.0/">CC BY</a>'
    yield b"https://a.jp/b\n\nUser-agent: GPTBot\nDisallow: /b*$\nContent-Signal: ai-train=no\n"
    yield b'https://a.jp/b\n\n[{"location":"/","tdm-reservation":1}]'


def attack(data: bytes) -> None:
    """An address, a header and a body, a line each."""
    url, header, body = ([*data.decode("utf-8", "replace").split("\n", 2), "", ""])[:3]
    name, _, value = header.partition(":")
    for found in read_signals(url, ((name, value.strip()),), body, body):
        str(found).encode()
    file = read_robots_file(body)
    found = [*signals_robots_txt(file, url), *signals_ai_txt(file, url), *signals_tdmrep(read_tdmrep(body), url)]
    str(found).encode()
    path_matches(value, url)
