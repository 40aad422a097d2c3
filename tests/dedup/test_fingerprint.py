"""Fingerprints: equal for the same text, never one for all short ones."""

from __future__ import annotations

from hashlib import blake2b

from tesuki.dedup.comparison_form import comparison_form
from tesuki.dedup.fingerprint import fingerprint, form_fingerprint
from tesuki.dedup.presets import PRESETS
from tesuki.dedup.signature import signature


def test_it_is_blake2b_of_the_comparison_form() -> None:
    assert fingerprint("Ａ、Ｂ。") == blake2b(b"a b", digest_size=16).digest()
    assert len(fingerprint("")) == 16


def test_form_and_text_agree() -> None:
    text = "「ﾃｽﾄ」　その１"
    assert form_fingerprint(comparison_form(text)) == fingerprint(text)


def test_a_lone_surrogate_does_not_crash() -> None:
    assert fingerprint("\ud800") != fingerprint("\ud801")


def test_texts_of_nothing_but_punctuation_are_not_all_one() -> None:
    assert len({fingerprint(text) for text in ("", "。", "！？", "…", " ", "\u200b")}) == 6


def test_short_texts_match_only_when_equal() -> None:
    texts = ["", "あ", "い", "あい", "はい", "いいえ", "その他"]
    assert all(signature(comparison_form(text), PRESETS["doubri"]) is None for text in texts)
    assert len({fingerprint(text) for text in texts}) == len(texts)
