"""EUC-JP and ISO-2022-JP as the web means them: JIS X 0208 with NEC's and IBM's extensions, as windows-31j has them.

Python's ``euc_jp`` and ``iso2022_jp`` know neither ① nor ㈱ nor 髙, and map ～ ∥ － to other code points than
browsers do. The WHATWG Encoding Standard (sections 12.1 and 12.2) reads both encodings through one index of 94 rows, the one
windows-31j has; what Python's codec cannot read is moved to the place windows-31j gives it and read there.
"""

from __future__ import annotations

import codecs
import re

REPLACEMENT = "\ufffd"

ESCAPES = re.compile(rb"(\x1b(?:\([BJI]|\$[@B]|\$\(D))")
"""ISO-2022-JP escapes: ASCII, JIS X 0201 Roman and kana, JIS X 0208 (1978 and 1983), JIS X 0212."""

_AS_BROWSERS = (("\u301c", "\uff5e"), ("\u2016", "\u2225"), ("\u2212", "\uff0d"), ("¢", "￠"), ("£", "￡"), ("¬", "￢"))
"""Where Python's codec follows JIS and the WHATWG index follows windows-31j (all pairs compared)."""


def decode_euc_jp(data: bytes) -> str:
    """EUC-JP as text; every byte that cannot be read becomes U+FFFD."""
    text = data.decode("euc_jp", "tesuki.euc-jp")
    for python, browser in _AS_BROWSERS:
        text = text.replace(python, browser)
    return text


def decode_iso_2022_jp(data: bytes) -> str:
    """ISO-2022-JP as text. Bytes a double-byte run cannot hold become U+FFFD and do not shift what follows them."""
    pieces = ESCAPES.split(data)
    texts = [_single(pieces[0])]
    for escape, run in zip(pieces[1::2], pieces[2::2], strict=True):
        texts.append(_RUN.get(escape, _single)(run))
    return "".join(texts)


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


def _single(run: bytes) -> str:
    return run.decode("ascii", "replace")


def _half_width(run: bytes) -> str:
    return bytes(byte | 0x80 if 0x21 <= byte <= 0x5F else byte for byte in run).decode("cp932", "replace")


def _double(run: bytes, lead: bytes = b"") -> str:
    # A line ends every double-byte run (RFC 1468), whatever became of the escape that should have closed it.
    line, newline, rest = run.partition(b"\n")
    pairs = bytes(byte for byte in line if 0x21 <= byte <= 0x7E)
    broken = len(line.rstrip(b"\r")) - len(pairs) + len(pairs) % 2
    high = bytes(byte | 0x80 for byte in pairs[: len(pairs) // 2 * 2])
    if lead:
        high = b"".join(lead + high[i : i + 2] for i in range(0, len(high), 2))
    return decode_euc_jp(high) + REPLACEMENT * broken + _single(newline + rest)


def _double_supplement(run: bytes) -> str:
    return _double(run, b"\x8f")


_RUN = {
    b"\x1b$@": _double,
    b"\x1b$B": _double,
    b"\x1b$(D": _double_supplement,
    b"\x1b(I": _half_width,
}
