"""Model files: what is written is read, what is damaged is refused, fastText's labels say what they are worth."""

from __future__ import annotations

import math
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tesuki.filters.linear_classifier import LinearClassifier
from tesuki.pipelines.scoring.fasttext_model import FastTextClassifier, train_fasttext, worth_of
from tesuki.pipelines.scoring.labelled_texts import Text, apart
from tesuki.pipelines.scoring.model_file import ModelFile, model_bytes, model_of, write_model
from tesuki.pipelines.scoring.models import open_model
from tesuki.pipelines.storage.sealed_json import DamagedError

WEIGHTS = np.random.default_rng(1).normal(0, 1, 1 << 8).astype(np.float32)
MODEL = ModelFile(LinearClassifier(WEIGHTS, 0.25), "CC BY-SA 4.0", {"seed": 0, "held_out": "1/5"})


def test_a_model_is_read_as_it_was_written(tmp_path: Path) -> None:
    write_model(tmp_path / "model", MODEL)
    found = open_model(tmp_path / "model")
    assert (found.licence, dict(found.training)) == ("CC BY-SA 4.0", {"seed": 0, "held_out": "1/5"})
    assert found.scorer.score("潮の満ち干を調べた。") == MODEL.classifier.score("潮の満ち干を調べた。")
    assert model_bytes(model_of(model_bytes(MODEL))) == model_bytes(MODEL)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_changed_byte_is_found(data: st.DataObject) -> None:
    content = bytearray(model_bytes(MODEL))
    place = data.draw(st.integers(0, len(content) - 1))
    content[place] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(DamagedError):
        model_of(bytes(content))


def test_a_cut_file_and_a_weight_that_is_no_number_are_refused() -> None:
    with pytest.raises(DamagedError, match="weights"):
        model_of(model_bytes(MODEL)[:-4])
    wrong = LinearClassifier(np.full(4, np.nan, np.float32), 0.0)
    with pytest.raises(DamagedError, match="no number"):
        model_of(model_bytes(ModelFile(wrong, "", {})))


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"\x80\x04\x95pickle"])
def test_another_file_is_refused(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "other").write_bytes(content)
    with pytest.raises(ValueError, match="expected a fastText file or a classifier"):
        open_model(tmp_path / "other")


def test_labels_are_for_fasttext(tmp_path: Path) -> None:
    write_model(tmp_path / "model", MODEL)
    with pytest.raises(ValueError, match="for fastText files"):
        open_model(tmp_path / "model", labels={"pos": 1.0})


# What labels are worth


def test_the_labels_of_the_published_swallow_classifiers() -> None:
    """wiki.bin: the probability of ``pos``; llm_llama.bin, llm_gemma.bin: the expected class, 0 to 3 (their card)."""
    assert worth_of(["__label__neg", "__label__pos"], {}) == {"__label__neg": 0.0, "__label__pos": 1.0}
    assert worth_of([f"__label__{n}" for n in range(4)], {}) == {f"__label__{n}": float(n) for n in range(4)}


def test_labels_that_say_nothing_are_asked_for() -> None:
    with pytest.raises(ValueError, match=r"labels: expected what each of ads, news is worth"):
        worth_of(["__label__news", "__label__ads"], {})
    assert worth_of(["__label__news", "__label__ads"], {"news": 2})["__label__news"] == 2
    with pytest.raises(ValueError, match="the model has no sport, only ads, news"):
        worth_of(["__label__news", "__label__ads"], {"sport": 1})


class Probabilities:
    """The one method of fastText's binding that is asked."""

    def __init__(self, found: list[tuple[float, str]]) -> None:
        self.f = self
        self._found = found

    def predict(self, text: str, k: int, threshold: float, on_error: str) -> list[tuple[float, str]]:
        assert text.endswith("\n")
        assert (k, threshold) == (-1, 0.0)
        return self._found


def test_the_score_is_the_expectation_as_the_card_computes_it() -> None:
    """The card: ``sum(int(label[-1]) * probability)``; by hand 0*.1 + 1*.2 + 2*.3 + 3*.4 = 2."""
    found = [(0.4, "__label__3"), (0.3, "__label__2"), (0.2, "__label__1"), (0.1, "__label__0")]
    model = FastTextClassifier(Probabilities(found), worth_of([label for _, label in found], {}), str)
    assert model.score("文") == pytest.approx(2.0)
    assert FastTextClassifier(Probabilities([]), {"a": 0.0, "b": 1.0}, str).score("") == 0.5


# fastText itself

GOOD = [f"実験の結果を測定し、考察を述べる。番号{n}" for n in range(40)]
BAD = [f"激安セール送料無料、今すぐクリック！番号{n}" for n in range(40)]


@pytest.mark.parametrize("kind", ["text", "characters", "words"])
def test_fasttext_learns_and_reads_what_it_learnt(kind: str, tmp_path: Path) -> None:
    pytest.importorskip("fasttext")
    made = train_fasttext(GOOD, BAD, kind, seed=3, epochs=10)  # type: ignore[arg-type]
    (tmp_path / "model.bin").write_bytes(made)
    model = open_model(tmp_path / "model.bin", kind)  # type: ignore[arg-type]
    good, bad = (model.scorer.score(text) for text in ("測定の\n結果を考察する。", "今すぐ\nクリック、送料無料！"))
    assert 0 <= bad < 0.4 < 0.6 < good <= 1
    assert math.isfinite(model.scorer.score(""))


def test_fasttext_is_deterministic(tmp_path: Path) -> None:
    pytest.importorskip("fasttext")
    assert train_fasttext(GOOD, BAD, "text", seed=1, epochs=2) == train_fasttext(GOOD, BAD, "text", seed=1, epochs=2)


# Apart by host

TEXTS = st.lists(
    st.builds(
        Text,
        st.text("あいうえお", min_size=1, max_size=3),
        st.sampled_from(["", *(f"https://host{n}.example/{n}" for n in range(6))]),
        st.just("file"),
    ),
    max_size=30,
)


@given(TEXTS, st.integers(1, 10), st.integers(0, 3))
def test_no_owner_is_on_both_sides_and_the_order_says_nothing(texts: list[Text], most: int, seed: int) -> None:
    learn, test = apart(texts, Fraction(1, 3), seed, most)
    assert {text.owner for text in learn}.isdisjoint(text.owner for text in test)
    assert (learn, test) == apart(texts[::-1], Fraction(1, 3), seed, most)
    for side in (learn, test):
        assert len({text.text for text in side}) == len(side) <= most
    assert apart(texts, Fraction(1), seed, 100)[0] == apart(texts, Fraction(0), seed, 100)[1] == []
