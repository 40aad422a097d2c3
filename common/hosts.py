"""The host of a URL: one meaning in every room, however the address is spelled.

Take-down lists, host lists, robots.txt, splits and host statistics all ask here, so that what is listed under one
spelling is found under every other.
"""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

import idna

LONGEST_HOST = 253
"""Characters of a host name in its ASCII form (RFC 1035, section 2.3.4, without the root's dot)."""

_FORBIDDEN = frozenset('#%/<>?@[\\]^|"`{}')
"""What no host holds once its escapes are undone (WHATWG URL, "forbidden host code point", and what only hides one)."""


def host_of(url: str | None) -> str | None:
    """The host of ``url``: lower case, ASCII form (``xn--…``), escapes undone, without port, user and outer dots.

    None where there is none to be had: no URL, ``mailto:``, ``http:///x``, a broken bracket, a name too long.
    """
    if not url:
        return None
    try:
        host = urlsplit(url.strip()).hostname
    except ValueError:
        return None
    return canonical_host(unquote(host)) if host else None


def canonical_host(host: str) -> str | None:
    """A host name as lists and URLs compare it, or None where it can't be one. Idempotent.

    Names beyond ASCII are mapped by UTS #46 and written in Punycode, label by label, as browsers do: also names that
    IDNA 2008 would not register, because strangers' pages stand under them.
    """
    name = host.strip().lower()
    if not name.isascii():
        try:
            mapped = idna.uts46_remap(name, std3_rules=False, transitional=False)
        except (idna.IDNAError, UnicodeError):
            return None
        name = ".".join(map(_ascii_label, mapped.split(".")))
    name = name.strip(".")
    if not 0 < len(name) <= LONGEST_HOST or not name.isprintable() or not _FORBIDDEN.isdisjoint(name):
        return None
    return None if " " in name else name


def _ascii_label(label: str) -> str:
    return label if label.isascii() else "xn--" + label.encode("punycode").decode("ascii")
