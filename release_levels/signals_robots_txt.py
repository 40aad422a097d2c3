"""robots.txt: whom a host turns away from a page, and for what use.

Common Crawl obeyed the robots.txt of the day of its crawl; one fetched later tells what the host wants now. It is
evaluated for the agents that gather training data (`ai_agents`), each by its own group (RFC 9309). A missing file, or
an agent no group speaks to, bars nothing. ``Content-Usage`` and ``Content-Signal`` rules are those for Common
Crawl's own agent, as the corpus is made of what it fetched.
"""

from __future__ import annotations

from collections.abc import Iterator

from tesuki.common.hosts import host_of

from .ai_agents import ai_agents
from .evidence import Evidence, observe
from .robots_groups import RobotsFile, path_matches
from .signals_content_usage import preferences

CRAWLER = "CCBot"
"""The agent that fetched the pages."""

_USAGE_FIELDS = ("content-usage", "content-signal")


def signals_robots_txt(robots: RobotsFile, url: str) -> Iterator[Evidence]:
    """Evidence ``robots-txt.agent`` (value: the agents barred by name), ``robots-txt.all``, and the families
    ``content-usage`` and ``content-signal``, of place ``host``."""
    if not host_of(url):
        return
    barred = [agent for agent in ai_agents() if robots.names(agent) and robots.bars(agent, url)]
    if barred:
        yield observe("robots-txt.agent", "host", ", ".join(barred), "robots-txt.agent")
    if not robots.names(CRAWLER) and robots.bars(CRAWLER, url):
        yield observe("robots-txt.all", "host", "*", "robots-txt.all")
    for field in _USAGE_FIELDS:
        for value in _nearest(robots, field, url):
            for signal in preferences(value):
                yield observe(signal, "host", value, f"robots-txt.{field}")


def _nearest(robots: RobotsFile, field: str, url: str) -> list[str]:
    """The values of ``field`` with the longest path that matches ``url``; a value without path is for all paths.

    Rules with the same path apply together (draft-ietf-aipref-attach, "Content-Usage Rule Semantics").
    """
    found: list[tuple[int, str]] = []
    for name, value in robots.rules_for(CRAWLER):
        if name == field:
            path, _, rest = value.partition(" ") if value.startswith("/") else ("", "", value)
            if not path or path_matches(path, url):
                found.append((len(path.encode()), rest.strip()))
    longest = max((length for length, _ in found), default=0)
    return [value for length, value in found if length == longest]
