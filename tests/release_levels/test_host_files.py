"""robots.txt, ai.txt and tdmrep.json, evaluated for a page. Expected results are those of the documents named."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tesuki.release_levels.ai_agents import ai_agents
from tesuki.release_levels.evidence import Evidence
from tesuki.release_levels.robots_groups import path_matches, read_robots_file
from tesuki.release_levels.signals_ai_txt import signals_ai_txt
from tesuki.release_levels.signals_robots_txt import signals_robots_txt
from tesuki.release_levels.signals_tdmrep import read_tdmrep, signals_tdmrep


def robots(content: str, path: str = "/page.html") -> dict[str, str]:
    """Signals of a robots.txt for a page, with their values."""
    found = signals_robots_txt(read_robots_file(content), f"https://www.example.jp{path}")
    return {each.signal: each.value for each in found}


def test_agents_table() -> None:
    assert len(set(ai_agents())) == len(ai_agents()) > 20
    assert {"GPTBot", "CCBot", "Google-Extended", "ClaudeBot", "SBIntuitionsBot"} <= set(ai_agents())


@pytest.mark.parametrize(
    ("content", "path", "signals"),
    [
        ("", "/", {}),
        ("User-agent: *\nDisallow:\n", "/", {}),
        ("User-agent: GPTBot\nDisallow: /\n", "/", {"robots-txt.agent": "GPTBot"}),
        ("USER-AGENT: gptbot\nDISALLOW: /\n", "/", {"robots-txt.agent": "GPTBot"}),
        ("User-agent: GPTBot/1.0\nDisallow: /\n", "/", {"robots-txt.agent": "GPTBot"}),
        (
            "\ufeffUser-agent: CCBot\r\nUser-agent: GPTBot\r\n\r\nDisallow: /\r\n",
            "/",
            {"robots-txt.agent": "CCBot, GPTBot"},
        ),
        ("User-agent: GPTBot\nDisallow: /private/\n", "/page.html", {}),
        ("User-agent: GPTBot\nDisallow: /private/\n", "/private/a", {"robots-txt.agent": "GPTBot"}),
        ("User-agent: GPTBot\nDisallow: /\nAllow: /open/\n", "/open/a", {}),
        ("User-agent: GPTBot\nDisallow: /*.html$\n", "/a/b.html", {"robots-txt.agent": "GPTBot"}),
        ("User-agent: GPTBot\nDisallow: /*.html$\n", "/a/b.html?x", {}),
        ("User-agent: *\nDisallow: /\n", "/", {"robots-txt.all": "*"}),
        ("User-agent: *\nDisallow: /\n\nUser-agent: Googlebot\nAllow: /\n", "/", {"robots-txt.all": "*"}),
        ("User-agent: *\nDisallow: /\n\nUser-agent: CCBot\nAllow: /\n", "/", {}),
        ("User-agent: *\nDisallow: /\n\nUser-agent: GPTBot\nDisallow:\n", "/", {"robots-txt.all": "*"}),
        ("User-agent: Googlebot\nDisallow: /\n", "/", {}),
        ("User-agent: Applebot\nDisallow: /\n", "/", {}),
        ("User-agent: Google\nDisallow: /\n", "/", {}),
        ("User-agent: CC\nDisallow: /\n", "/", {}),
        ("Disallow: /\n", "/", {}),
        ("# User-agent: GPTBot\n# Disallow: /\n", "/", {}),
        ("<!DOCTYPE html><title>404</title>", "/", {}),
    ],
)
def test_robots_txt(content: str, path: str, signals: dict[str, str]) -> None:
    assert robots(content, path) == signals


# The example of draft-ietf-aipref-attach, section "Example", with its table of results.
AIPREF = (
    "User-Agent: *\nAllow: /\nDisallow: /never/\nContent-Usage: train-ai=n\nContent-Usage: /ai-ok/ train-ai=y\n\n"
    "User-Agent: ExampleBot\nAllow: /\nContent-Usage: train-ai=y\n"
)


@pytest.mark.parametrize(
    ("path", "signals"),
    [
        ("/test", {"content-usage.no-train"}),
        ("/never/test", {"content-usage.no-train", "robots-txt.all"}),
        ("/ai-ok/test", set()),
    ],
)
def test_content_usage_as_in_the_draft(path: str, signals: set[str]) -> None:
    assert set(robots(AIPREF, path)) == signals


def test_content_usage_rules() -> None:
    own_group = "User-agent: *\nContent-Usage: train-ai=n\n\nUser-agent: CCBot\nContent-Usage: train-ai=y\n"
    assert robots(own_group) == {}
    same_path = "User-agent: *\nContent-Usage: train-ai=y\nContent-Usage: train-ai=n\n"
    assert robots(same_path) == {"content-usage.no-train": "train-ai=n"}
    managed = "User-agent: *\nContent-Signal: search=yes,ai-train=no\nAllow: /\n\nUser-agent: Bytespider\nDisallow: /\n"
    assert robots(managed) == {
        "content-signal.no-train": "search=yes,ai-train=no",
        "robots-txt.agent": "Bytespider",
    }


@pytest.mark.parametrize(
    ("content", "path", "value"),
    [
        ("# Spawning AI\nUser-Agent: *\nDisallow: /\nDisallow: *\n", "/a", "*"),
        ("User-Agent: *\nDisallow: *.txt\nDisallow: *.html\n", "/a.html", "*"),
        ("User-Agent: *\nDisallow: *.jpg\nAllow: *.html\n", "/a.html", ""),
        ("User-Agent: GPTBot\nDisallow: /\n", "/a", "GPTBot"),
        ("# Example Corp\n\nThis file tells AI systems about us. Disallow nothing: be kind.\n", "/a", ""),
    ],
)
def test_ai_txt(content: str, path: str, value: str) -> None:
    found = list(signals_ai_txt(read_robots_file(content), f"https://a.jp{path}"))
    assert found == ([Evidence("ai-txt.disallow", "host", value, "ai-txt.disallow")] if value else [])


RULES = """[
  {"location": "/open/*", "tdm-reservation": 0},
  {"location": "/news/", "tdm-reservation": 1, "tdm-policy": "https://a.jp/policy.json"},
  {"location": "/*.pdf$", "tdm-reservation": "yes"},
  {"location": "/", "tdm-reservation": 1}
]"""


@pytest.mark.parametrize(
    ("path", "signals"),
    [
        ("/open/a", {"tdm.not-reserved"}),
        ("/news/a", {"tdm.reserved", "tdm.policy"}),
        ("/a.pdf", {"tdm.malformed"}),
        ("/a", {"tdm.reserved"}),
    ],
)
def test_tdmrep_takes_the_first_rule_that_matches(path: str, signals: set[str]) -> None:
    found = signals_tdmrep(read_tdmrep(RULES), f"https://a.jp{path}")
    assert {each.signal for each in found} == signals


@pytest.mark.parametrize(
    "content", ["", "{}", "null", "[1]", '[{"tdm-reservation": 1}]', "[" * 100_000, '[{"location": 3}]', "<html>"]
)
def test_tdmrep_that_is_none(content: str) -> None:
    assert read_tdmrep(content) == ()


@pytest.mark.parametrize("value", ["true", '"yes"', "2", "null", "1.5", "[1]"])
def test_malformed_reservations_say_nothing(value: str) -> None:
    rules = read_tdmrep(f'[{{"location": "/", "tdm-reservation": {value}}}]')
    assert [each.signal for each in signals_tdmrep(rules, "https://a.jp/")] == ["tdm.malformed"]


@pytest.mark.parametrize(
    "content",
    [
        '[{"location": "/", "tdm-reservation": "1"}]',
        '{"location": "/", "tdm-reservation": 1}',
        '[{"location": "/", "tdm-reservation": 1,},]',
        '\ufeff[{"location": " /* ", "tdm-reservation": 1.0, "tdm-policy": "a\nb"}]',
    ],
)
def test_tdmrep_as_people_write_it(content: str) -> None:
    signals = {each.signal for each in signals_tdmrep(read_tdmrep(content), "https://a.jp/x")}
    assert "tdm.reserved" in signals


LEGACY = "User-agent: GPTBot\nDisallow: /%C6%FC/\nDisallow: /wiki?%93%FA\n"


@pytest.mark.parametrize(
    ("path", "barred"),
    [
        ("/%C6%FC/", True),
        ("/%c6%fc/a", True),
        ("/%CB%DC/", False),
        ("/%EF%BF%BD%EF%BF%BD/", False),
        ("/wiki?%93%FA", True),
        ("/wiki?%96%7B", False),
    ],
)
def test_escapes_that_are_no_utf_8_are_bytes(path: str, barred: bool) -> None:
    assert bool(robots(LEGACY, path)) == barred
    opened = "User-agent: GPTBot\nDisallow: /\n" + LEGACY.split("\n", 1)[1].replace("Disallow", "Allow")
    assert bool(robots(opened, path)) != barred


def test_escapes_are_compared_in_one_form() -> None:
    file = "User-agent: GPTBot\nDisallow: /日本/\nDisallow: /%7Ea/\nDisallow: /%2A$\n"
    assert robots(file, "/%E6%97%A5%E6%9C%AC/x")
    assert robots(file, "/~a/x")
    assert robots(file, "/*")
    assert not robots(file, "/x")


# RFC 9309, section 2.2.1: user-agent lines in a row name one group; other lines do not part them.
@pytest.mark.parametrize(
    "between", ["Crawl-delay: 5\n", "Sitemap: https://a.jp/s.xml\n", "Host: a.jp\n", "# x\n\n", ""]
)
def test_agents_in_a_row_are_one_group(between: str) -> None:
    file = f"User-agent: GPTBot\n{between}User-agent: Other\nDisallow: /\n"
    assert robots(file) == {"robots-txt.agent": "GPTBot"}


def test_the_longest_path_decides_and_allow_of_two() -> None:
    file = "User-agent: GPTBot\nAllow: /a\nDisallow: /a\nDisallow: /a/b\nAllow: /a/b/*/d$\nDisallow: private/\n"
    barred = {"/a": False, "/a/b": True, "/a/b/c/d": False, "/a/b/c/de": True, "/private/x": True}
    assert {path: bool(robots(file, path)) for path in barred} == barred


@pytest.mark.timeout(20)
def test_stars_cost_no_time() -> None:
    file = "User-agent: GPTBot\n" + f"Disallow: /{'*a' * 5000}b\n" * 20
    assert robots(file, "/" + "a" * 5000) == {}


@given(st.text(alphabet=st.sampled_from("/a%\ud800\udfff?*$.本"), max_size=12))
def test_lone_surrogates_in_addresses_and_rules(path: str) -> None:
    file = read_robots_file(f"User-agent: GPTBot\nDisallow: /{path}\nContent-Usage: /{path} train-ai=n\n")
    for url in (f"https://a.jp/{path}", f"https://a.jp{path}", path):
        found = [*signals_robots_txt(file, url), *signals_ai_txt(file, url)]
        assert all(each.value.encode() is not None for each in found)


def test_path_patterns() -> None:
    assert path_matches("/fish*", "https://a.jp/fishheads/yummy.html")
    assert path_matches("/*.php$", "https://a.jp/folder/filename.php")
    assert not path_matches("/*.php$", "https://a.jp/filename.php5")
    assert not path_matches("/fish/", "https://a.jp/fish")


@given(
    st.text(alphabet=st.sampled_from('User-agent: *CcBot/Disallow\n# =,{}[]"\ud800'), max_size=200),
    st.text(max_size=20),
)
def test_files_of_any_content_are_read(content: str, url: str) -> None:
    for address in (url, f"https://a.jp/{url}"):
        file = read_robots_file(content)
        list(signals_robots_txt(file, address))
        list(signals_ai_txt(file, address))
        list(signals_tdmrep(read_tdmrep(content), address))
