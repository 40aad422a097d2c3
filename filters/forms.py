"""Forms of text that are well made and look otherwise than prose: told by evidence that is recorded.

A rule's limits are drawn from prose. Statutes repeat their phrases, minutes their speakers' formulas, verse has no full
stops, papers have an abstract and references in English, and what was written before 1946 for officials has katakana
where others have hiragana. Each form is told by marks that menus, tables and advertisements don't have; all figures
here are our own choice (docs/quality-rules.md).
"""

from __future__ import annotations

import re
from typing import Final

from tesuki.common.scripts import JAPANESE_LETTERS, KANJI, KATAKANA, character_class

from .references import REFERENCES, count_references
from .repetition import share

STATUTE_ARTICLES: Final = 4
"""Lines that begin an article (第三条), each another one."""

MINUTES_TURNS: Final = 4
"""Lines by which a speaker is given the floor (○委員長（田中太郎君）, 【田中委員】, 事務局：)."""

QUESTIONS: Final = 3
"""Questions, each with an answer."""

VERSE_LINES: Final = 12
VERSE_SHARE: Final = 0.7
"""Lines of verse, and their least share among all lines."""

KATAKANA_OBJECTS: Final = 5
"""Times that ヲ marks the object: modern words in katakana don't hold it."""

_ARTICLE: Final = re.compile(
    r"[ \t\u3000]*(第[0-9０-９〇一二三四五六七八九十百千]{1,7}[条條](?:の[0-9０-９一二三四五六七八九十]{1,3})?"
    r"|[0-9０-９]{1,4}条(?:の[0-9０-９]{1,3})?(?=[\s（(]))"
)
_OFFICES: Final = (
    "君|議員|委員|委員長|議長|大臣|参考人|町長|市長|村長|知事|局長|部長|課長|教育長|番|座長|会長|部会長|事務局|室長|審議官|理事|理事長|区長|次長"
    "|オブザーバー"
)
_TURN: Final = re.compile(
    rf"\s*(?:[○◯〇●◎◆][^\n。、]{{1,30}}?(?:{_OFFICES})(?:[\s（(）)]|\Z)"
    rf"|[○◯〇●◎◆](?:{_OFFICES})[^\n。、（）()]{{1,12}}[）)]"
    rf"|[^\s。、「」：:（()）]{{1,12}}(?:{_OFFICES})[）)]"
    rf"|[【〔［\[][^\n。、】〕］\]]{{0,20}}(?:{_OFFICES})[】〕］\]]"
    rf"|[^\s。、「」：:]{{0,15}}(?:{_OFFICES})[：:])"
)
_NUMBER: Final = "[0-9０-９一二三四五六七八九十]{0,3}"
_AFTER: Final = r"[.．:：、\s】\])）]"
_QUESTION: Final = re.compile(rf"[\s【\[（(]*(?:[QＱ]{_NUMBER}|問{_NUMBER}|質問){_AFTER}")
_ANSWER: Final = re.compile(rf"[\s【\[（(]*(?:[AＡ]{_NUMBER}|答{_NUMBER}|回答){_AFTER}")
_HIRAGANA: Final = re.compile("[ぁ-ゖ]")
_LETTER: Final = re.compile(f"[{JAPANESE_LETTERS}]")
_NOT_VERSE: Final = re.compile(r"[0-9A-Za-z０-９|｜:：/／→»]|[。．！？!?…」』]$|^[-・*•■□●▼▲※]")
_OBJECT: Final = re.compile(f"(?<=[{character_class(KANJI, KATAKANA)}])ヲ(?=[{character_class(KANJI, KATAKANA)}])")


def measure_forms(text: str) -> dict[str, float]:
    """The evidence for each form, and for each form 1 where the text has it, else 0."""
    lines = [stripped for line in text.split("\n") if (stripped := line.strip())]
    articles = len({match[1] for line in lines if (match := _ARTICLE.match(line))})
    turns = sum(_TURN.match(line) is not None for line in lines)
    questions = sum(_QUESTION.match(line) is not None for line in lines)
    answers = sum(_ANSWER.match(line) is not None for line in lines)
    verse = sum(map(_is_verse, lines))
    verse_share = share(verse, len(lines))
    objects = len(_OBJECT.findall(text))
    references = count_references(lines)
    katakana = objects >= KATAKANA_OBJECTS and objects > text.count("を")
    return {
        "statute_articles": articles,
        "minutes_turns": turns,
        "answered_questions": min(questions, answers),
        "verse_line_share": verse_share,
        "katakana_objects": objects,
        "references": references,
        "form_statute": float(articles >= STATUTE_ARTICLES),
        "form_minutes": float(turns >= MINUTES_TURNS),
        "form_questions": float(min(questions, answers) >= QUESTIONS),
        "form_verse": float(verse >= VERSE_LINES and verse_share >= VERSE_SHARE),
        "form_katakana": float(katakana),
        "form_paper": float(references >= REFERENCES),
    }


def _is_verse(line: str) -> bool:
    """A short line without a closing mark, figures or signs, and with as much hiragana as sentences have."""
    if not 5 <= len(line) <= 40 or _NOT_VERSE.search(line):
        return False
    letters = len(_LETTER.findall(line))
    return letters >= 0.8 * len(line) and len(_HIRAGANA.findall(line)) >= 0.45 * letters
