"""JSON files that notice what happens to them: each holds a digest of what it says, and has one spelling.

A byte that changes makes the file no JSON, another value than the digest's, or the same value in another spelling.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tesuki.pipelines.storage.files import write_bytes
from tesuki.pipelines.storage.names import digest

DIGEST = "digest"
"""The field that holds the digest of all the others."""


class DamagedError(ValueError):
    """A file that is not as it was written."""


def sealed_bytes(value: Mapping[str, Any]) -> bytes:
    """What the file of ``value`` holds: keys sorted, a line for each, `DIGEST` among them."""
    told = {name: entry for name, entry in value.items() if name != DIGEST}
    sealed = {**told, DIGEST: digest(told)}
    return json.dumps(sealed, ensure_ascii=False, sort_keys=True, indent=1).encode() + b"\n"


def write_sealed(path: Path, value: Mapping[str, Any]) -> None:
    """Put ``value`` at ``path``, atomically."""
    write_bytes(path, sealed_bytes(value))


def json_object(content: bytes) -> dict[str, Any]:
    """The object of JSON in ``content``, whatever it says of itself. Raises `DamagedError` where there is none."""
    try:
        value = json.loads(content)
    except (ValueError, RecursionError):
        raise DamagedError("not JSON") from None
    if not isinstance(value, dict):
        raise DamagedError(f"holds no object of JSON but {type(value).__name__}")
    return value


def sealed_value(content: bytes) -> dict[str, Any]:
    """The value in the bytes of such a file, `DIGEST` left out. Raises `DamagedError` where any byte is another."""
    value = json_object(content)
    if DIGEST not in value:
        raise DamagedError(f"has no {DIGEST}")
    try:
        same = sealed_bytes(value) == content
    except (ValueError, RecursionError):
        same = False
    if not same:
        raise DamagedError(f"is not what its {DIGEST} says: a byte has changed")
    del value[DIGEST]
    return value


def read_sealed(path: Path) -> dict[str, Any]:
    """The value at ``path``. Raises `DamagedError` where it is not as it was written, OSError where nothing is read."""
    return sealed_value(path.read_bytes())
