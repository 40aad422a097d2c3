"""Train, valid and test: apart by host and by duplicate cluster."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

Split = Literal["train", "valid", "test"]


@dataclass(frozen=True, slots=True)
class SplitFractions:
    """The parts of all hosts that go to valid and test; the rest trains."""

    valid: Fraction
    test: Fraction

    def __post_init__(self) -> None:
        if self.valid < 0 or self.test < 0 or self.valid + self.test > 1:
            raise ValueError(
                f"split fractions valid {self.valid} and test {self.test}; expected two numbers from 0 to 1 "
                "that together are at most 1"
            )


def split_of(host: str, cluster_id: str, fractions: SplitFractions, *, test_only: bool = False) -> Split | None:
    """The split of a document, or None where it may stand in none.

    The host decides, without its leading ``www.``, so no host is in two splits. A duplicate cluster is in
    one split because only one document of it is kept, and that document has one host. Documents without a
    host are decided by their cluster (its kept document's id).

    ``test_only`` documents (level LX) never leave test. Where their host fell to train or valid the answer is None: to
    put them in test would break the host's apartness, to move the host would let one page's wish take a whole blog
    service out of training. They stay in ``documents/`` and in exports for the use `test`.
    """
    split = _split_at(_place(host, cluster_id), fractions)
    return None if test_only and split != "test" else split


def _place(host: str, cluster_id: str) -> int:
    """Where the document's host, or cluster, falls in [0, 2**64)."""
    host = host.lower().rstrip(".").removeprefix("www.")
    key = f"host {host}" if host else f"cluster {cluster_id}"
    return int.from_bytes(hashlib.blake2b(key.encode(), digest_size=8, person=b"tesuki split").digest(), "big")


def _split_at(place: int, fractions: SplitFractions) -> Split:
    """Test takes the lowest places, valid the next, so a larger fraction keeps what the smaller one held in test."""
    position = Fraction(place, 2**64)
    if position < fractions.test:
        return "test"
    if position < fractions.test + fractions.valid:
        return "valid"
    return "train"
