"""A run's temporary folder: everybody below the run works in it, and it goes however the run ends."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

from tesuki.pipelines.engine.scratch import scratch


def test_this_process_and_those_it_starts_work_there_and_nothing_stays(tmp_path: Path) -> None:
    folder = tmp_path / "parts" / "scratch"
    outside = tempfile.gettempdir()
    with scratch(folder):
        mine = Path(tempfile.mkdtemp())
        script = "import tempfile; print(tempfile.mkdtemp())"
        theirs = Path(subprocess.run([sys.executable, "-c", script], capture_output=True, text=True).stdout.strip())
        assert mine.parent == theirs.parent == folder
    assert tempfile.gettempdir() == outside
    assert not folder.exists()


def test_it_goes_where_the_block_fails_and_what_a_killed_run_left_goes_too(tmp_path: Path) -> None:
    before = os.environ.get("TMPDIR")
    (tmp_path / "scratch").mkdir()
    (tmp_path / "scratch" / "beam-pipeline-temp1").write_text("left behind")
    with suppress(ZeroDivisionError), scratch(tmp_path / "scratch"):
        assert not list((tmp_path / "scratch").iterdir())
        raise ZeroDivisionError
    assert not (tmp_path / "scratch").exists()
    assert os.environ.get("TMPDIR") == before
