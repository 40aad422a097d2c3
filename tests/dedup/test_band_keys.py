"""Buckets share a key exactly when their values are equal; sketches estimate similarity."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tesuki.dedup.band_keys import band_keys, estimate_similarity, sketch
from tesuki.dedup.presets import DedupParameters
from tesuki.dedup.signature import signature

SMALL = DedupParameters(b=3, r=5)


@given(st.lists(st.integers(0, 3), min_size=30, max_size=30))
@settings(max_examples=100)
def test_a_key_is_equal_where_the_bucket_is(numbers: list[int]) -> None:
    a, b = np.array(numbers[:15], dtype=np.uint32), np.array(numbers[15:], dtype=np.uint32)
    same_bucket = (a.reshape(5, 3) == b.reshape(5, 3)).all(axis=1)
    assert np.array_equal(band_keys(a, SMALL) == band_keys(b, SMALL), same_bucket)


def test_equal_buckets_of_different_bands_have_different_keys() -> None:
    assert len(set(band_keys(np.zeros(15, dtype=np.uint32), SMALL).tolist())) == 5


def test_first_bits_spread_evenly_over_ranges() -> None:
    rng = np.random.default_rng(3)
    keys = np.concatenate([band_keys(rng.integers(0, 2**16, 15, dtype=np.uint32), SMALL) for _ in range(2_000)])
    counts = np.bincount((keys >> np.uint64(60)).astype(int), minlength=16)
    # 10,000 keys in 16 ranges: 625 each, standard deviation 24; five of them either way.
    assert counts.min() > 500
    assert counts.max() < 750


def test_a_signature_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match=r"found 14 values, expected b \* r = 15"):
        band_keys(np.zeros(14, dtype=np.uint32), SMALL)


def test_a_sketch_is_the_lowest_byte_of_each_value() -> None:
    assert sketch(np.array([0x01020304, 0xFFFFFFFF, 256], dtype=np.uint32)) == b"\x04\xff\x00"


def test_the_estimate_by_hand() -> None:
    # 129 of 256 bytes equal: (129/256 - 1/256) / (255/256) = 128/255.
    a, b = bytes(256), bytes(129) + bytes([1]) * 127
    assert estimate_similarity(a, b) == pytest.approx(128 / 255)
    assert estimate_similarity(a, a) == 1.0
    assert estimate_similarity(a, bytes([1]) * 256) == 0.0


@pytest.mark.parametrize(("a", "b"), [(b"", b""), (b"a", b"ab")])
def test_sketches_that_cannot_be_compared_are_refused(a: bytes, b: bytes) -> None:
    with pytest.raises(ValueError, match="sketches: found"):
        estimate_similarity(a, b)


@pytest.mark.parametrize("shared", [200, 600, 1_500])
def test_the_estimate_is_near_the_true_similarity(shared: int) -> None:
    rng = np.random.default_rng(shared)

    def of(*parts: np.ndarray) -> str:
        return "".join(map(chr, np.concatenate(parts)))

    # Characters are drawn from 20,000, so that n-grams of one character are nearly all distinct sets to compare.
    letters = rng.permutation(20_000)[: shared + 2_000] + 0x4E00
    a, b = of(letters[: shared + 1_000]), of(letters[:shared], letters[shared + 1_000 :])
    parameters = DedupParameters(b=20, r=40, n=1)
    values = [signature(text, parameters) for text in (a, b)]
    true = shared / (shared + 2_000)
    estimate = estimate_similarity(*(sketch(value) for value in values if value is not None))
    # Four standard errors of 800 values.
    assert estimate == pytest.approx(true, abs=4 * (true * (1 - true) / 800) ** 0.5)


def test_a_key_worked_out_in_plain_integers() -> None:
    """Band indexes on disk hold these values: where this changes, `band_index.VERSION` must."""
    words = [splitmix64((2 << 32) + i * 0x9E3779B97F4A7C15) for i in (1, 2, 3)]
    values = np.array([7, 2**32 - 1, 12345] * 5, dtype=np.uint32)
    for band, key in enumerate(band_keys(values, SMALL).tolist()):
        joined = sum(word * value for word, value in zip(words, (7, 2**32 - 1, 12345), strict=True))
        assert key == murmur64((joined + ((band + 1) << 40)) % 2**64)


def splitmix64(state: int) -> int:
    """One step of SplitMix64, from its authors' C code."""
    z = state % 2**64
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9 % 2**64
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB % 2**64
    return z ^ (z >> 31)


def murmur64(h: int) -> int:
    """fmix64 of MurmurHash3, from its author's C code."""
    h = (h ^ (h >> 33)) * 0xFF51AFD7ED558CCD % 2**64
    h = (h ^ (h >> 33)) * 0xC4CEB9FE1A85EC53 % 2**64
    return h ^ (h >> 33)
