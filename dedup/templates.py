"""Text that the pages of a host have in common though no line of it is the same: templates filled with other names.

Stretches of 16 characters are compared, one in eight of them, chosen by their hash: the same on every page.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from .lines import host_key
from .mixing import mix64
from .ngrams import ngram_hash_blocks

GRAM = 16
"""Characters of a stretch: some eight words, which two authors seldom write alike."""

ONE_IN = 8
"""Of so many stretches one is compared: a page of 2,000 characters has 250, its share an error of some 3 percent."""

MOST_KEYS = 4_096
"""Keys of one page, of its first 33,000 characters or so: memory must not grow with a page."""

LEAST_PAGES = 4
LEAST_SHARE = 0.05
"""A stretch is template where it stands on this many pages of a host, and on this share of those counted."""


def template_keys(text: str, host: str) -> NDArray[np.uint64]:
    """The keys of the stretches of ``text`` that are compared, in order: equal where the stretch is, on one host."""
    hashes = np.concatenate([np.empty(0, np.uint32), *ngram_hash_blocks("".join(text.split()), GRAM)])
    chosen = hashes[hashes % ONE_IN == 0][:MOST_KEYS].astype(np.uint64)
    return mix64(chosen ^ np.uint64(host_key(host)))


def template_of_host(pages: Sequence[NDArray[np.uint64]], least: int) -> NDArray[np.uint64]:
    """The keys that are template among the ``pages`` (keys of each) of a host, ascending; none of fewer than
    ``least`` pages."""
    if len(pages) < least:
        return np.empty(0, np.uint64)
    keys, counts = np.unique(np.concatenate([np.unique(page) for page in pages]), return_counts=True)
    return keys[counts >= max(LEAST_PAGES, LEAST_SHARE * len(pages))]
