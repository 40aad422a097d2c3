"""`tesuki why` tells the whole story of any page, by address or id, and nothing it must not tell."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tesuki.pipelines.commands.why import story_of
from tesuki.pipelines.errors import WorkError

ROOT = Path(__file__).resolve().parents[3]
Rows = Callable[[Path, str], list[dict[str, Any]]]


def told(fate: str) -> dict[str, str]:
    with (ROOT / "samples" / "fates.tsv").open(encoding="utf-8", newline="") as lines:
        rows = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
        return next(row for row in rows if row["fate"] == fate)


def story(output: Path, page: str) -> str:
    return "\n".join(story_of(output, page))


def test_of_a_kept_page(sample: Path, rows_of: Rows) -> None:
    documents = rows_of(sample, "documents")
    for column in ("edits", "evidence", "members"):
        row = next(row for row in documents if (row | row["cluster"])[column])
        for name in (row["url"], row["id"], row["record_id"]):
            said = story(sample, name)
            assert f"document    {row['id']} – kept" in said
            assert f"{row['archive']} at byte {row['offset']}" in said
            assert f"{row['encoding']}, known by {row['encoding_evidence']}" in said
            assert f"level       {row['level']} in subset {row['subset']}" in said
            assert all(evidence["signal"] in said for evidence in row["evidence"])
            assert all(member["url"] in said for member in row["cluster"]["members"])
            assert all(edit["kind"] in said for edit in row["edits"])
            assert all(measure["name"] in said for measure in row["measures"])


def test_how_often_a_pass_reads_a_document(sample: Path, rows_of: Rows, manifest_at: Any) -> None:
    """A subset that repeats 3 times: each of its training documents is read 3 times."""
    subset = next(row["subset"] for row in manifest_at(sample)["mixture"] if row["repeats"] == "3")
    stories = [story(sample, row["id"]) for row in rows_of(sample, "documents") if row["subset"] == subset]
    assert any("read 3 times a pass" in said and f"shards/train/{subset}/" in said for said in stories)


def test_of_a_test_document_that_is_in_no_shard(sample: Path, rows_of: Rows) -> None:
    shards = [story(sample, row["id"]) for row in rows_of(sample, "documents") if row["level"] == "LX"]
    assert any("shard       in none" in said for said in shards)


@pytest.mark.parametrize("fate", ["rejected", "dead", "skipped"])
def test_of_a_page_that_left(sample: Path, fate: str, rows_of: Rows) -> None:
    row = next(row for row in rows_of(sample, "ledger") if row["fate"] == fate and row["url"])
    said = story(sample, row["url"])
    assert f"fate        {fate} at station {row['station']} by {row['rule']}" in said
    assert story(sample, row["record_id"]) in said or story(sample, row["record_id"]) == said


def test_of_a_rejected_page_with_measure_and_bound(sample: Path, rows_of: Rows) -> None:
    row = next(row for row in rows_of(sample, "ledger") if row["rule"].startswith("quality.") and row["threshold"])
    assert f"by {row['rule']}: {row['value']:.6g} against {row['threshold']:.6g}" in story(sample, row["url"])


def test_of_a_duplicate(sample: Path, rows_of: Rows) -> None:
    row = next(row for row in rows_of(sample, "ledger") if row["fate"] == "duplicate")
    said = story(sample, row["record_id"])
    assert f"of document {row['duplicate_of']}" in said
    kept = story(sample, row["duplicate_of"])
    assert row["url"] in kept


def test_of_a_withheld_page_by_its_address_without_saying_it(sample: Path) -> None:
    row = told("withheld")
    said = story(sample, row["url"])
    assert "an address that is not kept" in said
    assert f"withheld at station {row['station']} by {row['rule']}" in said
    assert row["url"] not in said
    assert row["url"].split("/")[2] not in said


def test_of_every_capture_of_an_address(sample: Path, rows_of: Rows) -> None:
    captures = [row["url"] for name in ("documents", "ledger") for row in rows_of(sample, name) if row["url"]]
    twice = next(url for url in captures if captures.count(url) > 1)
    assert story(sample, twice).count("  read        ") == captures.count(twice)


def test_of_a_page_nobody_met(sample: Path, tesuki: Any) -> None:
    with pytest.raises(WorkError, match=r"https://nobody.example/: no page of this corpus has this URL"):
        story(sample, "https://nobody.example/")
    run = tesuki("why", sample, "https://nobody.example/")
    assert (run.returncode, run.stdout) == (1, "")
    assert run.stderr.startswith("tesuki: https://nobody.example/: no page")


def test_the_command_prints_the_story(sample: Path, tesuki: Any) -> None:
    url = told("kept")["url"]
    run = tesuki("why", sample, url, environment={"LC_ALL": "C"})
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout.rstrip("\n") == story(sample, url)


def test_of_a_corpus_that_kept_every_page(
    tmp_path: Path, recipe_with: Any, archive_of: Any, web_page: Any, build: Any
) -> None:
    """Its ledger is a table of no rows."""
    archive_of(tmp_path / "a.warc.gz", [web_page("https://example.jp/", 1)])
    made = build(recipe_with(tmp_path / "recipe.yaml", tokenizer=None), tmp_path / "out")
    assert made.manifest["balance"]["fates"] == {"kept": 1} | dict.fromkeys(
        ("rejected", "duplicate", "withheld", "dead", "skipped"), 0
    )
    assert "kept" in story(tmp_path / "out", "https://example.jp/")
