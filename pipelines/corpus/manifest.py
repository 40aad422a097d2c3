"""The manifest: what a finished corpus is made of. Written last; a folder without one is not a corpus."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tesuki.pipelines.corpus.balance import Balance, balance_rows
from tesuki.pipelines.errors import RequestError
from tesuki.pipelines.reading.inputs import Input
from tesuki.pipelines.storage.files import write_bytes
from tesuki.pipelines.storage.names import code_version, digest, library_versions

FORMAT = 1
"""Version of the layout of the manifest and of the folder it describes."""


def request_of(
    recipe: Mapping[str, Any],
    inputs: Sequence[Input],
    lists: Sequence[Mapping[str, Any]],
    given_tokenizer: str | None,
) -> dict[str, Any]:
    """All that decides the bytes of a corpus. Two equal requests have equal outputs.

    ``given_tokenizer`` is the hash of the tokenizer file that the recipe names, None where one is learnt.
    """
    return {
        "format": FORMAT,
        "recipe": recipe,
        "inputs": [entry.identity() for entry in sorted(inputs)],
        "lists": list(lists),
        "given_tokenizer": given_tokenizer,
        "libraries": library_versions(),
        "code": code_version(),
    }


def manifest_of(
    request: Mapping[str, Any],
    *,
    stages: Mapping[str, str],
    balance: Balance,
    tokenizer: Mapping[str, Any] | None,
    mixture: Sequence[Mapping[str, Any]],
    files: Sequence[Mapping[str, Any]],
) -> dict[str, Any]:
    """The manifest of a finished corpus. ``files`` are sorted by path, relative to the corpus' folder."""
    return {
        **request,
        "request_digest": digest(request),
        "recipe_digest": digest(request["recipe"]),
        "stages": dict(stages),
        "balance": balance_rows(balance),
        "tokenizer": tokenizer and dict(tokenizer),
        "mixture": list(mixture),
        "files": sorted(files, key=lambda entry: str(entry["path"])),
    }


def request_in(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """The request that `manifest_of` was given."""
    made = ("request_digest", "recipe_digest", "stages", "balance", "tokenizer", "mixture", "files")
    return {name: value for name, value in manifest.items() if name not in made}


def manifest_bytes(manifest: Mapping[str, Any]) -> bytes:
    """What the file of ``manifest`` holds."""
    return json.dumps(manifest, ensure_ascii=False, sort_keys=True, indent=1).encode() + b"\n"


def write_manifest(output: Path, manifest: Mapping[str, Any]) -> None:
    """Put the manifest in its place: from now on ``output`` is a corpus."""
    write_bytes(output / "manifest.json", manifest_bytes(manifest))


def read_manifest(output: Path) -> dict[str, Any]:
    """The manifest of the corpus at ``output``. Raises `RequestError` where there is none."""
    path = output / "manifest.json"
    try:
        value: dict[str, Any] = json.loads(path.read_bytes())
    except FileNotFoundError:
        raise RequestError(
            f"{output}: no finished corpus here (manifest.json is missing); build it with tesuki corpus"
        ) from None
    except ValueError:
        raise RequestError(f"{path}: not JSON; the corpus is damaged, build it again") from None
    found = value.get("format") if isinstance(value, dict) else None
    if found != FORMAT:
        raise RequestError(f"{path}: format {found!r}, this Tesuki reads format {FORMAT}")
    return value
