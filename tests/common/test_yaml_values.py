"""YAML written to exhaust a reader is refused in no time, by every command that reads some; ordinary YAML is read."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from tesuki.common.yaml_values import read_yaml, shown
from tesuki.pipelines.errors import RequestError
from tesuki.pipelines.levelling.policy_file import load_policy
from tesuki.pipelines.recipe.loading import load_recipe
from tesuki.release_levels.policy import PolicyError, parse_policy

LISTS = "a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 10))
MERGED = "a0: &a0 {x: 1}\n" + "".join(f"a{n}: &a{n} {{<<: [{', '.join([f'*a{n - 1}'] * 10)}]}}\n" for n in range(1, 10))
KEYS = "? &a0 [x, x]\n: 1\n" + "".join(f"? &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n: 1\n" for n in range(1, 10))
DEEP = "name: " + "[" * 50_000
SELF = "name: &a [*a]\n"
HOSTILE = {
    "lists": LISTS,
    "merged": MERGED,
    "keys": KEYS,
    "deep": DEEP,
    "self": SELF,
    "field": LISTS + "name: *a9\nsubsets: *a9\n",
}


@pytest.mark.timeout(120)
@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_are_refused(name: str, tmp_path: Path) -> None:
    content = HOSTILE[name]
    with pytest.raises(yaml.YAMLError):
        read_yaml(content)
    file = tmp_path / "x.yaml"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(RequestError, match=r"x\.yaml.*not YAML") as refused:
        load_recipe(file)
    assert len(str(refused.value)) < 1_000
    with pytest.raises(PolicyError, match=r"x\.yaml: not YAML"):
        parse_policy(content, "x.yaml")
    with pytest.raises(RequestError, match=r"--policy.*not YAML"):
        load_policy(str(file), tmp_path, "--policy")


@pytest.mark.timeout(120)
def test_large_values_in_wrong_places_make_short_messages(tmp_path: Path) -> None:
    allowed = LISTS.split("a5:")[0]
    file = tmp_path / "x.yaml"
    file.write_text(f"name: n\nsubsets:\n  web:\n    inputs: {{{', '.join(['x: 1'])}}}\n{allowed}", encoding="utf-8")
    with pytest.raises(RequestError) as refused:
        load_recipe(file)
    assert max(map(len, str(refused.value).splitlines())) < 400
    with pytest.raises(PolicyError) as wrong:
        parse_policy(allowed + "policy: *a4\n", "x.yaml")
    assert len(str(wrong.value)) < 400


@pytest.mark.parametrize("content", ["2026-13-45", "a: 1: 2", "[", "\x00", "!!python/name:os.system", "a: !x 1"])
def test_what_is_no_yaml_says_so(content: str) -> None:
    with pytest.raises(yaml.YAMLError):
        read_yaml(content)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(VALUES)
def test_what_is_written_by_hand_is_read_as_ever(value: object) -> None:
    written = yaml.safe_dump(value, allow_unicode=True)
    assert read_yaml(written) == yaml.safe_load(written)


def test_aliases_that_stand_for_little_are_read() -> None:
    assert read_yaml("a: &a [1, 2]\nb: *a\nc: {<<: {d: *a}}\n") == {"a": [1, 2], "b": [1, 2], "c": {"d": [1, 2]}}
    assert read_yaml("") is None


@given(VALUES, st.integers(10, 80))
def test_what_is_shown_is_short(value: object, limit: int) -> None:
    assert len(shown(value, limit)) <= limit
