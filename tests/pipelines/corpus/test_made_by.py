"""A part is named anew when something that can change its bytes changed, and only then: code, libraries, recipe."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from tesuki.pipelines.corpus import made_by
from tesuki.pipelines.corpus.consumers import CONSUMERS, covered
from tesuki.pipelines.corpus.made_by import NO_BYTES, STEPS, code_versions, library_versions, modules, normalised
from tesuki.pipelines.corpus.plan import plan_run
from tesuki.pipelines.reading.inputs import Input
from tesuki.pipelines.recipe.sections import Recipe

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def fresh() -> Iterator[Callable[[], dict[str, str]]]:
    """The versions of the steps, computed anew; what imports what is not looked at again."""

    def compute() -> dict[str, str]:
        code_versions.cache_clear()
        return code_versions()

    yield compute
    code_versions.cache_clear()


def touched(monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    """The source at ``path`` reads as if somebody had added a line."""
    read = Path.read_bytes
    touched_path = (ROOT / path).resolve()
    assert touched_path.is_file()
    monkeypatch.setattr(
        Path, "read_bytes", lambda self: read(self) + (b"\n# touched\n" if self.resolve() == touched_path else b"")
    )


@pytest.mark.parametrize(
    ("path", "renamed"),
    [
        ("pipelines/decoding/shift_jis.py", "pages"),
        ("pipelines/decoding/encoding_labels.tsv", "pages"),
        ("pipelines/extraction/guard_child.py", "pages"),
        ("release_levels/notice_patterns.py", "pages"),
        ("release_levels/ai_agents.tsv", "pages"),
        ("pipelines/corpus/extract_pipeline.py", "pages"),
        ("filters/language.py", "pages"),
        ("filters/preset_tesuki.py", "judged"),
        ("filters/measures_swallow_code.py", "judged"),
        ("dedup/band_keys.py", "judged"),
        ("dedup/keep_order.py", "drops"),
        ("pipelines/deduplication/chains.py", "drops"),
        ("filters/footer.py", "documents"),
        ("filters/footer_words.tsv", "documents"),
        ("release_levels/policy.py", "documents"),
        ("pipelines/levelling/clusters.py", "documents"),
        ("tokenize/shard_plan.py", "tokens"),
        ("pipelines/commands/why.py", ""),
        ("pipelines/corpus/report/page.py", ""),
        ("pipelines/corpus/build.py", ""),
        ("pipelines/takedown/shards.py", ""),
        ("pipelines/engine/launcher.py", ""),
        ("pipelines/storage/lock.py", ""),
    ],
)
def test_a_touched_source_renames_what_it_can_change(
    path: str, renamed: str, fresh: Callable[[], dict[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = fresh()
    touched(monkeypatch, path)
    after = fresh()
    steps = [step for step in STEPS if before[step] != after[step]]
    assert steps[:1] == [renamed][: len(renamed)], "the first step that is done anew; later ones follow from it"


@pytest.mark.parametrize(
    ("library", "renamed"), [("lxml", "pages"), ("mwparserfromhell", "pages"), ("fugashi", "judged"), ("rich", "")]
)
def test_another_version_of_a_library_renames_what_it_can_change(
    library: str, renamed: str, fresh: Callable[[], dict[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    before, version = fresh(), metadata.version
    monkeypatch.setattr(metadata, "version", lambda name: "0.0" if normalised(name) == library else version(name))
    after = fresh()
    assert [step for step in STEPS if before[step] != after[step]][:1] == [renamed][: len(renamed)]


def test_every_library_that_a_room_imports_is_asked_or_argued_away() -> None:
    asked = {normalised(name) for name in library_versions()} | set(NO_BYTES)
    provided = metadata.packages_distributions()
    reached, waiting = set(), ["tesuki.pipelines.corpus.build", "tesuki.pipelines.takedown.take_down"]
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting += modules()[name].ours
    for name in reached:  # all that can take part in making or changing a corpus
        for package in modules()[name].foreign:
            assert asked.intersection(map(normalised, provided.get(package, [package]))), f"{name} imports {package}"


def test_libraries_that_others_pull_in_are_asked() -> None:
    assert {"lxml", "htmldate", "justext", "courlan", "dateparser", "idna", "brotli", "zstandard"} <= set(
        library_versions()
    )
    assert {"mwparserfromhell", "tokenizers", "python", "unicode"} <= set(library_versions())


def test_imports_are_found_as_python_finds_them() -> None:
    """The scan by patterns sees every import that the parser of Python sees."""
    house = modules()
    for name, module in house.items():
        expected, foreign = set(), set()
        for node in ast.walk(ast.parse(module.path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom):
                base = ".".join([*name.split(".")[: -node.level], *filter(None, [node.module])]) if node.level else ""
                base = base or str(node.module)
                expected |= {base, *(f"{base}.{alias.name}" for alias in node.names)} & house.keys()
                foreign.add(base.partition(".")[0])
            elif isinstance(node, ast.Import):
                expected |= {alias.name for alias in node.names} & house.keys()
                foreign |= {alias.name.partition(".")[0] for alias in node.names}
        assert expected - {name} <= module.ours, name
        assert foreign - {"tesuki"} - sys.stdlib_module_names <= module.foreign, name


def test_no_station_is_forgotten() -> None:
    """What the three pipelines import of the stations is behind some step."""
    behind = {module for step in STEPS for module in made_by.modules_behind(step)}
    for pipeline in ("corpus.extract_pipeline", "corpus.assemble_pipeline", "corpus.make_documents", "tokens.pipeline"):
        ours = modules()[f"tesuki.pipelines.{pipeline}"].ours
        stations = {
            name for name in ours if not name.startswith(("tesuki.pipelines.corpus", "tesuki.pipelines.engine"))
        }
        assert stations - {"tesuki.pipelines.errors"} <= behind


def leaves(section: type[BaseModel], prefix: str = "") -> Iterator[str]:
    for name, field in section.model_fields.items():
        kinds = [kind for kind in (field.annotation, *getattr(field.annotation, "__args__", ())) if kind]
        inner = next((kind for kind in kinds if isinstance(kind, type) and issubclass(kind, BaseModel)), None)
        if inner:
            yield from leaves(inner, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}"


def test_every_field_of_a_recipe_has_its_consumer_or_its_reason() -> None:
    paths = set(covered())
    for leaf in leaves(Recipe):
        steps = leaf.split(".")
        assert any(".".join(steps[:length]) in paths for length in range(1, len(steps) + 1)), leaf


def names_of(lists: list[dict[str, Any]], tmp_path: Path, **fields: Any) -> dict[str, Any]:
    archive = tmp_path / "a.warc.gz"
    archive.write_bytes(b"not read")
    recipe = Recipe.model_validate({"name": "a", "subsets": {"web": {"inputs": "a"}}, "tokenizer": None} | fields)
    entry = Input("web", archive.name, "0" * 64, 8, archive, stamp="")
    plan = plan_run(recipe, [entry], lists)
    (part,) = plan.parts
    return {"pages": part.pages, "judged": part.judged, "drops": plan.drops, "documents": plan.documents}


@pytest.mark.parametrize(
    ("lists", "fields", "renamed"),
    [
        ([], {"extraction": {"detect": "swallow"}}, "pages"),
        ([], {"rules": "swallow-code"}, "judged"),
        ([{"list": "words", "name": "ng", "sha256": "1"}], {}, "judged"),
        ([], {"deduplication": {"preset": "swallow-paper", "keep": "longest"}}, "drops"),
        ([{"list": "band index", "name": "old", "sha256": "1"}], {}, "drops"),
        ([], {"mend": "none"}, "documents"),
        ([{"list": "deny", "name": "deny", "sha256": "1"}], {}, "documents"),
        ([], {"name": "b", "shards": {"tokens": 5}, "splits": {"test": 0.1}, "parts": "remove"}, ""),
    ],
)
def test_names_follow_what_a_step_consumes(
    lists: list[dict[str, Any]], fields: dict[str, Any], renamed: str, tmp_path: Path
) -> None:
    before, after = names_of([], tmp_path), names_of(lists, tmp_path, **fields)
    changed = [step for step in before if before[step] != after[step]]
    order = list(before)
    assert changed == (order[order.index(renamed) :] if renamed else [])
    assert set(before) <= CONSUMERS.keys()
