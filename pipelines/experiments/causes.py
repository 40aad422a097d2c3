"""What differs between two corpora before any page is looked at, and which stations that can change."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tesuki.pipelines.recipe.station_order import ORDERS
from tesuki.pipelines.storage.names import digest

BEFORE = ("read", "detect", "decode", "extract", "identify", "withhold")
AFTER = ("mend", "level", "tokens")
"""The journey's stations in order before and after those whose order a recipe chooses; ``tokens`` stands for all that
comes after documents."""

STATIONS = (*BEFORE, *ORDERS["quality-first", "guarded"], *AFTER)
"""All stations, in the order of a recipe that chooses none."""

ALL = STATIONS
"""What a change of code or library can reach."""

FIELDS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("extraction.detect", ("detect",)),
    ("extraction", ("read", "extract", "identify")),
    ("matching", ("measure", "deduplicate", "hosts", "mend")),
    ("rules.order", ("measure", "deduplicate")),
    ("rules", ("measure",)),
    ("deduplication", ("deduplicate",)),
    ("hosts", ("hosts",)),
    ("mend", ("mend",)),
    ("policy", ("withhold", "level")),
    ("fetch", ("read",)),
    ("scores", ("tokens",)),
    ("tokenizer", ("tokens",)),
    ("shards", ("tokens",)),
    ("splits", ("tokens",)),
)
"""Sections of the recipe and the stations that read them; the first row that fits counts."""

SUBSET_FIELDS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("inputs", ("read",)),
    ("base", ("read",)),
    ("where", ("read",)),
    ("format", ("read", "detect", "decode", "extract", "identify")),
    ("columns", ("read",)),
    ("repeats", ("tokens",)),
    ("buckets", ("tokens",)),
    ("level", ("withhold", "deduplicate", "level")),
    ("default_level", ("level",)),
    ("judge", ("measure",)),
)
"""The same of fields of a subset."""

CODE: Mapping[str, tuple[str, ...]] = {
    "pages": ("read", "detect", "decode", "extract", "identify"),
    "judged": ("measure",),
    "drops": ("deduplicate",),
    "documents": ("withhold", "hosts", "mend", "level"),
    "tokens": ("tokens",),
}
"""Steps whose code the manifest names, and the stations in each."""

LISTS: Mapping[str, tuple[str, ...]] = {
    "words": ("measure", "hosts"),
    "rules": ("measure",),
    "hosts": ("hosts",),
    "passages": ("mend",),
    "policy": ("withhold", "level"),
    "takedown": ("withhold", "level"),
    "deny": ("withhold", "level"),
    "allow": ("withhold", "level"),
    "host files": ("withhold", "level"),
}
"""Kinds of lists and the stations that read them; any other kind is read by `deduplicate`."""


@dataclass(frozen=True, slots=True)
class Cause:
    """Something that differs: what it is, both values in short, and the stations that it can change."""

    what: str
    before: str
    after: str
    stations: tuple[str, ...]


def stations_of(manifest: Mapping[str, Any]) -> tuple[str, ...]:
    """All stations, in the order in which the pages of a manifest's corpus passed them."""
    recipe = manifest["recipe"]
    return (*BEFORE, *ORDERS[recipe["rules"]["order"], recipe["matching"]], *AFTER)


def causes_between(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[Cause, ...]:
    """What differs between two manifests, in a fixed order."""
    return (
        *_recipe_causes(before["recipe"], after["recipe"]),
        *_record_causes("list", _lists(before), _lists(after)),
        *_record_causes("input", _inputs(before), _inputs(after)),
        *_plain_causes("library", before["libraries"], after["libraries"]),
        *_plain_causes("code", before["code"], after["code"]),
    )


def cause_of(causes: Sequence[Cause], station: str, stations: Sequence[str]) -> str:
    """What can explain a difference that shows at ``station``, one of ``stations`` in order, as far as it can be told.

    What the station reads itself comes first; where nothing of that differs, a page fares otherwise because other
    pages did, further up.
    """
    direct = [cause.what for cause in causes if station in cause.stations]
    if direct:
        return " or ".join(direct)
    further_up = frozenset(stations[: stations.index(station)])
    above = [cause.what for cause in causes if not further_up.isdisjoint(cause.stations)]
    return "follows from " + " or ".join(above) if above else "unknown"


def _recipe_causes(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Cause]:
    old, new = dict(_leaves(before)), dict(_leaves(after))
    for path in sorted(old.keys() | new.keys()):
        if old.get(path) != new.get(path) and path != "name":
            yield Cause(path, _short(old.get(path)), _short(new.get(path)), _readers_of(path))


def _readers_of(path: str) -> tuple[str, ...]:
    first, *rest = path.split(".")
    if first == "subsets":
        field = rest[1] if len(rest) > 1 else "inputs"
        return next((stations for name, stations in SUBSET_FIELDS if name == field), ALL)
    return next((stations for name, stations in FIELDS if f"{path}.".startswith(f"{name}.")), ALL)


def _record_causes(
    kind: str, before: Mapping[str, tuple[str, tuple[str, ...]]], after: Mapping[str, tuple[str, tuple[str, ...]]]
) -> Iterator[Cause]:
    for name in sorted(before.keys() | after.keys()):
        old, new = before.get(name, ("–", ())), after.get(name, ("–", ()))
        if old[0] != new[0]:
            yield Cause(f"{kind} {name}", old[0], new[0], old[1] or new[1])


def _plain_causes(kind: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Cause]:
    for name in sorted(before.keys() | after.keys()):
        if before.get(name) != after.get(name):
            stations = CODE.get(name, ALL) if kind == "code" else ALL
            yield Cause(f"{kind} {name}", _short(before.get(name)), _short(after.get(name)), stations)


def _lists(manifest: Mapping[str, Any]) -> dict[str, tuple[str, tuple[str, ...]]]:
    return {
        f"{record['list']} {record.get('name', '')}".rstrip(): (
            _identity(record),
            LISTS.get(record["list"], ("deduplicate",)),
        )
        for record in manifest["lists"]
    }


def _inputs(manifest: Mapping[str, Any]) -> dict[str, tuple[str, tuple[str, ...]]]:
    return {f"{record['subset']}/{record['archive']}": (_identity(record), ("read",)) for record in manifest["inputs"]}


def _identity(record: Mapping[str, Any]) -> str:
    """The beginning of a file's hash, or of one of all that is said of it."""
    return str(record.get("sha256") or digest(record))[:12]


def _leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping) and value:
        for name, inner in value.items():
            yield from _leaves(inner, f"{path}.{name}" if path else str(name))
    else:
        yield path, value


def _short(value: Any) -> str:
    shown = "–" if value is None else str(value)
    return shown if len(shown) <= 60 else shown[:57] + "..."
