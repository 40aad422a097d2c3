"""`tesuki diff`: what differs between two finished corpora, page by page, and why as far as it can be told."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from difflib import SequenceMatcher
from html import escape
from pathlib import Path
from string import Template
from typing import Any

from tesuki.pipelines.corpus.manifest import read_manifest
from tesuki.pipelines.experiments.causes import Cause, causes_between
from tesuki.pipelines.experiments.differences import (
    Change,
    Differences,
    Group,
    GroupKey,
    corpus_of,
    differences,
)
from tesuki.pipelines.journey.printable import printable
from tesuki.pipelines.levelling.shown import shown_levels
from tesuki.pipelines.storage.files import write_bytes
from tesuki.release_levels.levels import Level

CONTEXT = 24
"""Characters shown on each side of an edit."""

EDITS = 6
"""Edits shown of one text."""

TEXT_LIMIT = 20_000
"""Characters of a text that are compared for the view: comparing costs the product of the lengths at worst."""


def diff_lines(
    before: Path, after: Path, examples: int, as_json: bool, page: Path | None, *, internal: bool = False
) -> Iterator[str]:
    """What differs between the corpora at ``before`` and ``after``, as lines; as a page at ``page`` where given.

    ``internal`` shows texts and addresses of level L3, too. Raises `RequestError` where either is no finished corpus.
    """
    old, new = read_manifest(before).as_json(), read_manifest(after).as_json()
    causes, shown = causes_between(old, new), shown_levels(internal)
    found = differences(corpus_of(before, old), corpus_of(after, new), causes, examples)
    if page is not None:
        write_bytes(page, html_page(before, after, causes, found, old, new, shown).encode())
    if as_json:
        yield json.dumps(_as_json(causes, found, old, new, shown), ensure_ascii=False, indent=1)
        return
    yield f"{found.records:,} records, {found.same:,} the same"
    yield ""
    yield "What was asked for:"
    yield from (f"  {cause.what}: {cause.before} → {cause.after}" for cause in causes or ())
    if not causes:
        yield "  the same recipe, lists, inputs, code and libraries"
    for key, group in ordered(found):
        yield ""
        yield f"{key.kind}: {key.before} → {key.after}  {group.pages:,} pages, {group.characters:,} characters"
        yield f"  at {key.station}; {key.cause}"
        for change in group.examples:
            yield f"  {_address(change, shown)}{_figures(change)}"
            yield from (f"      {line}" for line in edit_view(change, shown))
    yield ""
    yield from token_lines(old, new)


def ordered(found: Differences) -> list[tuple[GroupKey, Group]]:
    """Groups, those of most pages first."""
    return sorted(found.groups.items(), key=lambda item: (-item[1].pages, repr(item[0])))


def edit_view(change: Change, shown: Collection[Level]) -> Iterator[str]:
    """The first edits between two texts of a record, with what stands around them; nothing but of levels that
    are ``shown``."""
    old, new = change.old, change.new
    if change.kind != "text" or old is None or new is None:
        return
    if not (old.has_level_in(shown) and new.has_level_in(shown)):
        return
    one, other = old.text[:TEXT_LIMIT], new.text[:TEXT_LIMIT]
    lines_before, lines_after = one.splitlines(keepends=True), other.splitlines(keepends=True)
    edits = 0
    for tag, a, b, c, d in SequenceMatcher(None, lines_before, lines_after, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        if edits == EDITS:
            yield "…"
            return
        edits += 1
        yield _edit("".join(lines_before[a:b]), "".join(lines_after[c:d]))


def token_lines(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    """Tokens of a pass and shards by subset and split, of both."""
    rows = {(row["subset"], row["split"]): row for row in old["mixture"]}
    others = {(row["subset"], row["split"]): row for row in new["mixture"]}
    yield f"{'subset':20} {'split':6} {'tokens a pass':>32} {'shards':>12}"
    for name in sorted(rows.keys() | others.keys()):
        one, other = rows.get(name), others.get(name)
        tokens = " → ".join(f"{row['training_tokens']:,}" if row else "–" for row in (one, other))
        shards = " → ".join(f"{len(row['shards'])}" if row else "–" for row in (one, other))
        yield f"{name[0]:20} {name[1]:6} {tokens:>32} {shards:>12}"


def html_page(
    before: Path,
    after: Path,
    causes: tuple[Cause, ...],
    found: Differences,
    old: Mapping[str, Any],
    new: Mapping[str, Any],
    shown: Collection[Level],
) -> str:
    """The differences as a page for a browser: one file, no script, nothing of a page's own markup."""
    asked = "".join(
        f"<tr><td>{escape(cause.what)}<td>{escape(cause.before)}<td>{escape(cause.after)}</tr>" for cause in causes
    )
    template = Template((Path(__file__).with_name("difference.html")).read_text(encoding="utf-8"))
    return template.substitute(
        before=escape(str(before)),
        after=escape(str(after)),
        records=f"{found.records:,}",
        same=f"{found.same:,}",
        causes=asked or "<tr><td colspan=3>the same recipe, lists, inputs, code and libraries</tr>",
        groups="".join(_html_group(key, group, shown) for key, group in ordered(found)),
        tokens=escape("\n".join(token_lines(old, new))),
    )


def _html_group(key: GroupKey, group: Group, shown: Collection[Level]) -> str:
    items = "".join(
        f"<li><code>{escape(_address(change, shown))}</code>{escape(_figures(change))}"
        + "".join(f"<pre>{escape(line)}</pre>" for line in edit_view(change, shown))
        for change in group.examples
    )
    return (
        f"<details open><summary><b>{escape(key.kind)}</b> {escape(key.before)} → {escape(key.after)}: "
        f"{group.pages:,} pages, {group.characters:,} characters</summary>"
        f"<p>at {escape(key.station)}; {escape(key.cause)}</p><ul>{items}</ul></details>"
    )


def _address(change: Change, shown: Collection[Level]) -> str:
    """The address of a record, or what stands for it where either corpus withholds it, or has it as a document of a
    level that is not ``shown``."""
    entries = [entry for entry in (change.new, change.old) if entry]
    hidden = (
        entry.id or entry.url
        for entry in entries
        if entry.fate == "withheld" or (entry.level and not entry.has_level_in(shown))
    )
    return next(hidden, printable(entries[0].url))


def _figures(change: Change) -> str:
    shown = [
        f"{entry.value:g} against {entry.threshold:g}"
        for entry in (change.old, change.new)
        if entry and entry.value is not None and entry.threshold is not None
    ]
    return f"  ({'; then '.join(shown)})" if shown else ""


def _edit(before: str, after: str) -> str:
    """What changed between two passages, with what stands around it."""
    head = _shared(before, after)
    tail = min(_shared(before[::-1], after[::-1]), min(len(before), len(after)) - head)
    sides = (side[max(0, head - CONTEXT) : len(side) - max(0, tail - CONTEXT)] for side in (before, after))
    old, new = (printable(side.replace("\n", "⏎")) for side in sides)
    return f"− {_short(old)}   + {_short(new)}"


def _shared(one: str, other: str) -> int:
    """Characters that both begin with."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((place for place, (a, b) in pairs if a != b), min(len(one), len(other)))


def _short(text: str) -> str:
    """A passage of which no more than its beginning and end are shown."""
    return text if len(text) <= 6 * CONTEXT else f"{text[: 3 * CONTEXT]}…{text[-3 * CONTEXT :]}"


def _as_json(
    causes: tuple[Cause, ...],
    found: Differences,
    old: Mapping[str, Any],
    new: Mapping[str, Any],
    shown: Collection[Level],
) -> dict[str, Any]:
    return {
        "records": found.records,
        "same": found.same,
        "causes": [
            {"what": cause.what, "before": cause.before, "after": cause.after, "stations": list(cause.stations)}
            for cause in causes
        ],
        "groups": [
            {
                "kind": key.kind,
                "before": key.before,
                "after": key.after,
                "station": key.station,
                "cause": key.cause,
                "pages": group.pages,
                "characters": group.characters,
                "examples": [
                    {
                        "url": _address(change, shown),
                        "id": (change.new or change.old).id,  # type: ignore[union-attr]
                        "edits": list(edit_view(change, shown)),
                    }
                    for change in group.examples
                ],
            }
            for key, group in ordered(found)
        ],
        "subsets": {name: dict(counts) for name, counts in sorted(found.subsets.items())},
        "mixture": {"before": old["mixture"], "after": new["mixture"]},
    }
