"""`tesuki dedup` takes every format of documents there is, by its row in the one table of formats."""

from __future__ import annotations

from pathlib import Path

import pytest

from tesuki.pipelines.commands.dedup import format_of
from tesuki.pipelines.errors import RequestError
from tesuki.pipelines.reading.sources import FORMATS

ENDINGS = [(ending, name) for name, form in FORMATS.items() for ending in form.endings]


@pytest.mark.parametrize(("ending", "name"), ENDINGS)
@pytest.mark.parametrize("packing", ["", ".gz", ".zst", ".bz2", ".GZ"])
def test_a_file_is_known_by_its_ending_packed_or_not(ending: str, name: str, packing: str) -> None:
    assert format_of(Path(f"a.b{ending}{packing}")) == name


@pytest.mark.parametrize("name", ["a.warc.gz", "a", "a.gz", "a.csv"])
def test_another_ending_is_refused_with_those_there_are(name: str) -> None:
    with pytest.raises(RequestError, match=r"expected a file named \.json, \.jsonl, \.parquet, packed or not"):
        format_of(Path(name))
