"""Notices in words: reproduction forbidden, rights reserved, no training, as they stand in the visible
page.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from .evidence import Evidence, observe
from .notice_patterns import IMAGES, NOTICES, TEXTS, Notice
from .words import Form, Words

AFTER = 420
"""Characters that a notice may reach beyond its signpost, no less than the longest pattern of `NOTICES` can match."""

_SENTENCE = re.compile(r"[。．\n]")
_PROHIBITED = "notice.reproduction-prohibited"


def signals_notices(words: Words) -> Iterator[Evidence]:
    """Evidence ``notice.reproduction-prohibited``, ``notice.image-reproduction-prohibited``,
    ``notice.all-rights-reserved`` and ``notice.no-ai-training``; the value is the notice as matched.
    """
    for notice in NOTICES:
        yield from _stated(notice, words.close if notice.form == "close" else words.running)


def _stated(notice: Notice, form: Form) -> Iterator[Evidence]:
    verdict = "verdict" if notice.form == "close" and notice.family != "owned" else ""
    for start, end in form.stretches(notice.family, notice.before, AFTER, verdict):
        found = form.find(notice.pattern, start, end)
        while found:
            signal = notice.signal
            if signal == _PROHIBITED and notice.form == "close" and _only_images(form.text, found):
                signal = "notice.image-reproduction-prohibited"
            yield observe(signal, form.where(found.start()), found[0], "notice.pattern")
            found = form.find(notice.pattern, found.end(), end)


def _only_images(words: str, match: re.Match[str]) -> bool:
    sentence = _SENTENCE.split(words[max(0, match.start() - 40) : match.start()])[-1] + match[0]
    return IMAGES.search(sentence) is not None and TEXTS.search(sentence) is None
