"""Train, valid and test share no host and no cluster."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tesuki.tokenize.splits import SplitFractions, split_of

TENTHS = SplitFractions(valid=Fraction(1, 10), test=Fraction(1, 10))
HOSTS = st.from_regex(r"[a-z]{1,8}\.(example|invalid)", fullmatch=True)


@given(host=HOSTS, one=st.text(), other=st.text())
def test_a_host_is_in_one_split(host: str, one: str, other: str) -> None:
    assert split_of(host, one, TENTHS) == split_of(host, other, TENTHS)
    assert split_of(f"www.{host.upper()}.", one, TENTHS) == split_of(host, one, TENTHS)


@given(host=HOSTS, document=st.text())
def test_test_only_documents_are_in_test_or_nowhere(host: str, document: str) -> None:
    everyone = split_of(host, document, TENTHS)
    assert split_of(host, document, TENTHS, test_only=True) == ("test" if everyone == "test" else None)


def test_documents_without_a_host_are_decided_by_their_cluster() -> None:
    splits = {split_of("", str(number), TENTHS) for number in range(200)}
    assert splits == {"train", "valid", "test"}


def test_the_fractions_are_met() -> None:
    # 20,000 hosts at 1/10: standard deviation sqrt(20000 × .09) = 42; 5 of them is 212.
    splits = [split_of(f"host{number}.example", "", TENTHS) for number in range(20_000)]
    assert abs(splits.count("test") - 2000) < 212
    assert abs(splits.count("valid") - 2000) < 212


@given(host=HOSTS)
def test_a_larger_test_fraction_keeps_what_was_in_test(host: str) -> None:
    if split_of(host, "", TENTHS) == "test":
        assert split_of(host, "", SplitFractions(valid=Fraction(0), test=Fraction(1, 5))) == "test"


def test_nothing_held_back_is_all_train_and_all_held_back_is_all_test() -> None:
    nothing, everything = SplitFractions(Fraction(0), Fraction(0)), SplitFractions(Fraction(0), Fraction(1))
    assert {split_of(f"{n}.example", "", nothing) for n in range(50)} == {"train"}
    assert {split_of(f"{n}.example", "", everything) for n in range(50)} == {"test"}


@pytest.mark.parametrize(("valid", "test"), [(Fraction(-1, 10), Fraction(0)), (Fraction(1, 2), Fraction(3, 5))])
def test_impossible_fractions_are_refused(valid: Fraction, test: Fraction) -> None:
    with pytest.raises(ValueError, match="at most 1"):
        SplitFractions(valid=valid, test=test)
