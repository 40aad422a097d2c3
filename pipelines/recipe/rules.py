"""Stations 6 and 8: when a page and when a host is good enough, and the lists that say so."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, field_validator

from tesuki.pipelines.recipe.fields import Section


class ListFile(Section):
    """A list somebody else keeps. Name, licence, version and hash stand in the manifest."""

    file: str
    licence: str = "not stated"
    version: str = "not stated"


class WordList(ListFile):
    """Words, one a line."""

    variants: bool = False
    """True finds a word also in the other kana, in half- or full-width and in capitals."""
    exceptions: str | None = None
    """A file of harmless words that hold a harmful one; left out, our own short list."""


class CountedWords(WordList):
    """Words of which a text may hold only so many."""

    name: str = Field(pattern="^[a-z][a-z_]*$")
    most: int = Field(ge=0)
    """A text with more hits than this is rejected by quality.NAME_words."""


PRESETS = (
    *("swallow-code", "swallow-paper", "swallow-paper-covered", "swallow-paper-different"),
    *("llm-jp-v1", "fineweb2-ja", "tesuki", "none"),
)
PROGRAMS = ("swallow-code", "llm-jp-v1", "fineweb2-ja")
"""Presets whose program is published, so that ``matching: published`` says what is meant."""
TABLES = (".tsv", ".yaml", ".yml")
"""Endings by which a preset is known to be a file."""

MeasureSet = Literal["tesuki", "swallow-code", "swallow-paper", "llm-jp-v1", "fineweb2-ja", "optional"]


class Rules(Section):
    """Station 6: a preset, and what the recipe adds to it."""

    preset: str = "tesuki"
    """swallow-code, swallow-paper (-covered, -different), llm-jp-v1, fineweb2-ja, tesuki, none, or a file of rules
    (.tsv, .yaml), relative to the recipe's folder."""
    set: dict[str, Annotated[float, Field(strict=True, allow_inf_nan=False)] | None] = Field(default_factory=dict)
    """Other bounds, by the names of rules; null leaves a rule out."""
    measure: Literal["all", "verdict"] | tuple[MeasureSet, ...] = "all"
    """``verdict`` stops measuring a page at the first rule it fails; names of sets add their measures (`SET:NAME`)."""
    order: Literal["quality-first", "quality-last"] = "quality-first"
    """``quality-last`` deduplicates all pages and carries the verdicts out afterwards, as Swallow v2 does."""
    optional: tuple[str, ...] = ()
    """Names of further rules: compression, lines, character_runs, character_repetition, pages, morphology."""
    ng_words: WordList | None = None
    """A text of which 5 percent or more are these words is rejected, counted as the preset counts."""
    counted_words: tuple[CountedWords, ...] = ()

    @field_validator("preset")
    @classmethod
    def _known_preset(cls, value: str) -> str:
        if value in PRESETS or value.lower().endswith(TABLES):
            return value
        raise ValueError(f"expected {', '.join(PRESETS)}, or a file of rules that ends in .tsv or .yaml")

    @field_validator("measure", mode="before")
    @classmethod
    def _word_or_sets(cls, value: object) -> object:
        return tuple(value) if isinstance(value, list) else value


class Ut1(Section):
    """Categories of a folder of UT1 lists (a folder a category, with ``domains``, ``urls``)."""

    folder: str
    categories: tuple[str, ...] = Field(min_length=1)
    licence: str = "CC BY-SA 4.0"
    version: str = "not stated"


class HostStatistics(Section):
    """Hosts that are rejected by what their pages add up to: the Swallow paper's section 2.4.

    A host goes where more than 0.001 of its pages hold one of ``words``, or more than 0.005 of its characters are NG
    words (``rules.ng_words``).
    """

    words: WordList


class Hosts(Section):
    """Station 8: hosts that are not wanted, by registered suffix (subdomains included)."""

    deny: tuple[str, ...] = ()
    top_levels: tuple[str, ...] = ()
    """Where given, only pages of hosts below these top-level domains stay."""
    ut1: tuple[Ut1, ...] = ()
    statistics: HostStatistics | None = None
