"""`tesuki filter`: documents in, the same with their measures and the verdict of a preset out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import BinaryIO

from tesuki.filters.pages import page_measures
from tesuki.filters.presets import Preset
from tesuki.pipelines.commands.answers import Record, answer_lines, text_of
from tesuki.pipelines.errors import in_field
from tesuki.pipelines.judging.rule_file import bounds_of, find_preset


def run(stdin: BinaryIO, stdout: BinaryIO, *, preset: str, settings: Sequence[str] = ()) -> int:
    """Judge the JSON Lines of ``stdin`` by the preset; returns the exit code (1 when a line was malformed).

    Each record keeps its fields and gains ``quality``, all measures, and ``verdict``: ``keep`` and, where
    that is false, ``rule``, ``value`` and ``threshold``, else null. Raises `RequestError` for an unknown
    preset or rule, before a line is read. A document of a corpus is judged by its pages, where it has any.
    """
    return answer_lines(stdin, stdout, partial(_judged, chosen_preset(preset, settings)))


def chosen_preset(name: str, settings: Sequence[str]) -> Preset:
    """The preset or file called ``name`` with the bounds of ``settings`` (``characters=200``)."""
    with in_field("--preset"):
        chosen = find_preset(name, Path())
    bounds = bounds_of(settings)
    with in_field("--set"):
        return chosen.with_bounds(bounds)


def _judged(chosen: Preset, record: Record) -> Record:
    measures, verdict = chosen.examine(text_of(record), _known(record))
    return record | {"quality": measures, "verdict": asdict(verdict)}


def _known(record: Record) -> Mapping[str, float]:
    """What a document of a corpus says of its pages, in its ``extraction``."""
    account = record.get("extraction")
    if not isinstance(account, dict):
        return {}
    taken, garbled, pages = (account.get(name) for name in ("taken", "garbled", "pages"))
    if not (isinstance(taken, int) and isinstance(garbled, int) and isinstance(pages, int) and pages > 0):
        return {}
    return page_measures(taken, garbled, pages)
