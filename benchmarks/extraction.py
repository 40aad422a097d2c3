"""What extraction finds of known bodies, and what it costs: ours, Trafilatura as Swallow calls it, Resiliparse.

Run with ``python benchmarks/extraction.py [DATA]``: the folder of the real pages beside the project. How bodies are
known and counted is written down in ``known_bodies.py``. Times are processor time of one process, all engines page by
page in turn, so that their ratios hold on a busy machine.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

import trafilatura
from known_bodies import Known, Score, known_bodies, score
from resiliparse.extract.html2text import extract_plain_text
from resiliparse.parse.html import HTMLTree

from tesuki.pipelines.extraction.main_text import Profile, extract_main_text
from tesuki.pipelines.journey.page import Page

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


def _ours(profile: Profile) -> Callable[[Page], str]:
    return lambda page: extract_main_text(page.html, page.url, captured=page.date, profile=profile).text


def swallow(page: Page) -> str:
    """Swallow's call (swallow-corpus, warc2raw.py), given the page decoded."""
    return trafilatura.extract(page.html, include_comments=False, include_tables=False) or ""


def resiliparse(page: Page) -> str:
    """Resiliparse's main content as it comes."""
    return extract_plain_text(HTMLTree.parse(page.html), main_content=True)


ENGINES: dict[str, Callable[[Page], str]] = {
    "tesuki": _ours("tesuki"),
    "trafilatura": _ours("trafilatura"),
    "speed": _ours("speed"),
    "Swallow's call": swallow,
    "Resiliparse": resiliparse,
}


def main(data: Path) -> None:
    """Measure and print one table for Japanese pages, one for the truth that people wrote down."""
    if not data.is_dir():
        print(f"{data} is not there: give the folder of real pages")
        return
    known = list(known_bodies(data))
    for title, some in (
        ("Japanese pages whose markup names the body", [each for each in known if each.rule != "truth"]),
        ("pages whose body people wrote down", [each for each in known if each.rule == "truth"]),
    ):
        texts, seconds = _run(some)
        print(f"\n{title}: {len(some)}")
        print(
            f"{'engine':<18}{'recall':>8}{'prec.':>8}{'F1':>8}{'<half':>8}{'ruby':>8}"
            f"{'pages/s/core':>14}{'half 0, 1: F1':>18}"
        )
        for name in ENGINES:
            halves = [
                score(
                    [known for known in some if known.half == half],
                    [text for known, text in zip(some, texts[name], strict=True) if known.half == half],
                )
                for half in (0, 1)
            ]
            _line(name, score(some, texts[name]), len(some) / seconds[name], halves)


def _run(known: list[Known]) -> tuple[dict[str, list[str]], dict[str, float]]:
    texts: dict[str, list[str]] = {name: [] for name in ENGINES}
    seconds = dict.fromkeys(ENGINES, 0.0)
    for each in known:
        for name, engine in ENGINES.items():
            start = time.process_time()
            texts[name].append(engine(each.page))
            seconds[name] += time.process_time() - start
    return texts, seconds


def _line(name: str, found: Score, speed: float, halves: list[Score]) -> None:
    ruby = "" if found.ruby is None else f"{found.ruby:.3f}"
    both = " ".join(f"{half.f1:.3f}" for half in halves)
    print(
        f"{name:<18}{found.recall:>8.3f}{found.precision:>8.3f}{found.f1:>8.3f}{found.low:>8.1%}{ruby:>8}{speed:>14.0f}{both:>18}"
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else DATA)
