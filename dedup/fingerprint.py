"""The fingerprint of a text: equal for texts that differ in nothing a reader would mind."""

from __future__ import annotations

from hashlib import blake2b

from .comparison_form import comparison_form

FINGERPRINT_BYTES = 16
"""128 bits: among 10^10 texts two different ones meet with a chance of about 10^-19."""


def fingerprint(text: str) -> bytes:
    """The 16-byte fingerprint of ``text``: `form_fingerprint` of its comparison form.

    A text that has none, being all punctuation, stands for itself: texts with nothing to compare are not all one.
    """
    return form_fingerprint(comparison_form(text) or text)


def form_fingerprint(form: str) -> bytes:
    """The fingerprint of a text already in comparison form: BLAKE2b (RFC 7693) of its UTF-8, 16 bytes of output."""
    return blake2b(form.encode("utf-8", "surrogatepass"), digest_size=FINGERPRINT_BYTES).digest()
