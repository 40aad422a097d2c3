"""`tesuki try`: what it foretells is what a build with the change then finds."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from tesuki.filters.rules import Rule
from tesuki.pipelines.commands.try_ import try_lines
from tesuki.pipelines.errors import RequestError

CHANGES = {"rules.set.mean_sentence_long": 30, "rules.set.japanese_share": None, "rules.set.hiragana_share": 0.45}


def answer(output: Path, *settings: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads("\n".join(try_lines(output, settings, 5, True)))
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
    assert sum(found["by"]["rule"].values()) == found["pages"] == sum(found["by"]["length"].values())


def test_nothing_changes_nothing(sample: Path) -> None:
    found = answer(sample, "subsets.web.repeats=3")
    assert [found["sides"][side]["pages"] for side in ("gained", "lost")] == [0, 0]
    assert any("web: repeats 3/2 → 3" in line for line in found["mixture"])
    said = "\n".join(try_lines(sample, ["subsets.web.repeats=3"], 1, False))
    assert yaml.safe_load(said[said.index("subsets:") :]) == {"subsets": {"web": {"repeats": 3}}}


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("rules.set.japanese_leters=1", "did you mean 'japanese_letters'"),
        ("rules.preset=tesuki", "was not taken"),
        ("policy.file=strict", "can't be told from what is stored"),
        ("deduplication.n=3", "can't be told from what is stored"),
        ("subsets.web.level=L3", "can't be told from what is stored"),
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
