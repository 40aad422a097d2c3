"""The list a take-down is asked by, and the request a rebuild with it would make."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tesuki.pipelines.corpus.take_downs import KIND, NamedList, check_beginning
from tesuki.pipelines.levelling.host_evidence import list_in_manifest
from tesuki.pipelines.scoring.checks import MODEL

AFTER = ("deny", "allow", "host files", "band index", "removals", MODEL)
"""Kinds of lists that a manifest names after the take-down list."""


def check_growth(path: Path, earlier: NamedList | None) -> None:
    """Raise `RequestError` unless the list at ``path`` begins with the whole list ``earlier``, if there is one.

    What an earlier list withheld is not kept, so no take-down could bring it back as a rebuild without it would.
    """
    if earlier:
        made = f"the corpus was made with the take-down list {earlier.name} (sha256 {earlier.sha256})"
        check_beginning(path, earlier, f"{path}: {made}")


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
