"""The list a take-down is asked by, and the request a rebuild with it would make."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from tesuki.pipelines.errors import RequestError
from tesuki.pipelines.levelling.host_evidence import list_in_manifest

KIND: Final = "takedown"

AFTER = ("deny", "allow", "host files", "band index")
"""Kinds of lists that a manifest names after the take-down list."""


def list_of(request: Mapping[str, Any]) -> Mapping[str, str] | None:
    """How ``request`` (`request_in` of the manifest) names its take-down list; None where it has none."""
    return next((record for record in request["lists"] if record["list"] == KIND), None)


def check_growth(path: Path, request: Mapping[str, Any]) -> None:
    """Raise `RequestError` unless the list at ``path`` begins with the whole list that ``request`` has.

    What an earlier list withheld is not kept, so no take-down could bring it back as a rebuild without it would.
    """
    earlier = list_of(request)
    if earlier and earlier["sha256"] not in _beginnings(path.read_bytes()):
        raise RequestError(
            f"{path}: the corpus was made with the take-down list {earlier['name']} (sha256 {earlier['sha256']}), "
            "which this list does not begin with; add new lines at the end of that one"
        )


def with_list(request: Mapping[str, Any], path: Path) -> dict[str, Any]:
    """``request`` as it would be with the take-down list at ``path``.

    The recipe names a list by its path from the recipe's folder, which a corpus does not know: a path that ends in
    the file's name is kept, otherwise the name stands for it.
    """
    policy = request["recipe"]["policy"]
    named = policy["take_down"]
    name = named if named and Path(named).name == path.name else path.name
    record = list_in_manifest(path, KIND)
    others = [each for each in request["lists"] if each["list"] != KIND]
    before = [each for each in others if each["list"] not in AFTER]
    return {
        **request,
        "recipe": {**request["recipe"], "policy": {**policy, "take_down": name}},
        "lists": [*before, record, *others[len(before) :]],
    }


def _beginnings(content: bytes) -> Iterator[str]:
    """SHA-256 of all that ends where a line does, its line break there or not yet."""
    state = sha256()
    yield state.hexdigest()
    for line in content.splitlines(keepends=True):
        written = line.rstrip(b"\r\n")
        state.update(written)
        yield state.hexdigest()
        state.update(line[len(written) :])
        yield state.hexdigest()
