"""`tesuki design`: an experiment over candidate changes, and what it will be able to tell."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tesuki.pipelines.experiments.effects import false_alarms, smallest_effect
from tesuki.pipelines.experiments.factorial import LETTERS, Design
from tesuki.pipelines.experiments.plan import check_statistics, plan_experiment

ROMAN = {None: "full", 3: "III", 4: "IV", 5: "V", 6: "VI", 7: "VII"}


def design_experiment(path: Path, output: Path) -> Iterator[str]:
    """Write the experiment of the file at ``path`` into ``output``; lines that say what it is.

    Raises `RequestError`.
    """
    check_statistics()
    experiment = plan_experiment(path, output)
    design = experiment.design
    resolution = ROMAN.get(design.resolution, "above VII")
    yield f"{len(experiment.runs)} runs of {len(design.factors)} factors, resolution {resolution}"
    yield ""
    yield "run      " + "  ".join(LETTERS[: len(design.factors)])
    for run, signs in zip(experiment.runs, design.signs.tolist(), strict=True):
        yield f"{run:8} " + "  ".join("+" if sign > 0 else "−" for sign in signs)
    yield ""
    yield from alias_lines(design)
    yield ""
    yield from power_lines(design)
    yield ""
    yield f"The recipes are in {output}; build.sh builds them in this order: {', '.join(experiment.order)}"
    yield f"When the models are trained and scored: tesuki accept {output} --scores scores.tsv"


def alias_lines(design: Design) -> Iterator[str]:
    """Each factor with what can't be told from it."""
    generators = ", ".join(f"{LETTERS[made]}={design.letters(word)}" for made, word in design.generators)
    yield f"generators: {generators or 'none, every combination is run'}"
    for number, factor in enumerate(design.factors):
        others = ["", *(design.letters(word) for word in design.aliases(frozenset((number,))))]
        yield f"{LETTERS[number]} {factor}" + " = ".join(others)


def power_lines(design: Design) -> Iterator[str]:
    """What such a design can see, and how often it sees what is not there."""
    runs, factors = design.signs.shape
    degrees = runs - 1 - factors
    smallest, alarms = smallest_effect(runs, degrees), false_alarms(factors, degrees)
    if smallest is None or alarms is None:
        yield "No run is left over to estimate error by: no test will be possible. Add a fold-over or fewer factors."
        return
    yield (
        f"{degrees} degrees of freedom for error: an effect must be {smallest:.1f} standard deviations of a run to be "
        f"found 8 times of 10."
    )
    yield f"Where no factor does anything, {alarms:.1%} of such experiments still show a p below .05."
