"""What can be measured: functions of a text by the set they belong to, and the names of what they take."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from typing import Final

from tesuki.common.morphology import require_dictionary

from .measures_fineweb2 import measure_fineweb2
from .measures_morphology import measure_morphology
from .optional_rules import OPTIONAL
from .preset_fineweb2_ja import FINEWEB2_JA
from .preset_llm_jp_v1 import LLM_JP_V1
from .preset_swallow_code import SWALLOW_CODE
from .preset_swallow_paper import SWALLOW_PAPER
from .preset_tesuki import TESUKI
from .stages import Measure

SETS: Final[Mapping[str, tuple[Measure, ...]]] = {
    "tesuki": tuple(stage.measure for stage in TESUKI),
    "swallow-code": tuple(stage.measure for stage in SWALLOW_CODE),
    "swallow-paper": tuple(stage.measure for stage in SWALLOW_PAPER),
    "llm-jp-v1": tuple(stage.measure for stage in LLM_JP_V1),
    "fineweb2-ja": tuple(stage.measure for stage in FINEWEB2_JA),
    "optional": tuple(stage.measure for stage in OPTIONAL.values()),
}
"""By the name of the preset that judges by them, cheap ones before dear ones. The order of the sets is the order in
which a name is looked for."""

OF_THE_DICTIONARY: Final = frozenset({measure_morphology, measure_fineweb2})
"""What needs the analyser, which is an extra."""


@dataclass(frozen=True, slots=True)
class OfSet:
    """A measure under names that say its set, ``SET:NAME``: two sets have other definitions under one name."""

    set_name: str
    measure: Measure

    def __call__(self, text: str) -> dict[str, float]:
        """What the measure takes, each name with its set."""
        return {f"{self.set_name}:{name}": value for name, value in self.measure(text).items()}


def measures_of_set(name: str) -> tuple[Measure, ...]:
    """The functions of a set, under names that say it. Raises ValueError, with the sets there are, for any other, and
    for a set that needs the dictionary where none is installed.
    """
    if name not in SETS:
        raise ValueError(f"found {name!r}, expected one of {', '.join(SETS)}")
    if OF_THE_DICTIONARY.intersection(SETS[name]):
        require_dictionary(name)
    return tuple(OfSet(name, measure) for measure in SETS[name])


@cache
def measures_by_name() -> Mapping[str, Measure]:
    """Which function takes the measure of a name: plain names as they stand in documents, and ``SET:NAME``.

    The order is the order of cost. A plain name that several sets have is that of the first set.
    """
    found: dict[str, Measure] = {}
    for set_name, measures in SETS.items():
        for measure in measures:
            for name in measure(""):
                found.setdefault(name, measure)
                found[f"{set_name}:{name}"] = OfSet(set_name, measure)
    return found


def measure_named(name: str) -> Measure:
    """The function that takes the measure ``name``. Raises ValueError for a name that nothing measures, and where the
    dictionary it takes is not installed.
    """
    known = measures_by_name()
    if name in known:
        if OF_THE_DICTIONARY.intersection((known[name], getattr(known[name], "measure", None))):
            require_dictionary(name)
        return known[name]
    near = get_close_matches(name, list(known), n=1, cutoff=0.5)
    meant = f"; did you mean {near[0]!r}?" if near else ""
    raise ValueError(f"measure {name!r} is not known{meant}")
