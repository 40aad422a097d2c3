"""MinHash signatures: ours against datasketch, on the same text in the same process.

Run with ``python benchmarks/signatures.py``. CPU time of one text, median of several runs, candidates taking turns.
"""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable

import numpy as np
from datasketch import MinHash

from tesuki.dedup.band_keys import band_keys, sketch
from tesuki.dedup.comparison_form import comparison_form
from tesuki.dedup.fingerprint import form_fingerprint
from tesuki.dedup.ngrams import ngram_hash
from tesuki.dedup.presets import PRESETS, DedupParameters
from tesuki.dedup.signature import signature

RUNS = 15
PARAMETERS = PRESETS["doubri"]
"""800 permutations."""


def japanese_like(characters: int) -> str:
    """Text with the mix of kana, kanji, punctuation and line breaks of a page; seeded."""
    rng = random.Random(characters)
    kanji = "".join(map(chr, range(0x4E00, 0x4E00 + 1_500)))
    kana = "".join(map(chr, range(0x3041, 0x3094)))
    pieces = []
    while sum(map(len, pieces)) < characters:
        words = ("".join(rng.choices(kanji, k=2)) + "".join(rng.choices(kana, k=3)) for _ in range(8))
        pieces.append("、".join(words) + rng.choice(("。", "！", "。\n")))
    return "".join(pieces)[:characters]


def by_datasketch(text: str, parameters: DedupParameters, ours: bool) -> np.ndarray:
    """datasketch's values: with our n-gram hash, or by its default path (SHA-1 of UTF-8)."""
    hashing = {"hashfunc": ngram_hash} if ours else {}
    minhash = MinHash(num_perm=parameters.permutations, seed=parameters.seed, scheme="affine32", **hashing)
    codec = "utf-32-le" if ours else "utf-8"
    ngrams = range(len(text) - parameters.n + 1)
    minhash.update_batch([text[i : i + parameters.n].encode(codec) for i in ngrams])
    return minhash.hashvalues


def milliseconds(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return 1_000 * (time.process_time() - start)


def main() -> None:
    """Print a table of milliseconds a text."""
    print(f"milliseconds a text, {PARAMETERS.permutations} permutations, character {PARAMETERS.n}-grams")
    print(f"{'characters':>10} {'form':>8} {'exact':>8} {'ours':>8} {'keys':>8} {'datasketch':>11} {'ratio':>6}")
    for characters in (1_000, 5_000, 20_000):
        text = japanese_like(characters)
        form = comparison_form(text)
        values = signature(text, PARAMETERS)
        assert values is not None
        assert np.array_equal(values, by_datasketch(text, PARAMETERS, ours=True))
        works: tuple[Callable[[], object], ...] = (
            lambda text=text: comparison_form(text),
            lambda form=form: form_fingerprint(form),
            lambda text=text: signature(text, PARAMETERS),
            lambda values=values: (band_keys(values, PARAMETERS), sketch(values)),
            lambda text=text: by_datasketch(text, PARAMETERS, ours=False),
        )
        rounds = [[milliseconds(work) for work in works] for _ in range(RUNS)]
        medians = [statistics.median(column) for column in zip(*rounds, strict=True)]
        ratio = medians[4] / medians[2]
        print(f"{characters:>10} " + " ".join(f"{value:8.3f}" for value in medians[:4]), end="")
        print(f" {medians[4]:11.3f} {ratio:6.1f}")


if __name__ == "__main__":
    main()
