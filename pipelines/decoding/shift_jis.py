"""Shift_JIS as the web means it: windows-31j (WHATWG Encoding Standard, section 12.3)."""

from __future__ import annotations

_IMPOSSIBLE = b"\xfd\xfe\xff"
"""Bytes that neither lead nor trail a character. Python's ``cp932`` reads them as private characters."""


def decode_shift_jis(data: bytes) -> tuple[str, int]:
    """Shift_JIS as text, and how many bytes were left out of it; what cannot be read becomes U+FFFD."""
    possible = data.translate(None, _IMPOSSIBLE)
    return possible.decode("cp932", "replace"), len(data) - len(possible)
