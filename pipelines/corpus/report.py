"""report.html: what happened to the pages, to look at. One file, nothing fetched, no page text in it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from string import Template

import pyarrow.parquet as pq

from tesuki.pipelines.corpus.balance import FATES, BalanceSheet, StationRow
from tesuki.pipelines.corpus.manifest import Manifest, MixtureEntry, TokenizerEntry, read_manifest
from tesuki.pipelines.errors import WorkError
from tesuki.pipelines.storage.corpus_folder import CorpusFolder
from tesuki.pipelines.storage.files import write_bytes
from tesuki.pipelines.storage.lock import locked

TEMPLATE = Path(__file__).with_name("report.html")


def write_report(output: Path, manifest: Manifest) -> Path:
    """Write the report of the corpus at ``output`` and give its path."""
    path = output / REPORT
    page = report_html(manifest, level_counts(output)).encode().rstrip() + b"\n"
    write_bytes(path, page + _seal(page))
    return path


def check_report(output: Path) -> None:
    """Raise `WorkError` where the report is not there, or not as it was written, whatever version wrote it."""
    try:
        content = (output / REPORT).read_bytes()
    except OSError:
        raise WorkError(f"{REPORT}: is not there; tesuki report writes it again") from None
    page, line, _ = content.rpartition(_SEAL)
    if not line or content != page + _seal(page):
        raise WorkError(f"{REPORT}: is not as it was written; tesuki report writes it again")


REPORT = "report.html"

_SEAL = b"<!-- sha256 of all above: "


def _seal(page: bytes) -> bytes:
    return _SEAL + hashlib.sha256(page).hexdigest().encode() + b" -->\n"


def rewrite_report(output: Path) -> Path:
    """Write the report of the finished corpus at ``output`` again, and give its path."""
    read_manifest(output)
    with locked(output):
        return write_report(output, read_manifest(output))


def level_counts(output: Path) -> list[tuple[str, str, int]]:
    """(subset, level, documents) of the files below ``documents/``."""
    counts: dict[tuple[str, str], int] = {}
    for file in CorpusFolder(output).documents():
        place = file.subset, file.level
        counts[place] = counts.get(place, 0) + pq.read_metadata(file.path).num_rows
    return [(subset, level, documents) for (subset, level), documents in sorted(counts.items())]


def report_html(manifest: Manifest, levels: Sequence[tuple[str, str, int]]) -> str:
    """The report as a page. Same manifest, same bytes."""
    balance = manifest.balance
    template = Template(TEMPLATE.read_text(encoding="utf-8"))
    return template.substitute(
        name=escape(str(manifest.recipe["name"])),
        digest=escape(manifest.recipe_digest),
        read=f"{balance.read:,}",
        kept=f"{balance.fates['kept']:,}",
        characters=f"{balance.kept_characters:,}",
        training_tokens=f"{_training_tokens(manifest):,}",
        bar=_bar(_fates(balance)),
        legend=_legend(_fates(balance)),
        stations=_rows(_station_cells(station, balance.read) for station in balance.stations),
        rules=_rows(
            [rule.station, rule.fate, rule.rule, rule.pages]
            for rule in sorted(balance.rules, key=lambda rule: (-rule.pages, rule.rule, rule.fate))
        ),
        level_bar=_bar(_level_sums(levels)),
        level_legend=_legend(_level_sums(levels)),
        levels=_rows([subset, level, documents] for subset, level, documents in levels),
        mixture=_rows(_mixture_cells(row, _training_tokens(manifest)) for row in manifest.mixture),
        inputs=_rows([entry.subset, entry.archive, entry.bytes, entry.sha256[:16]] for entry in manifest.inputs),
        tokenizer=escape(_tokenizer_line(manifest.tokenizer)),
    )


def _training_tokens(manifest: Manifest) -> int:
    return sum(row.training_tokens for row in manifest.mixture if row.split == "train")


@dataclass(frozen=True, slots=True)
class _Bar:
    """A cell with a bar: its length as a share of the cell, and its segments by class."""

    share: float
    segments: Sequence[tuple[str, int]]


def _bar(segments: Sequence[tuple[str, int]]) -> str:
    total = sum(count for _, count in segments) or 1
    return "".join(
        f'<i class="{name}" style="flex:{count / total:.6f}" title="{name} {count:,}"></i>'
        for name, count in segments
        if count
    )


def _legend(segments: Sequence[tuple[str, int]]) -> str:
    return "".join(f'<li><i class="{name}"></i>{name} <b>{count:,}</b></li>' for name, count in segments)


def _fates(balance: BalanceSheet) -> list[tuple[str, int]]:
    return [(fate, balance.fates[fate]) for fate in FATES]


def _level_sums(levels: Sequence[tuple[str, str, int]]) -> list[tuple[str, int]]:
    names = sorted({level for _, level, _ in levels})
    return [(name, sum(documents for _, level, documents in levels if level == name)) for name in names]


def _station_cells(station: StationRow, read: int) -> list[object]:
    left = sorted(station.fates.items())
    return [
        station.station,
        station.arrived,
        station.passed,
        station.characters_passed,
        ", ".join(f"{fate} {pages:,}" for fate, pages in left) or "–",
        _Bar(station.arrived / (read or 1), [("kept", station.passed), *left]),
    ]


def _mixture_cells(row: MixtureEntry, pass_tokens: int) -> list[object]:
    training = row.training_tokens if row.split == "train" else 0
    return [
        row.subset,
        row.split,
        row.documents,
        row.tokens,
        f"× {row.repeats}",
        row.training_tokens,
        len(row.shards),
        _Bar(training / (pass_tokens or 1), [("tokens", training)]),
    ]


def _tokenizer_line(tokenizer: TokenizerEntry | None) -> str:
    if tokenizer is None:
        return "The recipe asks for no tokens."
    return (
        f"{tokenizer.path}: {tokenizer.vocabulary_size:,} entries, ids as {tokenizer.dtype}, "
        f"a document is “{tokenizer.document}”, fingerprint {tokenizer.fingerprint[:16]}"
    )


def _rows(rows: Iterable[Sequence[object]]) -> str:
    return "\n".join("<tr>" + "".join(_cell(cell) for cell in row) + "</tr>" for row in rows)


def _cell(value: object) -> str:
    if isinstance(value, _Bar):
        bar = f'<div class="bar thin" style="width:{100 * value.share:.2f}%">{_bar(value.segments)}</div>'
        return f'<td class="b">{bar}</td>'
    return f'<td class="n">{value:,}</td>' if isinstance(value, int) else f"<td>{escape(str(value))}</td>"
