"""Text of PDF files against the same documents' own plain text, beside pypdf and pdfminer.six in one run;
vertical setting against the text it was set from.

Needs what `make pdf-check` installs: Debian's packages maint-guide-ja, developers-reference-ja and debian-reference-ja,
upLaTeX, and the two other readers. What is missing is said and left out. Of each reader: the share of the document's
own 5-grams that are found (recall), the share of its 5-grams that are the document's (precision), both of letters and
digits alone in NFKC; of windows of 20 letters that both have once, the longest run in the same order (order); processor
time a page.
"""

from __future__ import annotations

import gzip
import io
import logging
import subprocess
import sys
import time
import unicodedata
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from vertical_files import gold, vertical_files

from tesuki.filters.pages import page_measures
from tesuki.filters.presets import preset
from tesuki.pipelines.extraction.pdf.document import PdfError, read_pdf

logging.disable(logging.CRITICAL)

DOCUMENTS = {
    "maint-guide": ("doc/maint-guide-ja/maint-guide.ja.pdf", "doc/maint-guide-ja/maint-guide.ja.txt.gz"),
    "developers-reference": (
        "developers-reference/ja/developers-reference.pdf",
        "developers-reference/ja/developers-reference.txt.gz",
    ),
    "debian-reference": ("debian-reference/debian-reference.ja.pdf", "debian-reference/debian-reference.ja.txt.gz"),
}
"""The PDF file and the plain text of each document, below the folder of shared data."""

WITH_PDF = ("doc", "texmf", "developers-reference", "debian-reference")
"""Folders with PDF files, in Japanese or not."""

JAPANESE = 100
"""Kana of a document that has Japanese text at all."""


def with_tesuki(body: bytes) -> str:
    """The text that this house reads."""
    return read_pdf(body).text


def with_pypdf(body: bytes) -> str:
    """The text that pypdf reads."""
    from pypdf import PdfReader

    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(body)).pages)


def with_pdfminer(body: bytes) -> str:
    """The text that pdfminer.six reads."""
    from pdfminer.high_level import extract_text

    return str(extract_text(io.BytesIO(body)))


READERS: dict[str, Callable[[bytes], str]] = {"tesuki": with_tesuki, "pypdf": with_pypdf, "pdfminer.six": with_pdfminer}


def letters(text: str) -> str:
    """Letters and digits of ``text``, in NFKC."""
    return "".join(character for character in unicodedata.normalize("NFKC", text) if character.isalnum())


def compared(found: str, own: str) -> tuple[float, float, float]:
    """Recall, precision and order of ``found`` against ``own``, both `letters`."""
    ours, theirs = _grams(found, 5), _grams(own, 5)
    shared = (ours & theirs).total()
    once = {window for window, count in _grams(found, 20).items() if count == 1}
    places = {own[at : at + 20]: at for at in range(len(own) - 19)}
    both = once & {window for window, count in _grams(own, 20).items() if count == 1}
    sequence = [places[window] for at in range(0, len(found) - 19, 7) if (window := found[at : at + 20]) in both]
    order = _longest_rising(sequence) / len(sequence) if sequence else 0.0
    return shared / max(1, theirs.total()), shared / max(1, ours.total()), order


def _grams(text: str, size: int) -> Counter[str]:
    return Counter(text[at : at + size] for at in range(len(text) - size + 1))


def _longest_rising(sequence: Sequence[int]) -> int:
    tails: list[int] = []
    for place in sequence:
        at = bisect_left(tails, place)
        tails[at : at + 1] = [place]
    return len(tails)


def own_text(path: Path) -> str:
    """The letters of a packed text."""
    return letters(gzip.decompress(path.read_bytes()).decode("utf-8"))


def edit_distance(one: str, other: str) -> int:
    """Levenshtein's: a row at a time, in which what is left out of ``other`` runs as a minimum along the row."""
    letters_of_other = np.array([ord(letter) for letter in other])
    places = np.arange(len(other) + 1)
    row = places
    for at, letter in enumerate(one, 1):
        changed = np.minimum(row[1:] + 1, row[:-1] + (letters_of_other != ord(letter)))
        row = np.minimum.accumulate(np.concatenate(([at], changed)) - places) + places
    return int(row[-1])


def measure_documents(shared: Path) -> None:
    """Print a row of the table for each document and reader."""
    for name, (pdf, text) in DOCUMENTS.items():
        if not (shared / pdf).exists():
            print(f"{name}: not on this machine (make pdf-check installs it)")
            continue
        body = (shared / pdf).read_bytes()
        own = own_text(shared / text)
        count = read_pdf(body).pages
        for reader, read in READERS.items():
            began = time.process_time()
            try:
                found = letters(read(body))
            except ImportError:
                print(f"{name} | {reader}: not installed")
                continue
            cost = 1000 * (time.process_time() - began) / count
            recall, precision, order = compared(found, own)
            print(f"| {name}, {count} pages | {reader} | {recall:.3f} | {precision:.3f} | {order:.3f} | {cost:.1f} |")


def measure_rules(folders: Sequence[Path]) -> None:
    """Print which rule of the preset `tesuki` rejects which PDF file with Japanese text, and how many are kept."""
    chosen = preset("tesuki")
    found: Counter[str] = Counter()
    for path in sorted(path for folder in folders for path in folder.rglob("*.pdf")):
        try:
            read = read_pdf(path.read_bytes())
        except PdfError:
            continue
        if sum("ぁ" <= letter <= "ヶ" for letter in read.text) < JAPANESE:
            continue
        known = page_measures(len("".join(read.text.split())), read.garbled, read.pages)
        verdict = chosen.judge(read.text, known)
        found[verdict.rule or "kept"] += 1
        if verdict.rule:
            print(f"| {path.name}, {read.pages} pages | {verdict.rule} | {verdict.value:.3g} |")
    print(", ".join(f"{rule}: {count}" for rule, count in found.most_common()))


def measure_vertical() -> None:
    """Print the character error rate of each layout of vertical setting."""
    own = gold()
    try:
        for name, body in vertical_files():
            rates = [
                f"{rate:.4f}" if (rate := _error_rate(read, body, own)) is not None else "" for read in READERS.values()
            ]
            print(f"| {name} | {' | '.join(rates)} |")
    except (OSError, subprocess.CalledProcessError) as failure:
        print(f"vertical: upLaTeX did not set it ({type(failure).__name__}; make pdf-check installs it)")


def _error_rate(read: Callable[[bytes], str], body: bytes, own: str) -> float | None:
    try:
        found = "".join(read(body).split())
    except ImportError:
        return None
    return edit_distance(found, own) / len(own)


if __name__ == "__main__":
    shared = Path(sys.argv[1] if len(sys.argv) > 1 else "/usr/share")
    measure_documents(shared)
    measure_vertical()
    measure_rules([shared / folder for folder in WITH_PDF])
