"""What people write: recipes and policies. A wrong one is refused in words, in bounded length."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from tesuki.pipelines.errors import RequestError
from tesuki.pipelines.recipe.loading import load_recipe
from tesuki.release_levels import policy
from tesuki.release_levels.policy import PolicyError, parse_policy

FOLDER = tempfile.TemporaryDirectory()

LONGEST_MESSAGE = 20_000


def seeds() -> Iterator[bytes]:
    """A recipe and the packaged policies."""
    yield b"name: a\nsubsets: {web: {inputs: '*.warc.gz', repeats: 3/4}}\ntokenizer: null\nrules: tesuki\n"
    for path in sorted((Path(policy.__file__).parent / "policies").iterdir()):
        yield path.read_bytes()


def attack(data: bytes) -> None:
    """A YAML file."""
    path = Path(FOLDER.name) / "r.yaml"
    path.write_bytes(data)
    message = ""
    try:
        load_recipe(path).canonical()
    except RequestError as failure:
        message = str(failure)
    try:
        parse_policy(data.decode("utf-8", "replace"), "p")
    except PolicyError as failure:
        message += str(failure)
    assert len(message) < LONGEST_MESSAGE, "a message nobody reads to its end"
