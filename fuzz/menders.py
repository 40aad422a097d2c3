"""Mending: what is mended stays as it is, and its log gives the original back."""

from __future__ import annotations

from collections.abc import Iterator

from tesuki.filters.mend import mend, unmend
from tesuki.filters.personal_data import mask_personal_data

STYLES = ("tesuki", "swallow-code")


def seeds() -> Iterator[bytes]:
    """A text with a footer, commas of all kinds, and what is to be masked."""
    yield "朝，港は霧．静かだ。\nCopyright © 2020 All Rights Reserved.\nお問い合わせ\n".encode()
    yield "連絡は info@example.jp か 03-1234-5678，〒100-0001 へ．".encode()


def attack(data: bytes) -> None:
    """A text in UTF-8."""
    text = data.decode("utf-8", "replace")
    for style in STYLES:
        mended = mend(text, style)
        assert unmend(mended.text, mended.edits) == text, f"{style}: not undone"
        assert mend(mended.text, style).text == mended.text, f"{style}: not idempotent"
    masked = mask_personal_data(text)
    assert mask_personal_data(masked.text).text == masked.text, "masking is not idempotent"
