"""Laws are about values: how long an example takes on a busy machine says nothing of them."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("tesuki", deadline=None)
settings.load_profile("tesuki")
