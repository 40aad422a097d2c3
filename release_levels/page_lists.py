"""Lists of pages a person keeps: take-down, deny and allow lists, by URL, host or hash of the text.

One entry a line, ``#`` begins a comment:

    https://www.example.jp/diary/1.html    one page, by http and https alike
    https://www.example.jp/diary/*         every page whose address begins so
    example.jp                             a host; in a take-down or deny list its subdomains, too
    *.example.jp                           a host and its subdomains, in any list
    text:<64 hexadecimal digits>           every copy of a text (`text_hash`)

Take-down and deny lists are read generously, allow lists narrowly: a mistake must never widen a permission.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Literal
from unicodedata import normalize
from urllib.parse import urlsplit

from tesuki.common.addresses import comparable_escapes
from tesuki.common.hosts import canonical_host, host_of

from .evidence import Evidence, observe

ListKind = Literal["takedown", "deny", "allow"]

_HASH = re.compile(r"text:([0-9a-fA-F]{64})\Z")


class PageListError(ValueError):
    """A line of a list is no entry; the message names the file, the line, what was found and what was expected."""


@dataclass(frozen=True, slots=True)
class PageList:
    """A list of one ``kind``: entries as written by what they match, in comparison form.

    ``hosts`` match themselves alone, ``domains`` their subdomains, too; ``beginnings`` are, by host, addresses that
    ended in ``*``.
    """

    kind: ListKind
    pages: dict[str, str]
    beginnings: dict[str, tuple[tuple[str, str], ...]]
    hosts: dict[str, str]
    domains: dict[str, str]
    texts: dict[str, str]


def text_hash(text: str) -> str:
    """SHA-256, in hexadecimal digits, of the letters and digits of ``text`` in NFKC and lower case.

    White space, punctuation and symbols are left out, so that the hash of a text as extracted is that of the text
    after its punctuation was normalized.
    """
    letters = re.sub(r"[\W_]+", "", normalize("NFKC", text).lower())
    return sha256(letters.encode("utf-8", "surrogatepass")).hexdigest()


def comparable_url(url: str) -> str:
    """``url`` as addresses are compared: no scheme, ``www.``, default port, fragment or final slash; percent encoding
    in one form. "" where it has no host."""
    host = host_of(url)
    if not host:
        return ""
    parts = urlsplit(url.strip())
    try:
        port = f":{parts.port}" if parts.port not in (None, 80, 443) else ""
    except ValueError:
        port = ""
    path = comparable_escapes(parts.path).rstrip("/")
    query = "?" + comparable_escapes(parts.query) if parts.query else ""
    return host.removeprefix("www.") + port + path + query


def parse_page_list(content: str, source: str, kind: ListKind) -> PageList:
    """Read a list; ``source`` names it in messages. Raises `PageListError` at the first line that is no entry."""
    found = PageList(kind, {}, {}, {}, {}, {})
    for number, line in enumerate(content.lstrip("\ufeff").splitlines(), 1):
        entry = re.split(r"(?:^|\s)#", line, maxsplit=1)[0].strip()
        if entry and not _add(found, entry):
            raise PageListError(
                f"{source}: line {number}: found {entry[:80]!r}, expected an address (https://…), a host "
                "(example.jp, *.example.jp) or text: and the 64 hexadecimal digits of a text's hash"
            )
    return found


def _add(found: PageList, entry: str) -> bool:
    hashed = _HASH.match(entry)
    if hashed:
        found.texts.setdefault(hashed[1].lower(), entry)
    elif entry.lower().startswith(("http://", "https://")):
        page = comparable_url(entry.removesuffix("*"))
        if not page:
            return False
        if entry.endswith("*"):
            host = re.split(r"[/:?]", page, maxsplit=1)[0]
            beginning = page + "/" if entry.removesuffix("*").endswith("/") else page
            found.beginnings[host] = (*found.beginnings.get(host, ()), (beginning, entry))
        else:
            found.pages.setdefault(page, entry)
    else:
        host = canonical_host(entry.removeprefix("*."))
        if host is None or "." not in host or ":" in host or "*" in host:
            return False
        wide = entry.startswith("*.") or found.kind != "allow"
        (found.domains if wide else found.hosts).setdefault(host.removeprefix("www."), entry)
    return True


def listed(pages: PageList, url: str, text_hashes: tuple[str, ...] = ()) -> str:
    """The entry, as written, that names the page at ``url`` or one of its texts; "" where none does."""
    for hashed in text_hashes:
        if hashed in pages.texts:
            return pages.texts[hashed]
    page = comparable_url(url)
    if not page:
        return ""
    if page in pages.pages:
        return pages.pages[page]
    host = (host_of(url) or "").removeprefix("www.")
    for beginning, entry in pages.beginnings.get(host, ()):
        if page.startswith(beginning) or page + "/" == beginning:
            return entry
    if host in pages.hosts:
        return pages.hosts[host]
    return next((pages.domains[domain] for domain in _domains(host) if domain in pages.domains), "")


def _domains(host: str) -> Iterator[str]:
    labels = host.split(".")
    for first in range(len(labels)):
        yield ".".join(labels[first:])


def signals_page_list(pages: PageList, url: str, text_hashes: tuple[str, ...] = ()) -> Iterator[Evidence]:
    """Evidence ``list.takedown``, ``list.deny`` or ``list.allow``; the value is the entry."""
    entry = listed(pages, url, text_hashes)
    if entry:
        yield observe(f"list.{pages.kind}", "list", entry, "list.entry")
