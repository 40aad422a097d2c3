r"""Formulas as TeX between \(...\) or \[...\]: what their author wrote, where the page still says it."""

from __future__ import annotations

from typing import Any


def tex(source: str, *, display: bool) -> str:
    """TeX source on one line between the delimiters that MathJax reads."""
    source = " ".join(source.split())
    return f"\\[{source}\\]" if display else f"\\({source}\\)"


def annotated(math: Any) -> str:
    """A MathML element as the TeX it was made from (annotation or alternative text), else as the signs it shows."""
    display = math.get("display") == "block"
    for element in math.iter():
        named = isinstance(element.tag, str) and element.tag.rpartition("}")[2] == "annotation"
        if named and element.text and "tex" in (element.get("encoding") or "").lower():
            return tex(element.text, display=display)
    if math.get("alttext"):
        return tex(math.get("alttext"), display=display)
    shown = (e for e in math.iter() if isinstance(e.tag, str) and not e.tag.rpartition("}")[2].startswith("annotation"))
    return "".join((element.text or "").strip() for element in shown)
