"""Bytes become the text their author wrote, whatever the page says of its encoding."""

from __future__ import annotations

import codecs
import random
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tesuki.pipelines.decoding.decode import decode, decode_html
from tesuki.pipelines.decoding.encodings import decode_as, encoding_of
from tesuki.pipelines.decoding.euc_jp import decode_euc_jp
from tesuki.pipelines.decoding.iso_2022_jp import decode_iso_2022_jp
from tesuki.pipelines.decoding.realign import realigned
from tesuki.pipelines.decoding.shift_jis import decode_shift_jis
from tesuki.pipelines.journey.page import Fate, Page

ROOT = Path(__file__).resolve().parents[3]
LABELS = ROOT / "pipelines" / "decoding" / "encoding_labels.tsv"

# Vendor characters: code point, windows-31j and EUC-JP bytes by the WHATWG index jis0208 (pointers 1128, 1219, 8644,
# 32, 33, 60, 80; half-width kana by its single-byte rule).
VENDOR = [
    ("①", b"\x87\x40", b"\xad\xa1"),
    ("㈱", b"\x87\x8a", b"\xad\xea"),
    ("髙", b"\xfb\xfc", b"\xfc\xe2"),
    ("～", b"\x81\x60", b"\xa1\xc1"),
    ("∥", b"\x81\x61", b"\xa1\xc2"),
    ("－", b"\x81\x7c", b"\xa1\xdd"),
    ("￠", b"\x81\x91", b"\xa1\xf1"),
    ("ｱ", b"\xb1", b"\x8e\xb1"),
]

PROSE = "吾輩は猫である。名前はまだ無い。どこで生れたかとんと見当がつかぬ。カタカナも書く。"
CODECS = {"utf-8": "utf-8", "shift_jis": "cp932", "euc-jp": "euc_jp", "iso-2022-jp": "iso2022_jp"}
WRONG = {"utf-8": "Shift_JIS", "shift_jis": "UTF-8", "euc-jp": "Shift_JIS", "iso-2022-jp": "EUC-JP"}
JAPANESE = re.compile("[\u3041-\u30fe\u4e00-\u9fff]")


def page(text: str = PROSE * 5, declared: str = "") -> str:
    meta = f'<meta charset="{declared}">' if declared else ""
    return f"<html><head>{meta}<title>題</title></head><body><p>{text}</p></body></html>"


@pytest.mark.parametrize(("character", "shift_jis", "euc"), VENDOR)
def test_vendor_characters_as_browsers_read_them(character: str, shift_jis: bytes, euc: bytes) -> None:
    assert decode_shift_jis(shift_jis) == (character, 0)
    assert decode_euc_jp(euc) == (character, 0)
    if euc[0] != 0x8E:
        seven_bits = bytes(byte & 0x7F for byte in euc)
        assert decode_iso_2022_jp(b"\x1b$B" + seven_bits + b"\x1b(B.") == (character + ".", 0)


def test_iso_2022_jp_runs() -> None:
    # ESC ( I: half-width kana; ESC $ ( D: JIS X 0212, 丂 is 0x3021; a line ends a run whose escape is lost.
    assert decode_iso_2022_jp(b"\x1b(I\x31\x32\x1b(B/\x1b$(D\x30\x21\x1b(B/") == ("ｱｲ/丂/", 0)
    assert decode_iso_2022_jp(b"\x1b$B\x24\x22\nabc\n") == ("あ\nabc\n", 0)
    assert decode_iso_2022_jp(b"\x1b$B\x24\xff\x22\x24\x24\x1b(B") == ("あい", 1)


@given(st.text("あいうえおかきくけこ日本語東京、。ー①ｱ", min_size=1, max_size=60))
def test_euc_jp_agrees_with_windows_31j(text: str) -> None:
    """The two are one character set in two dresses (JIS X 0208 rows and cells, JIS X 0201)."""
    euc = b"".join(b"\x8e" + byte if len(byte) == 1 else _moved(byte) for byte in (c.encode("cp932") for c in text))
    assert decode_euc_jp(euc) == (text, 0)


def _moved(pair: bytes) -> bytes:
    # JIS X 0208 annex 1: Shift_JIS packs two rows of 94 into one lead byte.
    lead = pair[0] - (0x81 if pair[0] < 0xA0 else 0xC1)
    cell = pair[1] - (0x40 if pair[1] < 0x7F else 0x41)
    row, cell = (2 * lead, cell) if cell < 94 else (2 * lead + 1, cell - 94)
    return bytes((row + 0xA1, cell + 0xA1))


@given(st.binary(max_size=200))
def test_no_bytes_crash_a_decoder(data: bytes) -> None:
    for encoding in ("euc-jp", "iso-2022-jp", "shift_jis", "utf-8", "utf-16le", "gb18030"):
        text, left_out = decode_as(encoding, data)
        assert 0 <= left_out <= len(data)
        text.encode()
    decoded = decode_html(data, "text/html; charset=euc-jp")
    assert decoded.replacements >= 0


def test_a_stray_byte_in_a_run_of_pairs_costs_a_character_or_two() -> None:
    """Every byte, at every place: without realignment the mean loss would be half the text, 20 characters."""
    run = PROSE.encode("euc_jp")
    losses = []
    for at in range(len(run) + 1):
        for byte in range(0xA1, 0xFF):
            mended, left_out = realigned(run[:at] + bytes([byte]) + run[at:])
            assert (len(mended), left_out) == (len(run), 1)
            losses.append(sum(a != b for a, b in zip(decode_euc_jp(mended)[0], PROSE, strict=True)))
    assert max(losses) <= 4
    assert sum(losses) / len(losses) < 1


@pytest.mark.parametrize("encoding", CODECS)
@pytest.mark.parametrize("declaration", ["right", "missing", "wrong", "unknown"])
@pytest.mark.parametrize("damage", ["whole", "stray byte", "cut"])
def test_prose_in_each_encoding(encoding: str, declaration: str, damage: str) -> None:
    label = {"right": encoding, "missing": "", "wrong": WRONG[encoding], "unknown": "x-klingon"}[declaration]
    body = page(declared=label).encode(CODECS[encoding])
    middle = body.index("猫".encode(CODECS[encoding])[-2:]) + 1
    data = {"whole": body, "stray byte": body[:middle] + b"\xff" + body[middle:], "cut": body[: middle + 200]}[damage]
    decoded = decode_html(data, f"text/html; charset={label}" if label else "text/html")
    assert decoded.encoding == encoding
    expected = "".join(JAPANESE.findall(page(declared=label)))
    found = "".join(JAPANESE.findall(decoded.text))
    if damage == "cut":
        assert expected.startswith(found[:-1])
    else:
        assert len(set(zip(expected, found, strict=False)) - set(zip(expected, expected, strict=True))) <= 1 or (
            expected.replace("猫", "", 1) == found
        )
        assert (decoded.replacements > 0) == (damage == "stray byte")


@pytest.mark.parametrize(
    ("mark", "codec", "encoding"),
    [
        (codecs.BOM_UTF8, "utf-8", "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le", "utf-16le"),
        (codecs.BOM_UTF16_BE, "utf-16-be", "utf-16be"),
    ],
)
def test_a_byte_order_mark_is_believed_before_all(mark: bytes, codec: str, encoding: str) -> None:
    decoded = decode_html(mark + page(declared="Shift_JIS").encode(codec), "text/html; charset=euc-jp")
    assert (decoded.encoding, decoded.evidence, decoded.replacements) == (encoding, "bom", 0)
    assert decoded.text == page(declared="Shift_JIS")


@pytest.mark.parametrize(
    ("body", "content_type", "evidence"),
    [
        (page().encode(), "", "strict"),
        (page().encode("iso2022_jp"), "", "escape"),
        (page().encode("cp932"), "text/html; charset=x-sjis", "header"),
        (page(declared="Shift-JIS").encode("cp932"), "text/html", "meta"),
        (page().encode("cp932"), "", "detected"),
        (page().encode().replace("猫".encode(), b"\xe7\x8c"), "", "damaged"),
    ],
)
def test_the_evidence_is_named(body: bytes, content_type: str, evidence: str) -> None:
    assert decode_html(body, content_type).evidence == evidence


@pytest.mark.parametrize(
    ("text", "codec", "encoding"),
    [
        ("Été à la plage, où les élèves dégustent des gâteaux. ", "cp1252", "windows-1252"),
        ("저는 한국 사람입니다. 이것은 시험입니다. ", "cp949", "euc-kr"),
        ("這是中文，我們說國語，不是日本語。", "big5", "big5"),
        ("Привет, это русский текст для проверки. ", "cp1251", "windows-1251"),
        ("ｺｰﾋｰ 500 ﾌﾞﾚﾝﾄﾞ ｱｲｽﾃｨｰ ﾓｰﾆﾝｸﾞ ", "cp932", "shift_jis"),
    ],
)
def test_other_languages_and_half_width_kana(text: str, codec: str, encoding: str) -> None:
    body = f"<html><body>{text * 20}</body></html>".encode(codec)
    decoded = decode_html(body, f"text/html; charset={encoding}")
    assert (decoded.encoding, decoded.replacements) == (encoding, 0)
    assert decoded.text == f"<html><body>{text * 20}</body></html>"


def test_a_terminal_log_in_utf_8_is_not_iso_2022_jp() -> None:
    text = page("\x1b$B で始まる端末の記録。" + PROSE)
    decoded = decode_html(text.encode())
    assert (decoded.encoding, decoded.text) == ("utf-8", text)


def test_a_replacement_character_that_the_author_wrote_is_not_counted() -> None:
    body = page(PROSE + "\ufffd").encode()
    assert decode_html(body).replacements == 0
    assert decode_html(body.replace("猫".encode(), b"\xe7")).replacements == 1


def test_the_station_gives_up_the_body_and_names_what_it_found() -> None:
    station_page = Page("web", "a", 0, 1, "<urn:x>", "https://a.jp/", "", body=page().encode("euc_jp"))
    decoded = decode(station_page)
    assert isinstance(decoded, Page)
    assert (decoded.body, decoded.html, decoded.encoding) == (b"", page(), "euc-jp")


def test_what_nothing_reads_is_dead_with_its_share() -> None:
    noise = random.Random(1).randbytes(5000)
    found = decode(Page("web", "a", 0, 1, "<urn:x>", "https://a.jp/", "", body=b"\xef\xbb\xbf<html>" + noise))
    assert isinstance(found, Fate)
    assert (found.fate, found.rule) == ("dead", "decode.undecodable")
    assert found.value is not None
    assert found.threshold is not None
    assert found.value > found.threshold


def test_every_label_has_one_meaning_and_every_meaning_a_decoder() -> None:
    rows = [line.split("\t") for line in LABELS.read_text().splitlines() if not line.startswith("#")][1:]
    labels = [label for row in rows for label in row[2].replace("|", "").split()]
    assert len(labels) == len(set(labels))
    for name, _, group in rows:
        assert name in group.split()
        assert {encoding_of(f" {label.upper()} ") for label in group.replace("|", "").split()} == {name}
        assert decode_as(name, b"")[0] == ""
    assert encoding_of("klingon") is None
