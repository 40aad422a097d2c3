"""The groups of a robots.txt file: which agents it speaks to, and what it says to each (RFC 9309, §2.1 and §2.2).

Allow and Disallow are evaluated by `protego`; the groups are read here because it keeps no rules it does not know
(``Content-Usage``), and because it lets the group ``Applebot`` speak to ``Applebot-Extended``, where the standard
asks for equal product tokens.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from protego import Protego

SIZE_LIMIT = 512_000
"""Characters of a robots.txt file that are read; RFC 9309, §2.5, asks for at least 500 kibibytes."""

NOBODY = "an-agent-that-no-file-names"
"""An agent to which only the group ``*`` can speak."""

_LINE = re.compile(r"[ \t]*([A-Za-z-]{1,40})[ \t]*:[ \t]*([^\r\n#]*)")
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
    fetching: Protego

    def names(self, agent: str) -> bool:
        """Whether a group is addressed to ``agent`` itself."""
        return any(agent.lower() in group.agents for group in self.groups)

    def bars(self, agent: str, url: str) -> bool:
        """Whether ``agent`` may not fetch ``url``, by its own group or else by that of ``*``."""
        return not self.fetching.can_fetch(url, agent if self.names(agent) else NOBODY)

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
    clean: list[str] = []
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
                clean.append(f"User-agent: {token[0]}")
        else:
            clean.append(f"{field}: {value}")
            if agents and field not in ("sitemap", "host"):
                rules.append((field, value))
    if agents:
        groups.append(Group(frozenset(agents), tuple(rules)))
    return RobotsFile(tuple(groups), Protego.parse("\n".join(clean)))


@lru_cache(maxsize=4096)
def _pattern(pattern: str) -> Protego:
    return Protego.parse(f"User-agent: *\nDisallow: {pattern}")


def path_matches(pattern: str, url: str) -> bool:
    """Whether the path of ``url`` matches a path pattern of robots.txt (``*`` and ``$``; RFC 9309, §2.2.2)."""
    return not _pattern(" ".join(pattern.split("#")[0].split())).can_fetch(url, NOBODY)
