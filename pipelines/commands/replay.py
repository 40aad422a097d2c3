"""`tesuki why --replay` and `--record`: what today's code makes of one record, and whether a corpus says the same."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from tesuki.pipelines.commands.page_index import Row
from tesuki.pipelines.commands.why import captures_of
from tesuki.pipelines.corpus.manifest import Manifest, read_manifest
from tesuki.pipelines.corpus.request import memory_in
from tesuki.pipelines.errors import RequestError, WorkError
from tesuki.pipelines.experiments.replay import Arrival, load_judges, open_stations, records_at, replay
from tesuki.pipelines.journey.page import Fate, Page
from tesuki.pipelines.journey.printable import printable
from tesuki.pipelines.reading.inputs import path_of
from tesuki.pipelines.recipe.loading import load_recipe
from tesuki.pipelines.recipe.sections import Recipe
from tesuki.release_levels.levels import parse_level
from tesuki.release_levels.page_lists import text_hash

ALONE: Final = ("read", "detect", "decode", "extract", "identify", "measure")
"""Stations that decide by the page alone: what left at another may have left for the sake of other pages."""

OTHERS: Final = "by the rest of the corpus: not replayed"


def replay_lines(output: Path, page: str, archive: Path | None, recipe_path: Path | None) -> Iterator[tuple[bool, str]]:
    """For each capture of ``page`` and each station, whether today's code agrees with the corpus, and in words.

    ``archive`` is where the page's archive lies, if not where the run found it. The recipe is the corpus' own, or for
    one that reads further files the one at ``recipe_path``. Raises `RequestError` for what is not there, `WorkError`
    where the archive holds no such record.
    """
    manifest = read_manifest(output)
    recipe = load_recipe(recipe_path) if recipe_path else Recipe.model_validate(manifest.recipe)
    try:
        judges = load_judges(recipe, recipe_path or Path("recipe"))
    except RequestError as failure:
        raise failure if recipe_path else RequestError(f"{failure}; name the recipe's file with --recipe") from None
    for row in captures_of(output, manifest, page):
        found = archive or _archive_of(output, manifest, row)
        yield True, printable(f"{row['url'] or row['url_hash']}, byte {row['offset']} of {found}")
        differing = 0
        record = _record(recipe, row, found)
        with open_stations(recipe, judges, row["subset"]) as stations:
            for agrees, line in _compared(row, replay(stations, record)):
                differing += not agrees
                yield agrees, printable(line)
        yield not differing, f"  replay      {f'differs at {differing} stations' if differing else 'agrees'}"


def record_lines(archive: Path, offset: int, recipe_path: Path | None) -> Iterator[str]:
    """What today's code makes of the records at byte ``offset`` of ``archive``, by the recipe at ``recipe_path`` (its
    first subset of WARC files) or the default one. Raises `RequestError` where there is no such file or no record."""
    if not archive.is_file():
        raise RequestError(f"--record: {archive} is not a file")
    subset = {"inputs": str(archive), "format": "warc"}
    default = {"name": "record", "subsets": {"web": subset}, "tokenizer": None}
    recipe = load_recipe(recipe_path) if recipe_path else Recipe.model_validate(default)
    judges = load_judges(recipe, recipe_path or Path("recipe"))
    name = next((name for name, settings in recipe.subsets.items() if settings.format == "warc"), None)
    if name is None:
        raise RequestError(f"--recipe: {recipe_path} has no subset of WARC files")
    records = list(records_at(recipe, name, archive, offset)) if offset < archive.stat().st_size else []
    if not records:
        raise RequestError(
            f"--record: no record begins at byte {offset} of {archive}; a CDX index or the ledger has some"
        )
    with open_stations(recipe, judges, name) as stations:
        for record in records:
            yield printable(record.url or record.record_id)
            for arrival in replay(stations, record):
                yield from map(printable, _told(arrival))


def _archive_of(output: Path, manifest: Manifest, row: Row) -> Path:
    named = (row["subset"], row["archive"])
    # Of a crawl that was read by its index the inputs are lists of rows, not archives.
    entry = next((each for each in manifest.inputs if (each.subset, each.archive) == named), None)
    path = path_of(memory_in(output), entry.archive, entry.sha256) if entry and entry.sha256 else None
    if path is None:
        raise RequestError(
            f"{row['archive']} is not, or not as it was, where the run found it; name it with --archive FILE"
        )
    return path


def _record(recipe: Recipe, row: Row, archive: Path) -> Page | Fate:
    if row["subset"] not in recipe.subsets:
        raise RequestError(f"--recipe: has no subset {row['subset']!r}, of which the page is")
    if not archive.is_file():
        raise RequestError(f"--archive: {archive} is not a file")
    for item in records_at(recipe, row["subset"], archive, row["offset"]):
        if item.record_id == row["record_id"]:
            return item
    raise WorkError(f"{archive}: no record {row['record_id']} at byte {row['offset']}; it is another archive")


def _compared(row: Row, arrivals: Iterator[Arrival]) -> Iterator[tuple[bool, str]]:
    for arrival in arrivals:
        if isinstance(arrival.item, Fate):
            yield _left(row, arrival.item)
            return
        if not row["kept"] and row["station"] == arrival.station and arrival.station in ALONE:
            yield False, _line(arrival.station, f"passes; the corpus says {row['fate']} by {row['rule']}")
            continue
        if not row["kept"] and arrival.station not in ALONE:
            break
        differences = list(_differences(row, arrival.station, arrival.item)) if row["kept"] else []
        yield not differences, _line(arrival.station, "differs: " + "; ".join(differences) if differences else "agrees")
    if not row["kept"] and row["station"] not in ALONE:
        yield True, _line(row["station"], f"{row['fate']} by {row['rule']}, {OTHERS}")


def _left(row: Row, fate: Fate) -> tuple[bool, str]:
    today = f"{fate.fate} by {fate.rule}{_value(fate.value)}"
    if row["kept"]:
        return False, _line(fate.station, f"{today}; the corpus says kept")
    same = (fate.fate, fate.station, fate.rule) == (row["fate"], row["station"], row["rule"])
    if same and _alike(fate.value, row["value"]):
        return True, _line(fate.station, f"agrees: {today}")
    there = f"{row['fate']} at {row['station']} by {row['rule']}{_value(row['value'])}"
    return False, _line(fate.station, f"{today}; the corpus says {there}")


def _differences(row: Row, station: str, page: Page) -> Iterator[str]:
    """Where a page differs from what the corpus says of it, which is kept."""
    known: Mapping[str, Any] = {}
    if station == "read":
        known = {"url": page.url, "date": page.date}
    elif station == "decode":
        known = {
            "encoding": page.encoding,
            "encoding_evidence": page.encoding_evidence,
            "replacements": page.replacements,
        }
    elif station == "extract":
        known = {"title": page.title, "characters": len(page.text), "text_hash": text_hash(page.text)}
    elif station == "mend" and not _mended_by_others(row):
        known = {"text": page.text}
    for name, value in known.items():
        if row[name] != value:
            told = "" if name == "text" else f" {value!r}, the corpus says {row[name]!r}"
            yield name + told
    if station == "measure":
        there = {measure["name"]: measure["value"] for measure in row["measures"]}
        for name in sorted(set(there) & set(page.measures)):
            if not _alike(there[name], page.measures[name]):
                yield f"{name} {page.measures[name]:.6g}, the corpus says {there[name]:.6g}"
    if station == "level" and page.level != row["level"] and not _stricter_by_others(row, page):
        yield f"level {page.level}, the corpus says {row['level']}"


def _mended_by_others(row: Row) -> bool:
    """Whether lines were cut because other pages have them."""
    return any(edit["kind"].startswith("repeated") for edit in row["edits"])


def _stricter_by_others(row: Row, page: Page) -> bool:
    """Whether the level is that of a duplicate, or rests on what a host says in files of its own."""
    by_others = row["cluster"]["strictest"] == row["level"] or any(each["where"] == "host" for each in row["evidence"])
    return by_others and parse_level(row["level"]) > parse_level(page.level)


def _told(arrival: Arrival) -> Iterator[str]:
    item = arrival.item
    if isinstance(item, Fate):
        bound = "" if item.threshold is None else f" against {item.threshold:.6g}"
        yield _line(arrival.station, f"{item.fate} by {item.rule}{_value(item.value)}{bound} {item.detail}".rstrip())
        return
    told = {
        "read": f"{item.record_id}, {item.length} bytes, captured {item.date}",
        "decode": f"{item.encoding}, known by {item.encoding_evidence}, {item.replacements} characters replaced",
        "extract": f"{len(item.text)} characters, title {item.title!r}",
        "mend": f"{len(item.edits)} edits, {len(item.text)} characters",
        "level": f"{item.level} by its own evidence",
    }
    yield _line(arrival.station, told.get(arrival.station, "passes"))
    if arrival.station == "measure":
        for name, value in sorted(item.measures.items()):
            yield _line("", f"{name} {value:.6g}")
    if arrival.station == "level":
        for each in item.evidence:
            yield _line("", f"{each.signal} in {each.where}: {each.value!r} ({each.rule})")


def _line(station: str, words: str) -> str:
    return f"  {station:<11} {words}"


def _value(value: float | None) -> str:
    return "" if value is None else f": {value:.6g}"


def _alike(one: float | None, other: float | None) -> bool:
    return one == other if one is None or other is None else math.isclose(one, other, rel_tol=1e-12)
