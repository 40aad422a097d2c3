"""How laws are tried: the same examples each time, so that a red suite speaks of the change; new ones on demand.

Laws are about values: how long an example takes on a busy machine says nothing of them.
"""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("suite", deadline=None, derandomize=True, max_examples=60)
settings.register_profile("search", deadline=None, max_examples=500)
settings.load_profile("suite")
