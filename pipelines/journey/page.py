"""The page: what travels from station to station, and the fate of a page that leaves the road.

A station is a function ``Page -> Page | Fate``: either the page goes on, with more known of it, or it leaves with
the one row the ledger will keep of it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import numpy.typing as npt

from tesuki.filters.edits import Edit
from tesuki.filters.rules import KEPT, Verdict
from tesuki.pipelines.journey.account import Account
from tesuki.release_levels.evidence import Evidence

FateKind = Literal["rejected", "duplicate", "withheld", "dead", "skipped"]
"""How a page can leave; ``kept`` is the sixth fate and has no row in the ledger but one in ``documents/``."""


@dataclass(frozen=True, slots=True)
class Duplicate:
    """Of which document a page is a duplicate, by which band (-1: the same text), and how similar (0 to 1)."""

    duplicate_of: str
    band: int
    similarity: float | None


@dataclass(frozen=True, slots=True)
class Member:
    """A duplicate that a kept document stands for, its level and the rule that gave it."""

    id: str
    url: str
    level: str
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Cluster:
    """The near-duplicates a kept document stands for.

    ``size`` counts pages, the kept one included; ``strictest`` is the strictest level among the others (``""`` where
    there are none); ``withheld`` is the rule by which an LZ among them takes the kept document with it (``""`` where
    none does); ``members`` names the first `MEMBERS_NAMED` of them by id.
    """

    size: int = 1
    strictest: str = ""
    withheld: str = ""
    members: tuple[Member, ...] = ()


MEMBERS_NAMED = 100
"""A boilerplate page can have millions of duplicates: the ledger has them all, the document names this many."""


@dataclass(frozen=True, slots=True)
class Page:
    """One captured page. Fields below a comment are filled by the station it names.

    ``date`` is the capture time as ISO 8601 in UTC with seconds (``2026-11-21T09:57:00Z``), or ``""`` where the
    archive gives none that can be read. ``offset`` and ``length`` are bytes in the archive file as it lies on disk
    (compressed, where it is). ``archive`` is the file's name without its folder: ids and outputs must not depend on
    where a machine keeps its inputs. ``characters`` and ``text_hash`` (`tesuki.release_levels.page_lists`) are of
    the text as extracted, whatever is mended later.
    """

    subset: str
    archive: str
    offset: int
    length: int
    record_id: str
    url: str
    date: str
    # read
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    # decode (which empties body)
    html: str = ""
    encoding: str = ""
    encoding_evidence: str = ""
    replacements: int = 0
    # extract (which empties html)
    text: str = ""
    title: str = ""
    published: str = ""
    evidence: tuple[Evidence, ...] = ()
    extraction: Account | None = None
    # measure
    measures: Mapping[str, float] = field(default_factory=dict)
    verdict: Verdict = KEPT
    # fingerprint
    fingerprint: bytes = b""
    band_keys: npt.NDArray[np.uint64] | None = None
    sketch: bytes | None = None
    # read judged
    characters: int = 0
    text_hash: str = ""
    # deduplicate
    duplicate: Duplicate | None = None
    cluster: Cluster = Cluster()
    # score
    scores: Mapping[str, float] = field(default_factory=dict)
    # mend
    edits: tuple[Edit, ...] = ()
    # level
    level: str = ""

    @property
    def id(self) -> str:
        """The document id: 32 hexadecimal digits from where and when the page was captured, the same everywhere.

        The place in the archive is part of it: strangers' archives repeat addresses, times and record ids.
        """
        place = f"{self.archive} {self.offset}"
        provenance = "\n".join((self.subset, self.url, self.date, self.record_id, place))
        return hashlib.blake2b(provenance.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


@dataclass(frozen=True, slots=True)
class Fate:
    """Why and where one page left: a row of the ledger.

    ``rule`` is a dotted name (``language.rapid``, ``quality.longest_sentence``, ``extract.timeout``); ``value`` and
    ``threshold`` are the measured figure and the bound it was held against, where the rule has them; ``detail`` is a
    short sentence free of page text, machine paths and tracebacks. ``characters`` counts the text lost, 0 before
    extraction. ``id`` and ``text_hash`` are known of pages that came as far as station 6: a take-down finds them, and
    the document a duplicate stood behind, long after their text is gone. ``extraction`` is known of pages that were
    extracted. ``records`` is how many records the row stands for: one, but where several are counted
    together (`tesuki.pipelines.reading.gathered`).
    """

    subset: str
    archive: str
    offset: int
    length: int
    record_id: str
    url: str
    fate: FateKind
    station: str
    rule: str
    value: float | None = None
    threshold: float | None = None
    duplicate_of: str | None = None
    detail: str = ""
    encoding: str = ""
    characters: int = 0
    id: str | None = None
    text_hash: str | None = None
    extraction: Account | None = None
    records: int = 1


PDF = "pdf"
"""What stands as the encoding of a page whose body is a PDF file."""


def is_pdf(page: Page) -> bool:
    """Whether the body of ``page`` is a PDF file."""
    return page.encoding == PDF


def leave(
    page: Page,
    fate: FateKind,
    station: str,
    rule: str,
    *,
    value: float | None = None,
    threshold: float | None = None,
    detail: str = "",
) -> Fate:
    """The fate of ``page`` leaving at ``station`` by ``rule``."""
    return Fate(
        subset=page.subset,
        archive=page.archive,
        offset=page.offset,
        length=page.length,
        record_id=page.record_id,
        url=page.url,
        fate=fate,
        station=station,
        rule=rule,
        value=value,
        threshold=threshold,
        detail=detail,
        encoding=page.encoding,
        characters=len(page.text),
        id=page.id if page.text_hash else None,
        text_hash=page.text_hash or None,
        extraction=page.extraction,
    )
