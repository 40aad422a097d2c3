"""Station 6 as a recipe has it: a preset with the lists and further rules that the recipe adds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from tesuki.common.morphology import require_dictionary
from tesuki.filters.measure_sets import OF_THE_DICTIONARY, measures_of_set
from tesuki.filters.optional_rules import optional_stages
from tesuki.filters.presets import Preset, measure_all, measure_until_rejected
from tesuki.filters.rule_table import rows_of_rules
from tesuki.filters.stages import Stage
from tesuki.filters.word_rules import WordCount, ng_word_stage, word_count_stage
from tesuki.filters.words import DEFAULT_EXCEPTIONS, Finder, WordFinder
from tesuki.filters.words_published import first_match, longest_match
from tesuki.pipelines.errors import RequestError, in_field
from tesuki.pipelines.judging.lists import load_words
from tesuki.pipelines.judging.rule_file import find_preset
from tesuki.pipelines.recipe.rules import Rules, WordList
from tesuki.pipelines.recipe.sections import Recipe

HOST_WORDS = "host_list"
"""The name under which hits of ``hosts.statistics.words`` are measured: ``host_list_words``."""

Records = list[Mapping[str, Any]]
"""What the manifest says of the lists that were read."""


UNCONFUSED = "advertisement"
"""The one list of LLM-jp v1 whose katakana words hit inside longer ones too (scripts/filters.py, is_not_ad_content)."""

RULES = "rules"
"""The kind of the record that holds the table by which a corpus was judged."""


def load_preset(recipe: Recipe, folder: Path) -> tuple[Preset, Records]:
    """The measures and rules of ``recipe``, and what the manifest says of them: the lists they rest on, the table.

    Raises `RequestError` naming the field.
    """
    records: Records = []
    with in_field("rules.preset"):
        base = find_preset(recipe.rules.preset, folder)
        if OF_THE_DICTIONARY.intersection(stage.measure for stage in base.stages):
            require_dictionary(f"preset {base.name}")
    if recipe.rules.measure == "verdict" and not base.rules:
        base = replace(base, stages=())
    chosen = base.with_stages(*_added(recipe, folder, records))
    names = Counter(rule.name for rule in chosen.rules)
    for words in recipe.rules.counted_words:
        if names[f"{words.name}_words"] > 1 or words.name == HOST_WORDS:
            raise RequestError(
                f"rules.counted_words: name: found {words.name!r}, which another list or rule has; choose another"
            )
    with in_field("rules.set"):
        chosen = chosen.with_bounds(recipe.rules.set)
    records.append({"list": RULES, "name": chosen.name, "rules": rows_of_rules(chosen.rules)})
    return _examining(chosen, recipe.rules), records


def _examining(chosen: Preset, rules: Rules) -> Preset:
    """``chosen`` with the recipe's word on what is measured."""
    if rules.measure == "verdict":
        return replace(chosen, examining=measure_until_rejected)
    others = () if rules.measure == "all" else rules.measure
    with in_field("rules.measure"):
        further = [Stage(measure, ()) for name in others if name != rules.preset for measure in measures_of_set(name)]
    return replace(chosen.with_stages(*further), examining=measure_all)


def _added(recipe: Recipe, folder: Path, records: Records) -> Iterator[Stage]:
    with in_field("rules.optional"):
        yield from optional_stages(recipe.rules.optional)
    if recipe.rules.ng_words:
        with in_field("rules.ng_words"):
            finder = _finder(recipe, recipe.rules.ng_words, folder, "ng_words", records)
            yield ng_word_stage(recipe.rules.preset, finder)
    for words in recipe.rules.counted_words:
        with in_field(f"rules.counted_words.{words.name}"):
            finder = _finder(recipe, words, folder, words.name, records)
            yield word_count_stage(words.name, finder, ">", words.most, f"recipe, rules.counted_words.{words.name}")
    if recipe.hosts.statistics:
        with in_field("hosts.statistics.words"):
            finder = _finder(recipe, recipe.hosts.statistics.words, folder, HOST_WORDS, records)
            yield Stage(WordCount(finder, HOST_WORDS), ())


def _finder(recipe: Recipe, words: WordList, folder: Path, name: str, records: Records) -> Finder:
    found, record = load_words(folder / words.file, name=name, licence=words.licence, version=words.version)
    records.append({"list": "words", **asdict(record)})
    if recipe.matching == "published":
        return _published_finder(recipe.rules.preset, words, folder, name)
    if words.exceptions is None:
        return WordFinder(found, variants=words.variants)
    harmless, record = load_words(
        folder / words.exceptions, name=f"{name} exceptions", licence=words.licence, version=words.version
    )
    records.append({"list": "words", **asdict(record)})
    return WordFinder(found, exceptions=(*DEFAULT_EXCEPTIONS, *harmless), variants=words.variants)


def _published_finder(program: str, words: WordList, folder: Path, name: str) -> Finder:
    """The words of a list as ``program`` finds them: of all lines as they stand."""
    if words.variants or words.exceptions is not None:
        raise RequestError(f"matching: published knows neither variants nor exceptions; found them for {name!r}")
    lines = (folder / words.file).read_text(encoding="utf-8").split("\n")
    if program == "swallow-code":
        return longest_match(lines)
    return first_match(lines, confused=name != UNCONFUSED)
