"""From a file of factors to recipes, and from scores to an answer."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml
from pydantic import BaseModel

from tesuki.pipelines.commands.accept import accept_lines
from tesuki.pipelines.commands.design import design_experiment
from tesuki.pipelines.errors import RequestError
from tesuki.pipelines.experiments.plan import read_experiment
from tesuki.pipelines.experiments.scores import read_scores
from tesuki.pipelines.recipe.loading import load_recipe
from tesuki.pipelines.recipe.patches import FILE_FIELDS
from tesuki.pipelines.recipe.sections import Recipe

ROOT = Path(__file__).resolve().parents[3]

FACTORS: dict[str, Any] = {
    "recipe": "base.yaml",
    "factors": [
        {"name": "encyclopedia", "off": {"subsets.wiki.repeats": 0}, "on": {"subsets.wiki.repeats": 2}},
        {"name": "shorter texts", "on": {"deduplication.n": 3}},
        {"name": "swallow", "on": {"rules.preset": "swallow-code"}},
    ],
}

SCORES = [50.1, 50.4, 49.8, 51.0]


@pytest.fixture
def factors(tmp_path: Path) -> Path:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "list.txt").write_text("example.jp\n", "utf-8")
    base = {
        "name": "base",
        "subsets": {"web": {"inputs": "data/*.warc.gz"}, "wiki": {"inputs": ["data/w.jsonl"], "format": "jsonl"}},
        "policy": {"file": "strict", "take_down": "data/list.txt"},
        "tokenizer": None,
    }
    (tmp_path / "base.yaml").write_text(yaml.safe_dump(base), "utf-8")
    path = tmp_path / "factors.yaml"
    path.write_text(yaml.safe_dump(FACTORS), "utf-8")
    return path


def test_recipes_are_the_base_with_the_switches_of_their_run(factors: Path, tmp_path: Path) -> None:
    said = "\n".join(design_experiment(factors, tmp_path / "deep" / "experiment"))
    assert "4 runs of 3 factors, resolution III" in said
    assert "no test will be possible" in said
    experiment = read_experiment(tmp_path / "deep" / "experiment")
    assert sorted(experiment.order) == sorted(experiment.runs)
    for run, (wiki, shorter, swallow) in zip(experiment.runs, experiment.design.signs.tolist(), strict=True):
        path = tmp_path / "deep" / "experiment" / f"{run}.yaml"
        recipe = load_recipe(path)
        assert recipe.subsets["wiki"].repeats == (2 if wiki > 0 else 0)
        assert recipe.deduplication.n == (3 if shorter > 0 else None)
        assert recipe.rules.preset == ("swallow-code" if swallow > 0 else "tesuki")
        assert recipe.policy.file == "strict"
        assert (path.parent / str(recipe.policy.take_down)).resolve() == tmp_path / "data" / "list.txt"
        assert recipe.subsets["web"].inputs == ("../../data/*.warc.gz",)


def test_a_rule_over_scores_can_be_a_factor(factors: Path, tmp_path: Path) -> None:
    (tmp_path / "data" / "edu.bin").write_bytes(b"")
    scores = [{"name": "educational", "model": "data/edu.bin"}, {"name": "kana", "measure": "hiragana_share"}]
    switch = {"name": "scored", "off": {"scores": []}, "on": {"scores": scores}}
    factors.write_text(yaml.safe_dump({**FACTORS, "factors": [*FACTORS["factors"], switch]}), "utf-8")
    list(design_experiment(factors, tmp_path / "deep" / "experiment"))
    experiment = read_experiment(tmp_path / "deep" / "experiment")
    for run, (*_, scored) in zip(experiment.runs, experiment.design.signs.tolist(), strict=True):
        path = tmp_path / "deep" / "experiment" / f"{run}.yaml"
        recipe = load_recipe(path)
        assert [score.name for score in recipe.scores] == (["educational", "kana"] if scored > 0 else [])
        for score in recipe.scores[:1]:
            assert (path.parent / str(score.model)).resolve() == tmp_path / "data" / "edu.bin"


def test_every_field_that_names_a_file_moves_with_its_recipe() -> None:
    def fields(model: type[BaseModel], place: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
        for name, field in model.model_fields.items():
            if "relative to the recipe's folder" in " ".join((field.description or "").split()):
                yield (*place, name)
            for inner in models_in(field.annotation):
                yield from fields(inner, (*place, name, "*") if name == "subsets" else (*place, name))

    def models_in(annotation: Any) -> list[type[BaseModel]]:
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            return [annotation]
        return [model for inner in get_args(annotation) for model in models_in(inner)]

    found = set(fields(Recipe, ()))
    assert len(found) >= 4
    assert found <= set(FILE_FIELDS)


def test_the_same_file_gives_the_same_experiment_and_another_is_refused(factors: Path, tmp_path: Path) -> None:
    list(design_experiment(factors, tmp_path / "experiment"))
    before = {path.name: path.read_bytes() for path in (tmp_path / "experiment").iterdir()}
    list(design_experiment(factors, tmp_path / "experiment"))
    assert before == {path.name: path.read_bytes() for path in (tmp_path / "experiment").iterdir()}
    factors.write_text(yaml.safe_dump({**FACTORS, "resolution": 4}), "utf-8")
    with pytest.raises(RequestError, match="holds another experiment"):
        list(design_experiment(factors, tmp_path / "experiment"))


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"factors": FACTORS["factors"][:1]}, "factors"),
        ({"resolution": 6}, "resolution"),
        ({"factors": [*FACTORS["factors"], {"name": "more"}]}, "changes nothing"),
        ({"factors": [*FACTORS["factors"], {"name": "more", "on": {"rules": "tesuki"}}]}, "different fields"),
        ({"factors": [*FACTORS["factors"], {"name": "swallow", "on": {"parts": "remove"}}]}, "twice"),
        ({"factors": [*FACTORS["factors"], {"name": "more", "on": {"rules.presets": "x"}}]}, "rules.presets"),
        ({"recipe": "other.yaml"}, "other.yaml"),
    ],
)
def test_a_wrong_file_of_factors_names_its_field(
    factors: Path, tmp_path: Path, changed: dict[str, object], said: str
) -> None:
    factors.write_text(yaml.safe_dump({**FACTORS, **changed}), "utf-8")
    with pytest.raises(RequestError, match=said):
        list(design_experiment(factors, tmp_path / "experiment"))


def experiment_with(folder: Path, factors: Path, table: str) -> tuple[Path, Path]:
    list(design_experiment(factors, folder / "experiment"))
    (folder / "scores.tsv").write_text(table, "utf-8")
    return folder / "experiment", folder / "scores.tsv"


def test_a_table_of_scores_is_answered(factors: Path, tmp_path: Path) -> None:
    rows = "".join(f"run-{number}\t{score}\t{score + 1}\n" for number, score in enumerate(SCORES, 1))
    experiment, scores = experiment_with(tmp_path, factors, "run\ta\tb\n" + rows)
    said = "\n".join(accept_lines(experiment, scores, as_json=False))
    # (50.4 + 51.0) / 2 - (50.1 + 49.8) / 2 = 0.75 for the first factor, on either task.
    assert said.count("+0.75") == 3
    assert "undefined" in said
    answer = json.loads("\n".join(accept_lines(experiment, scores, as_json=True)))
    assert answer["effects"][0]["difference"] == pytest.approx(0.75)
    html = (experiment / "acceptance.html").read_text("utf-8")
    assert html.count("<svg") == 2
    assert "<script" not in html


def test_result_files_of_evaluation_programs_are_read_as_they_are(tmp_path: Path) -> None:
    harness = {"results": {"jcommonsenseqa": {"alias": "j", "acc,none": 0.5, "acc_stderr,none": 0.01}}}
    llm_jp = {"evaluation": {"scores": {"AVG": 0.4, "jnli_exact_match": 0.3, "niilc_char_f1": 0.5}}}
    for run in ("run-1", "run-2"):
        (tmp_path / run / "model").mkdir(parents=True)
        (tmp_path / run / "model" / "results_2026-01-01.json").write_text(json.dumps(harness), "utf-8")
        (tmp_path / run / "result.json").write_text(json.dumps(llm_jp), "utf-8")
    scores = read_scores(tmp_path, ["run-1", "run-2"])
    assert scores.tasks == ("jcommonsenseqa:acc,none", "jnli_exact_match", "niilc_char_f1")
    assert scores.values == ((0.5, 0.3, 0.5),) * 2
    (tmp_path / "run-2" / "result.json").unlink()
    with pytest.raises(RequestError, match=r"run-2: no score of jnli_exact_match, niilc_char_f1"):
        read_scores(tmp_path, ["run-1", "run-2"])


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("", "no header"),
        ("a\tb\n", "no header"),
        ("run\ta\nrun-1\t1\nrun-1\t2\n", "twice"),
        ("run\ta\nrun-1\tmany\n", "run-1: a: found 'many'"),
        ("run\ta\nrun-1\tnan\n", "expected a number"),
        ("run\ta\nrun-1\t1\nrun-9\t1\n", "found run 'run-9'"),
        ("run\ta\nrun-1\t1\t2\n", "found 3 columns"),
        ("run\ta\nrun-1\t1\n", "run-2: no score of a"),
    ],
)
def test_wrong_scores_are_named(factors: Path, tmp_path: Path, table: str, said: str) -> None:
    experiment, scores = experiment_with(tmp_path, factors, table)
    with pytest.raises(RequestError, match=said):
        list(accept_lines(experiment, scores, as_json=False))


@pytest.mark.slow
def test_the_corpora_of_an_experiment_are_built_one_from_the_other(tmp_path: Path) -> None:
    """The commands as written; a corpus started from another is file for file the one built alone."""
    subprocess.run([sys.executable, ROOT / "samples" / "make_warc.py", tmp_path / "archives"], check=True)
    base = {
        "name": "sample",
        "subsets": {"web": {"inputs": "archives/encyclopedia*.warc.gz"}},
        "tokenizer": {"train": {"vocabulary_size": 4000, "shrink": True}},
    }
    (tmp_path / "base.yaml").write_text(yaml.safe_dump(base), "utf-8")
    two = {"recipe": "base.yaml", "factors": [
        {"name": "strict", "on": {"policy.file": "strict"}},
        {"name": "twice", "on": {"subsets.web.repeats": 2}},
    ]}  # fmt: skip
    (tmp_path / "factors.yaml").write_text(yaml.safe_dump(two), "utf-8")
    list(design_experiment(tmp_path / "factors.yaml", tmp_path / "experiment"))
    script = Path(sys.executable).with_name("tesuki")
    environment = {"TESUKI": str(script), "PATH": "/usr/bin:/bin"}
    subprocess.run(["bash", tmp_path / "experiment" / "build.sh"], check=True, env=environment, capture_output=True)
    last = read_experiment(tmp_path / "experiment").order[-1]
    recipe = tmp_path / "experiment" / f"{last}.yaml"
    subprocess.run([script, "corpus", recipe, "--output", tmp_path / "alone"], check=True, capture_output=True)
    built = json.loads((tmp_path / "experiment" / last / "manifest.json").read_text("utf-8"))
    alone = json.loads((tmp_path / "alone" / "manifest.json").read_text("utf-8"))
    assert built["files"] == alone["files"]
    assert (tmp_path / "experiment" / f"{last}-megatron" / "data-path.txt").exists()
