"""Station 10's decision about one page: the policy, what the recipe says of its subset, and the user's lists."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from glob import glob
from pathlib import Path
from typing import Any

from tesuki.pipelines.errors import RequestError
from tesuki.pipelines.journey.page import Page
from tesuki.pipelines.levelling.host_evidence import HostEvidence, list_in_manifest, load_page_list
from tesuki.pipelines.levelling.host_files import HostFiles, check_host_sources
from tesuki.pipelines.levelling.policy_file import load_policy
from tesuki.pipelines.recipe.sections import Recipe
from tesuki.pipelines.storage.files import sha256_of, sha256_of_folder
from tesuki.release_levels.decision import decide
from tesuki.release_levels.evidence import Evidence
from tesuki.release_levels.levels import Level, parse_level
from tesuki.release_levels.page_lists import ListKind
from tesuki.release_levels.policy import Policy

TAKEN_DOWN = "level.list.takedown"
"""The rule by which a page goes that is named by a take-down list, and by nothing else that withholds."""


@dataclass(frozen=True, slots=True)
class PageLevel:
    """A page's level, the dotted name of what decided, and all evidence that was known."""

    level: str
    rule: str
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class LevelPage:
    """Decides the level of any page of a corpus. Every worker gets one, so what is large in it lies on disk.

    ``subset_levels`` are a person's word on all pages of a subset; ``subset_defaults`` what its pages get where
    nothing on them says otherwise.
    """

    policy: Policy
    hosts: HostEvidence
    subset_levels: Mapping[str, Level]
    subset_defaults: Mapping[str, Level]

    def knowing(self, files: HostFiles | None) -> LevelPage:
        """The same, with what hosts say in ``files``."""
        return replace(self, hosts=replace(self.hosts, files=files))

    def __call__(self, page: Page) -> PageLevel:
        """The level of ``page`` by its own evidence, its cluster aside.

        A take-down list is heard last: what goes without it goes by the same rule with it, so that a list that grows
        changes nothing about pages of which no address is kept.
        """
        evidence = tuple(sorted({*page.evidence, *self.hosts.evidence(page.url, page.text)}))
        others = tuple(each for each in evidence if each.signal != "list.takedown")
        decision = decide(
            self.policy,
            others,
            subset_default=self.subset_defaults.get(page.subset),
            subset_level=self.subset_levels.get(page.subset),
        )
        if len(others) < len(evidence) and decision.level < Level.LZ:
            return PageLevel("LZ", TAKEN_DOWN, evidence)
        signal = decision.evidence[0].signal if decision.evidence else decision.row.replace(" ", "-")
        return PageLevel(decision.level.name, f"level.{signal}", evidence)


def load_level_page(recipe: Recipe, recipe_path: Path) -> tuple[LevelPage, list[Mapping[str, Any]]]:
    """What decides levels by ``recipe``, files of hosts aside, and all it reads as the manifest names it.

    Raises `RequestError` for a policy, list or source of files of hosts that is not there or not one.
    """
    folder = recipe_path.parent
    policy, records = load_policy(recipe.policy.file, folder, f"{recipe_path}: policy.file")
    sources = host_sources(recipe.policy.host_files, folder, f"{recipe_path}: policy.host_files")
    check_host_sources(sources)
    named: tuple[tuple[ListKind, str | None], ...] = (
        ("takedown", recipe.policy.take_down),
        ("deny", recipe.policy.deny),
        ("allow", recipe.policy.allow),
    )
    lists = [(kind, folder / name) for kind, name in named if name]
    level_page = LevelPage(
        policy,
        HostEvidence(None, tuple(load_page_list(path, kind) for kind, path in lists)),
        {name: parse_level(subset.level) for name, subset in recipe.subsets.items() if subset.level},
        {name: parse_level(subset.default_level) for name, subset in recipe.subsets.items() if subset.default_level},
    )
    records += [list_in_manifest(path, kind) for kind, path in lists]
    records += [
        {
            "list": "host files",
            "name": path.name,
            "sha256": sha256_of_folder(path) if path.is_dir() else sha256_of(path),
        }
        for path in sources
    ]
    return level_page, records


def host_sources(globs: tuple[str, ...], folder: Path, field: str) -> list[Path]:
    """The archives and folders of files of hosts that ``globs`` name, relative to ``folder``, in their order.

    Raises `RequestError`, beginning with ``field``, for one that names nothing.
    """
    found: list[Path] = []
    for pattern in globs:
        # Path.glob refuses absolute patterns.
        paths = sorted(map(Path, glob(str(folder / pattern), recursive=True)))  # noqa: PTH207
        if not paths:
            raise RequestError(f"{field}: {pattern!r} names nothing; expected archives or folders of hosts")
        found += paths
    return found
