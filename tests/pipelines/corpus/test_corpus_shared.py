"""The journey on real pages that nobody here wrote: one archive of some two thousand of them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import datasets
import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from fastwarc.warc import ArchiveIterator

from tesuki.tokenize.tokenizers import open_tokenizer

ROOT = Path(__file__).resolve().parents[3]
ARCHIVE = ROOT.parent / "shared" / "data" / "web-ja-dev.warc.gz"

pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(not ARCHIVE.is_file(), reason="the real pages beside the project are missing"),
    pytest.mark.timeout(600),
]

RECORDS = 1_923
"""1,922 responses and the archive's warcinfo, as its README counts them."""

Rows = Callable[[Path, str], list[dict[str, Any]]]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory, tesuki: Any) -> tuple[Path, Any]:
    """The corpus of the archive by the recipe for archives of one's own."""
    output = tmp_path_factory.mktemp("real") / "out"
    recipe = ROOT / "samples" / "own-archives.yaml"
    return output, tesuki("corpus", recipe, "--output", output, "--input", ARCHIVE)


@pytest.fixture(scope="module")
def corpus(run: tuple[Path, Any]) -> Path:
    output, done = run
    assert (done.returncode, done.stderr) == (0, "")
    return output


def test_the_sheet_closes_over_every_record(corpus: Path, rows_of: Rows, manifest_at: Any) -> None:
    balance = manifest_at(corpus)["balance"]
    assert balance["read"] == RECORDS == sum(balance["fates"].values())
    met = Counter(row["offset"] for name in ("documents", "ledger") for row in rows_of(corpus, name))
    with ARCHIVE.open("rb") as stream:
        assert met == Counter(record.stream_pos for record in ArchiveIterator(stream, parse_http=False))
    assert balance["fates"]["kept"] > 200
    assert balance["fates"]["dead"] == 0


def test_verify_passes(corpus: Path, tesuki: Any) -> None:
    done = tesuki("verify", corpus)
    assert (done.returncode, done.stderr) == (0, "")


def japanese_share(text: str) -> float:
    return len(re.findall(r"[ぁ-ゟァ-ヿ一-鿿々〆、。]", text)) / max(1, len(re.findall(r"\S", text)))


def test_shards_open_with_datasets_and_pyarrow_and_decode_to_japanese(corpus: Path) -> None:
    (model,) = (corpus / "tokenizer").glob("*.model")
    tokenizer = open_tokenizer(model)
    paths = sorted((corpus / "shards").rglob("*.arrow"))
    assert {path.parts[-3] for path in paths} >= {"train"}
    for path in paths:
        shard = datasets.Dataset.from_file(str(path))
        with pa.memory_map(str(path)) as source:
            assert pa.ipc.open_stream(source).read_all().num_rows == len(shard) > 0
    shard = datasets.Dataset.from_file(str(next(path for path in paths if path.parts[-3] == "train")))
    texts = [tokenizer.decode(np.array(ids, dtype=tokenizer.dtype)) for ids in shard[:100]["input_ids"]]
    assert not [text for text in texts if "\ufffd" in text and "\ufffd" * 3 in text]
    shares = sorted(map(japanese_share, texts))
    assert shares[len(shares) // 2] > 0.6  # manuals with their code among them
    assert shares[0] > 0.1


def test_documents_open_with_pyarrow_and_duckdb(corpus: Path, manifest_at: Any) -> None:
    kept = manifest_at(corpus)["balance"]["fates"]["kept"]
    paths = sorted((corpus / "documents").rglob("*.parquet"))
    assert sum(pq.read_metadata(path).num_rows for path in paths) == kept
    query = f"""
        select count(*), count(distinct id), min(length(text)),
            count(*) filter (where level not in ('L1', 'L2', 'L3', 'LX'))
        from read_parquet('{corpus}/documents/*/*/*.parquet')
    """
    documents, ids, shortest, odd = duckdb.sql(query).fetchall()[0]
    assert (documents, ids, odd) == (kept, kept, 0)
    assert shortest > 0


def test_nothing_is_left_of_the_work(corpus: Path) -> None:
    assert {path.name for path in corpus.iterdir()} == {
        *("documents", "ledger", "manifest.json", "parts", "report.html", "shards", "tokenizer")
    }
    assert not [path for path in corpus.rglob("*") if path.suffix == ".tmp" or path.name in {"chunks", "building"}]
