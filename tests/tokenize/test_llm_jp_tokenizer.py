"""The real LLM-jp tokenizer: text to shard and back, character for character."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from tesuki.tokenize.document_order import order_hashes
from tesuki.tokenize.shard_metadata import ShardMetadata, read_metadata, stamp_of
from tesuki.tokenize.shards import write_shard
from tesuki.tokenize.token_rows import ordered_rows, rows_of
from tesuki.tokenize.tokenizers import Tokenizer, open_tokenizer

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data"
MODEL = DATA / "tokenizer" / "llm-jp-tokenizer-100k.ver3.1.model"
TEXT = DATA / "text" / "jglue-jnli-v1.1-train.txt"

pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(not (MODEL.is_file() and TEXT.is_file()), reason="LLM-jp's tokenizer is not beside the project"),
]


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return open_tokenizer(MODEL)


def test_its_vocabulary_needs_four_bytes(tokenizer: Tokenizer) -> None:
    assert tokenizer.vocabulary_size == 98_452
    assert tokenizer.dtype == np.uint32
    assert (tokenizer.contract.bos, tokenizer.contract.eos) == (1, 2)  # <s> and </s>


def test_real_text_comes_back_from_a_shard(tokenizer: Tokenizer) -> None:
    lines = TEXT.read_text(encoding="utf-8").splitlines(keepends=True)
    texts = {f"jnli-{low}": "".join(lines[low : low + 20]) for low in range(0, 10_000, 20)}
    odd = ("𩸽と①㈱髙", "  行頭と　全角\t空白\r\n\r\n", "絵文字👨‍👩‍👧と結合文字か\u3099", "</s><s>", "")
    texts |= {f"odd-{number}": text for number, text in enumerate(odd)}
    rows = rows_of(list(texts), [tokenizer.encode_document(text) for text in texts.values()], order_hashes(texts))
    sink = io.BytesIO()
    metadata = ShardMetadata(stamp_of(tokenizer), "jglue", "train", "1")
    write_shard(sink, ordered_rows(rows), metadata, np.ones(len(texts), dtype=np.bool_))
    table = pa.ipc.open_stream(sink.getvalue()).read_all()
    assert read_metadata(table.schema, "shard") == metadata
    read = {
        name.as_py(): tokenizer.decode(ids.values.to_numpy())
        for name, ids in zip(table["id"], table["input_ids"], strict=True)
    }
    assert read == texts


def test_a_rebuilt_hugging_face_tokenizer_gives_the_same_ids(tokenizer: Tokenizer, tmp_path: Path) -> None:
    """The same vocabulary in the other engine: two implementations of one model must agree on real sentences."""
    tokenizers = pytest.importorskip("tokenizers", reason="tesuki[huggingface] is not installed")
    sentencepiece = pytest.importorskip("sentencepiece")
    processor = sentencepiece.SentencePieceProcessor(model_file=str(MODEL))
    pieces = [(processor.id_to_piece(i), processor.get_score(i)) for i in range(processor.vocab_size())]
    rebuilt = tokenizers.Tokenizer(tokenizers.models.Unigram(pieces, unk_id=0, byte_fallback=True))
    rebuilt.normalizer = tokenizers.normalizers.Sequence(
        [tokenizers.normalizers.Prepend("▁"), tokenizers.normalizers.Replace(" ", "▁")]
    )
    rebuilt.decoder = tokenizers.decoders.Sequence(
        [
            tokenizers.decoders.Replace("▁", " "),
            tokenizers.decoders.ByteFallback(),
            tokenizers.decoders.Fuse(),
            tokenizers.decoders.Strip(" ", 1, 0),
        ]
    )
    rebuilt.add_special_tokens(["<s>", "</s>"])
    path = tmp_path / "tokenizer.json"
    rebuilt.save(str(path))
    other = open_tokenizer(path)
    assert other.dtype == np.uint32
    lines = [line for line in TEXT.read_text(encoding="utf-8").splitlines()[:2000] if line]
    assert [other.encode(line).tolist() for line in lines] == [tokenizer.encode(line).tolist() for line in lines]
    assert [other.decode(other.encode_document(line)) for line in lines] == lines
