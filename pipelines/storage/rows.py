"""Between pages and the rows of the tables in `parts`."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa

from tesuki.common.hosts import host_of
from tesuki.filters.rules import Verdict
from tesuki.pipelines.journey.page import Cluster, Duplicate, Fate, Page
from tesuki.pipelines.storage.schemas import FATES, JUDGED, PAGES, RECORD_KEY
from tesuki.release_levels.evidence import Evidence


def page_rows(pages: Sequence[Page]) -> pa.Table:
    """Pages with their text, as `PAGES`."""
    return pa.Table.from_pylist(
        [
            {
                "id": page.id,
                "record_id": page.record_id,
                "url": page.url,
                "date": page.date,
                "title": page.title,
                "published": page.published,
                "text": page.text,
                "encoding": page.encoding,
                "encoding_evidence": page.encoding_evidence,
                "replacements": page.replacements,
                "evidence": evidence_rows(page.evidence),
                "archive": page.archive,
                "offset": page.offset,
                "length": page.length,
            }
            for page in pages
        ],
        PAGES,
    )


def judged_rows(pages: Sequence[Page]) -> pa.Table:
    """What is known of pages beside their text, as `JUDGED`."""
    return pa.Table.from_pylist(
        [
            {
                "id": page.id,
                "url": page.url,
                "host": host_of(page.url) or "",
                "date": page.date,
                "characters": len(page.text),
                "measures": sorted(page.measures.items()),
                "keep": page.verdict.keep,
                "rule": page.verdict.rule,
                "value": page.verdict.value,
                "threshold": page.verdict.threshold,
                "fingerprint": page.fingerprint or None,
                "band_keys": page.band_keys,
                "sketch": page.sketch,
            }
            for page in pages
        ],
        JUDGED,
    )


def fate_rows(fates: Iterable[Fate]) -> pa.Table:
    """Fates as rows of the ledger. Of a withheld page neither URL nor text hash is written, the URL's hash is."""
    return pa.Table.from_pylist(
        [
            {
                "record_id": fate.record_id,
                "url": None if fate.fate == "withheld" else fate.url,
                "url_hash": url_hash(fate.url),
                "fate": fate.fate,
                "station": fate.station,
                "rule": fate.rule,
                "value": fate.value,
                "threshold": fate.threshold,
                "duplicate_of": fate.duplicate_of,
                "detail": fate.detail,
                "encoding": fate.encoding,
                "archive": fate.archive,
                "offset": fate.offset,
                "length": fate.length,
                "subset": fate.subset,
                "characters": fate.characters,
                "id": fate.id,
                "text_hash": None if fate.fate == "withheld" else fate.text_hash,
            }
            for fate in fates
        ],
        FATES,
    )


def pages_of(table: pa.Table, subset: str) -> Iterator[Page]:
    """The pages in rows of `PAGES`."""
    for row in table.to_pylist():
        yield Page(
            subset=subset,
            archive=row["archive"],
            offset=row["offset"],
            length=row["length"],
            record_id=row["record_id"],
            url=row["url"],
            date=row["date"],
            encoding=row["encoding"],
            encoding_evidence=row["encoding_evidence"],
            replacements=row["replacements"],
            text=row["text"],
            title=row["title"],
            published=row["published"],
            evidence=evidence_of(row["evidence"]),
        )


def fates_of(table: pa.Table) -> Iterator[Fate]:
    """The fates in rows of `FATES`."""
    for row in table.to_pylist():
        del row["url_hash"]
        yield Fate(**{**row, "url": row["url"] or ""})


def verdict_of(row: Mapping[str, Any]) -> Verdict:
    """The verdict in a row of `JUDGED`."""
    return Verdict(row["keep"], row["rule"], row["value"], row["threshold"])


def duplicate_of(row: Mapping[str, Any]) -> Duplicate:
    """What a row of `DROPS` says of the page it drops."""
    return Duplicate(row["duplicate_of"], row["band"], row["similarity"])


def evidence_rows(evidence: Iterable[Evidence]) -> list[dict[str, str]]:
    """Evidence as rows of `EVIDENCE`."""
    return [{"signal": item.signal, "where": item.where, "value": item.value, "rule": item.rule} for item in evidence]


def evidence_of(rows: Iterable[Mapping[str, str]]) -> tuple[Evidence, ...]:
    """The evidence in rows of `EVIDENCE`."""
    return tuple(Evidence(row["signal"], row["where"], row["value"], row["rule"]) for row in rows)


def cluster_row(cluster: Cluster) -> dict[str, Any]:
    """A cluster as the value of a document's column ``cluster``."""
    return {
        "size": cluster.size,
        "strictest": cluster.strictest or None,
        "members": [{"id": member.id, "url": member.url, "level": member.level} for member in cluster.members],
    }


def url_hash(url: str) -> str:
    """32 hexadecimal digits (128-bit BLAKE2b) of an address: finds a page again without repeating where it was."""
    return hashlib.blake2b(url.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def record_keys(table: pa.Table) -> list[tuple[str, ...]]:
    """What names the record of each row, in the columns `RECORD_KEY`."""
    return [tuple(str(row[column]) for column in RECORD_KEY) for row in table.to_pylist()]
