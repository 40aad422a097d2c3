"""The tables by which a page's markup is read: what kind an element is, and what its names say it holds.

Names are the words of ``class`` and ``id``. They are asked of elements that stand as blocks, never of inline ones: a
word of a sentence is no menu because its class says so. A name only says what is *likely*: `choosing` overrules it
where too much of the page's prose would go.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, Literal

Reason = Literal[
    "aside",
    "comment",
    "elsewhere",
    "footer",
    "form",
    "header",
    "hidden",
    "leads on",
    "line numbers",
    "link list",
    "menu",
    "notice",
    "repeated",
    "table",
]
"""Why characters were left out of the text; ``elsewhere`` is outside of the chosen body, ``hidden`` what the markup
itself says is not shown."""

_UNSEEN_NAMES: Final = (
    "script style noscript template head title svg canvas iframe object embed applet audio video map "
    "datalist select option optgroup textarea input noframes frameset rp progress meter"
)
UNSEEN: Final = frozenset(_UNSEEN_NAMES.split())
"""Elements without text of the page: what a browser does not show, and what is there to be filled in."""

_BLOCKS_NAMES: Final = (
    "address article aside blockquote body button caption center dd details dialog dir div dl dt fieldset "
    "figcaption figure footer form h1 h2 h3 h4 h5 h6 header hgroup html legend li listing main menu nav "
    "ol p plaintext pre search section summary table tbody td tfoot th thead tr ul xmp"
)
BLOCKS: Final = frozenset(_BLOCKS_NAMES.split())
"""Elements that begin and end a line. All others, unknown and custom ones with them, stand within a line."""

HEADINGS: Final = frozenset(["h1", "h2", "h3", "h4", "h5", "h6"])
VERBATIM: Final = frozenset(["pre", "listing", "plaintext", "xmp"])
BODIES: Final = frozenset(["html", "body", "main", "article"])
"""Elements whose names are never held against them: themes write ``<body class="has-sidebar">``."""

_BY_TAG: Final[dict[str, Reason]] = {
    "nav": "menu",
    "menu": "menu",
    "footer": "footer",
    "aside": "aside",
    "form": "form",
    "search": "form",
    "button": "form",
    "dialog": "notice",
}
_BY_ROLE: Final[dict[str, Reason]] = {
    "navigation": "menu",
    "menu": "menu",
    "menubar": "menu",
    "banner": "header",
    "contentinfo": "footer",
    "complementary": "aside",
    "search": "form",
    "dialog": "notice",
    "alertdialog": "notice",
}

_ANYWHERE: Final[dict[Reason, str]] = {
    "menu": (
        "navi?|navbar|gnavi?|globalnavi?|lnavi?|localnavi?|navigation|subnavi?|submenu|menu|menubar|breadcrumbs?|topicpath"
        "|pankuzu|pager|pagination|paging|pagenation|pagenavi|prev-?next|next-?prev|skiplink|dropdown|drawer|hamburger"
        "|sphinxsidebar|toctree"
    ),
    "header": "masthead|siteheader|globalheader|topbar|gheader",
    "footer": "footer|globalfooter|gfooter|copyright|colophon|pagetop|totop",
    "aside": (
        "sidebars?|leftcolumn|rightcolumn|sidemenu|sidenavi?|widgets?|related[a-z]*|recommend(?:ed|s|ations?)?|ranking"
        "|trending|popular-?(?:posts?|entries|articles?)|more-?(?:stories|news|posts|articles)|read-?(?:next|also)"
        "|next-?(?:article|post|story)|promo|sponsor(?:ed|s)?|adsense|adsbygoogle|advert|advertisement|advertising"
        "|ads?-?(?:container|wrapper|slot|unit|box|label|banner|space)|dfp|affiliate|outbrain|taboola"
        "|sharing|share-?(?:bar|buttons?|links?|tools?|box|icons?|list|this)|(?<=__)share|addthis|sharedaddy"
        "|(?:social|sns)-?(?:shar(?:e|es|ing)|links?|buttons?|bar|icons?|list|follow)"
        "|newsletter|sign-?up|tagcloud|tag-?list|tag-?box|by-?line|date-?line|timestamp"
        "|(?:article|post|entry|news|story)[-_]{0,2}(?:date|time)|posted-?(?:on|by|at)|pub-?date"
        "|(?:photo|image|img|media|picture)[-_]{0,2}credits?|short-?url"
        "|author-?(?:box|bio|info|card|profile)|about-?author"
        "|blogroll|trackbacks?|pingbacks?|infobox"
    ),
    "comment": "comments?|commentlist|respond|disqus|replies|livefyre",
    "notice": (
        "cookies?[a-z]*|consent|gdpr|onetrust[a-z]*|lightbox|noprint|print-(?:only|header)|sr-only|screen-reader-text"
    ),
    "line numbers": "lineno|linenos|linenumbers?|line-?numbers?|blob-num|hljs-ln-numbers",
}
"""Words that say it wherever they stand in a name, between hyphens and underscores."""

_ALONE: Final[dict[Reason, str]] = {
    "menu": "sitemap|toc|toc-list|table-of-contents|tabs|skip|jump|localtoc|globaltoc",
    "header": "header|site-header|page-header|banner|logo|site-title|site-name|head",
    "footer": "foot|copy|page-top|credits|back-to-top|bibliographical_information",
    "aside": (
        "side|aside|sub|left-?col|right-?col|ad|ads|banners|share|shares|social|socials|sns|sns-?share|social-share"
        "|share-buttons?|social-links?|social-media|follow|subscribe|subscription|signup|tags|categories|category|bio"
        "|author-?box|author-?bio|author|author-info|profile|meta|post-?meta|entry-?meta|article-?meta|post-info|archives"
        "|rss|feedback|rating|ratings|login|more|readmore|read-more|post-tags|entry-tags|article-tags|see-also|popular"
        "|teasers?|also"
    ),
    "comment": "reply|comment-area",
    "notice": r"cli-\S+|modal|popup|overlay|toast|tooltip|print|paywall",
    "line numbers": "gutter",
}
"""Words that say it as a whole name only: ``print`` is not ``print_service``."""

_NAME: Final = re.compile(
    "|".join(
        rf"(?P<r{index}>(?<![a-z0-9])(?<!no-)(?:{_ANYWHERE[reason]})(?![a-z])|(?<!\S)(?:{_ALONE[reason]})(?!\S))"
        for index, reason in enumerate(_ANYWHERE)
    ),
    re.IGNORECASE,
)
_HUMP: Final = re.compile("(?<=[a-z0-9])(?=[A-Z])")
"""Where a name like ``shareLinks`` goes on with another word."""

_REASONS: Final[tuple[Reason, ...]] = tuple(_ANYWHERE)


def likely_reason(tag: str, names: str, role: str) -> Reason | None:
    """Why the words of a block element are likely to be left out, by its kind, ``role`` and names; None if not."""
    by_kind = _BY_TAG.get(tag) or _BY_ROLE.get(role)
    if by_kind or tag in BODIES or not names:
        return by_kind
    for name in names.split():
        if found := _of_name(name):
            return found
    return None


@lru_cache(maxsize=1 << 16)
def _of_name(name: str) -> Reason | None:
    """What one name says: pages of many sites share most of theirs, and to ask anew costs eleven microseconds."""
    found = _NAME.search(_HUMP.sub("-", name))
    return _REASONS[int(found.lastgroup[1:])] if found and found.lastgroup else None
