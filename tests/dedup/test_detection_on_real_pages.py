"""Detection on pairs of real pages whose similarity others have measured."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import trafilatura
from fastwarc.warc import ArchiveIterator, WarcRecordType

from tesuki.dedup.band_keys import band_keys, estimate_similarity, sketch
from tesuki.dedup.comparison_form import comparison_form
from tesuki.dedup.presets import PRESETS, DedupParameters
from tesuki.dedup.signature import signature

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data"
PAIRS = DATA / "near_duplicates.jsonl"
CODECS = {"shift_jis": "cp932", "euc-jp": "euc_jp"}
SEEDS = range(1, 9)

pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(not PAIRS.exists(), reason="needs near_duplicates.jsonl of the real pages beside the project"),
]


@pytest.fixture(scope="module")
def forms() -> dict[str, str]:
    """Comparison forms of the pages in the pairs, by record id."""
    pairs = [json.loads(line) for line in PAIRS.read_text().splitlines()]
    wanted = {pair[side] for pair in pairs for side in "ab"}
    labels = (json.loads(line) for line in (DATA / "labels.jsonl").read_text().splitlines())
    encodings = {label["record_id"]: label["encoding"] for label in labels}
    found = {}
    with (DATA / "web-ja-dev.warc.gz").open("rb") as archive:
        for record in ArchiveIterator(archive, record_types=WarcRecordType.response):
            if record.record_id in wanted:
                encoding = encodings[record.record_id]
                html = record.reader.read().decode(CODECS.get(encoding, encoding), "replace")
                text = trafilatura.extract(html, include_comments=False, include_tables=False) or ""
                found[record.record_id] = comparison_form(text)
    assert set(found) == wanted
    return found


@pytest.fixture(scope="module")
def pairs(forms: dict[str, str]) -> list[tuple[str, str, float]]:
    """Both forms of each pair and the exact Jaccard of their 5-grams (the file's own is of unfolded text)."""
    lines = [json.loads(line) for line in PAIRS.read_text().splitlines()]
    return [(forms[line["a"]], forms[line["b"]], jaccard(forms[line["a"]], forms[line["b"]])) for line in lines]


def jaccard(a: str, b: str) -> float:
    of_a, of_b = ({text[i : i + 5] for i in range(len(text) - 4)} for text in (a, b))
    return len(of_a & of_b) / max(1, len(of_a | of_b))


def found(a: str, b: str, parameters: DedupParameters) -> bool:
    one, other = signature(a, parameters), signature(b, parameters)
    if one is None or other is None:
        return a == b
    return bool((band_keys(one, parameters) == band_keys(other, parameters)).any())


@pytest.mark.parametrize("preset", sorted(PRESETS))
@pytest.mark.parametrize(("lowest", "highest"), [(0.7, 0.8), (0.8, 0.9), (0.9, 1.0)])
def test_pairs_are_found_as_the_curve_says(
    pairs: list[tuple[str, str, float]], preset: str, lowest: float, highest: float
) -> None:
    """A dozen pairs a bin, few of them independent: several seeds, and a tenth either way."""
    some = [pair for pair in pairs if lowest <= pair[2] < highest]
    b, r = PRESETS[preset].b, PRESETS[preset].r
    expected = np.mean([PRESETS[preset].detection_probability(pair[2]) for pair in some])
    share = np.mean([found(a, c, DedupParameters(b, r, seed=seed)) for a, c, _ in some for seed in SEEDS])
    assert len(some) >= 10
    assert share == pytest.approx(expected, abs=0.1)


def test_equal_forms_are_always_found_and_unlike_pages_are_not(pairs: list[tuple[str, str, float]]) -> None:
    paper = PRESETS["swallow-paper"]
    equal = [pair for pair in pairs if pair[0] == pair[1]]
    unlike = [pair for pair in pairs if pair[2] <= 0.5]
    assert len(equal) > 50
    assert all(found(a, b, paper) for a, b, _ in equal)
    assert len(unlike) > 30
    assert not any(found(a, b, paper) for a, b, _ in unlike)


def test_estimates_are_near_the_exact_similarity(pairs: list[tuple[str, str, float]]) -> None:
    paper = PRESETS["swallow-paper"]
    errors = []
    for a, b, exact in pairs:
        one, other = signature(a, paper), signature(b, paper)
        if one is not None and other is not None:
            errors.append(estimate_similarity(sketch(one), sketch(other)) - exact)
    # The standard error of 400 values is at most sqrt(0.25 / 400) = 0.025.
    assert np.sqrt(np.mean(np.square(errors))) < 0.025
