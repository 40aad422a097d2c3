"""JSON Lines in, JSON Lines out: one line answers each line, in order, and a bad line costs itself alone."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO, Final

LONGEST_LINE: Final = 256 << 20
"""Bytes of the longest line that is read; a page of Common Crawl ends at 1 MiB. Our choice, so that memory
has a bound whatever is piped in."""

Record = dict[str, Any]


def answer_lines(stdin: BinaryIO, stdout: BinaryIO, answer: Callable[[Record], Record]) -> int:
    """Write ``answer(record)`` for each record of ``stdin``, and a record with ``error`` for a line that is none.

    ``answer`` raises ValueError to refuse a record; its message becomes the error. Returns the exit code: 0,
    or 1 when any line was refused.
    """
    exit_code = 0
    for number, line in enumerate(_lines(stdin), start=1):
        try:
            written = _encode(answer(_decode(line)))
        except (ValueError, RecursionError) as failure:
            exit_code = 1
            reason = "nested too deeply" if isinstance(failure, RecursionError) else str(failure)
            written = _encode({"error": f"line {number}: {reason}", "line": number})
        stdout.write(written + b"\n")
    stdout.flush()
    return exit_code


def text_of(record: Record) -> str:
    """The text of a record. Raises ValueError where the field is missing or holds something else."""
    if "text" not in record:
        raise ValueError(f'field text: missing; found {", ".join(record) or "no field"}; write {{"text": "…"}}')
    text = record["text"]
    if not isinstance(text, str):
        raise ValueError(f"field text: found {_kind(text)}, expected a string")
    return text


def _lines(stream: BinaryIO) -> Iterator[bytes | None]:
    """The lines of a stream without their ends; None for one that is longer than is read."""
    while line := stream.readline(LONGEST_LINE + 1):
        if len(line) <= LONGEST_LINE or line.endswith(b"\n"):
            yield line.rstrip(b"\r\n")
            continue
        while line and not line.endswith(b"\n"):
            line = stream.readline(LONGEST_LINE)
        yield None


def _decode(line: bytes | None) -> Record:
    if line is None:
        raise ValueError(f"longer than {LONGEST_LINE} bytes; split the document")
    try:
        text = line.decode("utf-8-sig")
    except UnicodeDecodeError as failure:
        raise ValueError(f"not UTF-8 at byte {failure.start}; convert the file to UTF-8") from None
    if not text.strip():
        raise ValueError("empty; write one JSON object a line")
    try:
        value = json.loads(text, parse_constant=_refuse)
    except json.JSONDecodeError as failure:
        raise ValueError(f"not JSON at column {failure.colno}: {failure.msg}") from None
    if not isinstance(value, dict):
        raise ValueError(f"found {_kind(value)}, expected a JSON object")
    return value


def _encode(record: Record) -> bytes:
    """A record as UTF-8 JSON; one with lone surrogates, which UTF-8 cannot hold, in escapes throughout."""
    try:
        return json.dumps(record, ensure_ascii=False, allow_nan=False).encode("utf-8")
    except UnicodeEncodeError:
        return json.dumps(record, allow_nan=False).encode("ascii")


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON; write null or a number")


def _kind(value: object) -> str:
    names = {dict: "an object", list: "an array", str: "a string", bool: "a truth value", type(None): "null"}
    return names.get(type(value), "a number")
