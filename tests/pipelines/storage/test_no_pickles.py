"""Nothing that lies in a corpus or an index is unpickled: whoever made it would run code here."""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
OWN_CHILD = {"pipelines/extraction/guard.py", "pipelines/extraction/guard_child.py"}
"""They speak through a pipe with a process of ours."""

UNPICKLERS = {"pickle", "dill", "cloudpickle", "shelve", "joblib", "marshal"}


def test_no_module_unpickles_what_it_reads() -> None:
    for room in ("common", "dedup", "filters", "pipelines", "release_levels", "tokenize"):
        for path in sorted((ROOT / room).rglob("*.py")):
            name = path.relative_to(ROOT).as_posix()
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Import | ast.ImportFrom) and name not in OWN_CHILD:
                    module = (node.module or "") if isinstance(node, ast.ImportFrom) else ""
                    imported = {module.partition(".")[0], *(alias.name.partition(".")[0] for alias in node.names)}
                    assert not imported & UNPICKLERS, f"{name}:{node.lineno}"
                if isinstance(node, ast.keyword) and node.arg == "allow_pickle":
                    assert isinstance(node.value, ast.Constant), f"{name}:{node.value.lineno}"
                    assert node.value.value is False, f"{name}:{node.value.lineno}"
