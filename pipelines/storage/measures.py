"""The column of measures, measure by measure, as arrays."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Floats = npt.NDArray[np.float64]


def measure_columns(measures: pa.Array) -> Iterator[tuple[str, Floats]]:
    """Each measure that stands in ``measures``, a column of names and values, with its value in every row; NaN where a
    row has none. Judged parts hold them as a map, documents as a list of pairs.
    """
    is_map = pa.types.is_map(measures.type)
    pairs = pa.StructArray.from_arrays([measures.keys, measures.items], ["name", "value"]) if is_map else None
    flat = pairs if pairs is not None else measures.flatten()
    offsets = np.asarray(measures.offsets)
    rows = np.repeat(np.arange(len(measures)), np.diff(offsets))
    names, values = flat.field(0), np.asarray(flat.field(1))
    if is_map:
        # Keys and items of a map are those of its whole buffer, whatever slice of it is looked at.
        names, values = names.slice(offsets[0], len(rows)), values[offsets[0] : offsets[0] + len(rows)]
    known = names.dictionary_encode()
    codes = np.asarray(known.indices)
    each = len(codes) // max(len(measures), 1)
    # As a rule all rows have the same measures in the same order: then they are a matrix.
    if each and (np.diff(offsets) == each).all() and (codes.reshape(-1, each) == codes[:each]).all():
        for place, code in enumerate(codes[:each].tolist()):
            yield known.dictionary[code].as_py(), values.reshape(-1, each)[:, place]
        return
    for code, name in enumerate(known.dictionary.to_pylist()):
        column = np.full(len(measures), np.nan)
        here = codes == code
        column[rows[here]] = values[here]
        yield name, column
