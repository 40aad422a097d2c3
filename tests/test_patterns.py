"""Every pattern of the house takes time in proportion to the text, whatever the text: strangers write it.

The patterns are found, not listed: each module is imported and searched for compiled patterns, in whatever they lie;
those compiled inside a function are taken from its source. Each is fed with texts pumped from its own alphabet: what it
repeats, how it begins, and words of its literals, over and over, until a growth above the linear shows.
"""

from __future__ import annotations

import ast
import functools
import importlib
import operator
import random
import re
import signal
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields, is_dataclass
from functools import cache
from pathlib import Path
from re import _constants as codes  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from types import FrameType, FunctionType, ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]
ROOMS = ("common", "dedup", "filters", "pipelines", "release_levels", "tokenize")

TRIED = 1 << 14
"""Length every attack is tried at."""

LONGEST = 1 << 20
"""Length up to which the worst attack on a pattern is tried again."""

GROWTH = 7.0
"""Work for four times the text from which on it is called more than linear: linear is 4, quadratic 16."""

NOTICEABLE = 0.03
"""Seconds of CPU below which an attack is not looked at: the cheapest quadratic work takes more of `TRIED` letters."""

TICK = 0.008
"""Seconds of CPU that are not told from none: two ticks of the coarsest clock met."""

SLOWEST = 2e-5
"""Seconds of CPU a character may cost. Most patterns need a thousandth; some look ahead a bounded distance from each
place."""

FAST = 1e-6
"""Seconds of CPU a character may cost whatever the growth: memory alone makes long texts dearer, and work above the
linear costs more at every length that is looked at."""

PATIENCE = 0.1
"""Seconds of CPU: a pattern that would need more for `LONGEST` is tried at as much as this is enough for."""

WORDS = 8
"""Attacks by random words of a pattern's alphabet, beside those made from its structure."""

FLAG = re.compile(r"\bre\.([A-Z]+)\b")

Pattern = re.Pattern[Any]

METHODS: Mapping[str, Callable[[Pattern, Any], object]] = {
    "match": lambda pattern, text: pattern.match(text),
    "fullmatch": lambda pattern, text: pattern.fullmatch(text),
    "search": lambda pattern, text: sum(1 for _ in pattern.finditer(text)),
}
"""What a pattern is asked; whatever looks through a text (sub, split, findall) goes the way of finditer."""


def modules() -> list[str]:
    """Every module of the six rooms, by name."""
    paths = (path.relative_to(ROOT) for room in ROOMS for path in sorted((ROOT / room).rglob("*.py")))
    return [".".join(("tesuki", *path.with_suffix("").parts)) for path in paths]


def patterns_in(value: object, house: Mapping[str, object], seen: set[int]) -> Iterator[Pattern]:
    """The compiled patterns in a value: in containers, dataclasses, closures, partials and what cached functions make
    of the values of ``house``, by the name of their type.
    """
    if isinstance(value, re.Pattern):
        yield value
        return
    if id(value) in seen or isinstance(value, str | bytes | int | float | ModuleType):
        return
    seen.add(id(value))
    inner: list[object] = []
    if isinstance(value, Mapping):
        inner = [*value.keys(), *value.values()]
    elif isinstance(value, list | tuple | set | frozenset):
        inner = list(value)
    elif is_dataclass(value) and not isinstance(value, type):
        inner = [getattr(value, each.name) for each in fields(value)]
    elif isinstance(value, FunctionType):
        inner = [*(cell.cell_contents for cell in value.__closure__ or ()), *(value.__defaults__ or ())]
    elif hasattr(value, "func") and hasattr(value, "args") and hasattr(value, "keywords"):
        inner = [value.func, *value.args, *value.keywords.values()]
    elif hasattr(value, "cache_info"):
        inner = _made_by(value, house)
    for each in inner:
        yield from patterns_in(each, house, seen)


def _made_by(cached: Any, house: Mapping[str, object]) -> list[object]:
    """What a cached function that makes patterns gives for the values of the house that fit its arguments."""
    annotations = dict(cached.__wrapped__.__annotations__)
    if "Pattern" not in str(annotations.pop("return", "")):
        return []
    return [cached(*(house[kind] for kind in annotations.values()))] if set(annotations.values()) <= set(house) else []


def compiled_inside(path: Path) -> Iterator[Pattern]:
    """The patterns written out in calls to `re` inside functions."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    calls = (node for top in ast.walk(tree) if isinstance(top, ast.FunctionDef) for node in ast.walk(top))
    for node in calls:
        if isinstance(node, ast.Call) and ast.unparse(node.func).startswith("re.") and node.args:
            written = node.args[0]
            words = " ".join(ast.unparse(each) for each in (*node.args[1:], *(word.value for word in node.keywords)))
            flags = [re.RegexFlag[name] for name in FLAG.findall(words)]
            if isinstance(written, ast.Constant) and isinstance(written.value, str | bytes):
                yield re.compile(written.value, functools.reduce(operator.or_, flags, re.NOFLAG))


@cache
def house_patterns() -> Mapping[Pattern, tuple[str, frozenset[str]]]:
    """Every pattern, with the module it was found in and the methods it is asked by (of `METHODS`)."""
    found: dict[Pattern, tuple[str, frozenset[str]]] = {}
    loaded = {name: importlib.import_module(name) for name in modules()}
    values = [value for module in loaded.values() for value in vars(module).values()]
    house = {type(value).__name__: value for value in values if type(value).__module__.startswith("tesuki.")}
    for name, module in loaded.items():
        path = ROOT / Path(*name.split(".")[1:]).with_suffix(".py")
        for variable, value in vars(module).items():
            borrowed = callable(value) and not str(value.__module__).startswith("tesuki.")
            for pattern in () if borrowed else patterns_in(value, house, set()):
                asked = _asked(path, variable) if value is pattern else frozenset({"search"})
                found[pattern] = (name, asked | found.get(pattern, ("", frozenset()))[1])
        for pattern in compiled_inside(path):
            found[pattern] = (name, frozenset({"search"}) | found.get(pattern, ("", frozenset()))[1])
    return found


def _asked(path: Path, variable: str) -> frozenset[str]:
    """How the module asks the pattern it calls ``variable``; by search, which tries most, where it is passed on."""
    direct = set(re.findall(rf"\b{variable}\.(\w+)\(", path.read_text(encoding="utf-8")))
    return frozenset(method if method in METHODS else "search" for method in direct or {"search"})


def a_match(tree: Iterable[Any], chance: random.Random) -> str:
    """A text a parsed pattern may match; what it looks around for is left out."""
    return "".join(_of_node(code, argument, chance) for code, argument in tree)


def _of_node(code: Any, argument: Any, chance: random.Random) -> str:
    match code:
        case codes.LITERAL:
            return chr(argument)
        case codes.NOT_LITERAL:
            return chance.choice([each for each in "a <あ" if ord(each) != argument])
        case codes.ANY:
            return chance.choice("a <あ")
        case codes.IN:
            return _of_class(argument, chance)
        case codes.BRANCH:
            return a_match(chance.choice(argument[1]), chance)
        case codes.SUBPATTERN:
            return a_match(argument[-1], chance)
        case codes.ATOMIC_GROUP:
            return a_match(argument, chance)
        case codes.MAX_REPEAT | codes.MIN_REPEAT | codes.POSSESSIVE_REPEAT:
            least, most, body = argument
            return "".join(a_match(body, chance) for _ in range(max(least, chance.randint(0, min(2, most)))))
    return ""


IN_CATEGORY = {
    codes.CATEGORY_DIGIT: "0",
    codes.CATEGORY_NOT_DIGIT: "a",
    codes.CATEGORY_SPACE: " ",
    codes.CATEGORY_NOT_SPACE: "a",
    codes.CATEGORY_WORD: "a",
    codes.CATEGORY_NOT_WORD: "-",
}


def _of_class(members: list[Any], chance: random.Random) -> str:
    if members[0][0] is codes.NEGATE:
        excluded = re.compile("[" + "".join(map(_spelt, members[1:])) + "]")
        outside = [each for each in "a 0<\n-'あ。\"(/" if not excluded.match(each)]
        return chance.choice(outside) if outside else "é"
    code, argument = chance.choice(members)
    if code is codes.LITERAL:
        return chr(argument)
    return chr(argument[0]) if code is codes.RANGE else IN_CATEGORY[argument]


def _spelt(member: Any) -> str:
    code, argument = member
    if code is codes.RANGE:
        return f"{re.escape(chr(argument[0]))}-{re.escape(chr(argument[1]))}"
    if code is codes.LITERAL:
        return re.escape(chr(argument))
    kinds = {"DIGIT": "d", "SPACE": "s", "WORD": "w"}
    name = str(argument).removeprefix("CATEGORY_")
    letter = kinds[name.removeprefix("NOT_")]
    return "\\" + (letter.upper() if name.startswith("NOT_") else letter)


def repeats(tree: Iterable[Any], before: str, chance: random.Random) -> Iterator[tuple[str, str, str]]:
    """Each repeat in a parsed pattern: a text that leads to it, one of what it repeats, one of what follows."""
    nodes = list(tree)
    for place, (code, argument) in enumerate(nodes):
        inner: list[Any] = []
        if code in (codes.MAX_REPEAT, codes.MIN_REPEAT, codes.POSSESSIVE_REPEAT):
            _, most, body = argument
            if most > 8:
                for _ in range(2):
                    yield before, a_match(body, chance), a_match(nodes[place + 1 :], chance)
            inner = [body]
        elif code is codes.BRANCH:
            inner = list(argument[1])
        elif code is codes.SUBPATTERN:
            inner = [argument[-1]]
        elif code is codes.ATOMIC_GROUP:
            inner = [argument]
        for each in inner:
            yield from repeats(each, before, chance)
        before += _of_node(code, argument, chance)


def atoms(tree: Iterable[Any], chance: random.Random) -> Iterator[str]:
    """The alphabet of a parsed pattern: its runs of literals and members of its classes."""
    run = ""
    for code, argument in tree:
        if code is codes.LITERAL:
            run += chr(argument)
            yield run[-1]
            continue
        yield run
        run = ""
        for each in _inside(code, argument):
            yield from atoms(each, chance)
        yield _of_node(code, argument, chance)
    yield run


def _inside(code: Any, argument: Any) -> list[Any]:
    match code:
        case codes.BRANCH:
            return list(argument[1])
        case codes.SUBPATTERN:
            return [argument[-1]]
        case codes.ATOMIC_GROUP:
            return [argument]
        case codes.MAX_REPEAT | codes.MIN_REPEAT | codes.POSSESSIVE_REPEAT:
            return [argument[2]]
        case codes.ASSERT | codes.ASSERT_NOT:
            return [argument[1]]
    return []


def attacks(pattern: Pattern) -> list[tuple[str, str, str]]:
    """What is pumped: texts (head, body, tail), of which the body is to be repeated."""
    written = pattern.pattern if isinstance(pattern.pattern, str) else pattern.pattern.decode("latin-1")
    tree = parser.parse(written, pattern.flags & ~re.UNICODE & ~re.DEBUG)
    chance = random.Random(repr(written))
    found: dict[tuple[str, str, str], None] = {}
    for before, body, after in repeats(tree, "", chance):
        for attack in (
            (before, body, "\0"),
            (before, body, after[:-1]),
            ("", before, "\0"),
            ("", before + body, "\0"),
            ("", before + body + after[:-1], "\0"),
        ):
            found[attack] = None
    for _ in range(2):
        whole = a_match(tree, chance)
        for cut in (whole, whole[:-1], whole[: len(whole) // 2]):
            found["", cut, "\0"] = None
    alphabet = sorted(set(atoms(tree, chance)) - {""}, key=lambda each: (len(each), each))
    words = chance.sample(alphabet, min(WORDS, len(alphabet)))
    words += ["".join(chance.choices(alphabet, k=chance.randint(2, 3))) for _ in range(WORDS)]
    for word in words:
        found["", word, "\0"] = None
    return [attack for attack in found if attack[1]]


def pumped(pattern: Pattern, attack: tuple[str, str, str], size: int) -> str | bytes:
    """A text of ``size`` characters or hardly more, of the kind the pattern takes."""
    head, body, tail = attack
    text = head + body * (size // len(body)) + tail
    return text if isinstance(pattern.pattern, str) else text.encode("latin-1", "replace")


class EndlessError(Exception):
    """The clock has run out."""


@contextmanager
def bounded(seconds: float) -> Iterator[None]:
    """Raises `EndlessError` after so much CPU: backtracking looks for signals as it goes."""

    def ring(number: int, frame: FrameType | None) -> None:
        raise EndlessError

    before = signal.signal(signal.SIGPROF, ring)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def work(pattern: Pattern, method: str, text: str | bytes) -> float:
    """Seconds of CPU that asking ``pattern`` takes; infinite beyond any reason."""
    try:
        with bounded(1.0):
            start = time.process_time()
            METHODS[method](pattern, text)
            return time.process_time() - start
    except EndlessError:
        return float("inf")


def verdict(pattern: Pattern, method: str) -> str:
    """What is wrong with asking ``pattern`` so, and by which text it shows, or ``""``."""
    worst, most = None, 0.0
    for attack in attacks(pattern):
        took = work(pattern, method, pumped(pattern, attack, TRIED))
        if took > NOTICEABLE and (fault := _fault(pattern, method, attack, TRIED)):
            return fault
        if took > most:
            worst, most = attack, took
    longest = int(min(LONGEST, PATIENCE / max(most, 1e-9) * TRIED))
    return _fault(pattern, method, worst, longest) if worst and longest > TRIED else ""


def _fault(pattern: Pattern, method: str, attack: tuple[str, str, str], size: int) -> str:
    """A loaded machine counts some of its other work as ours: only what shows each time is believed."""
    text, quarter = pumped(pattern, attack, size), pumped(pattern, attack, size // 4)
    took = quick = float("inf")
    for _ in range(3):
        took = min(took, work(pattern, method, text))
        if took == float("inf"):
            break
        quick = min(quick, work(pattern, method, quarter))
        if took <= max(NOTICEABLE, FAST * len(text), min(GROWTH * max(quick, TICK), SLOWEST * len(text))):
            return ""
    return f"{method} of {attack!r}: {took:.4f} s for {len(text)} characters, {quick:.4f} s for a quarter"


def test_patterns_are_found_wherever_they_lie() -> None:
    found = "\n".join(str(pattern.pattern) for pattern in house_patterns())
    # In a tuple, in a mapping, made by a cached function of words, written inside a function.
    for piece in ("charset", "[ァ-ヺーｦ-ﾟ]", "特定商取引", "Vocabulary size too high"):
        assert piece in found
    assert len(house_patterns()) > 120


@pytest.mark.parametrize(
    ("pattern", "method"),
    [
        (r"(?:[ \n]+|x)*<", "match"),
        (r"(a|a)*b", "fullmatch"),
        (r"[ \t]*+\n", "search"),
        (r"\r*\n\r*\n", "search"),
        (r"<html[^>]*\slang", "search"),
        (r"=\s*[\"']?\s*([a-z]+)", "match"),
    ],
)
def test_an_attack_finds_what_is_not_linear(pattern: str, method: str) -> None:
    assert verdict(re.compile(pattern), method)


@pytest.mark.parametrize(
    ("pattern", "method"),
    [(r"(?:[ \n]++|x)*+<", "match"), (r"\n[^\n]*", "search"), (r"<[a-z]{1,20}+>", "search"), ("。", "search")],
)
def test_an_attack_leaves_what_is_linear_alone(pattern: str, method: str) -> None:
    assert not verdict(re.compile(pattern), method)


@pytest.mark.parametrize("room", ROOMS)
def test_every_pattern_is_linear(room: str) -> None:
    faults = [
        f"{module}: {str(pattern.pattern)[:80]!r}: {fault}"
        for pattern, (module, asked) in house_patterns().items()
        if module.startswith(f"tesuki.{room}.")
        for method in sorted(asked)
        if (fault := verdict(pattern, method))
    ]
    assert not faults, "\n".join(faults)
