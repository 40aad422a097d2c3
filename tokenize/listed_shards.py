"""The shards of a corpus as its manifest lists them: all a reader needs to know before it opens one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .document_contract import DocumentContract
from .shard_metadata import TokenizerStamp
from .splits import Split

FORMAT = 2
"""Version of the layout of the manifest, as who writes it counts."""


@dataclass(frozen=True, slots=True)
class ListedShard:
    """One shard: every row is read ``times``, the first ``extra_rows`` once more (see `passes`).

    ``path`` is relative to the corpus' folder.
    """

    path: str
    subset: str
    rows: int
    tokens: int
    times: int
    extra_rows: int
    extra_tokens: int


@dataclass(frozen=True, slots=True)
class ListedMixture:
    """The shards of one split, and the tokenizer all of them were made with."""

    tokenizer: TokenizerStamp
    split: Split
    shards: tuple[ListedShard, ...]

    @property
    def documents_a_pass(self) -> int:
        """Documents one pass reads, repetitions counted."""
        return sum(shard.rows * shard.times + shard.extra_rows for shard in self.shards)

    @property
    def tokens_a_pass(self) -> int:
        """Tokens one pass reads: BOS and EOS are among them."""
        return sum(shard.tokens * shard.times + shard.extra_tokens for shard in self.shards)


def listed_mixture(manifest: Mapping[str, Any], split: Split) -> ListedMixture:
    """What ``manifest`` (the parsed manifest.json) says of ``split``. Raises ValueError where it is no manifest, or of
    another format.
    """
    found = manifest.get("format") if isinstance(manifest, Mapping) else None
    if found != FORMAT:
        raise ValueError(f"manifest: format {str(found)[:20]!r}, this reader reads format {FORMAT}")
    try:
        tokenizer = manifest["tokenizer"]
        stamp = TokenizerStamp(
            tokenizer["fingerprint"],
            tokenizer["vocabulary_size"],
            DocumentContract(tokenizer["document"], tokenizer["bos"], tokenizer["eos"]),
        )
        shards = tuple(
            ListedShard(
                shard["path"],
                row["subset"],
                shard["rows"],
                shard["tokens"],
                shard["times"],
                shard["extra_rows"],
                shard["extra_tokens"],
            )
            for row in manifest["mixture"]
            if row["split"] == split
            for shard in row["shards"]
        )
    except (KeyError, TypeError) as error:
        raise ValueError(f"manifest: cannot be read as a corpus with shards ({error!r})") from error
    return ListedMixture(stamp, split, shards)
