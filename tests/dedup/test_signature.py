"""Signatures against datasketch itself."""

from __future__ import annotations

import subprocess
import sys
import tracemalloc

import numpy as np
import pytest
from datasketch import MinHash
from hypothesis import given, settings
from hypothesis import strategies as st

from tesuki.dedup.ngrams import BLOCK, ngram_hash, ngram_hash_blocks
from tesuki.dedup.presets import PRESETS, DedupParameters
from tesuki.dedup.signature import signature


def by_datasketch(text: str, parameters: DedupParameters) -> np.ndarray:
    minhash = MinHash(num_perm=parameters.permutations, seed=parameters.seed, scheme="affine32", hashfunc=ngram_hash)
    ngrams = [text[i : i + parameters.n] for i in range(len(text) - parameters.n + 1)]
    minhash.update_batch([ngram.encode("utf-32-le", "surrogatepass") for ngram in ngrams])
    return minhash.hashvalues


@given(
    text=st.text(st.characters(), min_size=1, max_size=200),
    b=st.integers(1, 7),
    r=st.integers(1, 7),
    n=st.integers(1, 9),
    seed=st.integers(0, 2**32 - 1),
)
@settings(max_examples=60, deadline=None)
def test_equals_datasketch_bit_for_bit(text: str, b: int, r: int, n: int, seed: int) -> None:
    parameters = DedupParameters(b=b, r=r, n=n, seed=seed)
    values = signature(text, parameters)
    if len(text) < n:
        assert values is None
    else:
        assert values is not None
        assert values.dtype == np.uint32
        assert np.array_equal(values, by_datasketch(text, parameters))


@pytest.mark.parametrize("preset", sorted(PRESETS))
def test_equals_datasketch_for_the_presets_over_several_blocks(preset: str) -> None:
    rng = np.random.default_rng(7)
    text = "".join(map(chr, rng.integers(0x3041, 0x3097, 2 * BLOCK + 100)))
    values = signature(text, PRESETS[preset])
    assert values is not None
    assert np.array_equal(values, by_datasketch(text, PRESETS[preset]))


def test_what_datasketch_hashes_an_ngram_to_by_hand() -> None:
    # SplitMix64 from state 1 << 32, words 1 to 3 (reference implementation's recurrence, in plain integers).
    state, words = 1 << 32, []
    for _ in range(3):
        state = (state + 0x9E3779B97F4A7C15) % 2**64
        z = (state ^ (state >> 30)) * 0xBF58476D1CE4E5B9 % 2**64
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB % 2**64
        words.append(z ^ (z >> 31))
    expected = (words[0] + words[1] * ord("漉") + words[2] * ord("き")) % 2**64 >> 32
    assert ngram_hash("漉き".encode("utf-32-le")) == expected
    assert [block.tolist() for block in ngram_hash_blocks("漉き", 2)] == [[expected]]


def test_the_same_text_again_gives_the_same_values() -> None:
    parameters = PRESETS["swallow-paper"]
    first = signature("同じ文章を何度でも", parameters)
    signature("別の文章をはさむ", parameters)
    again = signature("同じ文章を何度でも", parameters)
    assert first is not None
    assert again is not None
    assert np.array_equal(first, again)


def test_memory_is_bounded_for_a_megabyte_of_text() -> None:
    text = "".join(map(chr, np.random.default_rng(1).integers(0x4E00, 0x9FFF, 350_000)))
    assert len(text.encode()) > 1_000_000
    parameters = PRESETS["doubri"]
    signature(text[:100], parameters)
    tracemalloc.start()
    signature(text, parameters)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    # The text once in UTF-32 (1.4 MB) and the blocks; all 800 permutations at once would be 1.1 GB.
    assert peak < 4_000_000


def test_neither_datasketch_nor_scipy_is_needed() -> None:
    """They come with the tests: 143 MB for one call that is a draw of random numbers."""
    code = "import sys, tesuki.dedup.signature; assert not {'datasketch', 'scipy'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
