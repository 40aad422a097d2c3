"""Documents to sequences of one length, without losing a token or a boundary."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .token_width import TokenArray, TokenDtype


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A place in a pass: the next token is number ``token`` of the document at ``step``."""

    step: int
    token: int = 0


BEGINNING = Position(0)


@dataclass(frozen=True, slots=True, eq=False)
class PackedSequence:
    """``input_ids`` of one training sequence, cut from consecutive documents.

    Piece i is ``input_ids[boundaries[i]:boundaries[i + 1]]``: a document, or the part of one that fits; the
    first may be the rest of the document before. ``steps[i]`` is the step of the pass it comes from.
    ``after`` is where the next sequence begins: resume there.
    """

    input_ids: TokenArray
    boundaries: npt.NDArray[np.int32]
    steps: npt.NDArray[np.int64]
    after: Position


def pack(
    documents: Iterable[tuple[int, TokenArray]], length: int, dtype: TokenDtype, first_token: int = 0
) -> Iterator[PackedSequence]:
    """Sequences of ``length`` tokens from ``documents`` (step, ids); only the last may be shorter.

    ``first_token`` is the token of the first document to begin with. Raises ValueError for a length below
    1, or a first token the first document does not have.
    """
    if length < 1:
        raise ValueError(f"sequence length is {length}; expected at least 1")
    buffer, filled = np.empty(length, dtype=dtype), 0
    boundaries, steps = [0], []
    for step, ids in documents:
        if first_token > ids.size:
            raise ValueError(f"step {step} has {ids.size} tokens; cannot begin at its token {first_token}")
        token, first_token = first_token, 0
        while token < ids.size:
            taken = min(length - filled, ids.size - token)
            buffer[filled : filled + taken] = ids[token : token + taken]
            filled, token = filled + taken, token + taken
            boundaries.append(filled)
            steps.append(step)
            if filled == length:
                after = Position(step, token) if token < ids.size else Position(step + 1)
                yield _sequence(buffer, boundaries, steps, after)
                buffer, filled, boundaries, steps = np.empty(length, dtype=dtype), 0, [0], []
    if filled:
        yield _sequence(buffer[:filled], boundaries, steps, Position(steps[-1] + 1))


def _sequence(ids: TokenArray, boundaries: list[int], steps: list[int], after: Position) -> PackedSequence:
    return PackedSequence(ids, np.array(boundaries, np.int32), np.array(steps, np.int64), after)
