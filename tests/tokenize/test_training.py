"""Learning a tokenizer: same bytes for the same texts, words of the dictionary, sizes that fit or a refusal."""

from __future__ import annotations

import random
import re
import sys
from pathlib import Path

import pytest
import sentencepiece
from hypothesis import given
from hypothesis import strategies as st

from tesuki.tokenize.seed_pieces import seed_pieces
from tesuki.tokenize.segmentation import count_words, require_words, script_runs_with_spaces, words_with_spaces
from tesuki.tokenize.tokenizers import open_tokenizer
from tesuki.tokenize.training import sample_texts, train_sentencepiece

PLACES = ("図書館", "植物園", "商店街", "水族館", "停留所")
TIMES = ("午前九時", "夕方", "土曜日", "正月", "雨の日")
DEEDS = ("休みます。", "にぎわう。", "混雑している。", "The gate is open.", "人が集まる。")
TEXTS = [f"{place}は{time}に{deed}\n{time}の{place}も{deed}" for place in PLACES for time in TIMES for deed in DEEDS]


def test_the_same_texts_give_the_same_bytes_in_any_order() -> None:
    first = train_sentencepiece(TEXTS, vocabulary_size=335)
    shuffled = random.Random(5).sample(TEXTS, len(TEXTS))
    assert train_sentencepiece(shuffled, vocabulary_size=335) == first


def test_the_seed_chooses_the_sample() -> None:
    models = {train_sentencepiece(TEXTS, vocabulary_size=330, seed=seed, maximum_characters=2500) for seed in range(3)}
    assert len(models) == 3


def test_pieces_are_parts_of_dictionary_words() -> None:
    model = train_sentencepiece(TEXTS, vocabulary_size=335)
    processor = sentencepiece.SentencePieceProcessor(model_proto=model)
    learnt = [processor.id_to_piece(i) for i in range(4 + 256, 335)]  # after <unk> <s> </s> newline and 256 bytes
    words = {word.replace(" ", "▁") for word in count_words(TEXTS)}
    assert all(any(piece in word for word in words) for piece in learnt)
    # The texts are full of "図書館は", "夕方の", "正月に"; 図書 | 館 | は | 夕方 | の | 正月 | に are the words.
    assert {"図書", "夕方", "正月", "植物", "商店"} & set(learnt)
    assert not {"図書館", "館は", "夕方の", "正月に"} & set(learnt)


def test_without_a_dictionary_pieces_stay_in_runs_of_one_script(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "fugashi", None)
    model = train_sentencepiece(TEXTS, vocabulary_size=335, words_by="script")
    processor = sentencepiece.SentencePieceProcessor(model_proto=model)
    learnt = {processor.id_to_piece(i) for i in range(4 + 256, 335)}
    assert {"図書館", "植物園", "にぎわう", "▁gate"} & learnt
    assert not {"館は", "夕方の", "正月に", "う。"} & learnt


@pytest.mark.parametrize(
    ("line", "runs"),
    [
        ("東京タワーへ  iPhone15で行く。」", ["東京", "タワー", "へ", "  iPhone15", "で", "行", "く", "。", "」"]),
        ("々〆ﾃｽﾄか\u3099", ["々〆", "ﾃｽﾄ", "か\u3099"]),
        ("no Japanese, here ", ["no", " Japanese,", " here", " "]),
        ("", []),
    ],
)
def test_runs_of_a_script(line: str, runs: list[str]) -> None:
    assert script_runs_with_spaces(line) == runs


@given(st.text(alphabet=st.sampled_from("あゝアー漢々aÄ1_ \u3000。\t\0\u3099𠮷")))
def test_runs_of_a_script_are_the_line(line: str) -> None:
    assert "".join(script_runs_with_spaces(line)) == line


def test_a_missing_dictionary_is_named_with_its_cure(monkeypatch: pytest.MonkeyPatch) -> None:
    require_words("dictionary")
    monkeypatch.setitem(sys.modules, "unidic_lite", None)
    with pytest.raises(ValueError, match=r"dictionary needs .*pip install 'tesuki\[dictionary\]'"):
        require_words("dictionary")
    require_words("script")


def test_seed_pieces_weigh_occurrences_times_length() -> None:
    # 2 × "かきく" gives かき, きく (2 × 2) and かきく (2 × 3); " か" may lead with its space, "く " may not end so.
    assert seed_pieces({"かきく": 2, " か": 3, "once": 1}) == [
        (" か", 6),
        ("かきく", 6),
        ("かき", 4),
        ("きく", 4),
    ]


def test_digits_stand_alone_and_unseen_characters_fall_back_to_bytes(tmp_path: Path) -> None:
    path = tmp_path / "small.model"
    path.write_bytes(train_sentencepiece([*TEXTS, "2026 2026 2026"], vocabulary_size=335))
    tokenizer = open_tokenizer(path)
    assert tokenizer.encode("2026").size == 4
    assert tokenizer.encode("𩸽").size == 4  # four UTF-8 bytes
    assert tokenizer.decode(tokenizer.encode("𩸽\r\n  \t")) == "𩸽\r\n  \t"


def test_a_vocabulary_too_large_for_the_text_names_the_largest_that_fits() -> None:
    with pytest.raises(ValueError, match="too large") as refusal:
        train_sentencepiece(TEXTS, vocabulary_size=30_000)
    largest = int(re.search(r"at most (\d+)", str(refusal.value))[1])  # type: ignore[index]
    assert train_sentencepiece(TEXTS, vocabulary_size=largest)
    with pytest.raises(ValueError, match=rf"at most {largest}"):
        train_sentencepiece(TEXTS, vocabulary_size=largest + 1)


def test_a_vocabulary_too_small_for_the_text_says_so() -> None:
    with pytest.raises(ValueError, match="too small"):
        train_sentencepiece(TEXTS, vocabulary_size=200)


@pytest.mark.parametrize("texts", [[], ["", " \n"]])
def test_no_text_is_refused(texts: list[str]) -> None:
    with pytest.raises(ValueError, match="no text"):
        train_sentencepiece(texts, vocabulary_size=300)


@given(line=st.text(alphabet="かな漢字カナ abc、。　１2\t", max_size=60))
def test_words_joined_are_the_line(line: str) -> None:
    assert "".join(words_with_spaces(line)).rstrip() == line.rstrip()


def test_hostile_lines_are_cut_before_mecab_sees_them() -> None:
    assert "".join(words_with_spaces("あ" * 20_000 + "\0い")) == "あ" * 20_000 + " い"


@given(
    texts=st.lists(st.text(alphabet="あいう", min_size=1, max_size=6), max_size=30),
    characters=st.integers(1, 60),
    seed=st.integers(-5, 5),
    shuffling=st.randoms(use_true_random=False),
)
def test_a_sample_is_the_same_in_any_order_and_just_large_enough(
    texts: list[str], characters: int, seed: int, shuffling: random.Random
) -> None:
    sample = sample_texts(texts, seed=seed, maximum_characters=characters)
    shuffled = texts.copy()
    shuffling.shuffle(shuffled)
    assert sample_texts(shuffled, seed=seed, maximum_characters=characters) == sample
    held = sum(map(len, sample))
    if held < sum(map(len, texts)):
        assert held >= characters > held - len(sample[-1])


@pytest.mark.parametrize("spaces", [0, 1])
def test_a_space_is_a_piece_however_rare_it_is_in_the_text(tmp_path: Path, spaces: int) -> None:
    """Japanese has no spaces between words, so few may be seen; one that is no piece comes back as U+2581."""
    texts = [text.replace(" ", "") for text in TEXTS] + ["漉き 返し"] * spaces
    path = tmp_path / "small.model"
    path.write_bytes(train_sentencepiece(texts, vocabulary_size=330))
    tokenizer = open_tokenizer(path)
    assert tokenizer.decode(tokenizer.encode("東京 Tokyo  大阪")) == "東京 Tokyo  大阪"
    assert tokenizer.encode(" ").size == 1
