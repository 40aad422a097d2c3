"""Hosts that belong to the state."""

from __future__ import annotations


def is_within(host: str, domain: str) -> bool:
    """Whether ``host`` is ``domain`` or below it: ``www.city.kyoto.lg.jp`` is within ``lg.jp``."""
    return host == domain or host.endswith("." + domain)


def is_government(host: str) -> bool:
    """Whether ``host`` belongs to the Japanese state (``go.jp``) or a local government (``lg.jp``).

    Both are given out to such bodies only (JPRS, registration rules for GO.JP and LG.JP).
    """
    return is_within(host, "go.jp") or is_within(host, "lg.jp")
