"""Commands that hand a corpus on and answer for it: `export`, `card`, `contamination`, `ocr`, `works`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from tesuki.pipelines.commands.line.kinds import PATH
from tesuki.pipelines.commands.terminal import echo
from tesuki.pipelines.errors import RequestError


@click.command()
@click.argument("corpus_folder", metavar="CORPUS", type=PATH)
@click.option("--use", required=True, help="distribute, search, train or test: only documents that allow it.")
@click.option("--to", "target", required=True, type=PATH, help="A new folder.")
@click.option("--format", "form", required=True, help="jsonl.zst, parquet, hf, megatron or mds.")
@click.option(
    "--length", default=2048, show_default=True, type=click.IntRange(min=1), help="Of mds: tokens a sequence."
)
def export(corpus_folder: Path, use: str, target: Path, form: str, length: int) -> None:
    """Export what the release levels of CORPUS allow for a use, and nothing else."""
    from tesuki.pipelines.commands.export import export_corpus

    for line in export_corpus(corpus_folder, use, target, form, length):
        echo(line)


@click.command()
@click.argument("output", type=PATH, required=False)
@click.option("--to", "target", type=PATH, help="Folder of the card; OUTPUT-card if left out.")
@click.option("--answers", type=PATH, help="What the manifest can't know: a line FIELD: answer for each.")
@click.option("--questions", is_flag=True, help="Print the file of answers to fill in, and stop.")
def card(output: Path | None, target: Path | None, answers: Path | None, questions: bool) -> None:
    """Write the dataset card, Croissant metadata and disclosures of the corpus in OUTPUT."""
    from tesuki.pipelines.cards.questions import questions_text
    from tesuki.pipelines.commands.card import write_card

    if questions:
        echo(questions_text(), nl=False)
        return
    if output is None:
        raise RequestError("card: expected the folder of a corpus (or --questions alone)")
    for line in write_card(output, target or output.with_name(output.name + "-card"), answers):
        echo(line)


@click.command()
@click.argument("output", type=PATH)
@click.option("--against", "globs", multiple=True, help="JSON Lines of questions and answers.")
@click.option("--sheet", required=True, type=PATH, help="Where every quotation is written, tab-separated.")
@click.option("--deny", type=PATH, help="Write a deny list of the documents found, too.")
@click.option("--cut", type=PATH, help="Write the passages found, as mend.cut.file of a recipe takes them.")
@click.option("--n", default=8, show_default=True, help="Letters in a row that are compared.")
@click.option("--share", default=0.5, show_default=True, help="Of a question's n-grams that make a quotation.")
def contamination(
    output: Path, globs: Sequence[str], sheet: Path, deny: Path | None, cut: Path | None, n: int, share: float
) -> None:
    """Find test questions that documents of the corpus in OUTPUT quote."""
    from tesuki.dedup.quotations import QuotationRule
    from tesuki.pipelines.commands.contamination import contamination_lines

    try:
        rule = QuotationRule(n=n, share=share)
    except ValueError as failure:
        raise RequestError(f"contamination: {failure}") from None
    for line in contamination_lines(output, globs, sheet, deny, cut, rule):
        echo(line)


@click.group()
def ocr() -> None:
    """Scanned PDF files: out to a program that reads pictures."""


@ocr.command("export")
@click.argument("output", type=PATH)
@click.option("--to", "target", required=True, type=PATH, help="A new file of JSON Lines.")
def export_for_ocr(output: Path, target: Path) -> None:
    """List the scanned files that the corpus at OUTPUT met."""
    from tesuki.pipelines.commands.ocr import export_scanned

    echo(f"{export_scanned(output, target)} scanned files listed in {target}")


@click.command()
@click.argument("table", type=PATH)
@click.option("--to", "target", required=True, type=PATH, help="A new file: an allow list.")
@click.option("--died-by", default=1967, show_default=True, type=int, help="Last year of death that counts.")
def works(table: Path, target: Path, died_by: int) -> None:
    """List the works in TABLE, a library's CSV, whose term is over by their authors' years of death."""
    from tesuki.pipelines.commands.works import list_works

    for line in list_works(table, target, died_by):
        echo(line)
