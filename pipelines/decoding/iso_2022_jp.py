"""ISO-2022-JP as the web means it, which is the same index as EUC-JP's (WHATWG Encoding Standard, section 12.2)."""

from __future__ import annotations

import re
from collections.abc import Callable

from tesuki.pipelines.decoding.euc_jp import decode_euc_jp
from tesuki.pipelines.decoding.realign import realigned

_ESCAPE = re.compile(rb"(\x1b(?:\([BJI]|\$[@B]|\$\(D))")
"""ASCII, JIS X 0201 Roman and kana, JIS X 0208 of 1978 and 1983, JIS X 0212 (RFC 1468, RFC 2237, RFC 1554)."""


def decode_iso_2022_jp(data: bytes) -> tuple[str, int]:
    """ISO-2022-JP as text, and how many bytes were left out of it so that the rest reads right."""
    clean = data if data.isascii() else bytes(byte for byte in data if byte < 0x80)
    pieces = _ESCAPE.split(clean)
    texts = [pieces[0].decode("ascii")]
    left_out = len(data) - len(clean)
    for escape, run in zip(pieces[1::2], pieces[2::2], strict=True):
        # A line ends every run (RFC 1468), whatever became of the escape that should have closed it.
        line, newline, rest = run.partition(b"\n") if escape in _READ else (b"", b"", run)
        text, dropped = _READ[escape](line) if line else ("", 0)
        texts += [text, (newline + rest).decode("ascii")]
        left_out += dropped
    return "".join(texts), left_out


def _double(line: bytes) -> tuple[str, int]:
    pairs = bytes(byte | 0x80 for byte in line if 0x21 <= byte <= 0x7E)
    even, dropped = realigned(pairs)
    text, left_out = decode_euc_jp(even)
    return text, left_out + dropped + len(line.rstrip(b"\r")) - len(pairs)


def _supplement(line: bytes) -> tuple[str, int]:
    pairs = bytes(byte | 0x80 for byte in line if 0x21 <= byte <= 0x7E)
    text, left_out = decode_euc_jp(b"".join(b"\x8f" + pairs[i : i + 2] for i in range(0, len(pairs) // 2 * 2, 2)))
    return text, left_out + len(line.rstrip(b"\r")) - len(pairs) // 2 * 2


def _half_width(line: bytes) -> tuple[str, int]:
    kana = bytes(byte | 0x80 for byte in line if 0x21 <= byte <= 0x5F)
    return kana.decode("cp932"), len(line.rstrip(b"\r")) - len(kana)


_READ: dict[bytes, Callable[[bytes], tuple[str, int]]] = {
    b"\x1b$@": _double,
    b"\x1b$B": _double,
    b"\x1b$(D": _supplement,
    b"\x1b(I": _half_width,
}
