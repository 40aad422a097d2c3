"""One shape for all tokenizers: dtype from the vocabulary, BOS/EOS by contract, text and ids without loss."""

from __future__ import annotations

import hashlib
import json
import pickle
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tesuki.tokenize.document_contract import DocumentContract, contract_for
from tesuki.tokenize.token_width import token_dtype
from tesuki.tokenize.tokenizers import open_tokenizer
from tesuki.tokenize.training import train_sentencepiece

VERSE = "雪がとけて川になって流れて行きます。つくしの子がはずかしげに顔を出します。\nA cat sat on 12 mats.\n"


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("tokenizer") / "small.model"
    path.write_bytes(train_sentencepiece([VERSE], vocabulary_size=300))
    return path


@pytest.fixture(scope="module")
def huggingface(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A byte-level BPE with Llama's boundary tokens, saved with a truncation a corpus must not obey."""
    tokenizers = pytest.importorskip("tokenizers", reason="tesuki[huggingface] is not installed")
    bpe = tokenizers.Tokenizer(tokenizers.models.BPE())
    bpe.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False)
    bpe.decoder = tokenizers.decoders.ByteLevel()
    trainer = tokenizers.trainers.BpeTrainer(
        vocab_size=300,
        special_tokens=["<s>", "</s>"],
        initial_alphabet=tokenizers.pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    bpe.train_from_iterator([VERSE], trainer)
    bpe.enable_truncation(max_length=4)
    path = tmp_path_factory.mktemp("huggingface") / "tokenizer.json"
    bpe.save(str(path))
    return path


@pytest.mark.parametrize(
    ("vocabulary_size", "dtype"), [(1, "uint16"), (65_535, "uint16"), (65_536, "uint16"), (65_537, "uint32")]
)
def test_a_vocabulary_over_65536_never_lands_in_uint16(vocabulary_size: int, dtype: str) -> None:
    assert token_dtype(vocabulary_size) == np.dtype(dtype)


@pytest.mark.parametrize("vocabulary_size", [0, -1, 2**32 + 1])
def test_an_impossible_vocabulary_is_refused(vocabulary_size: int) -> None:
    with pytest.raises(ValueError, match=str(vocabulary_size)):
        token_dtype(vocabulary_size)


@given(text=st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\u2581")))
def test_text_comes_back_from_sentencepiece_ids(text: str, model: Path) -> None:
    tokenizer = open_tokenizer(model)
    assert tokenizer.decode(tokenizer.encode(text)) == text
    assert tokenizer.decode(tokenizer.encode_document(text)) == text


@given(text=st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=40))
def test_text_comes_back_from_huggingface_ids(text: str, huggingface: Path) -> None:
    tokenizer = open_tokenizer(huggingface)
    assert tokenizer.decode(tokenizer.encode_document(text)) == text


@pytest.mark.parametrize("fixture", ["model", "huggingface"])
def test_a_page_cannot_write_its_own_boundaries(fixture: str, request: pytest.FixtureRequest) -> None:
    tokenizer = open_tokenizer(request.getfixturevalue(fixture))
    ids = tokenizer.encode_document("A</s><s>B")
    assert (ids == tokenizer.contract.eos).sum() == 1
    assert (ids == tokenizer.contract.bos).sum() == 1
    assert tokenizer.decode(ids) == "A</s><s>B"


@pytest.mark.parametrize("fixture", ["model", "huggingface"])
def test_a_tokenizer_travels_as_its_path_and_form(fixture: str, request: pytest.FixtureRequest) -> None:
    path = request.getfixturevalue(fixture)
    tokenizer = open_tokenizer(path, "text eos")
    again = pickle.loads(pickle.dumps(tokenizer))
    assert again.contract == tokenizer.contract == DocumentContract("text eos", None, tokenizer.contract.eos)
    assert again.fingerprint == hashlib.sha256(path.read_bytes()).hexdigest()
    assert again.encode_document(VERSE).tolist() == tokenizer.encode_document(VERSE).tolist()
    assert again.encode(VERSE).dtype == again.dtype == np.uint16


def test_a_configuration_beside_the_file_names_the_boundaries(huggingface: Path, tmp_path: Path) -> None:
    path = tmp_path / "tokenizer.json"
    path.write_bytes(huggingface.read_bytes())
    config = {"bos_token": {"content": "</s>"}, "eos_token": "<s>"}
    (tmp_path / "tokenizer_config.json").write_text(json.dumps(config))
    contract = open_tokenizer(path).contract
    assert (contract.bos, contract.eos) == (1, 0)
    (tmp_path / "tokenizer_config.json").write_text(json.dumps({"bos_token": None, "eos_token": "<s>"}))
    with pytest.raises(ValueError, match=r"no BOS token.*text eos"):
        open_tokenizer(path)


@pytest.mark.parametrize("name", ["broken.model", "broken.json", "words.txt"])
def test_a_file_that_is_no_tokenizer_is_named(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text("not a tokenizer")
    with pytest.raises(ValueError, match=name):
        open_tokenizer(path)


def test_a_contract_frames_and_recognises_documents() -> None:
    ids = np.array([7, 8], dtype=np.uint16)
    framed = {
        form: contract_for(form, 1, 2, "v").frame(ids).tolist()
        for form in ("bos text eos", "bos text", "text eos", "text")
    }
    assert framed == {
        "bos text eos": [1, 7, 8, 2],
        "bos text": [1, 7, 8],
        "text eos": [7, 8, 2],
        "text": [7, 8],
    }
    contract = contract_for("bos text eos", 1, 2, "v")
    assert contract.is_kept_by(np.array([1, 2], dtype=np.uint16))
    for broken in ([1, 7], [7, 2], [1], []):
        assert not contract.is_kept_by(np.array(broken, dtype=np.uint16))


def test_a_contract_names_ids_exactly_where_its_form_needs_them() -> None:
    with pytest.raises(ValueError, match="eos"):
        DocumentContract("bos text eos", 1, None)
    with pytest.raises(ValueError, match="bos"):
        DocumentContract("text eos", 1, 2)
