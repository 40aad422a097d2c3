"""Laws of decisions: order does not matter, restriction never loosens, L1 needs evidence."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tesuki.release_levels.decision import BINDING_PLACES, Decision, decide, matching_rows
from tesuki.release_levels.evidence import Evidence
from tesuki.release_levels.levels import Level
from tesuki.release_levels.policy import PACKAGED, PLACES, Policy, packaged_policy
from tesuki.release_levels.signals import known_signals

SWITCHED = replace(packaged_policy("default"), name="default with the switch", unlicensed=Level.L3)
POLICIES = [*(packaged_policy(name) for name in PACKAGED), SWITCHED]
EVIDENCE = st.builds(
    Evidence,
    signal=st.sampled_from(sorted(known_signals())),
    where=st.sampled_from(PLACES),
    value=st.sampled_from(["", "locked", "metered", "https://creativecommons.org/licenses/by/4.0/"]),
    rule=st.just("test"),
)
SETS = st.lists(EVIDENCE, max_size=8)
LEVELS = st.none() | st.sampled_from(Level)
POLICY = st.sampled_from(POLICIES)


def grants(policy: Policy, evidence: Evidence) -> bool:
    """Whether a row of level L1 speaks of ``evidence``: all other evidence is restrictive or neutral."""
    return any(row.level is Level.L1 and row.matches(evidence) for row in policy.rows)


@given(POLICY, SETS, st.randoms(use_true_random=False), LEVELS, LEVELS)
def test_order_and_repetition_do_not_matter(
    policy: Policy, evidence: list[Evidence], shuffler: object, default: Level | None, level: Level | None
) -> None:
    other = evidence + evidence[:2]
    shuffler.shuffle(other)  # type: ignore[attr-defined]
    first = decide(policy, evidence, subset_default=default, subset_level=level)
    assert decide(policy, other, subset_default=default, subset_level=level) == first


@given(POLICY, SETS, EVIDENCE, LEVELS, LEVELS)
def test_evidence_that_grants_nothing_never_raises_permission(
    policy: Policy, evidence: list[Evidence], more: Evidence, default: Level | None, level: Level | None
) -> None:
    if grants(policy, more):
        return
    before = decide(policy, evidence, subset_default=default, subset_level=level).level
    after = decide(policy, [*evidence, more], subset_default=default, subset_level=level).level
    assert after >= before


@given(POLICY, SETS, EVIDENCE, LEVELS)
def test_a_permission_never_lifts_a_restriction(
    policy: Policy, evidence: list[Evidence], more: Evidence, default: Level | None
) -> None:
    if not grants(policy, more):
        return
    if all(row.level is Level.L1 for row, _ in matching_rows(policy, evidence)):
        return
    before = decide(policy, evidence, subset_default=default)
    assert decide(policy, [*evidence, more], subset_default=default).level == before.level


@given(POLICY, SETS)
def test_l1_rests_on_evidence(policy: Policy, evidence: list[Evidence]) -> None:
    decision = decide(policy, evidence)
    if decision.level is Level.L1:
        assert decision.evidence
        assert any(grants(policy, each) for each in decision.evidence)
        assert len({each.signal for each in evidence if each.signal.startswith("licence.")}) <= 1 or not any(
            each.signal.startswith("licence.") for each in decision.evidence
        )


@given(POLICY, SETS, st.sampled_from(Level))
def test_a_persons_word_yields_only_to_hosts_and_lists(policy: Policy, evidence: list[Evidence], level: Level) -> None:
    binding = [each for each in evidence if each.where in BINDING_PLACES]
    decided = decide(policy, evidence, subset_level=level)
    assert decided == decide(policy, binding, subset_level=level)
    assert decided.level >= level


@pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.name)
@pytest.mark.parametrize("level", list(Level))
def test_take_down_wins_over_everything(policy: Policy, level: Level) -> None:
    evidence = [
        Evidence("list.takedown", "list", "example.jp", "list"),
        Evidence("list.allow", "list", "example.jp", "list"),
        Evidence("licence.cc0", "meta", "CC0", "test"),
    ]
    assert decide(policy, evidence).level is Level.LZ
    assert decide(policy, evidence, subset_default=level, subset_level=level).level is Level.LZ


LICENCE = Evidence("licence.cc0", "meta", "CC0", "test")


@pytest.mark.parametrize(
    ("evidence", "level"),
    [
        ([Evidence("list.allow", "list", "open.jp", "list")], Level.L1),
        ([Evidence("list.allow", "list", "open.jp", "list"), Evidence("robots.noindex", "meta", "", "t")], Level.L3),
        ([Evidence("list.allow", "list", "a.jp", "list"), Evidence("list.deny", "list", "a.jp", "list")], Level.LZ),
        ([LICENCE, Evidence("robots-txt.agent", "host", "GPTBot", "t")], Level.LX),
        (
            [LICENCE, Evidence("tdm.reserved", "host", "/", "t"), Evidence("tdm.not-reserved", "meta", "0", "t")],
            Level.LX,
        ),
        ([LICENCE, Evidence("ai-txt.disallow", "host", "*", "t")], Level.LX),
        ([LICENCE, Evidence("tdm.not-reserved", "host", "/", "t")], Level.L1),
    ],
)
def test_hosts_and_lists_by_the_default_policy(evidence: list[Evidence], level: Level) -> None:
    assert decide(packaged_policy("default"), evidence).level is level


def test_the_switch_reaches_pages_whose_licence_does_not_hold() -> None:
    reserved = Evidence("notice.all-rights-reserved", "footer", "all rights reserved", "notice.pattern")
    assert decide(SWITCHED, [LICENCE]).level is Level.L1
    assert decide(SWITCHED, [reserved]).level is Level.L3
    assert decide(SWITCHED, [LICENCE, reserved]).level is Level.L3


def test_decisions_say_what_decided() -> None:
    policy = packaged_policy("default")
    noai = Evidence("robots.noai", "meta", "noai", "robots.meta")
    licence = Evidence("licence.cc-by", "link", "https://creativecommons.org/licenses/by/4.0/", "licence.link")
    other = Evidence("licence.cc-by-sa", "footer", "https://creativecommons.org/licenses/by-sa/4.0/", "licence.footer")
    reserved = Evidence("notice.all-rights-reserved", "footer", "all rights reserved", "notice.pattern")
    assert decide(policy, [licence, noai]) == Decision(
        Level.LX, "robots.noai → LX", "the page asks not to be used for AI", (noai,)
    )
    disputed = decide(policy, [other, licence])
    assert (disputed.level, disputed.row, disputed.evidence) == (Level.L2, "disputed", (licence, other))
    assert decide(policy, [licence, reserved]).row == "notice.all-rights-reserved → L2"
    assert decide(policy, [], subset_default=Level.L1).row == "subset default"
    assert decide(policy, [reserved], subset_default=Level.L1).level is Level.L2
    assert decide(policy, [noai], subset_level=Level.L1).row == "subset level"
