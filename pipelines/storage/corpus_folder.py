"""The folder of a corpus: where its tables and shards lie, and what their places say of them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

DOCUMENTS, LEDGER, SHARDS, TOKENIZER = "documents", "ledger", "shards", "tokenizer"

INDEX = "band-index"
"""What later crawls are compared with."""

REMOVALS = "removals"
"""The lists of what former corpora must give up to this one (`earlier_stay: false`)."""

TABLES = (DOCUMENTS, LEDGER)
"""Folders of Parquet files."""

OTHERS = (TOKENIZER, INDEX, REMOVALS)
"""Folders of other files."""


@dataclass(frozen=True, slots=True)
class DocumentFile:
    """One file of ``documents/``: its documents are all of one subset and level."""

    path: Path
    subset: str
    level: str


@dataclass(frozen=True, slots=True)
class CorpusFolder:
    """A folder with the layout of a corpus; finished or, below ``parts/building``, in the making."""

    path: Path

    def documents(self, subset: str = "*", level: str = "*") -> tuple[DocumentFile, ...]:
        """The tables of ``documents/``, of one subset and level or of all, in one order everywhere."""
        paths = sorted((self.path / DOCUMENTS).glob(f"{subset}/{level}/*.parquet"))
        return tuple(DocumentFile(path, path.parts[-3], path.parts[-2]) for path in paths)

    def document_paths(self) -> tuple[Path, ...]:
        """Where the tables of ``documents/`` lie."""
        return tuple(file.path for file in self.documents())

    def ledger(self) -> tuple[Path, ...]:
        """The tables of ``ledger/``, one a part."""
        return tuple(sorted((self.path / LEDGER).glob("*.parquet")))

    def shards(self) -> tuple[str, ...]:
        """The paths of all shards, from the corpus' folder."""
        return tuple(self.name_of(path) for path in sorted((self.path / SHARDS).rglob("*.arrow")))

    def open_shard(self, name: str) -> pa.Table:
        """The rows of the shard at ``name``, as views into the mapped file."""
        with pa.memory_map(str(self.path / name)) as source:
            return pa.ipc.open_stream(source).read_all()

    def listed(self) -> tuple[str, ...]:
        """The paths of all files that a manifest lists, from the corpus' folder."""
        folders = (self.path / name for name in (*TABLES, SHARDS, *OTHERS))
        return tuple(self.name_of(path) for folder in folders for path in sorted(folder.rglob("*")) if path.is_file())

    def name_of(self, path: Path) -> str:
        """A path as the manifest names it: from the corpus' folder."""
        return path.relative_to(self.path).as_posix()
