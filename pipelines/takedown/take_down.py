"""`tesuki takedown`: the corpus as it would have been built with a list of what must go, in minutes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from tesuki.pipelines.corpus.balance import balance_in
from tesuki.pipelines.corpus.manifest import (
    NAME,
    FileEntry,
    Manifest,
    Stages,
    manifest_bytes,
    manifest_of,
    read_manifest,
    recipe_in,
)
from tesuki.pipelines.corpus.place import file_entry, shard_entry, table_entry
from tesuki.pipelines.corpus.plan import documents_name, drops_name, shards_name
from tesuki.pipelines.corpus.request import finished_manifest
from tesuki.pipelines.corpus.share import refuse_shares
from tesuki.pipelines.corpus.take_downs import (
    Change,
    ChangedFile,
    GonePage,
    Record,
    list_in,
    record_numbers,
    record_path,
)
from tesuki.pipelines.errors import RequestError
from tesuki.pipelines.journey.printable import printable
from tesuki.pipelines.levelling.host_evidence import load_page_list
from tesuki.pipelines.storage.corpus_folder import TABLES, CorpusFolder
from tesuki.pipelines.storage.files import sha256_of
from tesuki.pipelines.storage.lock import locked
from tesuki.pipelines.storage.values import url_hash
from tesuki.pipelines.takedown.balance import balance_after
from tesuki.pipelines.takedown.band_index import write_index
from tesuki.pipelines.takedown.leaving import Leaving, duplicates_of, find_leaving
from tesuki.pipelines.takedown.request import check_growth, with_list
from tesuki.pipelines.takedown.shards import Reshard, reshard
from tesuki.pipelines.takedown.swap import SwapPlan, carry_out, commit, committed, staging
from tesuki.pipelines.takedown.tables import write_tables
from tesuki.release_levels.page_lists import PageList


def take_down(output: Path, list_path: Path) -> Iterator[str]:
    """Withhold from the corpus at ``output`` what the list at ``list_path`` names; lines that tell what was done.

    Documents, ledger, shards, band index and manifest become those of a run with that list. Raises `RequestError` for
    a list that is none or does not begin with the one the corpus has, and for a folder that holds no whole corpus.
    """
    pages = load_page_list(list_path, "takedown")
    if not output.is_dir():
        read_manifest(output)
    with locked(output):
        refuse_shares(output / "parts")
        yield from _taken_down(output, list_path, pages)


def _taken_down(output: Path, list_path: Path, pages: PageList) -> Iterator[str]:
    unfinished = committed(output)
    if unfinished:
        carry_out(output, unfinished)
        yield f"finished: the take-down of record {record_path(output, unfinished.number).relative_to(output)}"
    manifest = read_manifest(output)
    if finished_manifest(output) is None:
        raise RequestError(f"{output}: files of the corpus are missing or cut; see tesuki verify, build it again")
    asked = with_list(manifest.request, list_path)
    earlier = list_in(manifest.lists)
    if list_in(asked["lists"]) == earlier:
        yield f"nothing to do: the corpus is made with the list {printable(list_path.name)}"
        return
    check_growth(list_path, earlier)
    leaving = find_leaving(output, pages)
    plan = _prepared(output, manifest, asked, leaving)
    commit(output, plan)
    carry_out(output, plan)
    yield from _told(output, plan, leaving)


def _prepared(output: Path, manifest: Manifest, request: Mapping[str, Any], leaving: Sequence[Leaving]) -> SwapPlan:
    """Everything made that the take-down needs, and nothing of the corpus touched."""
    target = staging(output)
    ended = write_tables(output, leaving, target)
    shards = reshard(output, manifest, leaving, target, ended)
    ended += [*write_index(output, leaving, target), *shards.ended]
    balance = balance_after(balance_in(manifest.balance), leaving)
    tokenizer = manifest.tokenizer.model_dump() if manifest.tokenizer and balance.kept else None
    if not tokenizer:
        # A run makes no tokens of no documents.
        ended += [entry.path for entry in manifest.files if entry.path.startswith("tokenizer/")]
    after = manifest_of(
        request,
        stages=_stages(output, request, tokenizer),
        balance=balance,
        tokenizer=tokenizer,
        mixture=[row.model_dump() for row in shards.mixture] if tokenizer else (),
        files=_entries(manifest.files, target, shards, ended),
    )
    number = 1 + max(record_numbers(output), default=0)
    withheld = sorted(str(page.fate.id) for page in leaving)
    return SwapPlan(
        number=number,
        record=_record(output, number, manifest, after, leaving),
        manifest=after,
        ended=tuple(ended),
        scrub=tuple(sorted({*withheld, *duplicates_of(output, withheld)})),
    )


def _stages(output: Path, request: Mapping[str, Any], tokenizer: Mapping[str, Any] | None) -> Stages:
    """The names that `tesuki.pipelines.corpus.plan` gives: the parts have not changed, what is made of them has."""
    recipe = recipe_in(request["recipe"])
    parts = sorted(path.stem for path in CorpusFolder(output).ledger())
    lists, code = request["lists"], request["code"]
    drops = drops_name(recipe, parts, lists, code)
    documents = documents_name(recipe, drops, lists, code)
    tokens = shards_name(recipe, documents, tokenizer["fingerprint"], code) if tokenizer else ""
    return Stages(documents=documents, tokens=tokens)


def _entries(before: Sequence[FileEntry], target: Path, shards: Reshard, ended: Iterable[str]) -> list[FileEntry]:
    """What the manifest says of files: as ``before``, but of those staged below ``target`` and those that end."""
    entries = {entry.path: entry for entry in before}
    for path in ended:
        del entries[path]
    for staged in sorted(path for path in target.rglob("*") if path.is_file()):
        name = staged.relative_to(target)
        if name.parts[0] != "shards":
            entries[str(name)] = table_entry(target, staged) if name.parts[0] in TABLES else file_entry(target, staged)
    return [*(entries | {shard.path: shard_entry(shard) for shard in shards.staged}).values()]


def _record(output: Path, number: int, before: Manifest, after: Manifest, leaving: Iterable[Leaving]) -> Record:
    """What is kept of a take-down: hashes and ids, no address and no text. It names the record before it by hash."""
    former = record_path(output, number - 1)
    old, new = before.hashes, after.hashes
    named = list_in(after.lists)
    assert named is not None
    return Record(
        format=2,
        previous=sha256_of(former) if former.exists() else None,
        list=named,
        manifest=Change(before=sha256_of(output / NAME), after=sha256(manifest_bytes(after)).hexdigest()),
        pages=tuple(
            sorted(
                (
                    GonePage(id=page.fate.id, url_hash=url_hash(page.fate.url), was=page.was[1] if page.was else "kept")
                    for page in leaving
                ),
                key=lambda page: str(page.id),
            )
        ),
        files=tuple(
            ChangedFile(path=path, before=old.get(path), after=new.get(path))
            for path in sorted(old.keys() | new.keys())
            if old.get(path) != new.get(path)
        ),
    )


def _told(output: Path, plan: SwapPlan, leaving: Sequence[Leaving]) -> Iterator[str]:
    documents = sum(page.was is None for page in leaving)
    yield f"withheld: documents {documents}, pages that had left for other reasons {len(leaving) - documents}"
    files = plan.record.files
    ended = sum(entry.after is None for entry in files)
    yield f"files: {len(files) - ended} written or renamed, {ended} removed; {len(plan.manifest.files)} in all"
    if documents and plan.manifest.tokenizer and plan.manifest.tokenizer.trained:
        yield "tokenizer: kept, though it was learnt from what went, too; a rebuild would learn another"
    yield f"every later run into this folder needs policy.take_down: {printable(plan.record.list.name)} in its recipe"
    yield f"record: {record_path(output, plan.number).relative_to(output)}"
