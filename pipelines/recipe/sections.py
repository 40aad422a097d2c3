"""The recipe: the one YAML file that describes a corpus.

Every field is checked before any work starts, and a wrong one is answered by its path, what was found and what is
expected. `Recipe.canonical` is the recipe as a value with every default spelled out; its digest stands in the
manifest.
"""

from __future__ import annotations

from fractions import Fraction
from functools import partial
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, field_validator, model_validator

from tesuki.pipelines.recipe.fields import OneOrMany, Ratio, Section, named
from tesuki.pipelines.recipe.rules import PROGRAMS, Hosts, ListFile, Rules
from tesuki.pipelines.recipe.station_order import hosts_come_first
from tesuki.pipelines.recipe.subsets import Subset
from tesuki.tokenize.document_contract import DocumentForm
from tesuki.tokenize.segmentation import WordsBy


class Limits(Section):
    """Guards around one page. A page over a limit has a fate that names the figure."""

    html_bytes: int = Field(default=8 << 20, gt=0)
    """Largest page body, after Content-Encoding is undone, in bytes."""
    letters: int = Field(default=0, ge=0)
    """Fewest kana and kanji in a page's source: no text that is taken from it can have more."""
    depth: int = Field(default=2_000, gt=0)
    """Deepest nesting of open elements."""
    seconds: float = Field(default=10.0, gt=0)
    """Longest extraction of one page."""
    memory_megabytes: int = Field(default=2_048, ge=256)
    """Address space of the extraction child beyond what it needs to start."""
    pdf_bytes: int = Field(default=32 << 20, gt=0)
    """Largest PDF file, in bytes."""
    pdf_pages: int = Field(default=2_000, gt=0)
    """Most pages of a PDF file."""
    pdf_seconds: float = Field(default=60.0, gt=0)
    """Longest reading of one PDF file."""


class Extraction(Section):
    """Stations 1-5."""

    range_megabytes: int = Field(default=64, gt=0)
    """An input is cut into ranges of about this size; each range becomes one part."""
    detect: Literal["kana-bytes", "swallow"] = "kana-bytes"
    extractor: Literal["tesuki", "trafilatura", "speed"] = "tesuki"
    """Whose main text it is: our own reading of the page, or that of Trafilatura or Resiliparse (``speed``)."""
    ruby: bool = False
    """Keep the readings above words, as 漢字《かんじ》. Heard by ``tesuki`` alone, like ``tables``."""
    tables: Literal["drop", "lines", "markdown"] = "lines"
    """What becomes of data tables: left out, a line a row with tabs between the cells, or Markdown."""
    pdf: Literal["read", "skip"] = "read"
    """Whether PDF files among the records of WARC, and in subsets of format pdf, are read."""
    limits: Limits = Limits()


class Deduplication(Section):
    """Station 7. A preset, or b (hashes in a bucket), r (buckets), n (characters) and seed by hand."""

    preset: Literal["swallow-paper", "doubri", "llm-jp-v4"] | None = None
    b: int | None = Field(default=None, gt=0, le=1_000)
    r: int | None = Field(default=None, gt=0, le=1_000)
    n: int | None = Field(default=None, gt=0, le=100)
    seed: int | None = Field(default=None, ge=0)
    keep: str = "newest"
    """Which of several near-duplicates stays: newest, oldest, longest, or measure:NAME (the highest)."""
    verify_similarity: float | None = Field(default=None, gt=0, le=1)
    """Remove a candidate only where the estimated similarity is at least this."""
    earlier: tuple[str, ...] = ()
    """Folders of band indexes of former corpora (their ``band-index/``), relative to the recipe's folder."""
    earlier_stay: bool = True
    """False lets new documents push out those of former corpora, which then get removal lists."""
    removals: tuple[str, ...] = ()
    """Folders of removal lists of later corpora (their ``removals/``), relative to the recipe's folder: documents that
    these displaced leave."""
    write_index: bool = False
    """True writes ``band-index/`` beside the corpus, for later crawls to be compared with."""

    @field_validator("keep")
    @classmethod
    def _known_order(cls, value: str) -> str:
        if value in {"newest", "oldest", "longest"} or value.startswith("measure:"):
            return value
        raise ValueError("expected newest, oldest, longest or measure:NAME")

    @model_validator(mode="after")
    def _preset_or_numbers(self) -> Deduplication:
        if self.preset is None and (self.b is None or self.r is None):
            raise ValueError("expected a preset (swallow-paper, doubri, llm-jp-v4) or both b and r")
        return self


class Score(Section):
    """A figure for every document, by which others can choose: a measure, its copies, or what a model says of it."""

    name: str = Field(pattern="^[a-z][a-z0-9_]*$")
    measure: str | None = None
    """A quality measure that the rules take, under another name."""
    copies: bool = False
    """True: how many near-duplicates the document stands for, itself included."""
    model: str | None = None
    """A classifier of ``tesuki classifier train`` or a fastText file, relative to the recipe's folder."""
    licence: str = "not stated"
    """Of the model: those of what it learnt from count, too. Left out, what the model's file says."""
    input: Literal["text", "characters", "words"] = "text"
    """What a fastText model is given: the text as it is, or with spaces between characters or words."""
    labels: dict[str, Annotated[float, Field(strict=True, allow_inf_nan=False)]] = Field(default_factory=dict)
    """What a fastText model's labels are worth, where they are not yes and no, or numbers. Others are worth 0."""

    @model_validator(mode="after")
    def _exactly_one(self) -> Score:
        if (self.measure is not None) + self.copies + (self.model is not None) != 1:
            raise ValueError("expected exactly one of measure, copies and model")
        return self


class RepeatedLines(Section):
    """Lines or paragraphs that stand on more than ``documents`` documents of the corpus, or of one host."""

    unit: Literal["line", "paragraph"] = "line"
    scope: Literal["corpus", "host"] = "host"
    documents: int = Field(default=100, ge=1)
    most: float = Field(default=1.0, ge=0, le=1)
    """A page of which a larger share of characters stands in repeated units is rejected by mend.repeated-lines."""
    cut: bool = True
    """True cuts repeated units; the edit log has them."""


class Templates(Section):
    """Pages that are mostly what many pages of their host say: templates filled with other names."""

    pages: int = Field(default=8, ge=4)
    """A host of fewer pages has no template."""
    most: float = Field(default=0.25, ge=0, le=1)
    """A page of which a larger share is template is rejected by mend.templates."""


class Mend(Section):
    """Station 9."""

    templates: Templates | None = None
    """Left out, none are looked for."""

    repeated_lines: RepeatedLines | None = None
    """Menus, notices and legal text that many pages share; left out, none are looked for."""

    style: Literal["tesuki", "swallow-code", "llm-jp-v1", "none"] = "tesuki"
    mask_personal_data: bool = False
    """True masks e-mail and IP addresses, telephone, card and individual numbers and postcodes, for good."""
    cut: ListFile | None = None
    """Passages to be cut out of texts, as ``tesuki contamination --cut`` lists them."""


class Policy(Section):
    """Station 10: the table from signals to levels, and what is known beside the pages."""

    file: str = "default"
    """``default``, ``strict`` or the path of a policy file, relative to the recipe's folder."""
    host_files: OneOrMany = ()
    """robots.txt, ai.txt and tdmrep.json: globs of archives (Common Crawl's robotstxt) or folders of hosts."""
    take_down: str | None = None
    """A list of URLs, hosts and text hashes; what matches is LZ."""
    deny: str | None = None
    """A list of what you will not have: LZ by the default policy."""
    allow: str | None = None
    """A list of what is openly licensed: L1 by the default policy where nothing found restricts it."""


class TrainTokenizer(Section):
    """A SentencePiece unigram model learnt from the corpus' own documents."""

    vocabulary_size: int = Field(gt=256, le=1_000_000)
    words: WordsBy = "dictionary"
    """What no piece crosses: words of UniDic (extra `dictionary`), or runs of one script."""
    characters: int = Field(default=20_000_000, gt=0)
    """Learn from at most this many characters, whole documents chosen by hash."""
    shrink: bool = False
    """True takes the largest vocabulary the text can fill, where it can't fill the one asked for."""
    seed: int = Field(default=0, ge=0)


class Tokenizer(Section):
    """Station 11: a model file, or one to train. Exactly one of the two."""

    path: str | None = None
    train: TrainTokenizer | None = None
    document: DocumentForm = "bos text eos"
    """What a document looks like in ids."""

    @model_validator(mode="after")
    def _exactly_one(self) -> Tokenizer:
        if (self.path is None) == (self.train is None):
            raise ValueError("expected exactly one of path and train")
        return self


class Shards(Section):
    """Station 12."""

    tokens: int = Field(default=100_000_000, gt=0)
    """Aim for this many tokens in a shard; the repeat ratio decides the exact cut."""


class Splits(Section):
    """Shares of hosts, by hash, that go to validation and test; the rest trains."""

    valid: Ratio = Fraction(0)
    test: Ratio = Fraction(0)

    @model_validator(mode="after")
    def _leave_something(self) -> Splits:
        if self.valid + self.test >= 1:
            raise ValueError("expected valid + test below 1, so that something is left to train on")
        return self


class Fetch(Section):
    """How inputs that lie elsewhere are asked for. Nothing here changes a byte."""

    agent: str = Field(default="tesuki", pattern=r"^[ -~]+$")
    """The User-Agent: a name, and where you can be reached."""
    requests_per_second: float = Field(default=10.0, gt=0)
    """Of all processes of the run together."""
    requests: int | None = Field(default=None, gt=0)
    """Most requests of all runs into one output folder; null for no bound."""
    megabytes: int | None = Field(default=None, gt=0)
    """Most megabytes of all runs into one output folder; null for no bound."""


class Recipe(Section):
    """A whole corpus."""

    name: str = Field(min_length=1)
    matching: Literal["guarded", "published"] = "guarded"
    """``published``: words, hosts, mending and their order as the published program of ``rules.preset`` has them."""
    subsets: dict[str, Subset] = Field(min_length=1)
    extraction: Extraction = Extraction()
    rules: Annotated[Rules, BeforeValidator(partial(named, "preset"), json_schema_input_type=Rules | str)] = Rules()
    deduplication: Deduplication = Deduplication(preset="swallow-paper")
    scores: tuple[Score, ...] = ()
    hosts: Hosts = Hosts()
    mend: Annotated[Mend, BeforeValidator(partial(named, "style"), json_schema_input_type=Mend | str)] = Mend()
    policy: Annotated[Policy, BeforeValidator(partial(named, "file"), json_schema_input_type=Policy | str)] = Policy()
    tokenizer: Tokenizer | None
    """Null ends the journey at documents/: no tokens, no shards."""
    shards: Shards = Shards()
    splits: Splits = Splits()
    fetch: Fetch = Fetch()
    parts: Literal["keep", "remove"] = "keep"
    """Whether parts/ stays for resuming and re-judging once the corpus is finished."""

    @field_validator("subsets")
    @classmethod
    def _plain_names(cls, value: dict[str, Subset]) -> dict[str, Subset]:
        for name in value:
            if not name.replace("_", "").replace("-", "").isalnum() or not name.isascii():
                raise ValueError(f"expected names of letters, digits, - and _, found {name!r}")
        return value

    @field_validator("scores")
    @classmethod
    def _names_apart(cls, value: tuple[Score, ...]) -> tuple[Score, ...]:
        names = [score.name for score in value]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"expected each name once, found {name!r} {names.count(name)} times")
        return value

    @model_validator(mode="after")
    def _buckets_by_scores(self) -> Recipe:
        names = [score.name for score in self.scores]
        for subset, section in self.subsets.items():
            for score in section.buckets.by if section.buckets else ():
                if score not in names:
                    known = ", ".join(names) or "none"
                    raise ValueError(
                        f"expected subsets.{subset}.buckets.by to name scores of this recipe ({known}), found {score!r}"
                    )
        return self

    @model_validator(mode="after")
    def _a_program_to_match(self) -> Recipe:
        if self.matching == "published" and self.rules.preset not in PROGRAMS:
            raise ValueError(f"matching: published needs rules.preset to be one of {', '.join(PROGRAMS)}")
        if self.hosts.statistics and hosts_come_first(self.rules.order, self.matching):
            raise ValueError(
                "hosts.statistics counts pages that are no duplicates, and with matching: published and rules.order: "
                "quality-first hosts are refused before duplicates are found, as no published program counts them; "
                "leave hosts.statistics out, or set matching: guarded"
            )
        return self

    @property
    def test_sets(self) -> frozenset[str]:
        """The subsets whose documents are for testing alone."""
        return frozenset(name for name, subset in self.subsets.items() if subset.level == "LX")

    def canonical(self) -> dict[str, Any]:
        """Every field with its value, as plain JSON types, without what cannot change the output."""
        value: dict[str, Any] = self.model_dump(mode="json")
        del value["parts"], value["fetch"]
        return value
