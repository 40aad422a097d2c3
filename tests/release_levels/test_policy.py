"""Policies are read with messages that name the row and the field."""

from __future__ import annotations

import pytest

from tesuki.release_levels.decision import decide
from tesuki.release_levels.evidence import Evidence
from tesuki.release_levels.levels import Level
from tesuki.release_levels.policy import PACKAGED, PLACES, PolicyError, Row, packaged_policy, parse_policy
from tesuki.release_levels.signals import known_signals

TAKEDOWN = "  - {signal: list.takedown, level: LZ, reason: removal}\n"
HEAD = "policy: mine\nunlicensed: {level: L2, reason: none}\nrows:\n"


def test_a_small_policy() -> None:
    policy = parse_policy(
        HEAD
        + TAKEDOWN
        + "  - {signal: robots-for-ai.*, where: [header, meta], level: LX, reason: turned away}\n"
        + "  - {signal: licence.cc0, where: link, contains: /zero/, unless: [part-licence.*], "
        + "level: L1, reason: free}\n",
        "mine.yaml",
    )
    assert (policy.name, policy.unlicensed, policy.unlicensed_reason) == ("mine", Level.L2, "none")
    assert policy.rows[1] == Row("robots-for-ai.*", Level.LX, "turned away", ("header", "meta"))
    assert policy.rows[2].label == "licence.cc0 at link with /zero/ unless part-licence.* → L1"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[", "mine.yaml: not YAML"),
        ("policy: mine", r"mine.yaml: unlicensed: found nothing, expected fields level, reason"),
        ("- a", r"mine.yaml: found \['a'\], expected fields policy, unlicensed, rows"),
        ("rule: x", "mine.yaml: found field 'rule', expected only policy, unlicensed, rows"),
        ("policy: x\nunlicensed: {level: L2, reason: y}\nrows: {}", r"mine.yaml: rows: found \{\}, expected a list"),
        (
            HEAD + "  - {signal: robots.noia, level: LX, reason: x}",
            "row 1: signal: found 'robots.noia', expected a sig",
        ),
        (
            HEAD + "  - {signal: robots.noai, level: L4, reason: x}",
            "row 1: level: found level 'L4', expected one of L1",
        ),
        (HEAD + "  - {signal: robots.noai, level: 3, reason: x}", "row 1: level: found level '3', expected one of L1"),
        (HEAD + TAKEDOWN + "  - {signal: robots.noai, level: LX}", "row 2: reason: found nothing, expected a text"),
        (HEAD + "  - {signal: robots.noai, where: body, level: LX, reason: x}", "row 1: where: found 'body', expected"),
        (HEAD + "  - {signal: robots.noai, where: [], level: LX, reason: x}", "row 1: where: found an empty list"),
        (
            HEAD + "  - {signal: robots.noai, unless: licence.*, level: LX, reason: x}",
            "row 1: unless: found on a row of",
        ),
        (HEAD + "  - {sinal: robots.noai}", "row 1: found field 'sinal', expected only signal, where, contains"),
        (HEAD + "  - {signal: robots.noai, level: LX, reason: x}", "rows: found no row that withholds take-downs"),
        (HEAD + "  - {signal: list.takedown, level: LX, reason: x}", "rows: found no row that withholds take-downs"),
        (HEAD + "  - {signal: list.takedown, contains: a, level: LZ, reason: x}", "rows: found no row that withholds"),
        (HEAD.replace("L2", "L1") + TAKEDOWN, "unlicensed.level: found L1, expected L2 or stricter"),
    ],
)
def test_mistakes_are_named(text: str, message: str) -> None:
    with pytest.raises(PolicyError, match=message):
        parse_policy(text, "mine.yaml")


def test_unknown_packaged_policy() -> None:
    with pytest.raises(PolicyError, match="found 'lax', expected one of default, strict"):
        packaged_policy("lax")


@pytest.mark.parametrize("name", PACKAGED)
def test_packaged_rows_are_distinct_and_reasoned(name: str) -> None:
    rows = packaged_policy(name).rows
    assert len({row.label for row in rows}) == len(rows)
    assert all(row.reason for row in rows)


def test_strict_is_never_looser_than_default() -> None:
    """For each signal anywhere, alone on a page, strict gives the same level or a stricter one."""
    default, strict = packaged_policy("default"), packaged_policy("strict")
    for signal in known_signals():
        for where in PLACES:
            for value in ("", "locked", "metered"):
                evidence = (Evidence(signal, where, value, "test"),)
                assert decide(strict, evidence).level >= decide(default, evidence).level, evidence
