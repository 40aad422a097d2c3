"""ai.txt: the file in which Spawning (2023) lets a host keep itself out of data sets; its grammar is robots.txt's."""

from __future__ import annotations

from collections.abc import Iterator

from tesuki.common.hosts import host_of

from .ai_agents import ai_agents
from .evidence import Evidence, observe
from .robots_groups import NOBODY, RobotsFile


def signals_ai_txt(file: RobotsFile, url: str) -> Iterator[Evidence]:
    """Evidence ``ai-txt.disallow``; the value names who is barred. Prose, which other ai.txt files hold, bars none."""
    if not host_of(url):
        return
    barred = [agent for agent in ai_agents() if file.names(agent) and file.bars(agent, url)]
    if file.bars(NOBODY, url):
        barred.insert(0, "*")
    if barred:
        yield observe("ai-txt.disallow", "host", ", ".join(barred), "ai-txt.disallow")
