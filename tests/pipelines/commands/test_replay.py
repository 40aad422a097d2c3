"""`tesuki why --replay` and `--record`: today's code agrees with the corpus it built, and says so where it does not."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tesuki.pipelines.commands.replay import record_lines, replay_lines
from tesuki.pipelines.errors import RequestError, WorkError
from tesuki.pipelines.storage.corpus_folder import CorpusFolder


def replayed(output: Path, page: str, recipe: Path | None, archive: Path | None = None) -> tuple[bool, str]:
    lines = list(replay_lines(output, page, archive, recipe))
    return all(agrees for agrees, _ in lines), "\n".join(line for _, line in lines)


@pytest.mark.slow
def test_todays_code_agrees_with_the_corpus_it_built(sample: Path, sample_recipe: Path, rows_of: Any) -> None:
    """A page of every way to leave, and some that stayed."""
    left = {(row["station"], row["rule"]): row["record_id"] for row in rows_of(sample, "ledger")}
    kept = [row["record_id"] for row in rows_of(sample, "documents")][::15]
    for page in (*left.values(), *kept):
        agrees, said = replayed(sample, page, sample_recipe)
        assert agrees, said
        assert said.endswith("replay      agrees")


def test_it_says_where_it_differs(sample_copy: Path, sample_recipe: Path) -> None:
    file = next(file for file in CorpusFolder(sample_copy).documents() if file.level == "L2")
    table = pq.read_table(file.path)
    titles = pa.array(["another title", *table["title"].to_pylist()[1:]], pa.string())
    changed = table.set_column(table.schema.get_field_index("title"), "title", titles)
    pq.write_table(changed, file.path)
    agrees, said = replayed(sample_copy, table["id"][0].as_py(), sample_recipe)
    assert not agrees
    assert re.search(r"extract +differs: title '.*', the corpus says 'another title'", said)
    assert said.endswith("differs at 1 stations")


def test_an_archive_that_moved_must_be_named(
    sample_copy: Path, sample_recipe: Path, tmp_path: Path, rows_of: Any
) -> None:
    row = rows_of(sample_copy, "documents")[0]
    (sample_copy / "parts" / "inputs.json").unlink()
    with pytest.raises(RequestError, match="--archive"):
        replayed(sample_copy, row["id"], sample_recipe)
    moved = tmp_path / row["archive"]
    shutil.copy(sample_recipe.parent / "archives" / row["archive"], moved)
    assert replayed(sample_copy, row["id"], sample_recipe, moved)[0]
    others = sorted(path for path in moved.parent.glob("*.warc.gz") if path != moved)
    other = shutil.copy(next(iter((sample_recipe.parent / "archives").glob("*.warc.gz"))), tmp_path / "b.warc.gz")
    assert not others
    if Path(other).read_bytes() != moved.read_bytes():
        with pytest.raises(WorkError, match="another archive"):
            replayed(sample_copy, row["id"], sample_recipe, Path(other))


def test_a_record_of_a_page_never_run(sample: Path, sample_recipe: Path, rows_of: Any) -> None:
    row = next(row for row in rows_of(sample, "documents") if row["archive"].endswith(".warc.gz"))
    archive = sample_recipe.parent / "archives" / row["archive"]
    said = "\n".join(record_lines(archive, row["offset"], None))
    assert row["url"] in said
    assert f"{row['encoding']}, known by {row['encoding_evidence']}" in said
    assert f"  extract     {row['characters']} characters" in said
    rejected = next(row for row in rows_of(sample, "ledger") if row["station"] == "measure")
    archive = sample_recipe.parent / "archives" / rejected["archive"]
    said = "\n".join(record_lines(archive, rejected["offset"], sample_recipe))
    assert f"rejected by {rejected['rule']}" in said
    with pytest.raises(RequestError, match="no record begins"):
        list(record_lines(archive, 1 << 40, None))


def test_the_command(sample: Path, sample_recipe: Path, rows_of: Any, tesuki: Any) -> None:
    row = rows_of(sample, "documents")[0]
    run = tesuki("why", sample, row["id"], "--replay", "--recipe", sample_recipe)
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout.splitlines()[-1] == "  replay      agrees"
    archive = sample_recipe.parent / "archives" / row["archive"]
    run = tesuki("why", "--record", archive, row["offset"])
    assert (run.returncode, run.stderr) == (0, "")
    assert tesuki("why", "--record", archive, "x").returncode == 2
    assert tesuki("why").returncode == 2
