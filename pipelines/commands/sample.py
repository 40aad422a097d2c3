"""`tesuki sample`: a sheet of kept and rejected pages to be read, and the table that a reader's marks come to."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from csv import QUOTE_NONE, DictReader
from hashlib import sha256
from html import escape
from pathlib import Path
from string import Template
from typing import Any, Final

from tesuki.pipelines.corpus.manifest import read_manifest
from tesuki.pipelines.errors import RequestError
from tesuki.pipelines.experiments.candidates import KEPT
from tesuki.pipelines.experiments.reading_sheet import MARKS, Item, Score, draw, scores
from tesuki.pipelines.levelling.shown import shown_levels
from tesuki.pipelines.recipe.loading import load_recipe
from tesuki.pipelines.storage.files import write_bytes
from tesuki.pipelines.storage.names import digest

COLUMNS: Final = ("id", "stratum", "stratum_pages", "mark", "note", "value", "threshold", "characters", "url", "text")
NEEDED: Final = ("id", "stratum", "stratum_pages", "mark")
"""Columns of marks; the others may be left out."""

OF_RECIPE: Final = "# recipe "
"""How a line of a table of marks begins that says of which recipe they are."""

READINGS: Final = ".readings"
"""What the folder of a recipe's readings has in place of the recipe's ending."""

SHOWN: Final = 20_000
"""Characters of a text on the sheet."""


def sample_lines(
    output: Path, folder: Path, kept: int, rejected: int, seed: int, *, internal: bool = False
) -> Iterator[str]:
    """Write the sheet of the corpus at ``output`` to ``folder``, as HTML and as a table; ``internal`` adds level L3.

    Raises `RequestError` where there is no corpus, or its parts, which hold the rejected texts, were removed.
    """
    manifest = read_manifest(output).as_json()
    if rejected and not (output / "parts" / "pages").is_dir():
        raise RequestError(f"{output}: parts/ was removed, and the texts of rejected pages with it; give --rejected 0")
    sheet = draw(output, manifest["recipe"], kept, rejected, seed, shown_levels(internal))
    items = sheet.items
    write_bytes(folder / "sample.html", page(items, manifest, seed).encode("utf-8", "replace"))
    write_bytes(folder / "sample.tsv", table(items, manifest["recipe_digest"]).encode("utf-8", "replace"))
    there = sum(item.candidate.stratum == KEPT for item in items)
    yield f"{folder / 'sample.html'}: {there} kept and {len(items) - there} rejected pages, to be marked by keyboard"
    if sheet.without_text:
        told = ", ".join(f"{stratum} {pages}" for stratum, pages in sorted(sheet.without_text.items()))
        yield f"{sum(sheet.without_text.values())} more pages were drawn that have no text to read: {told}"
    yield f"{folder / 'sample.tsv'}: the same, to be marked in the column mark ({', '.join(MARKS)})"
    yield f"Then: tesuki sample --score marks.tsv (the marks you saved, or {folder / 'sample.tsv'})"


def score_lines(path: Path, recipe: Path | None = None) -> Iterator[str]:
    """What the marks at ``path`` come to, also written beside them as ``NAME.scores.tsv``; with a ``recipe`` the marks
    and the table are stored beside that, in the folder ``RECIPE.readings``.

    Raises `RequestError` for a file that holds no marks, and for a recipe that can't be read.
    """
    try:
        content = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as failure:
        raise RequestError(f"--score: {path}: cannot be read as UTF-8 text ({type(failure).__name__})") from None
    lines = [line for line in content.split("\n") if line and not line.startswith("#")]
    reader = DictReader(lines, delimiter="\t", quoting=QUOTE_NONE, restval="")
    lacking = [column for column in NEEDED if column not in (reader.fieldnames or ())]
    if lacking:
        raise RequestError(f"--score: {path}: no column {lacking[0]}; expected {', '.join(NEEDED)}")
    try:
        found = scores(reader)
    except ValueError as failure:
        raise RequestError(f"--score: {path}: {failure}") from None
    if not found:
        raise RequestError(f"--score: {path}: no row has a mark; write {', '.join(MARKS)} in the column mark")
    folder = path.parent
    if recipe is not None:
        yield from _other_recipe(recipe, content)
        folder = recipe.with_suffix(READINGS)
        write_bytes(folder / path.name, content.encode())
    rows = [_score_row(score) for score in found]
    head = ("group", "mark", "percent", "low", "high", "read", "pages")
    target = folder / path.with_suffix(".scores.tsv").name
    write_bytes(target, "".join("\t".join(row) + "\n" for row in (head, *rows)).encode())
    widths = [max(len(row[column]) for row in (head, *rows)) for column in range(len(head))]
    for row in (head, *rows):
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
    yield f"Percent of pages with each mark, and the interval of 95 percent around it; stored in {target}"


def _other_recipe(recipe: Path, marks: str) -> Iterator[str]:
    """A word of warning where the marks say that they are of another recipe than ``recipe`` is now."""
    now = digest(load_recipe(recipe).canonical())
    named = next((line.removeprefix(OF_RECIPE) for line in marks.split("\n") if line.startswith(OF_RECIPE)), now)
    if named.strip() != now:
        yield f"Beware: these marks are of recipe {named.strip()}, and {recipe} is {now} by now."


def page(items: Sequence[Item], manifest: Mapping[str, Any], seed: int) -> str:
    """The sheet as one file for a browser. Everything of a page is escaped, and no script but ours may run."""
    source = Path(__file__).with_name("sample.html").read_text(encoding="utf-8")
    script = source.partition("<script>")[2].partition("</script>")[0]
    return Template(source).substitute(
        script_hash=b64encode(sha256(script.encode()).digest()).decode(),
        total=len(items),
        recipe=escape(manifest["recipe_digest"]),
        seed=seed,
        items="\n".join(_article(number, item) for number, item in enumerate(items, 1)),
    )


def table(items: Sequence[Item], recipe: str) -> str:
    """The sheet of what the recipe of that digest made, as a table; line breaks and tabs in texts are written as the
    mark ⏎ and as blanks."""
    lines = [f"{OF_RECIPE}{recipe}", "\t".join(COLUMNS)]
    for item in items:
        candidate = item.candidate
        cells = (
            *(candidate.id, candidate.stratum, str(item.stratum_pages), "", ""),
            *(_figure(candidate.value), _figure(candidate.threshold), str(len(item.text)), candidate.url, item.text),
        )
        lines.append("\t".join(_one_line(cell) for cell in cells))
    return "".join(f"{line}\n" for line in lines)


def _article(number: int, item: Item) -> str:
    candidate = item.candidate
    bound = f" {_figure(candidate.value)} against {_figure(candidate.threshold)}" if candidate.value is not None else ""
    measures = ", ".join(f"{name} {value:.4g}" for name, value in sorted(item.measures.items()))
    others = "".join(f"<br>{escape(fate)} · {escape(url)}" for url, fate in item.neighbours)
    cut = "\n…" if len(item.text) > SHOWN else ""
    return (
        f'<article id="{escape(candidate.id)}" tabindex="0" data-stratum="{escape(candidate.stratum)}" '
        f'data-pages="{item.stratum_pages}"><b>{number}. {escape(candidate.stratum)}{escape(bound)}</b> '
        f"<small>{escape(candidate.url)}, {len(item.text):,} characters</small>"
        f"<pre>{escape(item.text[:SHOWN])}{cut}</pre>"
        f"<details><summary>why, and other pages of the host</summary><small>{escape(measures)}{others}</small>"
        f"</details></article>"
    )


def _score_row(score: Score) -> tuple[str, ...]:
    shares = (f"{100 * share:.0f}" for share in (score.share, score.low, score.high))
    return (score.group, score.mark, *shares, str(score.read), str(score.pages))


def _figure(value: float | None) -> str:
    return "" if value is None else f"{value:.4g}"


def _one_line(cell: str) -> str:
    return "⏎".join(cell.splitlines()).replace("\t", " ")
