"""The groups of a robots.txt file: which agents it speaks to, and what it says to each (RFC 9309, §2.1 and §2.2).

Read here, not by a library: addresses are compared byte by byte (``/%C6%FC/`` is not ``/%CB%DC/``, though neither is
UTF-8), the group ``Applebot`` does not speak to ``Applebot-Extended`` (the standard asks for equal product tokens), and
rules for other things than fetching (``Content-Usage``) are kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlsplit

from tesuki.common.addresses import comparable_escapes

SIZE_LIMIT = 512_000
"""Characters of a robots.txt file that are read; RFC 9309, §2.5, asks for at least 500 kibibytes."""

NOBODY = "an-agent-that-no-file-names"
"""An agent to which only the group ``*`` can speak."""

RULES = frozenset({"allow", "disallow", "content-usage", "content-signal"})
"""Fields that are rules. Others (``Crawl-delay``, ``Sitemap``) are no part of a group and end no list of agents."""

_LINE = re.compile(r"[ \t]*+([A-Za-z-]{1,40})[ \t]*+:[ \t]*+([^\r\n#]*+)")
_TOKEN = re.compile(r"[A-Za-z0-9_.*-]+")


@dataclass(frozen=True, slots=True)
class Group:
    """Agents (product tokens in lower case, or ``*``) and the rules for them: (field in lower case, value)."""

    agents: frozenset[str]
    rules: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class RobotsFile:
    """A robots.txt file, or another file of its grammar."""

    groups: tuple[Group, ...]

    def names(self, agent: str) -> bool:
        """Whether a group is addressed to ``agent`` itself."""
        return any(agent.lower() in group.agents for group in self.groups)

    def bars(self, agent: str, url: str) -> bool:
        """Whether ``agent`` may not fetch ``url``, by its own group or else by that of ``*``.

        The rule with the longest path decides, of two equally long ones Allow (RFC 9309, §2.2.2).
        """
        fitting = (
            (_octets(value), field == "allow")
            for field, value in self.rules_for(agent)
            if field in ("allow", "disallow") and path_matches(_rooted(field, value), url)
        )
        longest = max(fitting, default=None)
        return longest is not None and not longest[1]

    def rules_for(self, agent: str) -> Iterator[tuple[str, str]]:
        """All rules of the groups that apply to ``agent``: its own together, or else those of ``*``."""
        token = agent.lower() if self.names(agent) else "*"
        for group in self.groups:
            if token in group.agents:
                yield from group.rules


def read_robots_file(content: str) -> RobotsFile:
    """Read a file of robots.txt's grammar. Never raises: lines that are not understood are passed over."""
    groups: list[Group] = []
    agents: set[str] = set()
    rules: list[tuple[str, str]] = []
    for line in content[:SIZE_LIMIT].lstrip("\ufeff").splitlines():
        found = _LINE.match(line)
        if not found:
            continue
        field, value = found[1].lower(), found[2].strip()
        if field in ("user-agent", "useragent"):
            if rules:
                groups.append(Group(frozenset(agents), tuple(rules)))
                agents, rules = set(), []
            token = _TOKEN.match(value)
            if token:
                agents.add(token[0].lower())
        elif agents and field in RULES:
            rules.append((field, value))
    if agents:
        groups.append(Group(frozenset(agents), tuple(rules)))
    return RobotsFile(tuple(groups))


def path_matches(pattern: str, url: str) -> bool:
    """Whether the path of ``url`` matches a path pattern of robots.txt (``*`` and ``$``; RFC 9309, §2.2.2 and §2.2.3).

    Escapes are compared as the bytes they stand for. An empty pattern matches nothing.
    """
    pieces, to_the_end = _pieces(pattern)
    path = _path(url)
    if not pattern or not path.startswith(pieces[0]):
        return False
    place = len(pieces[0])
    for piece in pieces[1:-1]:
        place = path.find(piece, place)
        if place < 0:
            return False
        place += len(piece)
    if len(pieces) == 1:
        return not to_the_end or place == len(path)
    last = pieces[-1]
    return path.endswith(last, place) if to_the_end else path.find(last, place) >= 0


def _rooted(field: str, pattern: str) -> str:
    """``Disallow: private/`` means ``/private/``; an ``Allow`` so written, which could only permit, means nothing."""
    return pattern if pattern.startswith(("/", "*")) or field == "allow" or not pattern else f"/{pattern}"


@lru_cache(maxsize=4096)
def _pieces(pattern: str) -> tuple[tuple[str, ...], bool]:
    to_the_end = pattern.endswith("$")
    return tuple(map(comparable_escapes, pattern.removesuffix("$").split("*"))), to_the_end


def _octets(pattern: str) -> int:
    pieces, to_the_end = _pieces(pattern)
    return sum(map(len, pieces)) + len(pieces) - 1 + to_the_end


@lru_cache(maxsize=64)
def _path(url: str) -> str:
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return "/"
    return comparable_escapes(parts.path or "/") + ("?" + comparable_escapes(parts.query) if parts.query else "")
