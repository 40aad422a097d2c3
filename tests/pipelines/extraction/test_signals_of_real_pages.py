"""Signals of real pages: a dozen that a person has read, and all others for soundness."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tesuki.pipelines.decoding.decode import decode
from tesuki.pipelines.journey.page import Page
from tesuki.pipelines.reading.ranges import plan_ranges
from tesuki.pipelines.reading.warc.archive import read_range
from tesuki.release_levels.decision import decide
from tesuki.release_levels.policy import packaged_policy
from tesuki.release_levels.signals import known_signals, read_signals

ARCHIVE = Path(__file__).resolve().parents[3].parent / "shared" / "data" / "web-ja-dev.warc.gz"

# Addresses (as patterns), what the page says as read by a person, and the level by the default policy.
READ = (
    (r"//boostjp\.github\.io/tips/", {"licence.cc-by"}, "L1"),  # 本サイトの情報は … CC BY の下に, in a footer
    (r"//kaityo256\.github\.io/sevendayshpc/$", {"licence.cc-by"}, "L2"),  # the same, in running text only
    (r"//headlines\.yahoo\.co\.jp/", {"robots.noarchive", "notice.reproduction-prohibited"}, "L3"),
    (r"//www\.rbbtoday\.com/", {"notice.reproduction-prohibited"}, "L3"),  # 記事・見出し・写真・画像の無断転載
    (r"//www\.afpbb\.com/", {"notice.reproduction-prohibited"}, "L3"),  # 写真・見出し・記事の無断使用
    (r"//www\.nikkei\.com/article/", {"paywall.teaser", "paywall.login", "notice.reproduction-prohibited"}, "L3"),
    (r"//folio-jp\.github\.io/samples/sample-001/", {"robots.noindex"}, "L3"),
    (r"//animetourism\.co\.jp/news\.html", {"notice.all-rights-reserved"}, "L2"),
    (r"//finops-jp\.github\.io/posts/2024/10/", {"notice.all-rights-reserved"}, "L2"),  # robots: all,follow
    (r"//buzzap\.jp/", {"notice.all-rights-reserved"}, "L2"),  # "All Rights Resered."
    (r"//momdo\.github\.io/html51/document-metadata", set(), "L2"),  # quotes <link rel="author license">
    (r"//www\.ouest-france\.fr/monde/gaza/", {"tdm.reserved", "tdm.policy"}, "LX"),
    (r"//www\.panarmenian\.net/eng/news/275221/", {"licence.cc-by"}, "L1"),
    (r"//www\.klimawandel-global\.de/", {"part-licence.cc-by-sa"}, "L2"),  # the licence of a banner's photograph
    (r"//www\.irishtimes\.com/world/", {"paywall.not-free"}, "LZ"),
)


@pytest.mark.shared
@pytest.mark.skipif(not ARCHIVE.exists(), reason="real pages beside the project are missing: web-ja-dev.warc.gz")
def test_real_pages() -> None:
    policy = packaged_policy("default")
    found: dict[str, list[tuple[set[str], str]]] = {pattern: [] for pattern, _, _ in READ}
    pages = 0
    for part in plan_ranges(ARCHIVE, "dev", 1 << 40):
        for item in read_range(part):
            page = decode(item) if isinstance(item, Page) else item
            if not isinstance(page, Page):
                continue
            pages += 1
            evidence = read_signals(page.url, page.headers, page.html, "")
            assert all(each.signal in known_signals() for each in evidence)
            assert all(each.value.encode("utf-8") for each in evidence)
            for pattern in found:
                if re.search(pattern, page.url):
                    found[pattern].append(({each.signal for each in evidence}, decide(policy, evidence).level.name))
    assert pages > 1800
    for pattern, signals, level in READ:
        assert found[pattern], pattern
        for read, decided in found[pattern]:
            assert read >= signals, pattern
            assert decided == level, pattern
