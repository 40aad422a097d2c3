"""Rules, verdicts and presets."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tesuki.filters.presets import PRESETS, Preset, measure_all, measure_until_rejected, preset
from tesuki.filters.rules import KEPT, Rule, Verdict, failing, judge
from tesuki.filters.stages import Stage

RULES = (Rule("short", "length", "<", 3, "here"), Rule("wide", "width", ">=", 2, "here"))


def test_the_first_failing_rule_is_named_with_value_and_threshold() -> None:
    assert judge({"length": 2, "width": 5}, RULES) == Verdict(False, "short", 2, 3)
    assert judge({"length": 3, "width": 2}, RULES) == Verdict(False, "wide", 2, 2)
    assert judge({"length": 3, "width": 1.9}, RULES) == KEPT
    assert failing({"length": 2, "width": 5}, RULES) == ("short", "wide")


def test_a_row_does_not_judge_the_forms_it_names() -> None:
    spared = Rule("short", "length", "<", 3, "here", ("verse",))
    assert judge({"length": 2, "verse": 0}, [spared]).rule == "short"
    assert judge({"length": 2, "verse": 1}, [spared]) == KEPT
    with pytest.raises(ValueError, match="rule short: measure 'verse' was not taken"):
        judge({"length": 2}, [spared])


@pytest.mark.parametrize(
    ("comparison", "below", "equal", "above"),
    [("<", True, False, False), ("<=", True, True, False), (">", False, False, True), (">=", False, True, True)],
)
def test_comparisons_at_the_threshold(comparison: str, below: bool, equal: bool, above: bool) -> None:
    rule = Rule("r", "m", comparison, 0.5, "here")  # type: ignore[arg-type]
    assert [rule.rejects(value) for value in (0.4, 0.5, 0.6)] == [below, equal, above]


def test_a_misspelt_comparison_is_refused() -> None:
    with pytest.raises(ValueError, match="rule r: comparison is '=>'; write one of <, <=, >, >="):
        Rule("r", "m", "=>", 1, "here")  # type: ignore[arg-type]


def test_a_missing_measure_is_named() -> None:
    with pytest.raises(ValueError, match="rule wide: measure 'width' was not taken; taken were length"):
        judge({"length": 3}, RULES)


def test_an_unknown_preset_names_those_there_are() -> None:
    with pytest.raises(ValueError, match="'swallow' is not known; choose one of swallow-code, swallow-paper, "):
        preset("swallow")


def test_a_verdict_alone_measures_no_further_than_it_must() -> None:
    taken: list[str] = []

    def stage(name: str, value: float) -> Stage:
        def measure(text: str) -> dict[str, float]:
            taken.append(name)
            return {name: value}

        return Stage(measure, (Rule(name, name, ">", 0.5, "here"),))

    tried = Preset("tried", (stage("cheap", 0.1), stage("middle", 0.9), stage("dear", 0.9)))
    assert tried.judge("text") == Verdict(False, "middle", 0.9, 0.5)
    assert taken == ["cheap", "middle"]


SENTENCES = (
    "これは文章の例です。",
    "別のことも書いてある、少し長めの文がここに続きます。",
    "お知らせ",
    "ログイン｜検索",
    "ええ…",
    "",
)
documents = st.builds(
    lambda lines, times: "\n".join(lines * times),
    st.lists(st.one_of(st.sampled_from(SENTENCES), st.text(max_size=60)), max_size=12),
    st.integers(1, 12),
)


@settings(max_examples=150)
@given(documents)
def test_both_ways_to_judge_agree_and_are_pure(text: str) -> None:
    for chosen in PRESETS:
        measures = chosen.measure(text)
        assert measures == chosen.measure(text)
        assert all(math.isfinite(value) for value in measures.values())
        assert chosen.judge(text) == judge(measures, chosen.rules)


@pytest.mark.parametrize("chosen", PRESETS, ids=lambda chosen: chosen.name)
def test_rows_are_complete(chosen: Preset) -> None:
    names = [rule.name for rule in chosen.rules]
    assert len(set(names)) == len(names)
    assert {rule.measure for rule in chosen.rules} <= set(chosen.measure("文。"))
    assert all(rule.source for rule in chosen.rules)


@pytest.mark.parametrize("chosen", [each for each in PRESETS if each.rules], ids=lambda chosen: chosen.name)
@pytest.mark.parametrize(
    "text", ["", " \n\n ", "。。。。", "𠮷", "\ud800", "\0", "a" * 5000, "あ" * 5000, "。\n" * 3000]
)
def test_degenerate_texts_are_rejected_without_a_crash(chosen: Preset, text: str) -> None:
    assert not chosen.judge(text).keep


def test_none_takes_the_measures_of_tesuki_and_rejects_nothing() -> None:
    assert preset("none").examine("短い。") == (preset("tesuki").measure("短い。"), KEPT)


@pytest.mark.parametrize("name", ["swallow-code", "swallow-paper", "tesuki"])
def test_every_bound_can_be_set_and_every_rule_left_out(name: str) -> None:
    chosen = preset(name)
    assert len({rule.name for rule in chosen.rules}) == len(chosen.rules), "a bound is set by the name of its rule"
    moved = chosen.with_bounds({rule.name: rule.threshold + 1 for rule in chosen.rules})
    assert [rule.threshold for rule in moved.rules] == [rule.threshold + 1 for rule in chosen.rules]
    assert {rule.source for rule in moved.rules} == {"set by hand"}
    assert chosen.with_bounds({rule.name: rule.threshold for rule in chosen.rules}) == chosen
    assert not chosen.with_bounds({rule.name: None for rule in chosen.rules}).rules


def test_a_misspelt_rule_is_answered_by_the_one_that_was_meant() -> None:
    with pytest.raises(ValueError, match="no rule is called 'mean_sentense_long'; did you mean 'mean_sentence_long'"):
        preset("swallow-code").with_bounds({"mean_sentense_long": 3})


@settings(max_examples=60)
@given(documents)
def test_measuring_until_rejected_reaches_the_same_verdict_with_fewer_of_the_same_measures(text: str) -> None:
    for chosen in PRESETS:
        everything, verdict = measure_all(chosen.stages, text)
        some, same = measure_until_rejected(chosen.stages, text)
        assert verdict == same
        assert some.items() <= everything.items()
