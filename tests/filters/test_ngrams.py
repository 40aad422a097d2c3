"""Repeated n-grams against counting them one by one."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tesuki.common.code_points import code_points
from tesuki.filters.ngrams import repeated_ngrams

texts = st.one_of(
    st.text(alphabet="ab", max_size=120),
    st.text(alphabet="あいう漢\0\U0010ffff", max_size=120),
    st.text(max_size=60),
    st.tuples(st.text(alphabet="abc", min_size=1, max_size=12), st.integers(1, 20)).map(lambda t: t[0] * t[1]),
)


def _covered(text: str, starts: list[int], length: int) -> int:
    return len({at for start in starts for at in range(start, start + length)})


@settings(max_examples=300)
@given(texts, st.integers(1, 6), st.integers(0, 18))
def test_counts_and_coverage_are_those_of_plain_counting(text: str, shortest: int, more: int) -> None:
    found = list(repeated_ngrams(code_points(text), shortest, shortest + more))
    assert [ngrams.length for ngrams in found] == list(range(shortest, shortest + more + 1))
    for ngrams in found:
        n = ngrams.length
        windows = [text[start : start + n] for start in range(len(text) - n + 1)]
        counts = Counter(windows)
        repeated = {gram for gram, count in counts.items() if count > 1}
        assert ngrams.windows == len(windows)
        assert ngrams.kinds == len(counts)
        assert sorted(ngrams.frequencies.tolist()) == sorted(counts[gram] for gram in repeated)
        assert ngrams.top_frequency == max(counts.values(), default=0)
        places = [start for start, gram in enumerate(windows) if gram in repeated]
        assert sorted(ngrams.positions.tolist()) == places
        later = [start for start in places if windows.index(windows[start]) < start]
        assert ngrams.later_coverage == _covered(text, later, n)
        tops = [gram for gram, count in counts.items() if count == ngrams.top_frequency]
        covers = {gram: _covered(text, [at for at, other in enumerate(windows) if other == gram], n) for gram in tops}
        assert ngrams.top_coverage == (covers[min(tops)] if tops else 0)


def test_text_longer_than_one_key_and_all_characters_different() -> None:
    codes = np.arange(0x3400, 0x3400 + 20_000, dtype=np.uint32)
    for ngrams in repeated_ngrams(np.concatenate([codes, codes]), 9, 10):
        assert len(ngrams.starts) == 20_000 - ngrams.length + 1
        assert len(ngrams.positions) == 2 * len(ngrams.starts)


@pytest.mark.parametrize("length", [2, 5, 10])
def test_nothing_repeats_in_nothing(length: int) -> None:
    (ngrams,) = repeated_ngrams(code_points(""), length, length)
    assert (ngrams.windows, ngrams.kinds, ngrams.top_frequency, len(ngrams.positions)) == (0, 0, 0, 0)


@settings(max_examples=100)
@given(texts, st.integers(1, 6), st.integers(1, 40))
def test_within_windows_only_ngrams_of_one_window_are_equal(text: str, length: int, window: int) -> None:
    (ngrams,) = repeated_ngrams(code_points(text), length, length, window)
    grams = [(start // window, text[start : start + length]) for start in range(len(text) - length + 1)]
    counts = Counter(grams)
    assert sorted(ngrams.positions.tolist()) == [start for start, gram in enumerate(grams) if counts[gram] > 1]
