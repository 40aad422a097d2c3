"""Disclosures that regulators and codes ask for, from what the manifest knows and what somebody answered.

Each names its source. They are drafts for the person who signs them; none is legal advice.
"""

from __future__ import annotations

from collections.abc import Iterator

from tesuki.pipelines.cards.facts import Facts
from tesuki.pipelines.cards.questions import Answers

EU_SOURCE = (
    "Explanatory Notice and Template for the Public Summary of Training Content for general-purpose AI models, "
    "European Commission, 24 July 2025; Article 53(1)(d) of Regulation (EU) 2024/1689, in force since 2 August 2025"
)

CODE_SOURCE = (
    "生成AIの適切な利活用等に向けた知的財産の保護及び透明性に関するプリンシプル・コード(仮称)(案)、内閣府、"
    "2025年12月26日(意見募集時の案)"
)

OPEN_SOURCE = "The Open Source AI Definition 1.0, Open Source Initiative, 28 October 2024: Data Information"

RESERVATIONS = ("robots", "noai", "tdm", "ai-txt", "content-usage", "notice", "list.")
"""Beginnings of signals by which right holders reserve rights."""

CRAWLED = frozenset({"warc", "wet", "common-crawl"})
"""Formats of what crawlers made."""

NOT_ADVICE = "A draft made from the corpus' own records, to be checked by whoever signs it. No legal advice."


def eu_summary(facts: Facts, answers: Answers) -> str:
    """The public summary of training content, in the sections of the template."""
    manifest = facts.manifest
    lines = [
        "# Public summary of training content",
        "",
        f"Source of the items: {EU_SOURCE}.",
        NOT_ADVICE,
        "",
        "## 1. General information",
        "",
        f"- 1.1 Provider: {answers['provider']}; contact: {answers['contact']}",
        f"- 1.2 Model: {answers['model']}",
        (
            f"- 1.3 Modality: text. Size: {facts.unique_tokens:,} tokens of {_documents(facts):,} documents, "
            f"{facts.training_tokens:,} tokens a pass with repeats. Language: Japanese. "
            f"Latest capture: {facts.captured[1] or 'not known'}."
        ),
        "",
        "## 2. List of data sources",
        "",
        "- 2.1 Publicly available datasets, by subset:",
        *_subset_lines(facts, crawled=False),
        f"- 2.2.1 Commercially licensed data: {answers['licensed_data']}",
        f"- 2.2.2 Other private data of third parties: {answers['third_party_data']}",
        "- 2.3 Data crawled and scraped from online sources, by subset:",
        *_subset_lines(facts, crawled=True),
        f"  - Crawlers: {answers['crawler']}",
        f"  - Period: {answers.stated('collection_period') or ' to '.join(day or '?' for day in facts.captured)}",
        (
            f"  - The largest tenth of {len(facts.hosts):,} hosts by characters: domains.tsv "
            f"({len(facts.largest_hosts):,} hosts, among them {', '.join(name for name, _ in facts.hosts[:5])})"
        ),
        f"- 2.4 User data: {answers['user_data']}",
        f"- 2.5 Synthetic data: {answers['synthetic_data']}",
        f"- 2.6 Other sources: {answers['other_data']}",
        "",
        "## 3. Relevant data processing aspects",
        "",
        f"- 3.1 Reservations of rights: {answers['rights_policy']}",
        *_reservation_lines(facts),
        f"- 3.2 Illegal content: {answers['illegal_content']}",
        *(f"  - {rule}: {pages:,} pages" for rule, pages in facts.rules.items() if rule.startswith("host.")),
        f"- 3.3 Other: recipe digest {manifest['recipe_digest']}, manifest of every page's fate with the corpus.",
    ]
    return "\n".join(lines) + "\n"


def principle_code(facts: Facts, answers: Answers) -> str:
    """プリンシプル・コードの開示事項。"""
    lines = [
        "# 知的財産の保護及び透明性に関する開示",
        "",
        f"項目の出典: {CODE_SOURCE}。",
        "コーパス自身の記録から作った草案です。署名する人が確認してください。法的助言ではありません。",
        "",
        "## 原則1 概要の開示",
        "",
        f"- 使用モデル: {answers['model']}",
        "- 学習データ",
        f"  - 種類: テキスト(日本語)。{_documents(facts):,} 文書、{facts.unique_tokens:,} トークン",
        f"  - 収集の時期: {facts.captured[0] or '不明'} から {facts.captured[1] or '不明'}",
        *(f"  - {name}: {held.documents:,} 文書、{held.characters:,} 文字" for name, held in facts.by_subset.items()),
        f"  - クローラ: {answers['crawler']}",
        f"  - 個人データ: {answers['personal_data']}",
        f"  - 合成データ: {answers['synthetic_data']}",
        "- アカウンタビリティ",
        f"  - 事業者: {answers['provider']}",
        f"  - 窓口: {answers['contact']}",
        f"  - 記録の保存: {answers['records']}",
        "- 知的財産権を守るための措置",
        f"  - 方針: {answers['rights_policy']}",
        *(f"  - {line.strip().removeprefix('- ')}" for line in _reservation_lines(facts)),
        "",
        "## 原則2・原則3 問い合わせへの対応",
        "",
        "- ある URL が学習データにあるかは `tesuki why` で答えられる(対象はこのコーパスに限る)。",
        "- 削除の求めには `tesuki takedown` で応じ、記録は以後の作成にも効く。",
        f"- 請求の窓口と手続: {answers['contact']}",
    ]
    return "\n".join(lines) + "\n"


def data_information(facts: Facts, answers: Answers) -> str:
    """The data information of the Open Source AI Definition."""
    manifest = facts.manifest
    lines = [
        "# Data information",
        "",
        f"Source of the items: {OPEN_SOURCE}.",
        NOT_ADVICE,
        "",
        "## 1. Complete description of all data",
        "",
        (
            f"- Provenance: {manifest['balance']['read']:,} records of {len(manifest['inputs']):,} files, "
            "each named with its SHA-256 in manifest.json."
        ),
        "- Scope and characteristics:",
        *(
            f"  - {name}: {held.documents:,} documents, {held.characters:,} characters"
            for name, held in facts.by_subset.items()
        ),
        f"- How obtained: {answers['crawler']}",
        "- How selected: the recipe in manifest.json; what each station kept:",
        *(f"  - {row['station']}: {row['arrived']:,} → {row['passed']:,}" for row in manifest["balance"]["stations"]),
        "- Labelling: none by hand; release levels by the evidence that stands with each document.",
        (
            "- Data that can't be shared: documents of levels L2 and L3 "
            f"({sum(facts.by_level[level].documents for level in ('L2', 'L3') if level in facts.by_level):,})."
        ),
        "",
        "## 2. Publicly available data and where to obtain it",
        "",
        *(f"- {entry['subset']}/{entry['archive']}" for entry in manifest["inputs"][:_LISTED]),
        *(
            [f"- and {len(manifest['inputs']) - _LISTED:,} more in manifest.json"]
            if len(manifest["inputs"]) > _LISTED
            else []
        ),
        f"- Where: {answers['homepage']}",
        "",
        "## 3. Data obtainable from third parties",
        "",
        f"- {answers['licensed_data']}",
        f"- {answers['third_party_data']}",
    ]
    return "\n".join(lines) + "\n"


def domains_table(facts: Facts, _: Answers) -> str:
    """The largest tenth of hosts, with characters, tab-separated."""
    return "host\tcharacters\n" + "".join(f"{host}\t{count}\n" for host, count in facts.largest_hosts)


_LISTED = 50
"""Input files named in a document; the manifest has all."""


def _documents(facts: Facts) -> int:
    return sum(held.documents for held in facts.by_subset.values())


def _subset_lines(facts: Facts, *, crawled: bool) -> list[str]:
    """What subsets hold whose pages were crawled, or of the others."""
    subsets = facts.manifest["recipe"]["subsets"]
    lines = [
        f"  - {name}: {held.documents:,} documents, {held.characters:,} characters"
        for name, held in facts.by_subset.items()
        if (subsets[name]["format"] in CRAWLED) is crawled
    ]
    return lines or ["  - none"]


def _reservation_lines(facts: Facts) -> Iterator[str]:
    """What was read of reservations, and what it led to."""
    policy = facts.manifest["recipe"]["policy"]
    yield (
        f"  - Read on every page: robots metas and headers, TDM reservations, notices in the text; policy "
        f"`{policy['file']}`; files of hosts: {', '.join(policy['host_files']) or 'none given'}."
    )
    for rule, pages in facts.rules.items():
        if rule.startswith("level."):
            yield f"  - withheld by {rule}: {pages:,} pages"
    for signal, documents in facts.evidence.items():
        if signal.startswith(RESERVATIONS):
            yield f"  - {signal}: {documents:,} documents, at the level the policy gives"
