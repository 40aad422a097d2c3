"""Files set vertically by upLaTeX whose text is known: page sizes, tiers, letters and gaps between tiers differ."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

WORKS = {
    "一　猫": (
        "吾輩は猫である。名前はまだ無い。どこで生れたかとんと見当がつかぬ。何でも薄暗いじめじめした所でニャーニャー泣いて"
        "いた事だけは記憶している。吾輩はここで始めて人間というものを見た。しかもあとで聞くとそれは書生という人間中で一番"
        "獰悪な種族であったそうだ。\n"
        "この書生というのは時々我々を捕えて煮て食うという話である。しかしその当時は何という考もなかったから別段恐しいとも"
        "思わなかった。"
    ),
    "二　羅生門": (
        "ある日の暮方の事である。一人の下人が、羅生門の下で雨やみを待っていた。\n"
        "広い門の下には、この男のほかに誰もいない。ただ、所々丹塗の剥げた、大きな円柱に、蟋蟀が一匹とまっている。羅生門が、"
        "朱雀大路にある以上は、この男のほかにも、雨やみをする市女笠や揉烏帽子が、もう二三人はありそうなものである。それが、"
        "この男のほかには誰もいない。"
    ),
    "三　メロス": (
        "メロスは激怒した。必ず、かの邪智暴虐の王を除かなければならぬと決意した。メロスには政治がわからぬ。メロスは、村の"
        "牧人である。笛を吹き、羊と遊んで暮して来た。けれども邪悪に対しては、人一倍に敏感であった。\n"
        "きょう未明メロスは村を出発し、野を越え山越え、十里はなれた此のシラクスの市にやって来た。メロスには父も、母も無い。"
        "女房も無い。十六の、内気な妹と二人暮しだ。"
    ),
}
"""The beginnings of works by Natsume Sōseki (1905), Akutagawa Ryūnosuke (1915) and Dazai Osamu (1940), in the public
domain: a heading, and paragraphs a line each."""

RUBY = {
    "見当": "[g]{見当}{けんとう}",
    "書生": "[m]{書生}{しょ|せい}",
    "羅生門": "[m]{羅生門}{ら|しょう|もん}",
    "丹塗": "[m]{丹塗}{に|ぬり}",
    "円柱": "[g]{円柱}{まるばしら}",
    "蟋蟀": "[g]{蟋蟀}{きりぎりす}",
    "揉烏帽子": "[g]{揉烏帽子}{もみえぼし}",
    "邪智暴虐": "[m]{邪智暴虐}{じゃ|ち|ぼう|ぎゃく}",
    "律気": "[g]{律気}{りちぎ}",
}
DOTTED = ("獰悪", "別段", "激怒")

CLASS = r"\documentclass[uplatex,dvipdfmx"


def _page(width: int, height: int, across: int, along: int) -> str:
    """A page of millimetres, with text so far across the lines and along them."""
    return (
        rf"\setlength{{\paperwidth}}{{{width}mm}}\setlength{{\paperheight}}{{{height}mm}}"
        rf"\AtBeginDvi{{\special{{papersize={width}mm,{height}mm}}}}"
        rf"\setlength{{\textheight}}{{{across}mm}}\setlength{{\textwidth}}{{{along}mm}}"
        r"\setlength{\topmargin}{-10mm}\setlength{\oddsidemargin}{-5mm}\setlength{\evensidemargin}{-5mm}"
    )


TIERS = r"\usepackage{multicol}\usepackage{pxmulticol}"
LAYOUTS = {
    "one tier (utbook, A4)": (CLASS + "]{utbook}", 0),
    "two tiers (utbook, A4)": (CLASS + ",twocolumn]{utbook}", 0),
    "two tiers (utarticle, A5)": (CLASS + ",a5paper,twocolumn]{utarticle}", 0),
    "two tiers (utarticle, B5, 12 pt)": (CLASS + ",b5paper,12pt,twocolumn]{utarticle}", 0),
    "one tier (utbook, B6, 9 pt)": (CLASS + ",9pt]{utbook}" + _page(128, 182, 90, 145), 0),
    "two tiers (utarticle, B5 landscape)": (CLASS + ",twocolumn]{utarticle}" + _page(257, 182, 215, 140), 0),
    "two tiers, one letter apart (utarticle, A5)": (
        CLASS + r",a5paper,twocolumn]{utarticle}\setlength{\columnsep}{1zw}",
        0,
    ),
    "three tiers (utarticle, A4)": (CLASS + "]{utarticle}" + TIERS + _page(210, 297, 170, 250), 3),
    "four tiers (utarticle, B4)": (CLASS + "]{utarticle}" + TIERS + _page(257, 364, 215, 310), 4),
    "two tiers, two letters apart (utbook, A5, 11 pt)": (
        CLASS + r",a5paper,11pt,twocolumn]{utbook}\setlength{\columnsep}{2zw}" + _page(148, 210, 110, 170),
        0,
    ),
    "six tiers (utarticle, A3, 9 pt)": (CLASS + ",9pt]{utarticle}" + TIERS + _page(297, 420, 240, 380), 6),
    "two tiers, lines close (utarticle, B5)": (
        CLASS + r",b5paper,twocolumn]{utarticle}\renewcommand{\baselinestretch}{0.85}" + _page(182, 257, 140, 210),
        0,
    ),
    "five tiers (utarticle, A3, 12 pt)": (CLASS + ",12pt]{utarticle}" + TIERS + _page(297, 420, 250, 370), 5),
}
"""By a name for the table: the document class, and how many tiers are set within its page."""

TIMES = 6
"""How often the works follow each other: some pages of each layout."""


def gold() -> str:
    """The text of every file, without blanks."""
    once = "".join(heading + text for heading, text in WORKS.items())
    return "".join(once.split()) * TIMES


def vertical_files() -> Iterator[tuple[str, bytes]]:
    """Each layout's name and file. Raises OSError or CalledProcessError where upLaTeX does not set it."""
    for name, (head, tiers) in LAYOUTS.items():
        with tempfile.TemporaryDirectory() as folder:
            yield name, _set(Path(folder), head, tiers)


def _set(folder: Path, head: str, tiers: int) -> bytes:
    body = "\n\n".join(
        "\n\n".join([rf"\section*{{{heading}}}", *map(_marked, text.split("\n"))]) for heading, text in WORKS.items()
    )
    begin, end = (rf"\begin{{multicols}}{{{tiers}}}", r"\end{multicols}") if tiers else ("", "")
    source = (
        rf"{head}\usepackage{{pxrubrica}}\begin{{document}}{begin}"
        + "\n\n".join([body] * TIMES)
        + rf"{end}\end{{document}}"
    )
    (folder / "t.tex").write_text(source, encoding="utf-8")
    subprocess.run(["ptex2pdf", "-u", "-l", "-ot", "-interaction=batchmode", "t.tex"], cwd=folder, check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # fmt: skip
    return (folder / "t.pdf").read_bytes()


def _marked(paragraph: str) -> str:
    for word, reading in RUBY.items():
        paragraph = paragraph.replace(word, rf"\ruby{reading}")
    for word in DOTTED:
        paragraph = paragraph.replace(word, rf"\kenten{{{word}}}")
    return paragraph
