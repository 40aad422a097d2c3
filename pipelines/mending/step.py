"""Station 9: repeated lines and footers cut, punctuation brought to 、。, personal data masked, all with a log."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Final

from tesuki.common.hosts import host_of
from tesuki.dedup.lines import RepeatRule, cut_units, repeated_share, unit_keys
from tesuki.dedup.templates import template_keys
from tesuki.filters.mend import Edit, Mended, mend, mend_as_published, unmend
from tesuki.filters.personal_data import COVER, cover_personal_data, mask_personal_data
from tesuki.pipelines.journey.chunk import Step
from tesuki.pipelines.journey.page import Fate, Page, leave
from tesuki.pipelines.mending.passages import KIND as PASSAGE
from tesuki.pipelines.mending.passages import cut_passages, load_passages
from tesuki.pipelines.mending.repeated_lines import RepeatedLines as RepeatedKeys
from tesuki.pipelines.mending.repeated_lines import open_repeated_lines
from tesuki.pipelines.recipe.sections import Mend, RepeatedLines, Templates

STATION = "mend"

KINDS = (("repeated-line", "repeated-paragraph"), ("punctuation", "footer", "line"))
"""The kinds of edits that the first steps log, in their order; then come those of masking, then `PASSAGE`."""


@contextmanager
def open_mending(
    settings: Mend,
    repeated: Path | None,
    templates: Path | None = None,
    passages: Path | None = None,
    matching: str = "guarded",
) -> Iterator[Step]:
    """The step. ``repeated`` is where `tesuki.pipelines.mending.repeated_lines` wrote what it found, None without it;
    ``templates`` likewise of `tesuki.pipelines.mending.templates`; ``passages`` is the list that ``settings`` name.

    The log has the edits of each step in turn; the positions of each speak of the text that step was given.
    """
    steps: list[Step] = []
    if settings.templates and templates:
        steps.append(partial(leave_if_template, settings.templates, open_repeated_lines(templates)))
    if settings.repeated_lines and repeated:
        steps.append(partial(cut_repeated, settings.repeated_lines, open_repeated_lines(repeated)))
    if settings.style != "none":
        steps.append(partial(mend_page, MENDING[matching], settings.style))
    if settings.mask_personal_data:
        steps.append(mask_page)
    if passages:
        steps.append(partial(cut_passages, load_passages(passages)))
    yield partial(one_after_another, tuple(steps))


def one_after_another(steps: Sequence[Step], page: Page) -> Page | Fate:
    """The page through several steps, until it leaves. What is lost then is all it came with."""
    going: Page | Fate = page
    for step in steps:
        if isinstance(going, Page):
            going = step(going)
    return replace(going, characters=len(page.text)) if isinstance(going, Fate) else going


def leave_if_template(settings: Templates, keys: RepeatedKeys, page: Page) -> Page | Fate:
    """The page with the share of it that is template on its host, as a measure; rejected where that is too much."""
    found = keys.contains(template_keys(page.text, host_of(page.url) or ""))
    share = float(found.mean()) if len(found) else 0.0
    if share > settings.most:
        return leave(page, "rejected", STATION, "mend.templates", value=share, threshold=settings.most)
    return replace(page, measures={**page.measures, "template_share": share})


def cut_repeated(settings: RepeatedLines, keys: RepeatedKeys, page: Page) -> Page | Fate:
    """The page without the lines it shares with many others; rejected where they are too much of it."""
    rule = repeat_rule(settings)
    repeated = keys.contains(unit_keys(page.text, host_of(page.url) or "", rule))
    share = repeated_share(page.text, rule, repeated)
    if share > settings.most:
        return leave(page, "rejected", STATION, "mend.repeated-lines", value=share, threshold=settings.most)
    measured = replace(page, measures={**page.measures, "repeated_line_share": share})
    if not settings.cut or not repeated.any():
        return measured
    text, cuts = cut_units(page.text, rule, repeated)
    if not text.strip():
        return leave(page, "rejected", STATION, "mend.empty", detail="all of its lines stand on many other pages")
    edits = tuple(Edit(f"repeated-{rule.unit}", cut.position, cut.before, "") for cut in cuts)
    return replace(measured, text=text, edits=(*page.edits, *edits))


MENDING: Final[Mapping[str, Callable[[str, str], Mended]]] = {"guarded": mend, "published": mend_as_published}
"""By the recipe's ``matching``."""


def mend_page(mending: Callable[[str, str], Mended], style: str, page: Page) -> Page | Fate:
    """Punctuation and footers, or lines without kana, with the edits that would undo it."""
    mended = mending(page.text, style)
    if not mended.text.strip():
        return leave(page, "rejected", STATION, "mend.empty", detail="nothing is left after cutting the footer")
    return replace(page, text=mended.text, edits=(*page.edits, *mended.edits))


def mask_page(page: Page) -> Page | Fate:
    """Personal data masked, in the text and in what the log says was cut; asterisks keep its place and length."""
    masked = mask_personal_data(page.text)
    logged = tuple(replace(edit, before=cover_personal_data(edit.before)) for edit in page.edits)
    masks = tuple(
        Edit(f"mask.{mask.kind}", mask.position, COVER * mask.length, f"[{mask.kind}]") for mask in masked.masks
    )
    return replace(page, text=masked.text, edits=(*logged, *masks))


def unmended(text: str, edits: Sequence[Edit]) -> str:
    """The text that came to station 9, from the one that left it and the log: the steps undone, the last first.

    Personal data that was masked comes back as asterisks. Raises ValueError where log and text don't belong together.
    """
    for edit in reversed([edit for edit in edits if edit.kind == PASSAGE]):
        text = unmend(text, [edit])
    earlier = [PASSAGE, *(kind for kinds in KINDS for kind in kinds)]
    logs = [[edit for edit in edits if edit.kind in kinds] for kinds in KINDS]
    for log in ([edit for edit in edits if edit.kind not in earlier], *reversed(logs)):
        text = unmend(text, log)
    return text


def repeat_rule(settings: RepeatedLines) -> RepeatRule:
    """The recipe's section as the rule of the room that counts."""
    return RepeatRule(settings.unit, settings.scope, settings.documents)
