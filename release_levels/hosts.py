"""The host of a URL, as the rules here compare it."""

from __future__ import annotations

from urllib.parse import urlsplit

import idna


def host_of(url: str) -> str:
    """The host in lower case and in its ASCII (punycode) form, without port and final dot; "" where there
    is none.
    """
    try:
        host = (urlsplit(url.strip()).hostname or "").rstrip(".")
    except ValueError:
        return ""
    return ascii_host(host)


def ascii_host(host: str) -> str:
    """``host`` in lower-case ASCII (IDNA 2008 with the mapping of UTS #46); unchanged where it cannot be
    encoded.
    """
    host = host.strip().rstrip(".").lower()
    if host.isascii():
        return host
    try:
        return idna.encode(host, uts46=True).decode("ascii")
    except idna.IDNAError:
        return host


def is_within(host: str, domain: str) -> bool:
    """Whether ``host`` is ``domain`` or below it: ``www.city.kyoto.lg.jp`` is within ``lg.jp``."""
    return host == domain or host.endswith("." + domain)


def is_government(host: str) -> bool:
    """Whether ``host`` belongs to the Japanese state (``go.jp``) or a local government (``lg.jp``).

    Both are given out to such bodies only (JPRS, registration rules for GO.JP and LG.JP).
    """
    return is_within(host, "go.jp") or is_within(host, "lg.jp")
