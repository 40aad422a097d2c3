"""`tesuki why` tells the whole story of any page, by address or id, and nothing it must not tell."""

from __future__ import annotations

import csv
import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tesuki.pipelines.commands import page_index
from tesuki.pipelines.commands.verify import verify_corpus
from tesuki.pipelines.commands.why import stories_of, story_of
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


def test_an_address_is_known_however_it_is_spelled(sample: Path, rows_of: Rows) -> None:
    row = next(row for row in rows_of(sample, "documents") if row["url"].startswith("https://"))
    bare = row["url"].removeprefix("https://").removeprefix("www.")
    escaped = re.sub("%[0-9A-F]{2}", lambda escape: escape[0].lower(), bare)
    for spelling in (bare, f"http://{bare}", f"https://www.{bare.rstrip('/')}", f"http://{bare}#top", escaped):
        assert f"document    {row['id']} – kept" in story(sample, spelling)


def test_a_withheld_address_is_known_by_its_usual_spellings(sample: Path) -> None:
    url = told("withheld")["url"]
    bare = url.partition("://")[2]
    for spelling in (bare, f"http://{bare}", f"{url.rstrip('/')}#top"):
        assert "an address that is not kept" in story(sample, spelling)


def test_by_words_of_the_text(sample: Path, rows_of: Rows) -> None:
    row = rows_of(sample, "documents")[0]
    assert f"document    {row['id']} – kept" in story(sample, row["text"][20:50].splitlines()[0])


def test_every_measure_stands_beside_its_bound_also_of_a_rejected_page(sample: Path, rows_of: Rows) -> None:
    row = next(row for row in rows_of(sample, "ledger") if row["rule"].startswith("quality.") and row["url"])
    said = story(sample, row["url"])
    assert said.count("rejects where") >= 10
    assert f"{row['rule']} rejects where" in said
    failing = [line for line in said.splitlines() if line.endswith("– fails")]
    assert any(row["rule"] in line for line in failing)
    kept = story(sample, rows_of(sample, "documents")[0]["id"])
    assert kept.count("rejects where") >= 10
    assert "– fails" not in kept


def test_the_reason_of_a_level_and_what_it_permits(sample: Path, rows_of: Rows) -> None:
    uses = {"L1": "train, search, distribute, test", "L2": "train, search, test", "L3": "train, test", "LX": "test"}
    for row in rows_of(sample, "documents"):
        said = story(sample, row["id"])
        assert f"uses        {uses[row['level']]}" in said
        assert f"level       {row['level']} in subset {row['subset']}: " in said
    assert "no licence and no restriction found" in "".join(
        story(sample, row["id"]) for row in rows_of(sample, "documents") if row["level"] == "L2"
    )


def test_json_holds_the_row_the_rules_the_reason_and_the_uses(sample: Path, rows_of: Rows, tesuki: Any) -> None:
    row = rows_of(sample, "documents")[0]
    (said,) = tesuki("why", sample, row["id"], "--json").stdout.splitlines()
    answer = json.loads(said)
    assert {name: answer[name] for name in row if name != "measures"} == {
        name: value for name, value in row.items() if name != "measures"
    }
    assert answer["uses"]
    assert answer["reason"]
    assert all(isinstance(rule["value"], float) for rule in answer["rules"])


def test_ten_thousand_addresses_are_answered_from_an_index_without_reading_texts(
    sample: Path, tmp_path: Path, rows_of: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = tmp_path / "out"
    shutil.copytree(sample, copy)
    assert list(stories_of(copy, ["https://nobody.example/"])) == ['{"page": "https://nobody.example/", "found": []}']
    read: list[str] = []
    read_columns = page_index.read_columns

    def counted(path: Path, columns: Any) -> Any:
        read.append(str(path))
        assert columns is not None
        assert "text" not in columns
        return read_columns(path, columns)

    monkeypatch.setattr(page_index, "read_columns", counted)
    rows = [row for name in ("documents", "ledger") for row in rows_of(sample, name) if row["url"]]
    pages = [row["url"] for row in rows] + [f"https://nobody.example/{number}" for number in range(9_000)]
    answers = [json.loads(line) for line in stories_of(copy, pages)]
    assert [answer["page"] for answer in answers] == pages
    assert all(bool(answer["found"]) == (number < len(rows)) for number, answer in enumerate(answers))
    assert {entry["fate"] for answer in answers for entry in answer["found"]} >= {"kept", "rejected", "duplicate"}
    assert len(read) == len(set(read))
    assert verify_corpus(copy)


def test_the_index_is_of_this_corpus_and_holds_no_address(
    sample: Path, tmp_path: Path, rows_of: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = tmp_path / "out"
    shutil.copytree(sample, copy)
    story(copy, rows_of(copy, "documents")[0]["id"])
    (index,) = (copy / "parts").glob("page-index-*.npy")
    assert b"http" not in index.read_bytes()
    monkeypatch.setattr(page_index, "sha256_of", lambda _: "0" * 64)  # as if the manifest were another
    story(copy, rows_of(copy, "documents")[0]["id"])
    (other,) = (copy / "parts").glob("page-index-*.npy")
    assert other != index


def test_what_strangers_wrote_does_not_move_a_terminal(sample: Path, tmp_path: Path) -> None:
    copy = tmp_path / "out"
    shutil.copytree(sample, copy)
    path = next((copy / "documents").rglob("*.parquet"))
    table = pq.read_table(path)
    hostile = "https://a.example/\x1b]0;owned\x07\u202e\x9b"
    urls = pa.array([hostile, *table["url"].to_pylist()[1:]])
    pq.write_table(table.set_column(table.schema.get_field_index("url"), "url", urls), path)
    said = story(copy, table["id"][0].as_py())
    assert "\\x1b]0;owned\\x07\\u202e\\x9b" in said
    assert all(c == "\n" or c.isprintable() for c in said)


def test_a_table_cut_off_is_a_message(sample: Path, tmp_path: Path, tesuki: Any) -> None:
    copy = tmp_path / "out"
    shutil.copytree(sample, copy)
    path = next((copy / "documents").rglob("*.parquet"))
    path.write_bytes(path.read_bytes()[:-40])
    for index in (copy / "parts").glob("page-index-*.npy"):
        index.unlink()
    run = tesuki("why", copy, "https://nobody.example/")
    assert run.returncode == 1
    assert "cannot be read" in run.stderr
    assert "see tesuki verify" in run.stderr
    assert "Traceback" not in run.stderr


def test_a_page_or_a_batch_is_asked_for(sample: Path, tesuki: Any, tmp_path: Path) -> None:
    assert tesuki("why", sample).returncode == 2
    assert tesuki("why", sample, "a", "--batch", tmp_path / "none").returncode == 2
    assert tesuki("why", sample, "--batch", tmp_path / "none").returncode == 2
