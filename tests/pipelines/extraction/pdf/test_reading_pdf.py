"""Text set by a tiny layout function comes back sentence for sentence; what is no text is left out and counted."""

from __future__ import annotations

from collections.abc import Sequence
from types import ModuleType
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tesuki.pipelines.extraction.pdf.document import PdfError, iso_date, read_pdf
from tesuki.pipelines.extraction.pdf.joining import join
from tesuki.pipelines.extraction.pdf.lines import Line, lines_of
from tesuki.pipelines.extraction.pdf.repair import garbled_share, repaired
from tesuki.pipelines.extraction.pdf.writing import Mark

CAT = "吾輩は猫である。名前はまだ無い。どこで生れたかとんと見当がつかぬ。何でも薄暗いじめじめした所で泣いていた。"
SIZE = 10.0
LEADING = 17.0


def set_text(make_pdf: ModuleType, text: str, columns: int, vertical: bool, top: float = 0.0) -> list[Any]:
    """The runs of ``text``, paragraphs one a line, indented and set solid in ``columns``."""
    length = (640.0 if vertical else 475.0) - 20 * (columns - 1)
    ems = int(length / columns / SIZE)
    lines = []
    for paragraph in text.split("\n"):
        indented = "　" + paragraph
        lines += [indented[start : start + ems] for start in range(0, len(indented), ems)]
    rows = -(-len(lines) // columns)
    runs = []
    for number, line in enumerate(lines):
        column, row = divmod(number, rows)
        along, across = column * (ems * SIZE + 20), top + row * LEADING
        if vertical:
            runs.append(make_pdf.Run(520 - across, 760 - along, SIZE, line, True))
        else:
            runs.append(make_pdf.Run(60 + along, 740 - across, SIZE, line))
    return runs


SENTENCES = st.lists(
    st.builds(
        lambda words, end: words + end, st.text("山川風猫歩見のはをにがでアイ", min_size=2, max_size=40), st.just("。")
    ),
    min_size=6,
    max_size=12,
)


@pytest.mark.parametrize("vertical", [False, True], ids=["horizontal", "vertical"])
@pytest.mark.parametrize("columns", [1, 2, 3])
def test_paragraphs_come_back_in_columns_and_either_direction(
    make_pdf: ModuleType, columns: int, vertical: bool
) -> None:
    text = "\n".join([CAT * 5, CAT * 3, CAT * 4])
    found = read_pdf(make_pdf.make_pdf([set_text(make_pdf, text, columns, vertical)]))
    assert found.text == text
    assert (found.pages, found.vertical) == (1, int(vertical))


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sentences=SENTENCES, columns=st.sampled_from([1, 2]), vertical=st.booleans())
def test_no_sentence_is_torn_or_moved(
    make_pdf: ModuleType, sentences: Sequence[str], columns: int, vertical: bool
) -> None:
    text = "".join(sentences)
    text *= 1 + 400 // len(text)  # fewer than eight lines are no columns
    found = read_pdf(make_pdf.make_pdf([set_text(make_pdf, text, columns, vertical)])).text
    assert found.replace("\n", "") == text
    assert all(line.endswith("。") for line in found.split("\n"))


def test_a_title_across_columns_is_a_paragraph_of_its_own(make_pdf: ModuleType) -> None:
    title = "河川の水位と舟運の変遷に関する調査報告について"
    runs = [make_pdf.Run(120, 790, 16, title), *set_text(make_pdf, CAT * 20, 2, False)]
    found = read_pdf(make_pdf.make_pdf([runs]))
    assert found.text.split("\n") == [title, CAT * 20]
    assert found.title == title


def test_a_paragraph_goes_on_over_the_page_and_heads_and_numbers_are_left_out(make_pdf: ModuleType) -> None:
    text = "\n".join([CAT * 12, CAT * 11, CAT * 9])
    runs = set_text(make_pdf, text, 1, False)
    third = -(-len(runs) // 3)
    pages = []
    for number in range(3):
        body = runs[number * third : (number + 1) * third]
        moved = [make_pdf.Run(run.x, 740 - row * LEADING, SIZE, run.text) for row, run in enumerate(body)]
        head, foot = make_pdf.Run(60, 800, 8, "令和八年版　白書"), make_pdf.Run(290, 30, 8, f"- {number + 12} -")
        pages.append([head, *moved, foot])
    found = read_pdf(make_pdf.make_pdf(pages))
    assert found.text == text
    assert found.left_out["heads"] == 3 * len("令和八年版白書") + 3 * len("- 12 -")


@pytest.mark.parametrize("vertical", [False, True], ids=["horizontal", "vertical"])
def test_readings_and_dots_do_not_break_words(make_pdf: ModuleType, vertical: bool) -> None:
    runs = set_text(make_pdf, CAT * 4, 1, vertical)
    line = runs[1]
    if vertical:
        beside = [make_pdf.Run(line.x + 7.5, line.y - 20, 5, "かな", True)]
        beside += [make_pdf.Run(line.x + 7, line.y - 50 - 10 * n, 5, "﹅", True) for n in range(2)]
    else:
        beside = [make_pdf.Run(line.x + 20, line.y + 9, 5, "かな")]
        beside += [make_pdf.Run(line.x + 52 + 10 * n, line.y + 9, 5, "・") for n in range(2)]
    found = read_pdf(make_pdf.make_pdf([[*runs, *beside]]))
    assert found.text == CAT * 4
    assert (found.left_out["readings"], found.left_out["dots"]) == (2, 2)


@pytest.mark.parametrize("vertical", [False, True], ids=["horizontal", "vertical"])
@pytest.mark.parametrize("columns", [1, 2, 3, 4])
def test_columns_one_letter_apart_are_told_where_readings_cut_lines(
    make_pdf: ModuleType, columns: int, vertical: bool
) -> None:
    ems, rows = 60 // columns, 16
    paragraphs = [CAT * 3, CAT * 2, CAT * 4, CAT * 2, CAT * 3, CAT]
    lines: list[tuple[float, str]] = []
    for number, paragraph in enumerate(paragraphs):
        lines.append((14.0, f"{number + 1}　見出"))
        lines += [(SIZE, ("　" + paragraph)[at : at + ems]) for at in range(0, len(paragraph) + 1, ems)]
    runs: list[Any] = []

    def put(along: float, across: float, size: float, text: str) -> None:
        place = (540 - across, 780 - along) if vertical else (40 + along, 780 - across)
        runs.append(make_pdf.Run(*place, size, text, vertical))

    rows = -(-len(lines) // columns)
    for number, (size, line) in enumerate(lines):
        column, row = divmod(number, rows)
        along, across = column * (ems + 1) * SIZE, row * 18 + 4 * column
        for at, letter in enumerate(line if size == SIZE else line[:1]):
            whole = letter if size == SIZE else line
            put(along + at * SIZE, across, size, whole)
            if letter in "名前書生":
                side = -7.5 if vertical else -9
                put(along + at * SIZE + 2.5, across + side, SIZE / 2, "か")
    found = read_pdf(make_pdf.make_pdf([runs])).text
    gold = "".join(f"{number + 1}見出{paragraph}" for number, paragraph in enumerate(paragraphs))
    assert "".join(found.split()) == gold


def test_a_piece_may_lie_between_two_that_came_before_it() -> None:
    pieces = [
        Line("水位は", 0, 30, 0, 9.8, 10),
        Line("下がった。", 60, 110, 0.1, 9.8, 10),
        Line("年々に", 30, 60, 0.3, 10, 10),
    ]
    lines, _ = lines_of(
        [
            Mark(letter, piece.start + 10 * at, piece.start + 10 * at + 10, piece.near, piece.far, 10)
            for piece in (pieces[0], pieces[1], pieces[2])
            for at, letter in enumerate(piece.text)
        ]
    )
    assert [line.text for line in lines] == ["水位は年々に下がった。"]


def test_note_marks_are_left_out_and_counted(make_pdf: ModuleType) -> None:
    runs = set_text(make_pdf, CAT * 4, 1, False)
    last = runs[-1]
    mark = make_pdf.Run(last.x + len(last.text) * SIZE, last.y + 4, 6, "1)")
    found = read_pdf(make_pdf.make_pdf([[*runs, mark]]))
    assert found.text == CAT * 4
    assert found.left_out["notes"] == 2


def test_rows_of_a_table_are_lines_with_tabs(make_pdf: ModuleType) -> None:
    rows = [("年度", "人口", "世帯"), ("令和七", "五千人", "二千戸"), ("令和八", "四千人", "千九百")]
    runs = [
        make_pdf.Run(60 + 150 * column, 700 - 20 * row, SIZE, cell)
        for row, cells in enumerate(rows)
        for column, cell in enumerate(cells)
    ]
    assert read_pdf(make_pdf.make_pdf([runs])).text.split("\n") == ["\t".join(cells) for cells in rows]


def set_table(make_pdf: ModuleType, rows: Sequence[tuple[float, Sequence[str]]]) -> list[Any]:
    """Rows at their height, with a cell every 150 points where it has text."""
    return [
        make_pdf.Run(60 + 150 * column, height, SIZE, cell)
        for height, cells in rows
        for column, cell in enumerate(cells)
        if cell
    ]


def test_further_lines_of_a_cell_belong_to_it(make_pdf: ModuleType) -> None:
    table: list[tuple[float, list[str]]] = [
        (700, ["年度", "施策", "担当"]),
        (680, ["令和七", "堤防を点検し、傷んだ", "土木課"]),
        (667, ["", "箇所を補修する。", ""]),
        (640, ["令和八", "舟運の記録を集め、", "文化財課と"]),
        (627, ["", "目録を作る。", "図書館"]),
    ]
    runs = [
        make_pdf.Run(60 + 150 * column, top, SIZE, cell)
        for top, cells in table
        for column, cell in enumerate(cells)
        if cell
    ]
    assert read_pdf(make_pdf.make_pdf([runs])).text.split("\n") == [
        "年度\t施策\t担当",
        "令和七\t堤防を点検し、傷んだ箇所を補修する。\t土木課",
        "令和八\t舟運の記録を集め、目録を作る。\t文化財課と図書館",
    ]


def test_rows_as_close_as_lines_are_come_line_by_line(make_pdf: ModuleType) -> None:
    """A limit that docs/pdf.md names: nothing but rules tells such rows apart, and rules are not read."""
    rows = [["春の", "堤防を"], ["水位", "点検する"], ["夏の", "舟を"], ["舟運", "数える"]]
    table = [(700.0 - 13 * number, cells) for number, cells in enumerate(rows)]
    runs = [
        make_pdf.Run(60 + 150 * column, top, SIZE, cell) for top, cells in table for column, cell in enumerate(cells)
    ]
    found = read_pdf(make_pdf.make_pdf([runs])).text
    assert found.split("\n") == ["\t".join(cells) for _, cells in table]


@pytest.mark.parametrize("vertical", [False, True], ids=["horizontal", "vertical"])
def test_notes_at_the_foot_follow_the_paragraph_they_interrupt(make_pdf: ModuleType, vertical: bool) -> None:
    runs = set_text(make_pdf, CAT * 12, 1, vertical)
    half = len(runs) // 2
    note = "河川の水位は古い帳面による。"
    pages = []
    for number, body in enumerate((runs[:half], runs[half:])):
        lines = [
            make_pdf.Run(520 - 17 * row, run.y, SIZE, run.text, True)
            if vertical
            else make_pdf.Run(run.x, 740 - 17 * row, SIZE, run.text)
            for row, run in enumerate(body)
        ]
        across = 17 * len(body) + 12
        place = (520 - across, 760) if vertical else (60, 740 - across)
        pages.append([*lines, make_pdf.Run(*place, 8, f"{number + 1}　{note}", vertical)])
    found = read_pdf(make_pdf.make_pdf(pages)).text
    assert [line.replace("　", "") for line in found.split("\n")] == [CAT * 12, f"1{note}", f"2{note}"]


def test_split_notes_within_a_line_come_as_two_small_lines(make_pdf: ModuleType) -> None:
    """Warichu, a limit that docs/pdf.md names: both lines stay, whole and in order, but not within their sentence."""
    runs = [
        make_pdf.Run(60, 700, SIZE, "川の水位は"),
        make_pdf.Run(110, 705, 5, "古い帳面に"),
        make_pdf.Run(110, 700, 5, "残る高さで"),
        make_pdf.Run(135, 700, SIZE, "年々下がった。"),
    ]
    found = read_pdf(make_pdf.make_pdf([runs])).text
    assert [part in found for part in ("川の水位は", "古い帳面に", "残る高さで", "年々下がった。")] == [True] * 4


def test_formulas_come_as_their_characters(make_pdf: ModuleType) -> None:
    """A limit that docs/pdf.md names: raised and lowered letters and fractions lose their place, not their letters."""
    runs = [
        make_pdf.Run(60, 720, SIZE, "水位は次の式による。"),
        make_pdf.Run(200, 690, SIZE, "h="),
        make_pdf.Run(226, 697, SIZE, "Q"),
        make_pdf.Run(226, 684, SIZE, "v"),
        make_pdf.Run(60, 650, SIZE, "ここでQは流量である。"),
    ]
    found = read_pdf(make_pdf.make_pdf([runs])).text
    assert sorted(found.replace("\n", "").replace("\t", "").replace(" ", "")) == sorted(
        "水位は次の式による。h=QvここでQは流量である。"
    )
    assert found.startswith("水位は次の式による。\n")
    assert found.endswith("\nここでQは流量である。")


def test_a_head_set_across_a_vertical_page_is_one_line_and_leaves(make_pdf: ModuleType) -> None:
    body = set_text(make_pdf, CAT * 12, 1, True)
    pages = [
        [make_pdf.Run(60, 810, 8, "坊っちゃん　一"), *body, make_pdf.Run(60, 30, 8, f"{n + 10}")] for n in range(3)
    ]
    found = read_pdf(make_pdf.make_pdf(pages))
    assert found.text == "\n".join([CAT * 12] * 3)


@pytest.mark.parametrize(
    ("one", "other", "joined"),
    [
        ("舟が川を", "下る。", "舟が川を下る。"),
        ("a paper on read-", "ing Japanese", "a paper on reading Japanese"),
        ("a well-", "Known name", "a well- Known name"),
        ("words of", "English", "words of English"),
        ("水位は11", "03年に", "水位は1103年に"),
        ("in the year 1103", "12 boats", "in the year 1103 12 boats"),
        ("これはPDF", "である", "これはPDFである"),
    ],
)
def test_lines_are_joined_as_their_script_is(one: str, other: str, joined: str) -> None:
    assert join(one, other) == joined


@pytest.mark.parametrize(
    ("text", "plain", "changed"),
    [
        ("⼈⺠の⻑", "人民の長", 3),
        ("ｶﾞｽとﾊﾟﾝ", "ガスとパン", 7),
        ("ﬁle", "file", 1),
        ("令和８年（案）ｗ", "令和８年（案）ｗ", 0),
        ("が", "が", 0),
    ],
)
def test_characters_are_what_they_stand_for(text: str, plain: str, changed: int) -> None:
    found, count = repaired(text)
    assert (found, count > 0) == (plain, changed > 0)
    assert repaired(found)[0] == found


@given(st.text())
def test_repairing_is_idempotent(text: str) -> None:
    once, _ = repaired(text)
    assert repaired(once)[0] == once


def test_what_has_no_meaning_is_a_share(make_pdf: ModuleType) -> None:
    assert garbled_share("") == 0
    assert garbled_share("あ\ue000\ufffdい") == 0.5
    runs = [make_pdf.Run(60, 700, SIZE, "\ue123" * 8 + CAT[:32])]
    with pytest.raises(PdfError) as raised:
        read_pdf(make_pdf.make_pdf([runs]))
    assert (raised.value.rule, raised.value.threshold) == ("garbled", 0.05)


@pytest.mark.parametrize(
    ("stated", "date"),
    [
        ("D:20230204115901+09'00'", "2023-02-04"),
        ("D:2023", "2023-01-01"),
        ("20231", "2023-01-01"),
        ("D:20231301", ""),
        ("D:00000000", ""),
        ("yesterday", ""),
    ],
)
def test_dates_of_pdf(stated: str, date: str) -> None:
    assert iso_date(stated) == date


@pytest.mark.parametrize(
    ("stated", "title"),
    [
        ("水位の報告", "水位の報告"),
        ("Microsoft Word - 水位の報告", "水位の報告"),
        ("Microsoft Word - 01_suii.docx", ""),
        ("無題", ""),
        ("untitled-3", ""),
        ("スライド 1", ""),
    ],
)
def test_a_title_is_no_template(make_pdf: ModuleType, stated: str, title: str) -> None:
    runs = set_text(make_pdf, CAT * 5, 1, False)
    found = read_pdf(make_pdf.make_pdf([runs], information={"Title": stated, "CreationDate": "D:20260102"}))
    assert (found.title, found.published) == (title, "2026-01-02")
