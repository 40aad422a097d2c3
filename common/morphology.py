"""The morphological analyser: MeCab with UniDic (the edition of the PyPI package unidic-lite)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from typing import Any

LONGEST_PIECE = 8_192
"""Characters given to the analyser at a time: it holds all readings of what it is given at once, some 2 kB a
character, and pages hold lines of megabytes. Our choice; a longer line is cut, and one word in it at most."""


def require_dictionary(what: str) -> None:
    """Raise ValueError, with what to do, where ``what`` needs the dictionary and it is not installed.

    The analyser and its dictionary (250 MB) are the extra ``dictionary``.
    """
    if find_spec("fugashi") is None or find_spec("unidic_lite") is None:
        raise ValueError(f"{what} needs a dictionary; install it with pip install 'tesuki[dictionary]'")


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a line: the white space before it, its surface, its part of speech in UniDic's words (名詞, 動詞 …),
    and whether the dictionary does not have it.
    """

    white_space: str
    surface: str
    part_of_speech: str
    unknown: bool


def words(line: str) -> Iterator[Word]:
    """The words of a line in order; joined with their white space they are the line, less white space at its end.

    NUL, at which the analyser would stop reading, is read as a space, a lone surrogate as ``?``.
    """
    line = line.replace("\0", " ").encode("utf-8", "replace").decode("utf-8")
    for start in range(0, len(line), LONGEST_PIECE):
        for node in _tagger()(line[start : start + LONGEST_PIECE]):
            yield Word(node.white_space, node.surface, node.feature[0], bool(node.is_unk))


@lru_cache(maxsize=1)
def _tagger() -> Any:
    # Imported here, because a dictionary of 250 MB is opened: only a recipe that asks for words pays for it.
    import fugashi
    import unidic_lite

    dictionary = unidic_lite.DICDIR
    return fugashi.GenericTagger(f'-r "{dictionary}/dicrc" -d "{dictionary}"')
