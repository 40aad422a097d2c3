"""One spelling for the escapes in an address, so that addresses can be compared."""

from __future__ import annotations

from urllib.parse import quote, unquote_to_bytes

_KEPT = "/~!$&'()*+,;=:@?"


def comparable_escapes(part: str) -> str:
    """A path or query with what needs escaping escaped, and nothing else. Idempotent.

    Bytes are compared, not characters: ``%C6%FC`` (EUC-JP 日) and ``%CB%DC`` (本) stay apart, though neither is UTF-8.
    """
    return quote(unquote_to_bytes(part.encode("utf-8", "surrogatepass")), safe=_KEPT)
