"""`swallow-code` gives the numbers of the published code: against a plain statement of it, and known cases."""

from __future__ import annotations

import importlib.util
import math
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tesuki.filters.measures_swallow_code import measure_swallow_code
from tesuki.filters.presets import preset
from tesuki.filters.rules import judge

ROOT = Path(__file__).resolve().parents[2]


def _published_keeps(q: dict[str, float]) -> bool:
    """The published thresholds (quality.py, apply_v1), restated as one condition."""
    top = {2: 0.20, 3: 0.18, 4: 0.16}
    duplicate = {5: 0.15, 6: 0.14, 7: 0.13, 8: 0.12, 9: 0.11, 10: 0.10}
    return (
        q["num_letters"] >= 400
        and q["num_japanese_letters"] >= 400
        and q["hiragana_fraction"] >= 0.2
        and q["katakana_fraction"] <= 0.5
        and q["japanese_fraction"] >= 0.5
        and 20 <= q["avg_sentence_length"] <= 90
        and q["max_sentence_length"] <= 200
        and q["ellipsis_fraction"] <= 0.2
        and all(q[f"duplicate_{part}_fraction"] <= 0.30 for part in ("paragraph", "sentence"))
        and all(q[f"duplicate_{part}_fraction_in_character"] <= 0.20 for part in ("paragraph", "sentence"))
        and all(q[f"top_{n}gram_character_fraction"] <= most for n, most in top.items())
        and all(q[f"duplicate_{n}gram_character_fraction"] <= most for n, most in duplicate.items())
    )


def _plain() -> ModuleType:
    path = ROOT / "benchmarks" / "quality_measures.py"
    spec = importlib.util.spec_from_file_location("quality_measures", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


plain_measures = _plain().plain_measures

ALPHABET = "あいうアイー漢字々〇。．！？!?、，…・ \n　aB1𠮷\ud840\udc00\0\U0010ffff䷀ｱゝ"
texts = st.one_of(
    st.text(alphabet=ALPHABET, max_size=300),
    st.text(alphabet="ab\n", max_size=200),
    st.lists(st.sampled_from(["これは文です。", "見出し", "", "……", "「はい。」", "次へ！！"]), max_size=40).map(
        "\n".join
    ),
)


@settings(max_examples=400)
@given(texts)
def test_every_number_is_that_of_the_published_definition(text: str) -> None:
    assert measure_swallow_code(text) == plain_measures(text)


PASSING = {
    **{rule.measure: 0.0 for rule in preset("swallow-code").rules},
    "num_letters": 400,
    "num_japanese_letters": 400,
    "hiragana_fraction": 0.2,
    "japanese_fraction": 0.5,
    "avg_sentence_length": 20,
    "max_sentence_length": 200,
}


@settings(max_examples=300)
@given(st.data())
def test_verdicts_are_those_of_the_published_thresholds(data: st.DataObject) -> None:
    """Measures that pass on the edge, of which some are moved about their thresholds."""
    rules = preset("swallow-code").rules
    moved = data.draw(st.lists(st.sampled_from(rules), max_size=3))
    changed = {rule.measure: rule.threshold + data.draw(st.sampled_from((-0.01, 0, 0.01))) for rule in moved}
    measures = PASSING | changed
    assert judge(measures, rules).keep == _published_keeps(measures)


def test_names_are_those_of_the_published_readme() -> None:
    expected = {
        *(f"num_{kind}_letters" for kind in ("hiragana", "katakana", "kanji", "japanese")),
        *("num_letters", "num_kuten", "num_toten", "num_sentences_ending_with_ellipsis", "ellipsis_fraction"),
        *(f"{kind}_fraction" for kind in ("hiragana", "katakana", "kanji", "kuten", "toten", "japanese")),
        *("avg_sentence_length", "max_sentence_length"),
        *(f"duplicate_{part}_fraction{of}" for part in ("paragraph", "sentence") for of in ("", "_in_character")),
        *(f"top_{n}gram_character_fraction" for n in (2, 3, 4)),
        *(f"duplicate_{n}gram_character_fraction" for n in range(5, 11)),
    }
    assert set(measure_swallow_code("これは文です。")) == expected


@pytest.mark.parametrize("text", ["", "あ", "あい", "あいう", "！！！！！", "。\n。\n。", "\n" * 6, "\ud800"])
def test_texts_the_published_code_stops_at_have_finite_measures(text: str) -> None:
    measures = measure_swallow_code(text)
    assert all(math.isfinite(value) for value in measures.values())
    assert not preset("swallow-code").judge(text).keep


def test_a_text_shorter_than_an_ngram_has_none() -> None:
    measures = measure_swallow_code("あいう")
    assert measures["top_3gram_character_fraction"] == 1
    assert measures["top_4gram_character_fraction"] == 0
    assert measures["duplicate_5gram_character_fraction"] == 0


@pytest.mark.parametrize(
    ("text", "measure", "value"),
    [
        ("コーヒー", "num_katakana_letters", 2),
        ("ｺｰﾋｰ", "num_katakana_letters", 0),
        ("䷀䷁", "num_kanji_letters", 2),
        ("𠮷野家𩸽", "num_kanji_letters", 2),
        ("简体中文한국어", "num_kanji_letters", 4),
        ("ゞゝ〆", "num_japanese_letters", 0),
        ("すごい！！！本当？！はい。", "max_sentence_length", 4),
        ("終わり……。終わり…", "num_sentences_ending_with_ellipsis", 1),
        ("終わり...", "num_sentences_ending_with_ellipsis", 0),
    ],
)
def test_known_counts(text: str, measure: str, value: float) -> None:
    """Inputs and results that were seen with the published functions themselves."""
    assert measure_swallow_code(text)[measure] == value


def test_blank_lines_are_equal_paragraphs() -> None:
    """20 different paragraphs with a blank line between: 18 of 39 lines repeat the first blank one."""
    text = "\n\n".join(f"段落その{number}" for number in range(20))
    assert measure_swallow_code(text)["duplicate_paragraph_fraction"] == 18 / 39


def test_many_copies_of_one_phrase_hide_among_distinct_ngrams() -> None:
    """1,000 different characters and a phrase of 10 fifty times: published .0099 for n = 5 to 10."""
    text = "".join(chr(0x4E00 + i) for i in range(1000)) + "いろはにほへとちりぬ" * 50
    measures = measure_swallow_code(text)
    for n in range(5, 11):
        assert measures[f"duplicate_{n}gram_character_fraction"] == pytest.approx(0.0099, abs=0.0001)


@pytest.mark.shared
def test_numbers_agree_on_real_sentences() -> None:
    """40 lines at a time of files that nobody wrote for this test."""
    folder = ROOT.parent / "shared" / "data" / "text"
    files = sorted(folder.glob("*")) if folder.is_dir() else []
    if not files:
        pytest.skip("real sentences beside the project are missing")
    checked = 0
    for file in files:
        lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
        for start in range(0, min(len(lines), 2_000), 40):
            text = "\n".join(lines[start : start + 40])
            assert measure_swallow_code(text) == plain_measures(text)
            checked += 1
    assert checked >= 20
