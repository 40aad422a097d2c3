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
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from tesuki.filters.measures_fineweb2 import unidic_words
from tesuki.filters.phrases import KINDS, SHOP, SHOP_OF, measure_phrases
from tesuki.filters.presets import preset
from tesuki.filters.rules import judge

_SENTENCE = re.compile(r"[^。．！？!?]+[。．！？!?]?")
_KANJI = re.compile("[々〇〻\u3400-\u9fff\uf900-\ufaff]|[\ud840-\ud87f][\udc00-\udfff]")
RUNS = 25
FILTERS = Path(__file__).resolve().parents[1] / "filters"


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


def plain_phrases(text: str) -> dict[str, float]:
    """The densities of the preset `tesuki`, stated once more in plain Python: at each place the longest phrase."""
    characters = sum(map(len, text.split()))
    found: dict[str, list[str]] = {}
    for kind, phrases in _phrases_by_first_character().items():
        hits = found.setdefault(kind, [])
        at = 0
        while at < len(text):
            here = [phrase for phrase in phrases.get(text[at], ()) if text.startswith(phrase, at)]
            longest = max(here, key=len, default="")
            hits += [longest] if longest else []
            at += len(longest) or 1
    found[SHOP.name] = [phrase for kind in SHOP_OF for phrase in found[kind]]
    densities = {}
    for kind_of in (*KINDS, SHOP):
        hits = found[kind_of.name]
        enough = len(hits) >= kind_of.least_hits and len(set(hits)) >= kind_of.least_different
        spoken = not kind_of.spoken_by or any(word in text for word in kind_of.spoken_by)
        densities[f"{kind_of.name}_density"] = _share(1000 * len(hits), characters) if enough and spoken else 0.0
    return densities


@cache
def _phrases_by_first_character() -> dict[str, dict[str, list[str]]]:
    by_kind: dict[str, dict[str, list[str]]] = {}
    for kind in KINDS:
        lines = (FILTERS / f"{kind.name}_phrases.txt").read_text(encoding="utf-8").splitlines()
        phrases = {*(line for line in lines if line and not line.startswith("#")), *kind.composed}
        by_first = by_kind.setdefault(kind.name, {})
        for phrase in phrases:
            by_first.setdefault(phrase[0], []).append(phrase)
    return by_kind


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


ADVERTISEMENT = "お気軽にご相談ください。当社のサービスはAmazonで見る。開催日時と会場、参加費は利用規約による。"


def _milliseconds(function: Callable[[str], object], texts: Sequence[str], runs: int = RUNS) -> float:
    """The median over ``runs`` runs of the CPU time for one text of ``texts``."""
    times = []
    for _ in range(runs):
        started = time.process_time_ns()
        for text in texts:
            function(text)
        times.append((time.process_time_ns() - started) / len(texts) / 1e6)
    return sorted(times)[runs // 2]


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
            ("llm-jp-v1, all measures", preset("llm-jp-v1").measure, texts),
        ]
        print(f"{characters:>10}  {'plain Python, all measures of swallow-code':<44}{plain:>8.3f}{1:>8.1f}")
        for name, function, given in rows:
            taken = _milliseconds(function, given)
            print(f"{characters:>10}  {name:<44}{taken:>8.3f}{plain / taken:>8.1f}")
        selling = [text + ADVERTISEMENT * (characters // 500) for text in texts]
        for text in (*texts, *menus, *selling):
            measured = measure_phrases(text)
            assert all(measured[name] == value for name, value in plain_phrases(text).items())
        plain = _milliseconds(plain_phrases, selling)
        print(f"{characters:>10}  {'plain Python, phrases':<44}{plain:>8.3f}{1:>8.1f}")
        taken = _milliseconds(measure_phrases, selling)
        print(f"{characters:>10}  {'tesuki, phrases':<44}{taken:>8.3f}{plain / taken:>8.1f}")
        if find_spec("fugashi"):
            split = _milliseconds(unidic_words, texts[:1], runs=3)
            print(f"{characters:>10}  {'the words of fineweb2-ja (UniDic)':<44}{split:>8.3f}")
            all_of_it = _milliseconds(preset("fineweb2-ja").measure, texts[:1], runs=3)
            print(f"{characters:>10}  {'fineweb2-ja, all measures':<44}{all_of_it:>8.3f}{split / all_of_it:>8.1f}")


if __name__ == "__main__":
    main()
