"""Lists of hosts and addresses that match by registered suffix."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import SplitResult, urlsplit

from tesuki.common.addresses import comparable_escapes
from tesuki.common.hosts import canonical_host, host_of

LONGEST_PATH = 8_000
"""Characters of a path in which an entry is looked for: URIs of this length are the least that RFC 9110, section 4.1,
asks for."""


def registered_suffixes(host: str) -> Iterator[str]:
    """The host and every domain above it, longest first, without the top level: ``a.b.jp``, ``b.jp``.

    A name of one label stands for itself alone: a list that holds ``jp`` by mistake must not take a country.
    """
    yield host
    rest = host.partition(".")[2]
    while "." in rest:
        yield rest
        rest = rest.partition(".")[2]


@dataclass(frozen=True, slots=True)
class HostList:
    """Domains and addresses to be matched.

    ``domains`` are canonical hosts: an entry covers itself and every subdomain. ``addresses`` maps canonical
    hosts to paths that are covered with everything below them.
    """

    domains: frozenset[str]
    addresses: Mapping[str, frozenset[str]]

    def match(self, url: str | None) -> str | None:
        """The entry that covers ``url`` (``example.com``, ``example.com/shop``), or None."""
        parts, host = _split(url), host_of(url)
        if parts is None or host is None:
            return None
        for suffix in registered_suffixes(host):
            if suffix in self.domains:
                return suffix
        path = _comparable_path(parts)
        for suffix in registered_suffixes(host):
            if suffix in self.addresses:
                entries = self.addresses[suffix]
                for above in _paths_above(path):
                    if above in entries:
                        return suffix + above
        return None

    def covering(self, hosts: Iterable[str]) -> HostList:
        """The entries that cover anything on ``hosts`` (canonical): few, where the list is of a whole web's hosts."""
        found = {
            suffix
            for host in hosts
            for suffix in registered_suffixes(host)
            if suffix in self.domains or suffix in self.addresses
        }
        addresses = {suffix: self.addresses[suffix] for suffix in sorted(found) if suffix in self.addresses}
        return HostList(self.domains & found, addresses)


class Denied(Protocol):
    """Lists of hosts, whoever's way of matching they have."""

    def match(self, url: str | None) -> str | None:
        """The entry that covers ``url``, or None."""

    def covering(self, hosts: Iterable[str]) -> Denied:
        """The entries that cover anything on ``hosts`` (canonical)."""


def outside(top_levels: Collection[str], host: str | None) -> str | None:
    """``host`` (canonical; ``no host`` for None) where there are ``top_levels`` and it lies below none of them, else
    None."""
    return (host or "no host") if top_levels and (host or "").rpartition(".")[2] not in top_levels else None


@dataclass(frozen=True, slots=True)
class HostsOutside:
    """Lists of hosts together with the top levels outside of which none is wanted."""

    denied: Denied
    top_levels: frozenset[str]

    def match(self, url: str | None) -> str | None:
        """The entry that covers ``url``, or else its host where that is `outside`, or None."""
        entry = self.denied.match(url)
        return outside(self.top_levels, host_of(url)) if entry is None else entry

    def covering(self, hosts: Iterable[str]) -> HostsOutside:
        """The entries that cover anything on ``hosts`` (canonical), and all top levels."""
        return HostsOutside(self.denied.covering(hosts), self.top_levels)


def union(lists: Iterable[HostList]) -> HostList:
    """All entries of all ``lists``."""
    domains: set[str] = set()
    addresses: dict[str, frozenset[str]] = {}
    for entries in lists:
        domains |= entries.domains
        for host, paths in entries.addresses.items():
            addresses[host] = addresses.get(host, frozenset()) | paths
    return HostList(frozenset(domains), addresses)


def host_list(domains: Iterable[str], addresses: Iterable[str] = ()) -> HostList:
    """A list from the lines of a UT1 category: ``domains`` (hosts) and ``urls`` (host/path).

    Blank lines and lines that begin with ``#`` say nothing; a line that can't be a host is passed over; an
    address without a path is a domain.
    """
    hosts = {host for line in _entries(domains) if (host := canonical_host(line.removeprefix("*."))) is not None}
    paths: dict[str, set[str]] = {}
    for line in _entries(addresses):
        url = line if "://" in line else "http://" + line
        parts, host = _split(url), host_of(url)
        if parts is None or host is None:
            continue
        path = _comparable_path(parts)
        if path:
            paths.setdefault(host, set()).add(path)
        else:
            hosts.add(host)
    return HostList(frozenset(hosts), {host: frozenset(found) for host, found in paths.items()})


def _entries(lines: Iterable[str]) -> Iterator[str]:
    stripped = (line.strip() for line in lines)
    return (line for line in stripped if line and not line.startswith("#"))


def _split(url: str | None) -> SplitResult | None:
    if not url:
        return None
    try:
        return urlsplit(url.strip())
    except ValueError:
        return None


def _paths_above(path: str) -> Iterator[str]:
    """The path up to each of its slashes and question marks, shortest first, then the whole."""
    for mark in re.finditer("[/?]", path[:LONGEST_PATH]):
        yield path[: mark.start()]
    yield path


def _comparable_path(parts: SplitResult) -> str:
    """Path and query in one spelling; capitals fold, because UT1's lists are in small letters."""
    path = parts.path + ("?" + parts.query if parts.query else "")
    return comparable_escapes(path).lower().rstrip("/")
