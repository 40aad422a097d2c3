"""The manifest: one format for all who read it, one spelling, and a message for whatever is no manifest."""

from __future__ import annotations

from pathlib import Path

import pytest

from tesuki.pipelines.corpus import manifest
from tesuki.pipelines.corpus.manifest import manifest_bytes, read_manifest
from tesuki.pipelines.errors import RequestError
from tesuki.pipelines.storage.sealed_json import write_sealed
from tesuki.tokenize import listed_shards
from tesuki.tokenize.listed_shards import listed_mixture


def test_the_reader_of_shards_knows_the_same_format(sample: Path) -> None:
    """It may not import this room, so it has the number written down again."""
    assert listed_shards.FORMAT == manifest.FORMAT
    value = read_manifest(sample).as_json()
    assert listed_mixture(value, "train").shards
    with pytest.raises(ValueError, match="format '1', this reader reads format 2"):
        listed_mixture(value | {"format": 1}, "train")


def test_what_is_read_is_written_again_to_the_byte(sample: Path) -> None:
    assert manifest_bytes(read_manifest(sample)) == (sample / "manifest.json").read_bytes()


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"format": 1}, "format '1', this Tesuki reads format 2"),
        ({"colour": "red"}, "colour: "),
        ({"balance": {"read": 1}}, r"balance\.\w+: "),
        ({"files": [{"path": "a"}]}, r"files\.0\.sha256: "),
        ({"mixture": "none"}, "mixture: "),
    ],
)
def test_a_manifest_that_was_made_otherwise(
    sample: Path, tmp_path: Path, changed: dict[str, object], message: str
) -> None:
    write_sealed(tmp_path / "manifest.json", read_manifest(sample).as_json() | changed)
    with pytest.raises(RequestError, match=rf"manifest\.json: {message}"):
        read_manifest(tmp_path)
