"""Our own measures: what each departure from the published code counts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tesuki.filters.presets import preset
from tesuki.filters.prose import prose_lines
from tesuki.filters.sentences import is_whole, sentences

measure = preset("tesuki").measure


@pytest.mark.parametrize(
    ("text", "name", "value"),
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
        ("円周率は３．１４です。", "mean_sentence", 11),
        ("彼は「はい。」と言った。", "mean_sentence", 12),
        ("会社概要\nお知らせ\n採用情報", "whole_sentences", 0),
        ("会社概要\n道を作る。", "whole_sentence_share", 5 / 9),
        ("あ" * 200 + "。\n" + "い" * 66 + "。", "long_sentence_share", 0.75),
        ("これは一つの文です。\nfor i in range(10): print(i)", "prose_share", 10 / 34),
        ("for i in range(10): print(i)", "hiragana_share", 0),
        ("訳文です。\nYou can select a range of cells and merge them into one.", "foreign_share", 45 / 50),
        ("訳文です。\nif (a > b) return this.table[number] + other.value();", "foreign_share", 0),
        ("訳文です。\tYou can select a range of cells and merge them 次の文です。", "foreign_share", 37 / 48),
        ("訳文です。\nHome About News Contact Sitemap Privacy Terms", "foreign_share", 0),
    ],
)
def test_known_measures(text: str, name: str, value: float) -> None:
    assert measure(text)[name] == value


def test_later_copies_of_a_phrase_are_what_repeats() -> None:
    """1,000 different characters and a phrase of 10 fifty times: 49 of the copies are repetition."""
    text = "".join(chr(0x4E00 + i) for i in range(1000)) + "いろはにほへとちりぬ" * 50
    assert measure(text)["duplicate_10grams"] == 490 / 1500


def test_a_phrase_repeats_where_it_comes_back_soon_and_not_chapters_later() -> None:
    phrase = "いろはにほへとちりぬるをわか"
    soon, later = ("".join(chr(0x4E00 + i) for i in range(start, start + 2000)) for start in (0, 2000))
    assert measure(phrase + phrase + soon + later)["duplicate_10grams"] == len(phrase) / 4028
    assert measure(phrase + soon + phrase + later)["duplicate_10grams"] == 0


@pytest.mark.parametrize(
    ("line", "is_prose"),
    [
        ("    return table[number] + other  # 値を返す", False),
        ("int main(int argc, char *argv[]) { return 0; } // 主関数", False),
        ("jspでのformタグによるトークン設定または UseTokenインターセプタによるトークン設定が必要である。", True),
        (
            "https://www.example.jp/a/very/long/address/of/a/page/that/goes/on/and/on?and=on から入手してください。",
            True,
        ),
        ("This sentence is English.", False),
        ("目次", True),
        ("。", True),
        ("", False),
    ],
)
def test_prose_is_told_from_code_line_by_line(line: str, is_prose: bool) -> None:
    assert prose_lines(f"前の行\n{line}\n後の行") == ["前の行", *([line.strip()] if is_prose else []), "後の行"]


@pytest.mark.parametrize(
    ("sentence", "whole"),
    [
        ("道を作る。", True),
        ("（完。）", True),
        ("道を作るのか？", True),
        ("「行こう」", True),
        ("それから…", True),
        ("出来ません.", True),
        ("会社概要", False),
        ("概要（その1）", False),
        ("Ver. 3.", False),
        ("", False),
    ],
)
def test_whole_sentences_end(sentence: str, whole: bool) -> None:
    assert is_whole(sentence) == whole


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
        (
            "使っています. 多くの人は1.5を使う. main.c を見よ.",
            ["使っています.", "多くの人は1.5を使う.", "main.c を見よ."],
        ),
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
