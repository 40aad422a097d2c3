"""What is said of a recipe that is wrong: the field that was meant, never a word of the library that reads it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tesuki.pipelines.errors import RequestError
from tesuki.pipelines.recipe.loading import load_recipe

RIGHT = {"name": "x", "tokenizer": "null", "subsets": "{web: {inputs: a}}"}


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"ruels": "none"}, "ruels: unknown field; did you mean rules?"),
        ({"deduplication": "{presett: x}"}, "deduplication.presett: unknown field; did you mean preset?"),
        ({"subsets": "{web: {inputs: a, fromat: warc}}"}, "subsets.web.fromat: unknown field; did you mean format?"),
        ({"wholly-else": "1"}, "wholly-else: unknown field; see docs/recipe.md"),
        ({"deduplication": "swallow"}, "deduplication: found 'swallow', expected fields of its own: preset, b,"),
        ({"mend": "tesuky"}, "did you mean tesuki?"),
        ({"subsets": "{'we b': {inputs: a}}"}, "subsets: expected names of letters, digits, - and _, found 'we b'"),
    ],
)
def test_a_wrong_field_is_answered_by_what_was_meant(tmp_path: Path, fields: dict[str, str], said: str) -> None:
    lines = [f"{name}: {value}" for name, value in (RIGHT | fields).items()]
    (tmp_path / "r.yaml").write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(RequestError) as told:
        load_recipe(tmp_path / "r.yaml")
    assert said in str(told.value)
    for leak in ("pydantic", "instance of", "dictionary", "{'"):
        assert leak not in str(told.value)
