"""`tesuki mend`: documents in, the same with footers cut and punctuation normalised out."""

from __future__ import annotations

from dataclasses import asdict
from functools import partial
from typing import BinaryIO

from tesuki.filters.mend import mend, mending_style
from tesuki.pipelines.commands.answers import Record, answer_lines, text_of
from tesuki.pipelines.errors import RequestError


def run(stdin: BinaryIO, stdout: BinaryIO, *, style: str = "tesuki") -> int:
    """Mend the JSON Lines of ``stdin``; returns the exit code (1 when a line was malformed).

    Each record keeps its fields, but for ``text``, and gains ``edits``, from which the original text can be rebuilt.
    Mending what was mended changes no byte. Raises `RequestError` for an unknown style, before a line is read.
    """
    try:
        chosen = mending_style(style)
    except ValueError as failure:
        raise RequestError(f"--style: {failure}") from None
    return answer_lines(stdin, stdout, partial(_mended, chosen))


def _mended(style: str, record: Record) -> Record:
    mended = mend(text_of(record), style)
    if record.get("edits") and mended.edits:
        raise ValueError(
            "field edits: holds the log of another mending, and text has changed since; "
            "rebuild the original text first, or remove the field"
        )
    edits = [asdict(edit) for edit in mended.edits] or record.get("edits", [])
    return record | {"text": mended.text, "edits": edits}
