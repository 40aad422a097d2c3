"""What stands inside columns: values of more than one field, and hashes that stand for addresses."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from tesuki.filters.edits import Edit
from tesuki.pipelines.journey.account import Account
from tesuki.pipelines.journey.page import Cluster
from tesuki.release_levels.evidence import Evidence


def evidence_rows(evidence: Iterable[Evidence]) -> list[dict[str, str]]:
    """Evidence as rows of `EVIDENCE`."""
    return [{"signal": item.signal, "where": item.where, "value": item.value, "rule": item.rule} for item in evidence]


def evidence_of(rows: Iterable[Mapping[str, str]]) -> tuple[Evidence, ...]:
    """The evidence in rows of `EVIDENCE`."""
    return tuple(Evidence(row["signal"], row["where"], row["value"], row["rule"]) for row in rows)


def account_row(account: Account | None) -> dict[str, Any] | None:
    """An account as the value of a column ``extraction``."""
    if account is None:
        return None
    left_out = [{"reason": reason, "characters": count} for reason, count in account.left_out]
    return {**asdict(account), "left_out": left_out}


def account_of(row: Mapping[str, Any] | None) -> Account | None:
    """The account in a column ``extraction``."""
    if row is None:
        return None
    left_out = tuple((item["reason"], item["characters"]) for item in row["left_out"])
    return Account(**{**row, "left_out": left_out})


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


def edit_rows(edits: Iterable[Edit]) -> list[dict[str, Any]]:
    """Edits as rows of `EDITS`."""
    return [
        {"kind": edit.kind, "position": edit.position, "before": edit.before, "after": edit.after} for edit in edits
    ]


def measure_rows(measures: Mapping[str, float]) -> list[dict[str, Any]]:
    """Measures as rows of `MEASURES`, by name."""
    return [{"name": name, "value": value} for name, value in sorted(measures.items())]
