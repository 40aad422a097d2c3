"""Keys, counts and cuts of lines and paragraphs."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tesuki.dedup.comparison_form import comparison_form
from tesuki.dedup.lines import RepeatRule, count_documents, cut_units, repeated_share, unit_keys, unit_spans

LINES, PARAGRAPHS = RepeatRule("line"), RepeatRule("paragraph")
TEXTS = st.text(st.sampled_from("あい\n\n\r 　、ABａb\ue000か\u3099"), max_size=40)


def units(text: str, rule: RepeatRule) -> list[str]:
    return [text[start:end] for start, end in unit_spans(text, rule.unit)]


def test_lines_and_paragraphs() -> None:
    text = "一行目\n二行目\n\n　\n次の段落"
    assert units(text, LINES) == ["一行目", "二行目", "", "　", "次の段落"]
    assert units(text, PARAGRAPHS) == ["一行目\n二行目", "次の段落"]


@given(TEXTS)
@settings(max_examples=200)
def test_keys_are_equal_where_comparison_forms_are(text: str) -> None:
    keys = unit_keys(text, "", LINES).tolist()
    forms = [comparison_form(line.replace("\ue000", "\ufffd")) for line in text.split("\n")]
    assert [key == 0 for key in keys] == [form == "" for form in forms]
    for key, form in zip(keys, forms, strict=True):
        assert [other == key for other in keys] == [other == form for other in forms]


def test_a_host_has_its_own_keys() -> None:
    rule = RepeatRule(scope="host")
    one, other = unit_keys("メニュー\n。", "a.example", rule), unit_keys("メニュー\n。", "b.example", rule)
    assert one[0] != other[0]
    assert one[1] == other[1] == 0
    assert np.array_equal(one, unit_keys("メニュー\n。", "a.example", rule))


def test_a_line_counts_once_a_document_and_blank_lines_never() -> None:
    documents = ["もどる\nもどる\n本文一", "もどる\n\n本文二", "本文三"]
    keys, counts = count_documents(unit_keys(text, "", LINES) for text in documents)
    back = unit_keys("もどる", "", LINES)[0]
    assert dict(zip(keys.tolist(), counts.tolist(), strict=True))[int(back)] == 2
    assert sorted(counts.tolist()) == [1, 1, 1, 2]


def test_cutting_by_hand() -> None:
    text = "ホーム > 会社案内\n本文です。\nもどる"
    cut, log = cut_units(text, LINES, np.array([True, False, True]))
    assert cut == "本文です。\n"
    assert [(entry.position, entry.before) for entry in log] == [(0, "ホーム > 会社案内\n"), (17, "もどる")]


@given(TEXTS, st.sampled_from([LINES, PARAGRAPHS]), st.randoms(use_true_random=False))
@settings(max_examples=200)
def test_putting_cuts_back_gives_the_original(text: str, rule: RepeatRule, random: object) -> None:
    repeated = np.array([random.random() < 0.5 for _ in unit_spans(text, rule.unit)])  # type: ignore[attr-defined]
    cut, log = cut_units(text, rule, repeated)
    for entry in log:
        cut = cut[: entry.position] + entry.before + cut[entry.position :]
    assert cut == text


def test_the_share_by_hand() -> None:
    assert repeated_share("もどる\n本文です。", LINES, np.array([True, False])) == pytest.approx(3 / 8)
    assert repeated_share("", LINES, np.array([False])) == 0.0


@pytest.mark.parametrize(
    ("wrong", "said"),
    [({"unit": "word"}, "unit: found 'word'"), ({"scope": "web"}, "scope: found 'web'"), ({"documents": 0}, "found 0")],
)
def test_a_rule_that_cannot_be_is_refused(wrong: dict[str, object], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        RepeatRule(**wrong)  # type: ignore[arg-type]
