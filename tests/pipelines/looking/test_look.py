"""`tesuki look` over real HTTP and in a real browser: what it shows, what it must not, and whom it answers."""

from __future__ import annotations

import http.client
import json
import random
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
import yaml

from tesuki.pipelines.commands.full_report import full_report
from tesuki.pipelines.commands.look import open_look
from tesuki.pipelines.commands.sample import sample_lines
from tesuki.pipelines.commands.try_ import try_lines
from tesuki.pipelines.commands.why import story_of
from tesuki.pipelines.corpus.manifest import read_manifest
from tesuki.pipelines.errors import RequestError
from tesuki.pipelines.levelling.shown import shown_levels

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
HOSTILE = "<script>document.title='stolen'</script><img src=x onerror=\"document.title='stolen'\">"


class Reply:
    def __init__(self, response: http.client.HTTPResponse) -> None:
        self.status = response.status
        self.headers = response.headers
        self.content = response.read()

    @property
    def json(self) -> Any:
        return json.loads(self.content)


class Looking:
    """A browser of our own: requests to the server, with any host."""

    def __init__(self, address: str) -> None:
        self.address = address
        parts = urlsplit(address)
        self.port, self.path = parts.port, parts.path

    def get(self, name: str, *, host: str | None = None, path: str | None = None, method: str = "GET") -> Reply:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        headers = {} if host is None else {"Host": host}
        connection.request(method, (self.path if path is None else path) + name, headers=headers)
        reply = Reply(connection.getresponse())
        connection.close()
        return reply

    def ask(self, name: str, question: str) -> Any:
        return self.get(f"{name}?q={quote(question)}").json


@contextmanager
def looking(output: Path, *, internal: bool = False) -> Iterator[Looking]:
    address, server = open_look(output, 0, internal=internal)
    thread = Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield Looking(address)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def look(sample: Path) -> Iterator[Looking]:
    with looking(sample) as look:
        yield look


KANJI = "山川海空木花鳥風月雨雪道町村家庭窓机本紙筆墨声音色光影朝昼夜春夏秋冬東西南北市港橋駅車船旅人友父母兄弟姉妹"


def prose(word: str) -> str:
    """A text of 600 characters and more that begins with ``word`` and is like no other."""
    draw = random.Random(word)
    return word + "\n".join("".join(draw.choices(KANJI, k=30)) + "の話である。" for _ in range(20))


@pytest.fixture(scope="module")
def levels(tmp_path_factory: pytest.TempPathFactory, build: Any) -> Path:
    """A corpus with a kept and a rejected page in subsets of levels L2, L3 and LX."""
    folder = tmp_path_factory.mktemp("levels")
    subsets: dict[str, Any] = {}
    for level in ("L2", "L3", "LX"):
        pages = [("kept", prose(f"合言葉{level}残り")), ("short", f"合言葉{level}短い。{HOSTILE}")]
        lines = [
            json.dumps(
                {"url": f"https://{level}.example/{name}", "text": text, "title": f"題{level}", "date": "2026-05-01"}
            )
            for name, text in pages
        ]
        (folder / f"{level}.jsonl").write_text("\n".join(lines), encoding="utf-8")
        subsets[level.lower()] = {"inputs": f"{level}.jsonl", "format": "jsonl", "level": level, "judge": True}
    rules = folder / "rules.tsv"
    rules.write_text("rule\tmeasure\tcomparison\tthreshold\ncharacters\tcharacters\t<\t400\n")
    recipe = {"name": "three", "subsets": subsets, "mend": "none", "tokenizer": None, "rules": {"preset": "rules.tsv"}}
    (folder / "recipe.yaml").write_text(yaml.safe_dump(recipe), encoding="utf-8")
    build(folder / "recipe.yaml", folder / "out")
    return folder / "out"


def test_it_answers_only_this_machine_under_its_secret(look: Looking) -> None:
    assert look.get("").status == 200
    assert look.get("", host=f"localhost:{look.port}").status == 200
    for host in ("evil.example", f"evil.example:{look.port}", "127.0.0.1.evil.example", "", "[::1", "user@127.0.0.1:x"):
        assert look.get("rules", host=host).status == 421, host
    for path in ("/", "", "/x/", look.path[:-2] + "/", "/%2e%2e/", look.path + "../"):
        assert look.get("rules", path=path).status == 404, path
    assert look.get("manifest.json").status == 404
    assert look.get("", method="POST").status == 501


def test_nothing_but_our_script_may_run(look: Looking) -> None:
    for name in ("", "report"):
        reply = look.get(name)
        policy = reply.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        (scripts,) = re.findall(r"script-src ([^;]*)", policy)
        assert re.fullmatch(r"'sha256-[^' ]+'", scripts)
        html = reply.content.decode()
        assert not re.search(r"""<[^>]*\s(?:on\w+|src)\s*=|url\(|@import|https?://""", html.partition("<main>")[0])
    reply = look.get("rules")
    assert reply.headers["Content-Type"].startswith("application/json")
    assert reply.headers["X-Content-Type-Options"] == "nosniff"
    assert reply.headers["Cross-Origin-Resource-Policy"] == "same-origin"


def test_from_a_rule_to_its_examples_to_the_story_that_why_tells(look: Looking, sample: Path) -> None:
    rules = look.ask("rules", "")
    manifest = read_manifest(sample)
    assert sum(rule["pages"] for rule in rules) == manifest.balance.read - manifest.balance.fates["kept"]
    texts = 0
    for rule in rules:
        if rule["fate"] == "withheld":
            continue
        found = look.ask("examples", rule["rule"])["pages"]
        assert 0 < len(found) <= min(rule["pages"], 20) or rule["pages"] > 20
        for page in found:
            (capture,) = look.ask("page", page["record_id"])
            assert capture["story"] == list(story_of(sample, page["record_id"]))
            assert capture["text"].startswith(page["text"])
            texts += bool(page["text"])
    assert texts
    assert look.get("examples?q=no.such.rule").status == 404
    assert look.get("page?q=no-such-page").status == 404
    assert look.get("search?q=").status == 400
    assert look.get("search?q=" + "x" * 9000).status == 414


def test_the_report_leads_to_rules_and_pages(levels: Path) -> None:
    with looking(levels) as look:
        html = look.get("report").content.decode()
        assert '<a href="./#rule=quality.characters">characters</a>' in html
        pages = re.findall(r'href="\./#page=([^"]+)"', html)
        assert pages
        for page in pages:
            assert look.ask("page", page)
    assert "<a href" not in full_report(levels, read_manifest(levels), internal=False)


def test_a_hit_leads_to_its_document(look: Looking, sample: Path, rows_of: Any) -> None:
    row = next(row for row in rows_of(sample, "documents") if row["level"] in ("L1", "L2"))
    words = row["text"][100:115]
    found = look.ask("search", words)
    hit = next(hit for hit in found["hits"] if hit["id"] == row["id"])
    assert hit["before"] + hit["found"] + hit["after"] in row["text"]
    (capture,) = look.ask("page", hit["id"])
    assert capture["text"] == row["text"]
    assert capture["story"] == list(story_of(sample, row["id"]))


def test_restricted_texts_are_not_shown_by_any_way(levels: Path) -> None:
    with looking(levels) as look:
        asked = [look.ask("search", "合言葉"), look.ask("examples", "quality.characters")]
        for level in ("L2", "L3", "LX"):
            asked += [look.ask("page", f"https://{level}.example/{name}") for name in ("kept", "short")]
        asked.append(look.get("report").content.decode())
    told = json.dumps(asked, ensure_ascii=False)
    assert "L2残り" in told
    assert "L2短い" in told
    for hidden in ("L3残り", "L3短い", "LX残り", "LX短い", "題L3", "題LX"):
        assert hidden not in told
    assert len(asked[1]["pages"]) == 3
    with looking(levels, internal=True) as look:
        asked = [look.ask("search", "合言葉"), look.ask("examples", "quality.characters")]
    told = json.dumps(asked, ensure_ascii=False)
    assert "L3残り" in told
    assert "L3短い" in told
    assert "LX残り" not in told
    assert "LX短い" not in told


def told_by_commands(output: Path, folder: Path) -> str:
    """All that the commands say and write that quote texts of a corpus."""
    said = [
        *sample_lines(output, folder / "sheet", 9, 9, 0),
        *try_lines(output, ["rules.set.characters=9999"], (), 9, False),
    ]
    said += try_lines(output, ["rules.set.characters=1"], (), 9, False)
    said += [path.read_text(encoding="utf-8") for path in sorted((folder / "sheet").iterdir())]
    full = full_report(output, read_manifest(output), internal=False)
    assert "合言葉L2" in full
    return "\n".join((*said, full))


def test_no_command_quotes_what_may_not_be_shown(levels: Path, tmp_path: Path) -> None:
    told = told_by_commands(levels, tmp_path)
    assert told.count("合言葉L2残り") >= 2
    assert told.count("合言葉L2短い") >= 2
    assert not re.search("合言葉(L3|LX)", told)
    list(sample_lines(levels, tmp_path / "internal", 9, 9, 0, internal=True))
    sheet = (tmp_path / "internal" / "sample.html").read_text(encoding="utf-8")
    for told in (sheet, full_report(levels, read_manifest(levels), internal=True)):
        assert "合言葉L3残り" in told
        assert "合言葉L3短い" in told
        assert "合言葉LX" not in told
        assert "<script>document" not in told


@pytest.mark.parametrize("bound", [1, 9999])
@pytest.mark.parametrize("as_json", [False, True])
def test_what_is_tried_is_told_with_addresses_of_shown_levels(levels: Path, bound: int, as_json: bool) -> None:
    for internal, shown in ((False, {"L2"}), (True, {"L2", "L3"})):
        said = "\n".join(try_lines(levels, [f"rules.set.characters={bound}"], (), 9, as_json, internal=internal))
        assert set(re.findall("https://(..)[.]example", said)) == shown
        assert as_json or set(re.findall("合言葉(..)", said)) == shown


def test_levels_that_are_shown_may_be_searched() -> None:
    assert {level.name for level in shown_levels(internal=False)} == {"L1", "L2"}
    assert {level.name for level in shown_levels(internal=True)} == {"L1", "L2", "L3"}


def test_a_wrong_request_is_refused(tmp_path: Path, sample: Path) -> None:
    with pytest.raises(RequestError, match="no finished corpus"):
        open_look(tmp_path, 0, internal=False)
    with looking(sample) as look, pytest.raises(RequestError, match="is taken"):
        open_look(sample, int(str(look.port)), internal=False)


def dom(address: str, profile: Path) -> str:
    return subprocess.run(
        [
            str(CHROMIUM),
            *("--headless", "--no-sandbox", "--disable-gpu", "--window-size=1000,1400", "--virtual-time-budget=8000"),
            f"--user-data-dir={profile}",
            "--dump-dom",
            address,
        ],
        capture_output=True,
        encoding="utf-8",
        timeout=90,
        check=True,
    ).stdout


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")
def test_a_browser_shows_rules_hits_and_hostile_text_as_text(levels: Path, tmp_path: Path) -> None:
    with looking(levels) as look:
        rules = dom(look.address, tmp_path / "one")
        hits = dom(f"{look.address}#find={quote('合言葉')}", tmp_path / "one")
        examples = dom(f"{look.address}#rule=quality.characters", tmp_path / "one")
        report = dom(f"{look.address}report", tmp_path / "one")
    assert "#rule=quality.characters" in rules
    assert "<mark>合言葉</mark>L2残り" in hits
    assert "合言葉L2短い。&lt;script&gt;" in examples
    assert "<title>three" in examples
    for page in (examples, report):
        assert "<img" not in page
        assert "<title>three" in page
    assert "合言葉L2短い" in report
