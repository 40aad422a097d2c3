"""The careful reading: every byte of a range is a record read whole or damage that is reported."""

from __future__ import annotations

import mmap
from collections.abc import Iterator

from tesuki.pipelines.reading.warc.frames import Frame, Gap, View, frames, next_boundary
from tesuki.pipelines.reading.warc.packing import Packing
from tesuki.pipelines.reading.warc.records import CONTENT_BYTES, Damage, Record
from tesuki.pipelines.reading.warc.units import Unit, Units


def careful_records(file: mmap.mmap, packing: Packing, start: int, end: int) -> Iterator[Record | Damage]:
    """What begins in ``[start, end)``, where ``start`` is the first byte of a record or of damage."""
    if packing == "plain":
        for found in frames(file, start, end):
            yield _item(file, found, found.start, found.stop - found.start, 0)
        return
    units = Units(file, packing)
    while start < min(end, len(file)):
        with units.at(start) as unit:
            if not _is_cut(unit):
                yield from _items(unit, start)
                start = unit.stop
                continue
        with units.at(start, joined=True) as unit:
            yield from _items(unit, start)
            start = unit.stop


def first_start(file: mmap.mmap, packing: Packing, start: int) -> int:
    """The first place at or after ``start`` where a record can begin, or the end of the file."""
    return next_boundary(file, start) if packing == "plain" else Units(file, packing).next_start(start)


def _is_cut(unit: Unit) -> bool:
    last: Frame | Gap | None = None
    for found in _found(unit):
        last = found
    return isinstance(last, Gap) and last.cut


def _found(unit: Unit) -> Iterator[Frame | Gap]:
    """What lies in the unit, one at a time: a unit can hold more records than memory bears heads of."""
    held: Frame | Gap | None = None
    for found in frames(unit.view, 0, len(unit.view)):
        if held:
            yield held
        held = found
    if unit.damage:
        # All but the last record were followed by another one and are whole; the last is the one that broke.
        yield Gap(held.start if held else 0, len(unit.view), unit.damage)
    elif held:
        yield held


def _items(unit: Unit, start: int) -> Iterator[Record | Damage]:
    for frame in _found(unit):
        yield _item(unit.view, frame, start, unit.stop - start, frame.start)


def _item(view: View, found: Frame | Gap, offset: int, length: int, inner: int) -> Record | Damage:
    if isinstance(found, Gap):
        return Damage(offset, length, inner, found.detail)
    content = view[found.content : found.content + min(found.content_length, CONTENT_BYTES)]
    return Record(offset, length, inner, found.headers, content, found.content_length)
