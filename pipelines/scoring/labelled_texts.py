"""Texts of two kinds for a classifier: which are learnt from, and which are kept to test it, apart by host."""

from __future__ import annotations

import hashlib
import heapq
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from tesuki.common.hosts import host_of


@dataclass(frozen=True, slots=True)
class Text:
    """One text, its address (``""`` where it has none), and the file it comes from."""

    text: str
    url: str
    file: str

    @property
    def owner(self) -> str:
        """Whose text it is: its host, or itself where it has no address."""
        return host_of(self.url) or "text " + hashlib.sha256(self.text.encode("utf-8", "replace")).hexdigest()


def is_held_out(owner: str, share: Fraction, seed: int) -> bool:
    """Whether the texts of ``owner`` are for testing: decided by hash, so everywhere and for ever alike."""
    return _hash(f"{seed} held out {owner}") < share * (1 << 64)


def apart(texts: Iterable[Text], share: Fraction, seed: int, most: int) -> tuple[list[Text], list[Text]]:
    """(to learn from, to test on): at most ``most`` of each, chosen by hash, no text twice, no owner on both sides.

    A text that several hosts have is learnt from where any of them is, and then not tested on. Holds only what it
    chooses. The order is that of hashes, so the order of files says nothing.
    """
    learn, test = _Chosen(most), _Chosen(most)
    for text in texts:
        held_out = is_held_out(text.owner, share, seed)
        (test if held_out else learn).add(_hash(f"{seed} {text.text}"), text)
    learnt = learn.texts()
    known = {text.text for text in learnt}
    return learnt, [text for text in test.texts() if text.text not in known]


class _Chosen:
    """The texts with the smallest hashes."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._heap: list[int] = []
        self._texts: dict[int, Text] = {}

    def add(self, place: int, text: Text) -> None:
        if place in self._texts:
            # The same text twice: of two addresses the first by name, whatever came first.
            self._texts[place] = min(self._texts[place], text, key=lambda each: (each.url, each.file))
            return
        if len(self._heap) == self._most:
            if place > -self._heap[0]:
                return
            del self._texts[-heapq.heapreplace(self._heap, -place)]
        else:
            heapq.heappush(self._heap, -place)
        self._texts[place] = text

    def texts(self) -> list[Text]:
        return [self._texts[place] for place in sorted(self._texts)]


def _hash(words: str) -> int:
    return int.from_bytes(hashlib.blake2b(words.encode("utf-8", "replace"), digest_size=8).digest(), "big")
