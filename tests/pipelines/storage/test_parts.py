"""Parts by number: what a table on disk says of each is what was put in, and what travels does not grow with it."""

from __future__ import annotations

import hashlib
import pickle
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tesuki.pipelines.journey.range import Range
from tesuki.pipelines.storage.judged_part import Part
from tesuki.pipelines.storage.parts import JudgedParts, Parts, open_parts, parts_of

INPUTS = [
    (subset, archive, f"/crawl/{archive}", 1_000, 1.0) for subset in ("web", "wiki") for archive in ("a.gz", "b.gz")
]


def name(word: str) -> str:
    return hashlib.blake2b(word.encode(), digest_size=16).hexdigest()


def some_parts(count: int) -> Parts:
    rows = ((name(f"p{n}"), name(f"j{n}"), n % 4, n * 10, n * 10 + 10) for n in range(count))
    return parts_of(INPUTS, rows)


@given(st.integers(0, 40))
def test_every_part_is_found_by_number_and_by_either_name(count: int) -> None:
    parts = some_parts(count)
    listed = list(parts)
    assert [part.judged for part in listed] == sorted(name(f"j{n}") for n in range(count))
    assert {part.range.start for part in listed} == {n * 10 for n in range(count)}
    for number, part in enumerate(listed):
        assert parts.number_of(part.judged) == parts.number_of_pages(part.pages) == number
        subset, archive, path, *_ = INPUTS[(part.range.start // 10) % 4]
        assert part.range == Range(subset, path, archive, part.range.start, part.range.start + 10)
    assert parts.number_of(name("elsewhere")) is None
    assert parts.number_of_pages(name("elsewhere")) is None


def test_what_travels_does_not_grow_with_the_parts_nor_the_inputs(tmp_path: Path) -> None:
    sizes = []
    for count in (10, 10_000):
        stored = some_parts(count).stored(tmp_path / f"{count:05d}")
        tables = JudgedParts(stored, tmp_path, tmp_path)
        sizes.append(len(pickle.dumps((stored, tables, stored.paths("web")))))
        back = pickle.loads(pickle.dumps(tables))
        assert back[count - 1] == tables[count - 1]
        assert list(open_parts(tmp_path / f"{count:05d}")) == list(some_parts(count))
    assert sizes[0] == sizes[1] < 2_000


def test_paths_of_inputs_are_looked_up_by_subset_and_name(tmp_path: Path) -> None:
    paths = some_parts(3).stored(tmp_path).paths("wiki")
    assert dict(paths) == {"a.gz": "/crawl/a.gz", "b.gz": "/crawl/b.gz"}
    assert len(paths) == 2
    with pytest.raises(KeyError):
        paths["c.gz"]


def test_a_part_ends_with_its_file(tmp_path: Path) -> None:
    parts = parts_of([("web", "a", "/a", 25, 1.0)], [(name("p"), name("j"), 0, 10, 30)])
    assert parts[0] == Part(name("p"), name("j"), Range("web", "/a", "a", 10, 30))
    assert parts.bytes_of(0) == parts.total_bytes() == 15
    assert parts_of([], []).total_bytes() == 0
    with pytest.raises(IndexError):
        parts[1]
