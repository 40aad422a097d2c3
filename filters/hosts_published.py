"""Hosts as the published Swallow v1 code refuses them: by the very name, or by its end.

swallow-llm/swallow-corpus, ngurl.py (N. Okazaki, 2024). A listed host covers no subdomain, not even ``www.``; lines
of UT1's ``urls`` are looked up as names of hosts, so that one with a path never hits; 5ch's subdomains and what ends in
wikipedia.org go in any case, ``notwikipedia.org`` too. An address without a host, at which that code stops with an
exception, is in no list.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote, urlsplit

from tesuki.common.hosts import canonical_host

from .hosts_ut1 import SWALLOW_CATEGORIES

NEVER_HIT: Final = "mixed_adult"
"""ngurl.py writes it with a blank, and UT1's folder has none such."""

CATEGORIES: Final = tuple(name for name in SWALLOW_CATEGORIES if name != NEVER_HIT)

ENDS: Final = (".5ch.net", "wikipedia.org")


@dataclass(frozen=True, slots=True)
class PublishedHosts:
    """The names of hosts that are refused, as their lists have them."""

    names: frozenset[str]

    def match(self, url: str | None) -> str | None:
        """The entry or the end that covers ``url``, or None."""
        host = _hostname(url)
        if host is None:
            return None
        end = next((end for end in ENDS if host.endswith(end)), None)
        return end or (host if host in self.names else None)

    def covering(self, hosts: Iterable[str]) -> PublishedHosts:
        """The entries that name one of ``hosts`` (canonical, ``""`` for what is none) in whatever spelling: in lists
        and addresses alike ``例え.jp``, ``example.com.`` and ``a%62.com`` stand as they are."""
        wanted = frozenset(hosts)
        return PublishedHosts(frozenset(name for name in self.names if (canonical_host(unquote(name)) or "") in wanted))


def published_hosts(lines: Iterable[str]) -> PublishedHosts:
    """The hosts of lists, a line each, as they stand."""
    return PublishedHosts(frozenset(line for line in lines if line))


def _hostname(url: str | None) -> str | None:
    try:
        return urlsplit(url or "").hostname
    except ValueError:
        return None
