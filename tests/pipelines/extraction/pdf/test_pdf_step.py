"""Station 4 of PDF files: each that gives no text has one fate with its figure, and the next is read as if none was."""

from __future__ import annotations

import hashlib
import random
import zlib
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest

from tesuki.pipelines.extraction.pdf.document import _packets, xmp_of
from tesuki.pipelines.extraction.pdf.step import FATES, PdfSettings, open_pages_and_pdf
from tesuki.pipelines.extraction.step import open_extraction
from tesuki.pipelines.journey.chunk import Step
from tesuki.pipelines.journey.page import PDF, Fate, Page

READERS = ("tesuki.release_levels.signals:read_signals_of",)
TEXT = "この報告は、川の水位と舟運の変遷を、古い帳面と聞き取りから明らかにするものである。"
URL = "https://www.example.go.jp/a.pdf"


def page(body: bytes) -> Page:
    return Page(
        "web",
        "a",
        0,
        1,
        "<urn:x>",
        URL,
        "2026-05-01T00:00:00Z",
        body=body,
        encoding=PDF,
        encoding_evidence="the format",
    )


def html_page() -> Page:
    html = f"<html><body><article><p>{TEXT * 4}</p></article></body></html>"
    return Page("web", "a", 0, 1, "<urn:y>", URL, "2026-05-01T00:00:00Z", html=html, encoding="utf-8")


@pytest.fixture(scope="module")
def good(make_pdf: ModuleType) -> bytes:
    runs = [make_pdf.Run(60, 740 - 17 * row, 10, TEXT) for row in range(12)]
    return bytes(make_pdf.make_pdf([runs, runs], information={"Title": "水位報告", "CreationDate": "D:20260403"}))


@pytest.fixture(scope="module")
def step() -> Iterator[Step]:
    settings = PdfSettings(pages=50, bytes=1 << 20, seconds=3.0, memory=512 << 20)
    with open_pages_and_pdf(open_extraction, settings, READERS) as opened:
        yield opened


def fate(step: Step, body: bytes) -> Fate:
    found = step(page(body))
    assert isinstance(found, Fate)
    assert found.station == "extract"
    return found


def test_a_file_is_read_and_its_account_closes(step: Step, good: bytes) -> None:
    found = step(page(good))
    assert isinstance(found, Page)
    assert found.text == "\n".join([TEXT * 12] * 2)
    assert (found.title, found.published, found.body) == ("水位報告", "2026-04-03", b"")
    account = found.extraction
    assert account
    assert (account.engine, account.pages, account.garbled, account.closes) == ("pdf", 2, 0, True)
    assert account.japanese_taken == account.gauge


def test_pages_go_their_own_way(step: Step) -> None:
    found = step(html_page())
    assert isinstance(found, Page)
    assert TEXT in found.text


def scan(make_pdf: ModuleType) -> bytes:
    image = b"<</Type/XObject/Subtype/Image/Width 2/Height 2/ColorSpace/DeviceGray/BitsPerComponent 8/Length 4>>"
    return bytes(
        make_pdf.assemble(
            [
                b"<</Type/Catalog/Pages 2 0 R>>",
                b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
                b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</XObject<</I 5 0 R>>>>>>",
                b"<</Length 24>>stream\nq 595 0 0 842 0 0 cm /I Do Q\nendstream",
                image + b"stream\n\x00\x10\x20\x30\nendstream",
            ],
            b"",
        )
    )


def encrypted(good: bytes) -> bytes:
    """A file that says it is encrypted with a password nobody gives (standard handler, revision 3)."""
    table = b"/Encrypt<</Filter/Standard/V 2/R 3/Length 128/P -3904/O<%b>/U<%b>>>/ID[<00><00>]" % (
        b"11" * 32,
        b"22" * 32,
    )
    return good.replace(b"/Root 1 0 R", b"/Root 1 0 R" + table)


def test_each_file_without_text_has_a_fate_of_its_own(step: Step, good: bytes, make_pdf: ModuleType) -> None:
    runs = [make_pdf.Run(60, 740, 10, TEXT)]
    garbled = make_pdf.make_pdf([[make_pdf.Run(60, 740, 10, "\ue123" * 9 + TEXT)]])
    dense = make_pdf.make_pdf([[make_pdf.Run(60, 740 - 5 * row, 1, TEXT * 10) for row in range(100)]])
    cases = {
        "scanned": (scan(make_pdf), 0, 10),
        "encrypted": (encrypted(good), None, None),
        "truncated": (good[: len(good) // 4], None, None),
        "damaged": (b"%PDF-1.7\nnothing\n%%EOF\n", None, None),
        "pages": (make_pdf.make_pdf([runs] * 51), 51, 50),
        "garbled": (garbled, pytest.approx(9 / (9 + len(TEXT))), 0.05),
        "glyphs": (dense, pytest.approx(1_000 * len(TEXT), rel=0.01), 30_000),
        "bytes": (good + bytes(1 << 20), len(good) + (1 << 20), 1 << 20),
    }
    assert set(FATES) | {"bytes"} == set(cases)
    for rule, (body, value, threshold) in cases.items():
        found = fate(step, body)
        assert (found.rule, found.value, found.threshold) == (f"extract.pdf-{rule}", value, threshold), rule
        assert found.fate == FATES.get(rule, "rejected")


def test_a_file_without_text_or_images_is_empty(step: Step, make_pdf: ModuleType) -> None:
    found = fate(step, make_pdf.make_pdf([[]]))
    assert (found.rule, found.fate) == ("extract.empty", "rejected")


def test_files_can_be_left_out(good: bytes) -> None:
    with open_pages_and_pdf(open_extraction, PdfSettings(use="skip")) as skipping:
        found = skipping(page(good))
    assert isinstance(found, Fate)
    assert (found.rule, found.fate) == ("extract.pdf-skip", "skipped")


def test_what_takes_too_long_or_too_much_has_a_fate_and_the_next_is_read(good: bytes, make_pdf: ModuleType) -> None:
    runs = [make_pdf.Run(60, 740 - 4 * row, 3, TEXT * 3) for row in range(150)]
    with open_pages_and_pdf(open_extraction, PdfSettings(seconds=0.3)) as hasty:
        slow = hasty(page(make_pdf.make_pdf([runs] * 100)))
        assert isinstance(slow, Fate)
        assert (slow.rule, slow.fate, slow.threshold) == ("extract.pdf-timeout", "dead", 0.3)
        assert isinstance(hasty(page(good)), Page)


def bomb(make_pdf: ModuleType) -> bytes:
    """A page whose contents unpack to 256 MB."""
    packed = zlib.compressobj(9)
    data = b"".join(packed.compress(bytes(1 << 20)) for _ in range(256)) + packed.flush()
    return bytes(
        make_pdf.assemble(
            [
                b"<</Type/Catalog/Pages 2 0 R>>",
                b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
                b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R>>",
                b"<</Length %d/Filter/FlateDecode>>stream\n%b\nendstream" % (len(data), data),
            ],
            b"",
        )
    )


def hostile(make_pdf: ModuleType, good: bytes) -> dict[str, bytes]:
    pages = b"<</Type/Pages/Kids[%b]/Count 100000>>" % (b"3 0 R " * 100_000)
    leaf = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>"
    root = b"<</Type/Catalog/Pages 2 0 R%b>>"
    huge = b"<</Type/XObject/Subtype/Image/Width 60000/Height 60000/ColorSpace/DeviceRGB/BitsPerComponent 8/Length 4>>"
    drawn = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</XObject<</I 5 0 R>>>>>>"
    content = b"<</Length 24>>stream\nq 595 0 0 842 0 0 cm /I Do Q\nendstream"
    kids = b"<</Type/Pages/Kids[3 0 R]/Count 1>>"
    script = b"/OpenAction<</S/JavaScript/JS(while(true){app.alert(1)})>>"
    form = b"<</Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</I 5 0 R>>>>/Length 5>>"
    looped = make_pdf.assemble([root % b"", kids, drawn, content, form + b"stream\n/I Do\nendstream"], b"")
    return {
        "100,000 pages": make_pdf.assemble([root % b"", pages, leaf], b""),
        "pages within themselves": make_pdf.assemble([root % b"", b"<</Type/Pages/Kids[2 0 R]/Count 9>>"], b""),
        "a tree of 5,000 levels": make_pdf.assemble(
            [root % b"", *(b"<</Type/Pages/Kids[%d 0 R]/Count 1>>" % (n + 3) for n in range(5_000)), leaf], b""
        ),
        "a form within itself": looped,
        "a huge image": make_pdf.assemble([root % b"", kids, drawn, content, huge + b"stream\n1234\nendstream"], b""),
        "contents that unpack to 256 MB": bomb(make_pdf),
        "brackets": b"%PDF-1.7\n1 0 obj" + b"[" * 300_000 + b"<<" * 300_000 + b"\n%%EOF",
        "a table that points to itself": good.replace(b"trailer\n<<", b"trailer\n<</Prev 9"),
        "an attachment": make_pdf.make_pdf([[]], catalogue=b"/Names<</EmbeddedFiles<</Names[(a)9 0 R]>>>>"),
        "a script": make_pdf.make_pdf([[make_pdf.Run(60, 740, 10, TEXT)]], catalogue=script),
        "nothing but its head": b"%PDF-1.7",
        "negative counts": good.replace(b"/Count 2", b"/Count -2147483648"),
        "an endless box": good.replace(b"/MediaBox[0 0 595 842]", b"/MediaBox[0 0 1e38 -1e38]"),
    }


def check_each_has_one_outcome(step: Step, bodies: Iterator[bytes], good: bytes) -> None:
    for number, body in enumerate(bodies):
        found = step(page(body))
        if isinstance(found, Fate):
            assert found.rule.startswith(("extract.pdf-", "extract.empty", "extract.crash")), (number, found)
        else:
            found.text.encode()
    assert isinstance(step(page(good)), Page)


def test_hostile_files_cost_themselves_alone(step: Step, good: bytes, make_pdf: ModuleType) -> None:
    for name, body in hostile(make_pdf, good).items():
        found = step(page(body))
        if isinstance(found, Fate):
            assert found.rule.startswith(("extract.pdf-", "extract.empty", "extract.crash")), (name, found)
    assert isinstance(step(page(good)), Page)
    assert fate(step, hostile(make_pdf, good)["100,000 pages"]).rule == "extract.pdf-pages"


def flipped(good: bytes, chance: random.Random, count: int) -> Iterator[bytes]:
    for _ in range(count):
        body = bytearray(good)
        for _ in range(chance.randrange(1, 6)):
            body[chance.randrange(len(body))] ^= 1 << chance.randrange(8)
        yield bytes(body)


def test_damaged_files_cost_themselves_alone(step: Step, good: bytes) -> None:
    check_each_has_one_outcome(step, flipped(good, random.Random(4), 60), good)
    check_each_has_one_outcome(step, (good[:end] for end in range(0, len(good), 1 << 10)), good)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(12))
def test_many_damaged_files_cost_themselves_alone(step: Step, good: bytes, seed: int) -> None:
    check_each_has_one_outcome(step, flipped(good, random.Random(1_000 + seed), 250), good)


@pytest.mark.slow
def test_files_cut_anywhere_cost_themselves_alone(step: Step, good: bytes) -> None:
    check_each_has_one_outcome(step, (good[:end] for end in range(0, len(good), 64)), good)


XMP = """<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF><rdf:Description xmlns:pdf="http://ns.adobe.com/pdf/1.3/" {0}>
{1}</rdf:Description></rdf:RDF></x:xmpmeta>"""


@pytest.mark.parametrize(
    ("attributes", "elements", "signal"),
    [
        ("", '<cc:license rdf:resource="https://creativecommons.org/licenses/by/4.0/"/>', "licence.cc-by"),
        (
            "",
            "<dc:rights><rdf:Alt><rdf:li>https://creativecommons.org/licenses/by-nc/4.0/</rdf:li></rdf:Alt></dc:rights>",
            "licence.cc-by-nc",
        ),
        ('xmpRights:WebStatement="https://creativecommons.org/publicdomain/zero/1.0/"', "", "licence.cc0"),
        ("", "<tdm:reservation>1</tdm:reservation>", "tdm.reserved"),
        ('tdm:reservation="0"', "", "tdm.not-reserved"),
    ],
)
def test_metadata_of_rights_is_read_as_that_of_pages(
    step: Step, make_pdf: ModuleType, attributes: str, elements: str, signal: str
) -> None:
    body = make_pdf.make_pdf([[make_pdf.Run(60, 740, 10, TEXT)]], xmp=XMP.format(attributes, elements))
    found = step(page(body))
    assert isinstance(found, Page)
    assert signal in {item.signal for item in found.evidence}
    assert {item.where for item in found.evidence if item.signal == signal} == {"meta"}


CC_BY = '<cc:license rdf:resource="https://creativecommons.org/licenses/by/4.0/"/>'


def with_packed_metadata(make_pdf: ModuleType, packed: bytes, filter_name: bytes = b"/FlateDecode") -> bytes:
    """A file whose metadata stream is ``packed``."""
    body = make_pdf.make_pdf([[make_pdf.Run(60, 740, 10, TEXT)]], xmp="@@@")
    stream = b"<</Length %d/Type/Metadata /Subtype /XML/Filter%b>>stream\r\n%b\nendstream"
    plain = b"<</Length 3/Type/Metadata/Subtype/XML>>stream\n@@@\nendstream"
    assert plain in body
    return bytes(body.replace(plain, stream % (len(packed), filter_name, packed)))


def licences(found: Page | Fate) -> set[str]:
    assert isinstance(found, Page)
    return {item.signal for item in found.evidence if item.signal.startswith("licence.")}


def test_packed_metadata_is_read(step: Step, make_pdf: ModuleType) -> None:
    packed = zlib.compress(XMP.format("", CC_BY).encode())
    assert licences(step(page(with_packed_metadata(make_pdf, packed)))) == {"licence.cc-by"}
    other = XMP.replace("ns.adobe.com/pdf/1.3/", "example.com/").format("", CC_BY.replace("/by/", "/by-nc/")).encode()
    picture = b"9 0 obj\n<</Subtype/XML/Length 9/Filter/FlateDecode>>stream\n%b\nendstream\nendobj\n" % zlib.compress(
        other
    )
    body = with_packed_metadata(make_pdf, packed)
    assert "licenses/by/" in xmp_of(picture + body + picture)
    assert licences(step(page(body))) == {"licence.cc-by"}


def test_packed_metadata_is_read_before_and_behind_many_pictures(step: Step, make_pdf: ModuleType) -> None:
    picture = b"9 0 obj\n<</Subtype/XML/Length 9/Filter/FlateDecode>>stream\n%b\nendstream\nendobj\n" % zlib.compress(
        XMP.replace("ns.adobe.com/pdf/1.3/", "example.com/").format("", "").encode()
    )
    body = with_packed_metadata(make_pdf, zlib.compress(XMP.format("", CC_BY).encode()))
    for before, behind in ((60, 0), (0, 200), (200, 0), (1_100, 0)):
        assert "licenses/by/" in xmp_of(picture * before + body + picture * behind)


class Looked(bytes):
    """Bytes that count how many of them were looked through."""

    looked = 0

    def find(self, *what: Any) -> int:  # type: ignore[override]
        found = super().find(*what)
        start, stop = (*what[1:], 0, len(self))[:2] if len(what) < 3 else what[1:3]
        self.looked += (found if found >= 0 else min(len(self), stop)) - start
        return found


@pytest.mark.parametrize("end", [b"", b" " * (1 << 20) + b"</rdf:RDF>"])
def test_beginnings_without_an_end_are_looked_through_once(end: bytes) -> None:
    body = Looked(b"<rdf:RDF" * 30_000 + end)
    assert list(_packets(body)) == []
    assert body.looked <= 3 * len(body)


@pytest.mark.parametrize("damage", ["cut", "other filter", "no rights", "many"])
def test_metadata_that_cannot_be_unpacked_says_nothing(step: Step, make_pdf: ModuleType, damage: str) -> None:
    packed = zlib.compress(XMP.format("", CC_BY).encode())
    bodies = {
        "cut": with_packed_metadata(make_pdf, packed[4:]),
        "other filter": with_packed_metadata(make_pdf, packed, b"/LZWDecode"),
        "no rights": with_packed_metadata(make_pdf, zlib.compress(XMP.format("", "").encode())),
        "many": with_packed_metadata(make_pdf, b"/Subtype/XML" * 50_000),
    }
    assert licences(step(page(bodies[damage]))) == set()


@pytest.mark.parametrize("key", ["Copyright", "Rights", "License", "WebStatement"])
def test_rights_of_the_information_dictionary_are_read(step: Step, make_pdf: ModuleType, key: str) -> None:
    runs = [make_pdf.Run(60, 740, 10, TEXT)]
    stated = {key: "https://creativecommons.org/licenses/by-sa/4.0/deed.ja"}
    assert licences(step(page(make_pdf.make_pdf([runs], information=stated)))) == {"licence.cc-by-sa"}
    assert licences(step(page(make_pdf.make_pdf([runs], information={"Subject": stated[key]})))) == set()


def test_notices_in_the_text_are_read(step: Step, make_pdf: ModuleType) -> None:
    runs = [make_pdf.Run(60, 740, 10, TEXT), make_pdf.Run(60, 700, 10, "無断転載を禁じます。")]
    found = step(page(make_pdf.make_pdf([runs])))
    assert isinstance(found, Page)
    assert "notice.reproduction-prohibited" in {item.signal for item in found.evidence}


PADDING = bytes.fromhex("28bf4e5e4e758a4164004e56fffa01082e2e00b6d0683e802f0ca9fe6453697a")
"""ISO 32000-1, section 7.6.3.3."""


def rc4(key: bytes, data: bytes) -> bytes:
    state, j = list(range(256)), 0
    for i in range(256):
        j = (j + state[i] + key[i % len(key)]) % 256
        state[i], state[j] = state[j], state[i]
    out, i, j = bytearray(), 0, 0
    for byte in data:
        i = (i + 1) % 256
        j = (j + state[i]) % 256
        state[i], state[j] = state[j], state[i]
        out.append(byte ^ state[(state[i] + state[j]) % 256])
    return bytes(out)


def with_flags(body: bytes, flags: int) -> bytes:
    """``body`` with flags of permission and an empty password; its streams stay as they are (crypt filter Identity)."""
    owner, identity = bytes(32), bytes(16)
    key = hashlib.md5(PADDING + owner + (flags & 0xFFFFFFFF).to_bytes(4, "little") + identity).digest()
    for _ in range(50):
        key = hashlib.md5(key).digest()
    user = hashlib.md5(PADDING + identity).digest()
    for step in range(20):
        user = rc4(bytes(byte ^ step for byte in key), user)
    table = (
        b"/Encrypt<</Filter/Standard/V 4/R 4/Length 128/P %d/O<%b>/U<%b>/CF<</StdCF<</CFM/V2/Length 16>>>>"
        b"/StmF/Identity/StrF/Identity>>/ID[<%b><%b>]"
    ) % (
        flags,
        owner.hex().encode(),
        (user + bytes(16)).hex().encode(),
        identity.hex().encode(),
        identity.hex().encode(),
    )
    return body.replace(b"/Root 1 0 R", b"/Root 1 0 R" + table)


@pytest.mark.parametrize(("flags", "said"), [(-4, False), (-4 & ~(1 << 4), True), (-4 & ~(1 << 2), False)])
def test_flags_against_copying_are_a_signal(step: Step, good: bytes, flags: int, said: bool) -> None:
    found = step(page(with_flags(good, flags)))
    assert isinstance(found, Page)
    assert found.text.startswith(TEXT)
    assert ("file.no-copying" in {item.signal for item in found.evidence}) == said


def test_a_file_without_flags_has_no_such_signal(step: Step, good: bytes) -> None:
    found = step(page(good))
    assert isinstance(found, Page)
    assert "file.no-copying" not in {item.signal for item in found.evidence}
