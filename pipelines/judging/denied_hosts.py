"""Station 8's lists as a recipe has them: hosts it names itself, and categories of UT1 folders."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tesuki.filters.hosts import HostList, host_list, union
from tesuki.pipelines.errors import in_field
from tesuki.pipelines.judging.lists import load_ut1
from tesuki.pipelines.recipe.sections import Hosts


def load_denied_hosts(hosts: Hosts, folder: Path) -> tuple[HostList, list[Mapping[str, Any]]]:
    """All hosts and addresses that ``hosts`` denies, and the lists as the manifest names them."""
    lists = [host_list(hosts.deny)]
    records: list[Mapping[str, Any]] = []
    for ut1 in hosts.ut1:
        with in_field("hosts.ut1"):
            found, record = load_ut1(
                folder / ut1.folder,
                ut1.categories,
                name=f"UT1 {', '.join(sorted(ut1.categories))}",
                licence=ut1.licence,
                version=ut1.version,
            )
        lists.append(found)
        records.append({"list": "hosts", **asdict(record)})
    return union(lists), records
