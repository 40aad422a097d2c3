"""docs/library.md: every example runs, in the order of the page, and uses public names of the rooms alone."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from types import ModuleType

PAGE = Path(__file__).resolve().parents[1] / "docs" / "library.md"
EXAMPLES = re.findall(r"^```python\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def test_the_examples_run() -> None:
    names = vars(ModuleType("library"))
    for number, example in enumerate(EXAMPLES, start=1):
        exec(compile(example, f"docs/library.md, example {number}", "exec"), names)
    assert len(EXAMPLES) > 8


def test_they_use_public_names_and_no_beam() -> None:
    for node in (node for example in EXAMPLES for node in ast.walk(ast.parse(example))):
        if isinstance(node, ast.ImportFrom):
            assert node.module
            assert not node.module.startswith("apache_beam")
            assert not [alias.name for alias in node.names if alias.name.startswith("_")]
        if isinstance(node, ast.Attribute):
            assert not node.attr.startswith("_")
