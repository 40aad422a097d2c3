"""The manifest: what a finished corpus is made of. Written last; a folder without one is not a corpus."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    PlainSerializer,
    SerializerFunctionWrapHandler,
    ValidationError,
    model_serializer,
)

from tesuki.pipelines.corpus.balance import Balance, BalanceSheet, sheet_of
from tesuki.pipelines.corpus.made_by import code_versions, library_versions
from tesuki.pipelines.errors import RequestError
from tesuki.pipelines.reading.inputs import Input
from tesuki.pipelines.recipe.sections import Recipe
from tesuki.pipelines.storage.files import write_bytes
from tesuki.pipelines.storage.names import digest
from tesuki.pipelines.storage.sealed_json import DamagedError, json_object, sealed_bytes, sealed_value

FORMAT = 2
"""Version of the layout of the manifest and of the folder it describes."""

NAME = "manifest.json"

AS_WRITTEN = ConfigDict(extra="forbid", frozen=True)
"""A field too many or too few is damage, or another version's."""


@dataclass(frozen=True, slots=True)
class FileEntry:
    """One file of the corpus: ``path`` from its folder, ``rows`` of tables and shards, ``tokens`` of shards."""

    path: str
    sha256: str
    bytes: int
    rows: int | None = None
    tokens: int | None = None

    __pydantic_config__ = AS_WRITTEN


def _as_told(entry: FileEntry) -> dict[str, Any]:
    return {name: value for name, value in asdict(entry).items() if value is not None}


class InputEntry(BaseModel):
    """One input: `tesuki.pipelines.reading.inputs.Input.identity`."""

    model_config = AS_WRITTEN

    subset: str
    archive: str
    sha256: str | None = None
    tag: str | None = None
    """Of a file elsewhere, in place of the hash: its ETag, or the time of its last change."""
    bytes: int

    @model_serializer(mode="wrap")
    def _as_identified(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return {name: value for name, value in handler(self).items() if value is not None}


class ShardReading(BaseModel):
    """One shard, and how often a pass over the mixture reads its rows; see `tesuki.tokenize.passes`."""

    model_config = AS_WRITTEN

    path: str
    rows: int
    tokens: int
    times: int
    extra_rows: int
    extra_tokens: int


class MixtureEntry(BaseModel):
    """What a subset, or a bucket of one, brings to one split: unique documents and tokens, repeats as an exact ratio,
    readings."""

    model_config = AS_WRITTEN

    subset: str
    """The row's name: the subset's, or ``SUBSET.BUCKET``."""
    split: Literal["train", "valid", "test"]
    holds: dict[str, tuple[float | None, float | None]] | None = None
    """Of a bucket the bounds of each score, from and below; nothing of the unscored. None for a whole subset."""
    documents: int
    tokens: int
    repeats: str
    training_tokens: int
    short_by: int
    shards: tuple[ShardReading, ...]

    @model_serializer(mode="wrap")
    def _as_held(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return {name: value for name, value in handler(self).items() if name != "holds" or value is not None}


class TokenizerEntry(BaseModel):
    """The tokenizer all shards were made with, and how it writes a document."""

    model_config = ConfigDict(extra="allow", frozen=True)

    path: str
    fingerprint: str
    vocabulary_size: int
    dtype: str
    document: str
    bos: int | None
    eos: int | None
    trained: bool


class Stages(BaseModel):
    """Names of what was made, by which a rerun knows what it can leave as it is; no tokens, no name."""

    model_config = AS_WRITTEN

    documents: str
    tokens: str


class Manifest(BaseModel):
    """What a finished corpus is made of, and of what it was made.

    The fields up to ``code`` are the request: all that decides the bytes of a corpus. ``recipe`` is canonical, as the
    version that built the corpus wrote it.
    """

    model_config = AS_WRITTEN

    format: Literal[2]
    recipe: dict[str, Any]
    inputs: tuple[InputEntry, ...]
    lists: tuple[dict[str, Any], ...]
    given_tokenizer: str | None
    libraries: dict[str, str]
    code: dict[str, str]
    request_digest: str
    recipe_digest: str
    stages: Stages
    balance: BalanceSheet
    tokenizer: TokenizerEntry | None
    mixture: tuple[MixtureEntry, ...]
    files: tuple[Annotated[FileEntry, PlainSerializer(_as_told, when_used="json")], ...]

    def as_json(self) -> dict[str, Any]:
        """The manifest as a value of JSON, as it stands in the file."""
        return self.model_dump(mode="json")

    @property
    def request(self) -> dict[str, Any]:
        """The request, as `request_of` gave it."""
        return self.model_dump(mode="json", include=set(_REQUEST))

    @cached_property
    def asked(self) -> Recipe:
        """The recipe. Raises `RequestError` where it is of a version of Tesuki that knew other fields."""
        return recipe_in(self.recipe)

    @property
    def hashes(self) -> dict[str, str]:
        """The SHA-256 of each file, by its path."""
        return {entry.path: entry.sha256 for entry in self.files}


_REQUEST = ("format", "recipe", "inputs", "lists", "given_tokenizer", "libraries", "code")


def recipe_in(canonical: Mapping[str, Any]) -> Recipe:
    """The recipe that a manifest holds as a value of JSON. Raises `RequestError` where this version can't read it."""
    try:
        return Recipe.model_validate(canonical)
    except ValidationError as failure:
        field = ".".join(map(str, failure.errors()[0]["loc"]))
        raise RequestError(
            f"{NAME}: recipe.{field}: {failure.errors()[0]['msg']}; the corpus was built by another version of Tesuki, "
            "build it again"
        ) from None


def request_of(
    recipe: Mapping[str, Any],
    inputs: Sequence[Input],
    lists: Sequence[Mapping[str, Any]],
    given_tokenizer: str | None,
) -> dict[str, Any]:
    """All that decides the bytes of a corpus. Two equal requests have equal outputs.

    ``given_tokenizer`` is the hash of the tokenizer file that the recipe names, None where one is learnt.
    """
    return {
        "format": FORMAT,
        "recipe": dict(recipe),
        "inputs": [entry.identity() for entry in sorted(inputs)],
        "lists": [dict(each) for each in lists],
        "given_tokenizer": given_tokenizer,
        "libraries": library_versions(),
        "code": code_versions(),
    }


def manifest_of(
    request: Mapping[str, Any],
    *,
    stages: Stages,
    balance: Balance,
    tokenizer: Mapping[str, Any] | None,
    mixture: Sequence[Mapping[str, Any]],
    files: Sequence[FileEntry],
) -> Manifest:
    """The manifest of a finished corpus. ``files`` are sorted by path, relative to the corpus' folder."""
    return Manifest(
        format=FORMAT,
        recipe=request["recipe"],
        inputs=tuple(InputEntry(**entry) for entry in request["inputs"]),
        lists=tuple(request["lists"]),
        given_tokenizer=request["given_tokenizer"],
        libraries=request["libraries"],
        code=request["code"],
        request_digest=digest(request),
        recipe_digest=digest(request["recipe"]),
        stages=stages,
        balance=sheet_of(balance),
        tokenizer=TokenizerEntry(**tokenizer) if tokenizer else None,
        mixture=tuple(
            MixtureEntry(**{**row, "shards": tuple(ShardReading(**shard) for shard in row["shards"])})
            for row in mixture
        ),
        files=tuple(sorted(files, key=lambda entry: entry.path)),
    )


def manifest_bytes(manifest: Manifest) -> bytes:
    """What the file of ``manifest`` holds."""
    return sealed_bytes(manifest.as_json())


def write_manifest(output: Path, manifest: Manifest) -> None:
    """Put the manifest in its place: from now on ``output`` is a corpus."""
    write_bytes(output / NAME, manifest_bytes(manifest))


def read_manifest(output: Path) -> Manifest:
    """The manifest of the corpus at ``output``, as it was written to the byte.

    Raises `RequestError` where there is none, where it is damaged, and where another version wrote it.
    """
    path = output / NAME
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise RequestError(
            f"{output}: no finished corpus here ({NAME} is missing); build it with tesuki corpus"
        ) from None
    except OSError as failure:
        raise RequestError(f"{path}: cannot be read ({failure.strerror})") from None
    return manifest_in(content, path)


def manifest_in(content: bytes, path: Path) -> Manifest:
    """The manifest whose file at ``path`` holds ``content``. Raises `RequestError` where that is no whole manifest."""
    try:
        found = json_object(content).get("format")
        if found != FORMAT:
            raise RequestError(f"{path}: format {str(found)[:20]!r}, this Tesuki reads format {FORMAT}")
        return Manifest.model_validate(sealed_value(content))
    except DamagedError as failure:
        raise RequestError(f"{path}: {failure}; the corpus is damaged, build it again") from None
    except ValidationError as failure:
        field = ".".join(map(str, failure.errors()[0]["loc"]))
        raise RequestError(
            f"{path}: {field}: {failure.errors()[0]['msg']}; the corpus is damaged or another version's, build it again"
        ) from None
