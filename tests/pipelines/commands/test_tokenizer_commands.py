"""`tesuki tokenizer`: learnt from what may be trained on, shown beside bytes."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tesuki.pipelines.commands.tokenizer import (
    fertility_lines,
    show_tokenizer,
    subsets_of,
    train_tokenizer,
    training_texts,
)
from tesuki.pipelines.corpus.balance import Balance
from tesuki.pipelines.corpus.manifest import Stages, manifest_of, request_of, write_manifest
from tesuki.pipelines.errors import RequestError, WorkError
from tesuki.tokenize.fertility import Fertility, fertility_of
from tesuki.tokenize.tokenizers import open_tokenizer

PLACES = ("図書館", "植物園", "商店街", "水族館")
TIMES = ("夕方", "土曜日", "正月", "雨の日")
WEB = [f"{place}は{time}に休みます。{time}の{place}は静か。" for place in PLACES for time in TIMES]
WIKI = [f"{time}の{place}については{place}を見よ。" for place in PLACES for time in TIMES]


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    for subset, level, texts in (
        ("web", "L1", WEB[:8]),
        ("web", "L3", WEB[8:]),
        ("web", "LX", ["鰯鰯鰯鰯鰯鰯"] * 4),
        ("wiki", "L2", WIKI),
    ):
        folder = tmp_path / "corpus" / "documents" / subset / level
        folder.mkdir(parents=True)
        pq.write_table(pa.table({"id": texts, "text": texts}), folder / "part.parquet")
    nothing = Balance((), 0, 0, ())
    request = request_of({}, [], [], None)
    stages = Stages(documents="", tokens="")
    made = manifest_of(request, stages=stages, balance=nothing, tokenizer=None, mixture=(), files=())
    write_manifest(tmp_path / "corpus", made)
    return tmp_path / "corpus"


def test_only_documents_that_may_be_trained_on_shape_a_tokenizer(corpus: Path) -> None:
    assert subsets_of(corpus) == ["web", "wiki"]
    assert list(training_texts(corpus / "documents", "web")) == WEB
    tokenizer = train_tokenizer(corpus, corpus / "own.model", vocabulary_size=305)
    assert tokenizer.vocabulary_size == 305
    assert tokenizer.encode("鰯").size == 3  # unknown to it: three bytes
    assert tokenizer.encode("図書").size == 1


def test_the_same_corpus_gives_the_same_model(corpus: Path) -> None:
    one = train_tokenizer(corpus, corpus / "one.model", vocabulary_size=305)
    two = train_tokenizer(corpus, corpus / "two.model", vocabulary_size=305)
    assert one.fingerprint == two.fingerprint


def test_show_sets_fertility_beside_bytes(corpus: Path) -> None:
    tokenizer = train_tokenizer(corpus, corpus / "own.model", vocabulary_size=305)
    about, table = "\n".join(show_tokenizer(tokenizer, corpus)).split("\n\n")
    assert "vocabulary_size\t305" in about
    assert "document\tbos text eos (bos 1, eos 2)" in about
    header, *rows, total = (line.split("\t") for line in table.splitlines())
    assert [row[0] for row in rows] == ["web", "wiki"]
    web = dict(zip(header, rows[0], strict=True))
    assert (web["documents"], web["characters"]) == ("16", str(sum(map(len, WEB))))
    assert web["bytes_a_character"] == "3.0000"  # kana, kanji and 。 are three bytes each
    assert int(web["tokens"]) == sum(tokenizer.encode(text).size for text in WEB)
    assert total[:3] == ["total", "32", str(sum(map(len, WEB + WIKI)))]


def test_fertility_is_a_sum_over_documents(corpus: Path) -> None:
    tokenizer = train_tokenizer(corpus, corpus / "own.model", vocabulary_size=305)
    whole = fertility_of(tokenizer, [*WEB, *WIKI])
    assert fertility_of(tokenizer, WEB) + fertility_of(tokenizer, WIKI) == whole
    assert fertility_of(tokenizer, []) == Fertility()
    assert Fertility().tokens_a_character == 0


def test_the_table_of_nothing_is_a_table() -> None:
    assert list(fertility_lines([]))[-1] == "total\t0\t0\t0\t0.0000\t0.0000\t0.00"


def test_wrong_requests_are_named(corpus: Path) -> None:
    with pytest.raises(RequestError, match=r"words\.txt.*\.model"):
        train_tokenizer(corpus, corpus / "words.txt", vocabulary_size=300)
    with pytest.raises(RequestError, match="no finished corpus"):
        train_tokenizer(corpus / "documents", corpus / "own.model", vocabulary_size=300)
    with pytest.raises(WorkError, match="at most"):
        train_tokenizer(corpus, corpus / "own.model", vocabulary_size=30_000)
    train_tokenizer(corpus, corpus / "own.model", vocabulary_size=305)
    with pytest.raises(RequestError, match="no finished corpus"):
        list(show_tokenizer(open_tokenizer(corpus / "own.model"), corpus / "documents"))
