"""A forecast of everything read is what a run counts; one of a part has an interval, the same for the same seed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from tesuki.pipelines.commands.plan import plan_lines
from tesuki.pipelines.experiments.forecast import Figures, estimate, files_of
from tesuki.pipelines.recipe.loading import load_recipe


def figure(said: str, words: str) -> str:
    (line,) = [line for line in said.splitlines() if line.startswith(words)]
    return line.removeprefix(words).split()[0]


def test_all_read_is_what_the_run_counted(sample: Path, sample_recipe: Path, manifest_at: Any) -> None:
    said = "\n".join(plan_lines(sample_recipe, sample, 1000, 0))
    balance = manifest_at(sample)["balance"]
    stations = {station["station"]: station for station in balance["stations"]}
    assert float(figure(said, "records read").replace(",", "")) == balance["read"]
    documents = float(figure(said, "documents after the rules").replace(",", ""))
    assert documents == pytest.approx(stations["measure"]["passed"] + _withheld_early(stations), abs=0.5)
    assert "seed 0" in said.splitlines()[0]
    parts = len(list((sample / "parts" / "pages" / "seals").glob("*.json")))
    assert f"pages: {parts} of {parts} parts are there" in said


def _withheld_early(stations: dict[str, Any]) -> int:
    """Pages that a run withholds before it judges them: a plan does not."""
    return int(stations.get("withhold", {"fates": {}})["fates"].get("withheld", 0))


def test_it_says_what_changed(sample: Path, sample_recipe: Path, tmp_path: Path) -> None:
    recipe = yaml.safe_load(sample_recipe.read_text(encoding="utf-8"))
    for subset in recipe["subsets"].values():
        subset["inputs"] = str(sample_recipe.parent / str(subset["inputs"]))
    recipe["rules"] = {"preset": "swallow-paper"}
    changed = sample_recipe.parent / "other-rules.yaml"
    changed.write_text(yaml.safe_dump(recipe), encoding="utf-8")
    said = "\n".join(plan_lines(changed, sample, 1, 0))
    assert "judged: 0 of" in said
    assert "rules has changed" in said
    assert "the code of" not in said


def test_a_part_of_the_spans_gives_an_interval_by_its_seed(tmp_path: Path) -> None:
    for number in range(6):
        lines = [
            json.dumps({"url": f"https://{number}.example/{each}", "text": "紙。" * 9}) for each in range(number + 1)
        ]
        (tmp_path / f"{number}.jsonl").write_text("\n".join(lines), encoding="utf-8")
    recipe = {
        "name": "x",
        "subsets": {"web": {"inputs": "*.jsonl", "format": "jsonl", "judge": False}},
        "tokenizer": None,
    }
    path = tmp_path / "recipe.yaml"
    path.write_text(yaml.safe_dump(recipe), encoding="utf-8")
    # Widths of the table aside: CPU time is no constant.
    counted = [
        [line.split() for line in plan_lines(path, None, 3, 5) if line[:7] in ("records", "documen")] for _ in range(2)
    ]
    assert counted[0] == counted[1]
    assert any(cell.startswith("(") for cell in counted[0][0])


def test_every_byte_lies_in_one_span(tmp_path: Path) -> None:
    for name, size in (("a.warc", 0), ("b.warc", 5 << 20), ("c.warc", 4 << 20)):
        (tmp_path / name).write_bytes(bytes(size))
    path = tmp_path / "recipe.yaml"
    subsets = {"web": {"inputs": "*.warc"}}
    path.write_text(yaml.safe_dump({"name": "x", "subsets": subsets, "tokenizer": None}), encoding="utf-8")
    recipe = load_recipe(path)
    files = files_of(recipe, {"web": sorted(tmp_path.glob("*.warc"))})
    spans = [files.span(recipe, number) for number in range(sum(files.spans))]
    assert [(span.archive, span.start, span.end) for span in spans] == [
        ("a.warc", 0, 0),
        ("b.warc", 0, 4 << 20),
        ("b.warc", 4 << 20, 5 << 20),
        ("c.warc", 0, 4 << 20),
    ]


@given(st.lists(st.tuples(st.floats(1, 1e6), st.floats(0, 1e6)), min_size=2, max_size=20), st.integers(0, 9))
def test_an_interval_holds_to_what_was_seen(spans: list[tuple[float, float]], seed: int) -> None:
    sampled = [Figures(bytes=size, pages=pages) for size, pages in spans]
    found = estimate(sampled, "pages", 1e9, seed, whole=False)
    ratios = np.array([pages / size for size, pages in spans]) * 1e9
    assert found.interval
    assert ratios.min() * (1 - 1e-9) <= found.interval[0] <= found.interval[1] <= ratios.max() * (1 + 1e-9)
    assert ratios.min() * (1 - 1e-9) <= found.total <= ratios.max() * (1 + 1e-9)
    assert estimate(sampled, "pages", 1e9, seed, whole=True).interval is None
    assert estimate(sampled[:1], "pages", 1e9, seed, whole=False).interval is None
