"""`tesuki classifier`: what is planted is learnt, on hosts it has not seen; the same request gives the same file."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tesuki.pipelines.commands.classifier import evaluate, share_of, train
from tesuki.pipelines.errors import RequestError, WorkError
from tesuki.pipelines.scoring.labelled_texts import Text, apart, is_held_out
from tesuki.pipelines.scoring.models import open_model

GOOD = ["研究", "結果", "について", "考察", "である", "測定", "関数", "した", "実験"]
BAD = ["激安", "送料", "無料", "について", "今すぐ", "した", "クリック", "お得", "です"]


def documents(words: list[str], kind: str, count: int) -> list[dict[str, str]]:
    chosen = np.random.default_rng(len(words[0]) + count)
    return [
        {"text": "".join(chosen.choice(words, 20)), "url": f"https://{kind}{number % 20}.example/{number}"}
        for number in range(count)
    ]


@pytest.fixture
def files(tmp_path: Path) -> tuple[list[str], list[str]]:
    good, bad = tmp_path / "good.jsonl", tmp_path / "bad.parquet"
    lines = [json.dumps(each, ensure_ascii=False) for each in documents(GOOD, "good", 60)]
    good.write_text("\n".join([*lines, "{ not JSON", ""]), encoding="utf-8")
    pq.write_table(pa.Table.from_pylist(documents(BAD, "bad", 61)), bad)
    return [str(good)], [str(bad)]


def learnt(files: tuple[list[str], list[str]], output: Path, **settings: Any) -> list[str]:
    given = {
        "kind": "linear",
        "given": "text",
        "licence": "CC0-1.0",
        "seed": 0,
        "epochs": 3,
        "most": 1000,
        "held_out": Fraction(1, 4),
    }
    return list(train(*files, output, **{**given, **settings}))


def area(lines: list[str]) -> float:
    return float(next(line.split("\t")[5] for line in lines if "AUC" in line))


def test_a_model_is_learnt_tested_and_tested_again(files: tuple[list[str], list[str]], tmp_path: Path) -> None:
    output = tmp_path / "model"
    told = learnt(files, output)
    assert area(told) > 0.99
    again = list(evaluate(output, *files, given="text", every=False, most=1000))
    assert again[0] == "hosts held out from learning"
    assert again[1:] == told[2:], "evaluate sees the very hosts that were held out"
    every = list(evaluate(output, *files, given="text", every=True, most=1000))
    assert every[1].startswith("positive\t60\tnegative\t61\t")
    model = open_model(output)
    assert model.licence == "CC0-1.0"
    counts = {
        kind: sum(not is_held_out(f"{kind}{number % 20}.example", Fraction(1, 4), 0) for number in range(count))
        for kind, count in (("good", 60), ("bad", 61))
    }
    assert model.training["texts"] == {"positive": counts["good"], "negative": counts["bad"]}
    assert [each["file"] for each in model.training["files"]["negative"]] == ["bad.parquet"]


def test_ten_lines_to_read_stand_at_the_end(files: tuple[list[str], list[str]], tmp_path: Path) -> None:
    told = learnt(files, tmp_path / "model")
    sheet = [line.split("\t") for line in told[told.index("score\tis\twhere\ttext") + 1 :]]
    assert len(sheet) == 10
    assert {row[1] for row in sheet[:5]} == {"positive"}
    assert {row[1] for row in sheet[5:]} == {"negative"}
    assert sorted((float(row[0]) for row in sheet), reverse=True) == [float(row[0]) for row in sheet]


def test_the_same_request_gives_the_same_bytes(files: tuple[list[str], list[str]], tmp_path: Path) -> None:
    for name in ("one", "other"):
        learnt(files, tmp_path / name)
    learnt(files, tmp_path / "seed", seed=1)
    one, other, seed = ((tmp_path / name).read_bytes() for name in ("one", "other", "seed"))
    assert one == other != seed


def test_a_fasttext_file_is_learnt_and_everything_tested(files: tuple[list[str], list[str]], tmp_path: Path) -> None:
    pytest.importorskip("fasttext")
    assert area(learnt(files, tmp_path / "model.bin", kind="fasttext", given="characters")) > 0.95
    told = list(evaluate(tmp_path / "model.bin", *files, given="characters", every=False, most=1000))
    assert told[0] == "the file does not say what it learnt from: all hosts"


def test_documents_for_testing_alone_are_refused(files: tuple[list[str], list[str]], tmp_path: Path) -> None:
    path = tmp_path / "documents" / "jcq" / "LX" / "part.parquet"
    path.parent.mkdir(parents=True)
    pq.write_table(pa.Table.from_pylist(documents(GOOD, "test", 3)), path)
    with pytest.raises(RequestError, match=r"--positive: .* level LX are not for learning"):
        learnt(([str(path)], files[1]), tmp_path / "model")


@pytest.mark.parametrize("name", ["copy.parquet", "copy.jsonl"])
def test_documents_for_testing_alone_are_known_wherever_they_lie(
    name: str, files: tuple[list[str], list[str]], tmp_path: Path
) -> None:
    rows = [{**each, "level": level} for each, level in zip(documents(GOOD, "t", 2), ("L2", "LX"), strict=True)]
    path = tmp_path / name
    if path.suffix == ".parquet":
        pq.write_table(pa.Table.from_pylist(rows), path)
    else:
        path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    with pytest.raises(RequestError, match=r"--negative: .* level LX are not for learning"):
        learnt((files[0], [str(path)]), tmp_path / "model")


def test_no_text_is_learnt_from_and_tested_on() -> None:
    share = Fraction(1, 2)
    seen = [host for n in range(20) if not is_held_out(host := f"h{n}.example", share, 0)]
    unseen = [host for n in range(20) if is_held_out(host := f"h{n}.example", share, 0)]
    texts = [Text("同じ文", f"https://{host}/", "a") for host in (seen[0], unseen[0])]
    texts += [Text(f"{host}だけの文", f"https://{host}/", "a") for host in (seen[1], unseen[1])]
    for given in (texts, texts[::-1]):
        learn, test = apart(given, share, 0, 100)
        assert {text.text for text in learn} == {"同じ文", f"{seen[1]}だけの文"}
        assert [text.text for text in test] == [f"{unseen[1]}だけの文"]


def test_what_cannot_be_is_refused(files: tuple[list[str], list[str]], tmp_path: Path) -> None:
    for held_out in (Fraction(0), Fraction(1, 4)):
        with pytest.raises(RequestError, match="60 texts are among the positive ones"):
            learnt((files[0], files[0]), tmp_path / "model", held_out=held_out)
    with pytest.raises(RequestError, match="--input words is for --kind fasttext"):
        learnt(files, tmp_path / "model", given="words")
    empty = tmp_path / "empty.jsonl"
    empty.write_text('{"text": " "}\n')
    with pytest.raises(WorkError, match="--negative: found no text"):
        learnt((files[0], [str(empty)]), tmp_path / "model")
    with pytest.raises(RequestError, match="expected a fastText file or a classifier"):
        list(evaluate(empty, *files, given="text", every=False, most=10))
    for words in ("1", "-0.1", "much", "1/0"):
        with pytest.raises(RequestError, match="--held-out"):
            share_of(words)
