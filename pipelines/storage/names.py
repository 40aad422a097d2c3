"""One spelling for a value, and a name made from it.

Every file whose content depends on settings carries a name made here, so that a changed setting leads to another name
and an unchanged one to a file that is already there.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any


def canonical_json(value: Any) -> str:
    """``value`` as JSON with sorted keys and no free choice left to the writer."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def digest(value: Any) -> str:
    """32 hexadecimal digits (128-bit BLAKE2b) that name ``value``."""
    return hashlib.blake2b(canonical_json(value).encode(), digest_size=16).hexdigest()
