"""Files elsewhere: asked for politely, whole in the end, and read as if they lay here."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tesuki.pipelines.errors import BrokenEnvironmentError, RequestError, WorkError
from tesuki.pipelines.journey.range import Range
from tesuki.pipelines.reading.input_lists import find_inputs
from tesuki.pipelines.reading.inputs import Input, check_unchanged, identify_inputs, remember_inputs
from tesuki.pipelines.reading.remote import fetch, staging
from tesuki.pipelines.reading.remote.address import Remote, checked_address, name_of, remote_of, url_of
from tesuki.pipelines.reading.remote.fetch import RefusedError, fetch_range, identify
from tesuki.pipelines.reading.remote.manners import Manners, pace_of, take_turn
from tesuki.pipelines.reading.remote.signing import signed
from tesuki.pipelines.reading.sources import Source, ranges_of

Served = Any


@pytest.fixture
def manners(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Manners:
    monkeypatch.setattr(fetch, "FIRST_PAUSE", 0.001)
    return Manners("tesuki-test (nobody@example.com)", 10_000.0, str(tmp_path / "pace.json"))


@pytest.fixture
def file(served: Served) -> Path:
    path: Path = served.folder / "crawl" / "a.bin"
    path.parent.mkdir()
    path.write_bytes(bytes(range(256)) * 40)
    return path


FAULTS: list[Mapping[int, str]] = [
    {},
    {1: "503", 2: "429", 3: "500"},
    {1: "cut", 2: "cut", 3: "cut"},
    {1: "long"},
    {0: "503", 2: "403", 4: "cut"},
    {1: "504", 2: "cut", 3: "502", 4: "long", 5: "408"},
]


@pytest.mark.parametrize("faults", FAULTS)
def test_every_byte_comes_once_whatever_goes_wrong_on_the_way(
    served: Served, file: Path, manners: Manners, faults: Mapping[int, str]
) -> None:
    served.faults = lambda number: faults.get(number, "")
    remote = identify(f"{served.address}/crawl/a.bin", manners)
    assert (remote.size, remote.tag) == (file.stat().st_size, served.version(file))
    assert b"".join(fetch_range(remote, 100, 9_000, manners)) == file.read_bytes()[100:9_000]
    assert {agent for _, _, agent in served.asked} == {"tesuki-test (nobody@example.com)"}
    assert pace_of(manners).requests == len(served.asked)


def test_what_was_received_is_not_asked_for_again(served: Served, file: Path, manners: Manners) -> None:
    remote = identify(f"{served.address}/crawl/a.bin", manners)
    served.faults = lambda number: "cut" if number == 1 else ""
    assert b"".join(fetch_range(remote, 0, 8_000, manners)) == file.read_bytes()[:8_000]
    assert [span for _, span, _ in served.asked[1:]] == ["bytes=0-7999", "bytes=4000-7999"]


def test_a_server_that_is_busy_is_asked_half_as_often(served: Served, file: Path, manners: Manners) -> None:
    served.faults = lambda number: "503" if number in (0, 1) else ""
    identify(f"{served.address}/crawl/a.bin", manners)
    assert pace_of(manners).slower == pytest.approx(4 * 0.99)


def test_retry_after_is_waited_for_by_all(served: Served, file: Path, manners: Manners) -> None:
    """Nothing is timed: the next turn of anybody lies as far ahead as the server asked for."""
    served.headers, served.faults = {"Retry-After": "60"}, lambda _: "503"
    waits: list[float] = []
    with pytest.raises(_StopError):
        _identify_once(f"{served.address}/crawl/a.bin", manners)
    take_turn(manners, waits.append)
    assert 55 < waits[0] <= 60


class _StopError(Exception):
    pass


def _identify_once(address: str, manners: Manners) -> None:
    def stop(_: float) -> None:
        raise _StopError

    before, fetch.time.sleep = fetch.time.sleep, stop  # type: ignore[attr-defined]
    try:
        identify(address, manners)
    finally:
        fetch.time.sleep = before  # type: ignore[attr-defined]


def test_a_pace_holds_for_all_who_share_it(manners: Manners) -> None:
    slow, waits = replace(manners, per_second=2.0), []
    for _ in range(4):
        take_turn(slow, waits.append)
    assert [round(wait, 1) for wait in waits] == [0.0, 0.5, 1.0, 1.5]


def test_repeated_refusals_end_the_run(served: Served, file: Path, manners: Manners) -> None:
    served.faults = lambda _: "403"
    with pytest.raises(RefusedError):
        identify(f"{served.address}/crawl/a.bin", manners)
    with pytest.raises(BrokenEnvironmentError, match="403 to 6 requests in a row"):
        identify(f"{served.address}/crawl/a.bin", manners)
    assert len(served.asked) == 6


def test_a_server_that_never_answers_ends_the_run(served: Served, file: Path, manners: Manners) -> None:
    served.faults = lambda _: "503"
    with pytest.raises(BrokenEnvironmentError, match="not to be had in 8 attempts"):
        identify(f"{served.address}/crawl/a.bin", manners)


def test_what_is_not_there_is_refused_at_once(served: Served, manners: Manners) -> None:
    with pytest.raises(RefusedError, match="404"):
        identify(f"{served.address}/none.bin", manners)
    assert len(served.asked) == 1


def test_a_budget_ends_the_run(served: Served, file: Path, manners: Manners) -> None:
    remote = identify(f"{served.address}/crawl/a.bin", manners)
    with pytest.raises(BrokenEnvironmentError, match="budget of 1 requests"):
        list(fetch_range(remote, 0, 10, replace(manners, requests=1)))
    list(fetch_range(remote, 0, 10, manners))
    with pytest.raises(BrokenEnvironmentError, match="budget of 4,000 bytes"):
        list(fetch_range(remote, 0, 10, replace(manners, bytes=4_000)))


def test_a_file_that_changed_is_not_read_on(served: Served, file: Path, manners: Manners) -> None:
    remote = identify(f"{served.address}/crawl/a.bin", manners)
    file.write_bytes(b"other" * 3_000)
    with pytest.raises(WorkError, match="changed since the run began"):
        list(fetch_range(remote, 0, 100, manners))


# The example "GET Object" of S3's own documentation of Signature Version 4.
def test_a_signature_is_that_of_the_published_example() -> None:
    keys = {"AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE"}
    keys["AWS_SECRET_ACCESS_KEY"] = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
    found = signed(
        "https://examplebucket.s3.amazonaws.com/test.txt",
        {"Range": "bytes=0-9"},
        keys,
        datetime(2013, 5, 24, tzinfo=UTC),
    )
    assert found["Authorization"].endswith("Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41")
    assert signed("https://examplebucket.s3.amazonaws.com/test.txt", {"a": "b"}, {}, datetime.now(UTC)) == {"a": "b"}


@pytest.mark.parametrize(
    ("address", "environment", "url"),
    [
        ("s3://commoncrawl/crawl-data/a b.gz", {}, "https://commoncrawl.s3.amazonaws.com/crawl-data/a%20b.gz"),
        ("s3://my.bucket/a.gz", {}, "https://s3.amazonaws.com/my.bucket/a.gz"),
        ("s3://b/k/a.gz", {"AWS_ENDPOINT_URL": "http://127.0.0.1:7070/"}, "http://127.0.0.1:7070/b/k/a.gz"),
        ("https://h.example/k/a.gz", {}, "https://h.example/k/a.gz"),
    ],
)
def test_where_an_address_is_asked_for(address: str, environment: Mapping[str, str], url: str) -> None:
    assert url_of(address, environment) == url


def test_an_object_of_a_bucket_is_read(
    served: Served, file: Path, manners: Manners, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", served.address)
    remote = identify("s3://crawl/a.bin", manners)
    assert b"".join(fetch_range(remote, 0, remote.size, manners)) == file.read_bytes()


@pytest.mark.parametrize(
    "wrong", ["http://example.com/a.gz", "gs://b/a.gz", "https://example.com/", "https://h.example/*.gz"]
)
def test_what_cannot_be_read_is_refused_with_a_sentence(wrong: str) -> None:
    with pytest.raises(RequestError, match=r"subsets\.web\.inputs: "):
        checked_address(wrong, "subsets.web.inputs")


def test_a_pin_gives_back_what_it_was_made_from() -> None:
    remote = Remote("https://h.example/a%20b.gz", 12, '"e=t&a#g"', whole=True)
    assert remote_of(remote.pinned) == remote
    assert name_of(remote.address) == "a b.gz"


def test_lists_are_read_as_they_come(served: Served, manners: Manners, tmp_path: Path) -> None:
    (served.folder / "crawl").mkdir()
    listed = gzip.compress(b"crawl/x.warc.gz\ncrawl/y.warc.gz\n")
    (served.folder / "crawl" / "warc.paths.gz").write_bytes(listed)
    (tmp_path / "warc.paths.gz").write_bytes(listed)
    expected = (f"{served.address}/crawl/x.warc.gz", f"{served.address}/crawl/y.warc.gz")
    by_address = find_inputs([f"{served.address}/crawl/warc.paths.gz"], tmp_path, "f", tmp_path / "o", None, manners)
    by_base = find_inputs(["warc.paths.gz"], tmp_path, "f", tmp_path / "o", served.address, manners)
    assert by_address == by_base == expected
    with pytest.raises(RequestError, match="names no file"):
        find_inputs(["warc.paths.gz"], tmp_path, "f", tmp_path / "o", None, manners)


def test_a_version_is_asked_for_once_and_kept(served: Served, file: Path, manners: Manners, tmp_path: Path) -> None:
    files = {"web": (f"{served.address}/crawl/a.bin",)}
    first = identify_inputs(files, tmp_path / "known.json", manners)
    remember_inputs(first, tmp_path / "known.json")
    assert identify_inputs(files, tmp_path / "known.json", manners) == first
    assert len(served.asked) == 1
    assert first[0].identity() == {
        "subset": "web", "archive": "a.bin", "tag": served.version(file), "bytes": file.stat().st_size,
    }  # fmt: skip
    check_unchanged(first)


@pytest.mark.parametrize("range_bytes", [700, 3_000, 1 << 30])
@pytest.mark.parametrize("damage", [False, True])
def test_ranges_of_an_archive_give_what_the_file_gives(
    served: Served,
    manners: Manners,
    sample_folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    range_bytes: int,
    damage: bool,
) -> None:
    """With a spool that begins and ends close to the range, so that it must grow on both sides."""
    monkeypatch.setattr(staging, "LOOKBACK", 500)
    monkeypatch.setattr(staging, "TAIL", 300)
    monkeypatch.setattr(staging, "MARGIN", 200)
    source = sorted((sample_folder / "archives").glob("forum-*.warc.gz"))[0]
    content = bytearray(source.read_bytes()[:40_000])
    if damage:
        content[5_000:5_600] = b"x" * 600
    (served.folder / source.name).write_bytes(content)
    here = str(served.folder / source.name)
    there = identify(f"{served.address}/{source.name}", manners).pinned

    def read(path: str) -> list[Any]:
        reader = Source("warc", {}, {source.name: path}, manners)
        return [
            item
            for part in ranges_of(path, "web", "warc", range_bytes)
            for item in reader.read(part)
        ]  # fmt: skip

    assert read(there) == read(here)
    assert len(read(here)) > 3


def test_what_cannot_be_cut_is_fetched_whole(served: Served, manners: Manners, tmp_path: Path) -> None:
    (served.folder / "a.jsonl").write_text('{"text": "一行目の文章です。"}\n{"text": "二行目の文章です。"}\n')
    here, there = str(served.folder / "a.jsonl"), identify(f"{served.address}/a.jsonl", manners).pinned
    local, remote = (
        Source("jsonl", {}, {}, manners).read(Range("s", path, "a.jsonl", 0, 1 << 62)) for path in (here, there)
    )
    assert list(local) == list(remote)


def test_an_empty_file_has_one_row(served: Served, manners: Manners) -> None:
    (served.folder / "a.warc.gz").write_bytes(b"")
    path = identify(f"{served.address}/a.warc.gz", manners).pinned
    (fate,) = Source("warc", {}, {}, manners).read(*ranges_of(path, "web", "warc", 1 << 20))
    assert (fate.rule, fate.length) == ("read.nothing", 0)  # type: ignore[union-attr]


def test_a_published_checksum_is_what_a_file_is_known_by(
    served: Served, manners: Manners, tmp_path: Path, archive_of: Any, web_page: Any
) -> None:
    """Known as it would be on a disk, read whole, and nothing is given of bytes that are others."""
    archive = Path(archive_of(served.folder / "a.warc.gz", [web_page(f"https://a.jp/{n}", n) for n in range(4)]))
    checksum = hashlib.sha256(archive.read_bytes()).hexdigest()
    (served.folder / "SHA256SUMS").write_text(f"{checksum}  a.warc.gz\n")

    def input_now() -> Input:
        names = find_inputs([f"{served.address}/SHA256SUMS"], tmp_path, "inputs", tmp_path / "out", None, manners)
        (found,) = identify_inputs({"web": names}, tmp_path / "known.json", manners)
        remember_inputs([found], tmp_path / "known.json")
        return found

    found = input_now()
    (here,) = identify_inputs({"web": [archive]}, tmp_path / "none.json")
    assert found.identity() == here.identity()
    (part,) = ranges_of(str(found.path), "web", "warc", 1_000)
    source = Source("warc", {}, {"a.warc.gz": str(found.path)}, manners)
    assert list(source.read(part)) == list(Source("warc", {}, {}).read(replace(part, path=str(archive))))
    again = replace(part, start=0, end=1)
    assert [item.offset for item in source.read(again)] == [0], "one page is read again without the whole file"
    (served.folder / "SHA256SUMS").write_text(f"{'0' * 64} *a.warc.gz\n")
    (part,) = ranges_of(str(input_now().path), "web", "warc", 1_000)
    with pytest.raises(WorkError, match=f"its SHA-256 is {checksum}, the list of inputs says 0000"):
        list(source.read(part))
    (tmp_path / "SHA256SUMS").write_text(f"{checksum}  a.warc.gz\n")
    with pytest.raises(RequestError, match="checksums for files of this machine"):
        find_inputs(["SHA256SUMS"], tmp_path, "inputs", tmp_path / "out", None, manners)


@pytest.mark.parametrize(("address", "said"), [("gs://b/a.warc.gz", "storage.googleapis.com"), ("hdfs://h/a", "mount")])
def test_what_is_not_read_is_refused_with_what_to_do(address: str, said: str) -> None:
    with pytest.raises(RequestError, match=said):
        checked_address(address, "inputs")
