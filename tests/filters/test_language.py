"""Japanese is told from its neighbours by what only it writes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tesuki.filters.language import JAPANESE_SHARE, RULE, is_japanese, scripts

JAPANESE = {
    "prose": "吾輩は猫である。名前はまだ無い。",
    "katakana statute": "第一條　大日本帝國ハ萬世一系ノ天皇之ヲ統治ス",
    "katakana only": "コンピュータノプログラム",
    "half-width katakana": "ｺﾝﾋﾟｭｰﾀ ﾉ ﾌﾟﾛｸﾞﾗﾑ",
    "kanji with hardly any kana": "東京都千代田区図書館営業時間変更通知総務課広報担当者様",
    "a manual full of code": "関数 printf(const char *format) は書式に従って出力します。int main(void) { return 0; }",
    "beyond the basic plane": "𠮷野家で𩸽を食べる",
    "quoting Chinese": "中国語の「我们」は日本語の「私たち」にあたり、「说」は「話す」にあたる。",
}
OTHERS = {
    "empty": "",
    "no letters": "12345 !? 。。。",
    "English": "The quick brown fox jumps over the lazy dog.",
    "simplified Chinese": "我们都说中国话，这是一个测试页面，请大家阅读。",
    "traditional Chinese": "我們說國語，這是一個測試頁面，請大家閱讀內容。",
    "Chinese quoting kana": "日语的「の」字用法很多，我们这里说明它们的区别，让学习者们更容易理解。",
    "Korean": "저는 한국 사람입니다. 이것은 시험입니다.",
    "Korean quoting kana": "일본어의 「の」는 여러 가지로 쓰입니다. 자세히 알아봅시다.",
    "English with one Japanese name": "The company, called 日本, was founded long ago and " * 5,
}


@pytest.mark.parametrize("name", JAPANESE)
def test_japanese_stays(name: str) -> None:
    assert is_japanese(JAPANESE[name]).keep


@pytest.mark.parametrize("name", OTHERS)
def test_others_leave_with_the_figure(name: str) -> None:
    verdict = is_japanese(OTHERS[name])
    assert not verdict.keep
    assert verdict.rule == RULE
    assert verdict.value is not None
    assert verdict.threshold in (JAPANESE_SHARE, 1.0)
    assert verdict.value < JAPANESE_SHARE if verdict.threshold == JAPANESE_SHARE else verdict.value > 1


def test_counts_by_hand() -> None:
    # あい (2 hiragana) カー (2 katakana) 図 (only Japan) 们 (only China) 山 (both) 한 (1 hangul) a é (2 others)
    found = scripts("あいカー図们山한aé1。")
    assert (found.hiragana, found.katakana, found.han, found.hangul, found.other) == (2, 2, 3, 1, 2)
    assert (found.japanese_han, found.chinese_han) == (1, 1)
    assert found.letters == 10


@given(st.text(max_size=300))
def test_letters_are_those_of_unicode(text: str) -> None:
    found = scripts(text)
    assert found.letters >= 0
    assert is_japanese(text) == is_japanese(text)
    assert scripts(text + "😀12") == found


@given(st.text(st.characters(exclude_categories=["L", "M", "N"]), max_size=50))
def test_signs_never_make_a_text_japanese(text: str) -> None:
    assert not is_japanese(text.replace("〇", "").replace("ー", "")).keep or scripts(text).letters > 0
