"""Station 10's decision about one page: the policy, what the recipe says of its subset, and the user's lists."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from tesuki.pipelines.errors import RequestError
from tesuki.pipelines.page import Page
from tesuki.pipelines.recipe import Recipe
from tesuki.release_levels.decision import decide
from tesuki.release_levels.evidence import Evidence
from tesuki.release_levels.levels import Level, parse_level
from tesuki.release_levels.policy import PACKAGED, Policy, PolicyError, packaged_policy, parse_policy


@dataclass(frozen=True, slots=True)
class PageLevel:
    """A page's level, the dotted name of what decided, and all evidence that was known."""

    level: str
    rule: str
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class LevelPage:
    """Decides the level of any page of a corpus. Called in every worker, so it holds all it needs.

    ``subset_levels`` are a person's word on all pages of a subset; ``subset_defaults`` what its pages get where
    nothing on them says otherwise.
    """

    policy: Policy
    subset_levels: Mapping[str, Level]
    subset_defaults: Mapping[str, Level]

    def __call__(self, page: Page) -> PageLevel:
        """The level of ``page`` by its own evidence, its cluster aside."""
        decision = decide(
            self.policy,
            page.evidence,
            subset_default=self.subset_defaults.get(page.subset),
            subset_level=self.subset_levels.get(page.subset),
        )
        signal = decision.evidence[0].signal if decision.evidence else decision.row.replace(" ", "-")
        return PageLevel(decision.level.name, f"level.{signal}", page.evidence)


def load_level_page(recipe: Recipe, recipe_path: Path) -> tuple[LevelPage, tuple[Mapping[str, Any], ...]]:
    """What decides levels by ``recipe``, and the lists it reads as the manifest names them.

    Raises `RequestError` for a policy that is not there or not one.
    """
    policy, lists = _policy(recipe.policy.file, recipe_path)
    level_page = LevelPage(
        policy,
        {name: parse_level(subset.level) for name, subset in recipe.subsets.items() if subset.level},
        {name: parse_level(subset.default_level) for name, subset in recipe.subsets.items() if subset.default_level},
    )
    return level_page, lists


def _policy(name: str, recipe_path: Path) -> tuple[Policy, tuple[Mapping[str, Any], ...]]:
    try:
        if name in PACKAGED:
            return packaged_policy(name), ()
        path = recipe_path.parent / name
        content = path.read_bytes()
        policy = parse_policy(content.decode("utf-8"), name)
    except PolicyError as failure:
        raise RequestError(f"{recipe_path}: policy.file: {failure}") from None
    except (OSError, UnicodeDecodeError) as failure:
        raise RequestError(
            f"{recipe_path}: policy.file: {name!r} cannot be read ({type(failure).__name__}); "
            f"expected {', '.join(PACKAGED)} or the path of a policy file"
        ) from None
    return policy, ({"list": "policy", "name": name, "sha256": sha256(content).hexdigest()},)
