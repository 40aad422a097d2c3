"""The dataset card: a README with the front matter that Hugging Face reads.

https://huggingface.co/docs/hub/datasets-cards and `datasets`' own documentation of ``configs``.
"""

from __future__ import annotations

import yaml

from tesuki.pipelines.cards.facts import Facts
from tesuki.pipelines.cards.questions import Answers

SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"))
"""Size categories of the hub, by the number of documents below which each holds; above, see `size_category`."""


def dataset_card(facts: Facts, answers: Answers) -> str:
    """The card of a corpus."""
    balance = facts.manifest["balance"]
    documents = sum(held.documents for held in facts.by_subset.values())
    front = {
        "language": ["ja"],
        "task_categories": ["text-generation"],
        "pretty_name": answers.stated("title") or str(facts.manifest["recipe"]["name"]),
        "size_categories": [size_category(documents)],
        "configs": [
            {"config_name": subset, "data_files": [{"split": "train", "path": paths(subset)}]}
            for subset in facts.by_subset
        ],
    }
    licence = answers.stated("licence")
    if licence:
        front["license"] = "other" if "/" in licence else licence.lower()
    lines = [
        "---",
        yaml.safe_dump(front, allow_unicode=True, sort_keys=False).rstrip(),
        "---",
        "",
        f"# {front['pretty_name']}",
        "",
        answers["description"],
        "",
        "## What is in it",
        "",
        f"{balance['read']:,} records were read; {documents:,} documents may be trained on.",
        "",
        "| subset | documents | characters |",
        "|---|---|---|",
        *(f"| {name} | {held.documents:,} | {held.characters:,} |" for name, held in facts.by_subset.items()),
        "",
        "| release level | documents | characters |",
        "|---|---|---|",
        *(f"| {name} | {held.documents:,} | {held.characters:,} |" for name, held in facts.by_level.items()),
        "",
        "L1 may be distributed; L2 allows training and search, L3 training, LX tests alone.",
        "",
        "## How it was made",
        "",
        (
            f"Captures of {facts.captured[0] or 'unknown days'} to {facts.captured[1] or 'unknown days'}. "
            f"Recipe `{facts.manifest['recipe']['name']}`, digest `{facts.manifest['recipe_digest']}`; every page "
            "that was read has one fate with the rule that decided it."
        ),
        "",
        "| fate | pages |",
        "|---|---|",
        *(f"| {fate} | {pages:,} |" for fate, pages in sorted(balance["fates"].items())),
        "",
        "## Use, limits, care",
        "",
        f"- Licence of the compilation: {answers['licence']}. The texts keep their own; see their levels and evidence.",
        f"- Meant for: {answers['uses']}",
        f"- Not fit for: {answers['limitations']}",
        f"- Biases: {answers['biases']}",
        f"- Personal data: {answers['personal_data']}",
        f"- Maintenance: {answers['maintenance']}",
        f"- Contact: {answers['contact']}",
        f"- Citation: {answers['citation']}",
    ]
    return "\n".join(lines) + "\n"


def paths(subset: str) -> str:
    """The documents of a subset that may be trained on, as the loader's pattern."""
    return f"documents/{subset}/L[123]/*.parquet"


def size_category(documents: int) -> str:
    """The hub's size category of a corpus of so many documents."""
    for bound, name in SIZES:
        if documents < bound:
            return name
    steps = ("1M<n<10M", "10M<n<100M", "100M<n<1B", "1B<n<10B", "10B<n<100B", "100B<n<1T")
    return next((name for power, name in enumerate(steps, 7) if documents < 10**power), "n>1T")
