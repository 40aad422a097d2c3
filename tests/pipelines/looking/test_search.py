"""Search finds what reads alike, says where, and says when it did not read everything."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tesuki.pipelines.looking.search import Found, folded, place_of, search
from tesuki.pipelines.storage.corpus_folder import DocumentFile

TEXTS = ["半角のﾃｽｷと全角のTESUKI。", "手漉きの紙。", "テスキ tesuki テスキ", "何もない。"]


def table_in(folder: Path, texts: list[str], name: str = "one") -> DocumentFile:
    rows = len(texts)
    columns = {
        "id": [f"{name}-{number}" for number in range(rows)],
        "url": [f"https://{name}.example/{number}" for number in range(rows)],
        "title": [None] * rows,
        "text": pa.array(texts, pa.large_string()),
    }
    path = folder / f"{name}.parquet"
    pq.write_table(pa.table(columns), path)
    return DocumentFile(path, "web", "L2")


def ids(found: Found) -> list[str]:
    return [hit.id for hit in found.hits]


@pytest.mark.parametrize(
    ("words", "expected"),
    [("テスキ", ["one-0", "one-2"]), ("ﾃｽｷ", ["one-0", "one-2"]), ("TeSuKi", ["one-0", "one-2"]), ("紙。", ["one-1"])],
)
def test_width_and_case_make_no_difference(tmp_path: Path, words: str, expected: list[str]) -> None:
    found = search([table_in(tmp_path, TEXTS)], words)
    assert ids(found) == expected
    assert found.complete
    assert found.read == len(TEXTS)
    for hit in found.hits:
        assert folded(hit.found) == folded(words)
        assert hit.before + hit.found + hit.after in TEXTS


def test_it_ends_at_the_first_hits_or_when_its_time_is_up(tmp_path: Path) -> None:
    file = table_in(tmp_path, ["紙"] * 500)
    found = search([file, file], "紙", most=100)
    assert len(found.hits) == 100
    assert found.read < 500
    assert not found.complete
    late = search([file], "紙", seconds=0)
    assert (late.hits, late.read, late.complete) == ((), 0, False)


@pytest.mark.parametrize("words", ["", " ", "　"])
def test_nothing_cannot_be_looked_for(words: str) -> None:
    with pytest.raises(ValueError, match="nothing"):
        search([], words)


@given(st.text(max_size=20), st.text(min_size=1, max_size=5), st.text(max_size=20))
def test_the_place_is_where_the_words_stand(before: str, words: str, after: str) -> None:
    text = before + words + after
    wanted = folded(words)
    start, end = place_of(text, wanted)
    assert 0 <= start <= end <= len(text)
    if all(ord(c) < 128 for c in text):
        assert text[start:end].lower() == words.lower()
        assert start == text.lower().find(words.lower())
