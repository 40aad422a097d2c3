"""`tesuki look`: the corpus in a browser on this machine: report, texts, rules and what they turned away."""

from __future__ import annotations

import errno
from dataclasses import asdict, dataclass
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tesuki.pipelines.commands.full_report import full_report, linked
from tesuki.pipelines.commands.page_index import Row, open_page_index
from tesuki.pipelines.commands.why import story_of_row
from tesuki.pipelines.corpus.manifest import Manifest, read_manifest
from tesuki.pipelines.corpus.report.words import words_of
from tesuki.pipelines.corpus.shown_texts import rejected_texts
from tesuki.pipelines.errors import RequestError
from tesuki.pipelines.levelling.shown import shown_levels
from tesuki.pipelines.looking.examples import SHOWN, examples_of
from tesuki.pipelines.looking.page import look_page
from tesuki.pipelines.looking.search import search
from tesuki.pipelines.looking.server import HERE, Site, server_of
from tesuki.pipelines.storage.corpus_folder import CorpusFolder
from tesuki.release_levels.levels import Level, parse_level

_RESTRICTED = ("its level is not shown here", "このレベルの本文はここでは表示しない")
_NO_TEXT = ("none is kept, or its own evidence restricts it", "保存されていないか、ページ自身の根拠により制限される")


def open_look(output: Path, port: int, *, internal: bool) -> tuple[str, ThreadingHTTPServer]:
    """The address of the corpus at ``output`` and a server of it, on ``port`` or, for 0, any that is free.

    ``internal`` shows texts of level L3, too. Raises `RequestError` where there is no corpus or the port is taken.
    """
    view = View(output, read_manifest(output), shown_levels(internal))
    site = Site({"": view.page, "report": view.report}, view.answers())
    try:
        server = server_of(site, port)
    except (OSError, OverflowError) as failure:
        taken = isinstance(failure, OSError) and failure.errno == errno.EADDRINUSE
        reason = "is taken" if taken else "cannot be used"
        raise RequestError(f"--port: {port} {reason}; leave it out for any that is free") from None
    return f"http://{HERE}:{server.server_address[1]}/{site.secret}/", server


@dataclass(frozen=True, slots=True)
class View:
    """What can be seen of the corpus at ``output``: texts of the levels ``shown`` and no others."""

    output: Path
    manifest: Manifest
    shown: frozenset[Level]

    def page(self) -> str:
        """The page that asks for all the rest."""
        return look_page(str(self.manifest.recipe["name"]), self.manifest.recipe_digest, self.shown)

    def report(self) -> str:
        """The full report, made anew: the file in the folder may be anybody's."""
        return full_report(self.output, self.manifest, internal=Level.L3 in self.shown, link=linked)

    def answers(self) -> dict[str, Any]:
        """What the page may ask."""
        return {"rules": self.rules, "search": self.search, "examples": self.examples, "page": self.story}

    def rules(self, _: str) -> list[dict[str, Any]]:
        """Every reason why pages left, most pages first."""
        rows = sorted(self.manifest.balance.rules, key=lambda row: (-row.pages, row.rule, row.fate))
        return [row.model_dump() | dict(zip(("english", "japanese"), _words(row.rule), strict=True)) for row in rows]

    def search(self, words: str) -> dict[str, Any]:
        """The documents whose text holds ``words``."""
        files = [file for file in CorpusFolder(self.output).documents() if parse_level(file.level) in self.shown]
        return asdict(search(files, words))

    def examples(self, rule: str) -> dict[str, Any]:
        """Pages that left by ``rule``. Raises LookupError for one by which none did."""
        found = examples_of(self.output, rule)
        if not found:
            raise LookupError(rule)
        rejected = {each.id: each.subset for each in found if each.id and each.fate == "rejected"}
        texts = rejected_texts(self.output, self.manifest.recipe, rejected, self.shown)
        english, japanese = _words(rule)
        return {
            "english": english,
            "japanese": japanese,
            "pages": [asdict(each) | {"text": texts.get(each.id or "", "")[:SHOWN]} for each in found],
        }

    def story(self, page: str) -> list[dict[str, Any]]:
        """The story of every capture of ``page``, named by URL or id. Raises LookupError where there is none."""
        rows = open_page_index(self.output).find([page])[page]
        if not rows:
            raise LookupError(page)
        return [self._capture(row) for row in sorted(rows, key=lambda row: not row["kept"])]

    def _capture(self, row: Row) -> dict[str, Any]:
        if row["kept"]:
            shown = parse_level(row["level"]) in self.shown
            text, why = (row["text"], _NO_TEXT) if shown else ("", _RESTRICTED)
            return {
                "story": list(story_of_row(self.manifest, self.output, row, quoted=shown)),
                "text": text,
                "why": why,
                "rule": None,
            }
        asked = {row["id"]: row["subset"]} if row["id"] and row["fate"] == "rejected" else {}
        texts = rejected_texts(self.output, self.manifest.recipe, asked, self.shown)
        return {
            "story": list(story_of_row(self.manifest, self.output, row)),
            "text": texts.get(row["id"], ""),
            "why": _NO_TEXT,
            "rule": None if row["fate"] == "withheld" else row["rule"],
        }


def _words(rule: str) -> tuple[str, str]:
    return words_of(rule) or ("", "")
