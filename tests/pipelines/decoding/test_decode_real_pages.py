"""Real Japanese pages decode as their labels say, as they are and written anew in every encoding."""

from __future__ import annotations

import json
import random
import re
from pathlib import Path

import pytest

from tesuki.pipelines.decoding.decode import decode_html
from tesuki.pipelines.decoding.encodings import decode_as
from tesuki.pipelines.reading.warc.archive import read_records
from tesuki.pipelines.reading.warc.http import parse_response
from tesuki.pipelines.reading.warc.records import Record

SHARED = Path(__file__).resolve().parents[3].parent / "shared" / "data"
CODECS = {"utf-8": "utf-8", "shift_jis": "cp932", "euc-jp": "euc_jp", "iso-2022-jp": "iso2022_jp"}
WRONG = {"utf-8": "Shift_JIS", "shift_jis": "UTF-8", "euc-jp": "Shift_JIS", "iso-2022-jp": "EUC-JP"}
JAPANESE = re.compile("[\u3041-\u30fe\u4e00-\u9fff]")
DECLARATION = re.compile(r"""charset\s*=\s*["']?[\w.:+-]+|encoding\s*=\s*["'][\w.:+-]+["']""", re.IGNORECASE)


def japanese_pages() -> list[tuple[bytes, str, str]]:
    """Body, Content-Type and labelled encoding of each Japanese page."""
    labels = {row["record_id"]: row for row in map(json.loads, (SHARED / "labels.jsonl").open())}
    archive = SHARED / "web-ja-dev.warc.gz"
    pages = []
    for record in read_records(archive, "gzip", 0, archive.stat().st_size):
        row = labels.get(record.header("warc-record-id")) if isinstance(record, Record) else None
        response = parse_response(record.content) if isinstance(record, Record) else None
        if row and response and row["lang"] == "ja":
            content_type = next(value for name, value in response.headers if name == "Content-Type")
            pages.append((response.body, content_type, row["encoding"].replace("us-ascii", "utf-8")))
    return pages


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.is_dir(), reason="the real pages beside the project are not there")
def test_every_real_japanese_page_decodes_as_its_label_says() -> None:
    pages = japanese_pages()
    assert len(pages) == 791
    for body, content_type, encoding in pages:
        expected = JAPANESE.findall(body.decode(CODECS[encoding], "ignore"))
        found = JAPANESE.findall(decode_html(body, content_type).text)
        if encoding in ("euc-jp", "iso-2022-jp"):
            # Python's own codecs for these know no vendor characters: what they do not know may come on top.
            known = set(expected)
            found = [character for character in found if character in known]
        assert found == expected


@pytest.mark.shared
@pytest.mark.slow
@pytest.mark.skipif(not SHARED.is_dir(), reason="the real pages beside the project are not there")
@pytest.mark.parametrize("encoding", CODECS)
def test_real_pages_in_each_encoding_declaration_and_damage(encoding: str) -> None:
    """Every Japanese page re-encoded, declared right, not and wrongly, whole, with a stray byte and cut: 99.5 %."""
    right = total = 0
    for number, (body, _, source) in enumerate(japanese_pages()):
        plain = DECLARATION.sub("", decode_as(source, body)[0].removeprefix("\ufeff"))
        for label in (encoding, "", WRONG[encoding]):
            html = f'<meta charset="{label}">{plain}' if label else plain
            data = html.encode(CODECS[encoding], "xmlcharrefreplace")
            dice = random.Random(number)
            at, cut = dice.randrange(len(data) + 1), dice.randrange(len(data) // 2, len(data) + 1)
            for damaged in (data, data[:at] + b"\xff" + data[at:], data[:cut]):
                expected = decode_as(encoding, data[:cut] if damaged == data[:cut] else data)[0]
                found = decode_html(
                    damaged, f"text/html; charset={label}" if label and number % 2 else "text/html"
                ).text
                right += differing("".join(JAPANESE.findall(expected)), "".join(JAPANESE.findall(found))) <= 2
                total += 1
    assert right / total >= 0.995


def differing(first: str, second: str) -> int:
    """Characters between the common beginning and the common end of two texts."""
    start = 0
    while start < min(len(first), len(second)) and first[start] == second[start]:
        start += 1
    end = 0
    while end < min(len(first), len(second)) - start and first[-1 - end] == second[-1 - end]:
        end += 1
    return max(len(first), len(second)) - start - end
