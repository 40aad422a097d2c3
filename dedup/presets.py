"""How near two texts must be to count as one: the numbers of MinHash LSH, by the names the literature knows them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

LARGEST_SEED = 2**32 - 1
"""datasketch draws its permutations from a NumPy `RandomState`, whose seed has 32 bits."""


@dataclass(frozen=True, slots=True)
class DedupParameters:
    """MinHash LSH over character n-grams, in the letters of Swallow (Okazaki et al., NLP2024).

    ``b`` is the number of hash values joined into one bucket, ``r`` the number of buckets (elsewhere often
    called rows and bands, with the letters the other way round), ``n`` the characters of an n-gram, ``seed``
    that of datasketch's permutations (1 is its default). Raises `ValueError` for a value that can't be.
    """

    b: int
    r: int
    n: int = 5
    seed: int = 1

    def __post_init__(self) -> None:
        """Refuse what no signature can be computed from."""
        for name, value in (("b", self.b), ("r", self.r), ("n", self.n)):
            if value < 1:
                raise ValueError(f"dedup parameter {name}: found {value}, expected a whole number above 0")
        if not 0 <= self.seed <= LARGEST_SEED:
            raise ValueError(f"dedup parameter seed: found {self.seed}, expected 0 to {LARGEST_SEED}")

    @property
    def permutations(self) -> int:
        """Values in a signature: b for each of r buckets."""
        return self.b * self.r

    def detection_probability(self, similarity: float) -> float:
        """Chance that two texts of this Jaccard similarity share at least one bucket: 1 - (1 - s^b)^r."""
        return float(1.0 - (1.0 - similarity**self.b) ** self.r)


PRESETS: Mapping[str, DedupParameters] = MappingProxyType(
    {
        # Okazaki et al., NLP2024, section 2.3: "b = r = 20", character 5-grams.
        "swallow-paper": DedupParameters(b=20, r=20),
        # doubri, the program behind the Swallow corpus, as swallow-corpus runs it.
        "doubri": DedupParameters(b=20, r=40),
        # llm-jp/scripts, corpus/llm-jp-corpus-v4/common/dedup: 20 buckets of 10; there over words, here
        # characters.
        "llm-jp-v4": DedupParameters(b=10, r=20),
    }
)
"""The presets a recipe can name."""
