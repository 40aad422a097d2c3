"""What strangers wrote, made fit to be printed: addresses, titles, file names may hold what a terminal obeys."""

from __future__ import annotations

import unicodedata


def printable(text: str) -> str:
    """``text`` in one line with everything that is no visible character or blank written as an escape (``\\x1b``).

    Controls, format characters (which can turn text around), line ends, lone surrogates and what is not assigned are
    escaped. Nothing else changes, so that an address still reads as it is.
    """
    if text.isprintable():
        return text
    return "".join(character if _shows(character) else _escaped(character) for character in text)


def _shows(character: str) -> bool:
    return character.isprintable() or unicodedata.category(character) == "Zs"


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")
