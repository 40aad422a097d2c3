"""Scores of runs: a table of run × task, or the result files of evaluation programs as they are."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tesuki.pipelines.errors import RequestError


@dataclass(frozen=True, slots=True)
class Scores:
    """``values[run][task]``, runs in the order of the design."""

    tasks: tuple[str, ...]
    values: tuple[tuple[float, ...], ...]

    @property
    def means(self) -> tuple[float, ...]:
        """The mean over tasks of each run."""
        return tuple(math.fsum(row) / len(row) for row in self.values)

    def task(self, name: str) -> tuple[float, ...]:
        """The scores of one task, a run each."""
        place = self.tasks.index(name)
        return tuple(row[place] for row in self.values)


def read_scores(path: Path, runs: Sequence[str]) -> Scores:
    """The scores at ``path`` of ``runs``, which are names of the design.

    A file is a table: tab-separated, first column ``run``, one column a task. A folder holds a folder for each run with
    result files (``*.json``) of lm-evaluation-harness or llm-jp-eval. Raises `RequestError` that names the file, run
    and task where something is missing or no number.
    """
    found = _of_folder(path, runs) if path.is_dir() else _of_table(path)
    for run in found:
        if run not in runs:
            raise RequestError(f"{path}: found run {run!r}, expected {', '.join(runs)}")
    tasks = tuple(sorted({task for scores in found.values() for task in scores}))
    if not tasks:
        raise RequestError(f"{path}: holds no score; expected a column or a result a task")
    for run in runs:
        missing = [task for task in tasks if task not in found.get(run, {})]
        if missing:
            raise RequestError(f"{path}: run {run}: no score of {', '.join(missing)}; every run needs every task")
    return Scores(tasks, tuple(tuple(found[run][task] for task in tasks) for run in runs))


def _of_table(path: Path) -> dict[str, dict[str, float]]:
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as failure:
        raise RequestError(f"--scores: {path} cannot be read ({type(failure).__name__})") from None
    rows = list(csv.reader((line for line in lines if line.strip()), delimiter="\t"))
    if not rows or rows[0][0] != "run":
        raise RequestError(f"{path}: found no header; expected the columns run, and one a task, separated by tabs")
    head = rows[0][1:]
    found: dict[str, dict[str, float]] = {}
    for row in rows[1:]:
        if len(row) != len(rows[0]):
            raise RequestError(f"{path}: run {row[0]}: found {len(row)} columns, expected {len(rows[0])}")
        if row[0] in found:
            raise RequestError(f"{path}: run {row[0]} stands there twice")
        found[row[0]] = {task: _number(path, row[0], task, cell) for task, cell in zip(head, row[1:], strict=True)}
    return found


def _of_folder(folder: Path, runs: Sequence[str]) -> dict[str, dict[str, float]]:
    found: dict[str, dict[str, float]] = {}
    for run in runs:
        for path in sorted((folder / run).rglob("*.json")):
            for task, score in _of_result(path):
                if task in found.setdefault(run, {}):
                    raise RequestError(f"{path}: {task} of {run} stands in an earlier file, too; keep one")
                found[run][task] = _number(path, run, task, score)
    return found


def _of_result(path: Path) -> Iterator[tuple[str, Any]]:
    """Task and score of each result of a file: nothing where it is no result file."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as failure:
        raise RequestError(f"{path}: not JSON ({type(failure).__name__})") from None
    if not isinstance(content, Mapping):
        return
    if isinstance(content.get("results"), Mapping):
        yield from _of_harness(content["results"])
    else:
        evaluation = content.get("evaluation")
        holder = evaluation if isinstance(evaluation, Mapping) else content
        scores = holder.get("scores")
        if isinstance(scores, Mapping):
            yield from ((name, score) for name, score in scores.items() if name != "AVG")


def _of_harness(results: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """lm-evaluation-harness: ``results.TASK`` with ``METRIC,FILTER`` for each metric and its ``_stderr`` beside it."""
    for task, metrics in results.items():
        if isinstance(metrics, Mapping):
            for name, score in metrics.items():
                metric = name.partition(",")[0]
                if name != "alias" and not metric.endswith("_stderr") and isinstance(score, int | float):
                    yield f"{task}:{name}", score


def _number(path: Path, run: str, task: str, value: Any) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = math.nan
    if not math.isfinite(number):
        raise RequestError(f"{path}: run {run}: {task}: found {str(value)[:40]!r}, expected a number")
    return number
