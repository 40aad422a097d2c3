"""Lists the user brings: NG words and hosts, read from files, with what the manifest records of them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tesuki.filters.hosts import Denied, HostList, host_list, union
from tesuki.filters.hosts_published import CATEGORIES, published_hosts
from tesuki.filters.hosts_ut1 import SWALLOW_CATEGORIES
from tesuki.filters.words import words_of
from tesuki.pipelines.errors import RequestError, in_field
from tesuki.pipelines.recipe.rules import Hosts, Ut1
from tesuki.pipelines.recipe.sections import Recipe

ALL_OF_SWALLOW = "swallow-code"
"""In place of a category: all that Swallow v1 does without."""


@dataclass(frozen=True, slots=True)
class ListRecord:
    """What the manifest says of a list: third parties change theirs without notice.

    ``sha256`` is over the names and bytes of its files, in the order of their names; ``entries`` counts the
    lines that say something.
    """

    name: str
    licence: str
    version: str
    sha256: str
    entries: int


def load_words(path: Path, *, name: str, licence: str, version: str) -> tuple[tuple[str, ...], ListRecord]:
    """The words of a plain UTF-8 list, one a line, and its record. Raises `RequestError` where it can't be read."""
    content, lines = _read(path)
    words = words_of(lines)
    if not words:
        raise RequestError(f"{path}: holds no word; write one word a line")
    return words, ListRecord(name, licence, version, hashlib.sha256(content).hexdigest(), len(words))


def load_ut1(
    folder: Path, categories: Sequence[str], *, name: str, licence: str, version: str
) -> tuple[HostList, ListRecord]:
    """The domains and addresses of the chosen categories of a UT1 folder, and their record.

    A category is a folder with a file ``domains``, a file ``urls``, or both; ``swallow-code`` stands for
    those of Swallow v1's 28 categories that are there. Raises `RequestError`, with the categories there are,
    for one that is missing.
    """
    there = _categories_in(folder)
    wanted = {name for name in categories if name != ALL_OF_SWALLOW}
    if ALL_OF_SWALLOW in categories:
        wanted |= set(there) & set(SWALLOW_CATEGORIES)
    lines, digest = _ut1_lines(folder, sorted(wanted))
    hosts = host_list(lines["domains"], lines["urls"])
    entries = len(hosts.domains) + sum(map(len, hosts.addresses.values()))
    return hosts, ListRecord(name, licence, version, digest, entries)


def load_ut1_as_published(
    folder: Path, categories: Sequence[str], *, name: str, licence: str, version: str
) -> tuple[list[str], ListRecord]:
    """The lines of a UT1 folder that the published Swallow v1 code refuses, and their record.

    Of the ``categories`` only those that code asks for, and, where the folder has ``global_usage``, that stand there as
    black. Raises `RequestError` as `load_ut1` does.
    """
    there = _categories_in(folder)
    wanted = set(there) if ALL_OF_SWALLOW in categories else set(categories)
    chosen = sorted((wanted & set(CATEGORIES)) - _not_black(folder) | wanted - set(there))
    lines, digest = _ut1_lines(folder, chosen)
    names = [*lines["domains"], *lines["urls"]]
    return names, ListRecord(name, licence, version, digest, len(names))


def _categories_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.is_dir()) if folder.is_dir() else []


def _not_black(folder: Path) -> set[str]:
    """The categories that ``global_usage`` calls white or says nothing of, if there is such a file."""
    usage = folder / "global_usage"
    if not usage.is_file():
        return set()
    black, name = set(), ""
    for line in _read(usage)[1]:
        key, _, value = line.partition(":")
        if key == "NAME":
            name = value.strip()
        elif key == "DEFAULT_TYPE" and value.strip().startswith("black"):
            black.add(name)
    return set(_categories_in(folder)) - black


def _ut1_lines(folder: Path, wanted: Sequence[str]) -> tuple[dict[str, list[str]], str]:
    """The lines of categories by the name of their files, and the hash of those."""
    there = _categories_in(folder)
    for category in wanted:
        if category not in there:
            raise RequestError(f"{folder}: no category {category!r}; found {', '.join(there) or 'no folder'}")
    files = [
        path
        for category in wanted
        for path in (folder / category / "domains", folder / category / "urls")
        if path.is_file()
    ]
    if not files:
        raise RequestError(f"{folder}: no file domains or urls in {', '.join(wanted) or 'no category'}")
    digest = hashlib.sha256()
    lines: dict[str, list[str]] = {"domains": [], "urls": []}
    for path in files:
        content, found = _read(path)
        digest.update(f"{path.parent.name}/{path.name} {len(content)}\n".encode() + content)
        lines[path.name] += found
    return lines, digest.hexdigest()


def _read(path: Path) -> tuple[bytes, list[str]]:
    """A file's bytes and its lines."""
    try:
        content = path.read_bytes()
        return content, content.decode("utf-8-sig").splitlines()
    except OSError as failure:
        raise RequestError(f"{path}: cannot be read ({failure.strerror})") from None
    except UnicodeDecodeError as failure:
        raise RequestError(f"{path}: not UTF-8 at byte {failure.start}; convert the list to UTF-8") from None


def load_denied_hosts(recipe: Recipe, folder: Path) -> tuple[Denied, list[Mapping[str, Any]]]:
    """All hosts and addresses that ``recipe`` denies, matched as it says, and the lists as the manifest names them."""
    if recipe.matching == "published" and recipe.rules.preset == SWALLOW:
        return _published(recipe.hosts, folder)
    lists = [host_list(recipe.hosts.deny)]
    records: list[Mapping[str, Any]] = []
    for ut1 in recipe.hosts.ut1:
        with in_field("hosts.ut1"):
            found, record = load_ut1(folder / ut1.folder, ut1.categories, **_about(ut1))
        lists.append(found)
        records.append({"list": "hosts", **asdict(record)})
    return union(lists), records


SWALLOW = "swallow-code"
"""The program whose way with hosts is published."""


def _published(hosts: Hosts, folder: Path) -> tuple[Denied, list[Mapping[str, Any]]]:
    names = list(hosts.deny)
    records: list[Mapping[str, Any]] = []
    for ut1 in hosts.ut1:
        with in_field("hosts.ut1"):
            found, record = load_ut1_as_published(folder / ut1.folder, ut1.categories, **_about(ut1))
        names += found
        records.append({"list": "hosts", **asdict(record)})
    return published_hosts(names), records


def _about(ut1: Ut1) -> dict[str, str]:
    return {"name": f"UT1 {', '.join(sorted(ut1.categories))}", "licence": ut1.licence, "version": ut1.version}
