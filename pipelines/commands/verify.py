"""`tesuki verify`: believing nothing, counting everything again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from functools import partial
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from tesuki.pipelines.commands.document_ids import Placement, check_placements
from tesuki.pipelines.commands.verify_rows import verify_rows
from tesuki.pipelines.corpus.accounts import check_accounts
from tesuki.pipelines.corpus.balance import (
    Balance,
    balance_in,
    check_disk,
    check_stations,
    count_documents,
    count_ledger,
    sheet_of,
)
from tesuki.pipelines.corpus.manifest import NAME, Manifest, MixtureEntry, manifest_bytes, read_manifest
from tesuki.pipelines.corpus.parts_check import damaged_files
from tesuki.pipelines.corpus.report.page import check_report
from tesuki.pipelines.corpus.take_downs import check_records
from tesuki.pipelines.errors import RequestError, WorkError
from tesuki.pipelines.journey.printable import printable
from tesuki.pipelines.storage.corpus_folder import CorpusFolder, DocumentFile
from tesuki.pipelines.storage.files import sha256_of
from tesuki.pipelines.storage.names import digest
from tesuki.pipelines.tokens.buckets import resolved_buckets, rows_of_documents
from tesuki.pipelines.tokens.mixture_rows import shard_lengths
from tesuki.pipelines.tokens.placing import USE_OF_SPLIT
from tesuki.release_levels.levels import Level
from tesuki.tokenize.buckets import Buckets
from tesuki.tokenize.passes import declare_passes
from tesuki.tokenize.repeats import parse_repeats
from tesuki.tokenize.shard_metadata import ShardMetadata, read_metadata


def verify_corpus(output: Path, *, parts: bool = False) -> Iterator[str]:
    """Check the corpus at ``output``, a line for each thing found true; ``parts/`` too where asked.

    Raises `WorkError` at the first lie, `RequestError` where there is no manifest that could be held against anything.
    """
    manifest = read_manifest(output)
    folder = CorpusFolder(output)
    try:
        yield verify_files(folder, manifest)
        yield verify_records(output, manifest)
        yield verify_balance(folder, manifest)
        yield verify_levels(folder)
        buckets = resolved_buckets(manifest.asked, folder.documents()) if manifest.tokenizer else {}
        yield verify_shards(folder, manifest, buckets)
        yield verify_rows(folder, manifest, buckets)
        yield verify_repeats(output, manifest)
        if parts:
            yield verify_parts(output)
    except RequestError as failure:
        raise WorkError(str(failure)) from None
    except (pa.ArrowException, OSError, ValueError, KeyError, TypeError) as failure:
        # What the hashes vouch for and nobody can read was written so: a lie of the manifest, too.
        raise WorkError(f"{output}: cannot be read as a corpus ({printable(str(failure))}); build it again") from None


def verify_files(folder: CorpusFolder, manifest: Manifest) -> str:
    """Every file is there with its hash, and no table or shard is there that the manifest does not know."""
    listed = {entry.path: entry for entry in manifest.files}
    there = frozenset(folder.listed())
    for path in sorted(listed.keys() | there):
        shown = printable(path)
        if path not in there:
            raise WorkError(f"{shown}: the manifest lists it, it is not there; build the corpus again")
        if path not in listed:
            raise WorkError(f"{shown}: lies in the corpus but not in the manifest; remove it or build again")
        entry = listed[path]
        found = sha256_of(folder.path / path)
        if found != entry.sha256:
            raise WorkError(f"{shown}: sha256 is {found}, the manifest says {entry.sha256}")
        if entry.bytes != (folder.path / path).stat().st_size:
            raise WorkError(f"{shown}: bytes differ from the manifest's {entry.bytes}")
        if (
            entry.rows is not None
            and path.endswith(".parquet")
            and pq.read_metadata(folder.path / path).num_rows != entry.rows
        ):
            raise WorkError(f"{shown}: rows differ from the manifest's {entry.rows}")
    if digest(manifest.recipe) != manifest.recipe_digest:
        raise WorkError(f"{NAME}: recipe_digest is not that of the recipe it holds")
    if digest(manifest.request) != manifest.request_digest:
        raise WorkError(f"{NAME}: request_digest is not that of the request it holds")
    return f"files: {len(listed)} with the hashes the manifest gives"


def verify_records(output: Path, manifest: Manifest) -> str:
    """The report is as it was written; records of take-downs are a chain that ends in this manifest."""
    check_report(output)
    records = check_records(output, manifest_bytes(manifest))
    return f"records: report.html as written, take-downs {records}"


def verify_balance(folder: CorpusFolder, manifest: Manifest) -> str:
    """The sheet closes at every station and inside each page, and the rows on disk are those it counts."""
    balance: Balance = balance_in(manifest.balance)
    check_stations(balance.stations)
    rules = count_ledger(folder.ledger())
    kept, characters = count_documents(folder.document_paths())
    check_disk(balance.stations, rules, kept, characters)
    if rules != balance.rules:
        raise WorkError("balance: the rules in ledger/ are not those in the manifest; build the corpus again")
    found = replace(balance, kept=kept, kept_characters=characters, rules=rules)
    if sheet_of(found) != manifest.balance:
        raise WorkError("balance: the sums in the manifest are not those of its stations; build the corpus again")
    pages = check_accounts((*folder.ledger(), *folder.document_paths()))
    return (
        f"balance: {balance.read} records read = {kept} kept + {sum(row[3] for row in rules)} in the ledger; "
        f"characters seen = taken + left out in {pages} pages"
    )


def verify_levels(folder: CorpusFolder) -> str:
    """Documents lie where their level says, none is LZ, and the ledger names no address of a withheld page."""
    counts: Counter[str] = Counter()
    for file in folder.documents():
        counts[file.level] += _check_levels(folder, file)
    for path in folder.ledger():
        with pq.ParquetFile(path) as ledger:
            for batch in ledger.iter_batches(columns=["fate", "url", "record_id"]):
                told = batch.filter(pc.and_(pc.equal(batch["fate"], "withheld"), pc.is_valid(batch["url"])))
                if told.num_rows:
                    record = printable(str(told["record_id"][0].as_py()))
                    raise WorkError(f"{folder.name_of(path)}: the address of withheld page {record} stands there")
    return "levels: " + ", ".join(f"{level} {pages}" for level, pages in sorted(counts.items()))


def _check_levels(folder: CorpusFolder, file: DocumentFile) -> int:
    """How many documents the file has, each of which says of itself what its place says."""
    name, documents = printable(folder.name_of(file.path)), 0
    with pq.ParquetFile(file.path) as table:
        for batch in table.iter_batches(columns=["id", "level", "subset"]):
            documents += batch.num_rows
            fits = pc.and_kleene(pc.equal(batch["subset"], file.subset), pc.equal(batch["level"], file.level))
            odd = batch.filter(pc.invert(pc.fill_null(fits, False))).to_pylist()
            if odd:
                place = printable(f"document {odd[0]['id']} is {odd[0]['subset']}/{odd[0]['level']}")
                raise WorkError(f"{name}: {place}; it lies in the wrong folder")
    if file.level not in Level.__members__:
        raise WorkError(f"{name}: its documents have level {printable(file.level)!r}")
    if file.level == "LZ":
        raise WorkError(f"{name}: its level is LZ; its text must not be stored")
    return documents


def verify_shards(folder: CorpusFolder, manifest: Manifest, buckets: Mapping[str, Buckets]) -> str:
    """Each shard holds what its metadata and the manifest say, and only documents of its row that its use allows."""
    listed = {shard.path: shard for row in manifest.mixture for shard in row.shards}
    place = {shard.path: row for row in manifest.mixture for shard in row.shards}
    if odd := sorted(listed.keys() ^ frozenset(folder.shards())):
        raise WorkError(f"{printable(odd[0])}: stands in only one of shards/ and the manifest's mixture")
    splits: Counter[str] = Counter()
    placements = []
    for path in sorted(listed):
        table = folder.open_shard(path)
        metadata = _metadata(table.schema, path, place[path])
        if manifest.tokenizer is None or metadata.tokenizer.fingerprint != manifest.tokenizer.fingerprint:
            raise WorkError(f"{path}: made with tokenizer {metadata.tokenizer.fingerprint}, not the manifest's")
        tokens = pc.sum(pc.list_value_length(table["input_ids"])).as_py() or 0
        if (table.num_rows, tokens) != (listed[path].rows, listed[path].tokens):
            raise WorkError(f"{path}: {table.num_rows} rows and {tokens} tokens, the manifest says otherwise")
        placements.append(Placement(path, metadata.subset, metadata.split, USE_OF_SPLIT[metadata.split]))
        splits[metadata.split] += table.num_rows
    check_placements(
        folder, placements, lambda file, scores: rows_of_documents(file.subset, buckets.get(file.subset), scores)
    )
    return "shards: " + (", ".join(f"{split} {rows} documents" for split, rows in sorted(splits.items())) or "none")


def _metadata(schema: pa.Schema, path: str, row: MixtureEntry) -> ShardMetadata:
    """What the shard at ``path`` says of itself, held against its name and its ``row`` of the mixture."""
    try:
        metadata = read_metadata(schema, path)
    except ValueError as failure:
        raise WorkError(str(failure)) from None
    told = metadata.split, metadata.subset, metadata.repeats
    expected = row.split, row.subset, row.repeats
    if told != expected or Path(path).parts[1:3] != expected[:2]:
        raise WorkError(f"{path}: says that it is {told}, split, subset and repeats are {expected} in the mixture")
    return metadata


def verify_repeats(output: Path, manifest: Manifest) -> str:
    """The readings of the shards are those that the repeat ratios ask for, to the token."""
    for row in manifest.mixture:
        shards = row.shards
        repeats: Fraction = parse_repeats(row.repeats)
        held = sum(shard.tokens for shard in shards)
        if shards and held != row.tokens:
            raise WorkError(
                f"mixture: subset {row.subset} ({row.split}) is said to have {row.tokens} tokens, "
                f"its shards have {held}"
            )
        passes = declare_passes(
            [shard.tokens for shard in shards],
            repeats,
            partial(shard_lengths, output, [shard.path for shard in shards]),
        )
        declared = [(shard.times, shard.extra_rows, shard.extra_tokens) for shard in shards]
        asked = [(reading.times, reading.extra_rows, reading.extra_tokens) for reading in passes.shards]
        if declared != asked or row.training_tokens != passes.training_tokens:
            raise WorkError(
                f"mixture: subset {row.subset} ({row.split}): {row.training_tokens} tokens a pass are "
                f"declared, {passes.training_tokens} follow from repeats {row.repeats}"
            )
    total = sum(row.training_tokens for row in manifest.mixture if row.split == "train")
    return f"repeats: {total} training tokens a pass"


def verify_parts(output: Path) -> str:
    """What the next run would use again is as it was written."""
    sound, damaged = damaged_files(output / "parts")
    if damaged:
        named = ", ".join(printable(name) for name in damaged[:5])
        more = f" and {len(damaged) - 5} more" if len(damaged) > 5 else ""
        raise WorkError(f"parts/: not as written: {named}{more}; the next run makes them again")
    return f"parts: {sound} files as their seals say"
