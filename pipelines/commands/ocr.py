"""`tesuki ocr export`: the scanned files of a corpus as a list, for a program that reads pictures.

What that program reads comes back as a subset of JSON Lines: a line a file with ``text`` and the ``id`` and ``url`` of
the list, so that the record id of each document names the record it was read from.
"""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow.parquet as pq

from tesuki.pipelines.corpus.manifest import read_manifest
from tesuki.pipelines.storage.corpus_folder import CorpusFolder
from tesuki.pipelines.storage.files import write_bytes

SCANNED = "extract.pdf-scanned"
COLUMNS = ("record_id", "url", "subset", "archive", "offset", "length")


def export_scanned(output: Path, target: Path) -> int:
    """Write a line for each scanned file of the finished corpus at ``output`` to ``target``; how many there are.

    Raises `RequestError` where there is no finished corpus.
    """
    read_manifest(output)
    lines = []
    for path in CorpusFolder(output).ledger():
        for row in pq.read_table(path, columns=[*COLUMNS, "rule"], filters=[("rule", "=", SCANNED)]).to_pylist():
            entry = {"id": row["record_id"], **{name: row[name] for name in COLUMNS[1:]}}
            lines.append(json.dumps(entry, ensure_ascii=False, sort_keys=True))
    write_bytes(target, "".join(f"{line}\n" for line in sorted(lines)).encode())
    return len(lines)
