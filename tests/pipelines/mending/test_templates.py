"""Templates of hosts: found among few pages of many, whatever the order, and no literature taken for one."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import apache_beam as beam
import numpy as np
from apache_beam.runners.portability.fn_api_runner import FnApiRunner

from tesuki.dedup.templates import template_keys, template_of_host
from tesuki.pipelines.mending import templates
from tesuki.pipelines.mending.repeated_lines import open_repeated_lines
from tesuki.pipelines.mending.templates import FindTemplates, fewest

KANJI = "山川海空木花鳥風月雨雪道町村家庭窓机本紙筆墨声音色光影朝昼夜春夏秋冬東西南北市港橋駅車船旅人友父母兄弟姉妹"
KANA = "あいうえおかきくけこさしすせそたちつてとなにぬねのはひふへほまみむめもやゆよらりるれろわをん"


def prose(seed: object, characters: int) -> str:
    draw = random.Random(str(seed))
    words = (draw.choice(KANJI) + "".join(draw.choices(KANA, k=4)) for _ in range(characters // 5))
    return "".join(f"{word}。\n" if number % 8 == 7 else word for number, word in enumerate(words))


def filled(name: str) -> str:
    """Sentences that are the same but for a name: no line of one page stands on another."""
    return "\n".join(prose(number, 60).replace("。", "").replace("\n", "") + f"、{name}です。" for number in range(12))


DOCUMENTS = [
    *(("shop.example", filled(f"商品{number}番") + prose(f"own{number}", 100)) for number in range(10)),
    *(("novels.example", prose(number, 800)) for number in range(10)),
    *(("small.example", filled(f"品目{number}番")) for number in range(5)),
]


def share(folder: Path, host: str, text: str) -> float:
    return float(np.mean(open_repeated_lines(folder).contains(template_keys(text, host))))


def find(folder: Path, documents: list[tuple[str, str]]) -> None:
    with beam.Pipeline(runner=FnApiRunner()) as pipeline:
        _ = pipeline | beam.Create(documents) | FindTemplates(folder, 8)


def test_a_page_filled_into_a_template_is_told_from_one_that_was_written(tmp_path: Path) -> None:
    find(tmp_path, DOCUMENTS)
    shares = [(host, share(tmp_path, host, text)) for host, text in DOCUMENTS]
    assert min(found for host, found in shares if host == "shop.example") > 0.5
    assert max(found for host, found in shares if host == "novels.example") == 0
    assert max(found for host, found in shares if host == "small.example") == 0, "five pages make no template"


def test_the_order_of_pages_changes_no_byte(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(templates, "PAGES_COUNTED", 8)
    for name, documents in (("one", DOCUMENTS), ("other", DOCUMENTS[::-1])):
        find(tmp_path / name, documents)
    files = [{path.name: path.read_bytes() for path in (tmp_path / name).iterdir()} for name in ("one", "other")]
    assert files[0] == files[1] != {}


def test_pages_of_a_host_are_chosen_alike_in_any_grouping() -> None:
    pages = [[(number * 7919 % 1000, np.array([number], dtype=np.uint64))] for number in range(500)]
    whole = fewest(pages)
    halves = fewest([fewest(pages[250:]), fewest(pages[:250])])
    assert len(whole) == templates.PAGES_COUNTED
    assert [number for number, _ in whole] == [number for number, _ in halves]


def test_a_stretch_must_stand_on_one_page_in_twenty() -> None:
    pages = [np.array([number + 10, 1 if number < 5 else 2], dtype=np.uint64) for number in range(120)]
    assert template_of_host(pages, 8).tolist() == [2]
    assert template_of_host(pages[:100], 8).tolist() == [1, 2]
    assert template_of_host(pages[:7], 8).tolist() == []
