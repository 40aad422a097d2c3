"""A table's columns, each written down once: its name, its Arrow type, and what a row has in it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import pyarrow as pa

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Column(Generic[Item]):
    """One column of a table whose rows are made of items; ``get`` is what an item has in it."""

    name: str
    type: pa.DataType
    get: Callable[[Item], Any]


def schema_of(columns: Iterable[Column[Any]]) -> pa.Schema:
    """The schema of a table with these columns."""
    return pa.schema([(column.name, column.type) for column in columns])


def table_of(columns: Iterable[Column[Item]], items: Iterable[Item]) -> pa.Table:
    """A row for each item."""
    held, listed = list(items), list(columns)
    arrays = [pa.array([column.get(item) for item in held], column.type) for column in listed]
    return pa.table(arrays, schema_of(listed))
