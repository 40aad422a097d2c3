"""EUC-JP as the web means it: JIS X 0208 with NEC's and IBM's extensions, as windows-31j has them.

Python's ``euc_jp`` knows neither ① nor ㈱ nor 髙, and maps ～ ∥ － to other code points than browsers do. The WHATWG
Encoding Standard (section 12.1) reads EUC-JP through an index of 94 rows, the one windows-31j has; what Python's codec
cannot read is moved to the place windows-31j gives it and read there.
"""

from __future__ import annotations

import codecs
import re

from tesuki.pipelines.decoding.realign import realigned

REPLACEMENT = "\ufffd"

_IMPOSSIBLE = bytes([*range(0x80, 0x8E), *range(0x90, 0xA1), 0xFF])
"""Bytes no character of EUC-JP contains."""

_RUN = re.compile(
    rb"(?:[\xa1-\xfe]{2}|\x8e[\xa1-\xdf]|\x8f[\xa1-\xfe]{2})++(?![\x8e\x8f\xa1-\xfe])|([\x8e\x8f\xa1-\xfe]+)"
)
"""A run of whole characters, or (as a group) a run in which a byte is too many or too few."""

_SHIFTS = b"\x8e\x8f"
"""Single shifts before half-width kana and JIS X 0212: rare, and in a broken run the first suspects."""

_AS_BROWSERS = (("\u301c", "\uff5e"), ("\u2016", "\u2225"), ("\u2212", "\uff0d"), ("¢", "￠"), ("£", "￡"), ("¬", "￢"))
"""Where Python's codec follows JIS and the WHATWG index follows windows-31j (all pairs compared)."""


def decode_euc_jp(data: bytes) -> tuple[str, int]:
    """EUC-JP as text, and how many bytes were left out of it so that the rest reads right.

    What cannot be read becomes U+FFFD. Browsers do not look for stray bytes; one of them costs them the line.
    """
    text = _decode(data)
    if REPLACEMENT not in text:
        return text, 0
    possible = data.translate(None, _IMPOSSIBLE)
    left_out = len(data) - len(possible)

    def mend(run: re.Match[bytes]) -> bytes:
        nonlocal left_out
        if not run[1]:
            return run[0]
        pairs, _ = realigned(run[1].translate(None, _SHIFTS))
        left_out += len(run[1]) - len(pairs)
        return pairs

    return _decode(_RUN.sub(mend, possible)), left_out


def _decode(data: bytes) -> str:
    text = data.decode("euc_jp", "tesuki.euc-jp")
    for python, browser in _AS_BROWSERS:
        text = text.replace(python, browser)
    return text


def _vendor_character(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    pair = error.object[error.start : error.start + 2]
    if len(pair) == 2 and min(pair) >= 0xA1 and max(pair) <= 0xFE:
        row, cell = pair[0] - 0xA1, pair[1] - 0xA1
        lead = (row >> 1) + (0x81 if row < 62 else 0xC1)
        trail = cell + (0x9F if row & 1 else 0x40 + (cell >= 63))
        text = bytes((lead, trail)).decode("cp932", "replace")
        return text if len(text) == 1 else REPLACEMENT, error.start + 2
    return REPLACEMENT, error.start + 1


codecs.register_error("tesuki.euc-jp", _vendor_character)
