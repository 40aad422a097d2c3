"""`tesuki works`: a library's table of works and persons → an allow list of works whose term of protection is over."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

from tesuki.pipelines.errors import RequestError
from tesuki.pipelines.storage.files import write_bytes
from tesuki.release_levels.works import free_works


def list_works(table: Path, target: Path, died_by: int) -> Iterator[str]:
    """Write the allow list of the works in ``table`` to ``target``; what to tell of it. Raises `RequestError` for a
    table that cannot be read.
    """
    try:
        with table.open(encoding="utf-8-sig", newline="") as lines:
            addresses, left = free_works(csv.DictReader(lines), died_by)
    except OSError as failure:
        raise RequestError(f"{table}: cannot be read ({failure.strerror})") from None
    except (UnicodeDecodeError, csv.Error, ValueError) as failure:
        raise RequestError(f"{table}: {failure}") from None
    head = f"# Works of persons who all died by {died_by}, of {table.name}; Japanese law, no legal advice.\n"
    write_bytes(target, (head + "".join(f"{address}\n" for address in addresses)).encode())
    yield f"{len(addresses)} works listed in {target}"
    yield from (f"{count} left out: {_WHY[why]}" for why, count in sorted(left.items()))


_WHY = {
    "later": "someone who had a part in it died later",
    "unknown": "no year of death for someone who had a part in it",
    "protected": "the library calls it protected",
    "no address": "no address of its text",
}
