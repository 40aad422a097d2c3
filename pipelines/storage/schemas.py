"""The files between the pipelines: what `extract` writes, `deduplicate` and `assemble` read.

A range of an input becomes one part. A part is three tables that share its name: ``pages`` (a row for each page whose
Japanese text was extracted), ``fates`` (a row for each page that left before) and ``judged`` (row for row beside
``pages``: measures, verdict, fingerprint and band keys, no text).
"""

from __future__ import annotations

import pyarrow as pa

EVIDENCE = pa.list_(
    pa.struct([("signal", pa.string()), ("where", pa.string()), ("value", pa.string()), ("rule", pa.string())])
)
"""A list of `tesuki.release_levels.evidence.Evidence`."""

PAGES = pa.schema(
    [
        ("id", pa.string()),
        ("record_id", pa.string()),
        ("url", pa.string()),
        ("date", pa.string()),
        ("title", pa.string()),
        ("published", pa.string()),
        ("text", pa.large_string()),
        ("encoding", pa.string()),
        ("encoding_evidence", pa.string()),
        ("replacements", pa.int64()),
        ("evidence", EVIDENCE),
        ("archive", pa.string()),
        ("offset", pa.int64()),
        ("length", pa.int64()),
    ]
)
"""Stations 1-5: one row a page with Japanese text. The part's subset stands in its seal."""

FATES = pa.schema(
    [
        ("record_id", pa.string()),
        ("url", pa.string()),
        ("url_hash", pa.string()),
        ("fate", pa.string()),
        ("station", pa.string()),
        ("rule", pa.string()),
        ("value", pa.float64()),
        ("threshold", pa.float64()),
        ("duplicate_of", pa.string()),
        ("detail", pa.string()),
        ("encoding", pa.string()),
        ("archive", pa.string()),
        ("offset", pa.int64()),
        ("length", pa.int64()),
        ("subset", pa.string()),
        ("characters", pa.int64()),
        ("id", pa.string()),
        ("text_hash", pa.string()),
    ]
)
"""One row a page that left: the columns of `ledger/`. See `tesuki.pipelines.journey.page.Fate`."""

JUDGED = pa.schema(
    [
        ("id", pa.string()),
        ("url", pa.string()),
        ("host", pa.string()),
        ("date", pa.string()),
        ("characters", pa.int64()),
        ("measures", pa.map_(pa.string(), pa.float64())),
        ("keep", pa.bool_()),
        ("rule", pa.string()),
        ("value", pa.float64()),
        ("threshold", pa.float64()),
        ("fingerprint", pa.binary(16)),
        ("band_keys", pa.list_(pa.uint64())),
        ("sketch", pa.binary()),
    ]
)
"""Station 6 and the keys for station 7, row for row beside `PAGES`.

``fingerprint`` is the 128-bit hash of the text in comparison form, null for rows that station 7 does not compare;
``band_keys`` one 64-bit key for each band, null for those and for texts shorter than the n-gram; ``sketch`` the
lowest byte of each signature value, enough to estimate similarity (b-bit minwise hashing, Li and König, WWW 2010).
"""

DROPS = pa.schema(
    [
        ("row", pa.uint32()),
        ("duplicate_of", pa.string()),
        ("kept_part", pa.string()),
        ("kept_row", pa.uint32()),
        ("band", pa.int32()),
        ("similarity", pa.float64()),
    ]
)
"""What `deduplicate` says of one part: the rows that must go, ascending, and for which document.

``duplicate_of`` is the id of the document that is kept (chains followed to their end), ``kept_part`` and ``kept_row``
where it lies; ``band`` is the band of the first claim that matched, -1 for an exact match.
"""


EDITS = pa.list_(
    pa.struct([("kind", pa.string()), ("position", pa.int64()), ("before", pa.string()), ("after", pa.string())])
)
"""What mending changed, in order; see `tesuki.filters.mend.Edit`."""


CLUSTER = pa.struct(
    [
        ("size", pa.int64()),
        ("strictest", pa.string()),
        ("members", pa.list_(pa.struct([("id", pa.string()), ("url", pa.string()), ("level", pa.string())]))),
    ]
)
"""The near-duplicates a document stands for; see `tesuki.pipelines.journey.page.Cluster`."""


MEASURES = pa.list_(pa.struct([("name", pa.string()), ("value", pa.float64())]))
"""Quality measures by name: a list and no map, because `datasets` opens no table that has one."""


DOCUMENTS = pa.schema(
    [
        ("id", pa.string()),
        ("record_id", pa.string()),
        ("url", pa.string()),
        ("date", pa.string()),
        ("published", pa.string()),
        ("title", pa.string()),
        ("text", pa.large_string()),
        ("encoding", pa.string()),
        ("encoding_evidence", pa.string()),
        ("replacements", pa.int64()),
        ("measures", MEASURES),
        ("level", pa.string()),
        ("evidence", EVIDENCE),
        ("edits", EDITS),
        ("cluster", CLUSTER),
        ("archive", pa.string()),
        ("offset", pa.int64()),
        ("length", pa.int64()),
        ("subset", pa.string()),
        ("characters", pa.int64()),
        ("text_hash", pa.string()),
    ]
)
"""One row a kept document. ``date`` is the capture time, ``published`` the date the page gives itself; ``characters``
and ``text_hash`` are of the text as extracted."""


RECORD_KEY = ("archive", "offset", "record_id")
"""The columns that together name one record; several records of one compressed unit share an offset."""
