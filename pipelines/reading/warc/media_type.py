"""Is this HTML, or a feed? By the declared type and by the bytes, neither believed alone."""

from __future__ import annotations

import re

HTML_TYPES = frozenset({"text/html", "application/xhtml+xml"})

_NOT_TEXT = re.compile(
    rb"%PDF-|\x89PNG|GIF8[79]a|\xff\xd8\xff|PK\x03\x04|\x1f\x8b\x08|RIFF....WEBP|\x00\x00\x01\x00|wOF[F2]|OggS|ID3",
    re.DOTALL,
)
"""Signatures of WHATWG MIME Sniffing, section 6, for what servers mislabel as HTML."""

_HTML = re.compile(
    rb"(?:\xef\xbb\xbf)?+(?:[\t\n\x0c\r ]++|(?><!--.{0,4096}?-->)|(?><\?xml[^>]{0,512}?\?>))*+"
    rb"<(?:!DOCTYPE[ \t\r\n]+HTML|HTML|HEAD|SCRIPT|IFRAME|H1|DIV|FONT|TABLE|A|STYLE|TITLE|B|BODY|BR|P)[ \t\r\n>/]",
    re.IGNORECASE | re.DOTALL,
)
"""The rules for HTML of WHATWG MIME Sniffing, section 7.1, with comments and an XML declaration passed over.

What is passed over is never given back: of thirty blanks, backtracking would try every division."""

FEED_TYPES = frozenset({"application/rss+xml", "application/atom+xml", "application/feed+json"})

_FEED = re.compile(
    rb"(?:\xef\xbb\xbf)?+(?:[\t\n\x0c\r ]++|(?><!--.{0,4096}?-->)|(?><\?[^>]{0,512}?\?>)|(?><![A-Za-z][^>]{0,512}>))*+"
    rb"<(?:rss|feed|rdf:RDF(?=[^>]{0,1024}http://purl\.org/rss/1\.0/))[ \t\r\n>]",
    re.DOTALL,
)
"""How a feed begins: after WHATWG MIME Sniffing, section 7.3, which looks for one in what is declared as HTML too."""


def is_html(content_type: str, body: bytes) -> bool:
    """Whether a body is an HTML page.

    A declared HTML type is believed unless the bytes carry the signature of something else; without it the bytes must
    begin as HTML does. UTF-16 is seen by its byte order mark.
    """
    if content_type.partition(";")[0].strip().lower() in HTML_TYPES:
        return not _NOT_TEXT.match(body)
    start = body[:8192]
    if start[:2] in (b"\xff\xfe", b"\xfe\xff"):
        start = start[2:].replace(b"\0", b"")
    return bool(_HTML.match(start))


def is_feed(content_type: str, body: bytes) -> bool:
    """Whether a body is an RSS, Atom or JSON feed: the news of a site, its articles told or repeated in one file.

    A declared type is believed unless the bytes begin as HTML does.
    """
    if content_type.partition(";")[0].strip().lower() in FEED_TYPES:
        return not _HTML.match(body[:8192])
    return bool(_FEED.match(body[:16384]))
