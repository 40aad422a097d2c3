"""The drop lists of `deduplicate`, held against a plain restatement of the rule in Python."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import apache_beam as beam
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from apache_beam.runners.portability.fn_api_runner import FnApiRunner
from apache_beam.runners.portability.fn_api_runner.execution import GroupingBuffer

from tesuki.dedup.band_keys import band_keys, estimate_similarity, sketch
from tesuki.dedup.claims import EXACT_BAND, claim_type
from tesuki.dedup.comparison_form import comparison_form
from tesuki.dedup.fingerprint import fingerprint
from tesuki.dedup.keep_order import KeepOrder
from tesuki.dedup.presets import PRESETS, DedupParameters
from tesuki.dedup.signature import signature
from tesuki.pipelines.deduplication.claims import CLAIMS, claims_of_unit
from tesuki.pipelines.deduplication.numbering import UNITS, documents_in
from tesuki.pipelines.deduplication.packing import unpacked
from tesuki.pipelines.deduplication.pipeline import DedupSettings, deduplicate
from tesuki.pipelines.engine import launcher
from tesuki.pipelines.errors import WorkError
from tesuki.pipelines.storage.numbered import write_rows
from tesuki.pipelines.storage.schemas import DROPS, JUDGED

PARAMETERS = DedupParameters(b=2, r=6, n=3)
"""Loose on purpose: short texts then share buckets often, in chains."""


@dataclass(frozen=True)
class Document:
    id: str
    text: str
    url: str = ""
    date: str = ""
    keep: bool = True
    quality: float = 0.0


def judged_row(document: Document) -> dict[str, object]:
    values = signature(comparison_form(document.text), PARAMETERS)
    return {
        "id": document.id,
        "url": document.url,
        "host": "",
        "date": document.date,
        "characters": len(document.text),
        "measures": [("quality", document.quality)],
        "keep": document.keep,
        "fingerprint": fingerprint(document.text) if document.keep else None,
        "band_keys": None if values is None else band_keys(values, PARAMETERS).tolist(),
        "sketch": None if values is None else sketch(values),
    }


def write_parts(folder: Path, parts: Sequence[Sequence[Document]]) -> list[Path]:
    paths = []
    for number, part in enumerate(parts):
        path = folder / f"part-{number:03d}.judged.parquet"
        folder.mkdir(parents=True, exist_ok=True)
        pq.write_table(pa.Table.from_pylist([judged_row(document) for document in part], schema=JUDGED), path)
        paths.append(path)
    return paths


def run(judged: Sequence[Path], folder: Path, **settings: object) -> dict[str, pa.Table]:
    settings = {"parameters": PARAMETERS, "order": KeepOrder()} | settings
    with beam.Pipeline(runner=FnApiRunner()) as pipeline:
        deduplicate(pipeline, judged, folder, DedupSettings(**settings))  # type: ignore[arg-type]
    return {path.name.split(".")[0]: pq.read_table(path) for path in sorted(folder.glob("*.drops.parquet"))}


def test_the_newest_stays_and_the_drop_says_which(tmp_path: Path) -> None:
    same = "吾輩は猫である。名前はまだ無い。どこで生れたか頓と見当がつかぬ。"
    parts = [
        [
            Document("old", same, "http://a.example/", "2024-01-01T00:00:00Z"),
            Document("alone", "全く別の文章がここにある。"),
        ],
        [Document("new", same.replace("。", "．"), "http://b.example/", "2025-01-01T00:00:00Z")],
    ]
    drops = run(write_parts(tmp_path / "in", parts), tmp_path / "out")
    assert drops["part-000"].to_pylist() == [
        {
            "row": 0,
            "duplicate_of": "new",
            "kept_part": "part-001",
            "kept_row": 0,
            "band": -1,
            "similarity": 1.0,
        }
    ]
    assert drops["part-001"].num_rows == 0
    assert drops["part-001"].schema.equals(DROPS)


def restated(documents: Sequence[Document]) -> dict[str, tuple[str, int]]:
    """The rule in plain Python: id of each duplicate -> (id of the kept document, band of its own match)."""
    parent = {loser: min(firsts, key=lambda match: match[1]) for loser, firsts in matches(documents).items() if firsts}
    kept = {}
    for loser, (first, band) in parent.items():
        while first in parent:
            first = parent[first][0]
        kept[loser] = (first, band)
    return kept


def matches(documents: Sequence[Document]) -> dict[str, list[tuple[str, int]]]:
    """id -> the first document and the band of each bucket that it is in and does not lead."""
    ranked = sorted((document for document in documents if document.keep), key=lambda document: document.id)
    ranked.sort(key=lambda document: document.url)
    ranked.sort(key=lambda document: document.date, reverse=True)
    leaders: dict[tuple[int, object], str] = {}
    found = {}
    for document in ranked:
        row = judged_row(document)
        keys = [(-1, row["fingerprint"]), *enumerate(row["band_keys"] or ())]  # type: ignore[call-overload]
        found[document.id] = [(leaders[key], key[0]) for key in keys if key in leaders]
        leaders |= {key: document.id for key in keys if key not in leaders}
    return found


def as_stated(drops: dict[str, pa.Table], parts: Sequence[Sequence[Document]]) -> dict[str, tuple[str, int]]:
    return {
        parts[number][row["row"]].id: (row["duplicate_of"], row["band"])
        for number, table in enumerate(drops.values())
        for row in table.to_pylist()
    }


def some_documents(seed: int, count: int) -> list[Document]:
    """Families of short texts that share buckets in long chains; many dates tie, some URLs too."""
    rng = random.Random(seed)
    documents: list[Document] = []
    for number in range(count):
        text = "".join(rng.choices("あいうえおかきくけこ", k=rng.choice((2, 12, 30))))
        if documents and rng.random() < 0.7:
            text = rng.choice(documents).text
            for _ in range(rng.randrange(3)):
                place = rng.randrange(len(text))
                text = text[:place] + rng.choice("さしすせそ") + text[place + 1 :]
        date = rng.choice(("", "2024-01-01T00:00:00Z", "2025-06-01T12:00:00Z", "2025-06-01T12:00:01Z"))
        url = f"http://{rng.choice('abc')}.example/{rng.randrange(count // 3)}"
        documents.append(Document(f"id-{number:05d}", text, url, date, keep=rng.random() < 0.9))
    return documents


@pytest.mark.parametrize("group_claims", [1 << 20, 40])
@pytest.mark.parametrize("seed", [1, 2])
def test_drops_are_those_of_the_rule_restated(tmp_path: Path, seed: int, group_claims: int) -> None:
    documents = some_documents(seed, 300)
    expected = restated(documents)
    parts = [documents[start::4] for start in range(4)]
    drops = run(write_parts(tmp_path / "in", parts), tmp_path / "out", group_claims=group_claims)
    assert as_stated(drops, parts) == expected
    assert len({first for first, _ in expected.values()}) > 10
    assert not {first for first, _ in expected.values()} & set(expected)


def test_the_same_bytes_whatever_the_order_of_inputs_and_the_size_of_groups(tmp_path: Path) -> None:
    judged = write_parts(tmp_path / "in", [some_documents(3, 200)[start::5] for start in range(5)])
    run(judged, tmp_path / "a")
    run(judged[::-1], tmp_path / "b", group_claims=40)
    run([judged[i] for i in (2, 0, 4, 1, 3)], tmp_path / "c", group_claims=100)
    first = contents(tmp_path / "a")
    assert len(first) == 5
    assert contents(tmp_path / "b") == first
    assert contents(tmp_path / "c") == first


@pytest.mark.slow
def test_the_same_bytes_with_worker_processes(tmp_path: Path) -> None:
    judged = write_parts(tmp_path / "in", [some_documents(4, 200)[start::5] for start in range(5)])
    run(judged, tmp_path / "one")
    launcher.run(
        lambda pipeline: no_result(
            deduplicate(pipeline, judged, tmp_path / "two", DedupSettings(PARAMETERS, KeepOrder(), group_claims=64))
        ),
        ["--direct_running_mode=multi_processing", "--direct_num_workers=2"],
    )
    assert contents(tmp_path / "two") == contents(tmp_path / "one")


def test_the_same_survivors_however_documents_are_spread_over_parts(tmp_path: Path) -> None:
    documents = some_documents(5, 200)
    found = []
    for name, parts in (("one", [documents]), ("seven", [documents[start::7] for start in range(7)])):
        found.append(as_stated(run(write_parts(tmp_path / name, parts), tmp_path / f"{name}-out"), parts))
    assert found[0] == found[1]


def test_deduplicating_what_is_left_removes_nothing(tmp_path: Path) -> None:
    parts = [some_documents(6, 300)[start::3] for start in range(3)]
    drops = run(write_parts(tmp_path / "in", parts), tmp_path / "out")
    left = [
        [document for row, document in enumerate(part) if row not in set(table["row"].to_pylist())]
        for part, table in zip(parts, drops.values(), strict=True)
    ]
    again = run(write_parts(tmp_path / "in2", left), tmp_path / "out2")
    assert sum(table.num_rows for table in drops.values()) > 100
    assert sum(table.num_rows for table in again.values()) == 0


def test_rows_that_are_not_kept_take_no_part(tmp_path: Path) -> None:
    text = "同じ文章が二度ある。"
    parts = [[Document("a", text, date="2025", keep=False), Document("b", text, date="2024")]]
    assert run(write_parts(tmp_path / "in", parts), tmp_path / "out")["part-000"].num_rows == 0


def test_texts_shorter_than_an_ngram_match_only_when_equal(tmp_path: Path) -> None:
    parts = [[Document("a", "あ", "http://1/"), Document("b", "い", "http://2/"), Document("c", "あ。", "http://3/")]]
    drops = run(write_parts(tmp_path / "in", parts), tmp_path / "out")["part-000"].to_pylist()
    assert [(drop["row"], drop["duplicate_of"], drop["band"], drop["similarity"]) for drop in drops] == [
        (2, "a", -1, 1.0)
    ]


def test_parts_without_rows_and_no_parts_at_all(tmp_path: Path) -> None:
    drops = run(write_parts(tmp_path / "in", [[], [Document("a", "ひとつだけ")], []]), tmp_path / "out")
    assert [table.num_rows for table in drops.values()] == [0, 0, 0]
    assert run([], tmp_path / "none") == {}


@pytest.mark.parametrize(
    ("rule", "kept"),
    [("newest", "new"), ("oldest", "old"), ("longest", "long"), ("measure:quality", "good")],
)
def test_who_stays(tmp_path: Path, rule: str, kept: str) -> None:
    text = "同じ文章の四つの版"
    parts = [
        [Document("old", text, "http://d/", "2020", quality=0.2), Document("new", text, "http://c/", "2025")],
        [
            Document("long", text + "。" * 9, "http://b/", "2023"),
            Document("good", text, "http://a/", "2022", quality=0.9),
        ],
    ]
    drops = run(write_parts(tmp_path / "in", parts), tmp_path / "out", order=KeepOrder(rule))
    assert {row["duplicate_of"] for table in drops.values() for row in table.to_pylist()} == {kept}
    assert sum(table.num_rows for table in drops.values()) == 3


@pytest.mark.parametrize("together", [True, False])
def test_ties_go_to_the_first_url_and_then_the_first_id(tmp_path: Path, together: bool) -> None:
    text = "同じ日に取られた同じ文章"
    documents = [
        Document("9", text, "http://b.example/"),
        Document("2", text, "http://a.example/"),
        Document("1", text, "http://a.example/"),
        Document("3", text, "http://a.example/x"),
    ]
    parts = [documents] if together else [[document] for document in documents]
    drops = run(write_parts(tmp_path / "in", parts), tmp_path / "out")
    assert {row["duplicate_of"] for table in drops.values() for row in table.to_pylist()} == {"1"}


def test_a_page_a_thousand_times_costs_one_claim_a_band_in_each_part(tmp_path: Path) -> None:
    text = "どのサイトにもある定型の注意書きの文章です。"
    parts = [[Document(f"{part}-{i}", text, f"http://{i:04d}/") for i in range(250)] for part in range(4)]
    judged = write_parts(tmp_path / "in", parts)
    documents = documents_in(judged, tmp_path / "files.arrow")
    units = write_rows(tmp_path / "units.arrow", UNITS, [(part, part + 1) for part in range(4)])
    blocks = [
        output.value
        for part in range(4)
        for output in claims_of_unit(documents, units, PARAMETERS, KeepOrder(), None, 0, part)
        if output.tag == CLAIMS
    ]
    claims = [len(unpacked([block], claim_type(2 if band == EXACT_BAND else 1))) for (band, _), block in blocks]
    assert sum(claims) == 4 * (PARAMETERS.r + 1)
    drops = run(judged, tmp_path / "out")
    assert sum(table.num_rows for table in drops.values()) == 999
    assert {row["duplicate_of"] for table in drops.values() for row in table.to_pylist()} == {"0-0"}


def test_a_match_below_the_wanted_similarity_is_not_removed(tmp_path: Path) -> None:
    parts = [some_documents(7, 300)[start::3] for start in range(3)]
    judged = write_parts(tmp_path / "in", parts)
    by_id = {document.id: judged_row(document) for part in parts for document in part}
    loose = as_stated(run(judged, tmp_path / "loose"), parts)
    strict_tables = run(judged, tmp_path / "strict", verify_similarity=0.6, group_claims=64)
    strict = as_stated(strict_tables, parts)
    assert set(strict) < set(loose)
    candidates = matches([document for part in parts for document in part])
    for identity in loose:
        similar = any(estimate(by_id[identity], by_id[first]) >= 0.6 for first, _ in candidates[identity])
        assert (identity in strict) == similar
    assert {name for name, (_, band) in loose.items() if band == -1} <= set(strict)


def test_the_similarity_is_that_to_the_kept_document(tmp_path: Path) -> None:
    parts = [some_documents(8, 150)[start::2] for start in range(2)]
    rows = {document.id: judged_row(document) for part in parts for document in part}
    drops = run(write_parts(tmp_path / "in", parts), tmp_path / "out")
    for part, table in zip(parts, drops.values(), strict=True):
        for drop in table.to_pylist():
            loser, kept = rows[part[drop["row"]].id], rows[drop["duplicate_of"]]
            assert drop["similarity"] == pytest.approx(estimate(loser, kept))


def test_a_part_judged_with_other_parameters_is_named(tmp_path: Path) -> None:
    judged = write_parts(tmp_path / "in", [[Document("a", "ここに文章がひとつある")]])
    with pytest.raises(Exception, match=r"part-000\.judged\.parquet: found band_keys of length 6, expected r = 7"):
        run(judged, tmp_path / "out", parameters=DedupParameters(b=2, r=7, n=3))


def test_two_files_of_one_part_are_refused(tmp_path: Path) -> None:
    judged = [*write_parts(tmp_path / "a", [[]]), *write_parts(tmp_path / "b", [[]])]
    with pytest.raises(WorkError, match="part-000: found 2 files of one name"):
        run(judged, tmp_path / "out")


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def no_result(_: object) -> None:
    return None


def estimate(a: dict[str, object], b: dict[str, object]) -> float:
    if a["sketch"] is None or b["sketch"] is None:
        return 1.0
    return estimate_similarity(a["sketch"], b["sketch"])  # type: ignore[arg-type]


def test_no_more_than_700_bytes_a_document_are_shuffled_however_keys_are_cut(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Small parts and many key ranges, as a crawl has: each claim must not travel as an array of its own."""
    paper = PRESETS["swallow-paper"]
    draw = np.random.default_rng(3)
    rows: list[dict[str, object]] = []
    for number in range(1_500):
        row = judged_row(Document(f"{number:032x}", "", f"http://{number}.example/", f"2025-01-{1 + number % 28:02d}"))
        keys = draw.integers(0, 2**63, paper.r).tolist()
        if number % 3 == 2:  # shares most buckets with one before it
            keys[:15] = rows[-1]["band_keys"][:15]  # type: ignore[index]
        rows.append(row | {"fingerprint": draw.bytes(16), "band_keys": keys, "sketch": draw.bytes(paper.permutations)})
    judged = []
    for part in range(15):
        judged.append(tmp_path / f"{part:02d}.judged.parquet")
        pq.write_table(pa.Table.from_pylist(rows[part::15], schema=JUDGED), judged[-1])
    taken = [0]
    append = GroupingBuffer.append

    def counted(self: GroupingBuffer, elements: bytes) -> None:
        taken[0] += len(elements)
        append(self, elements)

    monkeypatch.setattr(GroupingBuffer, "append", counted)
    drops = run(judged, tmp_path / "out", parameters=paper, group_claims=len(rows) // 64)
    assert sum(table.num_rows for table in drops.values()) == 500
    assert taken[0] / len(rows) <= 700
