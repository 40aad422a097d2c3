"""Lists from files: plain words, UT1 folders, and the record the manifest keeps."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from tesuki.pipelines.errors import RequestError
from tesuki.pipelines.judging.lists import load_ut1, load_words

ABOUT = {"name": "ours", "licence": "CC0-1.0", "version": "2026-11"}


def ut1(folder: Path, **files: str) -> Path:
    for name, content in files.items():
        path = folder / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    return folder


def test_a_plain_list_and_its_record(tmp_path: Path) -> None:
    path = tmp_path / "words.txt"
    path.write_text("# 注\n語\n\n別の語\n語\n", encoding="utf-8")
    words, record = load_words(path, **ABOUT)
    assert words == ("語", "別の語")
    assert record.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert (record.name, record.licence, record.version, record.entries) == ("ours", "CC0-1.0", "2026-11", 2)


def test_chosen_categories_of_a_ut1_folder(tmp_path: Path) -> None:
    folder = ut1(
        tmp_path, dating__domains="deai.example\n", dating__urls="x.example/deai\n", warez__domains="w.example\n"
    )
    hosts, record = load_ut1(folder, ["dating"], **ABOUT)
    assert hosts.match("http://www.deai.example/") == "deai.example"
    assert hosts.match("http://x.example/deai/1") == "x.example/deai"
    assert hosts.match("http://w.example/") is None
    assert record.entries == 2


def test_the_categories_of_swallow_by_one_name(tmp_path: Path) -> None:
    folder = ut1(tmp_path, dating__domains="d.example\n", warez__domains="w.example\n", sports__domains="s.example\n")
    hosts, record = load_ut1(folder, ["swallow-code"], **ABOUT)
    assert hosts.domains == {"d.example", "w.example"}
    assert record == load_ut1(folder, ["warez", "dating"], **ABOUT)[1]
    assert load_ut1(folder, ["swallow-code", "sports"], **ABOUT)[1].entries == 3


def test_the_hash_depends_on_content_and_choice_not_on_place_or_order(tmp_path: Path) -> None:
    files = {"a__domains": "a.example\n", "b__domains": "b.example\n"}
    here, there = ut1(tmp_path / "here", **files), ut1(tmp_path / "there", **files)
    assert load_ut1(here, ["a", "b"], **ABOUT)[1] == load_ut1(there, ["b", "a", "a"], **ABOUT)[1]
    assert load_ut1(here, ["a"], **ABOUT)[1].sha256 != load_ut1(here, ["b"], **ABOUT)[1].sha256
    (there / "b" / "domains").write_text("c.example\n", encoding="utf-8")
    assert load_ut1(here, ["b"], **ABOUT)[1].sha256 != load_ut1(there, ["b"], **ABOUT)[1].sha256


def test_what_is_wrong_is_named(tmp_path: Path) -> None:
    empty = tmp_path / "empty.txt"
    empty.write_text("# nothing\n", encoding="utf-8")
    broken = tmp_path / "broken.txt"
    broken.write_bytes(b"ab\xff")
    with pytest.raises(RequestError, match=r"empty.txt: holds no word"):
        load_words(empty, **ABOUT)
    with pytest.raises(RequestError, match=r"broken.txt: not UTF-8 at byte 2"):
        load_words(broken, **ABOUT)
    with pytest.raises(RequestError, match=r"none.txt: cannot be read"):
        load_words(tmp_path / "none.txt", **ABOUT)
    folder = ut1(tmp_path / "lists", dating__domains="a.example\n", hollow__usage="black\n")
    with pytest.raises(RequestError, match="no category 'adult'; found dating, hollow"):
        load_ut1(folder, ["adult"], **ABOUT)
    with pytest.raises(RequestError, match="no file domains or urls in hollow"):
        load_ut1(folder, ["hollow"], **ABOUT)


@pytest.mark.shared
def test_real_lists_are_read() -> None:
    lists = Path(__file__).resolve().parents[3].parent / "shared" / "data" / "lists"
    if not lists.is_dir():
        pytest.skip("real lists beside the project are missing")
    hosts, record = load_ut1(lists / "ut1", ["gambling", "dating"], **ABOUT)
    assert record.entries > 38_000
    assert {hosts.match(f"https://www.{domain}/a") for domain in sorted(hosts.domains)[:2_000]} <= hosts.domains
