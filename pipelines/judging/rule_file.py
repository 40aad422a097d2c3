"""Rules of one's own: a file with the table that a preset is, as tab-separated text or YAML."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import yaml

from tesuki.common.yaml_values import read_yaml
from tesuki.filters.presets import PRESETS, Preset, preset
from tesuki.filters.rule_table import COLUMNS, preset_of_rows, rows_of_rules
from tesuki.filters.rules import Rule
from tesuki.pipelines.errors import RequestError
from tesuki.pipelines.recipe.rules import TABLES

Row = tuple[str, Mapping[str, object]]
"""Where a row stands in its file, and its cells by column."""


def find_preset(name: str, folder: Path) -> Preset:
    """The preset called ``name``, or the one in the file of that name, relative to ``folder``.

    Raises ValueError for a name that is neither, and, with the row, for a table that is wrong.
    """
    if name.lower().endswith(TABLES):
        return read_preset(folder / name)
    if name not in {known.name for known in PRESETS}:
        raise ValueError(
            f"found {name!r}, expected {', '.join(known.name for known in PRESETS)}, "
            "or a file of rules that ends in .tsv or .yaml"
        )
    return preset(name)


def read_preset(path: Path) -> Preset:
    """The preset in a file, named after it and its content. Raises ValueError with the row that is wrong."""
    try:
        content = path.read_bytes()
        text = content.decode("utf-8-sig")
    except OSError as failure:
        raise ValueError(f"{path}: cannot be read ({failure.strerror})") from None
    except UnicodeDecodeError as failure:
        raise ValueError(f"{path}: not UTF-8 at byte {failure.start}") from None
    rows = _rows_of_tsv if path.suffix.lower() == ".tsv" else _rows_of_yaml
    name = f"{path.name} {hashlib.sha256(content).hexdigest()[:12]}"
    try:
        return preset_of_rows(name, rows(text))
    except ValueError as failure:
        raise ValueError(f"{path}: {failure}") from None


def table_text(rules: Sequence[Rule]) -> str:
    """Rules as such a file, tab-separated: to begin a table of one's own with."""
    lines = ["\t".join(COLUMNS)]
    lines += ["\t".join(_cell(row[column]) for column in COLUMNS) for row in rows_of_rules(rules)]
    return "".join(f"{line}\n" for line in lines)


def bounds_of(settings: Sequence[str]) -> dict[str, float | None]:
    """``characters=200`` and ``long_sentences=null`` as bounds. Raises `RequestError` for anything else."""
    bounds: dict[str, float | None] = {}
    for setting in settings:
        name, _, value = setting.partition("=")
        try:
            bounds[name] = None if value == "null" else float(value)
        except ValueError:
            raise RequestError(f"--set: found {setting!r}, expected RULE=NUMBER or RULE=null") from None
    return bounds


def _cell(value: str | float) -> str:
    return value if isinstance(value, str) else f"{value:g}"


def _rows_of_tsv(text: str) -> Iterator[Row]:
    lines = [(number, line) for number, line in enumerate(text.splitlines(), 1) if line.strip() and line[0] != "#"]
    if not lines:
        return
    columns = lines[0][1].split("\t")
    for number, line in lines[1:]:
        cells = line.split("\t")
        if len(cells) > len(columns):
            raise ValueError(f"line {number}: {len(cells)} cells under {len(columns)} columns")
        yield f"line {number}", dict(zip(columns, cells, strict=False))


def _rows_of_yaml(text: str) -> Iterator[Row]:
    try:
        found = read_yaml(text)
    except yaml.YAMLError as failure:
        mark = getattr(failure, "problem_mark", None)
        raise ValueError(f"not YAML{f' at line {mark.line + 1}' if mark else ''}") from None
    if not isinstance(found, list):
        raise ValueError(f"found {type(found).__name__}, expected a list of rows with {', '.join(COLUMNS)}")
    for number, row in enumerate(found, 1):
        if not isinstance(row, dict):
            raise ValueError(f"row {number}: found {row!r}, expected {', '.join(COLUMNS)}")
        yield f"row {number}", {str(column): cell for column, cell in row.items()}
