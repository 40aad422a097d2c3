"""The main job: a recipe and archives in, a corpus out.

Three Beam pipelines with borders on disk. Everything is built below ``parts/``, and only what is whole and balanced
is moved to its place; the manifest comes last.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tesuki.pipelines.corpus.balance import balance_in
from tesuki.pipelines.corpus.make_documents import make_documents, make_drops, make_parts
from tesuki.pipelines.corpus.make_index import make_index
from tesuki.pipelines.corpus.make_scores import make_scores
from tesuki.pipelines.corpus.make_tokens import make_tokens
from tesuki.pipelines.corpus.manifest import Manifest, Stages, manifest_bytes, manifest_of, request_of, write_manifest
from tesuki.pipelines.corpus.page_store import page_store
from tesuki.pipelines.corpus.place import MADE_ANEW, discard_manifest, file_entries, move_into_place, sound_tables
from tesuki.pipelines.corpus.plan import Plan, plan_run
from tesuki.pipelines.corpus.report.page import write_report
from tesuki.pipelines.corpus.request import Request, finished_manifest
from tesuki.pipelines.corpus.run_record import Stopwatch, keep_former, write_run
from tesuki.pipelines.corpus.scrub import remove_former, scrub_parts
from tesuki.pipelines.corpus.share import refuse_run, refuse_shares
from tesuki.pipelines.corpus.take_downs import check_bound, record_of_run
from tesuki.pipelines.corpus.under_way import PLAN, announce
from tesuki.pipelines.engine.scratch import scratch
from tesuki.pipelines.reading.inputs import check_unchanged, remember_inputs
from tesuki.pipelines.storage.corpus_folder import DOCUMENTS, INDEX, LEDGER, REMOVALS, SHARDS, TOKENIZER, CorpusFolder
from tesuki.pipelines.storage.files import remove_unfinished
from tesuki.pipelines.storage.lock import Lock, locked
from tesuki.pipelines.storage.names import digest
from tesuki.pipelines.storage.parts import JudgedParts

Say = Callable[[str], None]
"""Takes one line for the user to read while the work goes on."""


@dataclass(frozen=True, slots=True)
class Corpus:
    """A finished corpus: where it lies, its manifest, and whether this run had anything to do."""

    output: Path
    manifest: Manifest
    built: bool


def build_corpus(request: Request, say: Say) -> Corpus:
    """Build the corpus that ``request`` asks for, or find that it is there.

    Raises `WorkError` when the work fails; what was finished by then is used by the next run. Raises `RequestError`
    while another run works in the same folder.
    """
    request.output.mkdir(parents=True, exist_ok=True)
    with locked(request.output) as lock:
        refuse_shares(request.parts)
        return _built(request, say, lock)


def build_share(request: Request, say: Say) -> int:
    """Make the parts of the request's share, stations 1 to 6, and stop; the number of parts it has.

    Raises as `build_corpus`; refused while that is on in the same folder.
    """
    share = request.share
    if share is None:
        raise ValueError("the request is for the whole")
    folder = share.folder(request.parts)
    folder.mkdir(parents=True, exist_ok=True)
    with locked(folder):
        refuse_run(request.output)
        check_bound(request.output, request.take_down)
        remember_inputs(request.inputs, request.memory)
        with scratch(folder / "scratch"):
            plan = stored_plan(request, folder / PLAN)
            say(f"share {share.number} of {share.of}: {len(plan.parts)} parts of {len(request.inputs)} archives")
            if plan.parts:
                make_parts(request, plan, page_store(request, plan.parts))
            check_unchanged(request.inputs)
    return len(plan.parts)


def _built(request: Request, say: Say, lock: Lock) -> Corpus:
    output, parts = request.output, request.parts
    check_bound(output, request.take_down)
    asked = request_of(request.canonical, request.inputs, request.lists, request.given_tokenizer)
    finished = finished_manifest(output)
    if finished and finished.request_digest == digest(asked):
        _drop_parts(request)
        return Corpus(output, finished, built=False)

    remove_unfinished(output)
    remember_inputs(request.inputs, request.memory)
    with scratch(parts / "scratch"):
        return _made(request, say, lock, asked, finished)


def _made(request: Request, say: Say, lock: Lock, asked: dict[str, Any], finished: Manifest | None) -> Corpus:
    output, parts, watch = request.output, request.parts, Stopwatch()
    plan = stored_plan(request, parts / PLAN)
    tables = JudgedParts((), parts, parts)
    index: Path | None = output
    same = finished and finished.stages.documents == plan.documents
    known = sound_tables(output, finished) if finished and same else {}
    announce(parts, plan, documents_there=bool(known))
    if finished and known:
        say("documents: as they are")
        texts, balance = output, balance_in(finished.balance)
    else:
        store = page_store(request, plan.parts)
        say(f"extract: {len(plan.parts)} parts of {len(request.inputs)} archives")
        with watch.step("extract"):
            make_parts(request, plan, store)
        check_unchanged(request.inputs)
        say("deduplicate")
        with watch.step("deduplicate"):
            tables = make_drops(request, plan)
        if plan.scores:
            say(f"score: {', '.join(plan.scores)}")
            with watch.step("score"):
                tables = make_scores(request, plan, store, tables)
        say("assemble: documents")
        with watch.step("documents"):
            texts, balance = make_documents(request, plan, store, tables)
            index = make_index(request, plan, tables, texts / "documents")
    say("assemble: tokens and shards")
    with watch.step("tokens and shards"):
        tokens = make_tokens(request, plan, CorpusFolder(texts))

    lock.still_ours()
    write_run(parts, plan, watch.seconds, texts)
    if finished:
        keep_former(output, parts)
    discard_manifest(output)
    move_into_place(texts, output, (DOCUMENTS, LEDGER))
    move_into_place(tokens.folder, output, (SHARDS, TOKENIZER))
    move_into_place(index, output, (INDEX, REMOVALS))
    scrub_parts(tables, output / "ledger", parts)
    remove_former(plan, parts)
    manifest = manifest_of(
        asked,
        stages=Stages(documents=plan.documents, tokens=tokens.name),
        balance=balance,
        tokenizer=tokens.tokenizer,
        mixture=tokens.mixture,
        files=list(file_entries(output, tokens.shards, known)),
    )
    write_report(output, manifest)
    for folder in MADE_ANEW:
        shutil.rmtree(parts / folder, ignore_errors=True)
    record_of_run(output, request.lists, manifest_bytes(manifest))
    write_manifest(output, manifest)
    _drop_parts(request)
    return Corpus(output, manifest, built=True)


def stored_plan(request: Request, folder: Path) -> Plan:
    """What the run has to do; its parts lie in ``folder``, for workers and onlookers to look them up."""
    plan = plan_run(request.recipe, request.inputs, request.lists)
    return replace(plan, parts=plan.parts.stored(folder))


def _drop_parts(request: Request) -> None:
    """Only once there is a manifest: without it, ``parts/`` is how a folder is known to be ours."""
    if request.recipe.parts == "remove":
        shutil.rmtree(request.parts, ignore_errors=True)
