"""Numbers as a pipeline's beginning: each once, and no more of them in what is submitted than there are ranges."""

from __future__ import annotations

import apache_beam as beam
import pytest
from apache_beam.runners.portability.fn_api_runner import FnApiRunner
from apache_beam.testing.util import assert_that, equal_to

from tesuki.pipelines.engine.numbers import RANGES, Numbers


@pytest.mark.parametrize("count", [0, 1, RANGES, RANGES + 1, 3 * RANGES - 1])
def test_each_number_comes_once(count: int) -> None:
    with beam.Pipeline(runner=FnApiRunner()) as pipeline:
        assert_that(pipeline | Numbers(count), equal_to(list(range(count))))


def test_what_is_submitted_does_not_grow_with_the_count() -> None:
    sizes = []
    for count in (1_500_000, 150_000_000):
        pipeline = beam.Pipeline(runner=FnApiRunner())
        _ = pipeline | Numbers(count)
        sizes.append(pipeline.to_runner_api().ByteSize())
    assert max(sizes) < 60 * RANGES
