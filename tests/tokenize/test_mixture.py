"""The mixture in whole tokens: exact ratios, exact sums, and one free subset fitted to a budget."""

from __future__ import annotations

import csv
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tesuki.tokenize.mixture import Mixture, MixtureRow, counted_row, fit_tokens
from tesuki.tokenize.repeats import format_repeats, parse_repeats

LLM_JP_4 = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "mixtures" / "llm-jp-4-phase1.tsv"

RATIOS = st.fractions(min_value=0, max_value=9, max_denominator=1000)
COUNTS = st.integers(0, 10**14)


@pytest.mark.shared
@pytest.mark.skipif(not LLM_JP_4.is_file(), reason="LLM-jp-4's published token counts are not beside the project")
def test_llm_jp_4_phase_1_comes_to_its_published_total() -> None:
    with LLM_JP_4.open(encoding="utf-8", newline="") as lines:
        rows = [
            counted_row(line["subset"], int(line["tokens"]), parse_repeats(line["repeats"]))
            for line in csv.DictReader(lines, delimiter="\t")
        ]
    mixture = Mixture(tuple(rows))
    assert len(mixture.rows) == 139
    assert mixture.training_tokens == 22_074_871_647_659
    assert mixture.unique_tokens == 10_083_812_123_589


def test_a_mixture_small_enough_to_add_by_hand() -> None:
    web = counted_row("web", 1001, Fraction(1, 2))  # 500.5: half a token is left out
    wiki = counted_row("wiki", 100, Fraction(3))
    closed = counted_row("closed", 5000, Fraction(0))
    mixture = Mixture((web, wiki, closed))
    assert [row.training_tokens for row in mixture.rows] == [500, 300, 0]
    assert (mixture.unique_tokens, mixture.training_tokens) == (6101, 800)
    assert [mixture.share(row) for row in mixture.rows] == [Fraction(5, 8), Fraction(3, 8), Fraction(0)]


def test_an_empty_mixture_has_no_shares() -> None:
    row = counted_row("web", 10, Fraction(0))
    assert Mixture((row,)).share(row) == 0


def test_a_subset_stands_once() -> None:
    with pytest.raises(ValueError, match="'web' has 2 rows"):
        Mixture((counted_row("web", 1, Fraction(1)), counted_row("web", 2, Fraction(1))))


def test_negative_counts_are_refused() -> None:
    with pytest.raises(ValueError, match="'web'"):
        counted_row("web", -1, Fraction(1))


@given(tokens=COUNTS, repeats=RATIOS)
def test_a_counted_row_is_the_floor_of_the_product(tokens: int, repeats: Fraction) -> None:
    training = counted_row("web", tokens, repeats).training_tokens
    assert training <= tokens * repeats < training + 1


@given(
    others=st.lists(st.tuples(COUNTS, RATIOS), max_size=5),
    free_tokens=st.integers(1, 10**14),
    extra=COUNTS,
)
def test_a_fitted_mixture_gives_the_budget_to_the_token(
    others: list[tuple[int, Fraction]], free_tokens: int, extra: int
) -> None:
    rows = [counted_row(str(n), tokens, ratio) for n, (tokens, ratio) in enumerate(others)]
    rows.append(counted_row("free", free_tokens, Fraction(1)))
    budget = Mixture(tuple(rows[:-1])).training_tokens + extra
    fitted = Mixture(fit_tokens(rows, "free", budget))
    assert fitted.training_tokens == budget
    assert fitted.rows[:-1] == tuple(rows[:-1])
    # The ratio, not only the count, is exact: counting again with it gives the same row.
    assert counted_row("free", free_tokens, fitted.rows[-1].repeats) == fitted.rows[-1]


@pytest.mark.parametrize(
    ("free", "total", "message"),
    [("lost", 10, "web, wiki"), ("web", 99, "alone give 100"), ("wiki", 100, "has no tokens")],
)
def test_a_budget_that_cannot_be_met_says_why(free: str, total: int, message: str) -> None:
    rows: list[MixtureRow] = [counted_row("web", 100, Fraction(1)), counted_row("wiki", 0, Fraction(1))]
    if free == "web":
        rows[1] = counted_row("wiki", 100, Fraction(1))
    with pytest.raises(ValueError, match=message):
        fit_tokens(rows, free, total)


@pytest.mark.parametrize(
    ("written", "ratio"),
    [
        ("2", Fraction(2)),
        ("0.5", Fraction(1, 2)),
        (" 3/4 ", Fraction(3, 4)),
        (0.1, Fraction(1, 10)),
        (8, Fraction(8)),
        (0, Fraction(0)),
    ],
)
def test_repeats_are_read_exactly(written: str | int | float, ratio: Fraction) -> None:
    assert parse_repeats(written) == ratio


@pytest.mark.parametrize("written", ["", "-1", "1/0", "nan", "inf", "1e9", "½", "2x", "1/-2", "0x10", "9" * 40, -0.5])
def test_other_repeats_are_refused(written: str | float) -> None:
    with pytest.raises(ValueError, match="expected a whole number"):
        parse_repeats(written)


@given(RATIOS)
def test_written_repeats_read_back(ratio: Fraction) -> None:
    assert parse_repeats(format_repeats(ratio)) == ratio
