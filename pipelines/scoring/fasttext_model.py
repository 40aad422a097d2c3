"""fastText files: opened, asked, and learnt. The library is an extra (``fasttext``); it is imported where needed.

The wheel is fasttext-community (MIT), which works with NumPy 2. Facebook's own has not been released since 2024.
"""

from __future__ import annotations

import math
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final, Literal

from tesuki.pipelines.scoring.word_line import word_line

Input = Literal["text", "characters", "words"]
"""What a model is given: the text in one line, as Swallow's are; its characters or its words with spaces between."""

MAGIC = (793712314).to_bytes(4, "little")
"""The first bytes of a fastText file (``FASTTEXT_FILEFORMAT_MAGIC_INT32`` in fasttext.cc)."""

POSITIVE = frozenset({"pos", "positive", "hq", "1", "yes"})
NEGATIVE = frozenset({"neg", "negative", "lq", "cc", "0", "no"})
"""Labels that say yes and no without being told; ``__label__`` left out."""

PREFIX = "__label__"


@dataclass(frozen=True, slots=True)
class FastTextClassifier:
    """An opened model and what each of its labels is worth. The score is the mean worth by the model's probabilities:
    of two labels worth 1 and 0 the probability of the first, of ``__label__0`` to ``__label__3`` a figure from 0 to 3.
    """

    model: Any
    worth: Mapping[str, float]
    prepare: Callable[[str], str]

    def score(self, text: str) -> float:
        """The score; the mean worth of all labels for a text of which the model knows nothing."""
        # The binding itself: its Python wrapper makes arrays in a way that NumPy 2 warns of.
        found = self.model.f.predict(self.prepare(text) + "\n", -1, 0.0, "replace")
        if not found:
            return math.fsum(self.worth.values()) / len(self.worth)
        # fastText's softmax is in single precision: its probabilities add up to 1 within some 1e-5.
        total = math.fsum(probability for probability, _ in found)
        return math.fsum(probability * self.worth[label] for probability, label in found) / total


def is_installed() -> bool:
    """Whether the extra ``fasttext`` is there."""
    return find_spec("fasttext") is not None


def open_fasttext(path: Path, given: Input, labels: Mapping[str, float]) -> FastTextClassifier:
    """Open the file at ``path``. ``labels`` say what labels are worth where they do not say it themselves.

    Raises ValueError for a file that is no classifier or labels that say nothing, ImportError without the library.
    """
    import fasttext

    try:
        model = fasttext.load_model(str(path))
    except (ValueError, RuntimeError) as failure:
        raise ValueError(f"not a fastText file ({failure})") from None
    names = [str(name) for name in model.get_labels()] if model.f.getArgs().model.name == "supervised" else []
    if not names:
        raise ValueError("a fastText file of word vectors, not a classifier")
    return FastTextClassifier(model, worth_of(names, labels), PREPARE[given])


def worth_of(names: Sequence[str], labels: Mapping[str, float]) -> dict[str, float]:
    """What each of the labels ``names`` is worth: as ``labels`` say, else 1 and 0 for yes and no, else its number.

    Raises ValueError naming the label for which none of these says anything.
    """
    short = {name: name.removeprefix(PREFIX) for name in names}
    unknown = sorted(set(labels) - set(names) - set(short.values()))
    if unknown:
        raise ValueError(f"labels: the model has no {', '.join(unknown)}, only {', '.join(sorted(short.values()))}")
    if labels:
        return {name: labels.get(name, labels.get(short[name], 0.0)) for name in names}
    if len(names) == 2 and {*short.values()} & POSITIVE and {*short.values()} & NEGATIVE:
        return {name: 1.0 if short[name] in POSITIVE else 0.0 for name in names}
    if all(word.isdecimal() for word in short.values()):
        return {name: float(word) for name, word in short.items()}
    raise ValueError(f"labels: expected what each of {', '.join(sorted(short.values()))} is worth, as {{NAME: 1}}")


def train_fasttext(positive: Sequence[str], negative: Sequence[str], given: Input, *, seed: int, epochs: int) -> bytes:
    """The file of a fastText classifier of ``__label__pos`` and ``__label__neg``: hashed pairs of neighbours over what
    ``given`` says. One thread, so that the same texts in the same order give the same bytes.
    """
    import fasttext

    prepare = PREPARE[given]
    with tempfile.TemporaryDirectory() as folder:
        lines, made = Path(folder) / "lines", Path(folder) / "model.bin"
        rows = [
            f"{PREFIX}{kind} {prepare(text)}"
            for kind, texts in (("pos", positive), ("neg", negative))
            for text in texts
        ]
        lines.write_text("".join(f"{row}\n" for row in rows), encoding="utf-8", errors="replace")
        settings = SUBWORDS if given == "text" else PAIRS
        model = fasttext.train_supervised(str(lines), epoch=epochs, seed=seed, thread=1, verbose=0, **settings)
        model.save_model(str(made))
        return made.read_bytes()


PAIRS: Final[Mapping[str, Any]] = {"dim": 32, "wordNgrams": 2, "bucket": 200_000, "lr": 0.5, "minCount": 2}
SUBWORDS: Final[Mapping[str, Any]] = {"dim": 32, "minn": 1, "maxn": 3, "bucket": 200_000, "lr": 0.5, "minCount": 2}
"""Settings of training (our choice): neighbours where there are spaces, characters inside where there are none."""


def _line(text: str) -> str:
    return text.replace("\n", " ").replace("\r", " ")


def _characters(text: str) -> str:
    return " ".join("".join(text.split()))


PREPARE: Final[Mapping[Input, Callable[[str], str]]] = {"text": _line, "characters": _characters, "words": word_line}
"""A text as one line for each kind of `Input`."""
