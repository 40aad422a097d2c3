"""The records of take-downs, by which what was withheld from a folder stays withheld in every later run into it.

A record names the list that was asked by and the manifest it led to, by their hashes, and the record before it. No
address stands in it, so no run could obey a record alone: it asks for the list, which must begin with the one recorded.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from tesuki.pipelines.errors import RequestError, WorkError
from tesuki.pipelines.journey.printable import printable
from tesuki.pipelines.storage.files import sha256_of
from tesuki.pipelines.storage.sealed_json import DamagedError, read_sealed, write_sealed

RECORDS = "takedowns"
"""The folder of records in a corpus."""

UNFINISHED = f"{RECORDS}/unfinished"
"""What a take-down has written and not yet put in its place."""

PLAN = f"{UNFINISHED}/plan.json"
"""What is left to do of one, once all is written."""

KIND: Final = "takedown"
"""How a manifest calls a take-down list."""


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class NamedList(_Row):
    """A list by its name without the folder and its hash."""

    name: str
    sha256: str


class Change(_Row):
    """What something was before, and what it became; hashes, None where it was not there."""

    before: str | None
    after: str | None


class ChangedFile(_Row):
    """A file of the corpus, and its hashes before and after."""

    path: str
    before: str | None
    after: str | None


class GonePage(_Row):
    """A page that went: document id, hash of its address, and the fate it had."""

    id: str | None
    url_hash: str
    was: str


class Record(_Row):
    """One record: of a take-down, or of a run into a folder that has records already (``pages``, ``files`` empty).

    ``previous`` is the hash of the record before it.
    """

    format: Literal[2]
    previous: str | None
    list: NamedList
    manifest: Change
    pages: tuple[GonePage, ...]
    files: tuple[ChangedFile, ...]


def record_path(output: Path, number: int) -> Path:
    """Where the ``number``-th record lies."""
    return output / RECORDS / f"{number}.json"


def record_numbers(output: Path) -> tuple[int, ...]:
    """The numbers of the records there are, ascending."""
    return tuple(sorted(int(path.stem) for path in (output / RECORDS).glob("*.json") if path.stem.isdecimal()))


def read_record(output: Path, number: int) -> Record:
    """The ``number``-th record. Raises `RequestError` where it is not there or not as it was written."""
    path = record_path(output, number)
    try:
        return Record.model_validate(read_sealed(path))
    except (DamagedError, OSError, ValidationError) as failure:
        told = "is no record" if isinstance(failure, ValidationError) else failure
        raise RequestError(
            f"{path}: {told}; it tells which take-down list binds every run into this folder, bring it back"
        ) from None


def last_record(output: Path) -> Record | None:
    """The record that binds; None where there is none."""
    numbers = record_numbers(output)
    return read_record(output, numbers[-1]) if numbers else None


def check_bound(output: Path, take_down: Path | None) -> None:
    """Raise `RequestError` unless the recipe's list ``take_down`` begins with the list of the last record.

    So too where a take-down was interrupted: its record is not there yet.
    """
    if is_interrupted(output):
        raise RequestError(
            f"{output}: a take-down was interrupted here; finish it first: tesuki takedown {output} --list FILE"
        )
    record = last_record(output)
    if record is None:
        return
    bound = f"take-downs were carried out in {output}, the last by the list {record.list.name} ({record.list.sha256})"
    if take_down is None:
        raise RequestError(
            f"policy.take_down: missing; {bound}. What was withheld must stay so: give the recipe "
            f"policy: {{take_down: {record.list.name}}}, or name another --output "
            "(tesuki dedup has no recipe: there, another --output alone will do)"
        )
    check_beginning(take_down, record.list, f"policy.take_down: {take_down}: {bound}")


def check_beginning(path: Path, earlier: NamedList, problem: str) -> None:
    """Raise `RequestError` that begins with ``problem`` unless the list at ``path`` begins with all of ``earlier``."""
    if earlier.sha256 not in _beginnings(path.read_bytes()):
        raise RequestError(f"{problem}, which this list does not begin with; add new lines at the end of that one")


def is_interrupted(output: Path) -> bool:
    """Whether a take-down was killed while it put things in place, and no run made up for it."""
    return (output / PLAN).exists() and not (output / "manifest.json").exists()


def list_in(lists: Iterable[Mapping[str, Any]]) -> NamedList | None:
    """The take-down list among the ``lists`` of a manifest."""
    found = next((each for each in lists if each["list"] == KIND), None)
    return NamedList(name=found["name"], sha256=found["sha256"]) if found else None


def write_record(output: Path, number: int, record: Record) -> None:
    """Put a record in its place."""
    write_sealed(record_path(output, number), record.model_dump(mode="json"))


def record_of_run(output: Path, lists: Iterable[Mapping[str, Any]], manifest: bytes) -> None:
    """Where ``output`` has records, add one of a run that is about to put ``manifest`` in its place."""
    numbers = record_numbers(output)
    named, after = list_in(lists), sha256(manifest).hexdigest()
    if not numbers or named is None or read_record(output, numbers[-1]).manifest.after == after:
        return
    record = Record(
        format=2,
        previous=sha256_of(record_path(output, numbers[-1])),
        list=named,
        manifest=Change(before=None, after=after),
        pages=(),
        files=(),
    )
    write_record(output, numbers[-1] + 1, record)


def check_records(output: Path, manifest: bytes) -> str:
    """How many records there are. Raises `WorkError` unless they are a chain whose last one led to ``manifest``."""
    numbers = record_numbers(output)
    if numbers != tuple(range(1, len(numbers) + 1)):
        raise WorkError(f"{RECORDS}/: has the records {', '.join(map(str, numbers))}; one is missing")
    known = {*(f"{number}.json" for number in numbers), Path(UNFINISHED).name}
    strangers = sorted({path.name for path in (output / RECORDS).glob("*")} - known)
    if strangers:
        raise WorkError(f"{RECORDS}/{printable(strangers[0])}: is no record; remove it")
    previous = None
    for number in numbers:
        record = read_record(output, number)
        if record.previous != previous:
            raise WorkError(f"{RECORDS}/{number}.json: the record before it is not the one it names")
        previous = sha256_of(record_path(output, number))
    if numbers and read_record(output, numbers[-1]).manifest.after != sha256(manifest).hexdigest():
        raise WorkError(
            f"{RECORDS}/{numbers[-1]}.json: tells of another manifest; the corpus was changed since by what does not "
            "heed take-downs"
        )
    return str(len(numbers) or "none")


def _beginnings(content: bytes) -> Iterator[str]:
    """SHA-256 of all that ends where a line does, its line break there or not yet."""
    state = sha256()
    yield state.hexdigest()
    for line in content.splitlines(keepends=True):
        written = line.rstrip(b"\r\n")
        state.update(written)
        yield state.hexdigest()
        state.update(line[len(written) :])
        yield state.hexdigest()
