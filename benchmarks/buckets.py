"""What published repeats by bucket do to real pages, beside reading everything once.

Run with ``python benchmarks/buckets.py [FOLDER]``; FOLDER holds ``web-ja-dev.warc.gz`` and ``labels.jsonl``, and is the
one kept beside the project unless given (extra ``fasttext``). Classifiers learn to tell manuals and documentation from
all other pages on two thirds of the hosts; each policy's table is printed, and the share of manuals in a pass, on the
hosts that they have not seen.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterator, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import yaml

from tesuki.common.hosts import host_of
from tesuki.pipelines.commands.classifier import train
from tesuki.pipelines.commands.mix import find_mixture
from tesuki.pipelines.commands.mix_counts import table_lines
from tesuki.pipelines.corpus.build import build_corpus
from tesuki.pipelines.corpus.request import check_request
from tesuki.pipelines.recipe.loading import load_recipe
from tesuki.pipelines.scoring.labelled_texts import is_held_out
from tesuki.pipelines.storage.corpus_folder import CorpusFolder
from tesuki.pipelines.tokens.buckets import mixture_plan, resolved_buckets

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
WANTED = frozenset({"software-manual", "software-docs"})
HELD_OUT = Fraction(1, 3)
SEED = 0

POLICIES: Mapping[str, Any] = {
    "all once": None,
    "FineWeb-2, by copies": {"by": "copies", "repeats": "fineweb-2-ja"},
    "LLM-jp-4's rule, score from 0 to 3": {"by": "three", "repeats": "llm-jp-4"},
    "twentieths, the best half, the best tenth four times": {
        "by": "manual",
        "quantiles": {"manual": 20},
        "repeats": [0] * 10 + [1] * 8 + [4] * 2,
    },
    "score and copies": {
        "by": ["manual", "copies"],
        "quantiles": {"manual": ["1/2", "9/10"]},
        "edges": {"copies": [2]},
        "repeats": [["1/2", 1], [1, 2], [3, 4]],
    },
}


def main(data: Path) -> None:
    """Build once without a model, learn one, build again with it, then try each policy on what is there."""
    archive = data / "web-ja-dev.warc.gz"
    if not archive.exists():
        print(f"{archive} is not there: give a folder to measure on")
        return
    labels = {each["record_id"]: each["genre"] for each in map(json.loads, (data / "labels.jsonl").open())}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        out = folder / "out"
        _build(_recipe(folder / "plain.yaml", archive, [], None), out)
        for wanted in (True, False):
            rows = (row for row in _documents(out) if (labels[row["record_id"]] in WANTED) is wanted)
            lines = (json.dumps({"url": row["url"], "text": row["text"]}) + "\n" for row in rows)
            (folder / f"{wanted}.jsonl").write_text("".join(lines))
        for kind in ("linear", "fasttext"):
            told = train(
                [str(folder / "True.jsonl")],
                [str(folder / "False.jsonl")],
                folder / f"{kind}.model",
                kind=kind,
                given="text",
                licence="not stated",
                seed=SEED,
                epochs=5,
                most=10_000,
                held_out=HELD_OUT,
            )
            print(*(f"{kind}: {line}" for line in told if "AUC" in line), sep="\n")
        scores = [
            {"name": "manual", "model": "linear.model"},
            {"name": "copies", "copies": True},
            {"name": "three", "model": "fasttext.model", "labels": {"pos": 3, "neg": 0}},
        ]
        _build(_recipe(folder / "scored.yaml", archive, scores, None), out)
        for policy, buckets in POLICIES.items():
            print(f"\n{policy}")
            _tried(folder, out, archive, scores, buckets, labels)


def _tried(folder: Path, out: Path, archive: Path, scores: list[Any], buckets: Any, labels: Mapping[str, str]) -> None:
    path = _recipe(folder / "tried.yaml", archive, scores, buckets)
    for line in table_lines(find_mixture(path, None, out)):
        cells = line.split("\t")
        if len(cells) < 7 or cells[3] != "0":
            print("  " + "\t".join(cells))
    recipe = load_recipe(path)
    resolved = resolved_buckets(recipe, CorpusFolder(out).documents())
    plan = mixture_plan(recipe, resolved)
    read = wanted = Fraction(0)
    for row in _documents(out):
        if is_held_out(host_of(row["url"]) or "", HELD_OUT, SEED):
            own = {each["name"]: np.array([each["value"]]) for each in row["scores"]}
            place = int(resolved["web"].places(own)[0]) if resolved else 0
            characters = len(row["text"]) * plan[place].repeats
            read += characters
            wanted += characters * (labels[row["record_id"]] in WANTED)
    share = float(wanted / read) if read else 0.0
    print(f"  manuals on hosts not seen: {share:.1%} of {float(read):,.0f} characters a pass")


def _recipe(path: Path, archive: Path, scores: list[Any], buckets: Any) -> Path:
    recipe = {
        "name": "buckets",
        "subsets": {"web": {"inputs": str(archive), "level": "L3", "buckets": buckets}},
        "rules": "none",
        "scores": scores,
        "tokenizer": {"train": {"vocabulary_size": 8_000, "shrink": True}},
    }
    path.write_text(yaml.safe_dump(recipe))
    return path


def _build(recipe: Path, output: Path) -> None:
    build_corpus(check_request(recipe, output, (), ()), lambda _: None)


def _documents(output: Path) -> Iterator[dict[str, Any]]:
    for file in CorpusFolder(output).documents():
        yield from pq.read_table(file.path, columns=["record_id", "url", "text", "scores"]).to_pylist()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else DATA)
