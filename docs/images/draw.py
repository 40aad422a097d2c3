"""Draws the house and a page's journey, as `tests/test_house.py` knows them: ``python docs/images/draw.py``.

The pictures are SVG for light and dark. A new storey or station needs its words below; the tests hold the files to
what this script draws.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from html import escape
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
HOUSE = FOLDER.parents[1] / "tests" / "test_house.py"

QUESTIONS = {
    "commands": "What does the person at the keyboard want?",
    "takedown": "What leaves a finished corpus? What would a change do?",
    "corpus": "What has a run to do, and is the result whole?",
    "levelling": "What may a page be used for, by all that is known?",
    "reading": "The stations, in the order of the journey; none knows another.",
    "storage": "How is it written so that a kill never lies?",
    "journey": "What travels, what is asked for, what runs it?",
    "errors": "How can it end badly?",
}
"""What a storey answers, by one of its packages."""

ROOMS = {
    "filters": "Worth keeping?|How to mend it?",
    "dedup": "Have we seen|this text before?",
    "release_levels": "What may it be used for,|and how do we know?",
    "tokenize": "Which tokens, which|shard, how many times?",
}
GROUND = "What does every room mean by a host, a letter, a script, a check digit, a word?"

JOURNEY = (
    (
        "extract: archives → parts/pages, parts/judged",
        (
            ("1 read", "reading/", "skipped, dead"),
            ("2 detect", "decoding/", "rejected"),
            ("3 decode", "decoding/", "dead"),
            ("4 extract", "extraction/", "rejected, dead"),
            ("5 identify", "judging/", "rejected"),
            ("6 judge", "judging/ · filters/", "rejected"),
        ),
    ),
    (
        "deduplicate: keys, never text → parts/drops",
        (("7 deduplicate", "deduplication/", "duplicate"),),
    ),
    (
        "assemble: → documents/, ledger/, shards/, and manifest.json last",
        (
            ("8 hosts", "judging/", "rejected"),
            ("9 mend", "mending/ · filters/", ""),
            ("10 level", "levelling/", "withheld"),
            ("11 tokenize", "tokens/ · tokenize/", ""),
            ("12 shard", "tokens/ · tokenize/", "kept"),
        ),
    ),
)
"""Pipelines, and of each station its name, where it lives, and what a page can leave it as."""

STYLE = """
  svg { color-scheme: light dark; }
  .paper { fill: #faf8f3; } .wall { fill: #ffffff; stroke: #b9b2a3; } .room { fill: #e8efe6; stroke: #7f9a7b; }
  .ground { fill: #ece4d4; stroke: #a8946a; } .ink { fill: #2b2a27; } .soft { fill: #6b675e; }
  .left { fill: #a0463c; } .line { stroke: #8a8478; fill: none; } .tip { fill: #8a8478; }
  text { font: 13px system-ui, -apple-system, "Segoe UI", "Noto Sans", sans-serif; }
  .name { font-weight: 600; } .small { font-size: 11.5px; } .title { font-size: 15px; font-weight: 600; }
  @media (prefers-color-scheme: dark) {
    .paper { fill: #1d1c1a; } .wall { fill: #292724; stroke: #5d584e; } .room { fill: #27332a; stroke: #5f7d62; }
    .ground { fill: #38311f; stroke: #86754c; } .ink { fill: #ece8df; } .soft { fill: #aaa497; }
    .left { fill: #e08e83; } .line { stroke: #837c6e; } .tip { fill: #837c6e; }
  }
"""

WIDTH = 880


def main() -> None:
    """Write both pictures beside this script."""
    for name, drawn in pictures().items():
        (FOLDER / name).write_text(drawn, encoding="utf-8")


def pictures() -> dict[str, str]:
    """File name → SVG."""
    return {"house.svg": house(storeys()), "journey.svg": journey()}


def storeys() -> tuple[tuple[str, ...], ...]:
    """The storeys of `pipelines`, lowest first, as the tests hold the imports to them."""
    loaded = sys.modules.get("tests.test_house") or sys.modules.get("test_house")
    if loaded is None:
        spec = importlib.util.spec_from_file_location("house_plan", HOUSE)
        assert spec
        assert spec.loader
        loaded = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(loaded)
    found: tuple[tuple[str, ...], ...] = loaded.STOREYS
    return found


def house(floors: tuple[tuple[str, ...], ...]) -> str:
    """The rooms and the storeys of `pipelines`: whoever stands above may know what stands below."""
    shapes = [
        text(24, 34, "pipelines/  How does a page travel?  Beam, WARC, files and the command: only here", "title")
    ]
    top = 50
    for number, floor in reversed(list(enumerate(floors))):
        shapes += [box(24, top, WIDTH - 48, 58, "wall"), text(38, top + 35, str(number), "soft")]
        left = 62.0
        for package in floor:
            label = package if package == "errors" else f"{package}/"
            width = 8.3 * len(label) + 18
            shapes += [box(left, top + 7, width, 24, "room"), text(left + width / 2, top + 24, label, "name", "middle")]
            left += width + 7
        (question,) = (QUESTIONS[package] for package in floor if package in QUESTIONS)
        shapes.append(text(64, top + 48, question, "soft small"))
        top += 62
    top += 12
    width = (WIDTH - 48 - 3 * 10) / 4
    for number, (room, question) in enumerate(ROOMS.items()):
        left = 24 + number * (width + 10)
        shapes += [box(left, top, width, 74, "room"), text(left + width / 2, top + 24, f"{room}/", "name", "middle")]
        for line, words in enumerate(question.split("|")):
            shapes.append(text(left + width / 2, top + 44 + 16 * line, words, "soft small", "middle"))
    top += 84
    shapes += [box(24, top, WIDTH - 48, 54, "ground"), text(WIDTH / 2, top + 23, "common/", "name", "middle")]
    shapes.append(text(WIDTH / 2, top + 42, GROUND, "soft small", "middle"))
    note = "Imports go down, never up, never to a sibling. Four sheltered rooms: values in, values out."
    shapes.append(text(WIDTH / 2, top + 82, note, "soft small", "middle"))
    title = "The house: storeys of pipelines/ above four sheltered rooms and the ground floor common/"
    return svg(top + 98, title, shapes)


def journey() -> str:
    """Twelve stations in three pipelines, and what a page can leave them as."""
    shapes: list[str] = []
    top = 14
    width, gap = 124, 13
    for title, stations in JOURNEY:
        shapes += [box(16, top, WIDTH - 32, 132, "wall"), text(30, top + 24, title, "title")]
        for number, (name, place, fate) in enumerate(stations):
            left = 30 + number * (width + gap)
            middle = left + width / 2
            shapes += [
                box(left, top + 38, width, 50, "room"),
                text(middle, top + 58, name, "name", "middle"),
                text(middle, top + 77, place, "soft small", "middle"),
            ]
            if number + 1 < len(stations):
                shapes += arrow(left + width, top + 63, left + width + gap, top + 63)
            if fate:
                shapes += [
                    *arrow(middle, top + 88, middle, top + 104),
                    text(middle, top + 120, fate, "soft small" if fate == "kept" else "left small", "middle"),
                ]
        top += 132
        if title != JOURNEY[-1][0]:
            shapes += arrow(94, top, 94, top + 22)
            top += 22
    note = "Every page has exactly one fate; records read = Σ fates, at every station."
    shapes.append(text(WIDTH / 2, top + 26, note, "soft small", "middle"))
    return svg(top + 42, "The journey of a page: twelve stations in three pipelines", shapes)


def svg(height: float, title: str, shapes: list[str]) -> str:
    """The picture around its shapes."""
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:g}" role="img">'
    paper = f'<rect class="paper" width="{WIDTH}" height="{height:g}" rx="10"/>'
    return "\n".join((head, f"<title>{escape(title)}</title>", f"<style>{STYLE}</style>", paper, *shapes, "</svg>\n"))


def box(left: float, top: float, width: float, height: float, kind: str) -> str:
    """A rectangle with round corners."""
    return f'<rect class="{kind}" x="{left:g}" y="{top:g}" width="{width:g}" height="{height:g}" rx="6"/>'


def text(left: float, base: float, words: str, kind: str, anchor: str = "start") -> str:
    """A line of text; ``soft`` and ``left`` have a colour of their own, all else is ink."""
    classes = kind if kind.startswith(("soft", "left")) else f"{kind} ink"
    return f'<text class="{classes}" x="{left:g}" y="{base:g}" text-anchor="{anchor}">{escape(words)}</text>'


def arrow(left: float, top: float, right: float, bottom: float) -> Iterator[str]:
    """An arrow to the right or downwards."""
    yield f'<path class="line" d="M{left:g} {top:g}L{right:g} {bottom:g}"/>'
    back = (-6, -4, -6, 4) if right > left else (-4, -6, 4, -6)
    one, other = (right + back[0], bottom + back[1]), (right + back[2], bottom + back[3])
    yield f'<path class="tip" d="M{right:g} {bottom:g}L{one[0]:g} {one[1]:g}L{other[0]:g} {other[1]:g}Z"/>'


if __name__ == "__main__":
    main()
