"""What strangers wrote is shown, never obeyed."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tesuki.pipelines.journey.printable import printable


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("https://例え.jp/頁?q=あ い", "https://例え.jp/頁?q=あ い"),
        ("a\x1b]0;owned\x07b", "a\\x1b]0;owned\\x07b"),
        ("one\r\ntwo\u2028three", "one\\r\\ntwo\\u2028three"),
        ("gpj\u202etxt.exe", "gpj\\u202etxt.exe"),
        ("half \udc80 of one", "half \\udc80 of one"),
        ("全角\u3000空白", "全角\u3000空白"),
        ("[bold]no markup[/]", "[bold]no markup[/]"),
    ],
)
def test_shown(written: str, shown: str) -> None:
    assert printable(written) == shown


@given(st.text(st.characters()))
def test_nothing_a_terminal_obeys_is_left(text: str) -> None:
    shown = printable(text)
    assert not [character for character in shown if unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp")]
    assert printable(shown) == shown
    shown.encode("utf-8")
