"""The page of `tesuki look`: an empty one, which its script fills with what the server answers."""

from __future__ import annotations

from collections.abc import Collection
from html import escape
from pathlib import Path
from string import Template

from tesuki.release_levels.levels import Level


def look_page(name: str, digest: str, shown: Collection[Level]) -> str:
    """The page for a corpus called ``name``, whose texts of the levels ``shown`` can be seen."""
    folder = Path(__file__).parent
    return Template((folder / "page.html").read_text(encoding="utf-8")).substitute(
        name=escape(name),
        digest=escape(digest),
        levels=", ".join(level.name for level in sorted(shown)),
        script=(folder / "look.js").read_text(encoding="utf-8"),
    )
