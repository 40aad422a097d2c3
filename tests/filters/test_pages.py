"""Documents in pages: what is known of them stands in place of what the text alone says, and rules may use it."""

from __future__ import annotations

import pytest

from tesuki.filters.measure_sets import measures_of_set
from tesuki.filters.optional_rules import optional_stages
from tesuki.filters.pages import measure_pages, page_measures
from tesuki.filters.presets import measure_until_rejected, preset
from tesuki.filters.stages import Stage

PROSE = (
    "吾輩は猫である。名前はまだ無い。どこで生れたかとんと見当がつかぬ。何でも薄暗いじめじめした所でニャーニャー泣いて"
    "いた事だけは記憶している。吾輩はここで始めて人間というものを見た。しかもあとで聞くとそれは書生という人間中で一番"
    "獰悪な種族であったそうだ。この書生というのは時々我々を捕えて煮て食うという話である。しかしその当時は何という考も"
    "なかったから別段恐しいとも思わなかった。ただ彼の掌に載せられてスーと持ち上げられた時何だかフワフワした感じがあった"
    "ばかりである。掌の上で少し落ちついて書生の顔を見たのがいわゆる人間というものの見始であろう。この時妙なものだと"
    "思った感じが今でも残っている。"
)
"""The beginning of 吾輩は猫である (Natsume Sōseki, 1905, in the public domain)."""


UNPAGED = {"pages": 1, "form_unpaged": 1.0}


def test_a_text_is_one_page() -> None:
    assert (
        measure_pages("水位 \n報告\ufffd\ue123")
        == {"pages": 1, "characters_a_page": 6, "garbled_share": 2 / 6} | UNPAGED
    )
    assert measure_pages("") == {"pages": 1, "characters_a_page": 0, "garbled_share": 0} | UNPAGED


def test_what_is_known_stands_in_place_of_what_the_text_says() -> None:
    known = page_measures(len(PROSE), 0, 90)
    measures = preset("tesuki").measure(PROSE, known)
    assert (measures["pages"], measures["characters_a_page"]) == (90, len(PROSE) / 90)
    alone = preset("tesuki").measure(PROSE)
    assert {name for name in measures if measures[name] != alone[name]} == {
        "pages",
        "characters_a_page",
        "form_unpaged",
    }
    further = preset("swallow-code").with_stages(*(Stage(measure, ()) for measure in measures_of_set("tesuki")))
    assert further.measure(PROSE, known)["tesuki:pages"] == 90
    assert "pages" not in preset("swallow-code").measure(PROSE, known)


@pytest.mark.parametrize(
    ("known", "bounds", "rule"),
    [
        (page_measures(len(PROSE), 0, 4), {}, None),
        (page_measures(len(PROSE), 0, 8), {}, "characters_a_page"),
        (page_measures(len(PROSE), 0, 8), {"characters_a_page": 5}, None),
        (page_measures(len(PROSE), len(PROSE) // 40, 4), {}, "garbled_share"),
        (page_measures(len(PROSE), len(PROSE) // 40, 4), {"garbled_share": None}, None),
        (page_measures(len(PROSE), 0, 4), {"pages": 3}, "pages"),
        (page_measures(len(PROSE), 0, 4), {"pages": 4}, None),
    ],
)
def test_rules_judge_by_pages(known: dict[str, float], bounds: dict[str, float | None], rule: str | None) -> None:
    chosen = preset("tesuki").with_stages(*optional_stages(["pages"])).with_bounds(bounds)
    assert chosen.judge(PROSE, known).rule == rule
    assert chosen.examine(PROSE, known)[1].rule == rule
    assert measure_until_rejected(chosen.stages, PROSE, known)[1].rule == rule


def test_what_is_not_set_in_pages_is_not_judged_by_them() -> None:
    lower = preset("tesuki").with_bounds({"characters": 3})
    assert lower.judge("短い。").rule == "whole_sentences"
    assert lower.judge("短い。", page_measures(3, 0, 1)).rule == "characters_a_page"
