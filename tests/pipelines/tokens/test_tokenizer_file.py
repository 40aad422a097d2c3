"""A tokenizer learnt from few documents: the size asked for, the largest possible, or a clear refusal."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from tesuki.pipelines.errors import WorkError
from tesuki.pipelines.recipe.sections import Tokenizer
from tesuki.pipelines.storage.files import parquet_file
from tesuki.pipelines.tokens.tokenizer_file import tokenizer_file

TEXT = "紙を漉く職人は、朝の冷たい水に手を入れ、簀を静かに揺らす。繊維が重なり、一枚の紙になる。"


@pytest.fixture
def documents(tmp_path: Path) -> Path:
    """A folder like a corpus' ``documents/`` with one document that may be trained on."""
    schema = pa.schema([("text", pa.large_string())])
    with parquet_file(tmp_path / "documents" / "web" / "L2" / "part.parquet", schema) as writer:
        writer.write_table(pa.table({"text": [TEXT * 3]}, schema))
    return tmp_path / "documents"


def asked(size: int, shrink: bool) -> Tokenizer:
    return Tokenizer.model_validate({"train": {"vocabulary_size": size, "shrink": shrink}})


def test_what_the_text_cannot_fill_is_refused_with_the_size_it_can(documents: Path, tmp_path: Path) -> None:
    with pytest.raises(WorkError, match=r"vocabulary size 9000 is too large .* at most \d+"):
        tokenizer_file(asked(9_000, shrink=False), tmp_path, documents, "name", tmp_path / "made")


def test_shrink_takes_exactly_the_size_that_the_refusal_names(documents: Path, tmp_path: Path) -> None:
    with pytest.raises(WorkError) as refusal:
        tokenizer_file(asked(9_000, shrink=False), tmp_path, documents, "name", tmp_path / "made")
    largest = int(str(refusal.value).split("at most ")[1].split(";")[0])
    shrunk = tokenizer_file(asked(9_000, shrink=True), tmp_path, documents, "name", tmp_path / "made")
    exact = tokenizer_file(asked(largest, shrink=False), tmp_path, documents, "name", tmp_path / "made")
    assert shrunk.about["vocabulary_size"] == largest
    assert shrunk.fingerprint == exact.fingerprint


def test_a_size_the_text_can_fill_is_not_shrunk(documents: Path, tmp_path: Path) -> None:
    model = tokenizer_file(asked(300, shrink=True), tmp_path, documents, "name", tmp_path / "made")
    assert model.about["vocabulary_size"] == 300
