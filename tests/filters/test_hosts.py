"""Hosts: what a URL's host is, and which lists cover it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tesuki.common.hosts import host_of
from tesuki.filters.hosts import host_list, union

LIST = host_list(
    ["wikipedia.org", "5ch.net", "例え.jp", "*.example.com", "Bad.Example.NET.", "# a remark", "", "jp", "not a host"],
    ["bad.jp/path", "http://Cgi.example.org/~user/", "plain.example", "q.example/a?b=1"],
)


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://www.Example.JP/a", "www.example.jp"),
        ("http://user:pass@example.jp:8080/", "example.jp"),
        ("http://example.jp./", "example.jp"),
        ("http://日本語.jp/", "xn--wgv71a119e.jp"),
        ("http://XN--WGV71A119E.jp/", "xn--wgv71a119e.jp"),
        ("http://日本語。jp/", "xn--wgv71a119e.jp"),
        ("http://%E6%97%A5%E6%9C%AC%E8%AA%9E.jp/", "xn--wgv71a119e.jp"),
        ("http://foo_bar.example.jp/", "foo_bar.example.jp"),
        ("http://[2001:db8::1]:80/", "2001:db8::1"),
        ("//example.jp/a", "example.jp"),
        ("mailto:a@example.jp", None),
        ("dns:example.jp", None),
        ("http:///x", None),
        ("http://[::1", None),
        ("example.jp/a", None),
        ("", None),
        (None, None),
        ("http://" + "a" * 254 + "/", None),
        ("http://a b/", None),
        ("http://☃.example/", "xn--n3h.example"),
    ],
)
def test_host_of_a_url(url: str | None, host: str | None) -> None:
    assert host_of(url) == host


@pytest.mark.parametrize(
    ("url", "entry"),
    [
        ("http://wikipedia.org/", "wikipedia.org"),
        ("https://ja.m.wikipedia.org:443/wiki/a", "wikipedia.org"),
        ("https://notwikipedia.org/", None),
        ("https://wikipedia.org.example/", None),
        ("http://5ch.net/", "5ch.net"),
        ("http://www.xn--r8jz45g.jp/", "xn--r8jz45g.jp"),
        ("http://例え.jp/", "xn--r8jz45g.jp"),
        ("http://www.example.com/", "example.com"),
        ("http://bad.example.net/", "bad.example.net"),
        ("http://example.net/", None),
        ("http://other.jp/", None),
        ("http://jp/", "jp"),
        ("http://bad.jp/path", "bad.jp/path"),
        ("http://www.bad.jp/path/deep?x=1", "bad.jp/path"),
        ("http://bad.jp/PATH?x", "bad.jp/path"),
        ("http://bad.jp/pathology", None),
        ("http://bad.jp/", None),
        ("http://cgi.example.org/%7Euser/index.html", "cgi.example.org/~user"),
        ("http://plain.example/any", "plain.example"),
        ("http://q.example/a?b=1", "q.example/a?b=1"),
        ("http://q.example/a?b=12", None),
        ("mailto:a@wikipedia.org", None),
        ("http:///wikipedia.org", None),
        (None, None),
    ],
)
def test_what_a_list_covers(url: str | None, entry: str | None) -> None:
    assert LIST.match(url) == entry


labels = st.text(alphabet="abcdefghijklmnopqrstuvwxyz0123456789", min_size=1, max_size=8)


@given(labels, st.lists(labels, max_size=4), st.booleans())
def test_subdomains_match_and_longer_names_do_not(prefix: str, subdomains: list[str], glued: bool) -> None:
    found = host_list(["example.jp"]).match("http://" + ".".join([*subdomains, "example.jp"]) + ":8080/x")
    assert found == "example.jp"
    assert host_list(["example.jp"]).match(f"http://{prefix}example.jp/") is None


@settings(max_examples=200)
@given(st.text(max_size=60))
def test_no_url_crashes(url: str) -> None:
    for given_url in (url, f"http://{url}", f"http://{url}/a"):
        host_of(given_url)
        LIST.match(given_url)


HOSTS = ("a.example", "b.a.example", "c.b.a.example", "example", "d.example", "aa.example")
PATHS = ("", "/", "/x", "/x/", "/x/y", "/x?y", "/xy", "/x/y?z=1")
addresses = st.builds(str.__add__, st.sampled_from(HOSTS), st.sampled_from(PATHS))


@settings(max_examples=300)
@given(st.lists(st.sampled_from(HOSTS), max_size=2), st.lists(addresses, max_size=4), addresses)
def test_what_is_left_for_a_host_answers_as_the_whole_list(domains: list[str], listed: list[str], url: str) -> None:
    whole = host_list(domains, listed)
    url = f"http://{url}"
    host = host_of(url)
    assert host is not None
    left = whole.covering(["elsewhere.jp", host])
    assert left.match(url) == whole.match(url)
    assert (left == whole.covering(["elsewhere.jp"])) == (not left.domains and not left.addresses)
    assert union([host_list(domains), host_list([], listed)]) == whole


@given(st.lists(addresses, max_size=4), addresses)
def test_an_address_covers_what_lies_below_it(listed: list[str], url: str) -> None:
    """Said again without cutting paths: by beginnings and what follows them."""
    path = url.partition("/")[2].rstrip("/")
    host = url.partition("/")[0]
    expected = any(
        (host == entry_host or (host.endswith(f".{entry_host}") and "." in entry_host))
        and (
            not entry_path.rstrip("/")
            or path == entry_path.rstrip("/")
            or path.startswith((entry_path.rstrip("/") + "/", entry_path.rstrip("/") + "?"))
        )
        for entry_host, _, entry_path in (entry.partition("/") for entry in listed)
    )
    assert (host_list([], listed).match(f"http://{url}") is not None) == expected
