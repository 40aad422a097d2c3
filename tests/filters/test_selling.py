"""How densely a page sells: many phrases of more than one kind, never the talk about one."""

from __future__ import annotations

from tesuki.filters.presets import preset
from tesuki.filters.selling import measure_selling

SHOP = "この商品はAmazonで見ることができます。楽天で価格を調べると送料無料でした。" * 5
TALK = "図書館の貸し出しランキングについて考える。ランキングは何を語り、何を語らないか。" * 10


def test_a_shop_is_told_from_talk_about_one() -> None:
    assert measure_selling(SHOP)["selling_phrases"] == 15
    assert measure_selling(SHOP)["selling_density"] == 15_000 / len(SHOP)
    assert measure_selling(TALK)["selling_phrases"] == 20
    assert measure_selling(TALK)["selling_density"] == 0, "one phrase over and over is a subject"
    assert measure_selling("") == {"selling_phrases": 0, "selling_density": 0}


def test_few_phrases_in_a_long_text_are_no_shop() -> None:
    long = SHOP + "川の水は山から来る。" * 1_000
    assert preset("tesuki").judge(SHOP).rule == "selling"
    assert measure_selling(long)["selling_density"] < 3
