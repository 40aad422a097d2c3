"""The policy a recipe or a command names: one that comes with Tesuki, or a file."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from tesuki.pipelines.errors import RequestError
from tesuki.release_levels.policy import PACKAGED, Policy, PolicyError, packaged_policy, parse_policy


def load_policy(name: str, folder: Path, field: str) -> tuple[Policy, list[Mapping[str, Any]]]:
    """The packaged policy called ``name``, or the one in the file at that path, relative to ``folder``; and how a
    manifest names that file.

    Raises `RequestError`, beginning with ``field``, for one that cannot be read.
    """
    try:
        if name in PACKAGED:
            return packaged_policy(name), []
        content = (folder / name).read_bytes()
        policy = parse_policy(content.decode("utf-8"), name)
    except PolicyError as failure:
        raise RequestError(f"{field}: {failure}") from None
    except (OSError, UnicodeDecodeError) as failure:
        raise RequestError(
            f"{field}: {name!r} cannot be read ({type(failure).__name__}); "
            f"expected {', '.join(PACKAGED)} or the path of a policy file"
        ) from None
    return policy, [{"list": "policy", "name": Path(name).name, "sha256": sha256(content).hexdigest()}]
