"""One record through today's stations, alone: what this version of Tesuki makes of it.

What a station decides by the rest of the corpus (duplicates, what hosts add up to, lines that many pages share) is not
replayed, and a page's level is that of its own evidence.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from tesuki.filters.hosts import Denied
from tesuki.filters.presets import Preset
from tesuki.pipelines.corpus.page_store import extraction_of, source_of
from tesuki.pipelines.decoding.decode import decode
from tesuki.pipelines.decoding.detect import detect
from tesuki.pipelines.errors import WorkError, is_of_the_environment
from tesuki.pipelines.journey.chunk import Step
from tesuki.pipelines.journey.page import Fate, Page, leave
from tesuki.pipelines.journey.range import Range
from tesuki.pipelines.judging.hosts import leave_if_unwanted
from tesuki.pipelines.judging.language import identify
from tesuki.pipelines.judging.lists import load_denied_hosts
from tesuki.pipelines.judging.preset import load_preset
from tesuki.pipelines.judging.step import leave_if_rejected, measure
from tesuki.pipelines.levelling.page_level import LevelPage, load_level_page
from tesuki.pipelines.levelling.step import level_cluster
from tesuki.pipelines.mending.step import open_mending
from tesuki.pipelines.reading.sources import FORMATS, WHOLE
from tesuki.pipelines.recipe.sections import Recipe
from tesuki.release_levels.page_lists import text_hash


@dataclass(frozen=True, slots=True)
class Arrival:
    """What ``station`` made of the page: the page itself, or the fate as which it left."""

    station: str
    item: Page | Fate


@dataclass(frozen=True, slots=True)
class Judges:
    """What a recipe judges and levels by, loaded."""

    preset: Preset
    denied_hosts: Denied
    level_page: LevelPage


def load_judges(recipe: Recipe, recipe_path: Path) -> Judges:
    """All that ``recipe`` reads beside archives. Raises `RequestError` naming the field whose file is not there."""
    preset, _ = load_preset(recipe, recipe_path.parent)
    denied_hosts, _ = load_denied_hosts(recipe, recipe_path.parent)
    level_page, _ = load_level_page(recipe, recipe_path)
    return Judges(preset, denied_hosts, level_page)


def records_at(recipe: Recipe, subset: str, archive: Path, offset: int) -> Iterator[Page | Fate]:
    """The records of ``subset`` that begin at byte ``offset`` of ``archive``: several where they share a unit."""
    settings = recipe.subsets[subset]
    if FORMATS[settings.format].by_index:  # what the index names are records of WARC files, of which this is one
        settings = settings.model_copy(update={"format": "warc"})
    source = source_of(settings, {archive.name: str(archive)})
    splits = FORMATS[source.format].splits
    span = Range(subset, str(archive), archive.name, *((offset, offset + 1) if splits else (0, WHOLE)))
    return (item for item in source.read(span) if item.offset == offset)


@contextmanager
def open_stations(recipe: Recipe, judges: Judges, subset: str) -> Iterator[list[tuple[str, Step]]]:
    """The stations that the pages of ``subset`` pass after they were read, each with its step."""
    form = FORMATS[recipe.subsets[subset].format]
    unjudged = frozenset(name for name, settings in recipe.subsets.items() if not settings.judge)
    mending = recipe.mend.model_copy(update={"templates": None, "repeated_lines": None})
    with ExitStack() as opened:
        stations: list[tuple[str, Step]] = []
        if form.html:
            stations += [("detect", detect(recipe.extraction.detect)), ("decode", decode)]
            stations.append(("extract", opened.enter_context(extraction_of(recipe.extraction)())))
        if form.any_language:
            stations.append(("identify", identify))
        yield [
            *stations,
            ("measure", partial(_judge, judges.preset, unjudged)),
            ("hosts", partial(leave_if_unwanted, judges.denied_hosts, {}, frozenset(recipe.hosts.top_levels))),
            ("mend", opened.enter_context(open_mending(mending, None))),
            ("level", partial(level_cluster, judges.level_page)),
        ]


def replay(stations: Iterable[tuple[str, Step]], read: Page | Fate) -> Iterator[Arrival]:
    """What each station makes of the record that was ``read``, until it leaves."""
    yield Arrival("read", read)
    item = read
    for station, step in stations:
        if isinstance(item, Fate):
            return
        item = _outcome(item, station, step)
        yield Arrival(station, item)


def _judge(preset: Preset, unjudged: frozenset[str], page: Page) -> Page | Fate:
    measured = measure(preset, unjudged, replace(page, characters=len(page.text), text_hash=text_hash(page.text)))
    return leave_if_rejected(measured) if isinstance(measured, Page) else measured


def _outcome(page: Page, station: str, step: Step) -> Page | Fate:
    try:
        return step(page)
    except Exception as failure:
        if is_of_the_environment(failure):
            raise WorkError(f"{station}: {failure}") from None
        return leave(page, "dead", station, f"{station}.crash", detail=type(failure).__name__)
