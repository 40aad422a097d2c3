"""Following duplicates of duplicates to the document that is kept."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def follow(nodes: NDArray[np.uint64], targets: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """For each of ``nodes`` the end of its chain, where node i points at target i and the end points nowhere.

    Each node stands once. Pointer jumping: every round doubles how far each pointer reaches, so that a chain of a
    million takes 20 rounds. Raises `ValueError` where pointers run in a circle, which no total order allows.
    """
    order = np.argsort(nodes)
    sorted_nodes, ends = nodes[order], targets[order].copy()
    for _ in range(len(nodes).bit_length() + 1):
        ends, moved = step(ends, sorted_nodes, ends)
        if not moved.any():
            result = np.empty_like(targets)
            result[order] = ends
            return result
    raise ValueError(f"duplicate chains: {int(moved.sum())} of {len(nodes)} pointers run in a circle")


def step(
    pointers: NDArray[np.uint64], sorted_nodes: NDArray[np.uint64], targets: NDArray[np.uint64]
) -> tuple[NDArray[np.uint64], NDArray[np.bool_]]:
    """Each of ``pointers`` moved to where the node it points at points, and which of them moved.

    Node i of ``sorted_nodes`` (ascending) points at target i; a pointer at no such node stays.
    """
    if len(sorted_nodes) == 0:
        return pointers, np.zeros(len(pointers), dtype=bool)
    places = np.minimum(np.searchsorted(sorted_nodes, pointers), len(sorted_nodes) - 1)
    moved = sorted_nodes[places] == pointers
    return np.where(moved, targets[places], pointers), moved
