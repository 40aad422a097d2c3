"""The short way to the words of a text against the long one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tesuki.common.morphology import words
from tesuki.pipelines.scoring.word_line import word_line

pytest.importorskip("unidic_lite", reason="the dictionary is not installed")

PIECES = st.sampled_from(
    [
        "水門を開ける。",
        "髙橋さん",
        "ｶﾞｷﾞ",
        "Tokyo 2026",
        "　",
        " ",
        "\t",
        "\n",
        "\u2028",
        "\x85",
        "\0",
        "\ud800",
        "𠮷野家",
        "→★",
        "\u3099",
        "☕️",
    ]
)


@given(st.lists(PIECES | st.text(max_size=3), max_size=12).map("".join))
def test_it_is_every_word_with_a_space_between(text: str) -> None:
    assert word_line(text) == " ".join(word.surface for line in text.splitlines() for word in words(line))


def test_a_line_longer_than_a_piece_is_cut_alike() -> None:
    text = "川辺の市場で魚を売る。" * 1_000
    assert word_line(text) == " ".join(word.surface for word in words(text))
