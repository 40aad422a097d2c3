"""Wikipedia dumps and WET files: one page or fate for each record, prose without footnotes, damage that costs no more
than what is damaged."""

from __future__ import annotations

import bz2
import gzip
import io
import json
from pathlib import Path
from xml.sax.saxutils import escape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from tesuki.pipelines.journey.page import Fate, Page
from tesuki.pipelines.journey.range import Range
from tesuki.pipelines.reading import lines as long_lines
from tesuki.pipelines.reading.cirrus_search import read_cirrus_search
from tesuki.pipelines.reading.ranges import plan_ranges
from tesuki.pipelines.reading.wet import read_wet
from tesuki.pipelines.reading.wikipedia import read_wikipedia_dump
from tesuki.pipelines.reading.wikitext import plain_text
from tesuki.pipelines.reading.wikitext_tangle import unclosed_marks

STATION = """'''三保駅'''（みほえき、{{lang-en|Miho Station}}）は、[[川辺市]]にある<ref>時刻表。</ref>[[鉄道駅|駅]]。
{{基礎情報 駅|名=三保駅|写真=[[ファイル:駅.jpg]]}}
[[ファイル:駅舎.jpg|thumb|[[駅舎]]の写真]]
== 概要 ==
* 駅員は{{仮リンク|一人|en|one}}である。<!-- 見えない -->
{| class="wikitable"
! 年度 !! 乗客
|-
| 2024年 || 31人
|}
<math>x^2</math>改札は[http://example.com 木造]で、<nowiki>[[鍵]]</nowiki>はない。&amp;{{要出典|date=2026年}}
=== 歴史 ===
昭和に開いた。<br />平成に直した。
== 脚注 ==
{{Reflist}}
=== 注釈 ===
市の広報による。
== 周辺 ==
川が流れる。
{{DEFAULTSORT:みほえき}}[[Category:架空の駅]]__NOTOC__
"""
PROSE = """三保駅（みほえき）は、川辺市にある駅。
概要
駅員は一人である。
改札は木造で、[[鍵]]はない。&
歴史
昭和に開いた。
平成に直した。
周辺
川が流れる。"""

DUMP = f"""<mediawiki xmlns="http://www.mediawiki.org/xml/export-0.11/" xml:lang="ja">
<siteinfo><base>https://ja.wikipedia.org/wiki/%E3%83%A1%E3%82%A4%E3%83%B3</base></siteinfo>
<page><title>三保 駅</title><ns>0</ns><id>7</id><revision><id>99</id><timestamp>2026-05-01T12:34:56Z</timestamp>
<contributor><id>5</id></contributor><text>{escape(STATION)}</text></revision></page>
<page><title>みほえき</title><ns>0</ns><id>8</id><redirect title="三保駅" />
<revision><text>#転送 [[三保駅]]</text></revision></page>
<page><title>ノート:三保駅</title><ns>1</ns><id>9</id><revision><text>話。</text></revision></page>
<page><title>空</title><ns>0</ns><id>10</id><revision><text>{{{{stub}}}}</text></revision></page>
</mediawiki>"""


def whole(path: Path) -> Range:
    return Range("ja_wiki", str(path), path.name, 0, path.stat().st_size)


@pytest.fixture
def parser() -> None:
    pytest.importorskip("mwparserfromhell", reason="mwparserfromhell is not installed")


@pytest.mark.usefixtures("parser")
def test_wikitext_is_read_as_prose() -> None:
    assert plain_text(STATION) == PROSE


@pytest.mark.usefixtures("parser")
@settings(deadline=None)
@given(st.text(alphabet="[]{}|'=<>/ref!-&;:*# \n漢字かな（、）", max_size=80))
def test_any_wikitext_gives_lines_without_blanks(wikitext: str) -> None:
    text = plain_text(wikitext)
    assert all(line == line.strip() != "" for line in text.splitlines())


@pytest.mark.usefixtures("parser")
@pytest.mark.parametrize("ending", ["xml", "xml.bz2", "xml.gz"])
def test_a_dump_gives_a_page_or_fate_for_each_of_its_pages(tmp_path: Path, ending: str) -> None:
    pack = {"xml": bytes, "xml.bz2": bz2.compress, "xml.gz": gzip.compress}[ending]
    path = tmp_path / f"jawiki-pages-articles.{ending}"
    path.write_bytes(pack(DUMP.encode()))
    article, redirect, talk, empty = read_wikipedia_dump(whole(path), {})
    assert isinstance(article, Page)
    assert (article.text, article.title, article.date) == (PROSE, "三保 駅", "2026-05-01T12:34:56Z")
    assert article.url == "https://ja.wikipedia.org/wiki/%E4%B8%89%E4%BF%9D_%E9%A7%85"
    assert (article.record_id, article.offset) == (f"{path.name}#7", 0)
    assert [fate.rule for fate in (redirect, talk, empty) if isinstance(fate, Fate)] == [
        "read.redirect",
        "read.namespace",
        "read.empty",
    ]


@pytest.mark.usefixtures("parser")
def test_a_dump_cut_off_keeps_what_came_before(tmp_path: Path) -> None:
    path = tmp_path / "cut.xml"
    path.write_text(DUMP[: DUMP.index("<title>みほえき")])
    article, damage = read_wikipedia_dump(whole(path), {})
    assert isinstance(article, Page)
    assert isinstance(damage, Fate)
    assert (damage.fate, damage.rule, damage.offset) == ("dead", "read.damaged", 1)


@pytest.mark.parametrize(
    ("wikitext", "unclosed"),
    [
        (STATION, 0),
        ("{{a|" * 50, 50),
        ("]] }} </ref> -->" * 50, 0),
        ("[[a {{b ]]", 1),
        ("<ref name=x/><br>* 一つ", 0),
        ("<ref>a</ref><REF>b</ref><!-- c -->", 0),
        ("<ref <ref ", 2),
        ("{| [http://a.example [[b]] ] |}", 0),
    ],
)
def test_openings_that_nothing_closes_are_counted(wikitext: str, unclosed: int) -> None:
    assert unclosed_marks(wikitext) == unclosed


def test_a_vandalised_article_is_not_parsed(tmp_path: Path) -> None:
    path = tmp_path / "vandal.xml"
    path.write_text(DUMP.replace(escape(STATION), "{{a|" * 5000))
    vandal = next(iter(read_wikipedia_dump(whole(path), {})))
    assert isinstance(vandal, Fate)
    assert (vandal.fate, vandal.rule) == ("dead", "read.tangled")


def test_an_entity_bomb_is_one_dead_record(tmp_path: Path) -> None:
    levels = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
    path = tmp_path / "bomb.xml"
    path.write_text(f'<!DOCTYPE m [<!ENTITY a0 "aaaaaaaaaa">{levels}]><m><page><title>&a11;</title></page></m>')
    (damage,) = read_wikipedia_dump(whole(path), {})
    assert isinstance(damage, Fate)
    assert damage.rule == "read.damaged"


def cirrus_lines() -> list[bytes]:
    documents = [
        {
            "title": "三保 駅",
            "text": " 駅である。 ",
            "timestamp": "2026-05-01T12:34:56Z",
            "namespace": 0,
            "wiki": "jawiki",
        },
        {"title": "ノート:三保駅", "text": "話。", "namespace": 1, "wiki": "jawiki"},
        {"title": "空", "text": "", "namespace": 0, "wiki": "jawiki"},
    ]
    lines = []
    for number, document in enumerate(documents, 7):
        lines += [json.dumps({"index": {"_id": str(number)}}), json.dumps(document, ensure_ascii=False)]
    return [line.encode() + b"\n" for line in [*lines, "{broken", "[1]"]]


@pytest.mark.parametrize("ending", ["json", "json.gz"])
def test_a_search_dump_gives_a_page_or_fate_for_each_document(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"jawiki-cirrussearch-content.{ending}"
    lines = cirrus_lines()
    path.write_bytes(b"".join(lines) if ending == "json" else gzip.compress(b"".join(lines)))
    article, *fates = read_cirrus_search(whole(path), {})
    assert isinstance(article, Page)
    assert (article.text, article.record_id, article.date) == ("駅である。", f"{path.name}#7", "2026-05-01T12:34:56Z")
    assert article.url == "https://ja.wikipedia.org/wiki/%E4%B8%89%E4%BF%9D_%E9%A7%85"
    assert (article.offset, article.length) == (len(lines[0]), len(lines[1]))
    rules = [fate.rule for fate in fates if isinstance(fate, Fate)]
    assert rules == ["read.namespace", "read.empty", "read.malformed", "read.malformed"]


def test_a_search_dump_cut_off_keeps_what_came_before(tmp_path: Path) -> None:
    path = tmp_path / "cut.json.gz"
    path.write_bytes(gzip.compress(b"".join(cirrus_lines()[:2]))[:-12])
    last = list(read_cirrus_search(whole(path), {}))[-1]
    assert isinstance(last, Fate)
    assert last.rule == "read.damaged"


def test_a_line_too_long_is_one_dead_record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(long_lines, "LONGEST_LINE", 200)
    path = tmp_path / "long.json"
    path.write_bytes(b'{"text": "' + b"a" * 1000 + b'"}\n' + b'{"text": "b"}\n')
    long, short = read_cirrus_search(whole(path), {})
    assert isinstance(long, Fate)
    assert (long.rule, long.length) == ("read.too-long", 1013)
    assert isinstance(short, Page)


def wet(path: Path, texts: list[bytes]) -> Path:
    with path.open("wb") as sink:
        writer = WARCWriter(sink, gzip=True)
        writer.write_record(writer.create_warcinfo_record(path.name, {"software": "test"}))
        for number, text in enumerate(texts):
            headers = {"WARC-Date": "2026-05-01T12:34:56Z", "Content-Type": "text/plain"}
            writer.write_record(
                writer.create_warc_record(
                    f"https://a.example/{number}", "conversion", payload=io.BytesIO(text), warc_headers_dict=headers
                )
            )
        http = StatusAndHeaders("200 OK", [("Content-Type", "text/html")], protocol="HTTP/1.1")
        page = io.BytesIO(b"<html></html>")
        writer.write_record(
            writer.create_warc_record("https://a.example/page", "response", payload=page, http_headers=http)
        )
    return path


def test_a_wet_file_gives_a_page_or_fate_for_each_record(tmp_path: Path) -> None:
    texts = ["題名\n本文です。\n".encode(), b" \n", b"\xff\xe3\x81\x82", b"English"]
    path = wet(tmp_path / "CC-MAIN.warc.wet.gz", texts)
    info, page, empty, broken, english, response = read_wet(whole(path), {})
    assert isinstance(page, Page)
    assert (page.text, page.title, page.url) == ("題名\n本文です。", "題名", "https://a.example/0")
    assert (page.date, page.replacements) == ("2026-05-01T12:34:56Z", 0)
    assert isinstance(broken, Page)
    assert (broken.text, broken.replacements) == ("\ufffdあ", 1)
    assert isinstance(english, Page)  # what language it is in, station 5 asks
    rules = [fate.rule for fate in (info, empty, response) if isinstance(fate, Fate)]
    assert rules == ["read.warcinfo", "read.empty", "read.not-text"]


def test_ranges_of_a_wet_file_part_its_records(tmp_path: Path) -> None:
    path = wet(tmp_path / "CC-MAIN.warc.wet.gz", [f"頁{number}".encode() for number in range(40)])
    ids = [item.record_id for item in read_wet(whole(path), {})]
    parts = plan_ranges(path, "ja_wiki", range_bytes=700)
    assert len(parts) > 5
    assert [item.record_id for part in parts for item in read_wet(part, {})] == ids
