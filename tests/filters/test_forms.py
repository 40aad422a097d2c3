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
COMMITTEE = "\n".join(
    f"{who}{said}"
    for who, said in [
        ("【田中座長】", "　それでは、議題の二に移ります。事務局から説明をお願いします。"),
        ("【事務局】", "　資料三を御覧ください。昨年度の調査の結果をまとめたものでございます。"),
        ("【山本委員】", "　調査の対象が少ないように見えますが、どのように選ばれたのでしょうか。"),
        ("事務局：", "全国の観測所から、二十年以上の記録があるところを選んでおります。"),
    ]
)
PAPER = "\n".join(
    [
        "河川の水位と舟運の変遷",
        "本研究では、帳面に残る水位の記録を集め、舟運の変遷との関係を明らかにする。",
        "参考文献",
        "[1] 山田太郎：近世の舟運，川の学会論文集，Vol. 12，pp. 3–14，1998．",
        "[2] J. Smith, Rivers and Boats, Example Press, 2004.",
        "3) 鈴木花子（2010）「帳面に見る水位」『川と暮らし』第3巻，川書房",
        "田中三郎（2015）『水の記録』川書房．",
        "(5) Brown, A. et al.: Water levels in old records, Journal of Rivers, 2018.",
    ]
)
PROSE = (
    "吾輩は猫である。名前はまだ無い。どこで生れたかとんと見当がつかぬ。何でも薄暗いじめじめした所でニャーニャー泣いて"
    "いた事だけは記憶している。吾輩はここで始めて人間というものを見た。しかもあとで聞くとそれは書生という人間中で一番"
    "獰悪な種族であったそうだ。この書生というのは時々我々を捕えて煮て食うという話である。しかしその当時は何という考も"
    "なかったから別段恐しいとも思わなかった。ただ彼の掌に載せられてスーと持ち上げられた時何だかフワフワした感じがあった"
    "ばかりである。掌の上で少し落ちついて書生の顔を見たのがいわゆる人間というものの見始であろう。この時妙なものだと"
    "思った感じが今でも残っている。"
)
"""The beginning of 吾輩は猫である (Natsume Sōseki, 1905, in the public domain)."""
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
        (COMMITTEE, "form_minutes"),
        (PAPER, "form_paper"),
        (PAPER.replace("参考文献", "参考文献について述べる。"), None),
        (PAPER.replace("[1] 山田", "第一に山田").replace("1998", ""), None),
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
    assert measure_forms(PAPER)["references"] == 5


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


def test_a_paper_may_have_much_english_and_a_page_may_not() -> None:
    abstract = "The water level fell within a few years and boats were given up, as old records of the harbour tell.\n"
    paper = abstract * 5 + PROSE + "\n" + PAPER
    assert measure_forms(paper)["form_paper"]
    assert 0.4 < preset("tesuki").measure(paper)["foreign_share"] < 0.6
    assert preset("tesuki").judge(paper).keep
    assert preset("tesuki").judge(paper.replace("参考文献", "文献など")).rule == "foreign_share"
    assert preset("tesuki").judge(abstract * 12 + paper).rule == "foreign_share_of_papers"
