"""Where the Swallow paper and its code differ: each difference with both verdicts.

The texts are random kana and kanji, so that nothing repeats by chance; each is changed just enough to make one
difference speak.
"""

from __future__ import annotations

import random

from tesuki.filters.measures_swallow_paper import measure_swallow_paper
from tesuki.filters.presets import preset
from tesuki.filters.rules import failing
from tesuki.filters.word_rules import ng_word_stage
from tesuki.filters.words import WordFinder

HIRAGANA = [chr(code) for code in range(0x3042, 0x3094)]
KATAKANA = [chr(code) for code in range(0x30A2, 0x30F4)]
KANJI = [chr(code) for code in range(0x4E00, 0x5A00)]


def letters(count: int, *, hiragana: float = 0.6, katakana: float = 0.0, seed: int = 0) -> str:
    """Random letters of which exactly the given shares are kana, the rest kanji."""
    rng = random.Random(seed)
    kana, katas = round(count * hiragana), round(count * katakana)
    drawn = rng.choices(HIRAGANA, k=kana) + rng.choices(KATAKANA, k=katas)
    drawn += rng.sample(KANJI, count - kana - katas)
    rng.shuffle(drawn)
    return "".join(drawn)


def sentences(count: int, length: int = 40, *, end: str = "。", seed: int = 0, **shares: float) -> str:
    """``count`` different sentences of ``length`` characters on one line each."""
    body = length - len(end)
    return "\n".join(letters(body, seed=seed + at, **shares) + end for at in range(count))


def verdicts(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The rules of the paper, and of the code, that reject a text."""
    paper, code = preset("swallow-paper"), preset("swallow-code")
    return failing(paper.measure(text), paper.rules), failing(code.measure(text), code.rules)


def test_plain_prose_passes_both() -> None:
    assert verdicts(sentences(15)) == ((), ())


def test_length_counts_characters_in_the_paper_and_japanese_letters_in_the_code() -> None:
    text = sentences(9, 44) + "\n" + "abcdefghij klmnop"
    assert verdicts(text) == ((), ("japanese_letters",))


def test_hiragana_is_a_share_of_all_characters_in_the_paper() -> None:
    """30 % of the Japanese letters are hiragana, of all characters with their alphabet 19 %."""
    text = "\n".join(
        letters(38, hiragana=0.3, seed=at) + "".join(random.Random(at).choices("abcdefghijklmnopq", k=22)) + "。"
        for at in range(15)
    )
    assert verdicts(text) == (("hiragana_share",), ())


def test_katakana_at_exactly_half_is_too_much_in_the_paper() -> None:
    text = "\n".join(letters(40, hiragana=0.3, katakana=0.5, seed=at) for at in range(15))
    assert measure_swallow_paper(text)["katakana_share"] == 0.5
    assert verdicts(text) == (("katakana_share",), ())


def test_the_long_vowel_mark_is_katakana_in_the_paper() -> None:
    """20 of 38 letters a line are katakana with ー, 10 of 28 without."""
    text = "\n".join(
        letters(18, seed=at) + "".join(kana + "ー" for kana in random.Random(at).choices(KATAKANA, k=10))
        for at in range(20)
    )
    assert verdicts(text) == (("katakana_share",), ())


def test_line_breaks_are_no_characters_in_the_paper() -> None:
    """21 Japanese letters and 20 of the alphabet a line: .512 of the line, .500 with its break, less with two."""
    text = "\n\n".join(
        letters(20, seed=at) + "。" + "".join(random.Random(at).choices("abcdefghijklmnopq", k=20)) for at in range(30)
    )
    assert "japanese_share" not in verdicts(text)[0]
    assert "japanese_share" in verdicts(text)[1]


def test_a_sentence_of_exactly_200_is_too_long_in_the_paper() -> None:
    text = sentences(15) + "\n" + letters(199, seed=99) + "。"
    assert verdicts(text) == (("longest_sentence",), ())
    assert verdicts(sentences(15) + "\n" + letters(200, seed=99) + "。")[1] == ("longest_sentence",)


def test_ellipses_at_exactly_a_fifth_are_too_many_in_the_paper() -> None:
    text = sentences(16) + "\n" + sentences(4, end="…", seed=50)
    assert verdicts(text) == (("ellipsis_endings",), ())


def test_an_ellipsis_before_a_full_stop_counts_in_the_paper() -> None:
    text = sentences(12) + "\n" + sentences(8, end="……。", seed=50)
    assert verdicts(text) == (("ellipsis_endings",), ())


def test_duplicate_ngrams_count_by_occurrence_in_the_paper() -> None:
    """A phrase of 20 letters in every one of 15 sentences of 60: a third of the text, but a few kinds of n-gram."""
    phrase = letters(20, seed=1000)
    text = "\n".join(letters(39, seed=at) + phrase + "。" for at in range(15))
    paper, code = verdicts(text)
    assert code == ()
    assert paper == tuple(f"duplicate_{n}grams" for n in range(5, 11))


def test_occurrences_of_the_phrase_fifty_times() -> None:
    """491 of 1,491 occurrences, where the code says .0099."""
    text = "".join(chr(0x4E00 + i) for i in range(1000)) + "いろはにほへとちりぬ" * 50
    measures = measure_swallow_paper(text)
    assert measures["duplicate_10grams"] == 491 / 1491


def test_the_top_ngram_counts_by_coverage_in_the_paper() -> None:
    """Every ninth pair of letters is the same: a share of .11 of the 2-grams but .22 of the characters."""
    text = "\n".join("".join(letters(7, seed=60 * at + of) + "です" for of in range(5)) + "。" for at in range(15))
    paper, code = verdicts(text)
    assert code == ()
    assert paper == ("top_2gram",)


def test_blank_lines_are_no_paragraphs_in_the_paper() -> None:
    text = "\n\n".join(sentences(15).split("\n"))
    assert verdicts(text) == ((), ("duplicate_paragraphs",))


def test_ng_words_are_a_share_of_all_characters_in_the_paper() -> None:
    """30 of 480 Japanese letters are NG words, of 800 characters."""
    finder = WordFinder(("禁句です",))
    text = "\n".join(letters(26, seed=at) + "禁句です。" + "abcdefghijklmnopqrst" for at in range(15))
    by_preset = {
        name: preset(name).with_stages(ng_word_stage(name, finder)) for name in ("swallow-paper", "swallow-code")
    }
    shares = {name: chosen.measure(text) for name, chosen in by_preset.items()}
    assert shares["swallow-code"]["ng_fraction"] == 60 / (31 * 15)
    assert shares["swallow-paper"]["ng_share"] == 60 / (51 * 15)
    few = "\n".join(letters(26, seed=at) + ("禁句です。" if at < 7 else "。") + "a" * 20 for at in range(15))
    code, paper = by_preset["swallow-code"], by_preset["swallow-paper"]
    assert "ng_words" in failing(code.measure(few), code.rules)
    assert "ng_words" not in failing(paper.measure(few), paper.rules)
