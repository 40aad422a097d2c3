"""Forms on real texts whose term of protection is over, and on lines as assemblies' systems write them."""

from __future__ import annotations

import pytest

from tesuki.filters.forms import measure_forms
from tesuki.filters.presets import preset

CONSTITUTION = """第十条　日本国民たる要件は、法律でこれを定める。
第十一条　国民は、すべての基本的人権の享有を妨げられない。この憲法が国民に保障する基本的人権は、侵すこと\
のできない永久の権利として、\
現在及び将来の国民に与へられる。
第十二条　この憲法が国民に保障する自由及び権利は、国民の不断の努力によつて、これを保持しなければならない\
。又、国民は、これを濫用して\
はならないのであつて、常に公共の福祉のためにこれを利用する責任を負ふ。
第十三条　すべて国民は、個人として尊重される。生命、自由及び幸福追求に対する国民の権利については、公共の\
福祉に反しない限り、立法その他の\
国政の上で、最大の尊重を必要とする。
第十四条　すべて国民は、法の下に平等であつて、人種、信条、性別、社会的身分又は門地により、政治的、経済的\
又は社会的関係において、\
差別されない。
第十六条　何人も、損害の救済、公務員の罷免、法律、命令又は規則の制定、廃止又は改正その他の事項に関し、平\
穏に請願する権利を有し、\
何人も、かかる請願をしたためにいかなる差別待遇も受けない。
第十八条　何人も、いかなる奴隷的拘束も受けない。又、犯罪に因る処罰の場合を除いては、その意に反する苦役に\
服させられない。
第十九条　思想及び良心の自由は、これを侵してはならない。
第二十三条　学問の自由は、これを保障する。"""
"""Of the Constitution of Japan (1946)."""

OLD_CONSTITUTION = """第一條　大日本帝國ハ萬世一系ノ天皇之ヲ統治ス
第二條　皇位ハ皇室典範ノ定ムル所ニ依リ皇男子孫之ヲ繼承ス
第三條　天皇ハ神聖ニシテ侵スヘカラス
第四條　天皇ハ國ノ元首ニシテ統治權ヲ總攬シ此ノ憲法ノ條規ニ依リ之ヲ行フ
第五條　天皇ハ帝國議會ノ協贊ヲ以テ立法權ヲ行フ
第六條　天皇ハ法律ヲ裁可シ其ノ公布及執行ヲ命ス
第七條　天皇ハ帝國議會ヲ召集シ其ノ開會閉會停會及衆議院ノ解散ヲ命ス
第八條　天皇ハ公共ノ安全ヲ保持シ又ハ其ノ災厄ヲ避クル爲緊急ノ必要ニ由リ帝國議會閉會ノ場合ニ於テ法律ニ代ルヘキ勅令ヲ發ス
第九條　天皇ハ法律ヲ執行スル爲ニ又ハ公共ノ安寧秩序ヲ保持シ及臣民ノ幸福ヲ增進スル爲ニ必要ナル命令ヲ發シ又\
ハ發セシム但シ命令ヲ以テ\
法律ヲ變更スルコトヲ得ス
第十一條　天皇ハ陸海軍ヲ統帥ス
第十三條　天皇ハ戰ヲ宣シ和ヲ講シ及諸般ノ條約ヲ締結ス
第十五條　天皇ハ爵位勳章及其ノ他ノ榮典ヲ授與ス"""
"""Of the Constitution of the Empire of Japan (1889): katakana, and no full stop."""

RAIN = """雨ニモマケズ
風ニモマケズ
雪ニモ夏ノ暑サニモマケヌ
丈夫ナカラダヲモチ
慾ハナク
決シテ瞋ラズ
イツモシヅカニワラッテヰル
一日ニ玄米四合ト
味噌ト少シノ野菜ヲタベ
アラユルコトヲ
ジブンヲカンジョウニ入レズニ
ヨクミキキシワカリ
ソシテワスレズ
野原ノ松ノ林ノ蔭ノ
小サナ萱ブキノ小屋ニヰテ
東ニ病気ノコドモアレバ
行ッテ看病シテヤリ
西ニツカレタ母アレバ
行ッテソノ稲ノ束ヲ負ヒ
南ニ死ニサウナ人アレバ
行ッテコハガラナクテモイヽトイヒ
北ニケンクヮヤソショウガアレバ
ツマラナイカラヤメロトイヒ
ヒドリノトキハナミダヲナガシ
サムサノナツハオロオロアルキ
ミンナニデクノボートヨバレ
ホメラレモセズ
クニモサレズ
サウイフモノニ
ワタシハナリタイ"""
"""雨ニモマケズ (Miyazawa Kenji, 1931)."""

FIRST_LOVE = """まだあげ初めし前髪の
林檎のもとに見えしとき
前にさしたる花櫛の
花ある君と思ひけり
やさしく白き手をのべて
林檎をわれにあたへしは
薄紅の秋の実に
人こひ初めしはじめなり
わがこゝろなきためいきの
その髪の毛にかゝるとき
たのしき恋の盃を
君が情に酌みしかな
林檎畑の樹の下に
おのづからなる細道は
誰が踏みそめしかたみぞと
問ひたまふこそこひしけれ"""
"""初恋 (Shimazaki Tōson, 1896)."""


@pytest.mark.parametrize(
    ("text", "forms", "rule"),
    [
        (CONSTITUTION, ["form_statute"], None),
        (OLD_CONSTITUTION, ["form_statute", "form_katakana"], None),
        (RAIN, ["form_katakana"], None),
        (FIRST_LOVE, ["form_verse"], "characters"),
    ],
    ids=["statute", "statute in katakana", "verse in katakana", "verse"],
)
def test_real_texts_are_told_and_judged_as_their_form(text: str, forms: list[str], rule: str | None) -> None:
    """The last is verse, and of fewer than 200 characters: a poem alone on its page is too little to train on."""
    measures = measure_forms(text)
    assert [name for name, value in measures.items() if name.startswith("form_") and value] == forms
    assert preset("tesuki").judge(text).rule == rule


@pytest.mark.parametrize(
    "line",
    [
        "○委員長（山田太郎君）　これより会議を開きます。",
        "○山田委員長 ただいまから議会運営委員会を開会いたします。",
        "○日向委員長  それでは、審査日程に入らせていただきます。",
        "○委員長山田太郎) 急遽お集まりいただき、ありがとうございます。",
        "○理事長山田太郎) ただいまから、理事会を開会する。",
        "山田委員長)ただ今から,議会運営委員会を開会いたします。",
        "◆佐藤議員　質問があります。",
        "○（山田花子委員）",
        "○1番（山田太郎君） 質問があります。",
        "○総務課長（山田太郎君） ご説明いたします。",
    ],
)
def test_turns_are_told_as_assemblies_write_them(line: str) -> None:
    """Forms of six systems of assemblies, with other names."""
    assert measure_forms(line)["minutes_turns"] == 1


@pytest.mark.parametrize(
    "line",
    [
        "○（議事日程）",
        "○議事日程（第７号）",
        "参加者は（田中部長）までご連絡ください。",
        "会長の挨拶、知事の祝辞（代読）と続いた。",
        "●営業時間（平日）",
    ],
)
def test_headings_and_sentences_are_no_turns(line: str) -> None:
    assert measure_forms(line)["minutes_turns"] == 0


def test_articles_are_told_without_their_first_character() -> None:
    """As one collection of laws writes them."""
    text = "\n".join(f"{number}条 (定義)\n1項 この法律において、次に定める。" for number in range(1, 6))
    assert measure_forms(text)["statute_articles"] == 5
