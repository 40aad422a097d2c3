"""From the address or the wording of a Creative Commons licence to its name.

Addresses carry version and jurisdiction (``/licenses/by/2.1/jp/``), may lack a scheme
(``//creativecommons.org``), may be the path of the public domain tools (``/publicdomain/zero/1.0/``) or of
a badge. Names leave version and jurisdiction out, because what a licence permits here does not depend on
them; the evidence keeps the address.
"""

from __future__ import annotations

import re

ADDRESS = re.compile(
    r"creativecommons\.org/(licen[sc]es|publicdomain)/([a-z+-]{1,40})"
    r"(?:/\d\.\d)?(?:/[a-z]{2,8})?(?![a-z0-9])",
    re.IGNORECASE,
)
"""A licence or public domain tool in an address; groups: path, elements."""

WORDING = re.compile(
    r"(?<![A-Za-z])CC[\s-]{0,2}(?:BY(?:[\s-]{0,2}(?:NC|SA|ND)){0,2}|(0|ZERO))(?![A-Za-z])"
    r"|(?:クリエイティブ|クリエーティブ)・?コモンズ[^。<>\n]{0,12}?((?:表示|非営利|継承|改変禁止)(?:[\s・\-‐–—－]{0,3}(?:非営利|継承|改変禁止)){0,2})",
    re.IGNORECASE,
)
"""A licence named in words; groups: the zero of CC0, the Japanese elements."""

_ELEMENTS = {"表示": "by", "非営利": "nc", "継承": "sa", "改変禁止": "nd"}
_ORDER = ("by", "nc", "nd", "sa")
_KNOWN = frozenset({"by", "by-sa", "by-nc", "by-nc-sa", "by-nd", "by-nc-nd"})


def name_from_address(path: str, elements: str) -> str:
    """``cc0``, ``public-domain-mark``, ``cc-by`` … ``cc-by-nc-nd``, or ``cc-other`` for retired and unknown
    ones.
    """
    elements = elements.lower()
    if path.lower() == "publicdomain" or elements in ("publicdomain", "zero", "mark"):
        return {"zero": "cc0", "mark": "public-domain-mark", "publicdomain": "public-domain-mark"}.get(
            elements, "cc-other"
        )
    return _named(set(elements.split("-")))


def name_from_wording(found: re.Match[str]) -> str:
    """The name of what `WORDING` found."""
    if found[1]:
        return "cc0"
    if found[2]:
        return _named({_ELEMENTS[part] for part in re.findall("|".join(_ELEMENTS), found[2])})
    return _named({part.lower() for part in re.findall(r"BY|NC|SA|ND", found[0], re.IGNORECASE)})


def _named(elements: set[str]) -> str:
    name = "-".join(part for part in _ORDER if part in elements)
    return f"cc-{name}" if name in _KNOWN and elements <= set(_ORDER) else "cc-other"
