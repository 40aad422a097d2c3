"""From archives to documents: stations 1 to 10 of a run, each step made where it is not there yet."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path

import apache_beam as beam
import pyarrow.parquet as pq

from tesuki.dedup.keep_order import KeepOrder
from tesuki.filters.hosts import Denied, HostsOutside
from tesuki.pipelines.corpus.accounts import check_accounts
from tesuki.pipelines.corpus.assemble_pipeline import DocumentSettings, documents, surviving_texts
from tesuki.pipelines.corpus.balance import Balance, balance_of
from tesuki.pipelines.corpus.crashes import refuse_broken_documents, refuse_broken_pages, refuse_unreached
from tesuki.pipelines.corpus.extract_pipeline import Judging, extract
from tesuki.pipelines.corpus.parts_check import DONE, check_parts, sealed_parts
from tesuki.pipelines.corpus.plan import Plan
from tesuki.pipelines.corpus.request import Request
from tesuki.pipelines.corpus.scrub import remove_leftovers
from tesuki.pipelines.deduplication.drops import REMOVED
from tesuki.pipelines.deduplication.pipeline import DedupSettings, deduplicate, forget_tables
from tesuki.pipelines.deduplication.removed import leave_removed, store_removals
from tesuki.pipelines.engine.launcher import run
from tesuki.pipelines.errors import WorkError
from tesuki.pipelines.judging.host_statistics import count_hosts_of
from tesuki.pipelines.judging.hosts import open_unwanted_hosts
from tesuki.pipelines.judging.preset import HOST_WORDS
from tesuki.pipelines.levelling.host_files import HostFiles, hosts_of_parts, store_host_files
from tesuki.pipelines.mending.repeated_lines import FindRepeatedLines
from tesuki.pipelines.mending.step import open_mending, repeat_rule
from tesuki.pipelines.mending.templates import FindTemplates
from tesuki.pipelines.reading.stored_pages import PageStore
from tesuki.pipelines.recipe.station_order import ORDERS, hosts_come_first
from tesuki.pipelines.storage.corpus_folder import CorpusFolder
from tesuki.pipelines.storage.judged_part import JudgedPart
from tesuki.pipelines.storage.listing import is_as_listed, write_listing
from tesuki.pipelines.storage.names import digest
from tesuki.pipelines.storage.part_writer import Seal, read_seal
from tesuki.pipelines.storage.parts import JudgedParts


def make_parts(request: Request, plan: Plan, store: PageStore) -> None:
    """Stations 1 to 6: every part of ``plan``, judged."""
    if any(sealed_parts(plan.parts, request.parts)):
        run(lambda pipeline: check_parts(pipeline, plan.parts, request.parts), request.local_options)
    judging = Judging(
        request.preset,
        frozenset(name for name, subset in request.recipe.subsets.items() if not subset.judge),
        request.dedup,
        request.recipe.rules.order,
    )
    detection = request.recipe.extraction.detect
    run(
        lambda pipeline: extract(pipeline, plan.parts, request.parts, detection, store, judging),
        request.local_options,
    )
    refuse_broken_pages(request.parts, plan.parts)
    refuse_unreached(request.parts, plan.parts, request.by_index)


def make_drops(request: Request, plan: Plan) -> JudgedParts:
    """Station 7: which rows of the parts must go. Gives the parts with all their tables."""
    settings, parts = request.recipe.deduplication, request.parts
    drops = parts / "drops" / plan.drops
    tables = JudgedParts(plan.parts, parts, drops)
    if not is_as_listed(drops, drops / DONE):
        shutil.rmtree(drops, ignore_errors=True)

        def build(pipeline: beam.Pipeline) -> None:
            chosen = DedupSettings(
                request.dedup,
                KeepOrder(settings.keep),
                verify_similarity=settings.verify_similarity,
                earlier=request.earlier,
                earlier_stay=settings.earlier_stay,
                refused=refused_before(request, tables.judged_files()),
                staying=frozenset(part.judged for part in plan.parts if part.range.subset in request.recipe.test_sets),
            )
            deduplicate(pipeline, tables.judged_files(), drops, chosen)

        run(build, request.local_options)
        forget_tables(drops)
        if request.removals:
            # Named by its content: a worker that lives on holds what it opened for another build.
            store = parts / "building" / f"removed-{plan.drops}.sqlite"
            store_removals(store, request.removals)
            run(lambda pipeline: leave_removed(pipeline, tables, store), request.local_options)
        write_listing(drops, drops / DONE)
    return tables


def make_documents(
    request: Request, plan: Plan, store: PageStore, tables: Sequence[JudgedPart]
) -> tuple[Path, Balance]:
    """Stations 8 to 10: the folder that holds ``documents/`` and ``ledger/``, and the balance sheet, checked."""
    folder = request.parts / "building" / f"documents-{plan.documents}"
    settings = DocumentSettings(
        store,
        request.parts / "drops" / plan.drops / REMOVED,
        partial(
            open_unwanted_hosts,
            _denied_hosts(request, tables),
            _host_statistics(request, plan, tables),
            request.recipe.hosts.top_levels,
        ),
        request.recipe.scores,
        partial(
            open_mending,
            request.recipe.mend,
            _repeated_lines(request, plan, store, tables),
            _templates(request, plan, store, tables),
            request.passages,
            request.recipe.matching,
        ),
        request.level_page.knowing(_host_files(request, plan, tables)),
        ORDERS[request.recipe.rules.order, request.recipe.matching],
    )
    run(lambda pipeline: documents(pipeline, tables, folder, settings), request.local_options)
    balance = balance_of(
        (count for part in plan.parts for count in _seal(request.parts / "pages", part.pages).counts),
        (count for part in plan.parts for count in _seal(folder, part.judged).counts),
        (folder / "ledger" / f"{part.judged}.parquet" for part in plan.parts),
        CorpusFolder(folder).document_paths(),
    )
    check_accounts((*CorpusFolder(folder).ledger(), *CorpusFolder(folder).document_paths()))
    remove_leftovers(request.parts, ("pages", "judged", f"building/documents-{plan.documents}"))
    refuse_broken_documents(folder, balance)
    return folder, balance


def refused_before(request: Request, judged: Iterable[Path]) -> Denied | None:
    """The hosts whose pages leave before documents are compared, where hosts come first: all that station 8 refuses."""
    recipe = request.recipe
    if not hosts_come_first(recipe.rules.order, recipe.matching):
        return None
    return HostsOutside(request.denied_hosts.covering(hosts_of_parts(judged)), frozenset(recipe.hosts.top_levels))


def _denied_hosts(request: Request, tables: Sequence[JudgedPart]) -> Denied:
    """Of the lists of hosts what concerns this corpus: workers are sent that, not millions of entries."""
    return request.denied_hosts.covering(hosts_of_parts(part.judged for part in tables))


def _host_statistics(request: Request, plan: Plan, tables: Sequence[JudgedPart]) -> Path | None:
    """The part of station 8 that needs the whole corpus counted first; None where the recipe asks for none."""
    if request.recipe.hosts.statistics is None:
        return None
    folder = request.parts / "hosts" / plan.drops
    run(lambda pipeline: count_hosts_of(pipeline, tables, folder, f"{HOST_WORDS}_words"), request.local_options)
    return folder


def _host_files(request: Request, plan: Plan, tables: Sequence[JudgedPart]) -> HostFiles | None:
    """What the hosts of the corpus say in files of their own; None where the recipe names none."""
    sources = request.host_sources
    if not sources:
        return None
    path = request.parts / "building" / f"host-files-{plan.documents}.sqlite"
    return store_host_files(path, sources, hosts_of_parts(part.judged for part in tables))


def _repeated_lines(request: Request, plan: Plan, store: PageStore, tables: Sequence[JudgedPart]) -> Path | None:
    """The lines that many documents share, found before any page is mended; None where the recipe asks for none."""
    settings = request.recipe.mend.repeated_lines
    if settings is None:
        return None
    rule = repeat_rule(settings)
    folder = request.parts / "lines" / digest({"drops": plan.drops, "rule": asdict(rule)})
    rows = sum(pq.read_metadata(part.judged).num_rows for part in tables)

    def build(pipeline: beam.Pipeline) -> None:
        _ = surviving_texts(pipeline, tables, store) | FindRepeatedLines(folder, rule, rows)

    run(build, request.local_options)
    return folder


def _templates(request: Request, plan: Plan, store: PageStore, tables: Sequence[JudgedPart]) -> Path | None:
    """What the pages of each host have in common, found before any page is mended; None where the recipe asks for
    none."""
    settings = request.recipe.mend.templates
    if settings is None:
        return None
    folder = request.parts / "templates" / digest({"drops": plan.drops, "pages": settings.pages})

    def build(pipeline: beam.Pipeline) -> None:
        _ = surviving_texts(pipeline, tables, store) | FindTemplates(folder, settings.pages)

    run(build, request.local_options)
    return folder


def _seal(folder: Path, part: str) -> Seal:
    seal = read_seal(folder, part)
    if seal is None:
        raise WorkError(
            f"part {part} is not there although the pipeline ended: the runner lost it. Run the same command again."
        )
    return seal
