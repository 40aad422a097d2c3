"""The recipe: the one YAML file that describes a corpus.

Every field is checked before any work starts, and a wrong one is answered by its path, what was found and what is
expected. `Recipe.canonical` is the recipe as a value with every default spelled out; its digest stands in the
manifest.
"""

from __future__ import annotations

from fractions import Fraction
from functools import partial
from itertools import pairwise
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    field_validator,
    model_validator,
)

from tesuki.pipelines.recipe.ready_buckets import spelled_out
from tesuki.pipelines.recipe.station_order import hosts_come_first
from tesuki.tokenize.document_contract import DocumentForm
from tesuki.tokenize.repeats import format_repeats, parse_repeats
from tesuki.tokenize.segmentation import WordsBy


def _exact_ratio(value: object) -> Fraction:
    if isinstance(value, bool) or not isinstance(value, (int, float, str, Fraction)):
        raise ValueError("expected a non-negative ratio such as 2, 0.5 or 3/4")
    try:
        ratio = Fraction(str(value))
    except (ValueError, ZeroDivisionError):
        raise ValueError("expected a non-negative ratio such as 2, 0.5 or 3/4") from None
    if ratio < 0:
        raise ValueError("expected a ratio that is not negative; 0 keeps the row and adds no tokens")
    try:
        parse_repeats(format_repeats(ratio))
    except ValueError:
        raise ValueError("expected at most 15 digits, or 30 above and 30 below the line of a ratio") from None
    return ratio


Ratio = Annotated[
    Fraction, BeforeValidator(_exact_ratio, json_schema_input_type=float | str), PlainSerializer(str, return_type=str)
]
"""An exact non-negative rational: YAML ``0.1`` is one tenth, not the nearest binary fraction."""


def _named(field: str, value: object) -> object:
    """A section written as one word is that word's field: ``rules: tesuki``."""
    return {field: value} if isinstance(value, str) else value


LevelName = Literal["L1", "L2", "L3", "LX", "LZ"]


class Section(BaseModel):
    """What every part of a recipe has in common: no unknown field passes, nothing changes afterwards."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True, use_attribute_docstrings=True)


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


def _ratios(value: object) -> Any:
    """A ratio, or lists of ratios to any depth, as tuples of exact ones."""
    return tuple(map(_ratios, value)) if isinstance(value, list | tuple) else _exact_ratio(value)


def _plain_ratios(value: Any) -> Any:
    return list(map(_plain_ratios, value)) if isinstance(value, tuple) else str(value)


Ratios = Annotated[
    tuple[Any, ...],
    BeforeValidator(_ratios, json_schema_input_type=list[Any] | str),
    PlainSerializer(_plain_ratios, return_type=list[Any]),
]
"""Ratios in lists; lists in lists where there is more than one score."""

MOST_BUCKETS = 256
"""Each costs a worker a megabyte of counts while documents are tokenized."""


class Buckets(Section):
    """A subset cut by scores into pieces that are repeated each by its own ratio."""

    by: tuple[str, ...] = Field(min_length=1)
    """Names of ``scores``. Of more than one, every interval of the first is cut by those of the next."""
    edges: dict[str, tuple[Annotated[float, Field(allow_inf_nan=False)], ...]] = Field(default_factory=dict)
    """Of each score, ascending, where an interval ends and the next begins. A document on an edge is in the upper."""
    quantiles: dict[str, tuple[Ratio, ...]] = Field(default_factory=dict)
    """The same by shares of the subset's documents: [0.5, 0.9], or 20 for twentieths. Counted, exactly, over all."""
    repeats: Ratios
    """A ratio for each interval, in lists of lists where there is more than one score; or the name of a published
    table, which has edges of its own. The subset's own repeats multiply them."""
    unscored: Ratio = Fraction(0)
    """Repeats of documents that lack one of the scores."""

    @model_validator(mode="before")
    @classmethod
    def _published(cls, value: Any) -> Any:
        return spelled_out(value)

    @field_validator("by", mode="before", json_schema_input_type=str | tuple[str, ...])
    @classmethod
    def _one_or_many(cls, value: object) -> object:
        return (value,) if isinstance(value, str) else value

    @field_validator("quantiles", mode="before", json_schema_input_type=dict[str, int | tuple[Ratio, ...]])
    @classmethod
    def _even_shares(cls, value: object) -> object:
        return {name: _shares(of) for name, of in value.items()} if isinstance(value, dict) else value

    @field_validator("quantiles")
    @classmethod
    def _inside(cls, value: dict[str, tuple[Fraction, ...]]) -> dict[str, tuple[Fraction, ...]]:
        for name, shares in value.items():
            if not all(0 < share < 1 for share in shares) or not _ascends(shares):
                found = ", ".join(map(str, shares))
                raise ValueError(f"expected ascending shares between 0 and 1 of {name}, found {found}")
        return value

    @field_validator("edges")
    @classmethod
    def _in_order(cls, value: dict[str, tuple[float, ...]]) -> dict[str, tuple[float, ...]]:
        for name, edges in value.items():
            if not _ascends(edges):
                raise ValueError(f"expected ascending edges of {name}, found {', '.join(map(str, edges))}")
        return value

    @model_validator(mode="after")
    def _a_ratio_for_each(self) -> Buckets:
        if len(set(self.by)) < len(self.by):
            raise ValueError(f"expected each score once in by, found {', '.join(self.by)}")
        for name in sorted({*self.by, *self.edges, *self.quantiles}):
            if (name in self.by, (name in self.edges) + (name in self.quantiles)) != (True, 1):
                raise ValueError(
                    f"expected edges or quantiles of each score in by, of no other; found otherwise: {name}"
                )
        sizes = [len(self.cuts(name)) + 1 for name in self.by]
        if not _has_shape(self.repeats, sizes):
            raise ValueError(
                f"expected repeats of {' × '.join(map(str, sizes))} intervals ({', '.join(self.by)}), found others"
            )
        if len(self.table) > MOST_BUCKETS:
            raise ValueError(f"expected at most {MOST_BUCKETS} buckets, found {len(self.table)}")
        return self

    def cuts(self, score: str) -> tuple[float, ...] | tuple[Fraction, ...]:
        """Where the range of ``score`` is cut: its edges, or the shares of its quantiles."""
        return self.edges[score] if score in self.edges else self.quantiles[score]

    @property
    def table(self) -> tuple[Fraction, ...]:
        """The ratio of each bucket, the last score's intervals running fastest, that of the unscored last."""
        return (*_flat(self.repeats), self.unscored)


def _shares(of: object) -> object:
    """Shares as given, or those that cut into so many even pieces."""
    if not isinstance(of, int) or isinstance(of, bool):
        return of
    if not 2 <= of <= MOST_BUCKETS:
        raise ValueError(f"expected 2 to {MOST_BUCKETS} even shares, found {of}")
    return [Fraction(number, of) for number in range(1, of)]


def _ascends(values: tuple[Any, ...]) -> bool:
    return len(values) > 0 and all(one < next_one for one, next_one in pairwise(values))


def _has_shape(value: Any, sizes: list[int]) -> bool:
    if not sizes or not isinstance(value, tuple):
        return not sizes and not isinstance(value, tuple)
    return len(value) == sizes[0] and all(_has_shape(inner, sizes[1:]) for inner in value)


def _flat(value: Any) -> tuple[Fraction, ...]:
    return tuple(ratio for inner in value for ratio in _flat(inner)) if isinstance(value, tuple) else (value,)


class Subset(Section):
    """A named source with its own repeat ratio."""

    inputs: tuple[str, ...] = Field(min_length=1)
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

    @field_validator("inputs", mode="before", json_schema_input_type=str | tuple[str, ...])
    @classmethod
    def _one_or_many(cls, value: object) -> object:
        return (value,) if isinstance(value, str) else value


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
    host_files: tuple[str, ...] = ()
    """robots.txt, ai.txt and tdmrep.json: globs of archives (Common Crawl's robotstxt) or folders of hosts."""
    take_down: str | None = None
    """A list of URLs, hosts and text hashes; what matches is LZ."""
    deny: str | None = None
    """A list of what you will not have: LZ by the default policy."""
    allow: str | None = None
    """A list of what is openly licensed: L1 by the default policy where nothing found restricts it."""

    @field_validator("host_files", mode="before", json_schema_input_type=str | tuple[str, ...])
    @classmethod
    def _one_or_many(cls, value: object) -> object:
        return (value,) if isinstance(value, str) else value


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
    rules: Annotated[Rules, BeforeValidator(partial(_named, "preset"), json_schema_input_type=Rules | str)] = Rules()
    deduplication: Deduplication = Deduplication(preset="swallow-paper")
    scores: tuple[Score, ...] = ()
    hosts: Hosts = Hosts()
    mend: Annotated[Mend, BeforeValidator(partial(_named, "style"), json_schema_input_type=Mend | str)] = Mend()
    policy: Annotated[Policy, BeforeValidator(partial(_named, "file"), json_schema_input_type=Policy | str)] = Policy()
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
