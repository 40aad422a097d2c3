"""YAML that people write by hand: read within bounds, and shown in messages within bounds.

A few hundred bytes of aliases of aliases stand for more values than any memory holds; merging, validating or only
showing them would never end. What is written out in full stays small here, or is no YAML.
"""

from __future__ import annotations

import reprlib
from typing import Any

import yaml

LONGEST = 200_000
"""Values that a file may stand for once its aliases are written out: far more than anyone writes (our choice)."""

_BRIEF = reprlib.Repr()
_BRIEF.maxlevel = 2
_BRIEF.maxdict = _BRIEF.maxlist = _BRIEF.maxtuple = _BRIEF.maxset = 4
_BRIEF.maxstring = _BRIEF.maxother = _BRIEF.maxlong = 60


class YamlError(yaml.YAMLError):
    """A file that no parser should be asked to write out; ``problem`` says why."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem


def read_yaml(content: str) -> Any:
    """The value that ``content`` is.

    Raises ``yaml.YAMLError`` where it is none, is nested too deeply, or stands for more than `LONGEST` values.
    """
    loader = yaml.SafeLoader(content)
    try:
        node = loader.get_single_node()
        if node is None:
            return None
        if _written_out(node, {}) > LONGEST:
            raise YamlError(f"aliases stand for more than {LONGEST} values")
        return loader.construct_document(node)
    except RecursionError:
        raise YamlError("nested too deeply") from None
    except ValueError as failure:  # a date that is none, a number too long
        raise YamlError(str(failure)) from None
    finally:
        loader.dispose()


def shown(value: object, limit: int = 60) -> str:
    """``value`` for a message, in at most ``limit`` characters and in time that does not grow with it."""
    text = value if isinstance(value, str) else _BRIEF.repr(value)
    return text if len(text) <= limit else text[: limit - 3] + "..."


def _written_out(node: yaml.Node, counted: dict[int, int]) -> int:
    """How many values ``node`` stands for, more than `LONGEST` for one that holds itself; each node is counted once."""
    if id(node) in counted:
        return counted[id(node)]
    counted[id(node)] = LONGEST + 1
    children = node.value if isinstance(node, yaml.CollectionNode) else []
    flat = [part for child in children for part in (child if isinstance(child, tuple) else (child,))]
    counted[id(node)] = min(1 + sum(_written_out(child, counted) for child in flat), LONGEST + 1)
    return counted[id(node)]
