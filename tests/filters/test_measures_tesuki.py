"""Our own measures: what each departure from the published code counts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tesuki.filters.measures_tesuki import measure_tesuki
from tesuki.filters.sentences import sentences


@pytest.mark.parametrize(
    ("text", "measure", "value"),
    [
        ("𠮷野家𩸽", "kanji_share", 1),
        ("コーヒー", "katakana_share", 1),
        ("ｺｰﾋｰ", "katakana_share", 1),
        ("ｺｰﾋｰ", "japanese_share", 1),
        ("䷀䷁", "japanese_letters", 0),
        ("ゞゝ〆", "japanese_letters", 3),
        ("日本 語\n　です", "characters", 5),
        ("文。\n\n\n文では。", "duplicate_paragraphs", 0),
        ("文。\n　文。 ", "duplicate_paragraphs", 0.5),
        ("終わり……。", "ellipsis_share", 1),
        ("終わり...", "ellipsis_share", 1),
        ("「終わり…」", "ellipsis_share", 1),
        ("ア・イ・ウ", "ellipsis_share", 0),
        ("円周率は３．１４です。", "longest_sentence", 11),
        ("彼は「はい。」と言った。", "longest_sentence", 12),
    ],
)
def test_known_measures(text: str, measure: str, value: float) -> None:
    assert measure_tesuki(text)[measure] == value


def test_later_copies_of_a_phrase_are_what_repeats() -> None:
    """1,000 different characters and a phrase of 10 fifty times: 49 of the copies are repetition."""
    text = "".join(chr(0x4E00 + i) for i in range(1000)) + "いろはにほへとちりぬ" * 50
    assert measure_tesuki(text)["duplicate_10grams"] == 490 / 1500


def test_ngrams_have_two_characters_for_each_word_of_gopher() -> None:
    names = {name for name in measure_tesuki("文。") if "gram" in name}
    assert names == {f"top_{n}gram" for n in (4, 6, 8)} | {f"duplicate_{n}grams" for n in range(10, 21, 2)}


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("すごい！！！本当？！はい。", ["すごい！！！", "本当？！", "はい。"]),
        ("円周率は３．１４です。次は３．", ["円周率は３．１４です。", "次は３．"]),
        ("差は．３でした．次の差は．４でした．", ["差は．３でした．", "次の差は．４でした．"]),
        ("１．はじめに", ["１．はじめに"]),
        ("彼は「はい。」と言った。", ["彼は「はい。」と言った。"]),
        ("Yahoo! JAPANのhttp://a.jp/?q=1を見た。", ["Yahoo! JAPANのhttp://a.jp/?q=1を見た。"]),
        ("すごい!本当?はい。", ["すごい!", "本当?", "はい。"]),
        ("（完）。続く。", ["（完）。", "続く。"]),
        ("「おい！」", ["「おい！」"]),
        ("　 ", []),
        ("", []),
        ("ﾊﾝｶｸ｡ﾃﾞｽ｡", ["ﾊﾝｶｸ｡", "ﾃﾞｽ｡"]),
    ],
)
def test_sentences_end_where_a_reader_ends_them(line: str, expected: list[str]) -> None:
    assert sentences(line) == expected


def test_a_monologue_is_cut_at_its_full_stops() -> None:
    line = "「" + "長い話が続いている。" * 20 + "」と言った。"
    found = sentences(line)
    assert len(found) == 20
    assert found[-1] == "長い話が続いている。」と言った。"


@given(st.text(alphabet="あ漢。．！？!?「」（）3３ａ 　…http://", max_size=80))
def test_sentences_lose_nothing_but_blanks(line: str) -> None:
    assert "".join("".join(sentences(line)).split()) == "".join(line.split())
