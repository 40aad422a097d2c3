"""`tesuki mix`: counts in, an exact table out."""

from __future__ import annotations

import json
from collections import Counter
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tesuki.pipelines.commands.mix_counts import (
    count_pairs,
    fitted,
    json_text,
    mixture_of_corpus,
    percent,
    read_counts,
    table_lines,
)
from tesuki.pipelines.corpus.manifest import Manifest, MixtureEntry, ShardReading
from tesuki.pipelines.errors import RequestError
from tesuki.pipelines.recipe.buckets import Buckets
from tesuki.tokenize import buckets as tokenized
from tesuki.tokenize.mixture import Mixture, counted_row

LLM_JP_4 = Path(__file__).resolve().parents[3].parent / "shared" / "data" / "mixtures" / "llm-jp-4-phase1.tsv"
COUNTS = "subset\ttokens\trepeats\nja_cc\t1001\t1/2\nja_wiki\t100\t3\nclosed\t5000\t0\n"


@pytest.fixture
def counts(tmp_path: Path) -> Path:
    path = tmp_path / "counts.tsv"
    path.write_text(COUNTS)
    return path


def test_the_table_ends_with_the_totals(counts: Path) -> None:
    # 1001 / 2 = 500.5 → 500; 3 × 100 = 300; 500 / 800 = 62.5 %.
    assert list(table_lines(read_counts(counts))) == [
        "subset\ttokens\trepeats\ttraining_tokens\tshare\tshards\tholds",
        "ja_cc\t1001\t1/2\t500\t62.5000\t-\t-",
        "ja_wiki\t100\t3\t300\t37.5000\t-\t-",
        "closed\t5000\t0\t0\t0.0000\t-\t-",
        "total\t6101\t\t800",
    ]


def test_the_table_for_machines_is_exact(counts: Path) -> None:
    table = json.loads(json_text(read_counts(counts)))
    assert table["total"] == {"tokens": 6101, "training_tokens": 800}
    assert table["subsets"][0] == {
        "subset": "ja_cc",
        "tokens": 1001,
        "repeats": "1/2",
        "training_tokens": 500,
        "share": "5/8",
        "shards": None,
        "holds": None,
    }


@pytest.mark.shared
@pytest.mark.skipif(not LLM_JP_4.is_file(), reason="LLM-jp-4's published token counts are not beside the project")
def test_llm_jp_4_adds_up_to_its_published_total() -> None:
    mixture = read_counts(LLM_JP_4)
    *rows, total = list(table_lines(mixture))
    assert len(rows) == 1 + 139
    assert total.split() == ["total", "10083812123589", "22074871647659"]
    assert json.loads(json_text(mixture))["total"]["training_tokens"] == 22_074_871_647_659
    pairs = count_pairs(mixture).split()
    assert sum(map(int, pairs[::2])) == 22_074_871_647_659


def test_megatron_pairs_leave_out_what_is_not_trained_on(counts: Path) -> None:
    assert count_pairs(read_counts(counts)) == "500 ja_cc 300 ja_wiki"


def test_a_budget_is_met_to_the_token(counts: Path) -> None:
    mixture = fitted(read_counts(counts), 1_000_000, "ja_cc")
    assert mixture.training_tokens == 1_000_000
    assert mixture.rows[0].repeats == Fraction(999_700, 1001)
    with pytest.raises(RequestError, match=r"--fit-tokens 9.*alone give 300"):
        fitted(read_counts(counts), 9, "ja_cc")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "line 1: found ''"),
        ("subset,tokens,repeats\na,1,1\n", "line 1: .*tab-separated header"),
        ("subset\ttokens\trepeats\nja\t12\n", "line 2: expected subset tokens repeats"),
        ("subset\ttokens\trepeats\nja\t12\t1\t9\n", "line 2: expected subset tokens repeats"),
        ("subset\ttokens\trepeats\nja\t1.5\t1\n", r"line 2: tokens: found '1\.5'"),
        ("subset\ttokens\trepeats\nja\t-1\t1\n", "line 2: tokens: found '-1'"),
        ("subset\ttokens\trepeats\nja\t１\t1\n", "line 2: tokens: found '１'"),
        ("subset\ttokens\trepeats\nja\t1\ttwice\n", "line 2: repeats is 'twice'"),
        ("subset\ttokens\trepeats\nja\t1\t1\nja\t1\t1\n", "subset 'ja' has 2 rows"),
        ("subset\ttokens\trepeats\n" + "j" * 200_000 + "\t1\t1\n", "field larger than field limit"),
        ("subset\ttokens\trepeats\ntotal\t1\t1\n", "line 2: a subset cannot be called 'total'"),
    ],
)
def test_a_wrong_table_names_line_and_field(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "counts.tsv"
    path.write_text(content)
    with pytest.raises(RequestError, match=message) as refusal:
        read_counts(path)
    assert str(path) in str(refusal.value)


def test_a_missing_table_is_named(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match=r"none\.tsv: cannot be read"):
        read_counts(tmp_path / "none.tsv")


def test_the_mixture_of_a_corpus_is_what_its_manifest_declares() -> None:
    shard = ShardReading(path="a.arrow", rows=2, tokens=31, times=0, extra_rows=1, extra_tokens=20)
    row = MixtureEntry(
        subset="ja_cc",
        split="train",
        documents=2,
        tokens=31,
        repeats="7/10",
        training_tokens=20,
        short_by=1,
        shards=(shard,),
    )
    rows = (row, row.model_copy(update={"split": "test"}))
    mixture = mixture_of_corpus(Manifest.model_construct(mixture=rows))
    assert list(table_lines(mixture))[1:] == ["ja_cc\t31\t7/10\t20\t100.0000\t1\t-", "total\t31\t\t20"]


@settings(deadline=None)
@given(st.fractions(min_value=0, max_value=1))
def test_a_share_is_rounded_once_and_exactly(share: Fraction) -> None:
    printed = percent(share)
    assert abs(Fraction(printed) - share * 100) <= Fraction(1, 20_000)
    assert len(printed.split(".")[1]) == 4


@pytest.mark.shared
@pytest.mark.skipif(not LLM_JP_4.is_file(), reason="LLM-jp-4's published token counts are not beside the project")
def test_llm_jp_4_as_buckets_keeps_its_repeats_and_its_total() -> None:
    """Each published file of FineWeb holds a tenth of a score; the ready table must give each its published repeats."""
    published = read_counts(LLM_JP_4)
    scored = [row for row in published.rows if "_score_" in row.subset]
    by_file = {row.subset: int(row.subset.rpartition("_score_")[2].partition("_")[0]) / 10 for row in scored}
    section = Buckets.model_validate({"by": "score", "repeats": "llm-jp-4"})
    buckets = tokenized.Buckets((tokenized.Axis("score", section.edges["score"]),))
    places = buckets.places({"score": np.array([by_file[row.subset] for row in scored])})
    assert [section.table[place] for place in places] == [row.repeats for row in scored]
    tokens = Counter[str]()
    for row, place in zip(scored, places, strict=True):
        tokens[tokenized.row_name("en_fineweb", buckets.names[place])] += row.tokens
    as_buckets = [
        counted_row(name := tokenized.row_name("en_fineweb", bucket), tokens[name], ratio)
        for bucket, ratio in zip(buckets.names, section.table, strict=True)
    ]
    mixture = Mixture((*(row for row in published.rows if row not in scored), *as_buckets))
    # 6,340.3 and 2,044.5 billion unique tokens are what LLM-jp writes of the two.
    assert {name: round(count / 1e9, 1) for name, count in tokens.items()} == {
        "en_fineweb.score-1": 6340.3,
        "en_fineweb.score-2": 2044.5,
    }
    assert (mixture.unique_tokens, mixture.training_tokens) == (10_083_812_123_589, 22_074_871_647_659)
    half = fitted(mixture, 15_600_000_000_000, "en_fineweb")
    assert half.training_tokens == 15_600_000_000_000
