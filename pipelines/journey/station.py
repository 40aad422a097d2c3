"""A station as Beam sees it: chunks in, chunks out, one step for each page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import partial

import apache_beam as beam

from tesuki.pipelines.journey.chunk import Chunk, Step, apply
from tesuki.pipelines.journey.page import Fate, Page

OpenStep = Callable[[], AbstractContextManager[Step]]
"""Opens a station's step once for each worker (a model, a guarded child) and closes it at the end."""


def plain(step: Step) -> OpenStep:
    """A step that needs nothing opened: a function, as it is."""
    return partial(_as_it_is, step)


def except_for(subsets: frozenset[str], open_step: OpenStep) -> OpenStep:
    """``open_step``, past which the pages of ``subsets`` go straight on: they came as text."""
    return partial(_open_except_for, subsets, open_step)


class Station(beam.PTransform):
    """Sends every page of every chunk through one step; pages that leave are counted in the chunk."""

    def __init__(self, name: str, open_step: OpenStep) -> None:
        super().__init__(label=name)
        self._name = name
        self._open_step = open_step

    def expand(self, chunks: beam.PCollection) -> beam.PCollection:
        """PCollection of `Chunk` to PCollection of `Chunk`."""
        return chunks | beam.ParDo(_AtStation(self._name, self._open_step))


@contextmanager
def _open_except_for(subsets: frozenset[str], open_step: OpenStep) -> Iterator[Step]:
    with open_step() as step:

        def step_or_pass(page: Page) -> Page | Fate:
            return page if page.subset in subsets else step(page)

        yield step_or_pass


@contextmanager
def _as_it_is(step: Step) -> Iterator[Step]:
    yield step


class _AtStation(beam.DoFn):
    def __init__(self, name: str, open_step: OpenStep) -> None:
        self._name = name
        self._open_step = open_step

    def setup(self) -> None:
        self._open = ExitStack()
        self._step = self._open.enter_context(self._open_step())

    def process(self, chunk: Chunk) -> Iterator[Chunk]:
        yield apply(chunk, self._name, self._step)

    def teardown(self) -> None:
        self._open.close()
