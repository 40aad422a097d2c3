"""What of a recipe's deduplication can turn out wrong, found before any work is done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tesuki.dedup.keep_order import KeepOrder
from tesuki.dedup.presets import DedupParameters
from tesuki.filters.presets import Preset
from tesuki.pipelines.deduplication.index.band_index import open_band_index
from tesuki.pipelines.errors import RequestError, in_field
from tesuki.pipelines.storage.files import sha256_of_folder


def checked_keep_order(rule: str, preset: Preset) -> KeepOrder:
    """The order by which one of several near-duplicates stays.

    Raises `RequestError` where ``rule`` orders by a measure that ``preset``, with what the recipe adds, does not take.
    """
    with in_field("deduplication.keep"):
        order = KeepOrder(rule)
    taken = sorted(preset.measure(""))
    if order.measure and order.measure not in taken:
        raise RequestError(
            f"deduplication.keep: found {rule!r}, but the rules take no such measure; "
            f"expected measure: and one of {', '.join(taken) or 'those of a rules.preset, which is none'}"
        )
    return order


def earlier_in_manifest(
    folders: Sequence[Path], parameters: DedupParameters, order: KeepOrder
) -> list[Mapping[str, Any]]:
    """How the manifest names band indexes: by the hash of what each says of itself and of its files.

    Raises `RequestError` for a folder that is no finished index or was made with other settings, and for two indexes
    of one name: drops and removal lists could not tell them apart.
    """
    with in_field("deduplication.earlier"):
        indexes = [open_band_index(folder, parameters, order) for folder in folders]
    for number, index in enumerate(indexes):
        for other in indexes[:number]:
            if other.name == index.name:
                raise RequestError(
                    f"deduplication.earlier: {other.folder} and {index.folder} are both called {index.name}; "
                    "rename the folder of one"
                )
    return [{"list": "band index", "name": index.name, "sha256": sha256_of_folder(index.folder)} for index in indexes]
