"""Optional measures: what they count, at their thresholds, and that dear ones load nothing until asked."""

from __future__ import annotations

import subprocess
import sys
import zlib
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tesuki.filters.measures_compression import measure_compression
from tesuki.filters.measures_lines import measure_character_repetition, measure_character_runs, measure_lines
from tesuki.filters.measures_morphology import measure_morphology
from tesuki.filters.optional_rules import OPTIONAL, optional_stages
from tesuki.filters.presets import preset
from tesuki.filters.rules import judge


def rule_of(name: str, text: str) -> str | None:
    stage = OPTIONAL[name]
    return judge(stage.measure(text), stage.rules).rule


def test_compression_is_that_of_llm_jp() -> None:
    text = "日本語の文章はよく縮む。" * 3
    size = len(text.encode())
    assert measure_compression(text) == {"compression_ratio": len(zlib.compress(text.encode(), 9)) / size}
    assert rule_of("compression", "あ" * 1000) == "compresses_too_well"
    assert (
        rule_of("compression", "きれいな四十字の文でも、短いうちは、ほとんど縮まない。だから長さを先に見る。")
        == "compresses_too_badly"
    )
    assert measure_compression("") == {"compression_ratio": 0}
    assert measure_compression("\ud800")["compression_ratio"] > 0


def test_lines() -> None:
    lines = ("短い行", "", "- これは箇条書きの項目である", "1. これは番号の付いた項目である")
    text = "\n".join((*lines, "長い行はこのあとに続きがあるのだが…", "続く..."))
    assert measure_lines(text) == {"short_line_share": 0.4, "ellipsis_line_share": 0.4, "list_line_share": 0.4}
    assert rule_of("lines", "十字よりは長い行である。\n" + "短い\n" * 2) == "short_lines"
    assert rule_of("lines", "十字よりは長い行である。\n" + "短い\n") is None
    assert rule_of("lines", "十字よりは長い行である。\n" + "十字よりは長い行である…\n") == "ellipsis_lines"
    assert rule_of("lines", "・十字よりは長い行である。\n" * 10) == "list_lines"
    assert measure_lines("") == {"short_line_share": 0, "ellipsis_line_share": 0, "list_line_share": 0}


@pytest.mark.parametrize(("run", "rule"), [("-" * 199, None), ("-" * 200, "character_run"), (" " * 300, None)])
def test_character_runs(run: str, rule: str | None) -> None:
    assert rule_of("character_runs", f"前{run}後") == rule


@pytest.mark.parametrize(("text", "run"), [("", 0), (" \n", 0), ("あ", 1), ("ああいいい", 3), ("あ あ", 1)])
def test_the_longest_run(text: str, run: int) -> None:
    assert measure_character_runs(text) == {"longest_character_run": run}


@settings(max_examples=200)
@given(st.text(alphabet="あいう", max_size=60))
def test_character_repetition_is_that_of_bigscience(text: str) -> None:
    counts = sorted(Counter(text[at : at + 5] for at in range(len(text) - 4)).values(), reverse=True)
    repeated = [count for count in counts if count > 1][: int(len(counts) ** 0.5)]
    expected = sum(repeated) / sum(counts) if counts else 0
    assert measure_character_repetition(text) == {"character_repetition": expected}


def test_morphology() -> None:
    """Parts of speech by UniDic: 猫(名詞) が(助詞) 鳴く(動詞); a list of fruit is all nouns and has no
    predicate."""
    measures = measure_morphology("猫が鳴く。\nりんご・みかん・バナナ")
    assert measures["noun_share"] == pytest.approx(4 / 6)
    assert measures["sentences_without_predicate"] == 0.5
    assert measures["unknown_word_share"] == 0
    assert rule_of("morphology", "りんご・みかん・バナナ") == "nouns"
    assert rule_of("morphology", "猫が鳴く。") is None


def test_unknown_words_are_those_of_kana_and_kanji() -> None:
    assert measure_morphology("qwrtpsdfg を見た。")["unknown_word_share"] == 0
    assert measure_morphology("ヌメロポチャグを見た。")["unknown_word_share"] == pytest.approx(1 / 4)


@pytest.mark.parametrize("text", ["", "\0", "\ud800", "。。。", "\n\n", "あ\0い"])
def test_odd_texts_do_not_crash(text: str) -> None:
    for stage in OPTIONAL.values():
        judge(stage.measure(text), stage.rules)


def test_stages_by_name_join_a_preset() -> None:
    joined = preset("tesuki").with_stages(*optional_stages(["lines", "compression"]))
    assert {"short_lines", "compresses_too_well"} <= {rule.name for rule in joined.rules}
    assert set(joined.measure("文。")) > set(preset("tesuki").measure("文。"))
    with pytest.raises(ValueError, match="'link' is not known; choose from compression, lines"):
        optional_stages(["link"])


def test_the_analyser_is_not_loaded_unless_a_rule_needs_it() -> None:
    code = (
        "import sys; from tesuki.filters.presets import preset; from tesuki.filters.optional_rules import OPTIONAL\n"
        "preset('tesuki').measure('猫が鳴く。'); assert 'fugashi' not in sys.modules\n"
        "OPTIONAL['morphology'].measure('猫が鳴く。'); assert 'fugashi' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_the_analyser_takes_bounded_memory() -> None:
    """A text without a full stop is one sentence; read whole, 300,000 characters take 580 MB."""
    code = (
        "import resource; from tesuki.filters.measures_morphology import measure_morphology as measure\n"
        "peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024\n"
        "measure('猫が鳴く。'); before = peak(); measure('今日は山へ行き' * 43_000)\n"
        "assert peak() - before < 150, peak()"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
