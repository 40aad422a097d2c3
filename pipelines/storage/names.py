"""One spelling for a value, and a name made from it.

Every file whose content depends on settings carries a name made here, so that a changed setting leads to another name
and an unchanged one to a file that is already there.
"""

from __future__ import annotations

import hashlib
import json
from functools import cache
from importlib import import_module, metadata
from pathlib import Path
from typing import Any

ROOMS = ("common", "dedup", "filters", "pipelines", "release_levels", "tokenize")

LIBRARIES = (
    "ahocorasick-rs",
    "apache-beam",
    "fastwarc",
    "fugashi",
    "numpy",
    "pyarrow",
    "resiliparse",
    "sentencepiece",
    "trafilatura",
    "unidic-lite",
    "warcio",
)
"""Distributions whose version can change a byte of the output."""


def canonical_json(value: Any) -> str:
    """``value`` as JSON with sorted keys and no free choice left to the writer."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def digest(value: Any) -> str:
    """32 hexadecimal digits (128-bit BLAKE2b) that name ``value``."""
    return hashlib.blake2b(canonical_json(value).encode(), digest_size=16).hexdigest()


SOURCES = frozenset({".py", ".tsv", ".txt", ".yaml"})
"""Endings of the files that can change a byte of the output."""


@cache
def library_versions() -> dict[str, str]:
    """The installed version of every library in `LIBRARIES`."""
    return {name: metadata.version(name) for name in LIBRARIES}


@cache
def code_version() -> str:
    """Digest of Tesuki's own sources and tables: any change to them makes new parts."""
    state = hashlib.blake2b(digest_size=16)
    for room in ROOMS:
        folder = Path(import_module(f"tesuki.{room}").__path__[0])
        for path in sorted(folder.rglob("*")):
            if path.suffix in SOURCES and path.is_file():
                content = path.read_bytes()
                state.update(f"{room}/{path.relative_to(folder).as_posix()} {len(content)}\n".encode())
                state.update(content)
    return state.hexdigest()
