"""The files between the pipelines: what `extract` writes, `deduplicate` and `assemble` read.

A range of an input becomes one part. A part is three tables that share its name: ``pages`` (a row for each page whose
Japanese text was extracted), ``fates`` (a row for each page that left before) and ``judged`` (row for row beside
``pages``: measures, verdict, fingerprint and band keys, no text).
"""

from __future__ import annotations

from operator import attrgetter

import pyarrow as pa

from tesuki.common.hosts import host_of
from tesuki.pipelines.journey.page import Fate, Page
from tesuki.pipelines.storage.columns import Column, schema_of
from tesuki.pipelines.storage.values import account_row, cluster_row, edit_rows, evidence_rows, measure_rows, url_hash

EVIDENCE = pa.list_(
    pa.struct([("signal", pa.string()), ("where", pa.string()), ("value", pa.string()), ("rule", pa.string())])
)
"""A list of `tesuki.release_levels.evidence.Evidence`."""

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
"""Quality measures, or scores, by name: a list and no map, because `datasets` opens no table that has one."""

EXTRACTION = pa.struct(
    [
        ("engine", pa.string()),
        ("asked", pa.string()),
        ("seen", pa.int64()),
        ("taken", pa.int64()),
        ("japanese_seen", pa.int64()),
        ("japanese_taken", pa.int64()),
        ("gauge", pa.int64()),
        ("left_out", pa.list_(pa.struct([("reason", pa.string()), ("characters", pa.int64())]))),
        ("pages", pa.int64()),
        ("garbled", pa.int64()),
    ]
)
"""What became of a page's characters; see `tesuki.pipelines.journey.account.Account`. Null of what was text already."""

PAGE_COLUMNS: tuple[Column[Page], ...] = (
    Column("id", pa.string(), attrgetter("id")),
    Column("record_id", pa.string(), attrgetter("record_id")),
    Column("url", pa.string(), attrgetter("url")),
    Column("date", pa.string(), attrgetter("date")),
    Column("title", pa.string(), attrgetter("title")),
    Column("published", pa.string(), attrgetter("published")),
    Column("text", pa.large_string(), attrgetter("text")),
    Column("encoding", pa.string(), attrgetter("encoding")),
    Column("encoding_evidence", pa.string(), attrgetter("encoding_evidence")),
    Column("replacements", pa.int64(), attrgetter("replacements")),
    Column("evidence", EVIDENCE, lambda page: evidence_rows(page.evidence)),
    Column("extraction", EXTRACTION, lambda page: account_row(page.extraction)),
    Column("archive", pa.string(), attrgetter("archive")),
    Column("offset", pa.int64(), attrgetter("offset")),
    Column("length", pa.int64(), attrgetter("length")),
)

PAGES = schema_of(PAGE_COLUMNS)
"""Stations 1-5: one row a page with Japanese text. The part's subset stands in its seal."""

FATE_COLUMNS: tuple[Column[Fate], ...] = (
    Column("record_id", pa.string(), attrgetter("record_id")),
    Column("url", pa.string(), lambda fate: None if fate.fate == "withheld" else fate.url),
    Column("url_hash", pa.string(), lambda fate: url_hash(fate.url)),
    Column("fate", pa.string(), attrgetter("fate")),
    Column("station", pa.string(), attrgetter("station")),
    Column("rule", pa.string(), attrgetter("rule")),
    Column("value", pa.float64(), attrgetter("value")),
    Column("threshold", pa.float64(), attrgetter("threshold")),
    Column("duplicate_of", pa.string(), attrgetter("duplicate_of")),
    Column("detail", pa.string(), attrgetter("detail")),
    Column("encoding", pa.string(), attrgetter("encoding")),
    Column("archive", pa.string(), attrgetter("archive")),
    Column("offset", pa.int64(), attrgetter("offset")),
    Column("length", pa.int64(), attrgetter("length")),
    Column("subset", pa.string(), attrgetter("subset")),
    Column("characters", pa.int64(), attrgetter("characters")),
    Column("id", pa.string(), attrgetter("id")),
    Column("text_hash", pa.string(), lambda fate: None if fate.fate == "withheld" else fate.text_hash),
    Column("extraction", EXTRACTION, lambda fate: None if fate.fate == "withheld" else account_row(fate.extraction)),
    Column("records", pa.int64(), attrgetter("records")),
)

FATES = schema_of(FATE_COLUMNS)
"""One row a page that left: the columns of `ledger/`. See `tesuki.pipelines.journey.page.Fate`. Of a withheld
page neither URL nor text hash nor account is written, the URL's hash is."""

JUDGED_COLUMNS: tuple[Column[Page], ...] = (
    Column("id", pa.string(), attrgetter("id")),
    Column("url", pa.string(), attrgetter("url")),
    Column("host", pa.string(), lambda page: host_of(page.url) or ""),
    Column("date", pa.string(), attrgetter("date")),
    Column("characters", pa.int64(), lambda page: len(page.text)),
    Column("measures", pa.map_(pa.string(), pa.float64()), lambda page: sorted(page.measures.items())),
    Column("keep", pa.bool_(), attrgetter("verdict.keep")),
    Column("rule", pa.string(), attrgetter("verdict.rule")),
    Column("value", pa.float64(), attrgetter("verdict.value")),
    Column("threshold", pa.float64(), attrgetter("verdict.threshold")),
    Column("fingerprint", pa.binary(16), lambda page: page.fingerprint or None),
    Column("band_keys", pa.list_(pa.uint64()), attrgetter("band_keys")),
    Column("sketch", pa.binary(), attrgetter("sketch")),
)

JUDGED = schema_of(JUDGED_COLUMNS)
"""Station 6 and the keys for station 7, row for row beside `PAGES`.

``fingerprint`` is the 128-bit hash of the text in comparison form, null for rows that station 7 does not compare;
``band_keys`` one 64-bit key for each band, null for those and for texts shorter than the n-gram; ``sketch`` the
lowest byte of each signature value, enough to estimate similarity (b-bit minwise hashing, Li and König, WWW 2010).
"""

SCORES = pa.schema([("id", pa.string()), ("score", pa.float64())])
"""What a model says of the pages of one part, row for row beside `PAGES`; null where it failed on a page."""

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
where it lies; ``band`` is the band of the first claim that matched, -1 for an exact match, `LATER` for a row that a
later corpus displaced. Of what stands in its place only the id is known: ``kept_part`` is empty then.
"""

LATER = -2
"""See `DROPS`."""


DOCUMENT_COLUMNS: tuple[Column[Page], ...] = (
    Column("id", pa.string(), attrgetter("id")),
    Column("record_id", pa.string(), attrgetter("record_id")),
    Column("url", pa.string(), attrgetter("url")),
    Column("date", pa.string(), attrgetter("date")),
    Column("published", pa.string(), attrgetter("published")),
    Column("title", pa.string(), attrgetter("title")),
    Column("text", pa.large_string(), attrgetter("text")),
    Column("encoding", pa.string(), attrgetter("encoding")),
    Column("encoding_evidence", pa.string(), attrgetter("encoding_evidence")),
    Column("replacements", pa.int64(), attrgetter("replacements")),
    Column("measures", MEASURES, lambda page: measure_rows(page.measures)),
    Column("scores", MEASURES, lambda page: measure_rows(page.scores)),
    Column("level", pa.string(), attrgetter("level")),
    Column("evidence", EVIDENCE, lambda page: evidence_rows(page.evidence)),
    Column("edits", EDITS, lambda page: edit_rows(page.edits)),
    Column("cluster", CLUSTER, lambda page: cluster_row(page.cluster)),
    Column("archive", pa.string(), attrgetter("archive")),
    Column("offset", pa.int64(), attrgetter("offset")),
    Column("length", pa.int64(), attrgetter("length")),
    Column("subset", pa.string(), attrgetter("subset")),
    Column("characters", pa.int64(), attrgetter("characters")),
    Column("text_hash", pa.string(), attrgetter("text_hash")),
    Column("extraction", EXTRACTION, lambda page: account_row(page.extraction)),
)

DOCUMENTS = schema_of(DOCUMENT_COLUMNS)
"""One row a kept document. ``date`` is the capture time, ``published`` the date the page gives itself; ``characters``
and ``text_hash`` are of the text as extracted."""


RECORD_KEY = ("archive", "offset", "record_id")
"""The columns that together name one record; several records of one compressed unit share an offset."""
