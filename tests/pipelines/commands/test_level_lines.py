"""`tesuki level` line by line."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

from tesuki.pipelines.commands.level import run
from tesuki.pipelines.errors import RequestError

ARTICLE = "<p>" + "これは例の文章です。今日はよい天気でした。" * 20 + "</p>"


def level(*lines: object, policy: str | None = None, explain: bool = False) -> tuple[int, list[dict[str, Any]]]:
    """The exit code and the answers to ``lines``; those that are not text are written as JSON."""
    written = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines)
    answers = io.BytesIO()
    code = run(io.BytesIO(written.encode()), answers, policy=policy, explain=explain)
    return code, [json.loads(line) for line in answers.getvalue().splitlines()]


def test_pages_are_levelled_and_keep_their_fields() -> None:
    code, answers = level(
        {"id": 7, "url": "https://a.jp/", "headers": {"X-Robots-Tag": ["noai"]}, "html": ARTICLE, "text": "本文"},
        {"url": "https://a.jp/", "headers": [["X-Robots-Tag", "noindex"]], "html": ARTICLE, "text": "本文"},
        {"url": "https://a.jp/", "text": "無断転載を禁じます"},
    )
    assert code == 0
    assert [answer["level"] for answer in answers] == ["LX", "L3", "L3"]
    assert list(answers[0]) == ["id", "url", "text", "level", "evidence"]
    assert answers[0]["evidence"] == [
        {"signal": "robots.noai", "where": "header", "value": "noai", "rule": "robots.header"}
    ]


def test_text_is_extracted_where_it_is_missing() -> None:
    numbers = "<p>山田 090-1234-5678、鈴木 080-2345-6789、佐藤 070-3456-7890 に連絡してください。</p>"
    _, (answer,) = level({"url": "https://a.jp/", "html": f"<html><body>{ARTICLE}{numbers}{ARTICLE}</body></html>"})
    assert [each["signal"] for each in answer["evidence"]] == ["personal-data.mobile"]


def test_a_withheld_text_is_not_handed_on() -> None:
    page = '<script type="application/ld+json">{"@type":"NewsArticle","isAccessibleForFree":false}</script>'
    _, (answer,) = level({"url": "https://a.jp/", "title": "秘", "html": page, "text": "秘密"}, explain=True)
    assert answer["level"] == "LZ"
    assert not {"html", "text", "title"} & set(answer)
    assert "秘" not in json.dumps(answer, ensure_ascii=False)


def test_explanations_name_every_row_and_the_one_that_decided() -> None:
    page = '<meta name="robots" content="noai,noarchive"><footer>All Rights Reserved</footer>'
    _, (answer,) = level({"url": "https://a.jp/", "html": page, "text": "本文"}, explain=True)
    assert answer["policy"] == "default"
    assert [(row["row"], row["level"]) for row in answer["matched"]] == [
        ("robots.noai → LX", "LX"),
        ("robots.noarchive → L3", "L3"),
        ("notice.all-rights-reserved → L2", "L2"),
    ]
    assert answer["decided_by"]["row"] == "robots.noai → LX"
    assert answer["decided_by"]["evidence"][0]["value"] == "noai,noarchive"
    _, (silent,) = level({"url": "https://a.jp/", "text": "本文"}, explain=True, policy="strict")
    assert (silent["level"], silent["matched"], silent["decided_by"]["row"]) == ("L3", [], "unlicensed")


def test_malformed_lines_cost_themselves() -> None:
    code, answers = level(
        {"url": "https://a.jp/", "text": "本文"},
        "{not json",
        {"url": "https://a.jp/"},
        {"url": 3, "text": "本文"},
        {"url": "https://a.jp/", "text": "本文", "headers": "X-Robots-Tag: noai"},
        {"url": "https://a.jp/", "text": "本文", "headers": {"X-Robots-Tag": 1}},
        {"url": "https://a.jp/", "text": "本文"},
    )
    assert code == 1
    assert [answer.get("level") for answer in answers] == ["L2", None, None, None, None, None, "L2"]
    errors = [answer["error"] for answer in answers if "error" in answer]
    assert errors[0].startswith("line 2: not JSON at column 2")
    assert errors[1:] == [
        "line 3: fields html and text: both missing; found url; give one",
        "line 4: field url: found int, expected a string",
        'line 5: field headers: expected an object {"name": "value"} or a list [["name", "value"]]',
        "line 6: field headers: found a name or value that is not a string, expected strings",
    ]


def test_policies_by_name_and_by_file(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(
        "policy: mine\nunlicensed: {level: LX, reason: no licence}\n"
        "rows: [{signal: list.takedown, level: LZ, reason: removal}]\n",
        encoding="utf-8",
    )
    _, (answer,) = level({"url": "https://a.jp/", "text": "本文"}, policy=str(file))
    assert answer["level"] == "LX"
    with pytest.raises(RequestError, match=r"--policy: .*none\.yaml' cannot be read .*expected default, strict or"):
        level(policy=str(tmp_path / "none.yaml"))
    file.write_text("policy: mine\n", encoding="utf-8")
    with pytest.raises(RequestError, match=r"--policy: .*mine\.yaml: unlicensed: found nothing"):
        level(policy=str(file))


@pytest.mark.parametrize(
    ("record", "message"),
    [
        ({"html": ""}, "html empty; found html; give one"),
        ({"url": "https://a.jp/", "html": "", "text": ""}, "html and text empty"),
        ({"url": "https://a.jp/"}, "both missing; found url"),
    ],
)
def test_a_page_of_nothing_is_named(record: dict[str, str], message: str) -> None:
    code, (answer,) = level(record)
    assert code == 1
    assert message in answer["error"]


@pytest.mark.timeout(20)
def test_a_page_nested_without_end_costs_itself() -> None:
    deep = "<span>" * 120_000 + "</b>" * 120_000
    code, (bad, good) = level({"url": "https://a.jp/", "html": deep}, {"url": "https://a.jp/", "html": ARTICLE})
    assert code == 1
    assert "nested more than" in bad["error"]
    assert good["level"] == "L2"


def test_lone_surrogates_anywhere_are_read() -> None:
    bad = "\\ud800"
    line = (
        f'{{"url": "https://a.jp/{bad}", "headers": {{"X-Robots-Tag": "noai{bad} noindex"}}, "html": "<p>{bad}'
        f'<meta name=robots content=noarchive>{"あ" * 50}", "text": "{bad}"}}'
    )
    code, (answer,) = level(line)
    assert code == 0, answer
    assert {each["signal"] for each in answer["evidence"]} >= {"robots.noarchive", "robots.noindex"}
