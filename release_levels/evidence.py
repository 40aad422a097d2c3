"""Evidence: what a page or its host says about its own use, and where it said so."""

from __future__ import annotations

from dataclasses import dataclass

VALUE_LIMIT = 200
"""Characters of a value that are kept."""


@dataclass(frozen=True, slots=True, order=True)
class Evidence:
    """One statement found on a page, at its host or in a list.

    ``signal`` is the dotted name of what was stated (``robots.noai``, ``licence.cc-by``; all names stand in
    ``signals.tsv``); ``where`` is the place it stood: ``header``, ``meta``, ``json-ld``, ``link`` (an
    element that says it is about the licence), ``rdf``, ``footer``, ``text``, ``url``, ``host`` (a file of
    the host), ``list`` (a list a person keeps); ``value`` is the exact value as written, cut to 200
    characters (for personal data: only counts); ``rule`` names the reader that found it.
    """

    signal: str
    where: str
    value: str
    rule: str


def observe(signal: str, where: str, value: str, rule: str) -> Evidence:
    """Evidence with ``value`` trimmed, cut to `VALUE_LIMIT` characters, and fit to be written as UTF-8."""
    written = value.strip()[:VALUE_LIMIT].rstrip().encode("utf-8", "replace").decode("utf-8")
    return Evidence(signal, where, written, rule)
