"""Footers: ours takes only trailing lines that are only footer; the published one is there for comparison."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tesuki.filters.footer import footer_start, is_footer_line
from tesuki.filters.footer_swallow import FOOTER_WORDS, is_published_footer, published_states
from tesuki.filters.footer_words import FooterWords, footer_words

BODY = "川の水は山から来る。\n雨が降れば増え、晴れが続けば減る。"


@pytest.mark.parametrize(
    "footer",
    [
        "お問い合わせ",
        "ホーム｜会社概要｜お問い合わせ｜サイトマップ",
        "コメント (3) トラックバック(0)",
        "Copyright (C) 2008-2024 Example Inc. All Rights Reserved.",
        "© 2024 見本商店",
        "© 2007-2015\n見本商店",
        "Copyright (C) 2007, 2015\n見本商店 東京都\n, 見本商店, All rights reserved.",
        "(c)\nExample\nお問い合わせ",
        "本サイトの記事・写真の無断転載を禁じます。",
        "Powered by Example 3.2",
        "« 前の記事 | 次の記事 »",
        "材料研究室ホームページへ戻る",
        "関連記事\n- 山の歩き方\n- 海の歩き方 -- 砂浜を行く",
        "【人気の記事】\n・山の歩き方\n\n・海の歩き方\nコメント",
        "関連記事\n\nいいね！ ツイート\n\nプライバシーポリシー\n(C) 2020 Example",
    ],
)
def test_trailing_footers_go_and_the_body_stays(footer: str) -> None:
    assert f"{BODY}\n{footer}"[: footer_start(f"{BODY}\n{footer}")] == BODY


@pytest.mark.parametrize(
    "text",
    [
        "お知らせ\n本日は休業します。明日は通常どおり営業いたします。",
        f"関連リンク\n{BODY}",
        f"{BODY}\nサイトマップの作り方を説明しました。",
        f"{BODY}\n転載を禁じられているため、手で写した。",
        f"{BODY}\n検索エンジン",
        f"{BODY}\n著者 見本太郎",
        f"{BODY}\n© 2015 に始まった話\n見本太郎",
        f"{BODY}\n© 2015\n雨が降った。",
        "© 2015\n見本太郎",
        f"{BODY}\nCopyrightは作者にある。次の章で述べる。",
        f"{BODY}\n無断転載を禁じます。ただし、学校では使えます。",
        "お問い合わせ\nサイトマップ",
        "",
        "\n\n",
        f"{BODY}\n2024",
        f"{BODY}\n- 山の歩き方\n- 海の歩き方",
        f"{BODY}\n参考文献\n- 山の歩き方\n- 海の歩き方",
        f"{BODY}\n関連記事\n- 山の歩き方を述べる。海の歩き方は次に述べる。",
        f"{BODY}\n関連記事\n山の歩き方\n- 海の歩き方",
        f"{BODY}\nサイトマップ\n- 海の歩き方",
        f"{BODY}\n彼は、きょうもホームに戻る",
        f"{BODY}\n" + "検索 " * 60 + "の歴史",
    ],
)
def test_bodies_are_left_whole(text: str) -> None:
    assert footer_start(text) == len(text)


def test_blank_lines_between_footers_go_those_before_stay() -> None:
    assert footer_start(f"{BODY}\n\nサイトマップ\n\n検索\n") == len(f"{BODY}\n")


def test_the_words_are_data() -> None:
    words = footer_words(
        ["label\tまたね", "notice\t写すな", "opening\t終", "claim\t持ち主", "return\t帰る", "heading\t他"]
    )
    assert words == FooterWords(("またね",), ("写すな",), ("終",), ("持ち主",), ("帰る",), ("他",))
    assert all(
        is_footer_line(line, words) for line in ("またね", "この絵を写すな。", "終 わり", "我ら持ち主", "家に帰る")
    )
    assert not is_footer_line("検索", words)
    with pytest.raises(ValueError, match="'menu': write one of label, notice, opening, claim, return, heading, a tab"):
        footer_words(["menu"])


def test_a_table_without_words_finds_no_footer() -> None:
    assert not is_footer_line("検索", FooterWords((), (), (), ()))


@settings(max_examples=100)
@given(st.text(max_size=40), st.sampled_from(["、", "，"]), st.sampled_from(["。", "．"]))
def test_punctuation_makes_no_difference(line: str, comma: str, stop: str) -> None:
    """What makes mending idempotent: a footer is found before and after punctuation is mended, or never."""
    western = line + "，検索．"
    assert is_footer_line(western) == is_footer_line(western.replace("，", comma).replace("．", stop))


@pytest.mark.parametrize("line", ["PRESS", "https://a.jp", "その他の記事はこちら", "検索のポイント。"])
def test_lines_the_published_code_takes_for_footers(line: str) -> None:
    """Seen with the published function itself; ours keeps all four."""
    assert is_published_footer(line)
    assert not is_footer_line(line)


def test_the_published_share_is_strict() -> None:
    assert not is_published_footer("comments")
    assert not is_published_footer("いいね" + "山" * 7), "3 of 10 letters is not more than 0.3"
    assert is_published_footer("いいね" + "山" * 6)


def test_the_published_cut_takes_everything_behind_a_heading() -> None:
    text = "お知らせ\n本日は休業します。明日は通常どおり営業いたします。"
    assert published_states(text) == [len(text), 0]
    body = "\n".join(f"{number}番目の文です。" for number in range(20))
    assert published_states(f"{body}\n関連リンク\n山の話。") == [len(f"{body}\n関連リンク\n山の話。"), len(body)]


def test_the_published_cut_looks_at_ten_lines_and_is_repeated_until_it_rests() -> None:
    text = "\n".join(["山の話。", *["検索"] * 14])
    assert published_states(text) == [len(text), len("\n".join(["山の話。", *["検索"] * 4])), len("山の話。")]


def test_published_words_are_seventy_longest_first() -> None:
    assert len(FOOTER_WORDS) == len(set(FOOTER_WORDS)) == 70
    assert [len(word) for word in FOOTER_WORDS] == sorted(map(len, FOOTER_WORDS), reverse=True)
