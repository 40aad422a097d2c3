"""Taking the trace of the machine out of a trained SentencePiece model.

A model stores the settings it was trained with, the path of the seed file among them. The path differs from run to run;
the model must not. Only the protocol buffer wire format is needed for that (protobuf.dev, "Encoding").
"""

from __future__ import annotations

from collections.abc import Iterator

TRAINER_SPEC = 2
"""Field of ModelProto (sentencepiece_model.proto)."""

SEED_FILE = 54
"""Field seed_sentencepieces_file of TrainerSpec (sentencepiece_model.proto)."""

_BYTES_AFTER_TAG = {1: 8, 5: 4}  # wire types fixed64 and fixed32


def without_seed_path(model: bytes) -> bytes:
    """The same model, without the path of its seed file."""
    parts = []
    for number, field, content in _fields(model):
        if number == TRAINER_SPEC:
            kept = b"".join(inner for name, inner, _ in _fields(content) if name != SEED_FILE)
            field = _varint(TRAINER_SPEC << 3 | 2) + _varint(len(kept)) + kept
        parts.append(field)
    return b"".join(parts)


def _fields(message: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """Number, whole bytes and (for length-delimited ones) content of each field of a message."""
    position = 0
    while position < len(message):
        tag, end = _read_varint(message, position)
        content = b""
        if tag & 7 == 2:
            length, start = _read_varint(message, end)
            end = start + length
            content = message[start:end]
        elif tag & 7 == 0:
            _, end = _read_varint(message, end)
        else:
            end += _BYTES_AFTER_TAG[tag & 7]
        yield tag >> 3, message[position:end], content
        position = end


def _read_varint(message: bytes, position: int) -> tuple[int, int]:
    value = shift = 0
    while message[position] & 0x80:
        value |= (message[position] & 0x7F) << shift
        position, shift = position + 1, shift + 7
    return value | message[position] << shift, position + 1


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])
