"""TDMRep: reservation of text and data mining, as a header or a meta element.

TDM Reservation Protocol, W3C Community Group final report, 2024-05-10: ``tdm-reservation`` is 0 or 1, any other value
is a protocol error and means "not set" (but a header sent twice arrives as ``1, 1``, and says what it says);
``tdm-policy`` is the address of an offer. They express the reservation of Article 4(3) of Directive (EU) 2019/790.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .evidence import Evidence, observe

RESERVATIONS = {"1": "tdm.reserved", "0": "tdm.not-reserved"}


def signals_tdm(headers: Sequence[tuple[str, str]], metas: Sequence[tuple[str, str]]) -> Iterator[Evidence]:
    """Evidence ``tdm.reserved``, ``tdm.not-reserved``, ``tdm.malformed`` and ``tdm.policy``."""
    for where, pairs in (("header", headers), ("meta", metas)):
        for name, value in pairs:
            field = name.lower()
            if field == "tdm-reservation":
                signal = _reservation(value)
                yield observe(signal, where, value, f"tdm.{where}")
            elif field == "tdm-policy" and value.strip():
                yield observe("tdm.policy", where, value, f"tdm.{where}")


def _reservation(value: str) -> str:
    """Of several values joined by commas the reserving one counts."""
    said = {RESERVATIONS.get(each.strip(), "tdm.malformed") for each in value[:1000].split(",")}
    return next(signal for signal in ("tdm.malformed", "tdm.reserved", "tdm.not-reserved") if signal in said)
