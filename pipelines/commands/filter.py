"""`tesuki filter`: documents in, the same with their measures and the verdict of a preset out."""

from __future__ import annotations

from dataclasses import asdict
from functools import partial
from typing import BinaryIO

from tesuki.filters import presets
from tesuki.filters.rules import judge
from tesuki.pipelines.commands.answers import Record, answer_lines, text_of
from tesuki.pipelines.errors import RequestError


def run(stdin: BinaryIO, stdout: BinaryIO, *, preset: str) -> int:
    """Judge the JSON Lines of ``stdin`` by the preset; returns the exit code (1 when a line was malformed).

    Each record keeps its fields and gains ``quality``, all measures, and ``verdict``: ``keep`` and, where
    that is false, ``rule``, ``value`` and ``threshold``, else null. Raises `RequestError` for an unknown
    preset, before a line is read.
    """
    try:
        chosen = presets.preset(preset)
    except ValueError as failure:
        raise RequestError(f"--preset: {failure}") from None
    return answer_lines(stdin, stdout, partial(_judged, chosen))


def _judged(chosen: presets.Preset, record: Record) -> Record:
    measures = chosen.measure(text_of(record))
    return record | {"quality": measures, "verdict": asdict(judge(measures, chosen.rules))}
