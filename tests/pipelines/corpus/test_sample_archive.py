"""The sample archives: the same bytes each time, readable by others, and what their tables say they are."""

from __future__ import annotations

import csv
import gzip
import importlib.util
import io
import os
import subprocess
import sys
import zlib
from collections import Counter
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import trafilatura
from fastwarc.warc import ArchiveIterator as FastArchiveIterator
from warcio.archiveiterator import ArchiveIterator

from tesuki.filters.presets import preset
from tesuki.filters.rules import judge

SAMPLES = Path(__file__).resolve().parents[3] / "samples"
SCRIPT = SAMPLES / "make_warc.py"
FATES = {"kept", "rejected", "duplicate", "withheld", "dead", "skipped"}


def load_script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("sample_make_warc", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


make_warc = load_script()
CAPTURES = make_warc.captures()
ARCHIVES = make_warc.archives(CAPTURES)
MEMBERS = {record: data for members in ARCHIVES.values() for record, data in members if record}


def read_fates() -> list[dict[str, str]]:
    with (SAMPLES / "fates.tsv").open(encoding="utf-8", newline="") as table:
        return list(csv.DictReader(table, delimiter="\t", quoting=csv.QUOTE_NONE))


FATE_ROWS = {row["record"]: row for row in read_fates()}


def run_script(folder: Path, hash_seed: str = "0") -> None:
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
    subprocess.run([sys.executable, str(SCRIPT), str(folder)], check=True, env=environment)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def source_of(capture: Any) -> str:
    text: str = (make_warc.PAGES / capture.source).read_text(encoding="utf-8")
    return text


def main_text(html: str) -> str:
    return trafilatura.extract(html, fast=True, include_comments=False, include_tables=False) or ""


@pytest.fixture(scope="module")
def texts() -> dict[str, str]:
    """Main text of every source, by its name."""
    sources = {capture.source for capture in CAPTURES if capture.source.endswith((".html", ".txt"))}
    read = {name: (make_warc.PAGES / name).read_text(encoding="utf-8") for name in sorted(sources)}
    return {name: main_text(text) if name.endswith(".html") else text.strip() for name, text in read.items()}


def test_two_builds_give_the_same_bytes(tmp_path: Path) -> None:
    run_script(tmp_path / "one", hash_seed="1")
    run_script(tmp_path / "two", hash_seed="2")
    one = contents(tmp_path / "one")
    assert one == contents(tmp_path / "two")
    assert one == {name: b"".join(data for _, data in members) for name, members in sorted(ARCHIVES.items())}


def test_a_build_touches_only_what_is_not_right(tmp_path: Path) -> None:
    run_script(tmp_path)
    whole, wrong, *_ = sorted(tmp_path.iterdir())
    for path in (whole, wrong):
        os.utime(path, (1, 1))
    wrong.write_bytes(b"something else")
    stale = tmp_path / "web-1999-01.warc.gz"
    stale.write_bytes(whole.read_bytes())
    foreign = tmp_path / "foreign.warc.gz"
    foreign.write_bytes(gzip.compress(b"WARC/1.0\r\n\r\n"))
    run_script(tmp_path)
    assert whole.stat().st_mtime == 1
    assert wrong.read_bytes() != b"something else"
    assert not stale.exists()
    assert foreign.exists()


def test_a_wrong_call_and_a_wrong_page_are_told_apart(capsys: pytest.CaptureFixture[str]) -> None:
    assert make_warc.main([]) == 2
    assert "OUT_DIR" in capsys.readouterr().err
    capture = next(capture for capture in CAPTURES if capture.record == "foreign-korean")
    wrong = make_warc.Capture(*(getattr(capture, name) for name in capture.__slots__[:8]), "cp932", "plain", "")
    with pytest.raises(ValueError, match=r"korean\.html: '.+' does not exist in cp932"):
        make_warc.payload_of(wrong)


def test_a_row_with_a_column_missing_is_named(tmp_path: Path) -> None:
    lines = (make_warc.PAGES / "pages.tsv").read_text(encoding="utf-8").splitlines()[:3]
    table = tmp_path / "pages.tsv"
    table.write_text("\n".join([*lines[:2], lines[2].rpartition("\t")[0]]), encoding="utf-8")
    with pytest.raises(ValueError, match=r"pages\.tsv:3: 10 columns, expected 11"):
        make_warc.captures(table)


def test_every_record_stands_once_in_one_archive_and_in_both_tables() -> None:
    names = Counter(record for members in ARCHIVES.values() for record, _ in members if record)
    assert set(names.values()) == {1}
    assert set(names) == {capture.record for capture in CAPTURES} == set(FATE_ROWS)
    assert {capture.record: capture.url for capture in CAPTURES} == {
        record: row["url"] for record, row in FATE_ROWS.items()
    }


def test_every_source_is_used() -> None:
    files = {path.relative_to(make_warc.PAGES).as_posix() for path in make_warc.PAGES.rglob("*") if path.is_file()}
    assert files - {"pages.tsv", "README.md"} == {capture.source for capture in CAPTURES} - {""}


@pytest.mark.parametrize("capture", [c for c in CAPTURES if not c.damage], ids=lambda capture: capture.record)
def test_warcio_and_fastwarc_read_every_whole_record_alike(capture: Any) -> None:
    member = MEMBERS[capture.record]
    ours = next(iter(ArchiveIterator(io.BytesIO(member), no_record_parse=True)))
    content = ours.raw_stream.read()
    theirs = next(iter(FastArchiveIterator(io.BytesIO(member), parse_http=False)))
    assert content
    assert theirs.reader.read() == content
    assert theirs.record_id == ours.rec_headers.get_header("WARC-Record-ID")
    assert ours.rec_headers.get_header("WARC-Target-URI") == capture.url
    assert ours.rec_headers.get_header("WARC-Date") == capture.date
    assert ours.rec_type == capture.type


def test_undamaged_archives_are_read_whole_by_both() -> None:
    damaged = {capture.archive for capture in CAPTURES if capture.damage}
    whole = set(ARCHIVES) - damaged
    assert whole
    for name in whole:
        data = b"".join(member for _, member in ARCHIVES[name])
        ours = [record.rec_headers.get_header("WARC-Record-ID") for record in ArchiveIterator(io.BytesIO(data))]
        theirs = [record.record_id for record in FastArchiveIterator(io.BytesIO(data))]
        assert ours == theirs
        assert len(ours) == len(ARCHIVES[name])


def test_record_ids_differ() -> None:
    heads = [gzip.decompress(MEMBERS[c.record]).partition(b"\r\n\r\n")[0] for c in CAPTURES if not c.damage]
    ids = [line for head in heads for line in head.split(b"\r\n") if line.startswith(b"WARC-Record-ID: ")]
    assert len(ids) == len(set(ids)) == len(heads)


@pytest.mark.parametrize(
    "capture",
    [c for c in CAPTURES if c.type == "response" and c.source.endswith(".html") and c.body == "plain" and not c.damage],
    ids=lambda capture: capture.record,
)
def test_bytes_are_in_the_encoding_the_table_names(capture: Any) -> None:
    content = gzip.decompress(MEMBERS[capture.record])
    body = content.split(b"\r\n\r\n", 2)[2].removesuffix(b"\r\n\r\n")
    encoding = capture.encoding
    source = source_of(capture)
    if encoding == "utf-8-twice":
        assert body.decode("utf-8").encode("latin-1").decode("utf-8") == source
    elif encoding == "character-references":
        assert body.isascii()
        assert body.count(b"&#") >= 800
    else:
        assert body.count(b"\xff") == source.count("\N{REPLACEMENT CHARACTER}")
        assert body.replace(b"\xff", b"").decode(encoding) == source.replace("\N{REPLACEMENT CHARACTER}", "")


def test_encodings_that_the_web_meets_are_there() -> None:
    bodies = {c.record: make_warc.payload_of(c) for c in CAPTURES if c.encoding in ("cp932", "euc_jp", "iso2022_jp")}
    assert {c.encoding for c in CAPTURES if c.type == "response"} >= {"utf-8", "cp932", "euc_jp", "iso2022_jp"}
    with pytest.raises(UnicodeDecodeError):
        bodies["diary-moving"].decode("shift_jis")
    bodies["mail-joint"].decode("ascii")


def test_there_is_enough_of_everything(texts: dict[str, str]) -> None:
    responses = [capture for capture in CAPTURES if capture.type == "response"]
    by_month = Counter(capture.date[:7] for capture in responses)
    kept = [capture for capture in responses if FATE_ROWS[capture.record]["fate"] == "kept"]
    foreign = {"foreign/chinese.html", "foreign/chinese-lesson.html", "foreign/korean.html"}
    foreign |= {"foreign/english.html", "foreign/english-sjis.html"}
    assert len({capture.source for capture in responses if capture.source.endswith(".html")} - foreign) >= 64
    assert len({capture.subset for capture in kept}) >= 3
    assert len(by_month) == 2
    assert {row["fate"] for row in FATE_ROWS.values()} == FATES
    assert {row["level"] for row in FATE_ROWS.values()} == {"L1", "L2", "L3", "LX", "LZ", "-"}
    assert sum(len(texts[capture.source]) for capture in kept) >= 60_000


def test_what_is_kept_passes_the_rules_of_swallow_code(texts: dict[str, str]) -> None:
    swallow = preset("swallow-code")
    for capture in CAPTURES:
        row = FATE_ROWS[capture.record]
        if row["fate"] in ("kept", "duplicate", "withheld"):
            text = texts[capture.source]
            assert judge(swallow.measure(text), swallow.rules).keep, capture.record
            assert 500 <= len(text) <= 2000, capture.record
            assert japanese_share(text) >= 0.8, capture.record


def test_what_is_rejected_for_its_quality_fails_the_rule_named(texts: dict[str, str]) -> None:
    swallow = preset("swallow-code")
    for capture in CAPTURES:
        row = FATE_ROWS[capture.record]
        if row["rule"].startswith("quality.") and capture.body == "plain":
            verdict = judge(swallow.measure(texts[capture.source]), swallow.rules)
            assert f"quality.{verdict.rule}" == row["rule"], capture.record


def japanese_share(text: str) -> float:
    """Kana, kanji and Japanese punctuation among all characters (the blocks of Unicode 16.0)."""
    blocks = (
        (0x3001, 0x3003),
        (0x3005, 0x3007),
        (0x300C, 0x300F),
        (0x3041, 0x30FF),
        (0x3400, 0x9FFF),
        (0xFF01, 0xFF5E),
    )
    return sum(any(low <= ord(each) <= high for low, high in blocks) for each in text) / len(text)


def test_no_text_brings_its_page_along(texts: dict[str, str]) -> None:
    around = (
        "トラックバック",
        "タグクラウド",
        "カートに入れる",
        "よく読まれている記事",
        "Powered by",
        "ログイン",
        "次へ",
    )
    for capture in CAPTURES:
        if FATE_ROWS[capture.record]["fate"] == "kept":
            assert [words for words in around if words in texts[capture.source]] == [], capture.record


def test_readings_of_ruby_stay_behind(texts: dict[str, str]) -> None:
    assert "よへい" in (make_warc.PAGES / "literature/lighthouse-keeper.html").read_text(encoding="utf-8")
    assert "よへい" not in texts["literature/lighthouse-keeper.html"]


def test_hosts_cannot_be_anybodys() -> None:
    """Names under .example (RFC 2606); for government pages names under suffixes no one else can register."""
    hosts = {capture.url.split("/")[2] for capture in CAPTURES}
    invented = {"www.city.kawabe-mihon.lg.jp", "www.mihon.go.jp"}
    assert {host for host in hosts if not host.endswith(".example")} == invented


def test_places_follow_one_another() -> None:
    for members in ARCHIVES.values():
        data = b"".join(member for _, member in members)
        assert [data[at : at + size] for _, at, size in make_warc.places(members)] == [each for _, each in members]


def test_damage_is_damage() -> None:
    broken = {capture.record: capture.damage for capture in CAPTURES if capture.damage}
    assert set(broken.values()) == set(make_warc.DAMAGES) - {""}
    for record, damage in broken.items():
        if damage in ("cut", "overwritten"):
            with pytest.raises((EOFError, OSError, zlib.error)):
                gzip.decompress(MEMBERS[record])
        else:
            head, _, block = gzip.decompress(MEMBERS[record]).partition(b"\r\n\r\n")
            assert int(head.rpartition(b"Content-Length: ")[2]) not in range(len(block) - 8, len(block) + 1)
