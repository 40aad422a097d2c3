"""`tesuki level`: pages in, their release level and the evidence for it out."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any, BinaryIO

from tesuki.pipelines.commands.answers import Record, answer_lines
from tesuki.pipelines.extraction.guard import Answer, Failure, Guard
from tesuki.pipelines.extraction.nesting import deepest_nesting
from tesuki.pipelines.extraction.step import DEPTH
from tesuki.pipelines.levelling.host_evidence import NOTHING_KNOWN, HostEvidence
from tesuki.pipelines.levelling.policy_file import load_policy
from tesuki.release_levels.decision import Decision, decide, matching_rows
from tesuki.release_levels.evidence import Evidence
from tesuki.release_levels.levels import Level
from tesuki.release_levels.policy import Policy

Headers = tuple[tuple[str, str], ...]

PAGE_FIELDS = frozenset({"html", "headers"})
"""Fields of a record that its answer leaves out: the page itself is not the answer."""

TEXT_FIELDS = frozenset({"text", "title"})
"""Fields that the answer leaves out, too, where the level is LZ: what may not be kept is not handed on."""


def run(
    stdin: BinaryIO,
    stdout: BinaryIO,
    *,
    policy: str | None = None,
    explain: bool = False,
    hosts: HostEvidence = NOTHING_KNOWN,
) -> int:
    """Level the JSON Lines of ``stdin``; returns the exit code (1 when a line was malformed).

    A record has ``url``, ``html`` or ``text``, and perhaps ``headers`` (an object, or a list of pairs); where ``text``
    is missing it is extracted from ``html`` as the corpus does it. It keeps its other fields and gains ``level`` and
    ``evidence``; with ``explain`` also ``matched``, every row of the policy that speaks of it, and ``decided_by``.
    ``policy`` is the name of a packaged policy or the path of a file, None the default. Raises `RequestError` for a
    policy that is none, before a line is read.
    """
    chosen, _ = load_policy(policy or "default", Path(), "--policy")
    with (
        Guard("tesuki.pipelines.extraction.main_text:extract_main_text") as extractor,
        Guard("tesuki.release_levels.signals:read_signals") as reader,
    ):

        def answer(record: Record) -> Record:
            evidence = _evidence(record, extractor, reader, hosts)
            decision = decide(chosen, evidence)
            return _answer(record, decision, evidence) | (_explained(chosen, decision, evidence) if explain else {})

        return answer_lines(stdin, stdout, answer)


def _evidence(record: Record, extractor: Guard, reader: Guard, hosts: HostEvidence) -> tuple[Evidence, ...]:
    url, html, text = (_text(record, field) for field in ("url", "html", "text"))
    if not html and not text:
        empty = [field for field in ("html", "text") if field in record]
        wrong = f"{' and '.join(empty)} empty" if empty else "both missing"
        raise ValueError(f"fields html and text: {wrong}; found {', '.join(record) or 'no field'}; give one")
    if deepest_nesting(html, DEPTH) > DEPTH:
        raise ValueError(f"field html: elements nested more than {DEPTH} deep, where a corpus rejects a page, too")
    headers = _headers(record.get("headers"))
    if html and not text:
        outcome = extractor.call(html, url)
        text = outcome.value.text if isinstance(outcome, Answer) else ""
    read = reader.call(url, headers, html, text)
    if isinstance(read, Failure):
        raise ValueError(f"field {'html' if html else 'text'}: cannot be read within bounds ({read.kind})")
    return tuple(sorted({*read.value, *hosts.evidence(url, text)}))


def _answer(record: Record, decision: Decision, evidence: tuple[Evidence, ...]) -> Record:
    left_out = PAGE_FIELDS | (TEXT_FIELDS if decision.level is Level.LZ else frozenset())
    kept = {name: value for name, value in record.items() if name not in left_out}
    return kept | {"level": decision.level.name, "evidence": _written(evidence)}


def _explained(policy: Policy, decision: Decision, evidence: tuple[Evidence, ...]) -> Record:
    matched = [
        {"row": row.label, "level": row.level.name, "reason": row.reason, "evidence": _written(found)}
        for row, found in matching_rows(policy, evidence)
    ]
    decided_by = {"row": decision.row, "reason": decision.reason, "evidence": _written(decision.evidence)}
    return {"policy": policy.name, "matched": matched, "decided_by": decided_by}


def _written(evidence: tuple[Evidence, ...]) -> list[dict[str, str]]:
    return [asdict(each) for each in evidence]


def _text(record: Record, field: str) -> str:
    value = record.get(field)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise ValueError(f"field {field}: found {type(value).__name__}, expected a string")
    return value


def _headers(value: Any) -> Headers:
    """Headers as pairs, from an object (of strings, or lists of strings) or a list of pairs."""
    pairs = list(value.items()) if isinstance(value, dict) else [] if value is None else value
    if not isinstance(pairs, list) or not all(isinstance(pair, list | tuple) and len(pair) == 2 for pair in pairs):
        raise ValueError('field headers: expected an object {"name": "value"} or a list [["name", "value"]]')
    spread = [(name, each) for name, held in pairs for each in (held if isinstance(held, list) else [held])]
    if not all(isinstance(part, str) for pair in spread for part in pair):
        raise ValueError("field headers: found a name or value that is not a string, expected strings")
    return tuple(spread)
