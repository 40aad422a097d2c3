"""The parts of a run: sixty bytes each, whatever else there is to say of one is worked out when it is asked for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import overload

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tesuki.pipelines.journey.range import Range
from tesuki.pipelines.storage.judged_part import JudgedPart, Part
from tesuki.pipelines.storage.numbered import Rows, numbered, open_rows

INPUTS = pa.schema(
    [
        ("subset", pa.string()),
        ("archive", pa.string()),
        ("path", pa.string()),
        ("size", pa.int64()),
        ("unit", pa.float64()),
    ]
)
"""The inputs of a run, sorted; ``size`` is in that of which ranges are made, and ``unit`` the bytes of one of these: 1
where they are bytes, where they are rows what a row has to be fetched, on average."""

PARTS = pa.schema(
    [
        ("pages", pa.binary(16)),
        ("judged", pa.binary(16)),
        ("input", pa.int32()),
        ("start", pa.int64()),
        ("end", pa.int64()),
        ("by_pages", pa.int32()),
    ]
)
"""The parts of a run, sorted by ``judged``: names, the input's row and the range in it. ``by_pages`` does not belong to
the part in its row: all of them together are the parts in the order of ``pages``."""


@dataclass(frozen=True)
class ArchivePaths(Mapping[str, str]):
    """Where each input of a subset lies, by its name: looked up in the table of all inputs."""

    inputs: Rows
    subset: str

    def __getitem__(self, archive: str) -> str:
        place = self.inputs.place((self.subset, archive), ("subset", "archive"))
        if place is None:
            raise KeyError(archive)
        return str(self.inputs.value("path", place))

    def __iter__(self) -> Iterator[str]:
        own = self.inputs.table.filter(pc.equal(self.inputs.table["subset"], self.subset))
        return iter(own["archive"].to_pylist())

    def __len__(self) -> int:
        return int(pc.sum(pc.equal(self.inputs.table["subset"], self.subset)).as_py() or 0)


@dataclass(frozen=True)
class Parts(Sequence[Part]):
    """The parts of a run, in the order of their judged names."""

    rows: Rows
    inputs: Rows

    def __len__(self) -> int:
        return len(self.rows)

    @overload
    def __getitem__(self, number: int) -> Part: ...
    @overload
    def __getitem__(self, number: slice) -> tuple[Part, ...]: ...
    def __getitem__(self, number: int | slice) -> Part | tuple[Part, ...]:
        if isinstance(number, slice):
            return tuple(self[each] for each in range(*number.indices(len(self))))
        if not 0 <= number < len(self):
            raise IndexError(number)
        pages, judged, source, start, end, _ = self.rows.row(number)
        subset, archive, path, *_ = self.inputs.row(source)
        return Part(pages.hex(), judged.hex(), Range(subset, path, archive, start, end))

    def __iter__(self) -> Iterator[Part]:
        known, place = -1, ("", "", "")
        for pages, judged, source, start, end, _ in self.rows:
            if source != known:
                subset, archive, path, *_ = self.inputs.row(source)
                known, place = source, (subset, path, archive)
            yield Part(pages.hex(), judged.hex(), Range(*place, start, end))

    def bytes_of(self, number: int) -> int:
        """Bytes of the range of a part, as far as its file goes."""
        _, _, source, start, end, _ = self.rows.row(number)
        size, unit = (self.inputs.value(name, source) for name in ("size", "unit"))
        return int(np.rint((min(end, size) - start) * unit))

    def total_bytes(self) -> int:
        """Bytes of all ranges, as far as their files go."""
        sizes, units = (self.inputs.table[name].to_numpy() for name in ("size", "unit"))
        start, end, source = (self.rows.table[name].to_numpy() for name in ("start", "end", "input"))
        return int(np.rint((np.minimum(end, sizes[source]) - start) * units[source]).sum()) if len(self) else 0

    def number_of(self, judged: str) -> int | None:
        """The number of the part with that judged name, if there is one."""
        return self.rows.place((_name(judged),), ("judged",))

    def number_of_pages(self, pages: str) -> int | None:
        """The number of the part whose pages have that name, if there is one."""
        wanted = _name(pages)
        low, high = 0, len(self)
        while low < high:
            middle = (low + high) // 2
            if self.rows.value("pages", self.rows.value("by_pages", middle)) < wanted:
                low = middle + 1
            else:
                high = middle
        number = self.rows.value("by_pages", low) if low < len(self) else None
        return int(number) if number is not None and self.rows.value("pages", number) == wanted else None

    def paths(self, subset: str) -> ArchivePaths:
        """Where the inputs of a subset lie."""
        return ArchivePaths(self.inputs, subset)

    def stored(self, folder: Path) -> Parts:
        """The same parts in files of ``folder``; `open_parts` opens them."""
        return Parts(self.rows.stored(folder / "parts.arrow"), self.inputs.stored(folder / "inputs.arrow"))


@dataclass(frozen=True)
class JudgedParts(Sequence[JudgedPart]):
    """The parts of a run with all their tables; ``scores`` are (name, folder) of each model's."""

    parts: Sequence[Part]
    folder: Path
    drops: Path
    scores: tuple[tuple[str, Path], ...] = ()

    def __len__(self) -> int:
        return len(self.parts)

    @overload
    def __getitem__(self, number: int) -> JudgedPart: ...
    @overload
    def __getitem__(self, number: slice) -> tuple[JudgedPart, ...]: ...
    def __getitem__(self, number: int | slice) -> JudgedPart | tuple[JudgedPart, ...]:
        if isinstance(number, slice):
            return tuple(self[each] for each in range(*number.indices(len(self))))
        return self._tables(self.parts[number])

    def __iter__(self) -> Iterator[JudgedPart]:
        return map(self._tables, self.parts)

    def _tables(self, part: Part) -> JudgedPart:
        return JudgedPart(
            part.judged,
            part.range.subset,
            self.folder / "pages" / f"{part.pages}.pages.parquet",
            self.folder / "pages" / f"{part.pages}.fates.parquet",
            self.folder / "judged" / f"{part.judged}.judged.parquet",
            self.drops / f"{part.judged}.drops.parquet",
            tuple((model, folder / f"{part.pages}.scores.parquet") for model, folder in self.scores),
        )

    def judged_files(self) -> Iterator[Path]:
        """Where the judged table of each part lies."""
        return (self.folder / "judged" / f"{part.judged}.judged.parquet" for part in self.parts)

    def with_scores(self, scores: Iterable[tuple[str, Path]]) -> JudgedParts:
        """The same parts with what models say of their pages."""
        return replace(self, scores=tuple(scores))


def parts_of(
    inputs: Iterable[tuple[str, str, str, int, float]], parts: Iterable[tuple[str, str, int, int, int]]
) -> Parts:
    """The parts of a run, in memory.

    ``inputs`` are rows of `INPUTS`, sorted by subset and archive; ``parts`` are (pages, judged, the input's row, start,
    end), in any order.
    """
    schema = pa.schema([field for field in PARTS if field.name != "by_pages"])
    table = numbered(schema, ((_name(p), _name(j), *place) for p, j, *place in parts)).table
    table = table.sort_by("judged")
    by_pages = pc.sort_indices(table, sort_keys=[("pages", "ascending")])
    return Parts(
        Rows(table.append_column(PARTS.field("by_pages"), by_pages.cast(pa.int32()))), numbered(INPUTS, inputs)
    )


def open_parts(folder: Path) -> Parts:
    """The parts that `Parts.stored` wrote to ``folder``. Raises FileNotFoundError where there are none."""
    return Parts(open_rows(folder / "parts.arrow"), open_rows(folder / "inputs.arrow"))


def _name(name: str) -> bytes:
    return bytes.fromhex(name)
