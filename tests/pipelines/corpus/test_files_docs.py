"""docs/files.md names every column and every field of the manifest, and none that is not there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from tesuki.pipelines.storage.schemas import DOCUMENTS, FATES

DOCS = Path(__file__).resolve().parents[3] / "docs" / "files.md"

OPTIONAL_FOLDERS = {"band-index", "removals", "takedowns"}
"""Named by the page, and made only where a recipe or a take-down asks for them."""


def sections() -> dict[str, str]:
    """The page's sections by their headings."""
    headings = re.split(r"^## (.+)$", DOCS.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {"": headings[0], **dict(zip(headings[1::2], headings[2::2], strict=True))}


def named_in_first_cells(section: str) -> list[str]:
    """The words in backticks in the first column of a section's table."""
    return [
        name for row in re.findall(r"^\|([^|]+)\|", section, re.MULTILINE) for name in re.findall(r"`([^`]+)`", row)
    ]


@pytest.mark.parametrize(("heading", "schema"), [("documents/", DOCUMENTS), ("ledger/", FATES)])
def test_every_column_is_explained(heading: str, schema: pa.Schema) -> None:
    assert sorted(named_in_first_cells(sections()[heading])) == sorted(schema.names)


def test_fields_within_columns_are_named() -> None:
    section = sections()["documents/"]
    for column, inner in (
        ("evidence", DOCUMENTS.field("evidence").type.value_type),
        ("edits", DOCUMENTS.field("edits").type.value_type),
        ("cluster", DOCUMENTS.field("cluster").type),
    ):
        (row,) = [line for line in section.splitlines() if line.startswith(f"| `{column}`")]
        assert {field.name for field in inner} <= set(re.findall(r"`([^`]+)`", row))


def test_every_field_of_the_manifest_is_explained(sample: Path, manifest_at: Any) -> None:
    manifest = manifest_at(sample)
    section = sections()["manifest.json"]
    assert sorted(named_in_first_cells(section)) == sorted(manifest)
    inner = {
        *manifest["inputs"][0],
        *manifest["balance"],
        *manifest["tokenizer"],
        *manifest["mixture"][0],
        *manifest["mixture"][0]["shards"][0],
        *(key for entry in manifest["files"] for key in entry),
    }
    assert inner <= set(re.findall(r"`([^`]+)`", section))


def test_every_file_of_a_corpus_has_its_line(sample: Path) -> None:
    tree = sections()[""].split("```")[1]
    named = {line.split()[0].split("/")[0] for line in tree.strip().splitlines()[1:]}
    assert named - OPTIONAL_FOLDERS == {path.name for path in sample.iterdir()}
