"""Forms of text: told by evidence, and spared what prose is held to."""

from __future__ import annotations

import pytest

from tesuki.filters.forms import measure_forms
from tesuki.filters.presets import preset

OTHERS = (
    "この法律は、海岸の環境を保ち、もつて国民の健康で文化的な生活に寄与することを目的とする。",
    "この法律において「海岸」とは、満潮の水際線から百メートルまでの陸地をいう。",
    "前二条の規定に違反した者は、三十万円以下の罰金に処する。",
    "港湾管理者は、工事の完了したときは、遅滞なくその旨を公示するものとする。",
)
WHO = ("都道府県知事", "市町村長", "主務大臣", "環境大臣")
SAME = "は、計画を定めるときは、審議会の意見を聴き、これを公表するものとする。"
STATUTE = "\n".join(
    f"第{2 * number + 1}条　{other}\n第{2 * number + 2}条　{who}{SAME}"
    for number, (other, who) in enumerate(zip(OTHERS, WHO, strict=True))
)
MINUTES = "\n".join(
    f"○{who}（{name}君）　{said}"
    for who, name, said in [
        ("委員長", "山田太郎", "これより会議を開きます。質疑の申出がありますので、順次これを許します。"),
        ("川口委員", "川口花子", "上流の堤防について伺います。昨年の出水のあと、どのような点検をされたのでしょうか。"),
        ("土木部長", "谷三郎", "お答えいたします。全ての箇所を職員が歩いて点検し、三か所で補修をいたしました。"),
        ("委員長", "山田太郎", "これにて質疑を終わります。ほかに御発言がなければ、討論に入ります。"),
        ("川口委員", "川口花子", "賛成の立場から申し上げます。堤防の補修は、暮らしを守る土台でございます。"),
    ]
)
QUESTIONS = "\n".join(
    f"Q{number}. {question}\nA{number}. {answer}"
    for number, (question, answer) in enumerate(
        [
            ("申し込みの方法を教えてください。", "窓口か郵便でお申し込みいただけます。"),
            ("費用はいくらですか。", "年会費はかかりません。"),
            ("途中でやめられますか。", "いつでもおやめになれます。"),
        ],
        1,
    )
)
VERSE = "\n".join(
    ["みずのほとりにたちて", "われはきく　遠い鐘のね", "ゆうぐれの風はつめたく", "草の葉をゆらしてゆく"] * 4
)
KATAKANA = (
    "第一條　官吏ハ法律命令ヲ遵守シ其ノ職務ヲ盡スヘシ\n第二條　官吏ハ其ノ名譽ヲ重シ廉恥ヲ破ルノ所爲アルヘカラス\n"
    "第三條　官吏ハ職權ヲ濫用セス懇切公平ナルコトヲ務ムヘシ"
)
MENU = "\n".join(["会社概要", "お問い合わせ", "採用について", "お知らせの一覧", "アクセス"] * 5)
ESSAY = "駅から川まで歩いた。第三条という札が電柱にあった。\n質問：なぜだろう。\n誰もヲと書かない。"


@pytest.mark.parametrize(
    ("text", "form"),
    [
        (STATUTE, "form_statute"),
        (MINUTES, "form_minutes"),
        (QUESTIONS, "form_questions"),
        (VERSE, "form_verse"),
        (KATAKANA, "form_katakana"),
        (MENU, None),
        (ESSAY, None),
        ("", None),
    ],
)
def test_a_form_is_told_by_its_marks(text: str, form: str | None) -> None:
    measured = measure_forms(text)
    assert [name for name, value in measured.items() if name.startswith("form_") and value] == ([form] if form else [])


def test_the_evidence_is_recorded() -> None:
    assert measure_forms(STATUTE)["statute_articles"] == 8
    assert measure_forms(MINUTES)["minutes_turns"] == 5
    assert measure_forms(QUESTIONS)["answered_questions"] == 3
    assert measure_forms(VERSE)["verse_line_share"] == 1
    assert measure_forms(KATAKANA)["katakana_objects"] == 6


def test_a_statute_may_repeat_its_phrases_and_a_page_may_not() -> None:
    prose = STATUTE.replace("条　", "回　")
    assert preset("tesuki").judge(STATUTE).keep
    assert preset("tesuki").judge(prose).rule == "duplicate_20grams"


def test_old_officials_wrote_katakana_where_others_write_hiragana() -> None:
    old = "\n".join(f"{line}。" for line in KATAKANA.split("\n"))
    measures = preset("tesuki").measure(old)
    (rule,) = (rule for rule in preset("tesuki").rules if rule.name == "hiragana_share")
    assert rule.rejects(measures["hiragana_share"])
    assert rule.fails(measures) is None


def test_verse_needs_no_full_stops() -> None:
    lines = [
        f"{first}{second}"
        for first in ("あさの光は", "ひるの風は", "よるの雨は", "はるの月は")
        for second in ("窓をぬらして", "とおくをわたり", "きみを呼ぶだろう", "しずかにねむる", "海へとかえる")
    ]
    verse = "\n".join(lines)
    assert preset("tesuki").judge(verse).keep
    assert preset("tesuki").judge("\n".join(f"{line}1" for line in lines)).rule == "whole_sentences"
