"""Questions quoted in long texts are found, whatever a page does to their punctuation; other texts are left alone."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tesuki.dedup.quotations import QuotationRule, folded, question_index

WORDS = [
    *("東京", "京都", "歴史", "川", "山", "作る", "見る", "大きな", "小さな", "学校", "先生", "問題", "答え", "時間"),
    *("場所", "人", "国", "海", "空", "春", "夏", "秋", "冬", "本", "店", "道"),
]
LINKS = list("はがをにのともで")
RULE = QuotationRule()


def prose(seed: int, sentences: int) -> str:
    """Text without meaning, of which no two seeds share a long passage."""
    chosen = random.Random(seed)
    return "".join(
        "".join(chosen.choice(WORDS) + chosen.choice(LINKS) for _ in range(chosen.randint(5, 9))) + "。"
        for _ in range(sentences)
    )


QUESTIONS = [prose(seed, 3) for seed in range(40)]
INDEX = question_index(QUESTIONS, RULE)


def changed(question: str, how: str, seed: int) -> str:
    if how == "exact":
        return question
    if how == "punctuation":
        return question.replace("。", "!\n").replace("は", "は,")
    if how == "width":
        return question.replace("。", "．")
    place = random.Random(seed).randrange(10, len(question) - 12)
    return question[:place] + "全然違う" + question[place + 3 :]


@pytest.mark.parametrize("how", ["exact", "punctuation", "width", "word"])
def test_planted_quotations_are_found_where_they_stand(how: str) -> None:
    for number, question in enumerate(QUESTIONS):
        before, quoted, after = prose(1000 + number, 30), changed(question, how, number), prose(2000 + number, 30)
        found = [hit for hit in INDEX.find(before + quoted + after) if hit.question == number]
        assert len(found) == 1, (how, number)
        assert found[0].start >= len(before) - 12
        assert found[0].end <= len(before) + len(quoted) + 12
        assert found[0].share >= RULE.share


def test_texts_without_a_quotation_have_none() -> None:
    assert [hit for seed in range(200) for hit in INDEX.find(prose(5000 + seed, 60))] == []


def test_full_width_digits_and_capitals_are_the_same() -> None:
    index = question_index(["西暦1192年に成立した幕府はどこにあったか答えなさい(ABC大学)。"], RULE)
    assert index.find("前置き。西暦１１９２年に成立した幕府はどこにあったか、答えなさい（ａｂｃ大学）。")


def test_what_many_questions_share_tells_nothing() -> None:
    head = "次の文章を読んで最も適当なものを一つ選びなさい。"
    index = question_index([head + prose(seed, 2) for seed in range(30)], RULE)
    assert index.find("入試では" + head + prose(99_999, 20)) == []


def test_short_questions_are_counted_not_looked_for() -> None:
    index = question_index(["日本の首都は?", *QUESTIONS[:2]], RULE)
    assert index.short == 1
    assert index.find("日本の首都は東京です。" + QUESTIONS[0])[0].question == 1


@given(st.lists(st.text(max_size=80), max_size=6), st.text(max_size=300))
def test_any_text_is_answered_and_spans_lie_within(questions: list[str], text: str) -> None:
    for hit in question_index(questions, RULE).find(text):
        assert 0 <= hit.start < hit.end <= len(text)
        assert 0 < hit.share <= 1


@given(st.text(max_size=200))
def test_folding_keeps_the_order_of_letters(text: str) -> None:
    letters, where = folded(text)
    assert (where[1:] > where[:-1]).all()
    assert len(letters) == len(where) <= len(text)


@pytest.mark.parametrize("wrong", [{"n": 1}, {"least": 4}, {"share": 0.0}, {"share": 1.5}, {"gap": -1}])
def test_rules_that_mean_nothing_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="expected"):
        QuotationRule(**wrong)  # type: ignore[arg-type]
