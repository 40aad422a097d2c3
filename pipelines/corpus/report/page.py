"""report.html: what happened to the pages, to look at. One file, nothing fetched, no text of any page in it.

The page has a script of ours, which sorts and searches tables; its hash is the only one the page lets run.
"""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from html import escape
from pathlib import Path
from string import Template
from typing import TypeVar

from tesuki.pipelines.corpus.balance import FATES, BalanceSheet, StationRow
from tesuki.pipelines.corpus.manifest import Manifest, MixtureEntry, TokenizerEntry, read_manifest
from tesuki.pipelines.corpus.report.charts import histogram
from tesuki.pipelines.corpus.report.extraction import extraction_section
from tesuki.pipelines.corpus.report.figures import Figures, Histogram, figures_of
from tesuki.pipelines.corpus.report.markup import Bar, Markup, bar, both, rows
from tesuki.pipelines.corpus.report.words import words_of
from tesuki.pipelines.errors import WorkError
from tesuki.pipelines.storage.files import write_bytes
from tesuki.pipelines.storage.lock import locked
from tesuki.tokenize.buckets import shown_bounds, subset_of

TEMPLATE = Path(__file__).with_name("page.html")
SCRIPT = Path(__file__).with_name("tables.js")


def write_report(output: Path, manifest: Manifest) -> Path:
    """Write the report of the corpus at ``output`` and give its path."""
    path = output / REPORT
    page = report_html(manifest, figures_of(output, manifest)).encode().rstrip() + b"\n"
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


def report_html(manifest: Manifest, figures: Figures, more: str = "") -> str:
    """The report as a page, with ``more`` markup of ours before the inputs. Same arguments, same bytes."""
    balance = manifest.balance
    script = SCRIPT.read_text(encoding="utf-8")
    template = Template(TEMPLATE.read_text(encoding="utf-8"))
    return template.substitute(
        name=escape(str(manifest.recipe["name"])),
        digest=escape(manifest.recipe_digest),
        script=script,
        script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
        read=f"{balance.read:,}",
        kept=f"{balance.fates['kept']:,}",
        characters=f"{balance.kept_characters:,}",
        training_tokens=f"{_training_tokens(manifest):,}",
        bar=bar(_fates(balance)),
        legend=_legend(_fates(balance)),
        stations=rows(_station_cells(station, balance.read) for station in balance.stations),
        rules=rows(_rule_cells(key, lost, balance.read) for key, lost in _most_pages_first(figures.lost)),
        histograms="".join(_histogram_item(drawn, figures) for drawn in figures.histograms) or _NO_MEASURES,
        lengths=rows(_counted(figures.lengths, _length_order)),
        encodings=rows([*names, count, _share(count, figures.encodings)] for names, count in _most(figures.encodings)),
        months=rows(_counted(figures.months, str)),
        clusters=rows(_counted(figures.clusters, _length_order)),
        extraction=extraction_section(figures.accounts),
        hosts=rows(_host_cells(figures)),
        host_count=f"{figures.hosts.count:,}",
        level_bar=bar(_level_sums(figures.levels)),
        level_legend=_legend(_level_sums(figures.levels)),
        levels=rows([subset, level, documents] for subset, level, documents in figures.levels),
        evidence=rows([signal, level, count] for (signal, level), count in _most(figures.evidence)),
        mixture=rows(_mixture_cells(row, _training_tokens(manifest)) for row in manifest.mixture),
        more=more or ELSEWHERE,
        inputs=rows(
            [entry.subset, entry.archive, entry.bytes, (entry.sha256 or entry.tag or "")[:16]]
            for entry in manifest.inputs
        ),
        fertility=rows(_fertility_cells(manifest, figures)),
        tokenizer=escape(_tokenizer_line(manifest.tokenizer)),
    )


SWALLOW = {
    "identify": "4.24 %",
    "measure": "24.1 %",
    "deduplicate": "28.7 %",
    "hosts": "93.3 %",
}
"""Share of pages that passed the same stations of Swallow v1: of all pages at ``identify``, of those that arrived at
the others (NLP2024 A8-5, table of the pipeline; 21 crawls, so deduplication takes more than in one)."""

OF_ALL = frozenset({"identify"})
"""Stations of which the published share is one of all pages; ours of that kind stands behind it."""

ELSEWHERE = "<p>{}</p>".format(
    both(
        "Times, memory, what changed since the last run, and texts: tesuki look, or tesuki report --to FILE.",
        "所要時間・メモリ・前回からの変化・本文は tesuki look または tesuki report --to FILE で。",
    )
)
"""Where the rest is: it differs from run to run, or holds texts, and so has no place in the corpus' own report."""

_NO_MEASURES = "<p>–</p>"


def _most_pages_first(lost: Mapping[tuple[str, str, str], tuple[int, int]]) -> list[_Lost]:
    return sorted(lost.items(), key=lambda item: (-item[1][0], item[0]))


_Lost = tuple[tuple[str, str, str], tuple[int, int]]


def _rule_cells(key: tuple[str, str, str], lost: tuple[int, int], read: int) -> list[object]:
    station, fate, rule = key
    pages, characters = lost
    words = words_of(rule)
    return [
        Markup(f"{escape(rule)}<br><small>{both(*words)}</small>" if words else escape(rule)),
        station,
        pages,
        characters,
        fate,
        Bar(pages / (read or 1), [(fate, pages)]),
    ]


def _histogram_item(drawn: Histogram, figures: Figures) -> str:
    rule = f"quality.{drawn.rule.name}"
    words = words_of(rule)
    rejected = sum(pages for (_, _, name), (pages, _) in figures.lost.items() if name == rule)
    said = both(f"{rejected:,} pages left by it", f"この規則で {rejected:,} ページ")
    return (
        f"<figure><figcaption><b>{escape(drawn.rule.name)}</b> {both(*words) if words else ''}<br>"
        f"<small>{escape(drawn.rule.measure)} {escape(drawn.rule.comparison)} {drawn.rule.threshold:g} · {said}</small>"
        f"</figcaption>{histogram(drawn)}</figure>"
    )


def _counted(counts: Counter[str], order: Callable[[str], object]) -> Iterator[list[object]]:
    for name in sorted(counts, key=order):  # type: ignore[arg-type]
        yield [name, counts[name], Bar(counts[name] / max(counts.values()), [("tokens", counts[name])])]


def _length_order(name: str) -> int:
    return int(name.partition("–")[0].replace(",", ""))


_Name = TypeVar("_Name", str, tuple[str, str])


def _most(counts: Counter[_Name]) -> list[tuple[_Name, int]]:
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


def _share(count: int, counts: Counter[tuple[str, str]]) -> str:
    return f"{count / (counts.total() or 1):.1%}"


def _host_cells(figures: Figures) -> Iterator[list[object]]:
    total = figures.hosts.characters or 1
    for host, documents, characters in figures.hosts.largest:
        yield [host, documents, characters, Bar(characters / total, [("tokens", characters)])]


def _training_tokens(manifest: Manifest) -> int:
    return sum(row.training_tokens for row in manifest.mixture if row.split == "train")


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
        station.characters_passed if station.characters_passed or not station.passed else Markup("–", is_number=True),
        f"{station.passed / station.arrived:.1%}" if station.arrived else "–",
        SWALLOW.get(station.station, "")
        + (f"; {station.passed / (read or 1):.1%}" if station.station in OF_ALL else ""),
        ", ".join(f"{fate} {pages:,}" for fate, pages in left) or "–",
        Bar(station.arrived / (read or 1), [("kept", station.passed), *left]),
    ]


def _mixture_cells(row: MixtureEntry, pass_tokens: int) -> list[object]:
    training = row.training_tokens if row.split == "train" else 0
    return [
        row.subset if row.holds is None else f"{row.subset}: {shown_bounds(row.holds)}",
        row.split,
        row.documents,
        row.tokens,
        f"× {row.repeats}",
        row.training_tokens,
        len(row.shards),
        Bar(training / (pass_tokens or 1), [("tokens", training)]),
    ]


def _fertility_cells(manifest: Manifest, figures: Figures) -> Iterator[list[object]]:
    """Tokens a character by subset: how well the tokenizer fits each."""
    tokens: Counter[str] = Counter()
    for row in manifest.mixture:
        tokens[subset_of(row.subset)] += row.tokens
    for subset in sorted(tokens):
        characters = figures.characters.get(subset, 0)
        yield [subset, tokens[subset], characters, f"{tokens[subset] / characters:.3f}" if characters else "–"]


def _tokenizer_line(tokenizer: TokenizerEntry | None) -> str:
    if tokenizer is None:
        return "The recipe asks for no tokens."
    return (
        f"{tokenizer.path}: {tokenizer.vocabulary_size:,} entries, ids as {tokenizer.dtype}, "
        f"a document is “{tokenizer.document}”, fingerprint {tokenizer.fingerprint[:16]}"
    )
