"""A station in a real pipeline: opened once for its worker, closed at the end, every page sent through."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

import apache_beam as beam
from apache_beam.runners.portability.fn_api_runner import FnApiRunner
from apache_beam.testing.util import assert_that, equal_to

from tesuki.pipelines.journey.chunk import Chunk, Step, chunks
from tesuki.pipelines.journey.page import Fate, Page, leave
from tesuki.pipelines.journey.station import Station, plain


def page(number: int, text: str) -> Page:
    return Page("web", "a.warc.gz", number, 1, f"<urn:{number}>", "https://a.example/", "", text=text)


def shout(page: Page) -> Page | Fate:
    return replace(page, text=page.text + "!") if page.text else leave(page, "rejected", "shout", "shout.silent")


@contextmanager
def written_down(log: Path) -> Iterator[Step]:
    """A step that writes down when it is opened, used and closed."""

    def step(page: Page) -> Page:
        with log.open("a") as lines:
            lines.write(f"{page.text}\n")
        return page

    with log.open("a") as lines:
        lines.write("opened\n")
    yield step
    with log.open("a") as lines:
        lines.write("closed\n")


def three_chunks() -> list[Chunk]:
    return [chunk for part in "abc" for chunk in chunks(part, [page(0, part), page(1, "")], "read")]


def seen(chunk: Chunk) -> tuple[str, list[str], list[str], list[tuple[str, int, int]]]:
    return (
        chunk.part,
        [page.text for page in chunk.pages],
        [fate.rule for fate in chunk.fates],
        [(count.station, count.arrived, count.passed) for count in chunk.counts],
    )


def test_every_page_of_every_chunk_goes_through_the_step() -> None:
    with beam.Pipeline(runner=FnApiRunner()) as pipeline:
        through = pipeline | beam.Create(three_chunks()) | Station("shout", plain(shout)) | beam.Map(seen)
        assert_that(
            through,
            equal_to([(part, [f"{part}!"], ["shout.silent"], [("read", 2, 2), ("shout", 2, 1)]) for part in "abc"]),
        )


def test_a_step_is_opened_before_its_first_page_and_closed_after_its_last(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with beam.Pipeline(runner=FnApiRunner()) as pipeline:
        _ = pipeline | beam.Create(three_chunks(), reshuffle=False) | Station("log", partial(written_down, log))
    first, *pages, last = log.read_text().splitlines()
    assert (first, last) == ("opened", "closed")
    assert sorted(pages) == ["", "", "", "a", "b", "c"]
