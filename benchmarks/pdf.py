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
import re
import subprocess
import sys
import tempfile
import time
import unicodedata
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

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

NOVEL = (
    "吾輩は猫である。名前はまだ無い。どこで生れたかとんと見当がつかぬ。何でも薄暗いじめじめした所でニャーニャー泣いて"
    "いた事だけは記憶している。吾輩はここで始めて人間というものを見た。しかもあとで聞くとそれは書生という人間中で一番"
    "獰悪な種族であったそうだ。この書生というのは時々我々を捕えて煮て食うという話である。しかしその当時は何という考も"
    "なかったから別段恐しいとも思わなかった。"
)
"""The beginning of 吾輩は猫である (Natsume Sōseki, 1905, in the public domain)."""
RUBY = {"見当": "けんとう", "記憶": "きおく", "書生": "しょせい"}
DOTTED = ("獰悪", "別段")


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
    """Levenshtein's."""
    row = list(range(len(other) + 1))
    for at, letter in enumerate(one, 1):
        before, row[0] = row[0], at
        for place, another in enumerate(other, 1):
            before, row[place] = row[place], min(row[place] + 1, row[place - 1] + 1, before + (letter != another))
    return row[-1]


def vertical_file(folder: Path, columns: int) -> bytes:
    """`NOVEL` twelve times, set vertically by upLaTeX with readings and dots."""
    body = NOVEL
    for word, reading in RUBY.items():
        body = body.replace(word, rf"\ruby[g]{{{word}}}{{{reading}}}")
    for word in DOTTED:
        body = body.replace(word, rf"\kenten{{{word}}}")
    option = ",twocolumn" if columns == 2 else ""
    source = (
        rf"\documentclass[uplatex,dvipdfmx{option}]{{utbook}}\usepackage{{pxrubrica}}\begin{{document}}"
        + "\n\n".join([body] * 12)
        + r"\end{document}"
    )
    (folder / "t.tex").write_text(source, encoding="utf-8")
    subprocess.run(["ptex2pdf", "-u", "-l", "-ot", "-interaction=batchmode", "t.tex"], cwd=folder, check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # fmt: skip
    return (folder / "t.pdf").read_bytes()


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
    """Print the character error rate of vertical setting."""
    gold = re.sub(r"\s", "", NOVEL * 12)
    for columns in (1, 2):
        with tempfile.TemporaryDirectory() as folder:
            try:
                body = vertical_file(Path(folder), columns)
            except (OSError, subprocess.CalledProcessError) as failure:
                print(f"vertical: upLaTeX did not set it ({type(failure).__name__}; make pdf-check installs it)")
                return
        for reader, read in READERS.items():
            try:
                found = re.sub(r"\s", "", read(body))
            except ImportError:
                continue
            rate = edit_distance(found, gold) / len(gold)
            print(f"| vertical, {columns} column(s) | {reader} | {rate:.4f} |")


if __name__ == "__main__":
    shared = Path(sys.argv[1] if len(sys.argv) > 1 else "/usr/share")
    measure_documents(shared)
    measure_vertical()
    measure_rules([shared / folder for folder in WITH_PDF])
