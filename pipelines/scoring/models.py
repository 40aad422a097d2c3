"""A model file, whichever kind it is, as something that scores texts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from tesuki.common.morphology import require_dictionary
from tesuki.pipelines.scoring.fasttext_model import MAGIC, Input, is_installed, open_fasttext
from tesuki.pipelines.scoring.model_file import FORMAT, START, model_of
from tesuki.pipelines.storage.sealed_json import DamagedError

NO_LABELS: Mapping[str, float] = {}


class Scorer(Protocol):
    """Scores texts. Pure: the n-th score of a text equals the first."""

    def score(self, text: str) -> float:
        """The score of a text."""


@dataclass(frozen=True, slots=True)
class Model:
    """An opened model: its format, what its labels are worth (none for a linear one), the licence its file states
    (``""`` where it states none) and what the file says it learnt.
    """

    scorer: Scorer
    format: str
    labels: Mapping[str, float]
    licence: str
    training: Mapping[str, Any]


def open_model(path: Path, given: Input = "text", labels: Mapping[str, float] = NO_LABELS) -> Model:
    """Open a linear classifier of `tesuki classifier train` or a fastText file, told by their first bytes.

    ``given`` and ``labels`` are for fastText. Raises ValueError where the file is neither or does not fit them.
    """
    with path.open("rb") as file:
        start = file.read(max(len(START), len(MAGIC)))
    if start.startswith(MAGIC):
        if not is_installed():
            raise ValueError("a fastText file, which needs the extra of that name: pip install 'tesuki[fasttext]'")
        if given == "words":
            require_dictionary("input: words")
        opened = open_fasttext(path, given, labels)
        return Model(opened, "fastText", opened.worth, "", {})
    if not start.startswith(START):
        raise ValueError("expected a fastText file or a classifier that tesuki classifier train wrote")
    if given != "text" or labels:
        raise ValueError("input and labels are for fastText files; this classifier reads characters and says one score")
    try:
        found = model_of(path.read_bytes())
    except DamagedError as failure:
        raise ValueError(f"damaged: {failure}") from None
    return Model(found.classifier, FORMAT, NO_LABELS, found.licence, found.training)
