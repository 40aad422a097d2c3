"""The main job: a recipe and archives in, a corpus out.

Three Beam pipelines with borders on disk. Everything is built below ``parts/``, and only what is whole and balanced
is moved to its place; the manifest comes last.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from tesuki.dedup.keep_order import KeepOrder
from tesuki.pipelines.assemble import DocumentSettings, documents, mend_steps
from tesuki.pipelines.balance import Balance, balance_from, balance_of
from tesuki.pipelines.canonical import digest
from tesuki.pipelines.clusters import JudgedPart
from tesuki.pipelines.deduplicate import deduplicate
from tesuki.pipelines.errors import WorkError
from tesuki.pipelines.extract import extract
from tesuki.pipelines.extraction_step import open_extraction
from tesuki.pipelines.files import write_bytes
from tesuki.pipelines.host_counts import count_hosts_of
from tesuki.pipelines.launcher import local_options, run
from tesuki.pipelines.manifest import manifest_of, request_of, write_manifest
from tesuki.pipelines.mixture_rows import mixture_rows
from tesuki.pipelines.part_writer import Seal, read_seal
from tesuki.pipelines.place import discard_manifest, file_entries, move_into_place
from tesuki.pipelines.plan import Plan, plan_run, shards_name, tokens_name
from tesuki.pipelines.quality import HOST_WORDS
from tesuki.pipelines.report import write_report
from tesuki.pipelines.request import Request, finished_manifest
from tesuki.pipelines.scrub import remove_leftovers, scrub_parts
from tesuki.pipelines.sources import Source
from tesuki.pipelines.stored_pages import PageStore
from tesuki.pipelines.tokenizer_file import tokenizer_file
from tesuki.pipelines.tokens import DocumentFile, ShardFile, ShardSettings, read_shard_files, read_unique_counts, shards
from tesuki.pipelines.unwanted_hosts import open_unwanted_hosts
from tesuki.tokenize.splits import SplitFractions

SIGNAL_READERS = ("tesuki.release_levels.signals:read_signals",)
"""What reads a page's release signals while its markup is at hand, inside the guarded child."""

Say = Callable[[str], None]
"""Takes one line for the user to read while the work goes on."""


@dataclass(frozen=True, slots=True)
class Corpus:
    """A finished corpus: where it lies, its manifest, and whether this run had anything to do."""

    output: Path
    manifest: Mapping[str, Any]
    built: bool


@dataclass(frozen=True, slots=True)
class Tokens:
    """What stations 11 and 12 made: a folder with ``shards/`` and ``tokenizer/``, and what the manifest says of it."""

    folder: Path
    name: str
    tokenizer: Mapping[str, Any] | None
    mixture: Sequence[Mapping[str, Any]]
    shards: Sequence[ShardFile]


def build_corpus(request: Request, say: Say) -> Corpus:
    """Build the corpus that ``request`` asks for, or find that it is there.

    Raises `WorkError` when the work fails; what was finished by then is used by the next run.
    """
    asked = request_of(request.canonical, request.inputs, request.lists)
    finished = finished_manifest(request.output)
    if finished and finished["request_digest"] == digest(asked):
        return Corpus(request.output, finished, built=False)

    plan = plan_run(request.canonical, request.inputs, request.lists)
    texts, balance = _documents(request, plan, finished, say)
    tokens = _tokens(request, plan, texts / "documents", say)

    discard_manifest(request.output)
    move_into_place(texts, request.output, ("documents", "ledger"))
    move_into_place(tokens.folder, request.output, ("shards", "tokenizer"))
    scrub_parts(plan.parts, request.output / "ledger", request.parts)
    manifest = manifest_of(
        asked,
        stages={"documents": plan.documents, "tokens": tokens.name},
        balance=balance,
        tokenizer=tokens.tokenizer,
        mixture=tokens.mixture,
        files=list(file_entries(request.output, tokens.shards)),
    )
    write_report(request.output, manifest)
    shutil.rmtree(request.parts / "building", ignore_errors=True)
    if request.recipe.parts == "remove":
        shutil.rmtree(request.parts)
    write_manifest(request.output, manifest)
    return Corpus(request.output, manifest, built=True)


def _documents(request: Request, plan: Plan, finished: Mapping[str, Any] | None, say: Say) -> tuple[Path, Balance]:
    """The folder that holds ``documents/`` and ``ledger/`` of ``plan``, made where it is not there yet."""
    if finished and finished["stages"]["documents"] == plan.documents:
        say("documents: as they are")
        return request.output, balance_from(finished["balance"])
    recipe, parts = request.recipe, request.parts
    options = _options(request)
    limits = recipe.extraction.limits
    store = PageStore(
        sources_of(request),
        partial(
            open_extraction,
            recipe.extraction.extractor,
            SIGNAL_READERS,
            deadline=limits.seconds,
            memory=limits.memory_megabytes << 20,
        ),
    )

    say(f"extract: {len(plan.parts)} parts of {len(request.inputs)} archives")
    unjudged = frozenset(name for name, subset in recipe.subsets.items() if not subset.judge)
    run(
        lambda pipeline: extract(
            pipeline,
            plan.parts,
            parts,
            recipe.extraction,
            store,
            request.preset,
            unjudged,
            request.dedup,
        ),
        options,
    )
    extracted = [_seal(parts / "pages", part.pages) for part in plan.parts]

    drops = parts / "drops" / plan.drops
    if not (drops / "done").exists():
        say("deduplicate")
        judged = [parts / "judged" / f"{part.judged}.judged.parquet" for part in plan.parts]
        run(
            lambda pipeline: _ignore(
                deduplicate(pipeline, judged, drops, request.dedup, KeepOrder(recipe.deduplication.keep))
            ),
            options,
        )
        write_bytes(drops / "done", b"")

    say("assemble: documents")
    folder = parts / "building" / f"documents-{plan.documents}"
    tables = [
        JudgedPart(
            part.judged,
            part.range.subset,
            parts / "pages" / f"{part.pages}.pages.parquet",
            parts / "pages" / f"{part.pages}.fates.parquet",
            parts / "judged" / f"{part.judged}.judged.parquet",
            drops / f"{part.judged}.drops.parquet",
        )
        for part in plan.parts
    ]
    settings = DocumentSettings(
        store,
        partial(open_unwanted_hosts, request.denied_hosts, _host_statistics(request, plan, tables, options)),
        mend_steps(recipe.mend),
        request.level_page,
    )
    run(lambda pipeline: documents(pipeline, tables, folder, settings), options)
    assembled = [_seal(folder, part.judged) for part in plan.parts]
    remove_leftovers(parts, ("pages", "judged", f"building/documents-{plan.documents}"))
    return folder, balance_of(
        (count for seal in extracted for count in seal.counts),
        (count for seal in assembled for count in seal.counts),
        (folder / "ledger" / f"{part.judged}.parquet" for part in plan.parts),
        sorted(folder.glob("documents/*/*/*.parquet")),
    )


def _host_statistics(request: Request, plan: Plan, tables: Sequence[JudgedPart], options: Sequence[str]) -> Path | None:
    """The part of station 8 that needs the whole corpus counted first; None where the recipe asks for none."""
    if request.recipe.hosts.statistics is None:
        return None
    folder = request.parts / "hosts" / plan.drops
    run(lambda pipeline: count_hosts_of(pipeline, tables, folder, f"{HOST_WORDS}_words"), options)
    return folder


def sources_of(request: Request) -> dict[str, Source]:
    """How each subset of ``request`` is read."""
    return {
        name: Source(
            subset.format,
            {str(column): source for column, source in subset.columns.items()},
            {entry.archive: str(entry.path) for entry in request.inputs if entry.subset == name},
        )
        for name, subset in request.recipe.subsets.items()
    }


def _tokens(request: Request, plan: Plan, texts: Path, say: Say) -> Tokens:
    """Stations 11 and 12 of the run, made where they are not there yet."""
    recipe, building = request.recipe, request.parts / "building"
    if recipe.tokenizer is None:
        return Tokens(building / "no-tokens", "", None, (), ())
    say("assemble: tokens and shards")
    model = tokenizer_file(recipe.tokenizer, request.folder, texts, plan.documents, request.parts / "tokenizer")
    name = shards_name(request.canonical, plan.documents, model.fingerprint)
    folder = building / f"shards-{name}"
    settings = ShardSettings(
        tokenizer=model.path,
        splits=SplitFractions(recipe.splits.valid, recipe.splits.test),
        repeats={subset: row.repeats for subset, row in recipe.subsets.items()},
        test_subsets=frozenset(subset for subset, row in recipe.subsets.items() if row.level == "LX"),
        shard_tokens=recipe.shards.tokens,
        tokens_folder=building / f"tokens-{tokens_name(request.canonical, plan.documents, model.fingerprint)}",
        shards_folder=folder,
    )
    files = [DocumentFile(path, path.parts[-3], path.parts[-2]) for path in sorted(texts.glob("*/*/*.parquet"))]
    run(lambda pipeline: shards(pipeline, files, settings), _options(request))
    shutil.copytree(model.path.parent, folder / "tokenizer", dirs_exist_ok=True)
    made = read_shard_files(folder)
    mixture = mixture_rows(settings.repeats, read_unique_counts(folder), made, folder)
    return Tokens(folder, name, model.about, mixture, made)


def _options(request: Request) -> list[str]:
    return local_options(request.options, sum(entry.size for entry in request.inputs))


def _seal(folder: Path, part: str) -> Seal:
    seal = read_seal(folder, part)
    if seal is None:
        raise WorkError(
            f"part {part} is not there although the pipeline ended: the runner lost it. Run the same command again."
        )
    return seal


def _ignore(_: object) -> None:
    """A pipeline's last collection is on disk; nobody reads it in memory."""
