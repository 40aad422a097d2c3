"""`tesuki classifier train` and `tesuki classifier evaluate`."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import Any

from tesuki.common.morphology import require_dictionary
from tesuki.filters.classifier_quality import area_under_curve, bounds, calibration
from tesuki.filters.linear_classifier import Training, train_classifier
from tesuki.filters.ngram_features import ngram_places
from tesuki.pipelines.commands.dedup import format_of
from tesuki.pipelines.errors import RequestError, WorkError, in_field
from tesuki.pipelines.journey.page import Page
from tesuki.pipelines.journey.printable import printable
from tesuki.pipelines.journey.range import Range
from tesuki.pipelines.reading.inputs import find_files
from tesuki.pipelines.reading.levels import levels_in
from tesuki.pipelines.reading.sources import FORMATS, WHOLE
from tesuki.pipelines.scoring.fasttext_model import Input, is_installed, train_fasttext
from tesuki.pipelines.scoring.labelled_texts import Text, apart
from tesuki.pipelines.scoring.model_file import ModelFile, write_model
from tesuki.pipelines.scoring.models import Model, Scorer, open_model
from tesuki.pipelines.storage.files import sha256_of, write_bytes
from tesuki.release_levels.levels import Level

HELD_OUT = Fraction(1, 5)
"""Share of hosts that a classifier is tested on and never sees."""

MOST = 10_000
"""Texts of each kind that are learnt from, and tested on: some minutes and some hundred megabytes."""

EXTREMES = 5
"""Texts shown from each end of the scores."""

SHOWN = 60
"""Characters of a text that are shown."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """The texts of two kinds: those learnt from and those held out. ``files`` tells each file's name and hash."""

    learn: tuple[list[Text], list[Text]]
    test: tuple[list[Text], list[Text]]
    files: dict[str, list[dict[str, str]]]


def train(
    positive: Sequence[str],
    negative: Sequence[str],
    output: Path,
    *,
    kind: str,
    given: Input,
    licence: str,
    seed: int,
    epochs: int,
    most: int,
    held_out: Fraction,
) -> Iterator[str]:
    """Learn a classifier, write it to ``output``, and tell how well it does on hosts it has not seen, line by line.

    Raises `RequestError` for files that are none, `WorkError` where one kind has no text to learn from.
    """
    if kind == "fasttext" and not is_installed():
        raise RequestError(
            "--kind fasttext needs the extra of that name; install it with pip install 'tesuki[fasttext]'"
        )
    if given == "words":
        with in_field("--input"):
            require_dictionary("words")
    if kind == "linear" and given != "text":
        raise RequestError(f"--input {given} is for --kind fasttext; linear ones read characters as they stand")
    labelled = labelled_texts(positive, negative, held_out, seed, most)
    good, bad = labelled.learn
    if not good or not bad:
        raise WorkError(f"--{'positive' if not good else 'negative'}: found no text to learn from")
    if kind == "fasttext":
        texts = [text.text for text in good], [text.text for text in bad]
        write_bytes(output, train_fasttext(*texts, given, seed=seed, epochs=epochs))
    else:
        settings = Training(seed=seed, epochs=epochs)
        places = [
            [ngram_places(text.text, settings.sizes, settings.bits) for text in texts] for texts in labelled.learn
        ]
        learnt = train_classifier(places[0], places[1], settings)
        told = told_of(labelled, held_out, most, asdict(settings))
        write_model(output, ModelFile(learnt, licence, told))
    yield f"{output}: learnt from {len(good)} positive and {len(bad)} negative texts, sha256 {sha256_of(output)}"
    if all(labelled.test):
        yield "on hosts it has not seen:"
        yield from quality_lines(open_model(output, given).scorer, *labelled.test)
    else:
        yield "not tested: the hosts held out have no texts of both kinds; name more files or raise --held-out"


def evaluate(
    path: Path, positive: Sequence[str], negative: Sequence[str], *, given: Input, every: bool, most: int
) -> Iterator[str]:
    """Tell how well the model at ``path`` does. Hosts it may have learnt from are left out, unless ``every``.

    A fastText file does not say what it learnt from: nothing is left out, which is said.
    """
    model = opened(path, given)
    rule = model.training.get("held_out")
    share = Fraction(str(rule)) if rule is not None and not every else Fraction(1)
    labelled = labelled_texts(positive, negative, share, int(model.training.get("seed", 0)), most)
    if not all(labelled.test):
        raise WorkError("found no texts of both kinds on hosts that were held out; --every takes all hosts")
    yield (
        "the file does not say what it learnt from: all hosts"
        if rule is None
        else ("all hosts" if every else "hosts held out from learning")
    )
    yield from quality_lines(model.scorer, *labelled.test)


def share_of(words: str) -> Fraction:
    """A share of hosts, from 0 to below 1. Raises `RequestError` for anything else."""
    try:
        share = Fraction(words)
    except (ValueError, ZeroDivisionError):
        share = Fraction(-1)
    if not 0 <= share < 1:
        raise RequestError(f"--held-out: found {words!r}, expected a share such as 1/5 or 0.2, below 1")
    return share


def opened(path: Path, given: Input) -> Model:
    """The model at ``path``. Raises `RequestError` where it is none."""
    try:
        return open_model(path, given)
    except (OSError, ValueError) as failure:
        raise RequestError(f"{path}: {failure}") from None


def labelled_texts(
    positive: Sequence[str], negative: Sequence[str], held_out: Fraction, seed: int, most: int
) -> Labelled:
    """Read both kinds, the hosts held out apart. Raises `RequestError` for a file that is none or that holds documents
    for testing alone.
    """
    found = {"positive": files_of("--positive", positive), "negative": files_of("--negative", negative)}
    sides = [
        apart(chain.from_iterable(texts_of(path) for path in paths), held_out, seed, most) for paths in found.values()
    ]
    good, bad = ({text.text for text in chain.from_iterable(side)} for side in sides)
    both = good & bad
    if both:
        raise RequestError(f"--negative: {len(both)} texts are among the positive ones, too; expected each on one side")
    hashes = {
        name: [{"file": path.name, "sha256": sha256_of(path)} for path in sorted(paths, key=lambda path: path.name)]
        for name, paths in found.items()
    }
    return Labelled((sides[0][0], sides[1][0]), (sides[0][1], sides[1][1]), hashes)


def files_of(option: str, globs: Sequence[str]) -> tuple[Path, ...]:
    """The files that an option names. Raises `RequestError` where one holds documents of level LX or LZ, by its column
    ``level`` wherever it lies, or lies in a folder of that name.
    """
    paths = find_files(globs, Path(), option)
    for path in paths:
        format_of(path)
        found = sorted(
            (levels_in(path) | {path.parent.name}) & {level.name for level in Level if not level.allows("train")}
        )
        if found:
            raise RequestError(f"{option}: {path}: documents of level {found[0]} are not for learning")
    return paths


def texts_of(path: Path) -> Iterator[Text]:
    """The texts of a JSON Lines or Parquet file, through the project's readers, past what is damaged or empty."""
    part = Range("texts", str(path), path.name, 0, WHOLE)
    for item in FORMATS[format_of(path)].read(part, {}):
        if isinstance(item, Page):
            yield Text(item.text, item.url, path.name)


def told_of(labelled: Labelled, held_out: Fraction, most: int, settings: dict[str, Any]) -> dict[str, Any]:
    """What the model's file says of its training: enough to do it again, and to know which hosts it has not seen."""
    counted = {name: len(texts) for name, texts in zip(("positive", "negative"), labelled.learn, strict=True)}
    seen = hashlib.sha256()
    for text in chain.from_iterable(labelled.learn):
        seen.update(hashlib.sha256(text.text.encode("utf-8", "replace")).digest())
    settings = {**settings, "sizes": list(settings["sizes"])}
    return {
        **settings,
        "files": labelled.files,
        "held_out": str(held_out),
        "most": most,
        "texts": counted,
        "texts_sha256": seen.hexdigest(),
    }


def quality_lines(scorer: Scorer, positive: Sequence[Text], negative: Sequence[Text]) -> Iterator[str]:
    """How well scores tell the two kinds apart, and the texts at both ends to read; tab-separated."""
    good, bad = ([scorer.score(text.text) for text in texts] for texts in (positive, negative))
    most = max(1.0, *good, *bad)
    yield f"positive\t{len(good)}\tnegative\t{len(bad)}\tAUC\t{area_under_curve(good, bad):.4f}"
    yield "score >=\tprecision\trecall"
    scaled = [value / most for value in good], [value / most for value in bad]
    for bound in bounds(*scaled):
        yield f"{bound.score * most:.2f}\t{bound.precision:.3f}\t{bound.recall:.3f}"
    yield "score in\ttexts\tmean score\tpositive"
    for each in calibration(*scaled):
        span = f"{each.low * most:.2f}-{each.high * most:.2f}"
        yield f"{span}\t{each.texts}\t{each.mean_score * most:.3f}\t{each.positive:.3f}"
    yield "score\tis\twhere\ttext"
    kinds = [*((text, "positive") for text in positive), *((text, "negative") for text in negative)]
    ranked = sorted(
        zip((*good, *bad), kinds, strict=True), key=lambda each: (-each[0], each[1][0].url, each[1][0].text)
    )
    ends = ranked if len(ranked) <= 2 * EXTREMES else [*ranked[:EXTREMES], *ranked[-EXTREMES:]]
    for score, (text, kind) in ends:
        shown = printable(" ".join(text.text[: 4 * SHOWN].split()))[:SHOWN]
        yield f"{score:.3f}\t{kind}\t{printable(text.url) or text.file}\t{shown}"
