"""The crawlers and tokens that gather text for training models: the names a site opts out by."""

from __future__ import annotations

from functools import cache
from pathlib import Path


@cache
def ai_agents() -> tuple[str, ...]:
    """Product tokens of ``ai_agents.tsv``, in the spelling their operators use, sorted.

    The table names agents whose pages go into training; search and on-demand fetchers are left out, since a
    site that bars those says nothing of training. Sources: the operators' own crawler documentation, as
    collected by ai-robots-txt/ai.robots.txt.
    """
    table = Path(__file__).with_name("ai_agents.tsv").read_text(encoding="utf-8")
    return tuple(sorted(line.split("\t")[0] for line in table.splitlines()[1:]))


@cache
def ai_agent_names() -> frozenset[str]:
    """`ai_agents` in lower case, for comparison."""
    return frozenset(agent.lower() for agent in ai_agents())
