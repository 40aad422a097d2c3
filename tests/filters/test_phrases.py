"""Kinds of pages told by their phrases: many of more than one kind, never the talk about one."""

from __future__ import annotations

from pathlib import Path

import pytest

from tesuki.filters import phrases
from tesuki.filters.phrases import KINDS, measure_phrases
from tesuki.filters.presets import preset
from tesuki.filters.words import words_of

SHOP = "この商品はAmazonで見ることができます。楽天で価格を調べると送料無料でした。" * 5
TALK = "図書館の貸し出しランキングについて考える。ランキングは何を語り、何を語らないか。" * 10
FILLER = "川の水は山から来て、谷を下り、町を抜けて海へ出る。子どもたちは夏になると浅瀬で魚を追いかけた。"

POLICY = """当社は、お預かりした個人情報を適切に取り扱います。利用目的は次のとおりです。
ご本人の同意なく第三者に提供することはありません。ただし法令に基づく場合を除きます。
開示、訂正、利用停止のご請求には、ご本人であることを確かめて応じます。
個人情報の漏えいを防ぐため、安全管理の措置を講じ、委託先を監督します。
この方針は予告なく改定することがあります。"""

STATUTE = """個人情報の取扱いについては、その利用目的をできる限り特定しなければならない。
あらかじめ本人の同意を得ないで、特定された利用目的の達成に必要な範囲を超えてはならない。
偽りその他不正の手段により個人情報を取得してはならない。法令に基づく場合は、この限りでない。
個人データの安全管理のために必要な措置を講じ、委託先に対する監督を行い、第三者に提供してはならない。
本人は、開示、訂正、利用停止を請求することができる。"""

NOTICE = """秋の朗読会を開催します。
日時　10月4日　14時（開場13時30分）
会場　中央公民館　大ホール
定員　80名　参加費　500円
講師　山田花子さん
申込先　電話番号 03-0000-0000　締切　9月20日
主催　朗読の会"""

COMPANY = """弊社はお客様のご要望に合わせた最適なソリューションをご提案いたします。
経験豊富なスタッフがお見積から導入までワンストップでお手伝いし、お客様の満足度を高めます。
まずはお気軽にご相談ください。"""

CAFE = """川辺の喫茶室
静かな店内で、香り高い珈琲と焼き菓子をお楽しみください。窓の外には桜の並木が続いています。
落ち着いた席で本を読む方も、お気軽にお立ち寄りください。駅から徒歩五分、定休日は月曜日です。
営業時間は季節により変わります。ご予約は電話で承ります。アクセスは地図をご覧ください。
一杯をご用意してお待ちしています。旬の果物を使った季節の菓子もございます。"""

REVIEW = """今回はおすすめの掃除機を徹底比較します。結論から言うと、コスパと使い勝手なら一番人気の商品です。
メリットとデメリット、選び方、口コミと評判、価格を解説します。購入で後悔しないように、正直にレビューしました。
初心者にも手軽で、便利な製品です。Amazonと楽天の価格もチェックしました。こんな人に向いています。"""


@pytest.mark.parametrize(
    ("text", "kind"),
    [(SHOP, "selling"), (POLICY, "legal"), (NOTICE, "notice"), (COMPANY, "company"), (REVIEW, "recommending")],
)
def test_a_page_of_each_kind_is_told_and_goes(text: str, kind: str) -> None:
    measures = measure_phrases(text)
    dense = [each.name for each in KINDS if measures[f"{each.name}_density"] > 0]
    assert kind in dense
    rule = next(rule for rule in preset("tesuki").rules if rule.measure == f"{kind}_density")
    assert rule.rejects(measures[rule.measure])


@pytest.mark.parametrize("text", [TALK, STATUTE * 3, FILLER * 40, ""])
def test_the_talk_about_a_thing_is_of_no_kind(text: str) -> None:
    measures = measure_phrases(text)
    assert all(measures[f"{kind.name}_density"] == 0 for kind in KINDS)


def test_a_shop_states_few_facts_and_praises_itself_little() -> None:
    measures = measure_phrases(CAFE)
    assert measures["notice_density"] == measures["company_density"] == 0
    assert preset("tesuki").judge(CAFE).rule == "shops"


def test_hits_are_counted_for_each_1000_characters() -> None:
    assert measure_phrases(SHOP)["selling_phrases"] == 15
    assert measure_phrases(SHOP)["selling_density"] == 15_000 / len(SHOP)
    assert measure_phrases(TALK)["selling_phrases"] == 20


@pytest.mark.parametrize("text", [SHOP, POLICY, NOTICE, COMPANY, REVIEW])
def test_a_long_text_with_such_a_passage_stays(text: str) -> None:
    """An essay, a museum's article or a novel may hold a policy, a date and a praise."""
    measures = measure_phrases(text + FILLER * 200)
    rules = [rule for rule in preset("tesuki").rules if rule.measure.endswith("_density")]
    assert not any(rule.rejects(measures[rule.measure]) for rule in rules)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_the_lists_hold_each_phrase_once_and_without_blanks(kind: phrases.Kind) -> None:
    path = Path(phrases.__file__).with_name(f"{kind.name}_phrases.txt")
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    assert sorted(lines) == sorted(words_of(lines))
