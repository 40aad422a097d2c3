"""A checked request: everything that can be wrong with it is found before anything is written."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from tesuki.dedup.presets import PRESETS, DedupParameters
from tesuki.filters.hosts import Denied
from tesuki.filters.presets import Preset
from tesuki.pipelines.corpus.manifest import Manifest, read_manifest
from tesuki.pipelines.corpus.share import SHARES, Share, refuse_run
from tesuki.pipelines.corpus.take_downs import check_bound
from tesuki.pipelines.deduplication.checks import checked_keep_order, earlier_in_manifest
from tesuki.pipelines.deduplication.removed import removals_in_manifest
from tesuki.pipelines.engine.launcher import check_options, local_options
from tesuki.pipelines.errors import RequestError, in_field
from tesuki.pipelines.judging.lists import load_denied_hosts
from tesuki.pipelines.judging.preset import load_preset
from tesuki.pipelines.levelling.page_level import LevelPage, host_sources, load_level_page
from tesuki.pipelines.mending.passages import load_passages, passages_record
from tesuki.pipelines.reading.input_lists import find_inputs
from tesuki.pipelines.reading.inputs import Input, identify_inputs
from tesuki.pipelines.reading.remote.address import checked_address, is_address
from tesuki.pipelines.reading.remote.index_plan import crawl_base, index_files, index_word, plan_rows, record_bytes
from tesuki.pipelines.reading.remote.index_rows import Where
from tesuki.pipelines.reading.remote.manners import Manners
from tesuki.pipelines.reading.sources import FORMATS
from tesuki.pipelines.recipe.loading import load_recipe
from tesuki.pipelines.recipe.sections import Deduplication, Recipe
from tesuki.pipelines.recipe.subsets import Subset
from tesuki.pipelines.scoring.checks import score_models
from tesuki.pipelines.storage.lock import LOCK, refuse_locked
from tesuki.tokenize.document_contract import NoBoundaryError
from tesuki.tokenize.segmentation import require_words
from tesuki.tokenize.tokenizer_files import fingerprint_of
from tesuki.tokenize.tokenizers import open_tokenizer


@dataclass(frozen=True, slots=True)
class Request:
    """What to build, of what, where: checked."""

    recipe: Recipe
    folder: Path
    output: Path
    inputs: tuple[Input, ...]
    preset: Preset
    denied_hosts: Denied
    dedup: DedupParameters
    level_page: LevelPage
    lists: tuple[Mapping[str, Any], ...]
    options: tuple[str, ...]
    share: Share | None = None
    """Where it is set, ``inputs`` are that share of the recipe's."""

    @property
    def parts(self) -> Path:
        """Where everything lies that is not the corpus itself."""
        return self.output / "parts"

    @property
    def memory(self) -> Path:
        """The first file that a run writes: hashes of the inputs. A folder that has it is ours, finished or not."""
        known = memory_in(self.output)
        return known.with_stem(f"{known.stem}-{self.share.name}") if self.share else known

    @property
    def given_tokenizer(self) -> str | None:
        """The hash of the tokenizer's files that the recipe names, if it names one."""
        tokenizer = self.recipe.tokenizer
        return fingerprint_of(self.folder / tokenizer.path) if tokenizer and tokenizer.path else None

    @property
    def local_options(self) -> list[str]:
        """Beam's options, with a local running mode that suits the size of the inputs where none was chosen."""
        sizes = (record_bytes(entry.path) if entry.subset in self.by_index else entry.size for entry in self.inputs)
        return local_options(self.options, sum(sizes))

    @property
    def by_index(self) -> tuple[str, ...]:
        """Subsets that are read by the index of a crawl."""
        return tuple(name for name, subset in self.recipe.subsets.items() if FORMATS[subset.format].by_index)

    @property
    def earlier(self) -> tuple[Path, ...]:
        """Folders of the band indexes of former corpora."""
        return tuple(self.folder / name for name in self.recipe.deduplication.earlier)

    @property
    def removals(self) -> tuple[Path, ...]:
        """Folders of removal lists of later corpora."""
        return tuple(self.folder / name for name in self.recipe.deduplication.removals)

    @property
    def take_down(self) -> Path | None:
        """The list of what must go, where the recipe names one."""
        name = self.recipe.policy.take_down
        return self.folder / name if name else None

    @property
    def passages(self) -> Path | None:
        """The list of passages to be cut, where the recipe names one."""
        cut = self.recipe.mend.cut
        return self.folder / cut.file if cut else None

    @property
    def host_sources(self) -> tuple[Path, ...]:
        """Archives and folders of files of hosts."""
        return tuple(host_sources(self.recipe.policy.host_files, self.folder, "policy.host_files"))

    @property
    def manners(self) -> Manners:
        """How files elsewhere are asked for."""
        return manners_of(self.recipe, self.output)

    @property
    def canonical(self) -> dict[str, Any]:
        """The recipe as the manifest has it."""
        return self.recipe.canonical()


def check_request(
    recipe_path: Path, output: Path, globs: Sequence[str], options: Sequence[str], share: Share | None = None
) -> Request:
    """The request to build the recipe at ``recipe_path`` in ``output``, or a ``share`` of its parts.

    ``globs``, where given, replace the inputs of the recipe's first subset and are relative to the working folder.
    Raises `RequestError` naming the field or option that is wrong.
    """
    recipe = load_recipe(recipe_path)
    folder = recipe_path.parent
    manners = manners_of(recipe, output)
    files = {
        name: find_inputs(_globs(subset, Path(), globs), Path(), "--input", output, subset.base, manners)
        if globs and number == 0
        else find_inputs(
            _globs(subset, folder), folder, f"{recipe_path}: subsets.{name}.inputs", output, subset.base, manners
        )
        for number, (name, subset) in enumerate(recipe.subsets.items())
    }
    _check_tokenizer(recipe, recipe_path)
    _check_words(recipe, recipe_path)
    _check_formats(recipe, recipe_path)
    return checked_request(recipe, recipe_path, output, files, options, share)


def _globs(subset: Subset, folder: Path, globs: Sequence[str] = ()) -> list[str]:
    """The globs of a subset, or those given in their place; a folder of PDF files stands for all that lie in it, the
    name of a crawl for the list of its index."""
    own = globs or subset.inputs
    if FORMATS[subset.format].by_index:
        return [index_word(word, subset.base) for word in own]
    whole = subset.format == "pdf"
    return [f"{pattern}/**/*.[pP][dD][fF]" if whole and (folder / pattern).is_dir() else pattern for pattern in own]


def checked_request(
    recipe: Recipe,
    recipe_path: Path,
    output: Path,
    files: Mapping[str, tuple[Path | str, ...]],
    options: Sequence[str],
    share: Share | None = None,
) -> Request:
    """The request for ``recipe`` over the ``files`` of each subset, or a ``share`` of them; the last checks before
    anything is written."""
    check_options(options)
    preset, word_records = load_preset(recipe, recipe_path.parent)
    denied_hosts, host_records = load_denied_hosts(recipe, recipe_path.parent)
    level_page, level_records = load_level_page(recipe, recipe_path)
    dedup, order = dedup_parameters(recipe.deduplication), checked_keep_order(recipe.deduplication.keep, preset)
    passage_records = _passage_records(recipe, recipe_path)
    model_records = score_models(recipe.scores, recipe_path, sorted(preset.measure("")))
    indexes = [recipe_path.parent / name for name in recipe.deduplication.earlier]
    index_records = earlier_in_manifest(indexes, dedup, order)
    removal_records = removals_in_manifest([recipe_path.parent / name for name in recipe.deduplication.removals])
    _check_output(output)
    refuse_run(output) if share else refuse_locked(output)
    take_down = recipe.policy.take_down
    check_bound(output, recipe_path.parent / take_down if take_down else None)
    manners = manners_of(recipe, output)
    try:
        known = memory_in(output)
        files = with_rows(recipe, files, known.parent / ROWS, manners, share.number if share else 0)
        inputs = identify_inputs(share.of_files(files) if share else files, known, manners)
    finally:
        if Path(manners.state).parent != memory_in(output).parent.absolute():
            Path(manners.state).unlink(missing_ok=True)
    # Absolute, because workers that another process started stand in another folder.
    return Request(
        recipe=recipe,
        folder=recipe_path.parent.absolute(),
        output=output.absolute(),
        inputs=inputs,
        dedup=dedup,
        preset=preset,
        denied_hosts=denied_hosts,
        level_page=level_page,
        lists=(
            *word_records,
            *host_records,
            *level_records,
            *index_records,
            *removal_records,
            *model_records,
            *passage_records,
        ),
        options=tuple(options),
        share=share,
    )


def with_rows(
    recipe: Recipe, files: Mapping[str, tuple[Path | str, ...]], folder: Path, manners: Manners, first: int
) -> dict[str, tuple[Path | str, ...]]:
    """``files`` with the lists of the rows that are wanted, made below ``folder``, in place of a crawl's index.

    Raises `RequestError` where no row is wanted.
    """
    found = dict(files)
    for name, subset in recipe.subsets.items():
        if FORMATS[subset.format].by_index:
            field = f"subsets.{name}"
            checked_address(f"{crawl_base(subset.base)}/x", f"{field}.base")
            lists = plan_rows(index_files(files[name], field), where_of(subset), folder / name, manners, first)
            if not lists:
                raise RequestError(f"{field}.where: no row of the index is wanted")
            found[name] = tuple(lists)
    return found


def where_of(subset: Subset) -> Where:
    """Which rows of a crawl's index ``subset`` wants."""
    return Where(**dict(subset.where))


def _passage_records(recipe: Recipe, recipe_path: Path) -> list[Mapping[str, Any]]:
    """What the manifest says of the passages to be cut. Raises `RequestError` for a list that is none."""
    if recipe.mend.cut is None:
        return []
    with in_field(f"{recipe_path}: mend.cut.file"):
        load_passages(path := recipe_path.parent / recipe.mend.cut.file)
    return [passages_record(recipe.mend.cut, path)]


def manners_of(recipe: Recipe, output: Path) -> Manners:
    """How files elsewhere are asked for. All that work in one output folder keep one pace.

    Before there is such a folder they keep it in the machine's temporary one, for nothing is made for a request that
    may be wrong.
    """
    known = memory_in(output).parent
    state = known / PACE if known.is_dir() else Path(tempfile.gettempdir()) / f"tesuki-{os.getpid()}-{PACE}"
    fetch = recipe.fetch
    budget = None if fetch.megabytes is None else fetch.megabytes * 1_000_000
    return Manners(fetch.agent, fetch.requests_per_second, str(state.absolute()), fetch.requests, budget)


ROWS = "rows"
"""Below ``parts/``: lists of the records that are wanted of a crawl, by subset."""

PACE = "fetching.json"
"""Below ``parts/``: what all processes of a run know of how fast they may ask."""


def dedup_parameters(settings: Deduplication) -> DedupParameters:
    """The numbers of MinHash that ``settings`` come to: the preset's, with what is given by hand in their place.

    Raises `RequestError` for a number that can't be.
    """
    given = {name: value for name in ("b", "r", "n", "seed") if (value := getattr(settings, name)) is not None}
    preset = PRESETS[settings.preset] if settings.preset else None
    base = {"b": preset.b, "r": preset.r, "n": preset.n, "seed": preset.seed} if preset else {}
    try:
        return DedupParameters(**{**base, **given})
    except ValueError as failure:
        raise RequestError(f"deduplication: {failure}") from None


def finished_manifest(output: Path) -> Manifest | None:
    """The manifest of the corpus in ``output`` if it is whole: each file there, with the size it should have."""
    try:
        manifest = read_manifest(output)
    except RequestError:
        return None
    for entry in manifest.files:
        path = output / entry.path
        if not path.is_file() or path.stat().st_size != entry.bytes:
            return None
    return manifest


def _check_tokenizer(recipe: Recipe, recipe_path: Path) -> None:
    if recipe.tokenizer is not None and recipe.tokenizer.path is not None:
        path = recipe_path.parent / recipe.tokenizer.path
        if not path.is_file():
            raise RequestError(
                f"{recipe_path}: tokenizer.path: {path} is not a file; expected a .model or tokenizer.json"
            )
        try:
            open_tokenizer(path, recipe.tokenizer.document)
        except NoBoundaryError as failure:
            raise RequestError(f"{recipe_path}: tokenizer.document: {failure}") from None
        except ValueError as failure:
            raise RequestError(f"{recipe_path}: tokenizer.path: {failure}") from None


def _check_words(recipe: Recipe, recipe_path: Path) -> None:
    if recipe.tokenizer is not None and recipe.tokenizer.train is not None:
        try:
            require_words(recipe.tokenizer.train.words)
        except ValueError as failure:
            raise RequestError(f"{recipe_path}: tokenizer.train.words: {failure}, or write words: script") from None


def _check_formats(recipe: Recipe, recipe_path: Path) -> None:
    for name, subset in recipe.subsets.items():
        if subset.format == "wikipedia" and find_spec("mwparserfromhell") is None:
            raise RequestError(
                f"{recipe_path}: subsets.{name}.format: wikipedia needs the extra of that name; "
                "install it with pip install 'tesuki[wikipedia]'"
            )


def _check_output(output: Path) -> None:
    if is_address(str(output)):
        raise RequestError(f"--output: {output} is an address; a corpus is written to a folder of this machine")
    existing = next(folder for folder in (output, *output.absolute().parents) if folder.exists())
    if not existing.is_dir():
        raise RequestError(f"--output: {existing} is a file; expected a folder")
    if not os.access(existing, os.R_OK | os.W_OK | os.X_OK):
        raise RequestError(f"--output: {existing} cannot be read and written by this user; choose another folder")
    held = {path.name for path in output.iterdir()} - {LOCK} if output.exists() else set()
    if held and not (_has_memory(output, held) or _has_manifest(output)):
        raise RequestError(f"--output: {output} holds files that are not a corpus; choose an empty or new folder")


def _has_memory(output: Path, held: set[str]) -> bool:
    """Whether a run or a share wrote down its inputs in ``output``, or is about to."""
    parts = memory_in(output).parent
    if any(parts.glob(f"{memory_in(output).stem}*.json")):
        return True
    return held == {parts.name} and parts.is_dir() and {path.name for path in parts.iterdir()} <= {SHARES, ROWS, PACE}


def memory_in(output: Path) -> Path:
    """Where `Request.memory` lies."""
    return output / "parts" / "inputs.json"


def _has_manifest(output: Path) -> bool:
    try:
        read_manifest(output)
    except RequestError:
        return False
    return True
