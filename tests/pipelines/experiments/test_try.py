"""`tesuki try`: what it foretells is what a build with the change then finds."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from tesuki.filters.presets import preset
from tesuki.filters.rules import Rule
from tesuki.pipelines.commands.try_ import try_lines
from tesuki.pipelines.errors import RequestError
from tesuki.pipelines.judging.rule_file import table_text
from tesuki.pipelines.storage.measures import measure_columns

CHANGES = {"rules.set.mean_sentence_long": 30, "rules.set.japanese_share": None, "rules.set.hiragana_share": 0.45}


def answer(output: Path, *settings: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads("\n".join(try_lines(output, settings, (), 5, True)))
    return found


def passed(manifest: dict[str, Any], station: str) -> int:
    (row,) = (row for row in manifest["balance"]["stations"] if row["station"] == station)
    return int(row["passed"])


def test_a_build_with_the_change_finds_what_was_foretold(
    sample: Path,
    sample_recipe: Path,
    build: Callable[..., Any],
    manifest_at: Callable[[Path], dict[str, Any]],
    tmp_path: Path,
) -> None:
    foretold = answer(sample, *(f"{path}={json.dumps(value)}" for path, value in CHANGES.items()))
    gained, lost = (foretold["sides"][side]["pages"] for side in ("gained", "lost"))
    assert lost > 0
    recipe = yaml.safe_load(sample_recipe.read_text("utf-8"))
    rules = recipe["rules"] if isinstance(recipe["rules"], dict) else {"preset": recipe["rules"]}
    recipe["rules"] = rules | {"set": {path.rpartition(".")[2]: value for path, value in CHANGES.items()}}
    recipe["tokenizer"] = None
    path = sample_recipe.with_name("tried.yaml")
    path.write_text(yaml.safe_dump(recipe, allow_unicode=True), "utf-8")
    build(path, tmp_path / "out")
    before, after = manifest_at(sample), manifest_at(tmp_path / "out")
    assert passed(after, "measure") == passed(before, "measure") + gained - lost
    rejected = {row["rule"]: row["pages"] for row in after["balance"]["rules"] if row["fate"] == "rejected"}
    by_rule = foretold["sides"]["lost"]["by"]["rule"]
    assert all(rejected[f"quality.{rule}"] >= count for rule, count in by_rule.items())


def test_examples_are_the_nearest_to_their_bound(sample: Path) -> None:
    found = answer(sample, "rules.set.mean_sentence_long=30")["sides"]["lost"]
    distances = [abs(example["value"] - 30) / 30 for example in found["examples"]]
    assert distances == sorted(distances)
    assert len(distances) == min(5, found["pages"])
    for name in ("rule", "length", "host", "subset"):
        assert sum(found["by"][name].values()) == found["pages"]
        assert sum(found["characters_by"][name].values()) == found["characters"]


def test_nothing_changes_nothing(sample: Path) -> None:
    found = answer(sample, "subsets.web.repeats=3")
    assert [found["sides"][side]["pages"] for side in ("gained", "lost")] == [0, 0]
    assert any("web: repeats 3/2 → 3" in line for line in found["mixture"])
    said = "\n".join(try_lines(sample, ["subsets.web.repeats=3"], (), 1, False))
    assert yaml.safe_load(said[said.index("subsets:") :]) == {"subsets": {"web": {"repeats": 3}}}


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("rules.set.japanese_leters=1", "did you mean 'japanese_letters'"),
        ("rules.preset=tesuki", "that share is not stored"),
        ("rules.preset=mine.tsv", "cannot be read"),
        ("policy.host_files=robots", "can't be told from what is stored"),
        ("mend.style=none", "can't be told from what is stored"),
        ("extraction.ruby=true", "can't be told from what is stored"),
        ("policy.file=nowhere.yaml", "cannot be read"),
        ("rules.set.letters", "expected FIELD.FIELD=VALUE"),
        ("rules.set.letters=many", "rules.set.letters"),
    ],
)
def test_what_cannot_be_tried_is_refused(sample: Path, setting: str, said: str) -> None:
    with pytest.raises(RequestError, match=said):
        answer(sample, setting)


def test_rules_are_judged_in_their_order() -> None:
    import numpy as np

    from tesuki.pipelines.experiments.trial import first_failing

    rules = [Rule("a", "x", "<", 1, "here"), Rule("b", "y", ">=", 2, "here")]
    values = {"x": np.array([0.0, 1.0, 0.0, 5.0]), "y": np.array([2.0, 2.0, 1.0, 1.0])}
    assert first_failing(values, rules, 4).tolist() == [0, 1, 0, 2]


def test_forms_that_a_rule_spares_are_spared() -> None:
    import numpy as np

    from tesuki.filters.rules import judge
    from tesuki.pipelines.experiments.trial import first_failing

    rules = [Rule("hiragana", "share", "<", 0.2, "here", unless=("form",))]
    values = {"share": np.array([0.1, 0.1, 0.3]), "form": np.array([1.0, 0.0, 0.0])}
    failed = first_failing(values, rules, 3) < len(rules)
    kept = [judge({name: column[row] for name, column in values.items()}, rules).keep for row in range(3)]
    assert (~failed).tolist() == kept == [True, False, True]


@pytest.fixture(scope="module")
def measured_twice(
    tmp_path_factory: pytest.TempPathFactory,
    sample_folder: Path,
    build: Callable[..., Any],
) -> dict[str, Path]:
    """The sample's pages judged by each of two presets, with the other's measures beside."""
    folder = tmp_path_factory.mktemp("presets")
    found = {}
    for own, other in (("tesuki", "swallow-code"), ("swallow-code", "tesuki")):
        recipe = yaml.safe_load((sample_folder / "recipe.yaml").read_text("utf-8"))
        recipe |= {"rules": {"preset": own, "measure": [other]}, "tokenizer": None}
        path = sample_folder / f"measured-{own}.yaml"
        path.write_text(yaml.safe_dump(recipe, allow_unicode=True), "utf-8")
        build(path, folder / own)
        found[own] = folder / own
    return found


def test_a_preset_whose_measures_were_taken_beside_is_what_a_build_with_it_finds(
    measured_twice: dict[str, Path], manifest_at: Callable[[Path], dict[str, Any]]
) -> None:
    """Both sets have a `hiragana_share` of their own: each rule must read that of its own set."""
    for own, other in (("tesuki", "swallow-code"), ("swallow-code", "tesuki")):
        foretold = answer(measured_twice[own], f"rules.preset={other}")
        built = manifest_at(measured_twice[other])
        assert foretold["keeps"] == passed(built, "measure")
        rejected = {
            row["rule"].removeprefix("quality."): row["pages"]
            for row in built["balance"]["rules"]
            if row["rule"].startswith("quality.")
        }
        assert foretold["rejects"] == rejected


def test_presets_stand_side_by_side(measured_twice: dict[str, Path], tmp_path: Path) -> None:
    own_table = tmp_path / "mine.tsv"
    own_table.write_text(table_text(preset("swallow-code").rules[:1]), "utf-8")
    words = ["swallow-code", "tesuki", "swallow-paper", "none", str(own_table)]
    said = json.loads("\n".join(try_lines(measured_twice["tesuki"], (), words, 5, True)))["presets"]
    assert said["now"]["keeps"] == said["tesuki"]["keeps"] == said["now"]["kept"]
    assert said["none"]["keeps"] == said["none"]["judged"]
    assert said["swallow-code"]["keeps"] <= said[str(own_table)]["keeps"]
    assert "swallow-paper:" in said["swallow-paper"]["missing"]
    assert "measure: [swallow-paper]" in said["swallow-paper"]["missing"]
    lines = list(try_lines(measured_twice["tesuki"], [f"rules.preset={name}" for name in words[:3]], (), 5, False))
    assert lines[0].split() == ["now", "swallow-code", "tesuki"]
    assert any(line.startswith("swallow-paper: measure") for line in lines)


@pytest.mark.slow
def test_pages_that_were_compared_before_they_were_judged_are_no_copies(
    sample_folder: Path,
    build: Callable[..., Any],
    manifest_at: Callable[[Path], dict[str, Any]],
    tmp_path: Path,
) -> None:
    """Under quality-last a rejected page has keys: what is gained is known to be no duplicate."""
    recipe = yaml.safe_load((sample_folder / "recipe.yaml").read_text("utf-8"))
    rules = recipe["rules"] if isinstance(recipe["rules"], dict) else {"preset": recipe["rules"]}
    recipe["tokenizer"] = None
    for name, bounds in (("one", {}), ("two", {"japanese_letters": None, "letters": None})):
        recipe["rules"] = rules | {"order": "quality-last", "set": bounds}
        path = sample_folder / f"last-{name}.yaml"
        path.write_text(yaml.safe_dump(recipe, allow_unicode=True), "utf-8")
        build(path, tmp_path / name)
    settings = ("rules.set.japanese_letters=null", "rules.set.letters=null")
    foretold = answer(tmp_path / "one", *settings)
    before, after = manifest_at(tmp_path / "one"), manifest_at(tmp_path / "two")
    assert foretold["sides"]["gained"]["pages"] > 0
    assert foretold["sides"]["gained"]["copies"] == foretold["standing_in"] == 0
    assert foretold["keeps"] == passed(after, "measure")
    assert foretold["kept"] == passed(before, "measure")
    said = "\n".join(try_lines(tmp_path / "one", settings, (), 0, False))
    assert "no keys" not in said


@given(
    st.lists(st.lists(st.integers(0, 3), max_size=3), max_size=8),
    st.integers(0, 3),
    st.booleans(),
)
def test_measures_are_the_same_as_columns_whatever_their_order(drawn: list[list[int]], cut: int, same: bool) -> None:
    rows = [[(str(name), float(number)) for number, name in enumerate(dict.fromkeys(names))] for names in drawn]
    rows = [rows[0] for _ in rows] if same and rows else rows
    column = pa.array(rows, pa.map_(pa.string(), pa.float64())).slice(min(cut, len(rows)))
    found = {name: values.tolist() for name, values in measure_columns(column)}
    for row, measures in enumerate(rows[cut:]):
        known = dict(measures)
        for name, values in found.items():
            assert values[row] == known.get(name) or (name not in known and math.isnan(values[row]))
        assert known.keys() <= found.keys()
