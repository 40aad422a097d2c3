"""`tesuki try` of policies and deduplication: what it foretells is what a build with the change then finds."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from tesuki.pipelines.commands.try_ import try_lines
from tesuki.pipelines.errors import RequestError
from tesuki.pipelines.experiments import trial

HEADS = (
    "",
    '<meta name="robots" content="noindex">',
    '<meta name="robots" content="noai">',
    '<link rel="license" href="https://creativecommons.org/licenses/by/4.0/">',
)

POLICY = """
policy: mine
unlicensed: {level: L3, reason: ours}
rows:
  - {signal: list.takedown, level: LZ, reason: asked}
  - {signal: list.deny, level: LX, reason: ours}
  - {signal: robots.noindex, level: LZ, reason: ours}
  - {signal: "licence.*", level: L1, reason: ours}
"""

ARTICLES, VARIANTS = 8, 4


@pytest.fixture(scope="module")
def folder(
    tmp_path_factory: pytest.TempPathFactory,
    archive_of: Callable[..., Path],
    raw_page: Callable[..., Any],
    article: Callable[[object], list[str]],
) -> Path:
    """Pages in near-duplicates of four, which say four things of their use and were captured at different times."""
    folder = tmp_path_factory.mktemp("others")
    draw = random.Random(0)
    pages = []
    for number in range(ARTICLES):
        sentences = "".join(article(number)).split("。")
        for variant in range(VARIANTS):
            others = "".join(article(f"{number} {variant}")).split("。")
            text = [*others[:variant], *sentences[variant:-1], *(["終わり"] * draw.randrange(3))]
            head = HEADS[(number + variant) % len(HEADS)] if number % 2 else HEADS[0 if variant else number // 2]
            html = f"<html lang=ja><head><title>話</title>{head}</head><body><article>" + "".join(
                f"<p>{line}。</p>" for line in text
            )
            date = f"2026-05-{draw.randrange(1, 29):02}T03:04:05Z"
            pages.append(raw_page(f"https://h{number}.example/{variant}", html.encode(), date))
    archive_of(folder / "a.warc.gz", pages[: len(pages) // 2])
    archive_of(folder / "b.warc.gz", pages[len(pages) // 2 :])
    (folder / "mine.yaml").write_text(POLICY, "utf-8")
    (folder / "deny.txt").write_text("h3.example\n", "utf-8")
    return folder


NUMBERS: Mapping[str, Any] = {"preset": "llm-jp-v4"}


@pytest.fixture(scope="module")
def built(folder: Path, recipe_with: Callable[..., Path], build: Callable[..., Any]) -> Callable[..., Path]:
    """A corpus of these pages by a recipe with other fields, each built once, from the parts of the first."""
    known: dict[str, Path] = {}

    def make(**fields: Any) -> Path:
        name = json.dumps(fields, sort_keys=True)
        if name not in known:
            output = folder / f"out-{len(known)}"
            given = {"deduplication": NUMBERS, "tokenizer": None} | fields
            build(recipe_with(folder / f"recipe-{len(known)}.yaml", **given), output)
            known[name] = output
        return known[name]

    return make


def answer(output: Path, *settings: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads("\n".join(try_lines(output, settings, (), 1_000, True)))
    return found


def kept(output: Path, rows_of: Callable[[Path, str], list[dict[str, Any]]]) -> dict[str, str]:
    return {row["id"]: row["level"] for row in rows_of(output, "documents")}


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"file": "strict"}, marks=pytest.mark.slow),
        pytest.param({"file": "mine.yaml"}, marks=pytest.mark.slow),
        {"file": "mine.yaml", "deny": "deny.txt"},
    ],
)
def test_levels_of_another_policy_are_those_of_a_build_with_it(
    changes: dict[str, str],
    folder: Path,
    built: Callable[..., Path],
    rows_of: Callable[[Path, str], list[dict[str, Any]]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(folder)
    before, after = kept(built(), rows_of), kept(built(policy=changes), rows_of)
    told = answer(built(), *(f"policy.{name}={value}" for name, value in changes.items()))["levels"]
    moved = {page["id"]: move["after"] for move in told["moves"] for page in move["examples"]}
    assert moved
    assert {page: moved.get(page, level) for page, level in before.items() if moved.get(page) != "LZ"} == after
    assert told["documents"] == len(before)
    assert told["uses"]["train"]["documents_after"] == sum(level in ("L1", "L2", "L3") for level in after.values())
    decided_by_duplicates = any(move["by"]["rule"].get("level.cluster") for move in told["moves"])
    assert decided_by_duplicates == (changes["file"] == "mine.yaml")


@pytest.mark.slow
def test_a_subsets_own_default_is_tried(
    built: Callable[..., Path], rows_of: Callable[[Path, str], list[dict[str, Any]]]
) -> None:
    subset = {"inputs": "*.warc.gz", "judge": False, "default_level": "L3"}
    after = Counter(kept(built(subsets={"web": subset}), rows_of).values())
    told = answer(built(), "subsets.web.default_level=L3")["levels"]
    assert told["uses"]["search"]["documents_after"] == after["L1"] + after["L2"]
    with pytest.raises(RequestError, match="test set"):
        answer(built(), "subsets.web.level=LX")


def test_addresses_are_told_where_both_levels_are_shown(
    built: Callable[..., Path], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the new policy documents go to L3 and LZ."""
    monkeypatch.chdir(folder)
    settings = ["policy.file=mine.yaml"]
    for internal, shown in ((False, {"L1", "L2"}), (True, {"L1", "L2", "L3"})):
        (said,) = try_lines(built(), settings, (), 1_000, True, internal=internal)
        moves = json.loads(said)["levels"]["moves"]
        lines = "\n".join(try_lines(built(), settings, (), 1_000, False, internal=internal))
        told = {move["after"] for move in moves for page in move["examples"] if page["url"]}
        assert told == {move["after"] for move in moves if {move["before"], move["after"]} <= shown}
        for move in moves:
            for page in move["examples"]:
                assert (page["id"] in lines) == (not page["url"])
        assert {move["after"] for move in moves} == {"L3", "LZ"}
        assert lines.count("https://") == sum(bool(page["url"]) for move in moves for page in move["examples"])


def test_hosts_beyond_a_bound_are_counted_as_one(
    built: Callable[..., Path], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    every = answer(built(), "policy.file=mine.yaml")["levels"]["moves"]
    monkeypatch.setattr(trial, "MOST_HOSTS", 1)
    few = answer(built(), "policy.file=mine.yaml")["levels"]["moves"]
    assert max(len(move["by"]["host"]) for move in every) > 3 >= max(len(move["by"]["host"]) for move in few)
    assert any("(other hosts)" in move["by"]["host"] for move in few)
    for one, other in zip(every, few, strict=True):
        assert sum(one["by"]["host"].values()) == sum(other["by"]["host"].values())


def test_what_is_withheld_cannot_be_told(
    built: Callable[..., Path], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    withheld = built(policy={"file": "mine.yaml"})
    told = answer(withheld, "policy.file=default")["levels"]
    assert sum(told["not told"]["withheld"].values()) > 0
    said = "\n".join(try_lines(withheld, ["policy.file=default"], (), 0, False))
    assert "Can't be told" in said
    assert "policy:\n  file: default" in said


@pytest.mark.parametrize(
    "changes",
    [
        *(
            pytest.param(changes, marks=pytest.mark.slow)
            for changes in ({"keep": "oldest"}, {"keep": "longest"}, {"verify_similarity": 0.9})
        ),
        {"keep": "longest", "verify_similarity": 0.8},
    ],
)
def test_who_stays_is_who_stays_in_a_build(
    changes: dict[str, Any], built: Callable[..., Path], rows_of: Callable[[Path, str], list[dict[str, Any]]]
) -> None:
    before = set(kept(built(), rows_of))
    after = set(kept(built(deduplication={**NUMBERS, **changes}), rows_of))
    told = answer(built(), *(f"deduplication.{name}={value}" for name, value in changes.items()))["copies"]
    gained, lost = ({page["id"] for page in told["sides"][side]["examples"]} for side in ("gained", "lost"))
    assert gained
    assert (before | gained) - lost == after
    assert (told["stay"], told["would_stay"]) == (len(before), len(after))
    assert told["to the page"]


def test_the_same_settings_change_nothing(built: Callable[..., Path]) -> None:
    told = answer(built(), "deduplication.keep=newest")["copies"]
    assert told["stay"] == told["would_stay"] < told["compared"]
    assert [told["sides"][side]["pages"] for side in ("gained", "lost")] == [0, 0]


def test_fewer_and_longer_buckets_find_less(built: Callable[..., Path]) -> None:
    def stay(*settings: str) -> int:
        told = answer(built(), *(f"deduplication.{setting}" for setting in settings))["copies"]
        assert not told["to the page"]
        return int(told["would_stay"])

    today = answer(built(), "deduplication.keep=newest")["copies"]["stay"]
    assert today <= stay("r=10") <= stay("r=2")
    # Buckets of 20 are two of 10 joined; of 7 they are made of the sketch.
    assert today <= stay("b=20", "r=10") == stay("preset=null", "b=20", "r=10")
    assert stay("b=7", "r=28") <= today


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("n=3", "others need the texts"),
        ("seed=7", "others need the texts"),
        ("r=40", "200 are stored"),
        ("keep=measure:nothing", "was not taken"),
        ("keep=best", "expected newest, oldest"),
    ],
)
def test_what_keys_cannot_answer_is_said(built: Callable[..., Path], setting: str, said: str) -> None:
    with pytest.raises(RequestError, match=said):
        answer(built(), f"deduplication.{setting}")


def test_rules_levels_and_duplicates_are_told_together(built: Callable[..., Path]) -> None:
    said = "\n".join(
        try_lines(built(), ["policy.file=strict", "deduplication.keep=oldest", "subsets.web.repeats=2"], (), 3, False)
    )
    assert "levels:" in said
    assert "duplicates: of" in said
    adopted = yaml.safe_load(said.partition("in the recipe:\n")[2])
    assert adopted == {
        "policy": {"file": "strict"},
        "deduplication": {"keep": "oldest"},
        "subsets": {"web": {"repeats": 2}},
    }


def texts_in(folder: Path, years: Mapping[str, int], text: str, **fields: Any) -> Path:
    """A recipe over one ``text`` that stands on several hosts since these ``years``."""
    folder.mkdir()
    lines = ({"url": f"https://{host}/", "text": text, "date": f"{year}-01-01"} for host, year in years.items())
    (folder / "texts.jsonl").write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), "utf-8")
    subset = {"inputs": "*.jsonl", "format": "jsonl", "judge": False}
    recipe = {
        "name": "texts",
        "subsets": {"texts": subset},
        "rules": "none",
        "mend": "none",
        "tokenizer": None,
    } | fields
    (folder / "recipe.yaml").write_text(yaml.safe_dump(recipe), "utf-8")
    return folder / "recipe.yaml"


def test_pages_of_hosts_refused_first_are_not_compared(
    tmp_path: Path,
    article: Callable[[object], list[str]],
    build: Callable[..., Any],
    rows_of: Callable[[Path, str], list[dict[str, Any]]],
) -> None:
    years = {"old.example": 2020, "new.example": 2022, "bad.example": 2018, "elsewhere.test": 2026}
    hosts = {"deny": ["bad.example"], "top_levels": ["example"]}
    found = {}
    for keep in ("newest", "oldest"):
        recipe = texts_in(
            *(tmp_path / keep, years, "\n".join(article("hosts"))),
            matching="published",
            rules="swallow-code",
            hosts=hosts,
            deduplication={**NUMBERS, "keep": keep},
        )
        build(recipe, tmp_path / keep / "out")
        found[keep] = {row["url"] for row in rows_of(tmp_path / keep / "out", "documents")}
    assert found == {"newest": {"https://new.example/"}, "oldest": {"https://old.example/"}}
    told = answer(tmp_path / "newest" / "out", "deduplication.keep=oldest")["copies"]
    assert (told["compared"], told["stay"], told["would_stay"]) == (2, 1, 1)
    sides = {side: {page["url"] for page in told["sides"][side]["examples"]} for side in ("gained", "lost")}
    assert sides == {"gained": found["oldest"], "lost": found["newest"]}


def test_what_later_corpora_displaced_is_not_gained(
    tmp_path: Path,
    article: Callable[[object], list[str]],
    build: Callable[..., Any],
    rows_of: Callable[[Path, str], list[dict[str, Any]]],
) -> None:
    text = "\n".join(article("removals"))
    build(
        texts_in(tmp_path / "first", {"first.example": 2020}, text, deduplication={**NUMBERS, "write_index": True}),
        tmp_path / "first" / "out",
    )
    earlier = {**NUMBERS, "earlier": ["../first/out/band-index"], "earlier_stay": False}
    build(
        texts_in(tmp_path / "second", {"second.example": 2026}, text, deduplication=earlier),
        tmp_path / "second" / "out",
    )
    removals = {**NUMBERS, "removals": ["../second/out/removals"]}
    build(
        texts_in(tmp_path / "again", {"first.example": 2020}, text, deduplication=removals),
        tmp_path / "again" / "out",
    )
    assert [row["rule"] for row in rows_of(tmp_path / "again" / "out", "ledger")] == ["duplicate.later"]
    told = answer(tmp_path / "again" / "out", "deduplication.keep=oldest")["copies"]
    assert (told["compared"], told["stay"], told["would_stay"], told["sides"]["gained"]["pages"]) == (1, 0, 0, 0)
    assert told["not told"]["displaced by later corpora"] == 1
    said = "\n".join(try_lines(tmp_path / "again" / "out", ["deduplication.keep=oldest"], (), 0, False))
    assert "1 pages that later corpora displaced" in said
