"""The sources of a corpus: where they lie, what they are, how often they are repeated."""

from __future__ import annotations

from fractions import Fraction
from typing import Literal

from pydantic import Field, model_validator

from tesuki.pipelines.recipe.buckets import Buckets
from tesuki.pipelines.recipe.fields import OneOrMany, Ratio, Section

LevelName = Literal["L1", "L2", "L3", "LX", "LZ"]


class RowFilter(Section):
    """Which rows of a crawl's columnar index are wanted. An empty list wants all."""

    languages: tuple[str, ...] = ("jpn",)
    """Any of these (ISO 639-3) is among ``content_languages``."""
    unlabelled: tuple[str, ...] = ()
    """Rows without a language are wanted, too, on hosts of these top-level domains, as [jp]."""
    hosts: tuple[str, ...] = ()
    """One of these hosts or a host below it."""
    tlds: tuple[str, ...] = ()
    """One of these top-level domains."""
    statuses: tuple[int, ...] = (200,)
    """One of these HTTP statuses."""
    mimes: tuple[str, ...] = ()
    """One of these media types, as detected by the crawler."""


class Subset(Section):
    """A named source with its own repeat ratio."""

    inputs: OneOrMany = Field(min_length=1)
    """Globs of files, relative to the recipe's folder; addresses (https://, s3://); lists of either (``.paths``,
    ``.paths.gz``), as Common Crawl publishes them."""
    base: str | None = None
    """What the lines of lists begin from: an address or a folder. Left out, the list's own host or folder."""
    format: Literal["warc", "wet", "jsonl", "parquet", "wikipedia", "cirrussearch", "pdf", "common-crawl"] = "warc"
    """What the inputs are. What is text already joins at station 6, WET (text in any language) at station 5. Of
    common-crawl they are a crawl's columnar index, by its name or as files: the records it names are asked for."""
    where: RowFilter = RowFilter()
    """Of common-crawl: which rows of the index."""
    columns: dict[Literal["text", "url", "date", "title", "id"], str] = Field(default_factory=dict)
    """Of JSON Lines and Parquet: the source's own names for text, url, date, title and id, where they are others."""
    repeats: Ratio = Fraction(1)
    """How many times the subset's tokens are seen in one pass over the mixture."""
    buckets: Buckets | None = None
    """Repeats by score: each bucket is a row of the mixture. Left out, the subset is one row."""
    level: LevelName | None = None
    """A person's word on every page of this source; only host lists and take-down lists can make it stricter. LX makes
    it a test set: near-duplicates in other subsets leave in its favour."""
    default_level: LevelName | None = None
    """What its pages get where nothing on them says otherwise, in place of the policy's level for such pages."""
    judge: bool = True
    """False lets every page pass station 6; its measures are taken all the same. Left out, it is false for LX: what is
    rejected there could not be told from what trains."""

    @model_validator(mode="before")
    @classmethod
    def _test_sets_are_not_judged(cls, value: object) -> object:
        return {"judge": False, **value} if isinstance(value, dict) and value.get("level") == "LX" else value

    @model_validator(mode="after")
    def _only_an_index_has_rows(self) -> Subset:
        if self.format != "common-crawl" and self.where != RowFilter():
            raise ValueError(f"where: chooses rows of an index, format: common-crawl; found format: {self.format}")
        return self
