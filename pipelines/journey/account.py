"""The account of a page's characters: what a reader sees is what was taken and what was left out, by reason."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Account:
    """What became of the characters of one page at station 4. White space is never counted.

    ``engine`` is whose choice the text is (``tesuki``, ``trafilatura``, ``speed``, ``pdf``), ``asked`` why it was
    asked in place of the one before (``""`` for the first). ``seen`` are the characters of the page as read, ``taken``
    those of the text; ``left_out`` names the others by reason, in the order of the reasons' names: ``seen = taken +
    left_out``. ``japanese_seen`` and ``japanese_taken`` count kana and han among them. ``gauge`` is the number of kana
    and han that an independent reading of the page (Resiliparse, over another parser) saw; of a PDF file, all on it.
    ``pages`` are those of a PDF file, ``garbled`` its characters without a meaning among ``taken``; 0 of HTML.
    """

    engine: str
    asked: str = ""
    seen: int = 0
    taken: int = 0
    japanese_seen: int = 0
    japanese_taken: int = 0
    gauge: int = 0
    left_out: tuple[tuple[str, int], ...] = ()
    pages: int = 0
    garbled: int = 0

    @property
    def closes(self) -> bool:
        """Whether no character is unaccounted for."""
        return self.seen == self.taken + sum(count for _, count in self.left_out)
