"""Categories of the UT1 lists (Université Toulouse Capitole, CC BY-SA 4.0): which of them Swallow v1 does without."""

from __future__ import annotations

from typing import Final

SWALLOW_CATEGORIES: Final = (
    *("adult", "agressif", "bitcoin", "celebrity", "chat", "cryptojacking", "custom", "dating", "ddos", "doh"),
    *("filehosting", "financial", "gambling", "games", "malware", "manga", "mixed_adult", "phishing"),
    *("publicite", "redirector", "remote-control", "shopping", "social_networks", "strict_redirector"),
    *("strong_redirector", "vpn", "warez", "webmail"),
)
"""The 28 categories of swallow-llm/swallow-corpus, ngurl.py, by the names of UT1's folders."""
