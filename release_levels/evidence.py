"""Evidence: what a page or its host says about its own use, and where it said so."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Evidence:
    """One statement found on a page.

    ``signal`` is the dotted name of what was stated (``robots.noai``, ``licence.cc-by``); ``where`` is the place it
    stood (``header``, ``meta``, ``json-ld``, ``link``, ``footer``, ``text``, ``host``, ``list``); ``value`` is the
    exact value as written, cut to 200 characters; ``rule`` names the reader that found it.
    """

    signal: str
    where: str
    value: str
    rule: str
