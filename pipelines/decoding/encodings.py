"""The encodings of the web by their labels, and how each is decoded."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from tesuki.pipelines.decoding.euc_jp import decode_euc_jp
from tesuki.pipelines.decoding.iso_2022_jp import decode_iso_2022_jp
from tesuki.pipelines.decoding.shift_jis import decode_shift_jis

_OWN = {"shift_jis": decode_shift_jis, "euc-jp": decode_euc_jp, "iso-2022-jp": decode_iso_2022_jp}

JAPANESE = frozenset({"shift_jis", "euc-jp", "iso-2022-jp"})
"""The legacy encodings of Japanese in the WHATWG Encoding Standard, section 12."""


def encoding_of(label: str) -> str | None:
    """The encoding a label means on the web (``x-sjis`` → ``shift_jis``), or None for a label nobody knows."""
    return _labels().get(label.strip().lower())


def decode_as(encoding: str, data: bytes) -> tuple[str, int]:
    """``data`` read as ``encoding``, a name `encoding_of` gives, and how many bytes were left out of it.

    What cannot be read becomes U+FFFD; only the pair encodings leave bytes out, where one too many shifts the rest.
    """
    own = _OWN.get(encoding)
    return own(data) if own else (data.decode(_codecs()[encoding], "replace"), 0)


@cache
def _rows() -> tuple[tuple[str, str, tuple[str, ...]], ...]:
    lines = Path(__file__).with_name("encoding_labels.tsv").read_text("utf-8").splitlines()
    rows = [line.split("\t") for line in lines if not line.startswith("#")][1:]
    return tuple((name, codec, tuple(labels.replace("|", "").split())) for name, codec, labels in rows)


@cache
def _labels() -> dict[str, str]:
    return {label: name for name, _, labels in _rows() for label in labels}


@cache
def _codecs() -> dict[str, str]:
    return {name: codec for name, codec, _ in _rows()}
