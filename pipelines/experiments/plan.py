"""An experiment on disk: a recipe a run, the design, and the commands that build the corpora one from the other."""

from __future__ import annotations

import json
import random
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import yaml

from tesuki.pipelines.errors import RequestError
from tesuki.pipelines.experiments.factorial import LETTERS, Design, fractional_factorial
from tesuki.pipelines.experiments.factors import Factor, Factors, load_factors
from tesuki.pipelines.recipe.loading import load_recipe
from tesuki.pipelines.recipe.patches import moved_recipe, patched

DESIGN = "design.json"
"""The file in an experiment's folder that says what its runs are."""

FORMAT = 1
"""Version of `DESIGN`."""


@dataclass(frozen=True, slots=True)
class Experiment:
    """A design, the names of its runs in standard order, and the order in which they are to be made."""

    design: Design
    runs: tuple[str, ...]
    order: tuple[str, ...]


def check_statistics() -> None:
    """Raises `RequestError` where the library of statistics is not installed."""
    if find_spec("scipy") is None:
        raise RequestError("design and accept need SciPy; install it with pip install 'tesuki[experiments]'")


def plan_experiment(path: Path, output: Path) -> Experiment:
    """Write the experiment of the file at ``path`` into ``output``: design, recipes and commands.

    Raises `RequestError` for a wrong file, or a folder that holds another experiment.
    """
    factors = load_factors(path)
    chosen = fractional_factorial([factor.name for factor in factors.factors], factors.resolution)
    design = Design(chosen.factors, chosen.generators, folded=factors.fold_over)
    runs = tuple(f"run-{number}" for number in range(1, len(design.signs) + 1))
    order = list(runs)
    random.Random(factors.seed).shuffle(order)
    experiment = Experiment(design, runs, tuple(order))
    content = json.dumps(_described(experiment), ensure_ascii=False, indent=1) + "\n"
    if (output / DESIGN).exists() and (output / DESIGN).read_text(encoding="utf-8") != content:
        raise RequestError(f"--output: {output} holds another experiment; choose an empty or new folder")
    recipes = _recipes(factors, path, experiment, output)
    output.mkdir(parents=True, exist_ok=True)
    for run, recipe in recipes.items():
        text = yaml.safe_dump(recipe, allow_unicode=True, sort_keys=False)
        (output / f"{run}.yaml").write_text(text, encoding="utf-8")
    (output / "build.sh").write_text(_commands(experiment), encoding="utf-8")
    (output / DESIGN).write_text(content, encoding="utf-8")
    return experiment


def read_experiment(folder: Path) -> Experiment:
    """The experiment that `plan_experiment` wrote into ``folder``. Raises `RequestError` where there is none."""
    try:
        value = json.loads((folder / DESIGN).read_text(encoding="utf-8"))
        design = Design(
            tuple(value["factors"]),
            tuple((LETTERS.index(made), frozenset(map(LETTERS.index, word))) for made, word in value["generators"]),
            folded=value["folded"],
        )
        experiment = Experiment(design, tuple(run["name"] for run in value["runs"]), tuple(value["order"]))
    except (OSError, ValueError, KeyError, TypeError):
        raise RequestError(f"{folder}: holds no experiment ({DESIGN}); tesuki design writes one") from None
    if value.get("format") != FORMAT or len(experiment.runs) != len(design.signs):
        raise RequestError(f"{folder / DESIGN}: of another version, or damaged; run tesuki design again")
    return experiment


def _described(experiment: Experiment) -> Mapping[str, Any]:
    design = experiment.design
    return {
        "format": FORMAT,
        "factors": list(design.factors),
        "generators": [[LETTERS[made], design.letters(word)] for made, word in design.generators],
        "folded": design.folded,
        "resolution": design.resolution,
        "defining words": [design.letters(word) for word in design.defining_words],
        "runs": [
            {"name": run, "on": [name for name, sign in zip(design.factors, signs, strict=True) if sign > 0]}
            for run, signs in zip(experiment.runs, design.signs.tolist(), strict=True)
        ],
        "order": list(experiment.order),
    }


def _recipes(factors: Factors, path: Path, experiment: Experiment, output: Path) -> dict[str, Any]:
    base_path = path.parent / factors.recipe
    base = load_recipe(base_path)
    recipes = {}
    for run, signs in zip(experiment.runs, experiment.design.signs.tolist(), strict=True):
        patch = {"name": f"{base.name} {run}"}
        for factor, sign in zip(factors.factors, signs, strict=True):
            patch |= _side(factor, sign)
        changed = patched(base, patch, f"{path}: {run}")
        recipes[run] = moved_recipe(changed, base_path.parent.absolute(), output.absolute())
    return recipes


def _side(factor: Factor, sign: int) -> dict[str, Any]:
    return factor.on if sign > 0 else factor.off


def _commands(experiment: Experiment) -> str:
    lines = [
        "#!/usr/bin/env bash",
        "# Builds the corpora of the experiment, each from the parts of the one before. Beam's options may be given.",
        "set -euo pipefail",
        'cd "$(dirname "$0")"',
        "tesuki=${TESUKI:-tesuki}  # TESUKI=.venv/bin/tesuki, where the command is not on the path",
    ]
    former = ""
    for run in experiment.order:
        name, folder = shlex.quote(run), shlex.quote(f"{run}-megatron")
        start = f" --start-from {shlex.quote(former)}" if former else ""
        lines.append(f'"$tesuki" corpus {name}.yaml --output {name}{start} "$@"')
        lines.append(f'[ -e {folder} ] || "$tesuki" export {name} --use train --to {folder} --format megatron')
        former = run
    return "\n".join(lines) + "\n"
