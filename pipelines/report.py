"""report.html: what happened to the pages, to look at. One file, nothing fetched, no page text in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from pathlib import Path
from string import Template
from typing import Any

import pyarrow.parquet as pq

from tesuki.pipelines.balance import FATES
from tesuki.pipelines.files import write_bytes

TEMPLATE = Path(__file__).with_name("report.html")


def write_report(output: Path, manifest: Mapping[str, Any]) -> Path:
    """Write the report of the corpus at ``output`` and give its path."""
    path = output / "report.html"
    write_bytes(path, report_html(manifest, level_counts(output)).encode())
    return path


def level_counts(output: Path) -> list[tuple[str, str, int]]:
    """(subset, level, documents) of the files below ``documents/``."""
    counts: dict[tuple[str, str], int] = {}
    for path in sorted((output / "documents").glob("*/*/*.parquet")):
        place = path.parts[-3], path.parts[-2]
        counts[place] = counts.get(place, 0) + pq.read_metadata(path).num_rows
    return [(subset, level, documents) for (subset, level), documents in sorted(counts.items())]


def report_html(manifest: Mapping[str, Any], levels: Sequence[tuple[str, str, int]]) -> str:
    """The report as a page. Same manifest, same bytes."""
    balance = manifest["balance"]
    template = Template(TEMPLATE.read_text(encoding="utf-8"))
    return template.substitute(
        name=escape(manifest["recipe"]["name"]),
        digest=escape(manifest["recipe_digest"]),
        read=f"{balance['read']:,}",
        kept=f"{balance['fates']['kept']:,}",
        characters=f"{balance['kept_characters']:,}",
        training_tokens=f"{_training_tokens(manifest):,}",
        bar=_bar(balance),
        legend=_legend(balance),
        stations=_rows(_station_cells(station) for station in balance["stations"]),
        rules=_rows(
            [rule["station"], rule["fate"], rule["rule"], rule["pages"]]
            for rule in sorted(balance["rules"], key=lambda rule: (-rule["pages"], rule["rule"], rule["fate"]))
        ),
        levels=_rows([subset, level, documents] for subset, level, documents in levels),
        mixture=_rows(_mixture_cells(row) for row in manifest["mixture"]),
        inputs=_rows(
            [entry["subset"], entry["archive"], entry["bytes"], entry["sha256"][:16]] for entry in manifest["inputs"]
        ),
        tokenizer=escape(_tokenizer_line(manifest["tokenizer"])),
    )


def _training_tokens(manifest: Mapping[str, Any]) -> int:
    return sum(row["training_tokens"] for row in manifest["mixture"] if row["split"] == "train")


def _bar(balance: Mapping[str, Any]) -> str:
    total = balance["read"] or 1
    return "".join(
        f'<i class="{fate}" style="flex:{pages / total:.6f}" title="{fate} {pages:,}"></i>'
        for fate, pages in _fates(balance)
        if pages
    )


def _legend(balance: Mapping[str, Any]) -> str:
    return "".join(f'<li><i class="{fate}"></i>{fate} <b>{pages:,}</b></li>' for fate, pages in _fates(balance))


def _fates(balance: Mapping[str, Any]) -> list[tuple[str, int]]:
    return [(fate, balance["fates"][fate]) for fate in FATES]


def _station_cells(station: Mapping[str, Any]) -> list[object]:
    left = ", ".join(f"{fate} {pages:,}" for fate, pages in sorted(station["fates"].items()))
    return [
        station["station"],
        station["arrived"],
        station["passed"],
        station["characters_passed"],
        left or "–",
    ]


def _mixture_cells(row: Mapping[str, Any]) -> list[object]:
    return [
        row["subset"],
        row["split"],
        row["documents"],
        row["tokens"],
        f"× {row['repeats']}",
        row["training_tokens"],
        len(row["shards"]),
    ]


def _tokenizer_line(tokenizer: Mapping[str, Any] | None) -> str:
    if tokenizer is None:
        return "The recipe asks for no tokens."
    return (
        f"{tokenizer['path']}: {tokenizer['vocabulary_size']:,} entries, ids as {tokenizer['dtype']}, "
        f"a document is “{tokenizer['document']}”, fingerprint {tokenizer['fingerprint'][:16]}"
    )


def _rows(rows: Iterable[Sequence[object]]) -> str:
    return "\n".join("<tr>" + "".join(_cell(cell) for cell in row) + "</tr>" for row in rows)


def _cell(value: object) -> str:
    return f'<td class="n">{value:,}</td>' if isinstance(value, int) else f"<td>{escape(str(value))}</td>"
