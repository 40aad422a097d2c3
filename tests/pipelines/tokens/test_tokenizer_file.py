"""The tokenizer of a corpus: learnt, it has the size asked for or is refused; given, it stays what was checked."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from tesuki.pipelines.corpus.plan import shards_name, tokens_name
from tesuki.pipelines.corpus.request import check_request
from tesuki.pipelines.errors import RequestError, WorkError
from tesuki.pipelines.recipe.loading import load_recipe
from tesuki.pipelines.recipe.sections import Recipe, Tokenizer
from tesuki.pipelines.storage.files import parquet_file
from tesuki.pipelines.tokens.tokenizer_file import tokenizer_file
from tesuki.tokenize.tokenizer_files import fingerprint_of
from tesuki.tokenize.tokenizers import open_tokenizer

SAMPLES = Path(__file__).resolve().parents[3] / "samples"
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
        tokenizer_file(asked(9_000, shrink=False), tmp_path, documents, "name", tmp_path / "made", "code")


def test_shrink_takes_exactly_the_size_that_the_refusal_names(documents: Path, tmp_path: Path) -> None:
    with pytest.raises(WorkError) as refusal:
        tokenizer_file(asked(9_000, shrink=False), tmp_path, documents, "name", tmp_path / "made", "code")
    largest = int(str(refusal.value).split("at most ")[1].split(";")[0])
    shrunk = tokenizer_file(asked(9_000, shrink=True), tmp_path, documents, "name", tmp_path / "made", "code")
    exact = tokenizer_file(asked(largest, shrink=False), tmp_path, documents, "name", tmp_path / "made", "code")
    assert shrunk.about["vocabulary_size"] == largest
    assert shrunk.fingerprint == exact.fingerprint


def test_a_size_the_text_can_fill_is_not_shrunk(documents: Path, tmp_path: Path) -> None:
    model = tokenizer_file(asked(300, shrink=True), tmp_path, documents, "name", tmp_path / "made", "code")
    assert model.about["vocabulary_size"] == 300


@pytest.mark.parametrize(
    ("section", "value", "field"),
    [
        ("tokenizer", {"train": {"vocabulary_size": 300}}, r"tokenizer\.train\.words: dictionary"),
        ("rules", {"preset": "none", "optional": ["morphology"]}, r"rules\.optional: morphology"),
        ("rules", {"preset": "none", "measure": ["optional"]}, r"rules\.measure: optional"),
    ],
)
def test_a_recipe_that_needs_the_dictionary_says_so_before_any_work(
    section: str, value: object, field: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.jsonl").write_text(json.dumps({"text": TEXT}) + "\n", encoding="utf-8")
    subsets = {"web": {"inputs": "a.jsonl", "format": "jsonl"}}
    recipe = tmp_path / "recipe.yaml"
    recipe.write_text(json.dumps({"name": "a", "subsets": subsets, "tokenizer": None, section: value}))
    check_request(recipe, tmp_path / "out", [], [])
    monkeypatch.setitem(sys.modules, "unidic_lite", None)
    with pytest.raises(RequestError, match=rf"{field} needs a dictionary; .*tesuki\[dictionary\]"):
        check_request(recipe, tmp_path / "out", [], [])


@pytest.mark.parametrize("name", ["recipe.yaml", "own-archives.yaml"])
def test_the_sample_recipes_need_no_dictionary(name: str) -> None:
    recipe = load_recipe(SAMPLES / name)
    assert recipe.tokenizer is not None
    assert recipe.tokenizer.train is not None
    assert recipe.tokenizer.train.words == "script"
    assert "morphology" not in recipe.rules.optional


def saved(folder: Path, special: Sequence[str], config: dict[str, Any] | None) -> Path:
    """A byte-level BPE with ``special`` tokens as Hugging Face saves one, with its configuration beside it."""
    tokenizers = pytest.importorskip("tokenizers", reason="tesuki[huggingface] is not installed")
    bpe = tokenizers.Tokenizer(tokenizers.models.BPE())
    bpe.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False)
    bpe.decoder = tokenizers.decoders.ByteLevel()
    alphabet = tokenizers.pre_tokenizers.ByteLevel.alphabet()
    trainer = tokenizers.trainers.BpeTrainer(
        vocab_size=300, special_tokens=list(special), initial_alphabet=alphabet, show_progress=False
    )
    bpe.train_from_iterator([TEXT], trainer)
    folder.mkdir(parents=True, exist_ok=True)
    bpe.save(str(folder / "tokenizer.json"))
    if config is not None:
        (folder / "tokenizer_config.json").write_text(json.dumps(config))
    return folder / "tokenizer.json"


LLAMA = ("<s>", "</s>", "<|start|>", "<|finish|>")
RENAMED = {"bos_token": "<|start|>", "eos_token": {"content": "<|finish|>"}}


def given(path: Path, document: str = "bos text eos") -> Tokenizer:
    return Tokenizer.model_validate({"path": path.name, "document": document})


def test_a_given_tokenizer_keeps_the_boundaries_its_configuration_names(tmp_path: Path, documents: Path) -> None:
    path = saved(tmp_path / "given", LLAMA, RENAMED)
    model = tokenizer_file(given(path), path.parent, documents, "name", tmp_path / "made", "code")
    checked, copied = open_tokenizer(path), open_tokenizer(model.path)
    assert copied.contract == checked.contract
    assert (model.about["bos"], model.about["eos"]) == (checked.contract.bos, checked.contract.eos) == (2, 3)
    assert model.fingerprint == copied.fingerprint == checked.fingerprint
    assert {file.name for file in model.path.parent.iterdir()} == {"tokenizer.json", "tokenizer_config.json"}


def test_a_configuration_added_later_is_another_tokenizer(tmp_path: Path, documents: Path) -> None:
    """And the next tokenizer of that name, which has none, doesn't find the former's."""
    path = saved(tmp_path / "given", LLAMA, RENAMED)
    first = tokenizer_file(given(path), path.parent, documents, "name", tmp_path / "made", "code")
    bare = saved(tmp_path / "given", LLAMA, None)
    bare.with_name("tokenizer_config.json").unlink()
    second = tokenizer_file(given(bare), path.parent, documents, "name", tmp_path / "made", "code")
    assert first.fingerprint != second.fingerprint == fingerprint_of(bare)
    assert (second.about["bos"], second.about["eos"]) == (0, 1)


@pytest.mark.parametrize(
    ("special", "config", "document", "boundaries"),
    [
        (["<|endoftext|>"], {"bos_token": None, "eos_token": "<|endoftext|>"}, "text eos", (None, 0)),  # Qwen
        (
            ["<|endoftext|>"],
            {"bos_token": "<|endoftext|>", "eos_token": "<|endoftext|>"},
            "bos text eos",
            (0, 0),
        ),  # GPT-2
        (["<|endoftext|>", "<|padding|>"], None, "text eos", (None, 0)),  # GPT-NeoX
        (["<|endoftext|>"], None, "text", (None, None)),
    ],
)
def test_vocabularies_without_bos_serve_the_form_the_recipe_names(
    tmp_path: Path, documents: Path, special: list[str], config: Any, document: str, boundaries: tuple[int | None, ...]
) -> None:
    path = saved(tmp_path / "given", special, config)
    model = tokenizer_file(given(path, document), path.parent, documents, "name", tmp_path / "made", "code")
    assert (model.about["document"], model.about["bos"], model.about["eos"]) == (document, *boundaries)
    ids = open_tokenizer(model.path, open_tokenizer(path, document).contract.form).encode_document(TEXT)  # type: ignore[arg-type]
    assert (int(ids[0]) == boundaries[0]) == (boundaries[0] is not None)
    assert (int(ids[-1]) == boundaries[1]) == (boundaries[1] is not None)


def test_a_form_the_vocabulary_lacks_is_refused_with_the_field_and_the_forms_it_has(tmp_path: Path) -> None:
    saved(tmp_path, ["<|endoftext|>"], {"bos_token": None, "eos_token": "<|endoftext|>"})
    (tmp_path / "a.jsonl").write_text("{}")
    recipe = tmp_path / "recipe.yaml"
    said = "{name: a, subsets: {web: {inputs: [a.jsonl], format: jsonl}}, tokenizer: {path: tokenizer.json%s}}"
    recipe.write_text(said % "")
    with pytest.raises(RequestError, match=r"tokenizer\.document: .*no BOS token.*use one of: text eos, text"):
        check_request(recipe, tmp_path / "out", (), ())
    recipe.write_text(said % ", document: text eos")
    assert check_request(recipe, tmp_path / "out", (), ()).given_tokenizer == fingerprint_of(
        tmp_path / "tokenizer.json"
    )


def test_tokens_of_another_form_have_another_name() -> None:
    fields = {"name": "a", "subsets": {"web": {"inputs": "a"}}}
    recipe, other = (
        Recipe.model_validate({**fields, "tokenizer": {"path": "a.model", "document": form}})
        for form in ("text eos", "text")
    )
    code = {"tokens": ""}
    assert tokens_name(recipe, "d", "t", code) != tokens_name(other, "d", "t", code)
    assert shards_name(recipe, "d", "t", code) != shards_name(other, "d", "t", code)
