"""The files a tokenizer is made of: its own, and for Hugging Face the configuration beside it."""

from __future__ import annotations

import hashlib
from pathlib import Path

CONFIG = "tokenizer_config.json"
"""Names the boundary tokens of a ``tokenizer.json``, which has no such fields; Hugging Face saves both together."""


def tokenizer_files(path: Path) -> tuple[Path, ...]:
    """What decides the ids of the tokenizer at ``path`` and must travel with it: the file, and its `CONFIG` if any."""
    config = path.with_name(CONFIG)
    return (path, config) if path.suffix == ".json" and config.is_file() else (path,)


def fingerprint_of(path: Path) -> str:
    """The sha256 of the tokenizer's file in hex; with a configuration beside it, that of both files' hashes in hex."""
    hashes = [hashlib.sha256(file.read_bytes()).hexdigest() for file in tokenizer_files(path)]
    return hashes[0] if len(hashes) == 1 else hashlib.sha256("".join(hashes).encode()).hexdigest()
