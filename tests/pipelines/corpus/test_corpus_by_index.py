"""A corpus of a crawl's records, asked for by its index, is that of its whole archives filtered to these records."""

from __future__ import annotations

import gzip
import shutil
from base64 import b32encode
from hashlib import sha1
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

from tesuki.pipelines.commands.replay import replay_lines
from tesuki.pipelines.corpus.build import build_corpus, build_share
from tesuki.pipelines.corpus.request import check_request
from tesuki.pipelines.corpus.share import Share
from tesuki.pipelines.corpus.under_way import Onlooker, announced_in
from tesuki.pipelines.errors import RequestError, WorkError
from tesuki.pipelines.journey.page import Page
from tesuki.pipelines.journey.range import Range
from tesuki.pipelines.reading.remote import fetch
from tesuki.pipelines.reading.warc.archive import read_range

Served = Any
CRAWL = "crawl-data/CC-MAIN-2026-43"
PAGES = 12


def pages_in(path: Path) -> list[Page]:
    items = read_range(Range("web", str(path), path.name, 0, path.stat().st_size))
    return [item for item in items if isinstance(item, Page)]


def row_of(page: Page, number: int) -> dict[str, Any]:
    digest = b32encode(sha1(page.body, usedforsecurity=False).digest()).decode()
    return {
        "url": page.url,
        "url_host_name": page.url.split("/")[2],
        "url_host_tld": "jp",
        "content_languages": ("eng,jpn", "eng", None)[number % 3],
        "content_mime_detected": "text/html",
        "content_digest": digest,
        "fetch_status": 200,
        "warc_filename": f"{CRAWL}/segments/1/warc/{page.archive}",
        "warc_record_offset": page.offset,
        "warc_record_length": page.length,
    }


@pytest.fixture
def crawl(served: Served, archive_of: Any, web_page: Any, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Three archives of twelve pages, a third of them Japanese by the index, in two files of the index, with the list
    that has them and a file of other captures."""
    monkeypatch.setattr(fetch, "FIRST_PAUSE", 0.001)
    folder: Path = served.folder / CRAWL
    rows = []
    for name in "abc":
        path = folder / "segments/1/warc" / f"{name}.warc.gz"
        head = '<meta name="robots" content="noarchive">' if name == "a" else ""
        pages = [web_page(f"https://{name}{n % 4}.example.jp/{n}", f"{name}{n}", head=head) for n in range(PAGES)]
        archive_of(path, pages)
        rows += [row_of(page, number) for number, page in enumerate(pages_in(path))]
    names = []
    for number in range(2):
        names.append(f"cc-index/table/subset=warc/part-0000{number}.parquet")
        (folder / names[-1]).parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(pa.Table.from_pylist(rows[number::2][::-1]), folder / names[-1], row_group_size=5)
    names.append("cc-index/table/subset=robotstxt/part-00000.parquet")
    listing = "".join(f"{CRAWL}/{name}\n" for name in names)
    (folder / "cc-index-table.paths.gz").write_bytes(gzip.compress(listing.encode()))
    return folder


def recipe_for(path: Path, served: Served, **fields: Any) -> Path:
    subset = {
        "format": "common-crawl",
        "inputs": "CC-MAIN-2026-43",
        "base": served.address,
        "judge": False,
        **fields,
    }
    recipe = {"name": "index", "subsets": {"web": subset}, "tokenizer": None}
    recipe["fetch"] = {"requests_per_second": 10_000}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(recipe))
    return path


def rows_in(output: Path, folder: str) -> list[dict[str, Any]]:
    paths = sorted((output / folder).rglob("*.parquet"))
    return sorted(
        (row for path in paths for row in pq.read_table(path, partitioning=None).to_pylist()),
        key=lambda row: str(row["url"]),
    )


@pytest.fixture
def whole(crawl: Path, tmp_path: Path, build: Any) -> Path:
    """The corpus of the whole archives."""
    recipe = {"name": "index", "subsets": {"web": {"inputs": f"{crawl}/segments/1/warc/*.warc.gz", "judge": False}}}
    (tmp_path / "whole.yaml").write_text(yaml.safe_dump({**recipe, "tokenizer": None}))
    return Path(build(tmp_path / "whole.yaml", tmp_path / "whole").output)


def test_documents_are_those_of_the_whole_archives(
    crawl: Path, served: Served, whole: Path, tmp_path: Path, build: Any
) -> None:
    served.faults = lambda number: ("", "503", "cut", "")[number % 4] if number < 12 else ""
    built = build(recipe_for(tmp_path / "recipe.yaml", served), tmp_path / "out")
    wanted = {f"https://{name}{n % 4}.example.jp/{n}" for name in "abc" for n in range(0, PAGES, 3)}
    for folder in ("documents", "ledger"):
        assert rows_in(tmp_path / "out", folder) == [row for row in rows_in(whole, folder) if row["url"] in wanted]
    with pytest.raises(RequestError, match="name it with --archive FILE"):
        list(replay_lines(tmp_path / "out", min(wanted), None, None))
    lines = list(replay_lines(tmp_path / "out", min(wanted), crawl / "segments/1/warc/a.warc.gz", None))
    assert all(agrees for agrees, _ in lines)
    balance = built.manifest["balance"]
    assert balance["read"] == len(wanted) == sum(balance["fates"].values())
    announced = announced_in(tmp_path / "out/parts")
    assert announced
    archives = [page for name in "abc" for page in pages_in(crawl / f"segments/1/warc/{name}.warc.gz")]
    progress = Onlooker(tmp_path / "out/parts", announced).look()
    bytes_wanted = sum(page.length for page in archives if page.url in wanted)
    assert progress.bytes_done == progress.bytes == pytest.approx(bytes_wanted, abs=len(announced.parts))
    asked = len(served.asked)
    assert not build(recipe_for(tmp_path / "recipe.yaml", served), tmp_path / "out").built
    names = {path.rpartition("/")[2] for path, _, _ in served.asked[asked:]}
    assert names == {"cc-index-table.paths.gz"}, "a run that has nothing to do asks for the list alone"


def test_each_row_of_the_index_has_one_fate(crawl: Path, served: Served, tmp_path: Path, build: Any) -> None:
    path = crawl / "cc-index/table/subset=warc/part-00000.parquet"
    rows = pq.read_table(path, partitioning=None).to_pylist()
    archive = crawl / "segments/1/warc/a.warc.gz"
    rows[0]["warc_filename"] = f"{CRAWL}/none.warc.gz"
    rows[1] |= {"warc_filename": f"{CRAWL}/segments/1/warc/a.warc.gz", "warc_record_offset": archive.stat().st_size - 5}
    rows[2]["warc_record_length"] = 40
    rows[3]["content_digest"] = "A" * 32
    rows[7]["url"] = "https://other.example.jp/"
    rows[4]["warc_record_offset"] = None
    rows[5]["warc_record_length"] = None
    rows[6]["warc_record_length"] = 1 << 40
    pq.write_table(pa.Table.from_pylist(rows), path)
    built = build(recipe_for(tmp_path / "recipe.yaml", served, where={"languages": []}), tmp_path / "out")
    rules = {row["rule"]: row["pages"] for row in built.manifest["balance"]["rules"]}
    assert {rule: count for rule, count in rules.items() if rule.startswith("read.")} == {
        "read.gone": 1,
        "read.truncated": 1,
        "read.damaged": 5,
        "read.digest": 1,
    }
    assert all(row["url"] == "" for row in rows_in(tmp_path / "out", "ledger") if row["station"] == "read")
    assert built.manifest["balance"]["read"] == 3 * PAGES
    assert sum(built.manifest["balance"]["fates"].values()) == 3 * PAGES


@pytest.mark.parametrize("there", [False, True])
def test_what_was_gone_at_one_base_is_asked_for_at_another(
    crawl: Path, served: Served, tmp_path: Path, build: Any, there: bool
) -> None:
    """Where nothing is there the base is wrong and the run fails; one archive that is there keeps it from that."""
    fields = {"inputs": f"{crawl}/cc-index/table/subset=warc/*.parquet"}
    wrong = recipe_for(tmp_path / "wrong.yaml", served, base=f"{served.address}/wrong", **fields)
    if there:
        name = "segments/1/warc/a.warc.gz"
        (served.folder / "wrong" / CRAWL / name).parent.mkdir(parents=True)
        shutil.copy(crawl / name, served.folder / "wrong" / CRAWL / name)
        rules = build(wrong, tmp_path / "out").manifest["balance"]["rules"]
        assert [rule["pages"] for rule in rules if rule["rule"] == "read.gone"] == [8]
    else:
        with pytest.raises(WorkError, match=r"none of the 12 records .* subsets\.web\.base"):
            build_corpus(check_request(wrong, tmp_path / "out", (), ()), lambda _: None)
        assert not list((tmp_path / "out").rglob("seals/*"))
        shutil.copytree(served.folder / "crawl-data", served.folder / "wrong" / "crawl-data")
        build(wrong, tmp_path / "out")
        assert len(rows_in(tmp_path / "out", "documents")) == 12
    build(recipe_for(tmp_path / "recipe.yaml", served, **fields), tmp_path / "out")
    assert len(rows_in(tmp_path / "out", "documents")) == 12


def test_the_lists_of_a_corpus_hold_no_addresses_and_none_of_a_former_filter(
    crawl: Path, served: Served, tmp_path: Path, build: Any
) -> None:
    (tmp_path / "list.txt").write_text("https://a0.example.jp/0\n")
    recipe = recipe_for(tmp_path / "recipe.yaml", served)
    recipe.write_text(recipe.read_text() + "policy: {file: strict, take_down: list.txt}\n")
    build(recipe, tmp_path / "out")
    folder = tmp_path / "out/parts/rows/web"
    former = set(folder.glob("*.rows.parquet"))
    assert len(former) == 2
    assert not [row for path in former for row in pq.read_table(path).to_pylist() if "example" in str(row)]
    settings = yaml.safe_load(recipe.read_text())
    settings["subsets"]["web"]["where"] = {"languages": ["eng"], "tlds": ["jp"]}
    recipe.write_text(yaml.safe_dump(settings))
    built = build(recipe, tmp_path / "out")
    now = {path.name for path in folder.glob("*.rows.parquet")}
    assert now == {entry["archive"] for entry in built.manifest["inputs"]}
    assert len(now) == 2
    assert not now & {path.name for path in former}


@pytest.mark.slow
def test_a_run_goes_on_part_by_part_and_shares_give_the_same(
    crawl: Path, served: Served, tmp_path: Path, build: Any
) -> None:
    one = tmp_path / "one"
    recipe = recipe_for(tmp_path / "recipe.yaml", served, where={"languages": ["jpn"], "unlabelled": ["jp"]})
    settings = yaml.safe_load(recipe.read_text())
    monthly = {**settings, "extraction": {"range_megabytes": 1}}
    recipe.write_text(yaml.safe_dump(monthly))
    served.faults = lambda _: "503" if len({path for path, _, _ in served.asked if "warc.gz" in path}) > 1 else ""
    with pytest.raises(WorkError, match="not to be had"):
        build(recipe, one)
    sealed = len(list((one / "parts/pages/seals").glob("*.json")))
    served.faults = lambda _: ""
    first = build(recipe, one)
    assert first.manifest["balance"]["read"] == 2 * PAGES
    assert sealed < len(list((one / "parts/pages/seals").glob("*.json")))
    for number in (1, 2):
        share = check_request(recipe, tmp_path / "two", (), (), Share(number, 2))
        assert build_share(share, lambda _: None) == 1
    second = build(recipe, tmp_path / "two")
    digests = [{entry["path"]: entry["sha256"] for entry in each.manifest["files"]} for each in (first, second)]
    assert digests[0] == digests[1]


@pytest.mark.slow
def test_a_page_that_was_scrubbed_is_asked_for_again(crawl: Path, served: Served, tmp_path: Path, build: Any) -> None:
    recipe = recipe_for(tmp_path / "recipe.yaml", served)
    before = rows_in(Path(build(recipe, tmp_path / "out").output), "documents")
    (tmp_path / "list.txt").write_text("https://a0.example.jp/0\n")
    plain = recipe.read_text()
    recipe.write_text(plain + "policy: {file: strict, take_down: list.txt}\n")
    assert len(rows_in(Path(build(recipe, tmp_path / "gone").output), "documents")) == len(before) - 1
    (tmp_path / "again").mkdir()
    recipe.write_text(plain)
    shutil.copytree(tmp_path / "gone" / "parts", tmp_path / "again" / "parts")
    (tmp_path / "again" / "parts" / "takedowns.json").unlink(missing_ok=True)
    asked = len(served.asked)
    assert rows_in(Path(build(recipe, tmp_path / "again").output), "documents") == before
    assert len({asked_for[:2] for asked_for in served.asked[asked:] if asked_for[0].endswith(".warc.gz")}) == 1


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"where": {"hosts": ["none.example"]}}, "no row of the index is wanted"),
        ({"inputs": "CC-MAIN-2026-44"}, "answered 404"),
        ({"base": "/data"}, "subsets.web"),
        ({"format": "warc", "where": {"hosts": ["a.jp"]}}, "where: chooses rows of an index"),
    ],
)
def test_what_cannot_be_is_said_before_anything_is_made(
    crawl: Path, served: Served, tmp_path: Path, fields: dict[str, Any], said: str
) -> None:
    with pytest.raises(RequestError, match=said):
        check_request(recipe_for(tmp_path / "recipe.yaml", served, **fields), tmp_path / "out", (), ())
