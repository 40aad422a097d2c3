"""What every rapid check of `RULES` keeps to, because it stands in the table."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tesuki.pipelines.decoding.detect import RULES, detect
from tesuki.pipelines.journey.page import Fate, Page

DOCS = Path(__file__).resolve().parents[3] / "docs"


def page(body: bytes, content_type: str = "text/html") -> Page:
    return Page("s", "a", 0, 1, "<urn:x>", "https://a.jp/", "", headers=(("Content-Type", content_type),), body=body)


def test_docs_tell_what_each_detector_asks() -> None:
    assert all(f"`{name}`" in (DOCS / "reading.md").read_text("utf-8") for name in RULES)


@pytest.mark.parametrize("rule", sorted(RULES))
def test_a_detector_knows_a_japanese_page_in_any_encoding_and_an_english_one(rule: str) -> None:
    html = (
        '<html lang="ja"><meta charset="{}"><title>朝の港のはなし</title><p>'
        + "霧が深く、舟は水門を抜けていきました。" * 3
    )
    for encoding in ("utf-8", "shift_jis", "euc_jp", "iso2022_jp"):
        japanese = page(html.format(encoding.replace("_", "-")).encode(encoding))
        assert detect(rule)(japanese) is japanese
    found = detect(rule)(page(b'<html lang="en"><title>Fog in the harbour</title><p>' + b"The boat left early. " * 20))
    assert isinstance(found, Fate)
    assert (found.fate, found.rule, found.detail) == ("rejected", "language.rapid", rule)


@pytest.mark.parametrize("rule", sorted(RULES))
@pytest.mark.parametrize(
    "body", [b"", b"\xe3", b"<", bytes(10_000), b"<html " * 5_000, b"<title" * 5_000, b"\x1b$B", b"&#"]
)
def test_a_detector_answers_whatever_the_bytes(rule: str, body: bytes) -> None:
    for each in (body, random.Random(1).randbytes(3_000) + body):
        asked = page(each, "text/html; charset=\ud800")
        assert detect(rule)(asked) is asked or isinstance(detect(rule)(asked), Fate)
