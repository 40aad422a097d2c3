"""What is said of a run that was stopped."""

from __future__ import annotations

from pathlib import Path

_parts: list[Path] = []


def remember_parts(parts: Path) -> None:
    """Say where the run of this process keeps its parts, once there is one: what a farewell is made of."""
    _parts.append(parts)


def farewell() -> str:
    """What is said of a run that was stopped; nothing where none had begun."""
    if not _parts:
        return ""
    from tesuki.pipelines.commands.progress import finished_so_far

    return finished_so_far(_parts[0])
