"""What a card must say and no manifest can know: asked for in a file, and named as missing where nobody answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from tesuki.pipelines.errors import RequestError


@dataclass(frozen=True, slots=True)
class Question:
    """A field of the file of answers, what it asks for, and who asks."""

    field: str
    question: str
    asked_by: str


QUESTIONS = (
    Question("title", "the name of the corpus in a card", "Hugging Face, Croissant name"),
    Question("description", "what it is, in two or three sentences", "Hugging Face, Croissant description"),
    Question("homepage", "the address where it can be found", "Croissant url"),
    Question("licence", "the licence of the compilation (an SPDX name or an address); not that of the texts", "both"),
    Question("citation", "how to cite it", "Croissant citeAs"),
    Question("published", "the day it was published, ISO 8601", "Croissant datePublished"),
    Question("provider", "who answers for it: name and postal address", "EU 1.1, プリンシプル・コード 原則1"),
    Question("contact", "where right holders and users write to", "EU 1.1 and 3.1, プリンシプル・コード 原則1"),
    Question("model", "the models trained on it, with versions", "EU 1.2, プリンシプル・コード 使用モデル"),
    Question("crawler", "names, purposes, behaviour of crawlers of your own, or that there are none", "EU 2.3, 原則1"),
    Question("collection_period", "when the pages were crawled, if other than the dates of the captures", "EU 2.3"),
    Question("licensed_data", "data obtained under commercial licences, and its modalities", "EU 2.2.1"),
    Question("third_party_data", "other private data of third parties", "EU 2.2.2"),
    Question("user_data", "data of users of your services", "EU 2.4"),
    Question("synthetic_data", "data made by models, and by which", "EU 2.5"),
    Question("other_data", "data of other sources", "EU 2.6"),
    Question("rights_policy", "your policy on reservations of rights, and codes you have signed", "EU 3.1, 原則1"),
    Question("illegal_content", "what was done to keep illegal content out, beside what the recipe says", "EU 3.2"),
    Question("personal_data", "how personal data were treated, beside what the recipe says", "Croissant RAI"),
    Question("uses", "what it is meant for", "Croissant RAI dataUseCases"),
    Question("limitations", "what it is not fit for", "Croissant RAI dataLimitations"),
    Question("biases", "whom and what it represents too much or too little", "Croissant RAI dataBiases"),
    Question("social_impact", "what its use may do to people", "Croissant RAI dataSocialImpact"),
    Question("maintenance", "who maintains it, for how long, and how errors are mended", "Croissant RAI"),
    Question("records", "how long records of training are kept, who may ask for them", "プリンシプル・コード 原則2"),
)
"""In the order in which the file asks them."""


@dataclass(frozen=True, slots=True)
class Answers:
    """What somebody answered."""

    given: Mapping[str, str]

    def __getitem__(self, field: str) -> str:
        """The answer to ``field``, or that it is missing and under which name to give it."""
        return self.given.get(field) or f"**not stated** (answers: `{field}`)"

    def stated(self, field: str) -> str | None:
        """The answer to ``field``, None where there is none."""
        return self.given.get(field)

    @property
    def missing(self) -> tuple[str, ...]:
        """The fields that nobody answered."""
        return tuple(question.field for question in QUESTIONS if question.field not in self.given)


def read_answers(path: Path | None) -> Answers:
    """The answers in the file at ``path``; none without a file. Raises `RequestError` naming a wrong field."""
    if path is None:
        return Answers({})
    try:
        value = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except (OSError, UnicodeDecodeError) as failure:
        raise RequestError(f"--answers: {path} cannot be read ({type(failure).__name__})") from None
    except (yaml.YAMLError, RecursionError):
        raise RequestError(f"--answers: {path} is not YAML; expected a line FIELD: answer for each") from None
    if not isinstance(value, dict):
        raise RequestError(f"--answers: {path} holds {type(value).__name__}, expected a line FIELD: answer for each")
    known = {question.field for question in QUESTIONS}
    for field, answer in value.items():
        if field not in known:
            raise RequestError(f"--answers: {path}: {str(field)[:60]!r} is asked by nobody; `tesuki card --questions`")
        if answer is not None and not isinstance(answer, str | int | float) and not hasattr(answer, "isoformat"):
            raise RequestError(f"--answers: {path}: {field}: found {type(answer).__name__}, expected text")
    return Answers({field: str(answer).strip() for field, answer in value.items() if str(answer or "").strip()})


def questions_text() -> str:
    """The file of answers to fill in."""
    lines = ["# Answers for tesuki card. What is left empty is named as missing; nothing is invented."]
    for question in QUESTIONS:
        lines += [f"# {question.question} ({question.asked_by})", f"{question.field}:"]
    return "\n".join(lines) + "\n"
