"""What stays known of judged pages when a part's judged table goes, because a page of it was withheld.

The table goes as a whole, so that the part is judged again when it is needed. The measures of its other pages stay
here: `tesuki try` answers from them. No station reads them.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from tesuki.pipelines.storage.files import parquet_file

FOLDER = "measures"
"""Where these tables lie, beside ``judged/``."""

ROW = "row"
"""The column that says which row of the judged table each was: drops speak of those."""

SUFFIX = ".measures.parquet"
"""How their names end, behind the part's."""


def keep_remaining(judged: Path, gone: Collection[int], parts: Path) -> None:
    """Keep what the table at ``judged`` says of its rows but ``gone``; ``parts`` is ``parts/``."""
    table = pq.read_table(judged)
    rows = pa.array([row for row in range(table.num_rows) if row not in gone], pa.uint32())
    kept = table.take(rows).append_column(ROW, rows)
    _write(parts / FOLDER / (judged.name.partition(".")[0] + SUFFIX), kept)


def forget_documents(ids: frozenset[str], parts: Path) -> None:
    """Take the pages with these document ids out of every table below ``parts``."""
    for path in sorted((parts / FOLDER).glob(f"*{SUFFIX}")):
        table = pq.read_table(path)
        stays = pc.invert(pc.is_in(table["id"], pa.array(sorted(ids), pa.string())))
        if not pc.all(stays).as_py():
            _write(path, table.filter(stays))


def measured_tables(parts: Path) -> dict[str, Path]:
    """The table of each part that says what was measured of its pages: the judged one where it is there."""
    remaining = {path.name.removesuffix(SUFFIX): path for path in (parts / FOLDER).glob(f"*{SUFFIX}")}
    judged = {path.name.removesuffix(".judged.parquet"): path for path in (parts / "judged").glob("*.judged.parquet")}
    return dict(sorted({**remaining, **judged}.items()))


def measured_table(parts: Path, part: str) -> Path | None:
    """The table of one part that says what was measured of its pages; None where there is none any more."""
    places = (parts / "judged" / f"{part}.judged.parquet", parts / FOLDER / f"{part}{SUFFIX}")
    return next((path for path in places if path.is_file()), None)


def _write(path: Path, table: pa.Table) -> None:
    with parquet_file(path, table.schema) as writer:
        writer.write_table(table)
