"""What every format of `FORMATS` keeps to, because it stands in the table: a new row is red until it has a sample."""

from __future__ import annotations

import gzip
import importlib.util
import io
import json
import random
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from tesuki.pipelines.corpus.scrub import scrub_pages
from tesuki.pipelines.decoding.decode import decode
from tesuki.pipelines.extraction.pdf.document import read_pdf
from tesuki.pipelines.journey.chunk import Step
from tesuki.pipelines.journey.page import Fate, Page, is_pdf
from tesuki.pipelines.reading.sources import FORMATS, Source, ranges_of
from tesuki.pipelines.reading.stored_pages import PageStore
from tesuki.pipelines.storage.rows import page_rows

SCRIPT = Path(__file__).resolve().parents[3] / "samples" / "make_pdf.py"
SPEC = importlib.util.spec_from_file_location("make_pdf", SCRIPT)
assert SPEC
assert SPEC.loader
make_pdf = importlib.util.module_from_spec(SPEC)
sys.modules["make_pdf"] = make_pdf
SPEC.loader.exec_module(make_pdf)

TEXTS = tuple(f"{name}の朝は霧が深く、木箱を積んだ舟が水門を抜けていきました。" for name in "一二三四五六")


def warc(kind: str, html: bool) -> bytes:
    sink = io.BytesIO()
    writer = WARCWriter(sink, gzip=True)
    for number, text in enumerate(TEXTS):
        headers = {"WARC-Date": "2026-01-02T03:04:05Z", "WARC-Record-ID": f"<urn:uuid:{number}>"}
        body = f"<!DOCTYPE html><p>{text}" if html else text
        http = StatusAndHeaders("200 OK", [("Content-Type", "text/html; charset=utf-8")], protocol="HTTP/1.1")
        record = writer.create_warc_record(
            f"https://example.jp/{number}",
            kind,
            payload=io.BytesIO(body.encode()),
            http_headers=http if html else None,
            warc_content_type="" if html else "text/plain",
            warc_headers_dict=headers,
        )
        writer.write_record(record)
    return sink.getvalue()


def json_lines() -> bytes:
    rows = [{"text": text, "url": f"https://example.jp/{number}"} for number, text in enumerate(TEXTS)]
    return gzip.compress("".join(json.dumps(row) + "\n" for row in rows).encode())


def parquet() -> bytes:
    sink = io.BytesIO()
    pq.write_table(pa.table({"text": TEXTS, "url": [f"https://example.jp/{text[0]}" for text in TEXTS]}), sink)
    return sink.getvalue()


def wikipedia() -> bytes:
    pages = "".join(
        f"<page><title>{text[0]}</title><ns>0</ns><id>{number}</id><revision><id>7{number}</id>"
        f"<timestamp>2026-01-02T03:04:05Z</timestamp><text>{text}</text></revision></page>"
        for number, text in enumerate(TEXTS)
    )
    head = "<siteinfo><base>https://ja.wikipedia.org/wiki/top</base></siteinfo>"
    return f"<mediawiki>{head}{pages}</mediawiki>".encode()


def cirrus_search() -> bytes:
    lines = []
    for number, text in enumerate(TEXTS):
        lines.append(json.dumps({"index": {"_id": str(number)}}))
        lines.append(json.dumps({"title": text[0], "text": text, "wiki": "jawiki", "namespace": 0}))
    return gzip.compress("\n".join(lines).encode())


def pdf() -> bytes:
    """All texts on one page: a file is one record."""
    runs = [make_pdf.Run(60, 700 - 40 * number, 10, text) for number, text in enumerate(TEXTS)]
    return bytes(make_pdf.make_pdf([runs]))


SAMPLES: Mapping[str, Callable[[], bytes]] = {
    "warc": lambda: warc("response", html=True),
    "wet": lambda: warc("conversion", html=False),
    "jsonl": json_lines,
    "parquet": parquet,
    "wikipedia": wikipedia,
    "cirrussearch": cirrus_search,
    "pdf": pdf,
}
"""A file of `TEXTS` in each format."""

ONE_RECORD = frozenset({"pdf"})
"""Formats of which a file is one record."""


def texts_of(form: str) -> tuple[str, ...]:
    return ("\n".join(TEXTS),) if form in ONE_RECORD else TEXTS


def test_every_format_has_a_sample() -> None:
    assert set(SAMPLES) == {name for name, form in FORMATS.items() if not form.by_index}


def test_an_ending_means_one_format() -> None:
    endings = [ending for form in FORMATS.values() for ending in form.endings]
    assert len(endings) == len(set(endings))


@pytest.fixture(params=sorted(SAMPLES))
def form(request: pytest.FixtureRequest) -> str:
    if request.param == "wikipedia":
        pytest.importorskip("mwparserfromhell")
    return str(request.param)


def found_in(path: Path, form: str, step: int = 1 << 30) -> list[Page | Fate]:
    source = Source(form, {}, {path.name: str(path)})
    return [item for part in ranges_of(str(path), "s", form, step) for item in source.read(part)]


def bodies(items: list[Page | Fate]) -> list[str]:
    return [
        item.text or (read_pdf(item.body).text if is_pdf(item) else item.body.decode())
        for item in items
        if isinstance(item, Page)
    ]


def test_a_sample_gives_its_texts_in_order_each_under_an_id_of_its_own(form: str, tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(SAMPLES[form]())
    items = found_in(path, form)
    assert len(bodies(items)) == len(texts_of(form))
    assert all(text in body for text, body in zip(texts_of(form), bodies(items), strict=True))
    assert len({item.record_id for item in items}) == len(items)
    assert [item.offset for item in items] == sorted(item.offset for item in items)


@pytest.mark.parametrize("step", [1, 137, 1_000])
def test_ranges_together_give_what_the_whole_gives(form: str, step: int, tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(SAMPLES[form]())
    assert found_in(path, form, step) == found_in(path, form)


@pytest.mark.parametrize(
    "content",
    [b"", b"\n", gzip.compress(b""), b"\x28\xb5\x2f\xfd\x20\x00\x01\x00\x00", b"words\n" * 99, b"<!DOCTYPE html><p>a"],
    ids=["no bytes", "a line end", "an empty member", "an empty frame", "words", "a page"],
)
def test_a_file_without_a_record_has_a_dead_row_and_no_page(form: str, content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(content)
    items = found_in(path, form)
    assert items
    assert {item.fate for item in items if isinstance(item, Fate)} == {"dead"}
    assert not bodies(items)
    assert found_in(path, form, 3) == items


def damaged() -> Iterator[Callable[[bytes, random.Random], bytes]]:
    yield lambda data, chance: data[: chance.randrange(len(data))]
    yield lambda data, chance: data + chance.randbytes(40)
    yield lambda data, chance: chance.randbytes(40) + data
    yield lambda data, chance: data[: len(data) // 2] + chance.randbytes(9) + data[len(data) // 2 + 9 :]
    yield lambda data, chance: bytes(len(data))
    yield lambda data, chance: chance.randbytes(len(data))
    for _ in range(20):
        yield _flipped


def _flipped(data: bytes, chance: random.Random) -> bytes:
    place = chance.randrange(len(data))
    return data[:place] + bytes([data[place] ^ 1 << chance.randrange(8)]) + data[place + 1 :]


def test_damage_costs_records_and_is_told(form: str, tmp_path: Path) -> None:
    chance, whole = random.Random(form), SAMPLES[form]()
    for number, damage in enumerate(damaged()):
        path = tmp_path / f"a{number}"
        path.write_bytes(damage(whole, chance))
        items = found_in(path, form)
        assert items, number
        assert found_in(path, form) == items
        for item in items:
            "".join((item.record_id, item.url)).encode()
            if isinstance(item, Page):
                "".join((item.text, item.title, item.date, item.id)).encode()
            else:
                assert item.station == "read"
                assert item.fate in ("dead", "skipped", "rejected")
                item.detail.encode()


@pytest.mark.parametrize("name", ["a b#c?d%41", "[a]*{b}", "改行\nと\t<i>", "-rf", "x" * 200])
def test_a_file_is_read_whatever_it_is_called(form: str, name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(SAMPLES[form]())
    items = found_in(path, form)
    assert len(bodies(items)) == len(texts_of(form))
    assert {item.archive for item in items} == {name}


def test_a_scrubbed_page_comes_back_as_it_was(form: str, tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(SAMPLES[form]())
    source = Source(form, {}, {path.name: str(path)})

    def extract(page: Page) -> Page | Fate:
        text = read_pdf(page.body).text if is_pdf(page) else page.html.partition("<p>")[2]
        return replace(page, body=b"", html="", text=text)

    @contextmanager
    def extraction() -> Iterator[Step]:
        yield extract

    def prepared(item: Page) -> Page:
        steps: tuple[Step, ...] = (decode, extract) if FORMATS[form].html else ()
        for step in steps:
            done = step(item)
            assert isinstance(done, Page)
            item = done
        return item

    before = [prepared(item) for item in found_in(path, form) if isinstance(item, Page)]
    table = tmp_path / "p.pages.parquet"
    pq.write_table(page_rows(before), table)
    kept = list(PageStore({"s": source}, decode, extraction).pages(table, "s"))
    scrub_pages(tmp_path, table, {0, 2, 5} & set(range(len(kept))))
    after = list(PageStore({"s": source}, decode, extraction).pages(table, "s"))
    assert [page.text for page in after] == [page.text for page in before]
    assert [(page.id, page.evidence, page.title) for page in after] == [
        (page.id, page.evidence, page.title) for page in kept
    ]
