"""Classes of characters as tables over all of Unicode."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from tesuki.common.code_points import UNICODE_SIZE, CodePoints

ClassTable = npt.NDArray[np.uint8]
"""One small number for each code point of Unicode: the class it belongs to, 0 where it belongs to none."""


def class_table(classes: Iterable[tuple[int, Iterable[tuple[int, int]]]]) -> ClassTable:
    """A table made of rows ``(class number, ((first, last), ...))``, both ends included; later rows win."""
    table = np.zeros(UNICODE_SIZE, dtype=np.uint8)
    for number, ranges in classes:
        for first, last in ranges:
            table[first : last + 1] = number
    return table


def count_classes(codes: CodePoints, table: ClassTable, size: int) -> list[int]:
    """How many characters fall into each class ``0 … size - 1``."""
    return [int(count) for count in np.bincount(table[codes], minlength=size)[:size]]
