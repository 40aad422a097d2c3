"""Keep rates of a corpus by length, encoding, host and, with labels, kind of page: for all rules, and for each alone.

Run with ``python benchmarks/keep_rates.py OUT [--labels LABELS.jsonl] [--by length|encoding|host|kind]``. OUT is a
corpus with its ``parts/``; labels are lines with ``record_id`` and ``genre``. No rule may halve the keep rate between
pages of 1,000 and of 20,000 characters without being seen: the last line of the table by length is that ratio.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq

from tesuki.common.hosts import host_of
from tesuki.filters.rule_table import rule_of_row
from tesuki.filters.rules import Rule, failing
from tesuki.pipelines.corpus.manifest import read_manifest

LENGTHS = (400, 1_000, 2_000, 4_000, 8_000, 16_000)
LEAST_PAGES = 8
"""Groups of fewer pages are put together: a share of three pages says nothing."""


@dataclass(frozen=True, slots=True)
class Page:
    """A judged page: the group it is in by each division, and the rules it fails, whatever the others say."""

    groups: Mapping[str, str]
    failed: tuple[str, ...]


def judged_pages(output: Path, rules: Sequence[Rule], kinds: Mapping[str, str]) -> Iterator[Page]:
    """The judged pages of the corpus at ``output``."""
    stored = {
        row["id"]: row
        for path in sorted((output / "parts" / "pages").glob("*.pages.parquet"))
        for row in pq.read_table(path, columns=["id", "record_id", "encoding"]).to_pylist()
    }
    for path in sorted((output / "parts" / "judged").glob("*.judged.parquet")):
        for row in pq.read_table(path, columns=["id", "url", "characters", "measures"]).to_pylist():
            page = stored[row["id"]]
            groups = {
                "length": length_of(row["characters"]),
                "encoding": page["encoding"],
                "host": host_of(row["url"]) or "none",
                "kind": kinds.get(page["record_id"], "not labelled"),
            }
            yield Page(groups, failing(dict(row["measures"]), rules))


def length_of(characters: int) -> str:
    """The stretch of `LENGTHS` that holds ``characters``, named so that names sort as lengths do."""
    bounds = [0, *(bound for bound in LENGTHS if bound <= characters)]
    above = next((bound for bound in LENGTHS if bound > characters), None)
    return f"{bounds[-1]:>6} to {above if above else 'more'}"


def table(pages: Sequence[Page], by: str, rules: Sequence[Rule]) -> Iterator[str]:
    """A row a group: pages, percent kept, and percent that each rule rejects alone."""
    groups: dict[str, list[Page]] = defaultdict(list)
    for page in pages:
        groups[page.groups[by]].append(page)
    small = [name for name, found in groups.items() if len(found) < LEAST_PAGES]
    rest = [page for name in small for page in groups.pop(name)]
    if rest:
        groups[f"others ({len(small)})"] = rest
    failed = Counter(name for page in pages for name in page.failed)
    shown = [rule.name for rule in rules if failed[rule.name]]
    yield f"{by:<34} pages  kept  " + "  ".join(shown)
    for name in [*sorted(groups), "all"]:
        found = pages if name == "all" else groups[name]
        alone = Counter(rule for page in found for rule in page.failed)
        cells = (f"{100 * alone[rule] / len(found):.0f}".rjust(len(rule)) for rule in shown)
        yield f"{name[:34]:<34} {len(found):>5}  {100 * kept(found):>3.0f}%  " + "  ".join(cells)
    if by == "length":
        long, short = (groups.get(length_of(size), []) for size in (LENGTHS[-1], LENGTHS[1]))
        if long and short:
            yield f"kept above {LENGTHS[-1]:,} characters ÷ kept of 1,000 to 2,000: {kept(long) / kept(short):.2f}"


def kept(pages: Sequence[Page]) -> float:
    """The share of ``pages`` that fail no rule."""
    return sum(not page.failed for page in pages) / len(pages)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("output", type=Path)
    parser.add_argument("--labels", type=Path)
    parser.add_argument("--by", choices=("length", "encoding", "host", "kind"))
    given = parser.parse_args()
    record = next(each for each in read_manifest(given.output).lists if each["list"] == "rules")
    rules = [rule_of_row(row) for row in record["rules"]]
    lines = given.labels.read_text(encoding="utf-8").splitlines() if given.labels else []
    kinds = {label["record_id"]: str(label["genre"]) for label in map(json.loads, lines)}
    pages = list(judged_pages(given.output, rules, kinds))
    divisions = [given.by] if given.by else ["length", "encoding", "host", *(["kind"] if kinds else [])]
    for by in divisions:
        for line in table(pages, by, rules):
            print(line)
        print()


if __name__ == "__main__":
    main()
