"""`tesuki card`: answers for others, written from the manifest; what it can't know is named as missing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from tesuki.pipelines.cards.croissant import croissant
from tesuki.pipelines.cards.dataset_card import dataset_card
from tesuki.pipelines.cards.disclosures import data_information, domains_table, eu_summary, principle_code
from tesuki.pipelines.cards.facts import Facts, facts_of
from tesuki.pipelines.cards.questions import Answers, read_answers
from tesuki.pipelines.corpus.manifest import read_manifest
from tesuki.pipelines.storage.files import write_bytes

WRITTEN: Mapping[str, Callable[[Facts, Answers], str]] = {
    "README.md": dataset_card,
    "croissant.json": croissant,
    "eu-training-content.md": eu_summary,
    "principle-code.ja.md": principle_code,
    "data-information.md": data_information,
    "domains.tsv": domains_table,
}
"""The files of a card, and what writes each."""


def write_card(output: Path, target: Path, answers_path: Path | None) -> Iterator[str]:
    """Write the card of the corpus at ``output`` into ``target``; lines that say what is there and what is missing.

    Raises `RequestError` where there is no finished corpus, or the answers are wrong.
    """
    answers = read_answers(answers_path)
    facts = facts_of(output, read_manifest(output).as_json())
    target.mkdir(parents=True, exist_ok=True)
    for name, write in WRITTEN.items():
        write_bytes(target / name, write(facts, answers).encode())
        yield str(target / name)
    if answers.missing:
        yield f"not stated: {', '.join(answers.missing)}; `tesuki card --questions` prints the file to answer in"
