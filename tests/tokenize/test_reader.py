"""The reader: the corpus as its manifest declares it, token for token, whole or packed, from any step."""

from __future__ import annotations

import json
import pickle
from collections import Counter
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tesuki.tokenize.document_contract import DocumentContract
from tesuki.tokenize.document_order import order_hashes
from tesuki.tokenize.listed_shards import FORMAT
from tesuki.tokenize.packing import BEGINNING, PackedSequence, Position, pack
from tesuki.tokenize.passes import declare_passes
from tesuki.tokenize.reader import MixtureReader
from tesuki.tokenize.shard_metadata import ShardMetadata, TokenizerStamp
from tesuki.tokenize.shard_plan import histogram, plan_shards
from tesuki.tokenize.shards import write_shard
from tesuki.tokenize.token_rows import TokenRows, ordered_rows, rows_in_range, rows_of
from tesuki.tokenize.torch_reader import IGNORED, Share, labels_of, position_ids_of

STAMP = TokenizerStamp("f" * 64, 1000, DocumentContract("bos text eos", 1, 2))
SUBSETS = {"ja_cc": (40, Fraction(3, 2)), "ja_wiki": (7, Fraction(3)), "closed": (5, Fraction(0))}


def subset_rows(subset: str, documents: int) -> TokenRows:
    """Documents of different lengths whose ids say where they are from."""
    ids = [f"{subset}-{number}" for number in range(documents)]
    texts = [np.array([1, *range(3, 3 + number % 11), 2], dtype=np.uint16) for number in range(documents)]
    return ordered_rows(rows_of(ids, texts, order_hashes(ids)))


def build(folder: Path) -> Path:
    """A corpus of three subsets, written by the same steps as a real one."""
    mixture = []
    for subset, (documents, repeats) in SUBSETS.items():
        rows = subset_rows(subset, documents)
        tokens, counts = histogram(rows.hashes, rows.lengths), histogram(rows.hashes, np.ones_like(rows.lengths))
        ranges = plan_shards(tokens, counts, repeats, shard_tokens=60)
        held = [rows_in_range(rows, span.first, span.end) for span in ranges]
        passes = declare_passes([int(part.ids.size) for part in held], repeats, lambda n, held=held: held[n].lengths)
        shards = []
        for number, (part, reading) in enumerate(zip(held, passes.shards, strict=True)):
            path = f"shards/train/{subset}/shard-{number:05d}-of-{len(held):05d}.arrow"
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            with (folder / path).open("wb") as sink:
                metadata = ShardMetadata(STAMP, subset, "train", str(repeats))
                write_shard(sink, part, metadata, np.ones(len(part), dtype=np.bool_))
            shards.append(
                {
                    "path": path,
                    "rows": len(part),
                    "tokens": int(part.ids.size),
                    "times": reading.times,
                    "extra_rows": reading.extra_rows,
                    "extra_tokens": reading.extra_tokens,
                }
            )
        mixture.append(
            {"subset": subset, "split": "train", "training_tokens": passes.training_tokens, "shards": shards}
        )
    tokenizer = {"fingerprint": "f" * 64, "vocabulary_size": 1000, "document": "bos text eos", "bos": 1, "eos": 2}
    (folder / "manifest.json").write_text(json.dumps({"format": FORMAT, "tokenizer": tokenizer, "mixture": mixture}))
    return folder


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("corpus"))


def test_one_pass_is_the_mixture_to_the_token(corpus: Path) -> None:
    manifest = json.loads((corpus / "manifest.json").read_text())
    reader = MixtureReader(corpus, seed=3)
    read: Counter[str] = Counter()
    for document in reader.documents():
        read[document.document_id.split("-")[0]] += document.input_ids.size
    assert read == {row["subset"]: row["training_tokens"] for row in manifest["mixture"] if row["training_tokens"]}
    assert reader.mixture.tokens_a_pass == sum(read.values())
    assert len(reader) == reader.mixture.documents_a_pass


def test_documents_are_those_that_were_written(corpus: Path) -> None:
    known = {}
    for subset, (documents, _) in SUBSETS.items():
        rows = subset_rows(subset, documents)
        for row, name in enumerate(rows.document_ids.to_pylist()):
            known[name] = rows.ids[rows.offsets[row] : rows.offsets[row + 1]].tolist()
    reader = MixtureReader(corpus)
    times: Counter[str] = Counter()
    for step, document in enumerate(reader.documents()):
        assert document.step == step
        assert document.input_ids.tolist() == known[document.document_id]
        assert document.repetition == times[document.document_id]
        assert document.shard.split("/")[2] == document.document_id.split("-")[0]
        times[document.document_id] += 1
    assert {times[f"ja_wiki-{number}"] for number in range(7)} == {3}
    assert {times[f"ja_cc-{number}"] for number in range(40)} == {1, 2}


@pytest.mark.parametrize("world_size", [1, 2, 5])
def test_ranks_share_the_documents_out(corpus: Path, world_size: int) -> None:
    ranks = [MixtureReader(corpus, seed=1, rank=rank, world_size=world_size) for rank in range(world_size)]
    names = [{document.document_id for document in reader.documents()} for reader in ranks]
    assert sum(map(len, names)) == len(set().union(*names)) == 47
    assert sum(map(len, ranks)) == ranks[0].mixture.documents_a_pass


def same(one: PackedSequence, other: PackedSequence) -> bool:
    return (
        one.input_ids.tolist() == other.input_ids.tolist()
        and one.boundaries.tolist() == other.boundaries.tolist()
        and one.steps.tolist() == other.steps.tolist()
        and one.after == other.after
    )


@given(length=st.integers(1, 40), data=st.data())
def test_packing_resumed_anywhere_goes_on_as_if_uninterrupted(corpus: Path, length: int, data: st.DataObject) -> None:
    reader = MixtureReader(corpus, seed=9)
    whole = list(reader.sequences(length))
    assert [sequence.input_ids.size for sequence in whole[:-1]] == [length] * (len(whole) - 1)
    assert sum(sequence.input_ids.size for sequence in whole) == reader.mixture.tokens_a_pass
    stop = data.draw(st.integers(0, len(whole) - 1))
    resumed = list(MixtureReader(corpus, seed=9).sequences(length, whole[stop].after))
    assert len(resumed) == len(whole) - stop - 1
    assert all(map(same, resumed, whole[stop + 1 :]))


@given(documents=st.lists(st.lists(st.integers(0, 9), max_size=7), max_size=12), length=st.integers(1, 9))
def test_packing_loses_neither_tokens_nor_boundaries(documents: list[list[int]], length: int) -> None:
    source = [(step, np.array(ids, dtype=np.uint16)) for step, ids in enumerate(documents)]
    sequences = list(pack(source, length, np.dtype(np.uint16)))
    assert [t for s in sequences for t in s.input_ids.tolist()] == [t for ids in documents for t in ids]
    pieces: list[list[int]] = [[] for _ in documents]
    for sequence in sequences:
        assert sequence.boundaries[0] == 0
        assert sequence.boundaries[-1] == sequence.input_ids.size
        assert (np.diff(sequence.boundaries) > 0).all()
        for step, low, high in zip(sequence.steps, sequence.boundaries, sequence.boundaries[1:], strict=False):
            pieces[step].extend(sequence.input_ids[low:high].tolist())
    assert pieces == documents


def test_packing_by_hand() -> None:
    source = [(0, np.array([1, 5, 2], np.uint16)), (1, np.array([1, 6, 7, 8, 2], np.uint16))]
    first, second = pack(source, 4, np.dtype(np.uint16))
    assert (first.input_ids.tolist(), first.boundaries.tolist(), first.steps.tolist()) == (
        [1, 5, 2, 1],
        [0, 3, 4],
        [0, 1],
    )
    assert (second.input_ids.tolist(), second.boundaries.tolist(), second.steps.tolist()) == ([6, 7, 8, 2], [0, 4], [1])
    assert (first.after, second.after) == (Position(1, 1), Position(2, 0))


@pytest.mark.parametrize(("length", "first_token", "message"), [(0, 0, "at least 1"), (4, 4, "3 tokens")])
def test_packing_refuses_what_it_cannot_do(length: int, first_token: int, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        list(pack([(0, np.array([1, 5, 2], np.uint16))], length, np.dtype(np.uint16), first_token))


def test_a_reader_pickles_as_its_arguments(corpus: Path) -> None:
    reader = MixtureReader(corpus, seed=4, rank=1, world_size=2)
    first = next(reader.documents()).document_id
    assert next(pickle.loads(pickle.dumps(reader)).documents()).document_id == first


def test_a_split_without_shards_is_empty(corpus: Path) -> None:
    assert list(MixtureReader(corpus, split="valid").documents()) == []


def lies(change: Callable[[dict[str, Any]], object], name: str) -> Any:
    return pytest.param(change, name, id=name)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        lies(lambda m: m["tokenizer"].update(fingerprint="e" * 64), "ids would mean other text"),
        lies(lambda m: m["tokenizer"].update(bos=9), "ids would mean other text"),
        lies(lambda m: m["mixture"][0].update(subset="other"), "holds train of 'ja_cc'"),
        lies(lambda m: m["mixture"][0]["shards"][0].update(rows=99), "99"),
        lies(lambda m: m["mixture"][0]["shards"][0].pop("times"), "times"),
    ],
)
def test_a_manifest_that_contradicts_its_shards_is_not_believed(
    tmp_path: Path, change: Callable[[dict[str, Any]], object], message: str
) -> None:
    folder = build(tmp_path)
    manifest = json.loads((folder / "manifest.json").read_text())
    change(manifest)
    (folder / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(ValueError, match=message):
        list(MixtureReader(folder).documents())


def test_a_document_without_its_boundaries_is_not_read(tmp_path: Path) -> None:
    folder = build(tmp_path)
    shard = next((folder / "shards").rglob("ja_wiki/*.arrow"))
    content = bytearray(shard.read_bytes())
    place = content.rindex(np.array([1, 3], dtype=np.uint16).tobytes())
    content[place] = 7  # the BOS of a document
    shard.write_bytes(content)
    with pytest.raises(ValueError, match=r"ja_wiki.*does not keep the contract"):
        list(MixtureReader(folder).documents())


def test_torch_loaders_read_the_same_tokens(corpus: Path) -> None:
    torch = pytest.importorskip("torch", reason="torch is not installed")
    from tesuki.tokenize.torch_reader import torch_dataset

    loader = torch.utils.data.DataLoader(torch_dataset(corpus, 16, seed=2), batch_size=None)
    items = list(loader)
    expected = list(MixtureReader(corpus, seed=2).sequences(16))
    assert [item["input_ids"].tolist() for item in items] == [s.input_ids.tolist() for s in expected]
    assert [item["boundaries"].tolist() for item in items] == [s.boundaries.tolist() for s in expected]
    assert items[0]["input_ids"].dtype == torch.int64


def test_torch_workers_share_the_documents_out_and_resume(corpus: Path) -> None:
    torch = pytest.importorskip("torch", reason="torch is not installed")
    from tesuki.tokenize.torch_reader import torch_dataset

    def read(resume: dict[int, Position] | None) -> list[dict[str, Any]]:
        dataset = torch_dataset(corpus, 16, seed=2, resume=resume)
        return list(torch.utils.data.DataLoader(dataset, batch_size=None, num_workers=2))

    whole = read(None)
    assert sum(item["input_ids"].numel() for item in whole) == MixtureReader(corpus).mixture.tokens_a_pass
    seen = whole[:7]
    positions = {item["worker"]: Position(item["step"], item["token"]) for item in seen}
    rest = {worker: [i["input_ids"].tolist() for i in whole[7:] if i["worker"] == worker] for worker in (0, 1)}
    resumed = read(positions)
    for worker in (0, 1):
        assert [i["input_ids"].tolist() for i in resumed if i["worker"] == worker] == rest[worker]


def test_labels_and_positions_begin_anew_with_each_document(corpus: Path) -> None:
    for sequence in MixtureReader(corpus, seed=2).sequences(16):
        labels, positions = labels_of(sequence), position_ids_of(sequence)
        starts = set(sequence.boundaries[:-1].tolist())
        for place, token in enumerate(sequence.input_ids.tolist()):
            assert labels[place] == (IGNORED if place in starts else token)
            assert positions[place] == (0 if place in starts else positions[place - 1] + 1)


@pytest.mark.parametrize("taken", [0, 1, 7])
def test_a_share_goes_on_from_its_state(corpus: Path, taken: int) -> None:
    """As a loader with state uses it: two workers, each asked for its state, each given it back in a new process."""
    for worker in (0, 1):
        first = Share("train", 2, 0, 1)
        first.enter(worker, 2, BEGINNING)
        reading = first.sequences(corpus, 16)
        for _ in range(taken):
            next(reading)
        state = json.loads(json.dumps(first.state_dict()))
        second = Share("train", 2, 0, 1)
        second.load_state_dict(state)
        assert second.state_dict() == state
        second.enter(worker, 2, BEGINNING)
        rest = [sequence.input_ids.tolist() for sequence in second.sequences(corpus, 16)]
        assert rest == [sequence.input_ids.tolist() for sequence in reading]
        # What was loaded holds for one pass: the next begins at the beginning.
        second.enter(worker, 2, BEGINNING)
        assert second.state_dict()["step"] == 0


def test_a_share_refuses_the_state_of_another_reading(corpus: Path) -> None:
    share = Share("train", 2, 0, 1)
    state = share.state_dict()
    for name, value in (("split", "valid"), ("seed", 3), ("rank", 1), ("world_size", 2)):
        with pytest.raises(ValueError, match=f"the state is of {name} "):
            Share("train", 2, 0, 1).load_state_dict({**state, name: value})
    share.load_state_dict(state)
    with pytest.raises(ValueError, match="worker 0 of 1, this is worker 1 of 2"):
        share.enter(1, 2, BEGINNING)


def test_torch_datasets_go_on_from_their_state(corpus: Path) -> None:
    pytest.importorskip("torch", reason="torch is not installed")
    from tesuki.tokenize.torch_reader import torch_dataset

    first = torch_dataset(corpus, 16, seed=2)
    reading = iter(first)
    for _ in range(3):
        item = next(reading)
    assert item["labels"].shape == item["position_ids"].shape == item["input_ids"].shape
    second = torch_dataset(corpus, 16, seed=2)
    second.load_state_dict(first.state_dict())
    assert [item["input_ids"].tolist() for item in second] == [item["input_ids"].tolist() for item in reading]


@pytest.mark.parametrize("workers", [0, 2])
@pytest.mark.parametrize("taken", [1, 5])
def test_torchdatas_loader_goes_on_from_its_state(corpus: Path, workers: int, taken: int) -> None:
    stateful = pytest.importorskip("torchdata.stateful_dataloader", reason="torchdata is not installed")
    from tesuki.tokenize.torch_reader import torch_dataset

    def loader() -> Any:
        dataset = torch_dataset(corpus, 16, seed=2)
        return stateful.StatefulDataLoader(dataset, batch_size=None, num_workers=workers)

    first = loader()
    reading = iter(first)
    for _ in range(taken):
        next(reading)
    second = loader()
    second.load_state_dict(first.state_dict())
    rest = [item["input_ids"].tolist() for item in reading]
    assert rest
    assert [item["input_ids"].tolist() for item in second] == rest


def test_the_adapter_imports_without_torch() -> None:
    import tesuki.tokenize.torch_reader as torch_reader

    assert not hasattr(torch_reader, "torch")


def test_a_split_there_is_none_of_is_refused(corpus: Path) -> None:
    """Read as a split without shards, a misspelt name would train on nothing and say nothing."""
    with pytest.raises(ValueError, match=r"split 'validation'; expected one of train, valid, test"):
        MixtureReader(corpus, split="validation")  # type: ignore[arg-type]
