"""`tesuki report OUT --to FILE`: the report with what the corpus' own has no place for, as `tesuki look` serves it.

Times and memory differ from run to run, the last run's corpus is no part of this one, and texts must be where a
take-down reaches them: so none of it stands in OUT/report.html.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from difflib import SequenceMatcher
from html import escape
from pathlib import Path
from urllib.parse import quote

from tesuki.filters.rule_table import rule_of_row
from tesuki.filters.rules import Rule
from tesuki.pipelines.corpus.manifest import Manifest, read_manifest
from tesuki.pipelines.corpus.report.figures import figures_of
from tesuki.pipelines.corpus.report.markup import Bar, Markup, both, rows
from tesuki.pipelines.corpus.report.page import report_html
from tesuki.pipelines.corpus.run_record import former_manifest, read_run
from tesuki.pipelines.corpus.shown_texts import kept_texts, rejected_texts
from tesuki.pipelines.errors import RequestError
from tesuki.pipelines.experiments.causes import causes_between
from tesuki.pipelines.journey.printable import printable
from tesuki.pipelines.levelling.shown import shown_levels
from tesuki.pipelines.looking.doubtful import Doubtful, least_alike
from tesuki.pipelines.looking.near_bounds import Near, kept_near, rejected_near
from tesuki.pipelines.storage.files import write_bytes
from tesuki.release_levels.levels import Level

CANDIDATES = 12
"""Pages looked at beside a bound and among near-duplicates: the texts of some may not be shown."""

EXAMPLES = 4
"""Pages shown on each side of a bound."""

PAIRS = 8
"""Pairs of near-duplicates shown."""

BEGINNING = 400
"""Characters shown of an example."""

COMPARED = 8_000
"""Characters of each text of a pair that are compared: comparing costs the product of the lengths at worst."""

AROUND = 30
"""Characters shown of what two texts have in common, on either side of what they have not."""


def write_full_report(output: Path, target: Path, *, internal: bool) -> str:
    """Write the full report of the corpus at ``output`` to ``target``, and say so. ``internal`` adds texts of level L3.

    Raises `RequestError` where there is no corpus, or ``target`` lies in it: no take-down would reach its texts there.
    """
    manifest = read_manifest(output)
    if target.absolute().is_relative_to(output.absolute()):
        raise RequestError(
            f"--to: {target} lies in the corpus, where no take-down would reach its texts; choose another"
        )
    write_bytes(target, full_report(output, manifest, internal=internal).encode("utf-8", "replace"))
    return f"{target}: quotes texts; a take-down does not reach it"


Link = Callable[[str, str, str], str]
"""Markup of a text that leads to a page or a rule: from the kind of thing, its name and the text."""


def unlinked(_: str, __: str, text: str) -> str:
    """In a file a text leads nowhere."""
    return _safe(text)


def linked(kind: str, name: str, text: str) -> str:
    """Beside the page of `tesuki look` it leads there."""
    return f'<a href="./#{kind}={quote(name, safe="")}">{_safe(text)}</a>'


def full_report(output: Path, manifest: Manifest, *, internal: bool, link: Link = unlinked) -> str:
    """The report of the corpus at ``output`` with times, changes and texts; ``link`` leads on from pages and rules."""
    shown = shown_levels(internal)
    sections = (
        _internal_note() if internal else "",
        _costs(output),
        _changes(output, manifest),
        _beside_bounds(output, manifest, shown, link),
        _least_alike(output, manifest, shown, link),
    )
    return report_html(manifest, figures_of(output, manifest), "\n".join(sections))


def _internal_note() -> str:
    said = both(
        "Internal: quotes texts of level L3. Do not hand it on.", "社内限定: L3 の本文を含む。外部に渡さないこと。"
    )
    return f'<p class="internal">{said}</p>'


def _costs(output: Path) -> str:
    """Seconds and memory by station, and the seconds of the last run's steps."""
    run = read_run(output / "parts")
    head = _head("Time and memory", "所要時間とメモリ")
    if run is None:
        return head + _said("Not known: parts/run.json is not there.", "不明(parts/run.json がない)。")
    total = sum(each.seconds for each in run.work) or 1
    stations = rows(
        [
            each.station,
            Markup(f"{each.seconds:,.1f}", is_number=True),
            Markup(f"{each.seconds / total:.1%}", is_number=True),
            Markup(f"{each.memory / 1e6:,.0f}" if each.memory else "–", is_number=True),
            Bar(each.seconds / total, [("tokens", 1)]),
        ]
        for each in sorted(run.work, key=lambda each: -each.seconds)
    )
    steps = rows([name, Markup(f"{seconds:,.1f}", is_number=True)] for name, seconds in run.seconds.items())
    return (
        head
        + _said(
            "Seconds of workers, waiting included, over all parts of this corpus, whichever run made them; the most "
            "memory a worker's process held when it was done with a chunk, without its guarded child.",
            "このコーパスの全パートにかかったワーカーの秒数(待ち時間を含む、どの実行で作られたかは問わない)と、"
            "チャンク終了時のワーカーの最大メモリ(抽出用の子プロセスを除く)。",
        )
        + _table(
            "costs",
            (("station", "工程"), ("seconds", "秒"), ("share", "割合"), ("MB", "MB"), ("", "")),
            stations,
            ("seconds", "share", "MB"),
        )
        + _said("The last run's steps, by the clock:", "前回の実行の各段階(実時間):")
        + _table("steps", (("step", "段階"), ("seconds", "秒")), steps, ("seconds",))
    )


def _changes(output: Path, manifest: Manifest) -> str:
    """What differs from the corpus that the last run replaced."""
    head = _head("Since the run before", "前回からの変化")
    former = former_manifest(output / "parts")
    if former is None:
        return head + _said("The last run replaced no finished corpus.", "前回の実行が置き換えた完成コーパスはない。")
    causes = causes_between(former.as_json(), manifest.as_json())
    asked = rows([cause.what, cause.before, cause.after] for cause in causes)
    counted = rows(_count_changes(former, manifest))
    columns = (("before", "前"), ("after", "後"))
    return (
        head
        + _table("asked", (("what was asked for", "求めたもの"), *columns), asked)
        + _table(
            "changes", (("pages", "ページ"), *columns, ("difference", "差")), counted, ("before", "after", "difference")
        )
        + _said("Page by page: tesuki diff, of two corpora.", "ページごとの差は tesuki diff で。")
    )


def _count_changes(former: Manifest, manifest: Manifest) -> Iterator[list[object]]:
    """(what, before, after, difference) of each count that differs: fates first, then rules."""
    old, new = former.balance, manifest.balance
    pairs = [("read", old.read, new.read)]
    pairs += [(fate, old.fates.get(fate, 0), new.fates.get(fate, 0)) for fate in sorted({**old.fates, **new.fates})]
    left, leave = ({(row.fate, row.rule): row.pages for row in each.rules} for each in (old, new))
    pairs += [(" ".join(key), left.get(key, 0), leave.get(key, 0)) for key in sorted({**left, **leave})]
    for what, before, after in pairs:
        if before != after:
            yield [what, before, after, Markup(f"{after - before:+,}", is_number=True)]


def _beside_bounds(output: Path, manifest: Manifest, shown: Collection[Level], link: Link) -> str:
    """Kept and rejected pages nearest to each bound, with how their texts begin."""
    record = next((record for record in manifest.lists if record["list"] == "rules"), None)
    rules = [rule_of_row(row) for row in record["rules"]] if record else []
    kept, rejected = kept_near(output, rules, shown, EXAMPLES), rejected_near(output, rules, CANDIDATES)
    subsets = {near.id: near.subset for pages in rejected.values() for near in pages}
    texts = rejected_texts(output, manifest.recipe, subsets, shown)
    texts |= kept_texts(output, {near.id for pages in kept.values() for near in pages}, shown)
    items = []
    for rule in rules:
        good = [near for near in kept.get(rule.name, ()) if near.id in texts]
        bad = [near for near in rejected.get(rule.name, ()) if near.id in texts][:EXAMPLES]
        if good or bad:
            items.append(_beside_bound(rule, good, bad, texts, link))
    head = _head("On either side of each bound", "境界の両側")
    return head + ("".join(items) or _said("No text is at hand.", "表示できる本文がない。"))


_SIDES = (("kept", "残った"), ("rejected", "外れた"))


def _beside_bound(rule: Rule, kept: Sequence[Near], rejected: Sequence[Near], texts: dict[str, str], link: Link) -> str:
    parts = [
        f"<p>{both(name, japanese)} {near.value:.4g} · <small>{link('page', near.id, near.url)}</small></p>"
        f'<pre class="{name}">{_safe(texts[near.id][:BEGINNING])}</pre>'
        for (name, japanese), pages in zip(_SIDES, (kept, rejected), strict=True)
        for near in pages
    ]
    head = link("rule", f"quality.{rule.name}", rule.name)
    return (
        f"<details><summary><b>{head}</b> {escape(rule.measure)} {escape(rule.comparison)} "
        f"{rule.threshold:g}</summary>{''.join(parts)}</details>"
    )


def _least_alike(output: Path, manifest: Manifest, shown: Collection[Level], link: Link) -> str:
    """Near-duplicates of lowest similarity, each as what tells it from the document that stayed."""
    pairs = least_alike(output, CANDIDATES * PAIRS)
    kept = kept_texts(output, {pair.kept for pair in pairs}, shown)
    gone = rejected_texts(output, manifest.recipe, {pair.id: pair.subset for pair in pairs}, shown)
    there = [pair for pair in pairs if pair.kept in kept and pair.id in gone][:PAIRS]
    items = "".join(_pair(pair, gone[pair.id], kept[pair.kept], link) for pair in there)
    head = _head("Duplicates that are least alike", "最も似ていない重複")
    return head + (
        _said(
            "Struck out: only in the page that left. Marked: only in the document that stayed, which is mended.",
            "取り消し線: 外れたページのみ。下地色: 残った文書(整形済み)のみ。",
        )
        + items
        if items
        else _said("No pair whose texts are at hand.", "本文を表示できる組がない。")
    )


def _pair(pair: Doubtful, gone: str, kept: str, link: Link) -> str:
    return (
        f"<details><summary>{pair.similarity:.3f} · <small>{link('page', pair.id, pair.url)}</small></summary>"
        f"<pre>{''.join(_differences(gone[:COMPARED], kept[:COMPARED]))}</pre></details>"
    )


def _differences(before: str, after: str) -> Iterator[str]:
    """Markup of what tells two texts apart, line by line, with little of what they have in common."""
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        one, other = "".join(old[a:b]), "".join(new[c:d])
        if tag == "equal":
            yield _safe(one if len(one) <= 2 * AROUND else f"{one[:AROUND]} … {one[-AROUND:]}")
        else:
            yield (f"<del>{_safe(one)}</del>" if one else "") + (f"<ins>{_safe(other)}</ins>" if other else "")


def _safe(text: str) -> str:
    """A stranger's words as text of the page; line ends and tabs stay."""
    pieces = re.split(r"([\n\t])", text)
    return "".join(piece if piece in ("\n", "\t") else escape(printable(piece)) for piece in pieces)


def _head(english: str, japanese: str) -> str:
    return f"<h2>{both(english, japanese)}</h2>"


def _said(english: str, japanese: str) -> str:
    return f"<p>{both(english, japanese)}</p>"


def _table(name: str, columns: Sequence[tuple[str, str]], body: str, numbers: Collection[str] = ()) -> str:
    """A table; the heads of columns of ``numbers``, by their English names, stand to the right, as the figures do."""
    heads = "".join(
        f"<th{' class=n' if column[0] in numbers else ''}>{both(*column) if column[0] else ''}</th>"
        for column in columns
    )
    return f'<div class="wide"><table id="{name}"><tr>{heads}</tr>{body}</table></div>'
