"""`tesuki contamination`: which documents of a corpus quote test questions, and where."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from tesuki.dedup.quotations import QuestionIndex, QuotationRule, question_index
from tesuki.pipelines.corpus.manifest import read_manifest
from tesuki.pipelines.errors import RequestError
from tesuki.pipelines.journey.printable import printable
from tesuki.pipelines.mending.passages import passage_lines, text_name
from tesuki.pipelines.reading.inputs import find_files
from tesuki.pipelines.storage.corpus_folder import CorpusFolder
from tesuki.pipelines.storage.files import write_bytes
from tesuki.release_levels.levels import Level

COLUMNS = ("document", "url", "subset", "level", "start", "end", "share", "question", "quoted")
"""Of the sheet: positions are characters of the document's text."""

SHOWN = 60
"""Characters of a quotation that are shown, of levels that may be searched."""

TRAINS = frozenset(level.name for level in Level if level.allows("train"))
SEARCHED = frozenset(level.name for level in Level if level.allows("search"))


@dataclass(frozen=True, slots=True)
class Questions:
    """What is looked for, and where each stands: ``file:line`` or ``subset:id``."""

    texts: tuple[str, ...]
    names: tuple[str, ...]


def contamination_lines(
    output: Path, globs: Sequence[str], sheet: Path, deny: Path | None, cut: Path | None, rule: QuotationRule
) -> Iterator[str]:
    """Write every quotation in documents that may be trained on to ``sheet``; lines that sum them up.

    ``globs`` name JSON Lines of questions and answers: every string in a line is looked for by itself. The corpus' own
    test sets (level LX) are looked for, too. ``deny``, where given, gets a line for each document found, as a deny list
    takes it; ``cut`` one for each passage, as ``mend.cut`` takes it. Raises `RequestError` where there is no corpus, no
    question or no JSON.
    """
    read_manifest(output)
    folder = CorpusFolder(output)
    questions = _questions(globs, folder)
    index = question_index(questions.texts, rule)
    if index.short == len(questions.texts):
        raise RequestError(
            f"contamination: found {len(questions.texts)} questions, none of {rule.least} letters or more; "
            "name files with --against, or build a corpus with a subset of level LX"
        )
    rows, hashes, passages, counts = _hits(folder, questions, index)
    write_bytes(sheet, "".join("\t".join(row) + "\n" for row in [COLUMNS, *rows]).encode("utf-8", "replace"))
    if deny is not None:
        write_bytes(deny, "".join(f"text:{each}\n" for each in sorted(hashes)).encode())
    if cut is not None:
        write_bytes(cut, "".join(passage_lines(passages)).encode())
    yield (
        f"{len(questions.texts) - index.short:,} questions looked for; {index.short:,} of fewer than {rule.least} "
        "letters left out"
    )
    yield f"{len(rows):,} quotations in {counts.total():,} documents; the sheet is {sheet}"
    yield from (f"  {subset}: {documents:,} documents" for subset, documents in sorted(counts.items()))
    if deny is not None:
        yield f"{deny}: a deny list (policy.deny) without which these documents train on"
    if cut is not None:
        yield f"{cut}: passages (mend.cut.file) without which these documents train on what they quote"


def _hits(
    folder: CorpusFolder, questions: Questions, index: QuestionIndex
) -> tuple[list[tuple[str, ...]], set[str], dict[str, list[tuple[int, int]]], Counter[str]]:
    """The rows of the sheet; of the documents found the hashes, and the passages by text; how many, by subset."""
    rows: list[tuple[str, ...]] = []
    hashes: set[str] = set()
    passages: dict[str, list[tuple[int, int]]] = {}
    counts: Counter[str] = Counter()
    for file in folder.documents():
        if file.level not in TRAINS:
            continue
        with pq.ParquetFile(file.path) as table:
            for batch in table.iter_batches(batch_size=500, columns=["id", "url", "text", "text_hash"]):
                for row in batch.to_pylist():
                    found = index.find(row["text"])
                    counts[file.subset] += bool(found)
                    if found:
                        hashes.add(row["text_hash"])
                        passages[text_name(row["text"])] = [(hit.start, hit.end) for hit in found]
                    for hit in found:
                        quoted = row["text"][hit.start : hit.end][:SHOWN] if file.level in SEARCHED else ""
                        cells: tuple[Any, ...] = (row["id"], row["url"], file.subset, file.level, hit.start, hit.end)
                        cells += (f"{hit.share:.3f}", questions.names[hit.question], quoted)
                        rows.append(tuple(_cell(cell) for cell in cells))
    return rows, hashes, passages, counts


def _questions(globs: Sequence[str], folder: CorpusFolder) -> Questions:
    found: list[tuple[str, str]] = []
    for path in find_files(globs, Path(), "--against"):
        found += _of_file(path)
    for file in folder.documents(level="LX"):
        for row in pq.read_table(file.path, columns=["id", "text"], partitioning=None).to_pylist():
            found.append((row["text"], f"{file.subset}:{row['id']}"))
    return Questions(tuple(text for text, _ in found), tuple(name for _, name in found))


def _of_file(path: Path) -> Iterator[tuple[str, str]]:
    try:
        lines = path.read_bytes().splitlines()
    except OSError as failure:
        raise RequestError(f"--against: {path} cannot be read ({failure.strerror})") from None
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except (ValueError, RecursionError):
            raise RequestError(f"--against: {path}: line {number} is not JSON; expected JSON Lines") from None
        yield from ((text, f"{path.name}:{number}") for text in _strings(value))


def _strings(value: Any) -> Iterator[str]:
    """Every string in a JSON value: question, choices, passage and answer each by itself."""
    waiting = [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, str):
            yield each
        elif isinstance(each, dict):
            waiting += reversed(list(each.values()))
        elif isinstance(each, list):
            waiting += reversed(each)


def _cell(value: object) -> str:
    return printable(str(value)).replace("\t", " ").replace("\n", " ")
