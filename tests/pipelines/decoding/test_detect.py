"""Japanese pages are known by their bytes, in every encoding and without any declaration."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tesuki.pipelines.decoding.detect import KANA, RULES, count_utf8_han, count_utf8_kana, detect
from tesuki.pipelines.journey.page import Fate, Page
from tesuki.pipelines.reading.ranges import plan_ranges
from tesuki.pipelines.reading.warc.archive import read_range

SHARED = Path(__file__).resolve().parents[3].parent / "shared" / "data"

PROSE = "吾輩は猫である。名前はまだ無い。どこで生れたかとんと見当がつかぬ。"
STATUTE = "第一條　大日本帝國ハ萬世一系ノ天皇之ヲ統治ス　第二條　皇位ハ皇室典範ノ定ムル所ニ依リ皇男子孫之ヲ繼承ス"
KANJI = "東京都千代田区図書館営業時間変更通知総務課広報担当者様"
CHINESE = "我们都说中国话，这是一个关于日本的测试页面。"
KOREAN = "저는 한국 사람입니다. 이것은 시험입니다."


def page(body: bytes, content_type: str = "text/html") -> Page:
    return Page("web", "a", 0, 1, "<urn:x>", "https://a.jp/", "", (("Content-Type", content_type),), body)


def html(text: str, head: str = "", opening: str = "<html>") -> str:
    return f"{opening}<head>{head}</head><body><p>{text}</p></body></html>"


@pytest.mark.parametrize(
    "body",
    [
        html(PROSE).encode(),
        html(PROSE).encode("cp932"),
        html(PROSE).encode("euc_jp"),
        html(PROSE).encode("iso2022_jp"),
        html(PROSE).encode("ascii", "xmlcharrefreplace"),
        "".join(f"&#x{ord(character):x};" for character in PROSE).encode(),
        html("<!-- long script -->" * 4000 + PROSE).encode("cp932"),
        html(STATUTE * 2).encode(),
        html(KANJI, opening='<html lang="ja">').encode(),
        html("menu", head='<meta charset="x-sjis">').encode(),
        html("menu", head="<meta http-equiv=Content-Type content='text/html; CHARSET = EUC-JP'>").encode(),
        b'<?xml version="1.0" encoding="Shift_JIS"?><html></html>',
    ],
)
def test_candidates(body: bytes) -> None:
    candidate = page(body)
    assert detect("kana-bytes")(candidate) is candidate


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xe3",
        html(CHINESE * 20).encode(),
        html(CHINESE * 20).encode("gb2312"),
        html(KOREAN * 20).encode(),
        html(KOREAN * 20).encode("cp949"),
        html("Été à la plage, où les élèves dégustent. " * 20).encode("latin-1"),
        html("Hello", opening='<html lang="ja">').encode(),
        html("text about shift_jis and euc-jp").encode(),
        html("\x1b[1m terminal").encode(),
    ],
)
def test_others_leave_with_the_rule(body: bytes) -> None:
    found = detect("kana-bytes")(page(body))
    assert isinstance(found, Fate)
    assert (found.fate, found.station, found.rule, found.detail) == (
        "rejected",
        "detect",
        "language.rapid",
        "kana-bytes",
    )


def test_the_header_may_name_the_encoding() -> None:
    assert isinstance(detect("kana-bytes")(page(b"<html>", "text/html; charset=Shift_JIS")), Page)


def test_counts() -> None:
    assert count_utf8_kana("あンー日".encode()) == 3
    assert count_utf8_kana(b"\xe3\x81") == 1
    assert count_utf8_kana(b"\xe3") == 0
    assert count_utf8_han("日本語あa".encode()) == 3
    assert KANA == 20


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b'<HTML class=a LANG="ja-JP">', True),
        ("<title>ひらがな</title>".encode(), True),
        ("<title>ひらがな</title>".encode("euc_jp"), False),  # valid Shift_JIS: half-width kana and kanji
        ("<title>カタカナ</title>".encode("shift_jis"), True),
        (html(PROSE).encode(), False),
        (b"<title>English</title>", False),
    ],
)
def test_swallows_rule(body: bytes, expected: bool) -> None:
    assert isinstance(detect("swallow")(page(body)), Page) is expected


def test_an_unknown_rule_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match="detect rule is 'guess', expected one of kana-bytes, swallow"):
        detect("guess")


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.is_dir(), reason="the real pages beside the project are not there")
def test_recall_and_precision_on_real_pages() -> None:
    labels = {row["record_id"]: row["lang"] for row in map(json.loads, (SHARED / "labels.jsonl").open())}
    (part,) = plan_ranges(SHARED / "web-ja-dev.warc.gz", "web")
    judged = [
        (labels[item.record_id] == "ja", {name: rule(item) for name, rule in RULES.items()})
        for item in read_range(part)
        if isinstance(item, Page) and labels[item.record_id] is not None
    ]
    recall, precision = {}, {}
    for rule in RULES:
        hits = sum(japanese and verdict[rule] for japanese, verdict in judged)
        recall[rule] = hits / sum(japanese for japanese, _ in judged)
        precision[rule] = hits / sum(verdict[rule] for _, verdict in judged)
    assert recall["kana-bytes"] >= 0.99
    assert precision["kana-bytes"] >= 0.95
    assert recall["kana-bytes"] > recall["swallow"]
