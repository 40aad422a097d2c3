"""An optional measure of LLM-jp v1: how well a text compresses."""

from __future__ import annotations

import zlib

from .repetition import share


def measure_compression(text: str) -> dict[str, float]:
    """Bytes after deflate at level 9, for each byte of UTF-8 (llm-jp/llm-jp-corpus, scripts/filters.py).

    Short texts always compress badly: 42 characters of good prose have .94. Use it behind a rule on length.
    """
    encoded = text.encode("utf-8", "replace")
    return {"compression_ratio": share(len(zlib.compress(encoded, level=9)), len(encoded))}
