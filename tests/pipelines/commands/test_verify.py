"""`tesuki verify` finds planted lies: simple ones by hash, and those of a liar who mends the hashes too."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tesuki.pipelines.commands import verify
from tesuki.pipelines.commands.document_ids import check_placements
from tesuki.pipelines.commands.verify import verify_corpus
from tesuki.pipelines.errors import RequestError, WorkError
from tesuki.pipelines.storage.names import digest
from tesuki.pipelines.storage.sealed_json import write_sealed

Manifest = dict[str, Any]


def read(output: Path) -> Manifest:
    value: Manifest = json.loads((output / "manifest.json").read_bytes())
    return value


def write(output: Path, manifest: Manifest) -> None:
    """As a liar does who knows of the digests."""
    request = ("format", "recipe", "inputs", "lists", "given_tokenizer", "libraries", "code")
    manifest["request_digest"] = digest({name: manifest[name] for name in request})
    write_sealed(output / "manifest.json", manifest)


def mend(output: Path) -> None:
    """Make the manifest list what is there now: what a liar does who knows of the hashes."""
    manifest = read(output)
    known = {entry["path"]: entry for entry in manifest["files"]}
    manifest["files"] = []
    for folder in ("documents", "ledger", "shards", "tokenizer"):
        for path in sorted((output / folder).rglob("*")):
            if path.is_file():
                name = str(path.relative_to(output))
                entry = {"path": name, "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}
                entry["bytes"] = path.stat().st_size
                if path.suffix == ".parquet":
                    entry["rows"] = pq.read_metadata(path).num_rows
                manifest["files"].append(known.get(name, {}) | entry)
    write(output, manifest)


def tables(output: Path, pattern: str, wanted: Callable[[pa.Table], bool] = bool) -> list[Path]:
    return [path for path in sorted(output.glob(pattern)) if wanted(pq.read_table(path))]


def with_column(table: pa.Table, name: str, values: list[Any]) -> pa.Table:
    place = table.schema.get_field_index(name)
    return table.set_column(place, table.schema.field(name), pa.array(values, table.schema.field(name).type))


def change_column(path: Path, name: str, change: Callable[[int, Any], Any]) -> None:
    table = pq.read_table(path)
    pq.write_table(
        with_column(table, name, [change(row, value) for row, value in enumerate(table[name].to_pylist())]), path
    )


def shard(output: Path, split: str = "train") -> Path:
    return next(path for path in sorted((output / "shards" / split).rglob("*.arrow")))


def change_shard(path: Path, change: Callable[[pa.Table], pa.Table]) -> None:
    table = pa.ipc.open_stream(pa.BufferReader(path.read_bytes())).read_all()
    changed = change(table)
    with path.open("wb") as sink, pa.ipc.new_stream(sink, changed.schema) as writer:
        writer.write_table(changed)


def test_an_honest_corpus_passes(sample: Path) -> None:
    assert [line.split(":")[0] for line in verify_corpus(sample)] == [
        "files",
        "records",
        "balance",
        "levels",
        "shards",
        "rows",
        "repeats",
    ]


@pytest.mark.parametrize("folder", ["documents", "ledger", "shards", "tokenizer"])
def test_a_byte_that_changed(sample_copy: Path, folder: str) -> None:
    path = next(path for path in sorted((sample_copy / folder).rglob("*")) if path.is_file())
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(WorkError, match=f"{path.relative_to(sample_copy)}: sha256 is"):
        list(verify_corpus(sample_copy))


@pytest.mark.parametrize("folder", ["documents", "ledger", "shards", "tokenizer"])
def test_a_file_too_few_or_too_many(sample_copy: Path, folder: str) -> None:
    path = next(path for path in sorted((sample_copy / folder).rglob("*")) if path.is_file())
    extra = path.with_name("extra")
    shutil.copy(path, extra)
    with pytest.raises(WorkError, match="extra: lies in the corpus but not in the manifest"):
        list(verify_corpus(sample_copy))
    extra.unlink()
    path.unlink()
    with pytest.raises(WorkError, match=f"{path.relative_to(sample_copy)}: the manifest lists it, it is not there"):
        list(verify_corpus(sample_copy))


def lose_a_ledger_row(output: Path) -> None:
    path = tables(output, "ledger/*.parquet")[0]
    pq.write_table(pq.read_table(path).slice(1), path)


def tell_of_a_page_twice(output: Path) -> None:
    path = tables(output, "ledger/*.parquet")[0]
    table = pq.read_table(path)
    pq.write_table(pa.concat_tables([table, table.slice(0, 1)]), path)


def blame_another_rule(output: Path) -> None:
    path = tables(output, "ledger/*.parquet")[0]
    change_column(path, "rule", lambda row, rule: "quality.other" if row == 0 else rule)


def lose_a_document(output: Path) -> None:
    path = tables(output, "documents/*/L2/*.parquet", lambda table: table.num_rows > 1)[0]
    pq.write_table(pq.read_table(path).slice(1), path)


def cut_a_text(output: Path) -> None:
    path = tables(output, "documents/*/*/*.parquet")[0]
    change_column(path, "text", lambda row, text: text[:-1] if row == 0 else text)


def lose_characters(output: Path) -> None:
    path = tables(output, "documents/*/*/*.parquet", lambda table: any(table["extraction"].to_pylist()))[0]
    change_column(path, "extraction", lambda row, account: account and {**account, "seen": account["seen"] + 5})


def keep_a_document_twice(output: Path) -> None:
    path = tables(output, "documents/*/*/*.parquet", lambda table: table.num_rows > 1)[0]
    change_column(path, "id", lambda row, _: pq.read_table(path)["id"][0].as_py())


def move_to_another_level(output: Path) -> None:
    path = tables(output, "documents/*/L3/*.parquet")[0]
    target = path.parents[1] / "L1" / f"moved-{path.name}"
    target.parent.mkdir(exist_ok=True)
    shutil.move(path, target)


def make_stricter_than_its_split(output: Path) -> None:
    """An L3 document that is trained on becomes LX, folder and all."""
    trained = {
        document
        for path in (output / "shards" / "train").rglob("*.arrow")
        for document in pa.ipc.open_stream(pa.BufferReader(path.read_bytes())).read_all()["id"].to_pylist()
    }
    path = tables(output, "documents/*/L3/*.parquet", lambda table: bool(trained & set(table["id"].to_pylist())))[0]
    change_column(path, "level", lambda *_: "LX")
    (path.parents[1] / "LX").mkdir(exist_ok=True)
    shutil.move(path, path.parents[1] / "LX" / f"moved-{path.name}")


def store_a_withheld_text(output: Path) -> None:
    path = tables(output, "documents/*/LX/*.parquet")[0]
    change_column(path, "level", lambda *_: "LZ")
    (path.parents[1] / "LZ").mkdir()
    shutil.move(path, path.parents[1] / "LZ" / path.name)


def invent_a_level(output: Path) -> None:
    path = tables(output, "documents/*/L1/*.parquet")[0]
    change_column(path, "level", lambda *_: "L0")
    (path.parents[1] / "L0").mkdir()
    shutil.move(path, path.parents[1] / "L0" / path.name)


def tell_a_withheld_address(output: Path) -> None:
    path = tables(output, "ledger/*.parquet", lambda table: "withheld" in table["fate"].to_pylist())[0]
    fates = pq.read_table(path)["fate"].to_pylist()
    change_column(path, "url", lambda row, url: "https://told.example/" if fates[row] == "withheld" else url)


def train_on_a_test_document(output: Path) -> None:
    """A row of a train shard becomes that of an LX document."""
    stricter = pq.read_table(tables(output, "documents/*/LX/*.parquet")[0])["id"][0].as_py()
    change_shard(
        shard(output),
        lambda table: with_column(table, "id", [stricter, *table["id"].to_pylist()[1:]]),
    )


def train_on_a_stranger(output: Path) -> None:
    change_shard(shard(output), lambda table: with_column(table, "id", ["0" * 32, *table["id"].to_pylist()[1:]]))


def train_on_a_document_twice(output: Path) -> None:
    change_shard(
        shard(output),
        lambda table: with_column(table, "id", [table["id"][1].as_py(), *table["id"].to_pylist()[1:]]),
    )


def lose_a_token(output: Path) -> None:
    def change(table: pa.Table) -> pa.Table:
        ids = table["input_ids"].to_pylist()
        return with_column(table, "input_ids", [ids[0][:-1], *ids[1:]])

    change_shard(shard(output), change)


def swap_two_shards(output: Path) -> None:
    """Test text where training text should be, by nothing but the name of the file."""
    train, test = shard(output), shard(output, "test")
    content = train.read_bytes(), test.read_bytes()
    train.write_bytes(content[1])
    test.write_bytes(content[0])


def claim_other_repeats_in_the_shard(output: Path) -> None:
    change_shard(
        shard(output), lambda table: table.replace_schema_metadata({**table.schema.metadata, b"tesuki.repeats": b"7"})
    )


def claim_another_tokenizer(output: Path) -> None:
    manifest = read(output)
    manifest["tokenizer"]["fingerprint"] = "0" * 64
    write(output, manifest)


LIES = [
    (lose_a_ledger_row, "balance: station .* counted"),
    (tell_of_a_page_twice, "balance: station .* counted"),
    (blame_another_rule, "balance: the rules in ledger/ are not those in the manifest"),
    (lose_a_document, r"balance: \d+ pages were kept, documents/ has \d+"),
    (cut_a_text, r"balance: \d+ characters were kept, documents/ has \d+"),
    (lose_characters, "balance: 5 characters of page .* are unaccounted for at station extract"),
    (keep_a_document_twice, "is there twice"),
    (move_to_another_level, "it lies in the wrong folder"),
    (make_stricter_than_its_split, "is LX and may not stand in train"),
    (store_a_withheld_text, "level is LZ; its text must not be stored"),
    (invent_a_level, "have level 'L0'"),
    (tell_a_withheld_address, "the address of withheld page .* stands there"),
    (train_on_a_test_document, "is LX and may not stand in train"),
    (train_on_a_stranger, "is not in documents/"),
    (train_on_a_document_twice, "stands in two shards|twice"),
    (lose_a_token, "tokens, the manifest says otherwise|length"),
    (swap_two_shards, "tokens, the manifest says otherwise|says that it is"),
    (claim_other_repeats_in_the_shard, "says that it is"),
    (claim_another_tokenizer, "made with tokenizer"),
]


@pytest.mark.parametrize(("lie", "answer"), LIES, ids=[lie.__name__ for lie, _ in LIES])
def test_a_lie_whose_hashes_were_mended(sample_copy: Path, lie: Callable[[Path], None], answer: str) -> None:
    lie(sample_copy)
    mend(sample_copy)
    with pytest.raises(WorkError, match=answer):
        list(verify_corpus(sample_copy))


@pytest.mark.parametrize(
    "lie",
    [keep_a_document_twice, train_on_a_test_document, train_on_a_stranger, train_on_a_document_twice],
    ids=lambda lie: lie.__name__,
)
def test_documents_are_found_a_share_at_a_time(
    sample_copy: Path, lie: Callable[[Path], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in a corpus whose ids do not fit into memory."""
    monkeypatch.setattr(verify, "check_placements", partial(check_placements, at_once=7))
    assert list(verify_corpus(sample_copy))
    lie(sample_copy)
    mend(sample_copy)
    # A document that is there twice has another's place: which of the two is met first depends on the shares.
    with pytest.raises(WorkError, match=dict(LIES)[lie] + "|is not in documents/"):
        list(verify_corpus(sample_copy))


def first_trained(manifest: Manifest) -> dict[str, Any]:
    row: dict[str, Any] = next(row for row in manifest["mixture"] if row["split"] == "train" and row["shards"])
    return row


def other_repeats(manifest: Manifest) -> None:
    first_trained(manifest)["repeats"] = "9"


def more_readings(manifest: Manifest) -> None:
    first_trained(manifest)["shards"][0]["times"] += 1


def more_training_tokens(manifest: Manifest) -> None:
    first_trained(manifest)["training_tokens"] += 1


def other_repeats_throughout(manifest: Manifest) -> None:
    """Everything that follows from the ratio is changed with it, but not the recipe."""
    row = next(row for row in manifest["mixture"] if row["split"] == "train" and row["repeats"] == "3")
    row["repeats"] = "4"
    for entry in row["shards"]:
        entry["times"] = 4
    row["training_tokens"] = 4 * row["tokens"]


def other_recipe(manifest: Manifest) -> None:
    manifest["recipe"]["subsets"]["web"]["repeats"] = "9"


def other_recipe_and_digest(manifest: Manifest) -> None:
    other_recipe(manifest)
    manifest["recipe_digest"] = digest(manifest["recipe"])


def fewer_read(manifest: Manifest) -> None:
    manifest["balance"]["stations"][0]["arrived"] -= 1


def other_sum_of_fates(manifest: Manifest) -> None:
    manifest["balance"]["read"] += 1


def other_fate(manifest: Manifest) -> None:
    manifest["balance"]["fates"]["kept"] += 1
    manifest["balance"]["fates"]["rejected"] -= 1


def more_unique_tokens(manifest: Manifest) -> None:
    first_trained(manifest)["tokens"] += 1


def no_mixture(manifest: Manifest) -> None:
    manifest["mixture"] = []


FIGURES = [
    other_repeats,
    more_readings,
    more_training_tokens,
    other_repeats_throughout,
    other_recipe,
    other_recipe_and_digest,
    fewer_read,
    other_sum_of_fates,
    other_fate,
    more_unique_tokens,
    no_mixture,
]


@pytest.mark.parametrize("lie", FIGURES, ids=lambda lie: lie.__name__)
def test_a_manifest_with_wrong_figures(sample_copy: Path, lie: Callable[[Manifest], None]) -> None:
    manifest = read(sample_copy)
    lie(manifest)
    write(sample_copy, manifest)
    with pytest.raises(WorkError, match=r"manifest|balance|mixture|shards"):
        list(verify_corpus(sample_copy))


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"format": 99}', "{"])
def test_a_manifest_that_is_none(sample_copy: Path, content: str) -> None:
    (sample_copy / "manifest.json").write_text(content)
    with pytest.raises(RequestError, match=r"manifest\.json"):
        list(verify_corpus(sample_copy))


def test_the_command_says_the_first_lie_and_fails(sample_copy: Path, tesuki: Any) -> None:
    lose_a_ledger_row(sample_copy)
    run = tesuki("verify", sample_copy)
    assert run.returncode == 1
    assert run.stderr.startswith("tesuki: ledger/")
    assert len(run.stderr.splitlines()) == 1
