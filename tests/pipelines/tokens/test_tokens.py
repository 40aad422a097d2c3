"""Stations 11 and 12: documents to shards, the same whatever file they lie in, and never against their level."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from apache_beam import Pipeline
from apache_beam.runners.portability.fn_api_runner import FnApiRunner
from hypothesis import given
from hypothesis import strategies as st

from tesuki.pipelines.journey.page import Page
from tesuki.pipelines.storage.documents import document_rows
from tesuki.pipelines.tokens import pipeline as tokens
from tesuki.pipelines.tokens.pipeline import (
    DocumentFile,
    ShardSettings,
    read_shard_files,
    read_unique_counts,
    shards,
    sum_counts,
)
from tesuki.pipelines.tokens.placing import split_for
from tesuki.release_levels.levels import ForbiddenUse, Level
from tesuki.tokenize.shard_plan import DEFAULT_BINS
from tesuki.tokenize.splits import SplitFractions

NO_SPLITS = SplitFractions(Fraction(0), Fraction(0))
ALL_TEST = SplitFractions(Fraction(0), Fraction(1, 2))


@pytest.fixture(scope="module")
def pages(article: Any) -> list[Page]:
    """Forty documents on twenty hosts."""
    return [
        Page(
            *("web", "a.warc.gz", number, 1, f"<urn:{number}>", f"https://h{number % 20}.example/{number}"),
            date="2026-05-02T03:04:05Z",
            text="\n".join(article(number)[: 1 + number % 5]),
            level="L2",
        )
        for number in range(40)
    ]


def written(
    folder: Path, groups: Sequence[Sequence[Page]], level: str = "L2", subset: str = "web"
) -> list[DocumentFile]:
    files = []
    for number, group in enumerate(groups):
        path = folder / subset / level / f"part-{number}.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(document_rows([replace(page, level=level, subset=subset) for page in group]), path)
        files.append(DocumentFile(path, subset, level))
    return files


def settings(folder: Path, model: Path, **fields: Any) -> ShardSettings:
    usual = {
        "splits": NO_SPLITS,
        "document": "bos text eos",
        "repeats": {"web": Fraction(3, 2)},
        "buckets": {},
        "test_subsets": frozenset(),
        "shard_tokens": 2_000,
        "tokens_folder": folder / "tokens",
        "shards_folder": folder / "made",
    }
    return ShardSettings(tokenizer=model, **(usual | fields))


def make(files: Sequence[DocumentFile], given_settings: ShardSettings) -> dict[str, bytes]:
    """The shards' bytes by path."""
    with Pipeline(runner=FnApiRunner()) as pipeline:
        shards(pipeline, files, given_settings)
    folder = given_settings.shards_folder
    return {file.path: (folder / file.path).read_bytes() for file in read_shard_files(folder)}


def rows_in(content: bytes) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = pa.ipc.open_stream(pa.BufferReader(content)).read_all().to_pylist()
    return rows


def test_shards_hold_every_document_once_and_are_counted_right(tmp_path: Path, model: Path, pages: list[Page]) -> None:
    chosen = settings(tmp_path, model)
    made = make(written(tmp_path, [pages]), chosen)
    assert len(made) > 2
    rows = [row for content in made.values() for row in rows_in(content)]
    assert sorted(row["id"] for row in rows) == sorted(page.id for page in pages)
    (unique,) = read_unique_counts(chosen.shards_folder)
    assert (unique.subset, unique.split, unique.documents) == ("web", "train", 40)
    assert unique.tokens == sum(row["length"] for row in rows) == sum(len(row["input_ids"]) for row in rows)
    for file in read_shard_files(chosen.shards_folder):
        assert (file.rows, file.tokens) == (
            len(rows_in(made[file.path])),
            sum(row["length"] for row in rows_in(made[file.path])),
        )
        assert (file.bytes, file.sha256) == (len(made[file.path]), hashlib.sha256(made[file.path]).hexdigest())


def test_shards_are_the_same_however_documents_are_spread_over_files(
    tmp_path: Path, model: Path, pages: list[Page]
) -> None:
    shuffled = random.Random(1).sample(pages, len(pages))
    in_one = make(written(tmp_path / "one", [pages]), settings(tmp_path / "one", model))
    in_six = make(
        written(tmp_path / "six", [shuffled[start::6] for start in range(6)])[::-1], settings(tmp_path / "six", model)
    )
    assert in_one == in_six


def test_a_shard_maps_one_token_part_at_a_time(
    tmp_path: Path, model: Path, pages: list[Page], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Linux allows 65,530 maps a process: a crawl has more parts than that."""
    mapped: list[int] = []
    rows_in_range = tokens.rows_in_range

    def counted(*given: Any) -> Any:
        mapped.append(sum(str(tmp_path) in line for line in Path("/proc/self/maps").read_text().splitlines()))
        return rows_in_range(*given)

    monkeypatch.setattr(tokens, "rows_in_range", counted)
    assert make(written(tmp_path, [pages[start::8] for start in range(8)]), settings(tmp_path, model))
    assert len(mapped) >= 8
    assert set(mapped) == {1}


def test_levels_in_files_of_their_own_meet_in_one_shard(tmp_path: Path, model: Path, pages: list[Page]) -> None:
    """The levels L1 to L3 all train: a shard is filled from the files of each."""
    files = [*written(tmp_path, [pages[:20]], "L1"), *written(tmp_path, [pages[20:]], "L3")]
    mixed = make(files, settings(tmp_path, model))
    assert mixed == make(written(tmp_path / "one", [pages]), settings(tmp_path / "one", model))


def test_a_subset_that_repeats_zero_times_is_counted_and_has_no_shards(
    tmp_path: Path, model: Path, pages: list[Page]
) -> None:
    chosen = settings(tmp_path, model, repeats={"web": Fraction(0)})
    assert make(written(tmp_path, [pages]), chosen) == {}
    (unique,) = read_unique_counts(chosen.shards_folder)
    assert unique.documents == 40
    assert unique.tokens > 0


def test_no_documents_make_no_shards(tmp_path: Path, model: Path) -> None:
    assert make([], settings(tmp_path, model)) == {}
    assert make(written(tmp_path, [[]]), settings(tmp_path, model)) == {}


@pytest.mark.parametrize("splits", [NO_SPLITS, ALL_TEST])
def test_documents_of_level_lx_are_in_no_train_shard(
    tmp_path: Path, model: Path, pages: list[Page], splits: SplitFractions
) -> None:
    made = make(written(tmp_path, [pages], "LX"), settings(tmp_path, model, splits=splits))
    assert all(path.startswith("shards/test/") for path in made)
    assert bool(made) == (splits is ALL_TEST)


def test_a_subset_that_the_recipe_calls_lx_is_a_test_set_whole(tmp_path: Path, model: Path, pages: list[Page]) -> None:
    chosen = settings(tmp_path, model, test_subsets=frozenset({"web"}))
    made = make(written(tmp_path, [pages], "LX"), chosen)
    assert {path.split("/")[1] for path in made} == {"test"}
    assert sum(len(rows_in(content)) for content in made.values()) == 40


def test_where_the_choice_of_a_split_is_wrong_the_types_refuse(
    tmp_path: Path, model: Path, pages: list[Page], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Law 3: not only the filter. A fault in `split_for` that sends LX to train ends the run before a token is kept."""
    monkeypatch.setattr(tokens, "split_for", lambda *_: "train")
    with pytest.raises(ForbiddenUse, match="LX was about to be written for 'train'"):
        make(written(tmp_path, [pages], "LX"), settings(tmp_path, model))
    assert not list(tmp_path.rglob("*.arrow"))


def test_where_that_fails_too_the_writer_of_shards_refuses(
    tmp_path: Path, model: Path, pages: list[Page], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tokens, "split_for", lambda *_: "train")
    monkeypatch.setattr(tokens, "require", lambda *_: None)
    with pytest.raises(PermissionError, match="its release level forbids it"):
        make(written(tmp_path, [pages], "LX"), settings(tmp_path, model))
    assert not list((tmp_path / "made" / "shards").rglob("*.arrow"))


LEVELS = st.sampled_from(list(Level))
SPLITS = st.tuples(st.fractions(0, 1), st.fractions(0, 1)).map(
    lambda both: SplitFractions(both[0] / 2, both[1] / 2) if sum(both) < 2 else NO_SPLITS
)


@given(LEVELS, SPLITS, st.text(max_size=20), st.booleans())
def test_a_split_is_never_one_that_the_level_forbids(
    level: Level, splits: SplitFractions, host: str, test_subset: bool
) -> None:
    test_subsets = frozenset({"web"}) if test_subset else frozenset()
    split = split_for(splits, test_subsets, "web", level, f"https://{host}/", "0123")
    if not level.allows("train"):
        assert split in (None, "test")
    if test_subset:
        assert split == "test"


COUNTS = st.lists(st.tuples(st.integers(0, DEFAULT_BINS - 1), st.integers(0, 10**9)), max_size=4).map(
    lambda pairs: tuple(
        np.bincount([b for b, _ in pairs], [w * k for _, w in pairs], DEFAULT_BINS).astype(np.int64) for k in (1, 2)
    )
)


@given(COUNTS, COUNTS, COUNTS)
def test_sums_of_counts_do_not_depend_on_how_they_are_grouped(first: Any, second: Any, third: Any) -> None:
    """As Beam's combiners must not."""
    at_once = sum_counts([first, second, third])
    stepwise = sum_counts([sum_counts([third, first]), second, sum_counts([])])
    for one, other in zip(at_once, stepwise, strict=True):
        assert np.array_equal(one, other)
    assert int(at_once[0].sum()) == sum(int(counts[0].sum()) for counts in (first, second, third))
