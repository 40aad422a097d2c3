"""Test sets against training documents of this and of former corpora: laws on small corpora, without a runner."""

from __future__ import annotations

import json
import tempfile
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tesuki.dedup.chains import follow
from tesuki.dedup.claims import EDGE
from tesuki.dedup.fingerprint import fingerprint
from tesuki.dedup.keep_order import FIRST, KeepOrder, with_staying
from tesuki.dedup.presets import DedupParameters
from tesuki.pipelines.commands.index import merge_indexes
from tesuki.pipelines.deduplication.claims import (
    CLAIMS,
    claims_of_unit,
    edges_across_units,
    edges_of_unit,
    one_edge_each,
)
from tesuki.pipelines.deduplication.index.band_index import open_band_index
from tesuki.pipelines.deduplication.index.writer import IndexSettings, entries_of_part, finish_band_index, write_range
from tesuki.pipelines.deduplication.numbering import UNITS, documents_in, units_of
from tesuki.pipelines.deduplication.packing import unpacked
from tesuki.pipelines.errors import RequestError
from tesuki.pipelines.storage.judged_part import JudgedPart
from tesuki.pipelines.storage.numbered import write_rows
from tesuki.pipelines.storage.schemas import JUDGED

PARAMETERS = DedupParameters(b=2, r=3, n=3)


@dataclass(frozen=True)
class Doc:
    """A document: which text it has, from which year, of which corpus (0 is the new one), and whether it stays."""

    text: int
    year: int
    corpus: int
    staying: bool


CORPORA = st.lists(
    st.builds(Doc, st.integers(0, 3), st.integers(2020, 2023), st.integers(0, 2), st.booleans()), max_size=9
)


def write_part(folder: Path, name: str, docs: list[tuple[int, Doc]]) -> Path:
    path = folder / f"{name}.judged.parquet"
    rows = [
        {
            "id": str(number),
            "url": f"http://{number}.example/",
            "date": f"{doc.year}-01-01T00:00:00Z",
            "keep": True,
            "fingerprint": fingerprint(f"文章{doc.text}"),
        }
        for number, doc in docs
    ]
    pq.write_table(pa.Table.from_pylist(rows, schema=JUDGED), path)
    return path


def write_index(folder: Path, docs: list[tuple[int, Doc]]) -> Path:
    """The band index of a former corpus: a part of its test set, a part of the rest."""
    folder.mkdir()
    parts = []
    for name, staying in (("rest", False), ("tests", True)):
        path = write_part(folder, name, [entry for entry in docs if entry[1].staying == staying])
        parts.append(JudgedPart(name, "LX" if staying else "L2", path, path, path, path))
    chosen = IndexSettings(folder / "band-index", PARAMETERS, KeepOrder(), frozenset({"LX"}))
    groups = defaultdict(list)
    for position, part in enumerate(parts):
        rows = pq.read_metadata(part.judged).num_rows
        for group, block in entries_of_part(lambda part, rows=rows: [part.subset] * rows, chosen, 0, parts, position):
            groups[group].append(block)
    for group, blocks in groups.items():
        write_range(chosen.folder, group, blocks)
    finish_band_index(parts, chosen)
    return chosen.folder


def decide(docs: list[Doc], earlier_stay: bool, least: int = 1) -> dict[int, int]:
    """Document to the one that stands for it at the end, by number in ``docs``; ``least`` rows make a unit."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        by_corpus = {corpus: [(n, doc) for n, doc in enumerate(docs) if doc.corpus == corpus] for corpus in range(3)}
        judged = [
            write_part(folder, name, [entry for entry in by_corpus[0] if entry[1].staying == staying])
            for name, staying in (("rest", False), ("tests", True))
        ]
        indexes = [
            open_band_index(write_index(folder / f"c{corpus}", by_corpus[corpus]), PARAMETERS, KeepOrder())
            for corpus in (1, 2)
        ]
        documents = documents_in(judged, folder / "files.arrow", indexes, frozenset({"tests"}))
        units = write_rows(folder / "units.arrow", UNITS, units_of(documents.judged_rows(), least))
        groups, edges = defaultdict(list), defaultdict(list)
        for unit in range(len(units)):
            for output in claims_of_unit(documents, units, PARAMETERS, KeepOrder(), None, 0, unit):
                group, block = output.value
                (groups if output.tag == CLAIMS else edges)[group].append(block)
        for group, blocks in groups.items():
            for part, block in edges_across_units(documents, units, earlier_stay, group, blocks):
                edges[part].append(block)
        final = [one_edge_each(*edges_of_unit(unit, blocks))[1] for unit, blocks in edges.items()]
        if not final:
            return {}
        found = unpacked(final, EDGE)
        numbers = {
            int(reference): int(document)
            for part in range(len(documents.files))
            for reference, document in zip(
                (part << 32) + np.arange(pq.read_metadata(documents.path(part)).num_rows),
                documents.columns(part, ["id"])["id"].to_pylist(),
                strict=True,
            )
        }
        ends = follow(found["loser"], found["first"])
        return {numbers[int(a)]: numbers[int(b)] for a, b in zip(found["loser"], ends, strict=True)}


@settings(max_examples=40)
@given(CORPORA, st.booleans())
def test_nothing_that_trains_outlives_its_twin_in_a_test_set(docs: list[Doc], earlier_stay: bool) -> None:
    kept_by = decide(docs, earlier_stay)
    assert kept_by == decide(docs, earlier_stay, least=100)
    new_texts = {doc.text for doc in docs if doc.corpus == 0}
    for number, doc in enumerate(docs):
        twins = [other for other in docs if other.text == doc.text]
        tested = any(other.staying for other in twins)
        if doc.text in new_texts and tested and not doc.staying:
            assert number in kept_by
        if number in kept_by:
            first = docs[kept_by[number]]
            assert first.text == doc.text
            assert kept_by[number] not in kept_by
            assert first.staying or not tested
            assert not (earlier_stay and doc.corpus > 0 and not first.staying)


@pytest.mark.slow
@settings(max_examples=40)
@given(CORPORA, st.booleans())
def test_of_new_twins_one_or_a_former_document_is_left(docs: list[Doc], earlier_stay: bool) -> None:
    kept_by = decide(docs, earlier_stay)
    for text in range(4):
        twins = [number for number, doc in enumerate(docs) if doc.text == text]
        new = [number for number in twins if docs[number].corpus == 0]
        former = [number for number in twins if docs[number].corpus > 0]
        left = [number for number in new if number not in kept_by]
        if new:
            assert any(number not in kept_by for number in twins)
            assert len(left) <= 1
            if earlier_stay and former and not any(docs[number].staying for number in new):
                assert not left


@given(st.lists(st.tuples(st.integers(0, 2**64 - 1), st.booleans()), max_size=9))
def test_staying_documents_and_only_they_come_first(rows: list[tuple[int, bool]]) -> None:
    priorities = np.array([priority for priority, _ in rows], dtype=np.uint64)
    staying = np.array([stays for _, stays in rows], dtype=bool)
    ranked = with_staying(priorities, staying)
    assert ((ranked == FIRST) == staying).all()
    assert (ranked[~staying & (priorities > 0)] == priorities[~staying & (priorities > 0)]).all()


def test_an_index_that_knows_no_levels_is_refused_with_what_to_do(tmp_path: Path) -> None:
    folder = write_index(tmp_path / "old", [(0, Doc(0, 2020, 1, False))])
    about: dict[str, Any] = json.loads((folder / "index.json").read_bytes())
    (folder / "index.json").write_text(json.dumps(about | {"version": 1}))
    with pytest.raises(
        RequestError, match=r"version: found 1, expected 2; .*Build its corpus again with .*write_index"
    ):
        open_band_index(folder, PARAMETERS, KeepOrder())


def test_the_command_joins_indexes_with_their_levels_and_test_sets(tmp_path: Path) -> None:
    docs = [(0, Doc(0, 2020, 1, False)), (1, Doc(1, 2021, 1, True)), (2, Doc(2, 2022, 2, False))]
    folders = [write_index(tmp_path / f"c{corpus}", [e for e in docs if e[1].corpus == corpus]) for corpus in (1, 2)]
    (said,) = merge_indexes(folders, tmp_path / "all", None)
    assert said.startswith("2 indexes in ")
    merged = open_band_index(tmp_path / "all", PARAMETERS, KeepOrder())
    rows = [row for path in merged.document_files for row in pq.read_table(path).to_pylist()]
    found = {row["id"]: (row["level"], row["staying"]) for row in rows}
    assert found == {"0": ("L2", False), "1": ("LX", True), "2": ("L2", False)}
    with pytest.raises(RequestError, match="is not an empty folder"):
        list(merge_indexes(folders, tmp_path / "all", None))
    with pytest.raises(RequestError, match="is not that of a band index"):
        list(merge_indexes([tmp_path], tmp_path / "new", None))
    with pytest.raises(RequestError, match="removals"):
        list(merge_indexes(folders, tmp_path / "new", tmp_path / "none"))
