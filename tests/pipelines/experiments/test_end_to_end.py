"""An experiment from switches to an answer: four corpora, four language models that are honest if small, and accept.

The models are bigram models of tokens with Witten and Bell's smoothing (NLTK): they learn in seconds on a processor
what a corpus of a few thousand tokens can teach. `make experiment-check` installs NLTK and runs this.
"""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
import yaml

from tesuki.tokenize.reader import MixtureReader

pytestmark = pytest.mark.slow

FACTORS = [
    {"name": name, "off": {f"subsets.{name}.repeats": 0}, "on": {f"subsets.{name}.repeats": 2}}
    for name in ("web", "encyclopedia", "government")
]


def held_out(corpus: Path) -> dict[str, list[list[str]]]:
    """Token sequences that no run trains on, by subset."""
    found = defaultdict(list)
    for split in ("valid", "test"):
        reader = MixtureReader(corpus, split=split)  # type: ignore[arg-type]
        for document in reader.documents():
            found[document.shard.split("/")[2]].append([str(token) for token in document.input_ids.tolist()])
    return dict(sorted(found.items()))


def trained(corpus: Path) -> Any:
    """A model of the corpus' training tokens, repeats and all, as the reader gives them."""
    from nltk.lm import WittenBellInterpolated
    from nltk.lm.preprocessing import padded_everygram_pipeline

    documents = [
        [str(token) for token in document.input_ids.tolist()] for document in MixtureReader(corpus).documents()
    ]
    grams, words = padded_everygram_pipeline(2, documents)
    model = WittenBellInterpolated(2)
    model.fit(grams, words)
    return model


def loss(model: Any, documents: list[list[str]]) -> float:
    """Mean bits a token, in which a token that the model never saw costs as much as one of a million."""
    bits = [
        -math.log2(max(model.score(token, context), 1e-6))
        for document in documents
        for token, context in zip(document[1:], ([word] for word in document), strict=False)
    ]
    return math.fsum(bits) / len(bits)


def test_the_subset_that_teaches_most_is_found(
    sample_folder: Path, sample_recipe: Path, model: Path, tmp_path: Path
) -> None:
    pytest.importorskip("nltk", reason="make experiment-check installs NLTK")
    recipe = yaml.safe_load(sample_recipe.read_text("utf-8")) | {"tokenizer": {"path": str(model)}}
    (sample_folder / "base.yaml").write_text(yaml.safe_dump(recipe, allow_unicode=True), "utf-8")
    experiment = tmp_path / "experiment"
    (sample_folder / "factors.yaml").write_text(yaml.safe_dump({"recipe": "base.yaml", "factors": FACTORS}), "utf-8")
    tesuki = str(Path(sys.executable).with_name("tesuki"))
    subprocess.run([tesuki, "design", sample_folder / "factors.yaml", "--output", experiment], check=True)
    subprocess.run(["bash", experiment / "build.sh"], check=True, env={**os.environ, "TESUKI": tesuki})
    runs = json.loads((experiment / "design.json").read_text("utf-8"))["runs"]
    assert len(runs) == 4
    unseen = held_out(experiment / "run-1")
    assert {"web", "forum"} <= set(unseen)
    rows = ["run\t" + "\t".join(unseen)]
    for run in runs:
        learnt = trained(experiment / run["name"])
        rows.append("\t".join([run["name"], *(f"{loss(learnt, texts):.6f}" for texts in unseen.values())]))
    (experiment / "scores.tsv").write_text("\n".join(rows) + "\n", "utf-8")
    done = subprocess.run(
        [tesuki, "accept", experiment, "--scores", experiment / "scores.tsv", "--json"],
        check=True,
        capture_output=True,
        encoding="utf-8",
    )
    answer = json.loads(done.stdout)
    effects = {effect["factor"]: effect for effect in answer["effects"]}
    # Web pages are most of what is held out: without them a model must be worse, by more than the other subsets do.
    assert effects["web"]["difference"] < 0
    assert abs(effects["web"]["difference"]) == max(abs(effect["difference"]) for effect in effects.values())
    # Three factors in four runs leave nothing to estimate error by.
    assert {effect["together"]["p"] for effect in effects.values()} == {None}
    print("\n".join(rows), done.stdout, sep="\n")
