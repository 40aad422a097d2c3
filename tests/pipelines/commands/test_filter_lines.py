"""`tesuki filter` and `tesuki mend` over JSON Lines: one line out for each line in."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from functools import partial
from operator import itemgetter
from pathlib import Path
from typing import Any, BinaryIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tesuki.filters.edits import Edit
from tesuki.filters.mend import unmend
from tesuki.pipelines.commands import answers as json_lines
from tesuki.pipelines.commands import filter as filter_lines
from tesuki.pipelines.commands import mend as mend_lines
from tesuki.pipelines.errors import RequestError

Run = Callable[[BinaryIO, BinaryIO], int]


def filtered(stdin: BinaryIO, stdout: BinaryIO) -> int:
    return filter_lines.run(stdin, stdout, preset="swallow-code")


def mended(stdin: BinaryIO, stdout: BinaryIO) -> int:
    return mend_lines.run(stdin, stdout)


def answers(run: Run, content: bytes) -> tuple[int, list[dict[str, Any]]]:
    stdout = io.BytesIO()
    code = run(io.BytesIO(content), stdout)
    return code, [json.loads(line) for line in stdout.getvalue().splitlines()]


def test_filter_adds_measures_and_a_verdict_and_keeps_every_field() -> None:
    code, (record,) = answers(filtered, '{"id": 7, "text": "短い。", "url": null, "n": {"a": [1]}}'.encode())
    assert code == 0
    assert {key: record[key] for key in ("id", "text", "url", "n")} == {
        "id": 7,
        "text": "短い。",
        "url": None,
        "n": {"a": [1]},
    }
    assert record["quality"]["num_letters"] == 3
    assert record["verdict"] == {"keep": False, "rule": "letters", "value": 3, "threshold": 400}


def test_a_kept_text_has_a_verdict_without_a_rule() -> None:
    letters = "".join(chr(0x3042 + at % 70) + chr(0x4E00 + at * 7 % 5000) for at in range(600))
    text = "\n".join(letters[at : at + 40] + "。" for at in range(0, len(letters), 40))
    code, (record,) = answers(filtered, json.dumps({"text": text}).encode())
    assert (code, record["verdict"]) == (0, {"keep": True, "rule": None, "value": None, "threshold": None})


def test_mend_changes_the_text_and_says_how() -> None:
    text = "山は高く，川は長い。\nサイトマップ"
    code, (record,) = answers(mended, json.dumps({"text": text}).encode())
    assert (code, record["text"]) == (0, "山は高く、川は長い。")
    assert unmend(record["text"], [Edit(**edit) for edit in record["edits"]]) == text


def test_mending_what_was_mended_changes_no_byte() -> None:
    first, second = io.BytesIO(), io.BytesIO()
    mend_lines.run(io.BytesIO('{"text": "山は，川は，\\n検索"}\n{"text": "海。"}\n'.encode()), first)
    assert mend_lines.run(io.BytesIO(first.getvalue()), second) == 0
    assert first.getvalue() == second.getvalue()


def test_a_log_is_not_lost_to_a_later_mending() -> None:
    code, (record,) = answers(mended, '{"text": "山は，", "edits": [{"kind": "footer"}]}'.encode())
    assert code == 1
    assert "field edits: holds the log of another mending" in record["error"]


BAD = [
    (b"", "empty"),
    (b"   ", "empty"),
    (b"nope", "not JSON at column 1"),
    (b'{"text": "a"', "not JSON at column 13"),
    (b"[1]", "found an array, expected a JSON object"),
    (b'{"text": 3}', "field text: found a number, expected a string"),
    (b'{"text": null}', "field text: found null, expected a string"),
    (b'{"body": "a"}', "field text: missing; found body"),
    (b'{"text": "\xff"}', "not UTF-8 at byte 10"),
    (b'{"text": "a", "n": NaN}', "NaN is not JSON"),
    (b'{"text": "a", "n": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "nested too deeply"),
    (b'{"text": "a", "n": ' + b"9" * 5_000 + b"}", "digits"),
]


@pytest.mark.parametrize("run", [filtered, mended])
def test_each_bad_line_is_answered_in_its_place(run: Run) -> None:
    good = '{"text": "文。"}'.encode()
    code, records = answers(run, b"\n".join([good, *(line for line, _ in BAD), good]) + b"\n")
    assert code == 1
    assert len(records) == len(BAD) + 2
    assert "error" not in records[0] | records[-1]
    for number, ((_, reason), record) in enumerate(zip(BAD, records[1:-1], strict=True), start=2):
        assert record["line"] == number
        assert record["error"].startswith(f"line {number}: ")
        assert reason in record["error"]


def test_a_line_over_the_limit_is_refused_without_being_held(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_lines, "LONGEST_LINE", 50)
    long = b'{"text": "' + b"a" * 500 + b'"}'
    code, records = answers(mended, b"\n".join([long, b'{"text": "b"}', long]))
    assert code == 1
    assert [record.get("error") for record in records] == [
        "line 1: longer than 50 bytes; split the document",
        None,
        "line 3: longer than 50 bytes; split the document",
    ]


def test_lone_surrogates_line_ends_and_a_byte_order_mark_pass() -> None:
    code, records = answers(mended, b'\xef\xbb\xbf{"text": "\\ud800"}\r\n{"text": "b"}')
    assert (code, [record["text"] for record in records]) == (0, ["\ud800", "b"])


def test_answers_are_given_as_lines_come() -> None:
    """The second line is read only when the first has been answered."""
    stdout = io.BytesIO()
    seen: list[int] = []

    class Slow(io.BytesIO):
        def readline(self, size: int | None = -1, /) -> bytes:
            seen.append(stdout.getvalue().count(b"\n"))
            return super().readline(size)

    mend_lines.run(Slow(b'{"text": "a"}\n' * 3), stdout)
    assert seen == [0, 1, 2, 3]


@settings(max_examples=100)
@given(st.lists(st.binary(max_size=30).filter(lambda line: b"\n" not in line), max_size=8))
def test_any_bytes_get_one_line_a_line(lines: list[bytes]) -> None:
    content = b"".join(line + b"\n" for line in lines)
    for run in (filtered, mended):
        code, records = answers(run, content)
        assert len(records) == len(lines)
        assert code == int(any("error" in record for record in records))


def test_unknown_names_are_wrong_requests() -> None:
    with pytest.raises(RequestError, match="--preset: found 'x', expected swallow-code"):
        filter_lines.run(io.BytesIO(), io.BytesIO(), preset="x")
    with pytest.raises(RequestError, match="--style: mending style 'x' is not known"):
        mend_lines.run(io.BytesIO(), io.BytesIO(), style="x")


def test_filter_takes_other_bounds_and_a_table_of_ones_own(tmp_path: Path) -> None:
    line = '{"text": "短い。"}'.encode()
    _, (record,) = answers(partial(filter_lines.run, preset="tesuki", settings=("characters=3",)), line)
    assert record["verdict"]["rule"] == "whole_sentences"
    table = tmp_path / "mine.yaml"
    table.write_text('[{rule: tiny, measure: characters, comparison: "<", threshold: 4}]', encoding="utf-8")
    _, (record,) = answers(partial(filter_lines.run, preset=str(table)), line)
    assert record["verdict"] == {"keep": False, "rule": "tiny", "value": 3, "threshold": 4}
    _, (record,) = answers(partial(filter_lines.run, preset=str(table), settings=("tiny=null",)), line)
    assert record["verdict"]["keep"]


def test_a_document_of_a_corpus_is_judged_by_its_pages() -> None:
    text = "川の水位は下がり、舟運はその後の十年で絶えた。" * 20
    lines = [
        {"text": text, "extraction": account}
        for account in (
            {"taken": 460, "garbled": 23, "pages": 5},
            {"taken": 460, "garbled": 23, "pages": 0},
            None,
            {"pages": "5"},
            [],
        )
    ]
    _, found = answers(
        partial(filter_lines.run, preset="tesuki"), "".join(json.dumps(line) + "\n" for line in lines).encode()
    )
    assert [(measures["pages"], measures["garbled_share"]) for measures in map(itemgetter("quality"), found)] == [
        (5, 0.05),
        *[(1, 0)] * 4,
    ]


@pytest.mark.parametrize(
    ("settings", "problem"),
    [(("characters",), "--set: found 'characters', expected RULE=NUMBER"), (("char=1",), "--set: no rule is called")],
)
def test_filter_refuses_a_wrong_bound(settings: tuple[str, ...], problem: str) -> None:
    with pytest.raises(RequestError, match=problem):
        filter_lines.run(io.BytesIO(), io.BytesIO(), preset="tesuki", settings=settings)
