"""Release levels: what reading signals costs beside extraction, and what share of pages gets which level.

Run with ``python benchmarks/release_levels.py``; with WARC files as arguments it also prints, for their Japanese
pages (kana in the extracted text), the share of each level and the ten rows that decided most often.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import trafilatura

from tesuki.pipelines.decoding.decode import decode
from tesuki.pipelines.extraction.main_text import extract_main_text
from tesuki.pipelines.journey.page import Page
from tesuki.pipelines.reading.ranges import plan_ranges
from tesuki.pipelines.reading.warc.archive import read_range
from tesuki.release_levels.decision import decide
from tesuki.release_levels.evidence import Evidence
from tesuki.release_levels.markup import parse_page
from tesuki.release_levels.policy import PACKAGED, packaged_policy
from tesuki.release_levels.signals import read_signals, read_signals_of

RUNS = 15
SENTENCE = "これは計測のための文章です。今日は朝から雨が降り、庭の紫陽花がよく見えました。"


def generated_page(paragraphs: int) -> str:
    """A page of about 130 characters a paragraph, with a head, links, scripts and a footer as sites have them."""
    head = '<meta name="viewport" content="width=device-width"><link rel="stylesheet" href="/a.css">' * 20
    body = "".join(
        f'<div class="entry"><h3><a href="/entry/{number}.html">第{number}回</a></h3><p>{SENTENCE * 2}</p></div>'
        for number in range(paragraphs)
    )
    script = "<script>var settings = {" + "'key': 'value', " * 400 + "};</script>"
    footer = "<footer><p>当サイトの文章の無断転載を禁じます。</p><p>Copyright 2024 All Rights Reserved.</p></footer>"
    return f"<!DOCTYPE html><html lang='ja'><head>{head}</head><body>{body}{script}{footer}</body></html>"


def fastest(call: Callable[[], object]) -> float:
    """Milliseconds of CPU of the fastest of `RUNS` calls."""
    times = []
    for _ in range(RUNS):
        begin = time.process_time()
        call()
        times.append(time.process_time() - begin)
    return min(times) * 1000


def print_cost() -> None:
    """CPU time of reading signals of a page of 100,000 characters, against Trafilatura's extraction of it."""
    page = generated_page(590)
    text = SENTENCE * 100
    signals = fastest(lambda: read_signals("https://example.jp/", (), page, text))
    extraction = fastest(lambda: extract_main_text(page, "https://example.jp/"))
    tree = parse_page(page)
    parsed = fastest(lambda: parse_page(page))
    shared = fastest(lambda: read_signals_of("https://example.jp/", (), tree, text))
    print(f"page of {len(page):,} characters, CPU time")
    print(f"  Trafilatura {trafilatura.__version__} (baseline)  {extraction:8.2f} ms")
    print(f"  reading signals               {signals:8.2f} ms   {signals / extraction:.4f} of the baseline")
    print(f"    of that, parsing            {parsed:8.2f} ms")
    print(f"    of a tree at hand           {shared:8.2f} ms")


def evidence_of(archive: Path) -> Iterator[tuple[Evidence, ...]]:
    """The evidence of each page of an archive whose extracted text holds kana."""
    for part in plan_ranges(archive, "benchmark", 1 << 40):
        for item in read_range(part):
            page = decode(item) if isinstance(item, Page) else item
            if isinstance(page, Page):
                text = extract_main_text(page.html, page.url).text
                if any("ぁ" <= letter <= "ヿ" for letter in text):
                    yield read_signals(page.url, page.headers, page.html, text)


def print_shares(archives: list[Path]) -> None:
    """The share of each level and the ten rows that decided most often, by each packaged policy."""
    pages = [evidence for archive in archives for evidence in evidence_of(archive)]
    for name in PACKAGED:
        policy = packaged_policy(name)
        decisions = [decide(policy, evidence) for evidence in pages]
        print(f"policy {name}, {len(pages):,} pages")
        for level, count in sorted(Counter(decision.level for decision in decisions).items()):
            print(f"  {level.name}  {count:6,}  {count / len(pages):7.2%}")
        for row, count in Counter(decision.row for decision in decisions).most_common(10):
            print(f"      {count:6,}  {count / len(pages):7.2%}  {row}")


if __name__ == "__main__":
    print_cost()
    if sys.argv[1:]:
        print_shares([Path(argument) for argument in sys.argv[1:]])
