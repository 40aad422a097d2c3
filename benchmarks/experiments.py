"""What `tesuki try` and `tesuki diff` cost on corpora of many documents: processor time and peak memory.

Run with ``python benchmarks/experiments.py [DOCUMENTS]…`` (20,000 and 50,000 unless named). The corpora are made of
nothing but tables with the columns, row groups and sizes of real ones: to a document not quite two pages that were
judged (with all measures, keys and sketches) and not quite four records, texts of 1,800 characters, as in the Swallow
corpus. The second corpus of a pair differs in every table: some of its documents have another text, level or fate. Each
figure is of a process of its own.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from tesuki.dedup.keep_order import KeepOrder
from tesuki.dedup.presets import PRESETS
from tesuki.filters.presets import preset
from tesuki.filters.rules import Rule
from tesuki.pipelines.corpus.remaining import measured_tables
from tesuki.pipelines.experiments.differences import Corpus, differences
from tesuki.pipelines.experiments.trial import Tried, first_failing, try_rules
from tesuki.pipelines.experiments.tried_copies import Comparison, try_copies
from tesuki.pipelines.experiments.tried_levels import levelling_of, try_levels
from tesuki.pipelines.recipe.sections import Recipe
from tesuki.pipelines.recipe.subsets import Subset
from tesuki.pipelines.storage.files import parquet_file
from tesuki.pipelines.storage.schemas import DOCUMENTS, DROPS, FATES, JUDGED
from tesuki.release_levels.policy import packaged_policy

SIZES = (20_000, 50_000)
JUDGED_ROWS, EARLY_ROWS = 4_096, 4_096
"""Of a part: pages that were judged, and records that left before."""

CORPORA = ("one", "two")
TEMPLATES = 4

CHARACTERS = 1_800
COPIES = 0.15
"""Of the pages that the rules keep: near-duplicates."""

FAILING = 0.015
"""Of all pages, by each rule: half of them fail some rule."""

BANDS, SKETCH = 20, 400
"""Of the preset swallow-paper."""

RULES = preset("tesuki").rules
EVIDENCE: tuple[list[dict[str, str]], ...] = (
    *([],) * 6,
    [{"signal": "robots.noarchive", "where": "meta", "value": "noarchive", "rule": "robots"}],
    [
        {
            "signal": "licence.cc-by",
            "where": "link",
            "value": "https://creativecommons.org/licenses/by/4.0/",
            "rule": "cc",
        }
    ],
)
MEASURES = tuple(sorted(preset("tesuki").measure("")))


def main(sizes: tuple[int, ...]) -> None:
    """Make a pair of corpora of each size, try and compare, print one table."""
    print(f"{'documents':>10} {'judged':>10} {'records':>10}  {'':26} {'CPU s':>7} {'peak MB':>8}")
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder:
            counts = write_pair(Path(folder), size)
            start = " ".join(f"{count:>10,}" for count in counts)
            for name in TASKS:
                done = subprocess.run(
                    [sys.executable, __file__, name, folder], check=True, capture_output=True, encoding="utf-8"
                )
                said = json.loads(done.stdout)
                print(f"{start}  {said['what']:26} {said['cpu']:>7.1f} {said['megabytes']:>8,.0f}", flush=True)
                start = " " * len(start)


def write_pair(folder: Path, documents: int) -> tuple[int, int, int]:
    """Two corpora below ``folder``; the documents, judged pages and records of the first.

    Parts are made of a few templates: archive, offsets and keys are each part's own, and each is packed anew.
    """
    random = np.random.default_rng(0)
    texts = _texts(random, JUDGED_ROWS)
    templates = [_template(random, number, texts) for number in range(TEMPLATES)]
    counts = [0, 0, 0]
    listed: dict[str, dict[str, str]] = {corpus: {} for corpus in CORPORA}
    part = 0
    while counts[0] < documents:
        template, name = templates[part % TEMPLATES], f"{part:032x}"
        for corpus in CORPORA:
            for place, table in template.tables[corpus]:
                target = f"{place}/{name}.parquet"
                _write(folder / corpus / target, _moved(table, part))
                listed[corpus][target] = f"{corpus} {target}"
        parts = folder / CORPORA[0] / "parts"
        _write(parts / "judged" / f"{name}.judged.parquet", _with_own_keys(template.judged, random))
        drops = _drops(template.judged, template.dropped, name)
        _write(parts / "drops" / "d" / f"{name}.drops.parquet", drops)
        counts = [counts[0] + template.documents, counts[1] + JUDGED_ROWS, counts[2] + JUDGED_ROWS + EARLY_ROWS]
        part += 1
    (folder / "tables.json").write_text(json.dumps(listed), "utf-8")
    return counts[0], counts[1], counts[2]


@dataclass(frozen=True)
class _Template:
    """What a part holds but its archive, offsets and keys: judged pages, who goes, tables of both corpora by place."""

    judged: pa.Table
    dropped: Any
    documents: int
    tables: Mapping[str, list[tuple[str, pa.Table]]]


def _template(random: np.random.Generator, number: int, texts: pa.Array) -> _Template:
    judged = _judged(random, number)
    keep = judged["keep"].to_numpy()
    dropped = np.flatnonzero(keep & (random.random(JUDGED_ROWS) < COPIES))
    tables = {}
    for corpus in CORPORA:
        changed = corpus != CORPORA[0]
        kept = keep.copy()
        kept[dropped] = False
        kept ^= random.random(JUDGED_ROWS) < 0.02 * changed
        levels = np.where(random.random(JUDGED_ROWS) < 0.01 * changed, "L3", "L2")
        tables[corpus] = list(_tables(judged, kept, levels, texts, number, changed))
    return _Template(judged, dropped, int(keep.sum()) - len(dropped), tables)


def _moved(table: pa.Table, part: int) -> pa.Table:
    """``table`` as that of a part: sixteen parts make an archive of 1 GB."""
    place = table.column_names.index("archive")
    archive = pa.array([f"CC-MAIN-2026-{part // 16:05}.warc.gz"]).take(pa.array(np.zeros(table.num_rows, np.int64)))
    table = table.set_column(place, table.schema.field("archive"), archive)
    offsets = pa.array(table["offset"].to_numpy() + (part % 16) * (64 << 20))
    return table.set_column(table.column_names.index("offset"), table.schema.field("offset"), offsets)


def _with_own_keys(judged: pa.Table, random: np.random.Generator) -> pa.Table:
    """Keys that no other part has: within a part some pages share a key, as near-duplicates do."""
    lists = judged["band_keys"].combine_chunks()
    keys = lists.flatten().to_numpy() ^ random.integers(0, 1 << 63, dtype=np.uint64)
    own = pa.ListArray.from_arrays(lists.offsets, pa.array(keys))
    words = [random.bytes(16) if here else None for here in judged["keep"].to_pylist()]
    judged = judged.set_column(judged.column_names.index("band_keys"), judged.schema.field("band_keys"), own)
    place = judged.column_names.index("fingerprint")
    return judged.set_column(place, judged.schema.field("fingerprint"), pa.array(words, pa.binary(16)))


def _try_bound(folder: Path) -> None:
    found = try_rules(_opened(folder), {"new": _with_bound("mean_sentence_long", 60)}, 30)
    assert found["new"].sides["lost"].pages


def _try_levels(folder: Path) -> None:
    output = folder / CORPORA[0]
    subset = Subset(inputs=("x",))
    recipe = Recipe(name="x", subsets={"web": subset}, tokenizer=None)
    levelling = levelling_of(recipe, ("policy.file",), Path())
    levelling = replace(levelling, level_page=replace(levelling.level_page, policy=packaged_policy("strict")))
    manifest = {"lists": [], "code": {"judged": ""}}
    assert try_levels(output, _opened(folder), manifest, recipe, levelling, 30, ()).moves


def _try_presets(folder: Path) -> None:
    tables = {f"{bound}": _with_bound("mean_sentence_long", bound) for bound in (50, 60, 70)}
    found = try_rules(_opened(folder), tables, 0)
    assert found["50"].keeps < found["60"].keeps < found["70"].keeps


def _try_copies(folder: Path) -> None:
    numbers = PRESETS["swallow-paper"]
    found = try_copies(_opened(folder), Comparison(numbers, numbers, KeepOrder("oldest"), None), frozenset(), 30)
    assert found.would_stay < found.compared


def _opened(folder: Path) -> Tried:
    parts = folder / CORPORA[0] / "parts"
    subsets = {path.name.partition(".")[0]: "web" for path in (parts / "judged").iterdir()}
    drops = {path.name.partition(".")[0]: path for path in (parts / "drops" / "d").iterdir()}
    return Tried(parts, measured_tables(parts), subsets, frozenset(), drops, judged_last=False, hosts_first=False)


def _diff(folder: Path) -> None:
    tables = json.loads((folder / "tables.json").read_text("utf-8"))
    one, two = (Corpus(folder / name, tables[name]) for name in CORPORA)
    found = differences(one, two, (), 3)
    assert {key.kind for key in found.groups} >= {"fate", "level", "text"}


TASKS: Mapping[str, tuple[str, Callable[[Path], None]]] = {
    "bound": ("try: another bound", _try_bound),
    "presets": ("try: three tables of rules", _try_presets),
    "levels": ("try: another policy", _try_levels),
    "copies": ("try: who stays", _try_copies),
    "diff": ("diff", _diff),
}


def _measured(name: str, folder: Path) -> None:
    what, task = TASKS[name]
    start = time.process_time()
    task(folder)
    print(json.dumps({"what": what, "cpu": time.process_time() - start, "megabytes": _peak()}))


def _peak() -> float:
    """Megabytes. Not getrusage's: that counts what the process that started this one held, too."""
    lines = Path("/proc/self/status").read_text("ascii").splitlines()
    (line,) = (line for line in lines if line.startswith("VmHWM:"))
    return int(line.split()[1]) / 1024


def _with_bound(name: str, bound: float) -> tuple[Rule, ...]:
    return tuple(replace(rule, threshold=bound) if rule.name == name else rule for rule in RULES)


def _texts(random: np.random.Generator, rows: int) -> pa.Array:
    """Texts of characters that are as frequent as in texts: what zstd makes of them is what it makes of Japanese."""
    alphabet = np.array([chr(0x3041 + number) for number in range(80)] + [chr(0x4E00 + 7 * n) for n in range(2_000)])
    shares = 1 / np.arange(1, len(alphabet) + 1)
    drawn = alphabet[random.choice(len(alphabet), rows * CHARACTERS, p=shares / shares.sum())]
    return pa.array(["".join(drawn[start : start + CHARACTERS]) for start in range(0, len(drawn), CHARACTERS)])


def _judged(random: np.random.Generator, part: int) -> pa.Table:
    values = {
        name: random.integers(0, 1_000, JUDGED_ROWS) / random.integers(1, 1_000, JUDGED_ROWS) for name in MEASURES
    }
    values |= {name: np.zeros(JUDGED_ROWS) for name in MEASURES if name.startswith("form_")}
    for measure in {rule.measure for rule in RULES}:
        values[measure] = _around(random, [rule for rule in RULES if rule.measure == measure])
    failed = first_failing(values, RULES, JUDGED_ROWS)
    keep = failed == len(RULES)
    by_rule = [values[rule.measure] for rule in RULES]
    value = [None if here else by_rule[place][row] for row, (place, here) in enumerate(zip(failed, keep, strict=True))]
    offsets = pa.array(np.arange(JUDGED_ROWS + 1, dtype=np.int32) * len(MEASURES))
    names = pa.array(list(MEASURES) * JUDGED_ROWS)
    flat = np.stack([values[name] for name in MEASURES], axis=1).reshape(-1)
    keys = random.integers(0, 1 << 63, (JUDGED_ROWS, BANDS), dtype=np.uint64)
    copies = np.flatnonzero(random.random(JUDGED_ROWS) < COPIES)
    keys[copies, 0] = keys[np.maximum(copies - 1, 0), 0]
    sketches = random.integers(0, 256, (JUDGED_ROWS, SKETCH), dtype=np.uint8)
    hosts = random.zipf(1.5, JUDGED_ROWS) % 5_000
    ids = [f"{part:08x}{row:024x}" for row in range(JUDGED_ROWS)]
    band_offsets = pa.array(np.arange(JUDGED_ROWS + 1, dtype=np.int32) * BANDS)
    return pa.table(
        {
            "id": ids,
            "url": [f"https://h{host}.example.jp/{part}/{row}" for row, host in enumerate(hosts.tolist())],
            "host": [f"h{host}.example.jp" for host in hosts.tolist()],
            "date": [f"2026-05-{1 + row % 28:02}T03:{row // 60 % 60:02}:{row % 60:02}Z" for row in range(JUDGED_ROWS)],
            "characters": random.integers(400, 3_200, JUDGED_ROWS),
            "measures": pa.MapArray.from_arrays(offsets, names, pa.array(flat)),
            "keep": keep,
            "rule": [None if here else RULES[place].name for place, here in zip(failed, keep, strict=True)],
            "value": pa.array(value, pa.float64()),
            "threshold": [None if here else RULES[place].threshold for place, here in zip(failed, keep, strict=True)],
            "fingerprint": pa.array([random.bytes(16) if here else None for here in keep], pa.binary(16)),
            "band_keys": pa.ListArray.from_arrays(band_offsets, pa.array(keys.reshape(-1))),
            "sketch": [row.tobytes() for row in sketches],
        },
        schema=JUDGED,
    )


def _around(random: np.random.Generator, rules: list[Rule]) -> Any:
    """Values of which `FAILING` fail each of the ``rules`` over one measure."""
    least = max((rule.threshold for rule in rules if rule.comparison.startswith("<")), default=0.0)
    most = min((rule.threshold for rule in rules if rule.comparison.startswith(">")), default=3 * least + 1)
    values = least + (most - least) * (0.001 + 0.998 * random.random(JUDGED_ROWS))
    for rule in rules:
        fails = random.random(JUDGED_ROWS) < FAILING
        far = random.random(JUDGED_ROWS)
        beyond = -far - 1e-6 if rule.comparison.startswith("<") else far + 1e-6
        values[fails] = rule.threshold + beyond[fails]
    return values


def _drops(rows: pa.Table, dropped: Any, name: str) -> pa.Table:
    keepers = np.maximum(dropped - 1, 0)
    return pa.table(
        {
            "row": pa.array(dropped, pa.uint32()),
            "duplicate_of": rows["id"].take(pa.array(keepers)),
            "kept_part": [name] * len(dropped),
            "kept_row": pa.array(keepers, pa.uint32()),
            "band": pa.array(np.zeros(len(dropped), dtype=np.int32)),
            "similarity": np.full(len(dropped), 0.95),
        },
        schema=DROPS,
    )


def _tables(
    rows: pa.Table, kept: Any, levels: Any, texts: pa.Array, part: int, changed: bool
) -> Iterator[tuple[str, pa.Table]]:
    """The documents by level, and the ledger, of a part."""
    numbers = np.arange(JUDGED_ROWS)
    records = [f"<urn:uuid:{part:08x}-0000-4000-8000-{row:012x}>" for row in range(JUDGED_ROWS + EARLY_ROWS)]
    shared = {
        "archive": [""] * JUDGED_ROWS,
        "offset": numbers * 16_000,
        "length": np.full(JUDGED_ROWS, 15_000),
        "subset": ["web"] * JUDGED_ROWS,
        "record_id": records[:JUDGED_ROWS],
        "text_hash": [f"{part:08x}{row:056x}" for row in range(JUDGED_ROWS)],
        "id": rows["id"],
        "url": rows["url"],
        "characters": rows["characters"],
    }
    mended = pa.array(np.where(numbers % 33 == 0, "、。" if changed else "", ""))
    found = {
        **shared,
        "date": rows["date"],
        "text": pa.array([text + end for text, end in zip(texts.to_pylist(), mended.to_pylist(), strict=True)]),
        "encoding": ["UTF-8"] * JUDGED_ROWS,
        "encoding_evidence": ["strict"] * JUDGED_ROWS,
        "replacements": np.zeros(JUDGED_ROWS, dtype=np.int64),
        "measures": pa.ListArray.from_arrays(
            rows["measures"].chunk(0).offsets,
            pa.StructArray.from_arrays(
                [rows["measures"].chunk(0).keys, rows["measures"].chunk(0).items], names=["name", "value"]
            ),
        ),
        "level": levels,
        "evidence": [EVIDENCE[row % len(EVIDENCE)] for row in range(JUDGED_ROWS)],
        "cluster": [{"size": 1, "strictest": None, "members": []}] * JUDGED_ROWS,
    }
    documents = _table(found, DOCUMENTS, JUDGED_ROWS)
    for level in ("L2", "L3"):
        some = documents.filter(pa.array(kept & (levels == level)))
        if some.num_rows:
            yield f"documents/web/{level}", some
    rejected = ~np.asarray(rows["keep"])
    left = {
        **shared,
        "url_hash": rows["id"],
        "fate": np.where(rejected, "rejected", "duplicate"),
        "station": np.where(rejected, "measure", "deduplicate"),
        "rule": pa.array([f"quality.{rule}" if rule else "duplicate.near" for rule in rows["rule"].to_pylist()]),
        "value": rows["value"],
        "threshold": rows["threshold"],
    }
    early = {
        "archive": [""] * EARLY_ROWS,
        "offset": np.arange(EARLY_ROWS) * 16_000 + 8_000,
        "length": np.full(EARLY_ROWS, 7_000),
        "subset": ["web"] * EARLY_ROWS,
        "record_id": records[JUDGED_ROWS:],
        "url": [f"https://foreign{row % 997}.example.com/{part}/{row}" for row in range(EARLY_ROWS)],
        "url_hash": [f"{part:08x}{row:024x}" for row in range(EARLY_ROWS)],
        "fate": ["rejected"] * EARLY_ROWS,
        "station": ["detect"] * EARLY_ROWS,
        "rule": ["language.rapid"] * EARLY_ROWS,
        "characters": np.zeros(EARLY_ROWS, dtype=np.int64),
    }
    gone = _table(left, FATES, JUDGED_ROWS).filter(pa.array(~kept))
    yield "ledger", pa.concat_tables([gone, _table(early, FATES, EARLY_ROWS)]).sort_by("offset").combine_chunks()


def _table(columns: Mapping[str, Any], schema: pa.Schema, rows: int) -> pa.Table:
    return pa.table(
        [
            pa.chunked_array(columns[field.name]).cast(field.type)
            if isinstance(columns.get(field.name), pa.ChunkedArray)
            else pa.array(columns[field.name]).cast(field.type)
            if field.name in columns
            else pa.nulls(rows, field.type)
            for field in schema
        ],
        schema=schema,
    )


def _write(path: Path, table: pa.Table) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with parquet_file(path, table.schema) as writer:
        for start in range(0, table.num_rows, 2_048):
            writer.write_table(table.slice(start, 2_048))


if __name__ == "__main__":
    if sys.argv[1:] and sys.argv[1] in TASKS:
        _measured(sys.argv[1], Path(sys.argv[2]))
    else:
        main(tuple(map(int, sys.argv[1:])) or SIZES)
