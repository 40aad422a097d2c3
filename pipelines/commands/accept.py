"""`tesuki accept`: which candidate changes made models better, and how sure that is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from html import escape
from pathlib import Path
from string import Template
from typing import Any

from tesuki.pipelines.errors import RequestError
from tesuki.pipelines.experiments.effects import ALPHA, Analysis, Effect, analyse
from tesuki.pipelines.experiments.factorial import LETTERS, Design
from tesuki.pipelines.experiments.plan import Experiment, check_statistics, read_experiment
from tesuki.pipelines.experiments.plots import half_normal_plot, residual_plot
from tesuki.pipelines.experiments.scores import Scores, read_scores
from tesuki.pipelines.storage.files import write_bytes

PAGE = "acceptance.html"
"""What `accept` writes into the experiment's folder."""

COLUMNS = ("factor", "on − off", "SS", "F", "p", "f", "Holm p", "F alone", "p alone", "aliases")


def accept_lines(folder: Path, scores_path: Path, as_json: bool) -> Iterator[str]:
    """The answer of the scores at ``scores_path`` to the experiment in ``folder``, a page beside it.

    Raises `RequestError` where either does not hold what it should.
    """
    check_statistics()
    experiment = read_experiment(folder)
    scores = read_scores(scores_path, experiment.runs)
    try:
        analysis = analyse(experiment.design, scores.means)
    except ValueError as failure:
        raise RequestError(f"{scores_path}: {failure}") from None
    write_bytes(folder / PAGE, page(experiment, scores, analysis).encode())
    if as_json:
        yield json.dumps(_as_json(experiment, scores, analysis), ensure_ascii=False, indent=1)
        return
    yield from table_lines([COLUMNS, *(_row(effect) for effect in analysis.effects)])
    yield ""
    yield from _notes(experiment.design, analysis)
    if len(scores.tasks) > 1:
        yield ""
        yield "on − off by task (no tests: tasks of one run share its training)"
        yield from table_lines(_by_task(experiment.design, scores))
    yield ""
    yield f"Half-normal plot and residuals: {folder / PAGE}"


def table_lines(rows: list[tuple[str, ...]]) -> Iterator[str]:
    """``rows`` in columns, the first to the left, the others to the right."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        cells = [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]
        yield "  ".join(cells).rstrip()


def page(experiment: Experiment, scores: Scores, analysis: Analysis) -> str:
    """The answer as a page for a browser: one file, no script."""
    template = Template((Path(__file__).with_name("acceptance.html")).read_text(encoding="utf-8"))
    by_task = _by_task(experiment.design, scores)
    return template.substitute(
        effects=_html_table([COLUMNS, *(_row(effect) for effect in analysis.effects)]),
        notes="".join(f"<p>{escape(line)}</p>" for line in _notes(experiment.design, analysis)),
        half_normal=half_normal_plot(analysis.contrasts),
        residuals=residual_plot(analysis.fitted, analysis.residuals, experiment.runs),
        tasks=_html_table(by_task),
    )


def _row(effect: Effect) -> tuple[str, ...]:
    return (
        effect.factor,
        f"{effect.difference:+.6g}",
        f"{effect.sum_of_squares:.6g}",
        _figure(effect.together.f),
        _figure(effect.together.p),
        _figure(effect.together.cohens_f),
        _figure(effect.holm),
        _figure(effect.alone.f),
        _figure(effect.alone.p),
        " ".join(effect.aliases) or "–",
    )


def _figure(value: float | None) -> str:
    return "undefined" if value is None else f"{value:.6f}"


def _notes(design: Design, analysis: Analysis) -> Iterator[str]:
    runs, factors = design.signs.shape
    yield (
        f"{runs} runs, mean {analysis.mean:.6g}, SST {analysis.total:.6g}, SSE {analysis.error:.6g} with "
        f"{analysis.error_degrees} degrees of freedom; “alone” leaves the other factors to the error "
        f"({runs - 2} degrees of freedom)."
    )
    if analysis.smallest_visible is None:
        yield "The runs leave no spread to hold effects against: F, p and f are undefined."
    else:
        yield (
            f"The smallest effect found 8 times of 10 at p < {ALPHA:g} is {analysis.smallest_visible:.4g} "
            f"({analysis.smallest_in_deviations:.1f} standard deviations of a run)."
        )
    if analysis.false_alarms is not None:
        yield f"Where no factor does anything, {analysis.false_alarms:.1%} of such experiments show some p < {ALPHA:g}."
    if not design.folded and design.resolution == 3:
        folded = Design(design.factors, design.generators, folded=True)
        yield (
            f"Each factor is mixed with the pairs named beside it. A fold-over ({runs} more runs, every switch turned) "
            f"would part them: resolution {folded.resolution or 'full'}, {2 * runs - 1 - factors} degrees of freedom "
            "(fold_over: true in the file of factors)."
        )


def _by_task(design: Design, scores: Scores) -> list[tuple[str, ...]]:
    rows = [("task", *design.factors)]
    for task in scores.tasks:
        effects = analyse(design, scores.task(task)).effects
        rows.append((task, *(f"{effect.difference:+.6g}" for effect in effects)))
    return rows


def _html_table(rows: list[tuple[str, ...]]) -> str:
    head = "".join(f"<th>{escape(cell)}</th>" for cell in rows[0])
    body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows[1:])
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _as_json(experiment: Experiment, scores: Scores, analysis: Analysis) -> dict[str, Any]:
    letters = {LETTERS[number]: factor for number, factor in enumerate(experiment.design.factors)}
    return {"factors": letters, "tasks": list(scores.tasks), **asdict(analysis)}
