"""Quality measures: ours against a plain-Python statement of the same definitions, on the same texts.

Run with ``python benchmarks/quality_measures.py``. The plain statement is also what the tests hold ours
against.
"""

from __future__ import annotations

import random
import re
import time
from collections import Counter
from collections.abc import Callable, Sequence

from tesuki.filters.presets import preset
from tesuki.filters.rules import judge

_SENTENCE = re.compile(r"[^。．！？!?]+[。．！？!?]?")
_KANJI = re.compile("[々〇〻\u3400-\u9fff\uf900-\ufaff]|[\ud840-\ud87f][\udc00-\udfff]")
RUNS = 25


def plain_measures(text: str) -> dict[str, float]:
    """The measures of the preset `swallow-code`, stated once more in plain Python, character by character."""
    lines = [_SENTENCE.findall(line) for line in text.split("\n")]
    sentences = [sentence for line in lines for sentence in line]
    measures: dict[str, float] = {}
    for name, items in (("paragraph", ["".join(line) for line in lines]), ("sentence", sentences)):
        counted = Counter(items)
        again = sum(count - 1 for count in counted.values())
        letters = sum(len(item) * (count - 1) for item, count in counted.items())
        measures[f"duplicate_{name}_fraction"] = _share(again, len(items))
        measures[f"duplicate_{name}_fraction_in_character"] = _share(letters, sum(map(len, items)))
    for n in range(2, 11):
        ngrams = Counter(text[start : start + n] for start in range(len(text) - n + 1))
        if n < 5:
            top = max(ngrams.values(), default=0)
            measures[f"top_{n}gram_character_fraction"] = _share(top, sum(ngrams.values()))
        else:
            twice = sum(count > 1 for count in ngrams.values())
            measures[f"duplicate_{n}gram_character_fraction"] = _share(twice, len(ngrams))
    hiragana = katakana = kuten = toten = 0
    for character in text:
        if "\u3041" <= character <= "\u3096":
            hiragana += 1
        elif "\u30a1" <= character <= "\u30fa":
            katakana += 1
        elif character in "、，":
            toten += 1
        elif character in "。．！？":
            kuten += 1
    kanji = len(_KANJI.findall(text))
    japanese = hiragana + katakana + kanji + kuten + toten
    ellipses = sum(sentence.strip().endswith(("・", "…")) for sentence in sentences)
    return measures | {
        "num_letters": len(text),
        "num_hiragana_letters": hiragana,
        "num_katakana_letters": katakana,
        "num_kanji_letters": kanji,
        "num_kuten": kuten,
        "num_toten": toten,
        "num_japanese_letters": japanese,
        "hiragana_fraction": _share(hiragana, japanese),
        "katakana_fraction": _share(katakana, japanese),
        "kanji_fraction": _share(kanji, japanese),
        "kuten_fraction": _share(kuten, japanese),
        "toten_fraction": _share(toten, japanese),
        "japanese_fraction": _share(japanese, len(text)),
        "avg_sentence_length": _share(sum(map(len, sentences)), len(sentences)),
        "max_sentence_length": max(map(len, sentences), default=0),
        "num_sentences_ending_with_ellipsis": ellipses,
        "ellipsis_fraction": _share(ellipses, len(sentences)),
    }


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 0.0


def made_up_prose(characters: int, *, seed: int) -> str:
    """Lines of made-up words in sentences of usual lengths, the words as unevenly frequent as real ones
    are."""
    rng = random.Random(seed)
    kana = [chr(code) for code in range(0x3041, 0x3094)]
    kanji = [chr(code) for code in range(0x4E00, 0x4E00 + 900)]
    words = ["".join(rng.choices(kana, k=rng.choice((1, 2, 2, 3)))) for _ in range(250)]
    words += ["".join(rng.choices(kanji, k=rng.choice((1, 2, 2)))) for _ in range(900)]
    rng.shuffle(words)
    weights = [1 / rank for rank in range(1, len(words) + 1)]
    pieces: list[str] = []
    while sum(map(len, pieces)) < characters:
        sentence = "".join(rng.choices(words, weights, k=rng.randint(12, 32)))
        pieces.append(sentence + rng.choice(("。", "。", "。", "。\n")))
    return "".join(pieces)[:characters]


def _milliseconds(function: Callable[[str], object], texts: Sequence[str]) -> float:
    """The median over `RUNS` runs of the CPU time for one text of ``texts``."""
    times = []
    for _ in range(RUNS):
        started = time.process_time_ns()
        for text in texts:
            function(text)
        times.append((time.process_time_ns() - started) / len(texts) / 1e6)
    return sorted(times)[RUNS // 2]


def main() -> None:
    """Print CPU milliseconds a text, and how many times faster than the plain statement that is."""
    code = preset("swallow-code")
    print(f"{'characters':>10}  {'what':<44}{'ms':>8}{'times':>8}")
    for characters in (1_000, 5_000, 20_000):
        texts = [made_up_prose(characters, seed=seed) for seed in range(3)]
        menus = ["会社概要\nお知らせ\n採用情報\n" * (characters // 15)] * 3
        assert all(code.measure(text) == plain_measures(text) for text in texts + menus)
        plain = _milliseconds(plain_measures, texts)
        rows: list[tuple[str, Callable[[str], object], Sequence[str]]] = [
            ("swallow-code, all measures and verdict", lambda text: judge(code.measure(text), code.rules), texts),
            ("swallow-code, verdict only, prose", code.judge, texts),
            ("swallow-code, verdict only, menus", code.judge, menus),
            ("swallow-paper, all measures", preset("swallow-paper").measure, texts),
            ("tesuki, all measures", preset("tesuki").measure, texts),
            ("tesuki, verdict only, prose", preset("tesuki").judge, texts),
        ]
        print(f"{characters:>10}  {'plain Python, all measures of swallow-code':<44}{plain:>8.3f}{1:>8.1f}")
        for name, function, given in rows:
            taken = _milliseconds(function, given)
            print(f"{characters:>10}  {name:<44}{taken:>8.3f}{plain / taken:>8.1f}")


if __name__ == "__main__":
    main()
