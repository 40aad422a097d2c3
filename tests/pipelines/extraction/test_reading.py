"""What a reader sees is read, whatever markup carries it, and every character of it is accounted for."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tesuki.pipelines.extraction import main_text
from tesuki.pipelines.extraction.main_text import extract_main_text
from tesuki.pipelines.extraction.writing import Tables

URL = "https://a.jp/page.html"
SENTENCE = "本文の文はこれだけです。"

SENTENCES = st.text("あいうえ漢字仮名文章", min_size=12, max_size=30).map(lambda text: f"{text}。")
INLINE_NAMES = (
    "q time label abbr bdi data mark span b i em strong a font small u x-note my-element cite dfn kbd samp var sub ins"
)
INLINE = st.sampled_from(INLINE_NAMES.split())
NAMES = st.sampled_from(
    ["", ' class="guimenuitem"', ' class="menu"', ' id="comment"', ' class="ad sidebar"', ' class="footer share"']
)
BLOCKS = st.sampled_from(
    [
        "p",
        "div",
        "li",
        "dd",
        "blockquote",
        "section",
        "summary",
        "figcaption",
        "h2",
        "pre",
        "center",
        "details",
        "dt",
        "td",
    ]
)
BREAKS = st.sampled_from(["", "<br>", "<hr>", "\n", "<br/>\n", "<wbr>", "<!-- x -->"])


@st.composite
def pieces(draw: st.DrawFn) -> tuple[str, str]:
    """One sentence, and markup in which a reader sees it."""
    sentence = draw(SENTENCES)
    markup = sentence
    for _ in range(draw(st.integers(0, 3))):
        start = draw(st.integers(0, len(sentence) - 1))
        head, word, tail = sentence[:start], sentence[start : start + 3], sentence[start + 3 :]
        if markup == sentence:
            name = draw(INLINE)
            markup = f"{head}<{name}{draw(NAMES)}>{word}</{name}>{tail}"
    if draw(st.booleans()):
        name = draw(INLINE)
        markup = f"<{name}{draw(NAMES)}>{markup}</{name}>" if name != "a" else markup
    for _ in range(draw(st.integers(0, 3))):
        block = draw(BLOCKS)
        markup = f"<{block}>{markup}</{block}>" if block != "td" else f"<table><tr><td>{markup}</td></tr></table>"
    return sentence, draw(BREAKS) + markup + draw(BREAKS)


@settings(max_examples=150, deadline=None)
@example([("あ" * 12 + "。", f"<{tag}>{'あ' * 12}。</{tag}>") for tag in ("div", "h2", "h3")], "body")
@given(st.lists(pieces(), min_size=3, max_size=12), st.sampled_from(["article", "main", "body", "div", "center"]))
def test_every_sentence_of_the_body_is_in_the_text(parts: list[tuple[str, str]], body: str) -> None:
    markup = "".join(part for _, part in parts)
    menu = "<nav><a href='/'>表紙</a></nav>"
    html = f"<html><head><title>題</title></head><body>{menu}<{body}>{markup}</{body}></body></html>"
    found = extract_main_text(html, URL)
    text = re.sub(r"\s", "", found.text)
    assert [sentence for sentence, _ in parts if sentence not in text] == []
    assert "表紙" not in text


@settings(max_examples=100, deadline=None)
@given(
    st.text("<>/apbdivtrh \"='あ漢。a\n", max_size=200),
    st.lists(
        st.sampled_from(
            [
                "<nav>目次</nav>",
                "<p>文です。</p>",
                "<table><tr><td>あ<td>い<tr><td>う<td>え</table>",
                "<ul><li><a>行</a>",
            ]
        ),
        max_size=9,
    ),
)
def test_every_character_is_accounted_for(noise: str, parts: list[str]) -> None:
    for profile in ("tesuki", "trafilatura", "speed"):
        account = extract_main_text(noise.join(parts), URL, profile=profile).account  # type: ignore[arg-type]
        assert account is not None
        assert account.closes
        assert 0 <= account.japanese_taken <= account.japanese_seen <= account.seen


FILLER = "<p>これは良いページの本文です。次の文もここにあります。</p>" * 4


def text_of(markup: str, *, ruby: bool = False, tables: Tables = "lines") -> str:
    html = f"<html><body><article>{FILLER}{markup}</article></body></html>"
    return extract_main_text(html, URL, ruby=ruby, tables=tables).text.rpartition("あります。\n")[2]


@pytest.mark.parametrize(
    ("markup", "plain", "with_readings"),
    [
        ("<ruby>漢字<rt>かんじ</rt></ruby>です。", "漢字です。", "漢字《かんじ》です。"),
        ("<ruby><rb>漢字</rb><rp>（</rp><rt>かんじ</rt><rp>）</rp></ruby>です。", "漢字です。", "漢字《かんじ》です。"),
        ("<ruby>漢<rt>かん</rt>字<rt>じ</rt></ruby>です。", "漢字です。", "漢《かん》字《じ》です。"),
        ("<ruby>漢字<rt>かんじ</ruby>です。", "漢字です。", "漢字《かんじ》です。"),
        ("<ruby>漢字<rtc><rt>かんじ</rt></rtc></ruby>です。", "漢字です。", "漢字《かんじ》です。"),
        (
            "一行目<br><ruby>漢字<rt>かんじ</rt></ruby>の続き<br>三行目",
            "一行目\n漢字の続き\n三行目",
            "一行目\n漢字《かんじ》の続き\n三行目",
        ),
    ],
)
def test_ruby(markup: str, plain: str, with_readings: str) -> None:
    assert text_of(f"<p>{markup}</p>") == plain
    assert text_of(f"<p>{markup}</p>", ruby=True) == with_readings


def test_a_reading_without_an_end_does_not_swallow_the_page() -> None:
    assert "残りの文です。" in text_of("<p><ruby>漢字<rt>かんじ" + "残りの文です。" * 30 + "</p>")


DATA = "<table><tr><th>年</th><th>事</th></tr><tr><td>1868</td><td>明治<br>改元</td></tr></table>"


@pytest.mark.parametrize(
    ("tables", "text"),
    [
        ("drop", "後の文です。"),
        ("lines", "年\t事\n1868\t明治 改元\n後の文です。"),
        ("markdown", "| 年 | 事 |\n| --- | --- |\n| 1868 | 明治 改元 |\n後の文です。"),
    ],
)
def test_data_tables(tables: Tables, text: str) -> None:
    assert text_of(f"{DATA}<p>後の文です。</p>", tables=tables) == text


def test_what_a_table_had_is_counted_where_it_is_left_out() -> None:
    html = f"<html><body><article>{FILLER}{DATA}</article></body></html>"
    account = extract_main_text(html, URL, tables="drop").account
    assert account is not None
    assert dict(account.left_out) == {"table": len("年事1868明治改元")}


def test_a_table_of_layout_is_read_as_what_stands_in_it() -> None:
    column = "<p>長い段落の文です。</p>" * 50
    assert "メニュー" not in text_of(f"<table><tr><td class=menu>メニュー</td><td>{column}</td></tr></table>")
    assert text_of(f"<table><tr><td>{column}</td></tr></table>").count("長い段落の文です。") == 50


@pytest.mark.parametrize(
    "markup",
    [
        "<pre>def f():\n    return 1\n\nprint(f())</pre>",
        "<pre><code><span class=k>def</span> f():\n    <span>return</span> 1\n\nprint(f())</code></pre>",
        (
            "<table class=highlighttable><tr><td class=linenos><pre>1\n2\n3</pre></td>"
            "<td class=code><pre>def f():\n    return 1\n\nprint(f())</pre></td></tr></table>"
        ),
    ],
)
def test_code_keeps_its_lines(markup: str) -> None:
    assert text_of(markup) == "def f():\n    return 1\nprint(f())"


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        (
            '<math><semantics><mi>x</mi><annotation encoding="application/x-tex">x^2</annotation></semantics></math>',
            r"\(x^2\)",
        ),
        ('<math display="block" alttext="y"><mi>y</mi></math>', r"\[y\]"),
        ("<math><mi>a</mi><mo>+</mo><mi>b</mi></math>", "a+b"),
        ('<script type="math/tex">z_1</script>', r"\(z_1\)"),
        (r"\(a+b\)", r"\(a+b\)"),
    ],
)
def test_formulas_survive(markup: str, text: str) -> None:
    assert text_of(f"<p>式{markup}を見る。</p>") == f"式{text}を見る。"


def test_a_statute_keeps_its_captions() -> None:
    caption = "<div class=ArticleCaption>（趣旨）</div>"
    article = f"<div class=Article>{caption}<div><span>第一条</span>　この法律は、目的を定める。</div></div>"
    assert text_of(article) == "（趣旨）\n第一条　この法律は、目的を定める。"


def test_an_old_homepage_keeps_its_bare_text() -> None:
    html = "<html><body><h1>日記</h1>はじめの文です。<hr>次の文です。<br>その次の文です。"
    html += "<h2>月曜</h2>月曜の文です。<p>終わりの文です。</body></html>"
    assert extract_main_text(html, URL).text.split("\n") == [
        *("日記", "はじめの文です。", "次の文です。", "その次の文です。", "月曜", "月曜の文です。", "終わりの文です。")
    ]


def test_definitions_summaries_and_captions_are_text() -> None:
    markup = "<dl><dt>語<dd>その意味です。</dl><details><summary>要約です。</summary>詳細です。</details>"
    markup += "<figure>図の文<figcaption>図の説明です。</figcaption></figure>"
    assert text_of(markup).split("\n") == [
        "語",
        "その意味です。",
        "要約です。",
        "詳細です。",
        "図の文",
        "図の説明です。",
    ]


def test_an_anchor_that_leads_nowhere_is_no_link() -> None:
    """Old homepages mark places with ``<a name>`` and forget its end."""
    lines = "".join(f"<a name='{i}'><div>第{i}の項目の説明です。</div>" for i in range(9))
    assert text_of(lines).count("の項目の説明です。") == 9


@pytest.mark.parametrize(("style", "asked"), [("", 1), ("display: none", 0)])
def test_no_engine_is_asked_for_what_the_markup_hides(style: str, asked: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Menus that open at a touch hold most letters of many a page; Trafilatura costs more than all the rest."""
    pages: list[str] = []
    monkeypatch.setattr(main_text, "text_of", lambda html: pages.append(html) or "")
    links = "".join(f"<li><a href=/{i}>分類の名前と説明その{i}</a>" for i in range(60))
    found = extract_main_text(f"<main><p>{SENTENCE}</main><div style='{style}'><ul>{links}</ul></div>", URL)
    assert (found.text, len(pages)) == (SENTENCE, asked)


PROSE = "<p>この記事の本文です。読者はここを読みます。</p>" * 8


@pytest.mark.parametrize(
    "tail",
    [
        "<h3>関連記事</h3><p><a href=/1>ほかの記事の題名</a></p><p><a href=/2>もう一つの題名</a></p>",
        "<section><h2>あわせて読みたい</h2><div><a href=/1>題名</a><p>その記事の要約です。</p></div></section>",
        "<div>You may also like...</div><p><a href=/1>Another title</a></p>",
        "<div class=shareLinks>みんなに知らせる</div>",
        "<p>Share on Facebook</p><p>ツイートする</p>",
        "<div class=articleDate>2024年5月6日</div>",
        "<div class=article__date>2024年5月6日</div>",
        "<div class='page__share'>みんなに知らせる</div>",
        "<div class=print-header>https://a.jp/page.html</div>",
    ],
)
def test_what_leads_on_is_left_out_and_counted(tail: str) -> None:
    found = extract_main_text(f"<html><body><article>{PROSE}{tail}</article></body></html>", URL)
    assert set(found.text.split("\n")) == {"この記事の本文です。読者はここを読みます。"}
    assert found.account is not None
    assert found.account.closes
    assert found.account.taken < found.account.seen


@pytest.mark.parametrize(
    "markup",
    [
        "<h2>関連記事</h2><p>この節では、法律の関連記事を一つずつ、順に説明していきます。</p>",
        "<section><h2>新着記事</h2>"
        + "<p>新着記事の一覧は、次の命令で得られます。長い説明が続きます。</p>" * 9
        + "</section>",
        "<p>シェアする機能の説明は、次の章にあります。</p>",
    ],
)
def test_words_that_lead_on_elsewhere_cost_no_sentence(markup: str) -> None:
    text = extract_main_text(f"<html><body><article>{PROSE}{markup}</article></body></html>", URL).text
    assert all(sentence in text for sentence in re.findall(r"<p>(.*?)</p>", markup))


def test_a_list_in_the_midst_of_a_text_does_not_take_the_rest_with_it() -> None:
    cards = "<h3>関連記事</h3><ul><li><a href=/1>ほかの記事</a></ul>"
    text = extract_main_text(f"<html><body><article>{PROSE}{cards}<p>続きの文です。</p>{PROSE}</article>", URL).text
    assert "続きの文です。" in text
    assert "ほかの記事" not in text
    assert text.count("読者はここを読みます。") == 16
